//! The least of a browser: it keeps the page's cookie, says from which page its forms come, and sends them as they are.

use std::net::SocketAddr;

use crate::http::{Answer, exchange};

/// Keeps one cookie.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    /// As it goes into the head of a request.
    pub(crate) cookie: Option<String>,
    /// From which page forms come.
    pub(crate) origin: String,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, cookie: None, origin: format!("http://{address}") }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.asks("GET", path, "", "")
    }

    /// Sends a form with these fields.
    pub(crate) fn post(&mut self, path: &str, form: &str) -> Answer {
        let origin = format!("Origin: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n", self.origin);
        self.asks("POST", path, &origin, form)
    }

    /// Presses the button of the form on a page that leads to `path`.
    pub(crate) fn sends(&mut self, path: &str, page: &Answer) -> Answer {
        let form = form(&page.body, path);
        self.post(path, &form)
    }

    pub(crate) fn asks(&mut self, method: &str, path: &str, fields: &str, body: &str) -> Answer {
        let cookie = self.cookie.as_ref().map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}{length}{fields}\r\n{body}",
            self.address
        );
        let answer = Answer::read(&exchange(self.address, request.as_bytes()).unwrap()).unwrap();
        if let Some(set) = answer.field("set-cookie") {
            let pair = set.split(';').next().unwrap();
            self.cookie = Some(pair.to_owned()).filter(|_| !set.contains("Max-Age=0"));
        }
        answer
    }
}

/// The hidden fields of the form that leads to `path`, as they are sent. What we put there needs no escaping.
pub(crate) fn form(body: &str, path: &str) -> String {
    let begin = body.find(&format!("action=\"{path}\"")).unwrap_or_else(|| panic!("no form for {path} in {body}"));
    let form = body[begin..].split("</form>").next().unwrap();
    let fields = form.split("<input ").skip(1).map(|input| {
        let value = |name: &str| input.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        format!("{}={}", value("name"), value("value"))
    });
    fields.collect::<Vec<_>>().join("&")
}
