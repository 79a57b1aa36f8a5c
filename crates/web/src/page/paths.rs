//! What an address asks for. Pure.

use axum::http::Method;
use percent_encoding::percent_decode_str;

/// Bytes of a kind's name at most; longer ones are nobody's.
const NAME: usize = 200;

/// What is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// All kinds.
    Configs,
    /// A kind's versions, older than `before`.
    History { kind: String, before: Option<i64> },
    /// What differs between two versions.
    Diff { kind: String, old: i64, new: i64 },
    /// A version itself.
    Get { kind: String, version: i64 },
    /// Going back.
    Rollback { kind: String, to: i64 },
    /// The way in.
    SignIn,
    /// The way out.
    SignOut,
    /// The style sheet.
    Style,
}

impl Asked {
    /// What the methods are by which it is asked.
    pub(crate) fn allows(&self) -> &'static [Method] {
        match self {
            Self::SignIn | Self::Rollback { .. } => &[Method::GET, Method::HEAD, Method::POST],
            Self::SignOut => &[Method::POST],
            Self::Configs | Self::History { .. } | Self::Diff { .. } | Self::Get { .. } | Self::Style => {
                &[Method::GET, Method::HEAD]
            }
        }
    }
}

/// What this path and query ask for; nothing where they mean nothing. `style` is what the style sheet is called just now.
pub(crate) fn read(path: &str, query: Option<&str>, style: &str) -> Option<Asked> {
    if path == style {
        return Some(Asked::Style);
    }
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    Some(match parts[..] {
        [""] => Asked::Configs,
        ["sign-in"] => Asked::SignIn,
        ["sign-out"] => Asked::SignOut,
        ["history", kind] => Asked::History {
            kind: name(kind)?,
            before: match parameter(query, "before") {
                Some(before) => Some(number(before)?),
                None => None,
            },
        },
        ["diff", kind, old, new] => Asked::Diff { kind: name(kind)?, old: number(old)?, new: number(new)? },
        ["get", kind, version] => Asked::Get { kind: name(kind)?, version: number(version)? },
        ["rollback", kind, to] => Asked::Rollback { kind: name(kind)?, to: number(to)? },
        _ => return None,
    })
}

/// The first value of a parameter, as it was written. What we put there needs no escaping.
pub(crate) fn parameter<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn name(written: &str) -> Option<String> {
    let name = percent_decode_str(written).decode_utf8().ok()?;
    (!name.is_empty() && name.len() <= NAME).then(|| name.into_owned())
}

/// Versions count from 1, and have one spelling.
fn number(written: &str) -> Option<i64> {
    let digits = written.bytes().all(|byte| byte.is_ascii_digit()) && !written.starts_with('0');
    written.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STYLE: &str = "/page-0a.css";

    fn kind(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn every_address_of_ours_is_understood() {
        for (path, query, asked) in [
            ("/", None, Asked::Configs),
            ("/history/fees", None, Asked::History { kind: kind("fees"), before: None }),
            ("/history/fees", Some("a=b&before=21"), Asked::History { kind: kind("fees"), before: Some(21) }),
            ("/history/late%20fees", Some("x"), Asked::History { kind: kind("late fees"), before: None }),
            ("/diff/fees/3/7", None, Asked::Diff { kind: kind("fees"), old: 3, new: 7 }),
            ("/get/%D1%86%D0%B5%D0%BD%D1%8B/1", None, Asked::Get { kind: kind("цены"), version: 1 }),
            ("/rollback/fees/9223372036854775807", None, Asked::Rollback { kind: kind("fees"), to: i64::MAX }),
            ("/sign-in", Some("code=x"), Asked::SignIn),
            ("/sign-out", None, Asked::SignOut),
            (STYLE, None, Asked::Style),
        ] {
            assert_eq!(read(path, query, STYLE), Some(asked), "{path}");
        }
    }

    #[test]
    fn what_means_nothing_is_nothing() {
        for path in [
            "",
            "*",
            "//",
            "/history",
            "/history/",
            "/history/fees/",
            "/get/fees/0",
            "/get/fees/01",
            "/get/fees/-1",
            "/get/fees/+1",
            "/get/fees/1x",
            "/get/fees/9223372036854775808",
            "/get/%ff%fe/1",
            "/diff/fees/0/1",
            "/rollback/fees/",
            "/page-0b.css",
        ] {
            assert_eq!(read(path, None, STYLE), None, "{path}");
        }
        assert_eq!(read(&format!("/history/{}", "x".repeat(201)), None, STYLE), None);
        for query in ["before=", "before=x", "before=0", "before=%31"] {
            assert_eq!(read("/history/fees", Some(query), STYLE), None, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(path in "/?.{0,80}", query in ".{0,40}") {
            let _ = read(&path, Some(&query), STYLE);
        }
    }
}
