//! `natrium config diff`: what differs between two versions, or between a version and something else.

use interfaces::configs::{Get, GetByHand, GetProposal};
use kinds::diff::{harmless, stat, unified};
use serde::Serialize;
use settings::Environment;

use super::arguments::Diff;
use super::document;
use crate::author::shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::{json, line, print};
use crate::view::View;
use crate::writer::Writer;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    from: &'a str,
    to: &'a str,
    differs: bool,
    added: usize,
    removed: usize,
    diff: &'a str,
}

/// A text, and what it is called.
struct Text {
    label: String,
    content: String,
}

pub(super) fn run(words: &Diff, environment: &Environment) -> Result<Exit, Failure> {
    // What is typed is read first: nobody waits for the service while he types.
    let file = words.file.as_deref().map(|path| document::text(path).map(|text| (document::name(path), text)));
    let file = file.transpose()?.map(|(label, content)| Text { label, content });
    let writer = super::reach(&words.asking, environment)?;
    let (from, to) = texts(words, file, &writer)?;
    let diff = unified(&from.content, &to.content, &from.label, &to.label);
    let differs = from.content != to.content;
    if words.asking.json {
        let stat = stat(&from.content, &to.content);
        let (kind, from, to) = (&words.kind, &from.label, &to.label);
        print(&json(&Json { kind, from, to, differs, added: stat.added, removed: stat.removed, diff: &diff }));
    } else if crate::terminal::is_output() {
        let is_coloured = crate::terminal::takes_colour(environment);
        print(&if is_coloured { painted(&harmless(&diff)) } else { harmless(&diff).into_owned() });
    } else {
        document::print(diff.as_bytes())?;
    }
    Ok(if differs { Exit::Unchanged } else { Exit::Success })
}

/// What is compared.
fn texts(words: &Diff, file: Option<Text>, writer: &Writer) -> Result<(Text, Text), Failure> {
    let kind = &words.kind;
    let version = |number| version(kind, number, writer);
    if let Some(file) = file {
        return Ok((version(words.from)?, file));
    }
    if words.by_hand {
        return Ok((version(words.from)?, by_hand(kind, writer)?));
    }
    if let Some(id) = words.proposal {
        return Ok((version(words.from)?, proposal(kind, id, writer)?));
    }
    match (words.from, words.to) {
        (Some(from), to) => Ok((version(Some(from))?, version(to)?)),
        (None, _) => {
            let newest = super::current_of(writer, kind)?.map_or(0, |current| current.version);
            let before = if newest > 1 { version(Some(newest - 1))? } else { nothing() };
            Ok((before, version(Some(newest).filter(|newest| *newest > 0))?))
        }
    }
}

fn nothing() -> Text {
    Text { label: "nothing".to_owned(), content: String::new() }
}

/// A version; absent: the current one.
fn version(kind: &str, version: Option<i64>, writer: &Writer) -> Result<Text, Failure> {
    let reply = writer.read(writer.configs.get(&Get { kind: kind.to_owned(), version }))?;
    let label = format!("{}, {}", line(kind), super::of_version(&reply.version, &View::now()));
    Ok(Text { label, content: reply.content })
}

fn by_hand(kind: &str, writer: &Writer) -> Result<Text, Failure> {
    let found = writer.read(writer.configs.get_by_hand(&GetByHand { kind: kind.to_owned() }))?;
    let label = "the published file, changed by hand".to_owned();
    match (found.by_hand, found.content) {
        // The file is what it should be, so it is the current version.
        (None, _) => version(kind, None, writer),
        (Some(_), Some(content)) => Ok(Text { label, content }),
        (Some(by_hand), None) => {
            let text = format!("{}: what stands there is no text, or too long: {} bytes", line(kind), by_hand.bytes);
            Err(Failure::local(Exit::Degraded, text))
        }
    }
}

fn proposal(kind: &str, id: i64, writer: &Writer) -> Result<Text, Failure> {
    let reply = writer.read(writer.configs.get_proposal(&GetProposal { id }))?;
    if reply.proposal.kind != kind {
        let text = format!("proposal {id} is one of {}", line(&reply.proposal.kind));
        return Err(Failure::local(Exit::Degraded, text));
    }
    let label = format!("proposal {id}, {}", shown(&reply.proposal.author));
    Ok(Text { label, content: reply.content })
}

/// Red for what goes, green for what comes.
fn painted(diff: &str) -> String {
    let paint = |line: &str| {
        let colour = match line.as_bytes() {
            [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => "1",
            [b'@', ..] => "36",
            [b'-', ..] => "31",
            [b'+', ..] => "32",
            _ => return format!("{line}\n"),
        };
        format!("\u{1b}[{colour}m{line}\u{1b}[0m\n")
    };
    diff.lines().map(paint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_red_and_what_comes_is_green() {
        let painted = painted("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n");
        let expected = "\u{1b}[1m--- a\u{1b}[0m\n\u{1b}[1m+++ b\u{1b}[0m\n\u{1b}[36m@@ -1 +1 @@\u{1b}[0m\n\
            \u{1b}[31m-old\u{1b}[0m\n\u{1b}[32m+new\u{1b}[0m\n same\n";
        assert_eq!(painted, expected);
    }
}
