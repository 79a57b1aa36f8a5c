//! Whether a name that stands in a text is an address: the check behind the expression.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The top-level domains that there are. A bare `name.tld` needs one of them.
static TOP_LEVEL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("top_level.txt").split_ascii_whitespace().collect());

/// How much of a found address is one: a path ends before a bracket that nothing opens. Nothing if it is none.
pub(super) fn address_length(found: &str) -> Option<usize> {
    let scheme = ["http://", "https://", "ftp://", "tonsite://"]
        .into_iter()
        .find(|scheme| found.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let rest = &found[scheme.map_or(0, str::len)..];
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.split_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_trap = host.eq_ignore_ascii_case("teiegram.org");
    (!is_trap && is_host(host, scheme.is_some())).then(|| found.len() - path.len() + balanced(path))
}

fn balanced(path: &str) -> usize {
    let mut open = [0_u32; 3];
    let unopened = path.find(|character| {
        let index = |brackets: &str| brackets.find(character);
        match (index("([{"), index(")]}")) {
            (Some(kind), _) => open[kind] += 1,
            (_, Some(kind)) if open[kind] == 0 => return true,
            (_, Some(kind)) => open[kind] -= 1,
            _ => {}
        }
        false
    });
    trimmed(&path[..unopened.unwrap_or(path.len())]).len()
}

/// Without characters at its end that belong to the sentence.
pub(super) fn trimmed(path: &str) -> &str {
    path.trim_end_matches(['.', ':', ';', ',', '(', '\'', '?', '!', '`'])
}

fn is_host(host: &str, has_scheme: bool) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    if labels.iter().any(|label| label.is_empty() || label.len() >= 64 || label.ends_with('-')) {
        return false;
    }
    let [.., second, top] = labels.as_slice() else { return false };
    if labels.len() == 4 && labels.iter().all(|label| is_octet(label)) {
        return true;
    }
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') || second.contains('_') {
        return false;
    }
    match top.strip_prefix("xn--") {
        Some(code) => code.len() >= 2 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        None => top.chars().nth(1).is_some() && !top.contains(['_', '-']) && (has_scheme || is_top_level(top)),
    }
}

fn is_octet(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit()) && label.parse::<u8>().is_ok_and(|octet| octet.to_string() == label)
}

/// A domain whose letters are small or begin with a capital one.
fn is_top_level(top: &str) -> bool {
    let lower = top.to_lowercase();
    let is_odd = lower != top && lower.chars().next() == top.chars().next();
    !is_odd && TOP_LEVEL.contains(lower.as_str())
}

/// Whether a found address is one of mail.
pub(super) fn is_mail(found: &str) -> bool {
    let Some((name, host)) = found.split_once('@') else { return false };
    let is_plain = |byte: u8| super::characters::is_name(byte) || byte == b'-';
    let parts: Vec<&str> = name.split(['.', '+']).collect();
    let Some((last, others)) = parts.split_last() else { return false };
    let name_fits = parts.len() <= 11 && (1..=35).contains(&last.len()) && others.iter().all(|part| part.len() <= 26);
    let labels: Vec<&str> = host.split('.').collect();
    let Some((top, labels)) = labels.split_last() else { return false };
    let label_fits = |label: &&str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        label.len() <= 30 && edge(label.bytes().next()) && edge(label.bytes().last()) && label.bytes().all(is_plain)
    };
    name_fits
        && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'.' | b'+'))
        && (2..=8).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (1..=6).contains(&labels.len())
        && labels.iter().all(label_fits)
}
