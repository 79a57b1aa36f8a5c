//! What the admin is told during an upload and at its end, and how problems get there.

use interfaces::configs::{Proposal, PutReply, Version};
use kinds::{Kind, Reason};

use super::Upload;
use super::machine::{Ending, Stage};
use super::problems::{MESSAGE_LIMIT, Problem, Problems, cut, message};
use crate::buttons::{Button, keyboard};
use crate::registry::Known;
use crate::send::Screen;
use crate::talk::Talk;
use crate::texts::{Language, Text};

/// What the message shows while work goes on.
pub(super) fn progress(stage: Stage, kind: &Known, talk: &Talk<'_>) -> Screen {
    let text = match stage {
        Stage::Validating => Text::progress_validating(),
        Stage::Saving => Text::progress_saving(),
        Stage::Waiting => Text::progress_waiting(&kind.file),
        Stage::Locked => Text::progress_locked(&kind.file),
        Stage::SavingSilent => Text::progress_saving_silent(&kind.file),
        Stage::Cancelling => return plain(Text::progress_cancelling(&kind.file).say(talk.language)),
    };
    let cancel = (Text::button_cancel(), Button::Cancel { update: talk.update });
    Screen { text: text.say(talk.language), keyboard: Some(keyboard(&[&[cancel]], talk.language)) }
}

/// The message that an upload ends with, unless it ends with a question.
pub(super) fn ending(ending: &Ending, upload: &Upload<'_>, talk: &Talk<'_>) -> Screen {
    let (kind, file) = (upload.kind, &upload.kind.file);
    let text = match ending {
        Ending::Invalid { problems, .. } => return plain(message(file, problems, talk.language)),
        Ending::Proposed(proposal) => return proposed(proposal, file, talk),
        Ending::Saved(reply) => saved(reply, file),
        Ending::SavedBefore { version, unchanged: true } => Text::unchanged(file, version.version),
        Ending::SavedBefore { version, unchanged: false } => Text::saved_before(file, version.version),
        Ending::Refused(refusal) => refusal.text(file),
        Ending::Forbidden { .. } => Text::upload_forbidden(file),
        Ending::NotSaved(reason) => Text::not_saved(file, cut(reason, 500)),
        Ending::NoSuchKind => Text::no_such_kind(&kind.name),
        Ending::Cancelled { .. } => Text::upload_cancelled(),
        // These two are questions.
        Ending::Conflict(Version { version, .. }) => Text::conflict_unseen(file, *version),
        Ending::ChangedByHand(_) => Text::conflict_unseen(file, upload.base),
        Ending::Failed { asked: false } => Text::failed(talk.request_id()),
        Ending::Failed { asked: true } => Text::failed_unknown(talk.request_id(), &kind.command),
    };
    plain(text.say(talk.language))
}

/// The same for an effect that stands since before a restart.
pub(super) fn afterwards(ending: &Ending, talk: &Talk<'_>) -> Screen {
    let file = |kind: &str| talk.desk.registry.named(kind).map_or_else(|| kind.to_owned(), |known| known.file.clone());
    let text = match ending {
        Ending::Saved(reply) => saved(reply, &file(&reply.version.kind)),
        Ending::SavedBefore { version, unchanged: true } => Text::unchanged(file(&version.kind), version.version),
        Ending::SavedBefore { version, unchanged: false } => Text::saved_before(file(&version.kind), version.version),
        Ending::Proposed(proposal) => return proposed(proposal, &file(&proposal.kind), talk),
        _ => Text::upload_cancelled(),
    };
    plain(text.say(talk.language))
}

fn proposed(proposal: &Proposal, file: &str, talk: &Talk<'_>) -> Screen {
    let withdraw = (Text::button_withdraw(), Button::Decline { id: proposal.id });
    let text = Text::upload_proposed(file, proposal.id).say(talk.language);
    Screen { text, keyboard: Some(keyboard(&[&[withdraw]], talk.language)) }
}

fn plain(text: String) -> Screen {
    Screen { text: cut(&text, MESSAGE_LIMIT), keyboard: None }
}

/// What the writer's answer to a request to save means.
fn saved(reply: &PutReply, file: &str) -> Text {
    match (reply.unchanged, reply.published) {
        (true, true) => Text::unchanged(file, reply.version.version),
        (true, false) => Text::unchanged_unpublished(file, reply.version.version),
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
