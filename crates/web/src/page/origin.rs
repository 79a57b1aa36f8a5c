//! Whether a form was sent by a page of ours. Pure.
//!
//! A browser says with every form from which page it comes, and no page can make it lie: so another site cannot have somebody who
//! is signed in here press its buttons. A browser that does not say is refused.

use axum::http::{HeaderMap, HeaderName, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the fields of a request say that it comes from this very page: its origin is the host that it is sent to, or `own`, by
/// which browsers reach a page behind a proxy.
pub(crate) fn is_ours(fields: &HeaderMap, own: Option<&str>) -> bool {
    // What is there twice is nobody's word.
    let one = |name: HeaderName| {
        let mut values = fields.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    };
    if fields.contains_key(FETCH_SITE) && one(FETCH_SITE) != Some("same-origin") {
        return false;
    }
    let Some(origin) = one(header::ORIGIN) else { return false };
    if own == Some(origin) {
        return true;
    }
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match (host, one(header::HOST)) {
        (Some(host), Some(asked)) => !host.is_empty() && host.eq_ignore_ascii_case(asked),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    fn fields(said: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in said {
            fields.append(*name, value.parse().unwrap());
        }
        fields
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8001");
    const OWN: Option<&str> = Some("https://natrium.example");

    #[test]
    fn a_form_of_this_page_is_taken() {
        for said in [
            vec![HOST, ("origin", "http://127.0.0.1:8001")],
            vec![HOST, ("origin", "http://127.0.0.1:8001"), ("sec-fetch-site", "same-origin")],
            // A proxy that hands on the name but not the encryption, or neither.
            vec![("host", "Natrium.Example"), ("origin", "https://natrium.example")],
            vec![HOST, ("origin", "https://natrium.example")],
        ] {
            assert!(is_ours(&fields(&said), OWN), "{said:?}");
        }
    }

    #[test]
    fn a_form_of_another_page_or_of_nobody_knows_whose_is_not() {
        for said in [
            vec![HOST],
            vec![("origin", "http://127.0.0.1:8001")],
            vec![HOST, ("origin", "null")],
            vec![HOST, ("origin", "")],
            vec![("host", ""), ("origin", "http://")],
            vec![HOST, ("origin", "http://127.0.0.1:8002")],
            vec![HOST, ("origin", "http://127.0.0.1")],
            vec![HOST, ("origin", "http://evil.example")],
            vec![HOST, ("origin", "http://evil.example/127.0.0.1:8001")],
            vec![HOST, ("origin", "http://127.0.0.1:8001.evil.example")],
            vec![HOST, ("origin", "http://natrium.example")],
            vec![HOST, ("origin", "ftp://127.0.0.1:8001")],
            vec![HOST, ("origin", "http://127.0.0.1:8001"), ("origin", "http://evil.example")],
            vec![HOST, ("host", "evil.example"), ("origin", "http://evil.example")],
            vec![HOST, ("origin", "http://127.0.0.1:8001"), ("sec-fetch-site", "cross-site")],
            vec![HOST, ("origin", "http://127.0.0.1:8001"), ("sec-fetch-site", "same-site")],
            vec![HOST, ("origin", "http://127.0.0.1:8001"), ("sec-fetch-site", "none")],
        ] {
            assert!(!is_ours(&fields(&said), OWN), "{said:?}");
        }
        assert!(!is_ours(&fields(&[HOST, ("origin", "https://natrium.example")]), None));
    }
}
