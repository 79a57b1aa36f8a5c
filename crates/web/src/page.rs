//! What people may look at: configs, their versions, what differs between them; and going back to an older one.
//!
//! Whoever asks is a stranger until his cookie says who signed in. What he may do is asked of the writer with every request
//! ([`visit`]), as the bot does it. A page without JavaScript: links look, and what changes anything is a form, which is taken from
//! this very page only ([`origin`]). Verbs have a module each, by their names everywhere.

mod answer;
mod configs;
mod cookie;
mod diff;
mod difference;
mod get;
mod history;
mod link;
mod origin;
mod pace;
mod paths;
mod rollback;
mod sign_in;
mod sign_out;
mod style;
mod visit;
mod writer;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use tokio::sync::Semaphore;
use varlink::Pool;
use worker::Context;

use self::answer::{Frame, Or};
use self::cookie::Cookie;
pub(crate) use self::link::Link;
use self::pace::Pace;
use self::paths::Asked;
use self::visit::Visit;
use crate::api::healthz;
use crate::sign_ins::{Person, Secret, SignIns};
use crate::texts::{Language, Text, language_accepted};

/// Bytes of a form at most.
const FORM: usize = 4 * 1024;
/// Differences that are found at once. Each holds two documents and may take a thread for a tenth of a second.
const COMPARING: usize = 4;

/// The page, for everybody who comes.
pub(crate) struct Room {
    /// Which service this is.
    instance: String,
    /// The language of those who use none of ours.
    language: Language,
    /// How browsers reach the page; none: there is no listener for it.
    url: Option<String>,
    /// The origin that forms may come from, whatever host they are sent to.
    origin: Option<String>,
    cookie: Cookie,
    writer: Pool,
    sign_ins: Mutex<SignIns>,
    pace: Mutex<Pace>,
    comparing: Arc<Semaphore>,
}

impl Room {
    /// # Errors
    /// When the system does not say where a listener listens.
    pub(crate) fn new(context: &Context, listeners: &[TcpListener]) -> io::Result<Self> {
        let web = &context.settings.web;
        let listening = listeners.first().map(TcpListener::local_addr).transpose()?;
        let url = listening.map(|at| web.page_url.clone().unwrap_or_else(|| format!("http://{}", reached(at))));
        sign_in::describe();
        Ok(Self {
            instance: context.settings.instance.clone(),
            language: context.settings.language,
            origin: web.page_url.clone(),
            cookie: Cookie::new(
                &context.settings.instance,
                web.page_url.as_deref().is_some_and(|url| url.starts_with("https://")),
            ),
            url,
            writer: context.pool("writer"),
            sign_ins: Mutex::default(),
            pace: Mutex::default(),
            comparing: Arc::new(Semaphore::new(COMPARING)),
        })
    }

    fn sign_ins<T>(&self, change: impl FnOnce(&mut SignIns, Instant) -> T) -> T {
        change(&mut self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner), Instant::now())
    }

    /// Whose token a request shows.
    fn who(&self, fields: &HeaderMap) -> Option<(Arc<Person>, Secret)> {
        let token = self.cookie.shown(fields)?;
        let person = self.sign_ins(|sign_ins, now| sign_ins.who(now, &token))?;
        Some((person, token))
    }

    /// Lets somebody ask now, or says for how long he may not.
    fn admit(&self, person: &Person) -> Result<(), Duration> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).admit(person.user, Instant::now())
    }

    /// What a page for nobody in particular has around it.
    fn frame(&self, fields: &HeaderMap, title: &Text) -> Frame {
        let accepted = fields.get(header::ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
        Frame::new(&self.instance, language_accepted(accepted, self.language), title, None)
    }
}

#[cfg(test)]
impl Room {
    /// Nobody answers from it what only the writer knows. One comparison at a time.
    fn without_a_writer(url: Option<&str>) -> Self {
        Self {
            instance: "natrium".to_owned(),
            language: Language::English,
            url: url.map(str::to_owned),
            origin: None,
            cookie: Cookie::new("natrium", false),
            writer: Pool::new("/nowhere", varlink::PoolLimits::default()),
            sign_ins: Mutex::default(),
            pace: Mutex::default(),
            comparing: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Where a browser on this host reaches who listens there.
fn reached(listening: SocketAddr) -> SocketAddr {
    let mut at = listening;
    if at.ip().is_unspecified() {
        at.set_ip(if at.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    at
}

pub(crate) fn router(room: Arc<Room>) -> Router {
    Router::new().route("/healthz", get(healthz)).fallback(respond).with_state(room).layer(map_response(guarded))
}

/// What every answer says to the browser: nothing is kept, nothing is loaded but our style, nothing is sent but to us, and no
/// other page shows this one in itself.
async fn guarded(mut response: Response) -> Response {
    let fields = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer` browsers would not say either from which page a form comes (Fetch, "append a request Origin header").
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        fields.insert(name, HeaderValue::from_static(value));
    }
    fields.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn respond(State(room): State<Arc<Room>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answered(&room, parts, body).await.unwrap_or_else(|refused| *refused)
}

async fn answered(room: &Room, parts: Parts, body: Body) -> Or<Response> {
    let Parts { method, uri, headers, .. } = parts;
    let signed_in = room.who(&headers);
    let refuse = |status, text: &Text| {
        let frame = match &signed_in {
            Some((person, _)) => {
                Frame::new(&room.instance, person.language, &Text::refused_title(), Some(&person.name))
            }
            None => room.frame(&headers, &Text::refused_title()),
        };
        answer::saying(status, frame, text)
    };
    let Some(asked) = paths::read(uri.path(), uri.query(), style::address()) else {
        return Err(refuse(StatusCode::NOT_FOUND, &Text::nothing_here()));
    };
    if let Some((person, _)) = &signed_in
        && let Err(wait) = room.admit(person)
    {
        let mut refused = refuse(StatusCode::TOO_MANY_REQUESTS, &Text::too_many());
        answer::retry_after(&mut refused, wait);
        return Err(refused);
    }
    if !asked.allows().contains(&method) {
        let mut refused = refuse(StatusCode::METHOD_NOT_ALLOWED, &Text::wrong_method());
        answer::allow(&mut refused, asked.allows());
        return Err(refused);
    }
    let form = match method {
        Method::POST if !origin::is_ours(&headers, room.origin.as_deref()) => {
            if let Some((person, _)) = &signed_in {
                from_elsewhere(&Visit::new(room, Arc::clone(person)), &asked).await?;
            }
            return Err(refuse(StatusCode::FORBIDDEN, &Text::from_elsewhere()));
        }
        Method::POST => match to_bytes(body, FORM).await {
            Ok(form) => Some(form),
            // Too much, or it broke off: then nobody reads this.
            Err(_) => return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, &Text::unreadable())),
        },
        _ => None,
    };
    match (&asked, &form) {
        (Asked::Style, _) => return Ok(style::sheet()),
        (Asked::SignIn, None) => return Ok(sign_in::show(room, &headers, uri.query())),
        (Asked::SignIn, Some(form)) => return Ok(sign_in::redeem(room, &headers, form)),
        (Asked::SignOut, _) => return Ok(sign_out::end(room, &headers)),
        _ => {}
    }
    let Some((person, _)) = signed_in else {
        let frame = room.frame(&headers, &Text::signed_out_title());
        return Err(answer::saying(StatusCode::UNAUTHORIZED, frame, &Text::signed_out()));
    };
    visited(&Visit::new(room, person), asked, form).await
}

/// Records what another page tried in somebody's name.
async fn from_elsewhere(visit: &Visit<'_>, asked: &Asked) -> Or<()> {
    let (action, kind) = match asked {
        Asked::Rollback { kind, .. } => ("rollback", Some(kind.as_str())),
        Asked::SignOut => ("sign_out", None),
        Asked::SignIn => ("sign_in", None),
        // Nothing is sent to these.
        Asked::Configs | Asked::History { .. } | Asked::Diff { .. } | Asked::Get { .. } | Asked::Style => return Ok(()),
    };
    visit.record(action, kind, "from elsewhere").await
}

/// What somebody is answered who is signed in.
async fn visited(visit: &Visit<'_>, asked: Asked, form: Option<Bytes>) -> Or<Response> {
    match asked {
        Asked::History { kind, before } => history::show(visit, &kind, before).await,
        Asked::Diff { kind, old, new } => diff::show(visit, &kind, old, new).await,
        Asked::Get { kind, version } => get::send(visit, &kind, version).await,
        Asked::Rollback { kind, to } => match form {
            None => rollback::show(visit, &kind, to).await,
            Some(form) => rollback::carry_out(visit, &kind, to, &form).await,
        },
        Asked::Configs | Asked::SignIn | Asked::SignOut | Asked::Style => configs::show(visit).await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    #[test]
    fn who_listens_everywhere_is_reached_here() {
        for (listening, here) in
            [("0.0.0.0:8001", "127.0.0.1:8001"), ("[::]:8001", "[::1]:8001"), ("10.0.0.1:80", "10.0.0.1:80")]
        {
            assert_eq!(reached(listening.parse().unwrap()).to_string(), here);
        }
    }
}
