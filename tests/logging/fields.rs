//! How the fields of log lines are called.

use worker::events::{FOR_THE_JOURNAL, RESERVED};

use super::sources;

/// The text without what is quoted, and without comments.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let line = line.replace("\\\\", "").replace("\\\"", "").replace("'\"'", "");
        for (part, outside) in line.split('"').zip([true, false].into_iter().cycle()) {
            bare.push_str(if outside { part } else { "\"\"" });
        }
        bare.push('\n');
    }
    bare
}

/// Each use of a logging macro: what stands between its parentheses.
fn uses(bare: &str) -> Vec<&str> {
    let names = ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "event!(", "_span!("];
    let mut begins: Vec<_> =
        names.iter().flat_map(|name| bare.match_indices(name).map(|(at, _)| at + name.len())).collect();
    begins.sort_unstable();
    begins.into_iter().filter_map(|begin| Some(&bare[begin..begin + parts(&bare[begin..]).1?])).collect()
}

/// What commas part, up to the end or to a parenthesis that was not opened here, and where that is.
fn parts(text: &str) -> (Vec<&str>, Option<usize>) {
    let (mut depth, mut begin, mut parts) = (0, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            ')' if depth == 0 => return (parts, Some(at)),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    (parts, None)
}

/// The names of the fields: what stands before the text.
fn fields(inside: &str) -> Vec<&str> {
    let named = parts(inside).0.into_iter().take_while(|part| !part.starts_with('"'));
    let name = |part: &'_ str| part.split('=').next().unwrap_or_default().trim().len();
    named.map(|part| part[..name(part)].trim_start_matches(['%', '?']).rsplit('.').next().unwrap_or_default()).collect()
}

#[test]
fn fields_are_found() {
    let text = r#"tracing::warn!(a = f("x, y)"), %b, ?self.c, "text, {d}"); worker::event!(info, READY, e.f = 1, "x")"#;
    let bare = bare(text);
    let found: Vec<_> = uses(&bare).into_iter().flat_map(fields).collect();
    assert_eq!(found, ["a", "b", "c", "info", "READY", "f"]);
}

#[test]
fn no_field_is_called_what_means_something_else_in_the_journal() {
    let mut seen = 0;
    for (path, text) in sources::all() {
        let bare = bare(text.split("#[cfg(test)]").next().unwrap());
        for name in uses(&bare).into_iter().flat_map(fields) {
            seen += 1;
            let taken = RESERVED.contains(&name)
                || (FOR_THE_JOURNAL.contains(&name) && !path.ends_with("worker/src/events.rs"));
            assert!(!taken, "{}: a field is called {name}", path.display());
            let others = ["request", "request_id", "user", "kind"].contains(&name);
            assert!(!others, "{}: {name} has another name in the journal", path.display());
        }
    }
    assert!(seen > 100, "{seen} fields");
}
