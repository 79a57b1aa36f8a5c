//! The way in. Looking at it redeems nothing, because messengers and browsers look at addresses before people do; the button does.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::answer::{self, Frame};
use super::{Room, link, paths};
use crate::sign_ins::Secret;
use crate::texts::{Language, Text};

/// Says what the metrics of this are.
pub(crate) fn describe() {
    metrics::describe_counter!("page_sign_ins_total", "Tries to sign in on the page, by what became of them");
    metrics::describe_gauge!("page_sessions", "Sessions on the page, when somebody last signed in or out");
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    asks: String,
    code: String,
    button: String,
}

#[derive(Deserialize)]
struct Form {
    code: String,
}

/// The button. Whose code it is, and whether it is good, is not told.
pub(crate) fn show(room: &Room, fields: &HeaderMap, query: Option<&str>) -> Response {
    let frame = room.frame(fields, &Text::sign_in_title());
    let language = Language::from_tag(frame.language).unwrap_or_default();
    match paths::parameter(query, "code").and_then(Secret::read) {
        Some(code) => {
            let (asks, button) = (Text::sign_in_asks().say(language), Text::sign_in_button().say(language));
            answer::html(StatusCode::OK, &SignIn { frame, asks, code: code.text(), button })
        }
        None => *answer::saying(StatusCode::FORBIDDEN, frame, &Text::sign_in_refused()),
    }
}

/// Takes the code.
pub(crate) fn redeem(room: &Room, fields: &HeaderMap, form: &[u8]) -> Response {
    let code = serde_urlencoded::from_bytes(form).ok().and_then(|Form { code }| Secret::read(&code));
    let token = match link::random() {
        Ok(token) => token,
        Err(error) => {
            tracing::error!("nobody can sign in: {error}");
            let frame = room.frame(fields, &Text::sign_in_title());
            return *answer::saying(StatusCode::INTERNAL_SERVER_ERROR, frame, &Text::failed());
        }
    };
    // The same browser needs no second session, and another one must not give way to it.
    let before = room.cookie.shown(fields);
    let person =
        code.and_then(|code| room.sign_ins(|sign_ins, now| sign_ins.sign_in(now, &code, &token, before.as_ref())));
    let result = if person.is_some() { "signed_in" } else { "refused" };
    metrics::counter!("page_sign_ins_total", "result" => result).increment(1);
    let cookie = person.as_ref().and_then(|_| HeaderValue::from_str(&room.cookie.set(&token)).ok());
    let (Some(person), Some(cookie)) = (person, cookie) else {
        // Whoever likes can have this said: it is counted, and fills no log.
        tracing::debug!("a sign-in on the page was refused: its code is not good, or not any more");
        let frame = room.frame(fields, &Text::sign_in_title());
        return *answer::saying(StatusCode::FORBIDDEN, frame, &Text::sign_in_refused());
    };
    counted(room);
    tracing::info!(user_id = person.user, "somebody signed in on the page");
    (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static("/")), (header::SET_COOKIE, cookie)])
        .into_response()
}

/// Counts the sessions anew.
pub(crate) fn counted(room: &Room) {
    let sessions = room.sign_ins(|sign_ins, now| sign_ins.sessions(now));
    metrics::gauge!("page_sessions").set(u32::try_from(sessions).unwrap_or(u32::MAX));
}
