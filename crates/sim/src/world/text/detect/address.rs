//! Addresses that stand in a text: `tg://…`, `https://example.org/…`, `example.org`, `anna@example.org`.

use super::Found;
use super::characters::{is_address, is_path, is_separator, is_word};
use super::host::{address_length, is_mail, trimmed};
use crate::control::EntityKind;

/// Telegram's own schemes.
pub(super) fn internal(text: &str, found: &mut Found) {
    let mut done = 0;
    for (colon, _) in text.match_indices("://") {
        let scheme = ["tonsite", "ton", "tg"].into_iter().find(|scheme| {
            let start = colon.checked_sub(scheme.len());
            start.and_then(|start| text.get(start..colon)).is_some_and(|found| found.eq_ignore_ascii_case(scheme))
        });
        let Some(scheme) = scheme.filter(|_| colon >= done) else { continue };
        let host = colon + 3;
        let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let length = text[host..].bytes().take_while(is_host).count().min(253);
        if length > 0 {
            done = host + length + path_length(&text[host + length..]);
            found.push((colon - scheme.len()..done, EntityKind::Url));
        }
    }
}

/// The length of `/…`, `?…` or `#…` behind a host; only a slash may stand alone.
fn path_length(rest: &str) -> usize {
    let Some(first) = rest.chars().next().filter(|first| matches!(first, '/' | '?' | '#')) else { return 0 };
    let end = rest[1..].find(|next| !is_path(next)).map_or(rest.len(), |end| end + 1);
    let length = 1 + trimmed(&rest[1..end]).len();
    if first == '/' || length > 1 { length } else { 0 }
}

/// Whatever has a dot in it and looks like an address; each is then checked.
pub(super) fn web_and_mail(text: &str, found: &mut Found) {
    let mut begin = 0;
    while let Some(dot) = text[begin..].find('.').map(|dot| begin + dot) {
        match text.as_bytes().get(dot + 1) {
            None => break,
            Some(b' ') => begin = dot + 2,
            Some(_) => {
                let candidate = Candidate::around(text, begin, dot);
                begin = candidate.end_of_search(text, dot);
                if !candidate.is_bad && candidate.end > dot + 1 {
                    found.extend(checked(text, candidate.start, candidate.end));
                }
            }
        }
    }
}

fn checked(text: &str, start: usize, end: usize) -> Option<(std::ops::Range<usize>, EntityKind)> {
    let found = &text[start..end];
    if is_mail(found) {
        return Some((start..end, EntityKind::Email));
    }
    if let Some(mail) = found.strip_prefix("mailto:").filter(|mail| is_mail(mail)) {
        return Some((end - mail.len()..end, EntityKind::Email));
    }
    address_length(found).map(|length| (start..start + length, EntityKind::Url))
}

fn is_host_part(character: char) -> bool {
    match character {
        '\0'..'\u{c0}' => character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '~'),
        _ => is_address(character),
    }
}

/// Name and password before an `@`.
fn is_user_part(character: char) -> bool {
    let is_edge = "\n/[]{}()'`<>\"@«»".contains(character);
    !is_edge && is_address(character)
}

/// Letters of any kind, so that a scheme that is glued to them is seen not to be one.
fn is_scheme_part(character: char) -> bool {
    match character {
        '\0'..'\u{80}' => character.is_ascii_alphanumeric() || matches!(character, '+' | '-'),
        _ => !is_separator(character),
    }
}

/// Where the characters that end at `end` begin.
fn back(text: &str, begin: usize, end: usize, is: impl Fn(char) -> bool) -> usize {
    end - text[begin..end].chars().rev().take_while(|character| is(*character)).map(char::len_utf8).sum::<usize>()
}

struct Candidate {
    start: usize,
    end: usize,
    is_bad: bool,
}

impl Candidate {
    /// What may be an address around a dot. Nothing before `begin` belongs to it.
    fn around(text: &str, begin: usize, dot: usize) -> Self {
        let mut start = back(text, begin, dot, is_host_part);
        let is_open = |next: char| next == '@' || is_host_part(next);
        let host_end = text[dot..].find(|next| !is_open(next)).map_or(text.len(), |end| dot + end);
        let has_at = text[dot..host_end].contains('@');
        if has_at {
            start = back(text, begin, start, is_user_part);
        }
        let mut end = host_end + port_length(&text[host_end..]);
        end += path_length(&text[end..]);
        end = (dot + 1).max(dot + 1 + text[dot + 1..end].trim_end_matches('.').len());
        let mut is_bad = false;
        if text[begin..start].ends_with('@') {
            let user = back(text, begin, start - 1, is_user_part);
            is_bad = has_at || user == start - 1;
            start = user;
        }
        match scheme_start(text, begin, start) {
            Some(with_scheme) => Self { start: with_scheme, end, is_bad },
            None => Self { start, end, is_bad: true },
        }
    }

    /// From where on to look for the next one.
    fn end_of_search(&self, text: &str, dot: usize) -> usize {
        let end = if self.is_bad {
            text[..self.end].rfind('.').map_or(0, |last| last + 1)
        } else {
            let rest = &text[self.end..];
            self.end + rest.len() - rest.trim_start_matches('.').len()
        };
        end.max(dot + 1)
    }
}

/// The length of `:8080`; 0 if it is no port.
fn port_length(rest: &str) -> usize {
    let Some(digits) = rest.strip_prefix(':') else { return 0 };
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    let is_port = digits.trim_start_matches('0').parse::<u16>().is_ok();
    if is_port { 1 + digits.len() } else { 0 }
}

/// Where the address begins with its scheme; nothing if what stands before it makes it none.
fn scheme_start(text: &str, begin: usize, start: usize) -> Option<usize> {
    let prefix = &text[begin..start];
    let Some(last) = prefix.chars().next_back() else { return Some(start) };
    if prefix.len() < 6 || !prefix.ends_with("://") {
        let is_glued = is_word(last) || matches!(last, '/' | '#' | '@');
        return (!is_glued).then_some(start);
    }
    let colon = start - 3;
    let word = text[back(text, begin, colon, is_scheme_part)..colon].to_ascii_lowercase();
    let scheme = match word.as_str() {
        "shttp" | "tftp" | "sftp" => return None,
        word => ["http", "https", "ftp", "tonsite"].into_iter().find(|scheme| word.ends_with(scheme))?,
    };
    Some(colon - scheme.len())
}
