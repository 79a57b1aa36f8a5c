//! The cookie by which a browser shows that somebody is signed in. Pure.

use axum::http::{HeaderMap, header};

use crate::sign_ins::{SESSION_LIFE, Secret};

/// How the cookie is called, and whether it may only go encrypted.
#[derive(Clone, Debug)]
pub(crate) struct Cookie {
    name: String,
    secure: bool,
}

impl Cookie {
    /// `secure`: browsers reach the page by https only. Cookies do not tell one port from another, so each of several instances on
    /// a host has a name of its own.
    pub(crate) fn new(instance: &str, secure: bool) -> Self {
        let name = if instance == "natrium" { instance.to_owned() } else { format!("natrium-{instance}") };
        // With this prefix a browser takes the cookie from this very host only, and only encrypted (RFC 6265bis, 4.1.3.2).
        Self { name: if secure { format!("__Host-{name}") } else { name }, secure }
    }

    /// The token that a request shows.
    pub(crate) fn shown(&self, fields: &HeaderMap) -> Option<Secret> {
        let lines = fields.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == self.name).find_map(|(_, value)| Secret::read(value))
    }

    /// What a browser is to keep.
    pub(crate) fn set(&self, token: &Secret) -> String {
        self.line(&token.text(), SESSION_LIFE.as_secs())
    }

    /// What makes a browser forget it.
    pub(crate) fn clear(&self) -> String {
        self.line("", 0)
    }

    fn line(&self, value: &str, seconds: u64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}", self.name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    fn shown(cookie: &Cookie, lines: &[&str]) -> Option<String> {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(header::COOKIE, line.parse().unwrap());
        }
        cookie.shown(&fields).map(|token| token.text())
    }

    #[test]
    fn what_was_set_is_found_among_others() {
        let token = Secret::of([7; 32]);
        for (cookie, name) in [
            (Cookie::new("natrium", false), "natrium"),
            (Cookie::new("natrium", true), "__Host-natrium"),
            (Cookie::new("shop", false), "natrium-shop"),
            (Cookie::new("shop", true), "__Host-natrium-shop"),
        ] {
            let text = token.text();
            assert!(cookie.set(&token).starts_with(&format!("{name}={text}; HttpOnly; SameSite=Strict; Path=/; ")));
            assert_eq!(shown(&cookie, &[&format!("a=b; {name}={text};c")]), Some(text.clone()));
            assert_eq!(shown(&cookie, &["a=b", &format!("{name}={text}")]), Some(text));
            assert_eq!(shown(&cookie, &[&format!("x{name}=1"), &format!("{name}="), &format!("{name}=short")]), None);
            assert!(cookie.clear().contains(&format!("{name}=; ")) && cookie.clear().contains("Max-Age=0"));
        }
        assert!(Cookie::new("natrium", true).set(&token).ends_with("; Max-Age=43200; Secure"));
        assert!(!Cookie::new("natrium", false).set(&token).contains("Secure"));
        // A name that anybody may set does not count where there is one that only this host sets.
        assert_eq!(shown(&Cookie::new("natrium", true), &[&format!("natrium={}", token.text())]), None);
    }
}
