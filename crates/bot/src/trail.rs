//! Refusals that the bot decides itself, for the audit trail. The writer records its own.

use interfaces::audit::Record;
use interfaces::configs::{Author, Origin};

use crate::send::Stopping;
use crate::storage::Storage;
use crate::talk::Talk;

/// Bytes of a kind's name that the trail takes.
const NAME: usize = 64;

/// A person at Telegram.
pub(crate) fn person(user: i64, name: &str) -> Author {
    Author { origin: Origin::Telegram, id: user, name: name.to_owned() }
}

/// Who was refused what, and why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused<'a> {
    /// The verb.
    pub(crate) action: &'a str,
    /// The kind's name.
    pub(crate) kind: Option<&'a str>,
    /// What else there is to say of it.
    pub(crate) about: Option<&'a str>,
    /// A fixed word or two.
    pub(crate) reason: &'a str,
}

/// Records a refusal; recording it again, after a restart, does nothing. One that cannot be recorded for another reason than that
/// the writer is away is logged: whoever was refused is told all the same.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn record(
    storage: &Storage,
    actor: Author,
    refused: Refused<'_>,
    request_id: String,
) -> Result<(), Stopping> {
    let Refused { action, kind, about, reason } = refused;
    let [kind, about] = [kind, about].map(|word| word.map(str::to_owned));
    let call = Record { actor, action: action.to_owned(), kind, about, reason: reason.to_owned(), request_id };
    if let Err(no) = storage.ask("recording a refusal", || storage.audit.record(&call)).await? {
        tracing::error!("a refusal was not recorded: {no:?}");
    }
    Ok(())
}

/// Records what somebody with a role was refused by the bot itself. What the writer refuses it records under the same id, so that
/// a refusal that both know of is one.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn refused(talk: &Talk<'_>, action: &str, kind: Option<&str>, reason: &str) -> Result<(), Stopping> {
    // As it was named: nobody has looked whether there is one.
    let kind = kind.map(|kind| &kind[..kind.floor_char_boundary(NAME)]).filter(|kind| !kind.is_empty());
    let refused = Refused { action, kind, about: None, reason };
    record(&talk.desk.storage, talk.author(), refused, talk.request(action)).await
}
