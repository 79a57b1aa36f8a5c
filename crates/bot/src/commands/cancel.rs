//! `/cancel`, and the button that does the same: ends what is under way and says what is true of it.
//!
//! An upload that is under way hears of it as soon as it arrives, settles it with the writer, and this update with it; then
//! what is answered here, when its turn has come, is that outcome. Otherwise the dialogue is ended here.

use interfaces::configs::CancelReply;
use interfaces::dialogues::EndReply;
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::press::Press;
use crate::dialogues::{self, Dialogue};
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;
use crate::upload::{self, conflict};

/// What came of cancelling.
enum Came {
    /// An upload was settled.
    Settled(Text),
    /// A dialogue has ended, or there was none.
    Ended(Option<Dialogue>),
}

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    // It may have been settled since it was read from the inbox, by the upload that it cancels.
    if let Some(outcome) = talk.settled_meanwhile().await? {
        return tell(talk, &outcome).await;
    }
    match end(talk).await? {
        Ok(came) => answer(talk, came).await,
        Err(why) => talk.say_broken(&why).await,
    }
}

/// Answers from the outcome that stands.
pub(super) async fn tell(talk: &Talk<'_>, outcome: &Outcome) -> Result<(), Stopping> {
    match came(talk, outcome) {
        Ok(came) => answer(talk, came).await,
        Err(why) => talk.say_broken(&why).await,
    }
}

/// A press of the button below an upload's progress, or below a question about a conflict. `update` is the one that the upload
/// came with, or that asked the question.
pub(super) async fn pressed(talk: &Talk<'_>, press: &Press, update: i64) -> Result<(), Stopping> {
    if let Some(outcome) = talk.settled_meanwhile().await? {
        return tell_pressed(talk, press, &outcome).await;
    }
    let asks = match talk.place().dialogue(&talk.desk.storage).await? {
        Ok(Some(Dialogue::Conflict(conflict))) => conflict.update == update,
        Ok(_) => false,
        Err(no) => return broken(talk, press, &format!("{no:?}")).await,
    };
    if !asks {
        // It has ended, and its message says how.
        return press.alert(talk, &Text::press_over()).await;
    }
    match end(talk).await? {
        Ok(came) => answer_press(talk, press, came).await,
        Err(why) => broken(talk, press, &why).await,
    }
}

/// Answers a press from the outcome that stands.
pub(super) async fn tell_pressed(talk: &Talk<'_>, press: &Press, outcome: &Outcome) -> Result<(), Stopping> {
    match came(talk, outcome) {
        Ok(came) => answer_press(talk, press, came).await,
        Err(why) => broken(talk, press, &why).await,
    }
}

async fn end(talk: &Talk<'_>) -> Result<Result<Came, String>, Stopping> {
    let ended = talk.place().end(&talk.desk.storage, talk.request("cancel"), Some(talk.update)).await?;
    Ok(ended.map(Came::Ended).map_err(|no| format!("{no:?}")))
}

fn came(talk: &Talk<'_>, outcome: &Outcome) -> Result<Came, String> {
    let came = match outcome.method.as_str() {
        "io.natrium.Configs.Cancel" => {
            CancelReply::deserialize(&outcome.reply).map(|reply| Came::Settled(upload::settled(reply).text(talk)))
        }
        _ => EndReply::deserialize(&outcome.reply)
            .map(|reply| Came::Ended(reply.ended.as_ref().and_then(dialogues::read))),
    };
    came.map_err(|error| format!("the outcome of cancelling: {error}"))
}

async fn answer(talk: &Talk<'_>, came: Came) -> Result<(), Stopping> {
    match came {
        Came::Settled(text) => talk.say(&text).await,
        Came::Ended(None) => talk.say(&Text::cancel_nothing()).await,
        Came::Ended(Some(dialogue)) => {
            if let Dialogue::Conflict(conflict) = &dialogue {
                conflict::leave(talk, conflict).await?;
            }
            talk.say(&cancelled(talk, dialogue.kind())).await
        }
    }
}

async fn answer_press(talk: &Talk<'_>, press: &Press, came: Came) -> Result<(), Stopping> {
    let text = match came {
        Came::Settled(text) => text,
        Came::Ended(None) => Text::press_over(),
        Came::Ended(Some(dialogue)) => {
            if matches!(dialogue, Dialogue::Conflict(_)) {
                conflict::shut(talk, dialogue.kind(), press.message).await?;
            }
            cancelled(talk, dialogue.kind())
        }
    };
    press.alert(talk, &text).await
}

fn cancelled(talk: &Talk<'_>, kind: &str) -> Text {
    Text::cancelled(talk.desk.registry.named(kind).map_or(kind, |known| &known.file))
}

async fn broken(talk: &Talk<'_>, press: &Press, why: &str) -> Result<(), Stopping> {
    tracing::error!("a press could not be answered: {why}");
    press.alert(talk, &Text::failed_command(talk.request_id())).await
}
