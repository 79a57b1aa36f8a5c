//! How pages become answers: what is around every page, and sentences that are a page of their own.

use std::time::Duration;

use askama::Template;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::style;
use crate::texts::{Language, Text};

/// What is looked for, or the answer that it cannot be had.
pub(crate) type Or<T> = Result<T, Box<Response>>;

/// What is around every page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) language: &'static str,
    pub(crate) instance: String,
    pub(crate) title: String,
    pub(crate) style: &'static str,
    pub(crate) home: String,
    /// Who is signed in.
    pub(crate) person: Option<String>,
    pub(crate) sign_out: String,
}

impl Frame {
    pub(crate) fn new(instance: &str, language: Language, title: &Text, person: Option<&str>) -> Self {
        Self {
            language: language.tag(),
            instance: instance.to_owned(),
            title: title.say(language),
            style: style::address(),
            home: Text::home().say(language),
            person: person.map(str::to_owned),
            sign_out: Text::sign_out().say(language),
        }
    }
}

/// A way to another page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Way {
    pub(crate) to: String,
    pub(crate) name: String,
}

/// Sentences, and what they are about.
#[derive(Debug, Template)]
#[template(path = "saying.html")]
pub(crate) struct Saying {
    pub(crate) frame: Frame,
    /// It is as it was hoped for.
    pub(crate) good: bool,
    pub(crate) said: String,
    pub(crate) listed: Vec<String>,
    pub(crate) ways: Vec<Way>,
}

/// A sentence in the language of its frame.
pub(crate) fn saying(status: StatusCode, frame: Frame, text: &Text) -> Box<Response> {
    let said = text.say(Language::from_tag(frame.language).unwrap_or_default());
    Box::new(html(status, &Saying { frame, good: false, said, listed: Vec::new(), ways: Vec::new() }))
}

/// A page.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!("a page could not be written: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "a mistake of ours\n").into_response()
        }
    }
}

/// Says when to ask again.
pub(crate) fn retry_after(response: &mut Response, wait: Duration) {
    let seconds = wait.as_secs() + 1;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

/// Says by which methods it can be asked.
pub(crate) fn allow(response: &mut Response, methods: &[Method]) {
    let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
    if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
}
