//! `/set_<kind>`: opens the dialogue in which a new version is sent.
//!
//! The version that stands at this moment is remembered as the new one's base, so that an upload can be told from one that
//! would silently replace somebody else's. Sending the command again begins anew, on top of what stands then.

use interfaces::admins::Role;
use interfaces::configs::Version;
use interfaces::dialogues;

use super::answers::{newest, permitted, refused};
use crate::dialogues::Dialogue;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Text, Value};
use crate::upload::conflict;

pub(super) async fn run(talk: &Talk<'_>, kind: &Known) -> Result<(), Stopping> {
    if !permitted(talk, None, Needs::Of(kind, Role::Admin), "put").await? {
        return Ok(());
    }
    let current = match newest(talk, kind, None).await? {
        Ok(current) => current,
        Err(no) => return refused(talk, None, kind, no).await,
    };
    let left = talk.place().dialogue(&talk.desk.storage).await?;
    let base = current.as_ref().map_or(0, |version| version.version);
    let dialogue = Dialogue::Document { kind: kind.name.clone(), base };
    let begun = talk.place().begin(&talk.desk.storage, &dialogue, talk.request("set"), Some(talk.update)).await?;
    match begun {
        Ok(()) => {
            if let Ok(Some(Dialogue::Conflict(conflict))) = left {
                conflict::leave(talk, &conflict).await?;
            }
            talk.say(&prompt(kind, current.as_ref())).await
        }
        // Begun by the process that was killed, on top of a version that has been replaced since.
        Err(No::Said(dialogues::Error::RequestReused { .. })) if talk.settled_meanwhile().await?.is_some() => {
            tell(talk, kind).await
        }
        Err(no) => talk.say_broken(&format!("{no:?}")).await,
    }
}

/// Asks for the document after a restart: the dialogue stands, and names the base that the admin is to be told.
pub(super) async fn tell(talk: &Talk<'_>, kind: &Known) -> Result<(), Stopping> {
    let base = match talk.place().dialogue(&talk.desk.storage).await? {
        Ok(Some(Dialogue::Document { kind: remembered, base })) if remembered == kind.name => base,
        // Replaced since by a later command, which answers for itself.
        Ok(_) => return Ok(()),
        Err(no) => return talk.say_broken(&format!("{no:?}")).await,
    };
    match newest(talk, kind, Some(base + 1)).await? {
        Ok(version) => talk.say(&prompt(kind, version.as_ref())).await,
        Err(no) => refused(talk, None, kind, no).await,
    }
}

fn prompt(kind: &Known, current: Option<&Version>) -> Text {
    match current {
        None => Text::set_asked_first(&kind.file),
        Some(version) => Text::set_asked(&kind.file, version.version, &version.author, Value::at_ms(version.saved_ms)),
    }
}
