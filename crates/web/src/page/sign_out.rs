//! The way out: the session is forgotten here and there.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::{Room, answer, sign_in};
use crate::texts::Text;

pub(crate) fn end(room: &Room, fields: &HeaderMap) -> Response {
    let ended =
        room.cookie.shown(fields).and_then(|token| room.sign_ins(|sign_ins, now| sign_ins.sign_out(now, &token)));
    sign_in::counted(room);
    let title = Text::signed_out_title();
    let frame = match &ended {
        Some(person) => {
            tracing::info!(user_id = person.user, "somebody signed out on the page");
            answer::Frame::new(&room.instance, person.language, &title, None)
        }
        None => room.frame(fields, &title),
    };
    let mut response = *answer::saying(StatusCode::OK, frame, &Text::signed_out_now());
    if let Ok(cookie) = HeaderValue::from_str(&room.cookie.clear()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
