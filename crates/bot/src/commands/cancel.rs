//! `/cancel`: ends the dialogue under way and says what was ended, or that nothing was.
//!
//! Updates of a chat are handled in order, so an upload that was sent before has its own answer by then.

use interfaces::dialogues::EndReply;
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use crate::dialogues::{self, Dialogue};
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    match talk.place().end(&talk.desk.storage, talk.request("cancel"), Some(talk.update)).await? {
        Ok(ended) => answer(talk, ended).await,
        Err(no) => talk.say_broken(&format!("{no:?}")).await,
    }
}

/// Answers from the outcome that stands since before a restart.
pub(super) async fn tell(talk: &Talk<'_>, outcome: &Outcome) -> Result<(), Stopping> {
    match EndReply::deserialize(&outcome.reply) {
        Ok(reply) => answer(talk, reply.ended.as_ref().and_then(dialogues::read)).await,
        Err(error) => talk.say_broken(&format!("the outcome of ending a dialogue: {error}")).await,
    }
}

async fn answer(talk: &Talk<'_>, ended: Option<Dialogue>) -> Result<(), Stopping> {
    match ended {
        None => talk.say(&Text::cancel_nothing()).await,
        Some(Dialogue::Document { kind, .. }) => {
            let file = talk.desk.registry.named(&kind).map_or(kind.as_str(), |known| &known.file);
            talk.say(&Text::cancelled(file)).await
        }
    }
}
