//! What the writer is asked about an upload: to save it, or to propose it, how far that is, and to settle it that nothing is saved.
//!
//! All name the same request id, so that whichever comes first, saving or settling, makes the other one without effect.

use std::time::Duration;

use interfaces::configs::{Cancel, CancelReply, Error, Progress, ProgressReply, Propose, Put, Step};

use super::Upload;
use super::machine::{Answer, Event, Settled};
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;

/// How long the writer may say nothing about a request before the admin is told so.
const SILENCE: Duration = Duration::from_secs(3);
/// How soon it is asked how far a request is.
const SOON: Duration = Duration::from_millis(150);
/// Between attempts to settle it while the store takes nothing.
const AGAIN: Duration = Duration::from_secs(1);
/// How often saving and proposing may refer to each other. It takes another version, or other settings, between two calls.
const TURNS: usize = 8;

/// The request id of the upload that came with this talk's update.
fn request(talk: &Talk<'_>) -> String {
    talk.request("put")
}

/// Asks the writer to save `content`, or to propose it where the kind wants that. Whichever is not the one to ask for, the other
/// is: what needs approval cannot be saved, and what is the current version already cannot be proposed.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn save(talk: &Talk<'_>, upload: &Upload<'_>, content: String) -> Result<Event, Stopping> {
    let mut proposes = upload.kind.approval;
    for _ in 0..TURNS {
        let answer = match proposes {
            true => propose(talk, upload, &content).await?,
            false => put(talk, upload, &content).await?,
        };
        if let Some(answer) = answer {
            return Ok(Event::Answered(answer));
        }
        proposes = !proposes;
    }
    Ok(Event::Answered(Answer::Broke))
}

/// None: it needs the approval of a second admin.
async fn put(talk: &Talk<'_>, upload: &Upload<'_>, content: &str) -> Result<Option<Answer>, Stopping> {
    let call = Put {
        kind: upload.kind.name.clone(),
        content: content.to_owned(),
        base: upload.base,
        over: upload.over.clone(),
        author: talk.author(),
        request_id: request(talk),
        settles: Some(talk.settlement_of_dialogue(talk.update)),
    };
    let storage = &talk.desk.storage;
    Ok(match storage.ask("saving a config", || storage.configs.put(&call)).await? {
        Ok(reply) => Some(Answer::Saved(reply)),
        Err(no) => refused(no),
    })
}

/// None: it is the current version already.
async fn propose(talk: &Talk<'_>, upload: &Upload<'_>, content: &str) -> Result<Option<Answer>, Stopping> {
    let call = Propose {
        kind: upload.kind.name.clone(),
        content: content.to_owned(),
        base: upload.base,
        restores: None,
        author: talk.author(),
        request_id: request(talk),
        settles: Some(talk.settlement_of_dialogue(talk.update)),
    };
    let storage = &talk.desk.storage;
    Ok(match storage.ask("proposing a config", || storage.configs.propose(&call)).await? {
        Ok(reply) => Some(Answer::Proposed(reply.proposal)),
        Err(no) => refused(no),
    })
}

fn refused(no: No<Error>) -> Option<Answer> {
    Some(match no {
        No::Said(Error::ApprovalRequired { .. } | Error::Unchanged { .. }) => return None,
        No::Said(Error::Invalid { problems, .. }) => Answer::Invalid(problems.into()),
        No::Said(Error::Conflict { current, .. }) => Answer::Conflict(current),
        No::Said(Error::ChangedByHand { by_hand, .. }) => Answer::ChangedByHand(by_hand),
        No::Said(Error::Forbidden { .. }) => Answer::Forbidden,
        No::Said(Error::NotSaved { reason, .. }) => Answer::NotSaved(reason),
        No::Said(Error::NoSuchKind { .. }) => Answer::NoSuchKind,
        No::Said(Error::Cancelled { .. }) => Answer::Cancelled,
        no => {
            tracing::error!("saving a config: {no:?}");
            Answer::Broke
        }
    })
}

/// Asks the writer how far the request to save is, once that is another step than `since`. The first question is not asked at
/// once: mostly the request is answered before.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn follow(talk: &Talk<'_>, since: Option<Step>) -> Result<Event, Stopping> {
    let call = Progress { request_id: request(talk), since };
    let storage = &talk.desk.storage;
    let reached = async {
        if since.is_none() {
            talk.desk.outgoing.sleep(SOON).await?;
        }
        loop {
            match storage.ask("asking how far an upload is", || storage.configs.progress(&call)).await? {
                Ok(ProgressReply { step: Some(step) }) => return Ok(Event::Reached(step)),
                // It has not arrived there, or its answer is on its way.
                Ok(ProgressReply { step: None }) => talk.desk.outgoing.sleep(SOON).await?,
                // One that does not know the question says as little as a silent one.
                Err(_) => std::future::pending().await,
            }
        }
    };
    match tokio::time::timeout(SILENCE, reached).await {
        Ok(reached) => reached,
        Err(_) => Ok(Event::WriterSilent),
    }
}

/// Has the writer settle it that nothing is saved, or say what was. `canceller` is the update that cancelled, if one did: it and
/// the upload's own are settled then, and the dialogue ends.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn settle(talk: &Talk<'_>, canceller: Option<i64>) -> Result<Event, Stopping> {
    let both = |canceller| [talk.update, canceller].map(|update| talk.settlement_of_dialogue(update)).to_vec();
    let call = Cancel { request_id: request(talk), settles: canceller.map(both).unwrap_or_default() };
    let storage = &talk.desk.storage;
    loop {
        match storage.ask("settling an upload", || storage.configs.cancel(&call)).await? {
            Ok(reply) => return Ok(Event::Settled(settled(reply))),
            Err(No::Said(Error::NotSaved { reason, .. })) => {
                tracing::debug!("an upload is not settled yet: {reason}");
                talk.desk.outgoing.sleep(AGAIN).await?;
            }
            Err(no) => {
                tracing::error!("settling an upload: {no:?}");
                return Ok(Event::Unsettled);
            }
        }
    }
}

/// What a reply to a cancel means.
pub(crate) fn settled(reply: CancelReply) -> Settled {
    match reply {
        CancelReply { saved: Some(version), unchanged, .. } => Settled::Saved { version, unchanged },
        CancelReply { proposed: Some(proposal), .. } => Settled::Proposed(proposal),
        CancelReply { .. } => Settled::Cancelled,
    }
}
