//! Addresses of links as Telegram takes them, and the `tg://` addresses that mean something else than a link.
//!
//! Follows TDLib's `LinkManager` and `HttpUrl`. Knows nothing of texts.

use std::net::Ipv6Addr;

use thiserror::Error;

/// Ids of people have up to 40 bits.
const LARGEST_USER: i64 = (1 << 40) - 1;

/// Why something is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum LinkError {
    #[error("Unsupported URL protocol")]
    Scheme,
    #[error("Wrong port number specified in the URL")]
    Port,
    #[error("Wrong IPv6 address specified in the URL")]
    Ipv6,
    #[error("URL host is empty")]
    NoHost,
    #[error("Host is invalid")]
    Dot,
    #[error("Wrong percent-encoded symbol in URL host")]
    Percent,
    #[error("Wrong URL host")]
    Host,
    #[error("Wrong tg URL")]
    Tg,
    #[error("Wrong ton URL")]
    Ton,
    #[error("Unallowed characters in URL host")]
    Unallowed,
    #[error("Wrong HTTP URL")]
    Http,
}

struct Address<'a> {
    https: bool,
    user: &'a str,
    host: String,
    ipv6: bool,
    port: Option<u16>,
    /// Path, query and fragment; begins with a slash.
    path: String,
}

/// An address as Telegram stores it: `http://` if no scheme is named, the host in small letters, a slash behind it.
///
/// # Errors
///
/// What is wrong with it, as Telegram says it.
pub(crate) fn checked(link: &str) -> Result<String, LinkError> {
    for scheme in ["tg", "ton", "tonsite"] {
        if let Some(rest) = strip_ignoring_case(link, scheme).and_then(|rest| rest.strip_prefix(':')) {
            return internal(scheme, rest.strip_prefix("//").unwrap_or(rest));
        }
    }
    let address = parse(link)?;
    if !address.host.contains('.') && !address.ipv6 {
        return Err(LinkError::Http);
    }
    let scheme = if address.https { "https" } else { "http" };
    let at = if address.user.is_empty() { "" } else { "@" };
    let port = address.port.map_or_else(String::new, |port| format!(":{port}"));
    Ok(format!("{scheme}://{}{at}{}{port}{}", address.user, address.host, address.path))
}

/// Addresses of Telegram's own schemes.
fn internal(scheme: &str, rest: &str) -> Result<String, LinkError> {
    let address = parse(rest)?;
    let names_http = strip_ignoring_case(rest, "http://").is_some() || address.https;
    if names_http || !address.user.is_empty() || address.port.is_some() || address.ipv6 {
        return Err(if scheme == "tg" { LinkError::Tg } else { LinkError::Ton });
    }
    let dots = scheme == "tonsite";
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || (dots && c == '.');
    if !address.host.chars().all(allowed) {
        return Err(LinkError::Unallowed);
    }
    let path = if address.path.starts_with("/?") { &address.path[1..] } else { &address.path };
    Ok(format!("{scheme}://{}{path}", address.host))
}

fn parse(url: &str) -> Result<Address<'_>, LinkError> {
    let word = url.find([':', '/', '?', '#', '@', '[', ']']).unwrap_or(url.len());
    let (https, rest) = match url[word..].strip_prefix("://") {
        Some(rest) if url[..word].eq_ignore_ascii_case("http") => (false, rest),
        Some(rest) if url[..word].eq_ignore_ascii_case("https") => (true, rest),
        Some(_) => return Err(LinkError::Scheme),
        None => (false, url),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (name, port) = match authority.rfind([':', ']', '@']) {
        Some(colon) if colon > 0 && authority[colon..].starts_with(':') => {
            (&authority[..colon], Some(port(&authority[colon + 1..])?))
        }
        _ => (authority, None),
    };
    let (user, host) = name.rsplit_once('@').unwrap_or(("", name));
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if bracketed.is_some_and(|address| address.parse::<Ipv6Addr>().is_err()) {
        return Err(LinkError::Ipv6);
    }
    match host {
        "" => return Err(LinkError::NoHost),
        "." => return Err(LinkError::Dot),
        _ => {}
    }
    let host = host.to_ascii_lowercase();
    if bracketed.is_none() {
        check_host(host.as_bytes())?;
    }
    Ok(Address { https, user, host, ipv6: bracketed.is_some(), port, path: escaped_path(path) })
}

fn port(digits: &str) -> Result<u16, LinkError> {
    let digits = digits.trim_start_matches('0');
    match digits.parse() {
        Ok(port) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err(LinkError::Port),
    }
}

fn check_host(host: &[u8]) -> Result<(), LinkError> {
    let hex = |at: usize| host.get(at).is_some_and(|byte| byte.is_ascii_hexdigit());
    let mut at = 0;
    while let Some(byte) = host.get(at) {
        match byte {
            b'%' if hex(at + 1) && hex(at + 2) => at += 2,
            b'%' => return Err(LinkError::Percent),
            b'a'..=b'z' | b'0'..=b'9' | 128.. => {}
            byte if b".-_!$,~*'();&+=".contains(byte) => {}
            _ => return Err(LinkError::Host),
        }
        at += 1;
    }
    Ok(())
}

/// What follows the host, blanks at its end cut off and others percent-encoded.
fn escaped_path(path: &str) -> String {
    let path = path.trim_end_matches([' ', '\t', '\r', '\n', '\0', '\u{b}']);
    let mut escaped = if path.starts_with('/') { String::new() } else { "/".to_owned() };
    for character in path.chars() {
        match character {
            '\0'..=' ' => escaped.push_str(&format!("%{:02X}", u32::from(character))),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The parameters of `tg://HOST?…`, if it is that.
fn parameters<'a>(url: &'a str, host: &str) -> Option<impl Iterator<Item = (&'a str, &'a str)>> {
    let rest = strip_ignoring_case(url, "tg:")?;
    let rest = strip_ignoring_case(rest.strip_prefix("//").unwrap_or(rest), host)?;
    let query = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    Some(query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))))
}

/// A number written as a computer would.
pub(crate) fn number<T: std::str::FromStr + ToString>(digits: &str) -> Option<T> {
    digits.parse().ok().filter(|number: &T| number.to_string() == digits)
}

/// Whether this can be a person's id.
pub(crate) fn is_user(id: i64) -> bool {
    (1..=LARGEST_USER).contains(&id)
}

/// The person whom `tg://user?id=…` names. The whole address may be in any case.
pub(crate) fn user(url: &str) -> Option<i64> {
    let url = url.to_ascii_lowercase();
    let (_, id) = parameters(&url, "user")?.find(|(name, _)| *name == "id")?;
    number(id).filter(|id| is_user(*id))
}

/// The custom emoji that `tg://emoji?id=…` names.
pub(crate) fn emoji(url: &str) -> Option<i64> {
    let (_, id) = parameters(url, "emoji")?.find(|(name, _)| *name == "id")?;
    number(id).filter(|id| *id != 0)
}

/// The moment that `tg://time?unix=…&format=…` names, and how to write it.
pub(crate) fn time(url: &str) -> Option<(i32, String)> {
    let (mut unix, mut format) = (None, "");
    for (name, value) in parameters(url, "time")? {
        match name {
            "unix" => unix = Some(number(value).filter(|unix: &i32| *unix > 0)?),
            "format" => format = value,
            _ => {}
        }
    }
    Some((unix?, format.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed() {
        for (link, expected) in [
            ("example.org", "http://example.org/"),
            ("HTTPS://Example.ORG?A=1", "https://example.org/?A=1"),
            ("http://example.org#x", "http://example.org/#x"),
            ("http://anna:secret@example.org:0080/a b", "http://anna:secret@example.org:80/a%20b"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://xn--e1afmkfd.xn--p1ai ", ""),
            ("http://пример.рф/x \n", "http://пример.рф/x"),
            ("http://a%2fb.org", "http://a%2fb.org/"),
            ("tg:resolve?domain=x", "tg://resolve?domain=x"),
            ("TG://Resolve/x", "tg://resolve/x"),
            ("tg://settings", "tg://settings/"),
            ("ton://transfer/x", "ton://transfer/x"),
            ("tonsite://a.ton", "tonsite://a.ton/"),
        ] {
            assert_eq!(checked(link).unwrap_or_default(), expected, "{link}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_as_telegram_does() {
        for (link, error) in [
            ("nowhere", "Wrong HTTP URL"),
            ("", "URL host is empty"),
            ("http://", "URL host is empty"),
            ("/path", "URL host is empty"),
            (".", "Host is invalid"),
            ("ftp://example.org", "Unsupported URL protocol"),
            ("example.org:", "Wrong port number specified in the URL"),
            ("example.org:0", "Wrong port number specified in the URL"),
            ("example.org:65536", "Wrong port number specified in the URL"),
            ("mailto:a@example.org", ""),
            ("exa mple.org", "Wrong URL host"),
            ("exa%2xmple.org", "Wrong percent-encoded symbol in URL host"),
            ("http://[::g]/", "Wrong IPv6 address specified in the URL"),
            ("tg://http://x", "Wrong tg URL"),
            ("ton://x:80", "Wrong ton URL"),
            ("tg://a.b", "Unallowed characters in URL host"),
        ] {
            assert_eq!(checked(link).err().map(|error| error.to_string()).unwrap_or_default(), error, "{link}");
        }
    }

    #[test]
    fn addresses_that_mean_people_emoji_and_moments() {
        for (url, expected) in [
            ("tg://user?id=1001", Some(1001)),
            ("TG:USER/?x=1&ID=1001#y", Some(1001)),
            ("tg://user?id=01001", None),
            ("tg://user?id=0", None),
            ("tg://user?id=1099511627776", None),
            ("tg://users?id=1001", None),
            ("tg://user#?id=1001", None),
            ("https://user?id=1001", None),
        ] {
            assert_eq!(user(url), expected, "{url}");
        }
        assert_eq!(emoji("tg://emoji?id=5368324170671202286"), Some(5_368_324_170_671_202_286));
        assert_eq!(emoji("tg:Emoji/?id=-1&id=2"), Some(-1));
        assert_eq!((emoji("tg://emoji?id=0"), emoji("tg://emoji?ID=1"), emoji("tg://emoji")), (None, None, None));
        assert_eq!(time("tg://time?unix=1647531900&format=wDT"), Some((1_647_531_900, "wDT".to_owned())));
        assert_eq!(time("tg://time?format=r&unix=1"), Some((1, "r".to_owned())));
        assert_eq!(
            (time("tg://time?format=r"), time("tg://time?unix=0"), time("tg://time?unix=x")),
            (None, None, None)
        );
    }
}
