//! What looking at something came to, a line each: well, a problem with what to do, or not to be told from here.

use serde::Serialize;

use crate::text::{json, line};

/// How it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Ok,
    Problem,
    /// It cannot be told, which is nobody's fault.
    Unknown,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) state: State,
    /// What was found, as a sentence.
    pub(crate) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

impl Finding {
    pub(crate) fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Ok, found: found.into(), advice: None }
    }

    pub(crate) fn problem(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, state: State::Problem, found: found.into(), advice: Some(advice.into()) }
    }

    pub(crate) fn unknown(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Unknown, found: found.into(), advice: None }
    }
}

/// Whether nothing is wrong.
pub(crate) fn all_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.state != State::Problem)
}

/// For people.
pub(crate) fn lines(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.what.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Finding { what, state, found, advice } in findings {
        let word = match state {
            State::Ok => "ok",
            State::Problem => "problem",
            State::Unknown => "unknown",
        };
        // What comes from files and peers may not move the cursor; several lines stand below each other.
        let found: Vec<_> = found.lines().map(line).collect();
        let indent = format!("\n{:width$}           ", "");
        text.push_str(&format!("{what:width$}  {word:7}  {}\n", found.join(&indent)));
        if let Some(advice) = advice {
            text.push_str(&format!("{:width$}           do: {}\n", "", line(advice)));
        }
    }
    text
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    findings: &'a [Finding],
}

/// For programs.
pub(crate) fn report(findings: &[Finding]) -> String {
    json(&Report { ok: all_well(findings), findings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_to_do_below_it() {
        let findings = [
            Finding::ok("store", "schema 1"),
            Finding::problem("disk", "full\nquite\u{1b}[2J", "make space"),
            Finding::unknown("clock", "no daemon"),
        ];
        let expected = "store  ok       schema 1\ndisk   problem  full\n                quite [2J\n                do: make space\nclock  unknown  no daemon\n";
        assert_eq!(lines(&findings), expected);
        assert!(!all_well(&findings));
        assert!(all_well(&[findings[0].clone(), findings[2].clone()]));
        assert!(report(&findings).contains("\"state\": \"problem\""));
    }
}
