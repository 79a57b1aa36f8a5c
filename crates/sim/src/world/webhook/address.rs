//! Where a webhook may be: the rules for its URL.
//!
//! Telegram takes HTTPS on four ports and anywhere but in private networks. Here it is the other way round: plain HTTP
//! to the loopback is delivered to, nothing else ever is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::api::ApiError;
use crate::control::Secret;

/// Ports that Telegram delivers to by HTTPS.
const HTTPS_PORTS: [u16; 4] = [443, 80, 88, 8443];

/// A webhook's URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Where the connection goes.
    pub(crate) socket: SocketAddr,
    /// What the header `Host` says: the host alone, as Telegram writes it.
    pub(crate) host: String,
    /// `user:password`, as in the URL.
    pub(crate) user: Option<Secret>,
    /// Path and query.
    pub(crate) path: Secret,
}

struct Parts<'a> {
    https: bool,
    user: Option<&'a str>,
    host: &'a str,
    port: u16,
    path: &'a str,
}

/// Takes a URL apart; nothing if it is none. Without a scheme it is HTTPS.
fn parts(url: &str) -> Option<Parts<'_>> {
    let (https, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
        Some((scheme, _)) if !scheme.contains(['/', '?', '#', '.']) => return None,
        _ => (true, url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split('#').next().unwrap_or_default();
    let (user, authority) =
        authority.rsplit_once('@').map_or((None, authority), |(user, authority)| (Some(user), authority));
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None => {
            if https {
                443
            } else {
                80
            }
        }
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
    };
    let odd = |c: char| c.is_ascii_whitespace() || c.is_ascii_control() || matches!(c, '"' | '<' | '>' | '\\' | '%');
    (!host.is_empty() && !host.contains(odd)).then_some(Parts { https, user, host, port, path })
}

/// Checks where a webhook wants to be, as Telegram does where it can be said.
///
/// # Errors
///
/// Telegram's words for a URL that it would not take, and 501 for one that it would and this simulator does not
/// deliver to.
pub(crate) fn check(url: &str, ip_address: Option<&str>) -> Result<Address, ApiError> {
    let bad = |why: &str| ApiError::bad_request(&format!("bad webhook: {why}"));
    let parts = parts(url).ok_or_else(|| ApiError::bad_request("invalid webhook URL specified"))?;
    let given = match ip_address {
        Some(text) => Some(text.parse::<IpAddr>().map_err(|_| bad("Invalid IP address specified"))?),
        None => None,
    };
    if parts.https {
        if !HTTPS_PORTS.contains(&parts.port) {
            return Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443"));
        }
        let what = "webhooks by HTTPS: it delivers to the loopback, by HTTP (http://127.0.0.1:PORT/PATH)";
        return Err(ApiError::not_simulated(what));
    }
    let ip = given.or_else(|| resolved(parts.host)).filter(IpAddr::is_loopback);
    let ip = ip.ok_or_else(|| bad("An HTTPS URL must be provided for webhook"))?;
    Ok(Address {
        socket: SocketAddr::new(ip, parts.port),
        host: parts.host.to_owned(),
        user: parts.user.map(Secret::from),
        path: if parts.path.starts_with('/') { parts.path.into() } else { format!("/{}", parts.path).into() },
    })
}

/// Nobody is asked: only the names that always mean this machine have an address.
fn resolved(host: &str) -> Option<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") { Some(Ipv4Addr::LOCALHOST.into()) } else { host.parse().ok() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_delivered_to_by_http() {
        let address = check("http://127.0.0.1:8080/hook?a=1#b", None).unwrap();
        assert_eq!(address.socket.to_string(), "127.0.0.1:8080");
        assert_eq!((address.host.as_str(), address.path.text()), ("127.0.0.1", "/hook?a=1"));
        let address = check("HTTP://anna:secret@localhost?a=1", None).unwrap();
        assert_eq!((address.socket.to_string().as_str(), address.path.text()), ("127.0.0.1:80", "/?a=1"));
        assert_eq!(address.user.as_ref().map(Secret::text), Some("anna:secret"));
        assert_eq!(check("http://[::1]:81", None).unwrap().socket.to_string(), "[::1]:81");
        let named = check("http://bot.example.org:81/hook", Some("127.0.0.2")).unwrap();
        assert_eq!((named.socket.to_string().as_str(), named.host.as_str()), ("127.0.0.2:81", "bot.example.org"));
    }

    #[test]
    fn nothing_else_is() {
        let error = |url: &str, ip| check(url, ip).unwrap_err();
        let https_needed = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
        for url in ["http://example.org/", "http://192.168.1.1/", "http://0.0.0.0/", "http://127.0.0.1.example.org/"] {
            assert_eq!(error(url, None).description, https_needed, "{url}");
        }
        assert_eq!(error("http://127.0.0.1/", Some("10.0.0.1")).description, https_needed);
        let bad_ip = error("http://127.0.0.1/", Some("here")).description;
        assert_eq!(bad_ip, "Bad Request: bad webhook: Invalid IP address specified");
        let ports = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443";
        assert_eq!(error("https://example.org:8080/hook", None).description, ports);
        for url in ["https://example.org/hook", "example.org", "https://127.0.0.1:8443/", "https://[::1]/"] {
            assert!(error(url, None).unsimulated, "{url}");
        }
        for url in ["ftp://example.org", "https://", "http://:80/", "http://a b/", "http://h:0/", "http://h:99999/"] {
            assert_eq!(error(url, None).description, "Bad Request: invalid webhook URL specified", "{url}");
        }
    }
}
