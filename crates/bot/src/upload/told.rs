//! What the admin is told at the end of an upload, and how problems get there.

use interfaces::configs::{self, PutReply};
use kinds::{Kind, Reason};

use super::machine::Ending;
use super::problems::{MESSAGE_LIMIT, Problem, Problems, cut, message};
use crate::registry::Known;
use crate::talk::Talk;
use crate::texts::{Language, Text, Value};

/// The message that an upload of `kind` on top of version `base` ends with.
pub(super) fn ending(ending: &Ending, kind: &Known, base: i64, talk: &Talk<'_>) -> String {
    let file = &kind.file;
    let text = match ending {
        Ending::Invalid(problems) => return message(file, problems, talk.language),
        Ending::Saved(reply) => saved(reply, file),
        Ending::Refused(refusal) => refusal.text(file),
        Ending::Conflict(current) => {
            let at = Value::at_ms(current.saved_ms);
            match base {
                0 => Text::conflict_first(file, &kind.command, current.version, &current.author, at),
                _ => Text::conflict(file, &kind.command, base, current.version, &current.author, at),
            }
        }
        Ending::NotSaved(reason) => Text::not_saved(file, cut(reason, 500)),
        Ending::NoSuchKind => Text::no_such_kind(&kind.name),
        Ending::Failed { asked: false } => Text::failed(talk.request_id()),
        Ending::Failed { asked: true } => Text::failed_unknown(talk.request_id(), &kind.command),
    };
    cut(&text.say(talk.language), MESSAGE_LIMIT)
}

/// What the writer's answer to a request to save means.
pub(super) fn saved(reply: &PutReply, file: &str) -> Text {
    match (reply.unchanged, reply.published) {
        (true, _) => Text::unchanged(file, reply.version.version),
        (false, true) => Text::saved(file),
        (false, false) => Text::saved_unpublished(file, reply.version.version),
    }
}

/// Checks a document; gives its text, byte for byte what was sent, or what is wrong with it. Takes a while: not for the
/// runtime's thread.
pub(super) fn check(kind: &Kind, bytes: Vec<u8>, language: Language) -> Result<String, Problems> {
    let mut found = match kind.validate(&bytes) {
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            // What is not UTF-8 is no valid document.
            Err(_) => return Err(Problems { listed: Vec::new(), hidden: 1 }),
        },
        Err(problems) => problems,
    };
    let hidden = match found.last().map(|last| &last.reason) {
        Some(Reason::More { count }) => *count,
        _ => 0,
    };
    if hidden > 0 {
        found.pop();
    }
    let listed = found
        .into_iter()
        .map(|problem| Problem {
            line: i64::from(problem.line),
            column: i64::from(problem.column),
            reason: problem.sentence(language),
            path: problem.path,
        })
        .collect();
    Err(Problems { listed, hidden })
}

/// Problems that the writer found; its words are English.
pub(super) fn problems(found: Vec<configs::Problem>) -> Problems {
    let listed = found
        .into_iter()
        .map(|configs::Problem { line, column, path, reason }| Problem { line, column, path, reason })
        .collect();
    Problems { listed, hidden: 0 }
}
