//! A press of a button under one of our messages.
//!
//! A press is an update like others: kept before it is confirmed, handled in its chat's order, settled by its effect. Besides,
//! Telegram shows that the button works until the press is answered, so every one is, with what is true at that moment; one
//! that comes too late for that is no error.

use interfaces::inbox::Outcome;
use teloxide::types::{CallbackQuery, CallbackQueryId, MessageId};

use super::by_hand::{self, Decision};
use super::{admins, audit, cancel, history, proposals, rollback};
use crate::buttons::Button;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;
use crate::upload::{self, conflict};

/// The most that an answer may hold, in characters (Bot API, `answerCallbackQuery`).
const ANSWER: usize = 200;

/// A press of a button in a private chat.
#[derive(Clone, Debug)]
pub(crate) struct Press {
    /// What is answered.
    pub(crate) query: CallbackQueryId,
    /// The message that has the button, or had it.
    pub(crate) message: MessageId,
    /// What stood behind the button.
    pub(crate) data: String,
}

impl Press {
    /// The press that a query is; none where it is about no message of ours.
    pub(crate) fn of(query: &CallbackQuery) -> Option<Self> {
        let message = query.message.as_ref()?.id();
        Some(Self { query: query.id.clone(), message, data: query.data.clone().unwrap_or_default() })
    }

    /// Answers with a sentence that stays until it is closed.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn alert(&self, talk: &Talk<'_>, text: &Text) -> Result<(), Stopping> {
        talk.desk.outgoing.answer(&self.query, Some(&fitting(&text.say(talk.language))), true).await
    }

    /// Answers without words: what is to be said stands in a message.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn silence(&self, talk: &Talk<'_>) -> Result<(), Stopping> {
        talk.desk.outgoing.answer(&self.query, None, false).await
    }
}

/// As much of an answer as Telegram shows.
pub(crate) fn fitting(text: &str) -> String {
    if text.chars().count() <= ANSWER {
        return text.to_owned();
    }
    text.chars().take(ANSWER - 1).chain(['…']).collect()
}

/// Does what a button says and answers.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn run(talk: &Talk<'_>, press: &Press) -> Result<(), Stopping> {
    match Button::parse(&press.data) {
        Some(Button::Rollback { kind, to, base }) => rollback::press(talk, press, &kind, to, base).await,
        Some(Button::History { kind, before }) => history::press(talk, press, &kind, before).await,
        Some(Button::Proposals { before }) => proposals::run(talk, Some((press, before))).await,
        Some(Button::Approve { id }) => proposals::approve(talk, press, id).await,
        Some(Button::Decline { id }) => proposals::decline(talk, press, id).await,
        Some(Button::Adopt { kind, sha256 }) => {
            by_hand::press(talk, press, &kind, Some(&sha256), Decision::Adopt).await
        }
        Some(Button::Restore { kind, sha256 }) => {
            by_hand::press(talk, press, &kind, sha256.as_ref(), Decision::Restore).await
        }
        Some(Button::Invite { role }) => admins::invite(talk, press, role).await,
        Some(Button::Remove { user }) => admins::ask(talk, press, user).await,
        Some(Button::ReallyRemove { user }) => admins::remove(talk, Some(press), user, None).await,
        Some(Button::Admins) => admins::list(talk, Some(press)).await,
        Some(Button::Audit { before, kind }) => audit::press(talk, press, before, kind.as_ref()).await,
        Some(Button::Cancel { update }) => cancel::pressed(talk, press, update).await,
        Some(Button::Overwrite { update, version }) => conflict::overwrite(talk, press, update, version).await,
        Some(Button::Theirs { update }) => conflict::theirs(talk, press, update).await,
        None => press.alert(talk, &Text::press_unknown()).await,
    }
}

/// Answers a press whose effect stands since before a restart.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn tell(talk: &Talk<'_>, press: &Press, outcome: &Outcome) -> Result<(), Stopping> {
    match Button::parse(&press.data) {
        Some(Button::Rollback { kind, to, .. }) => rollback::tell(talk, press, &kind, to, outcome).await,
        Some(Button::Approve { id } | Button::Decline { id }) => proposals::tell(talk, press, id, outcome).await,
        Some(Button::Adopt { kind, .. }) => by_hand::tell(talk, press, &kind, Decision::Adopt, outcome).await,
        Some(Button::Restore { kind, .. }) => by_hand::tell(talk, press, &kind, Decision::Restore, outcome).await,
        Some(Button::Invite { role }) => admins::tell(talk, Some(press), Some(role), outcome).await,
        Some(Button::ReallyRemove { .. }) => admins::tell(talk, Some(press), None, outcome).await,
        Some(Button::Cancel { .. }) => cancel::tell_pressed(talk, press, outcome).await,
        Some(Button::Overwrite { .. }) => {
            press.silence(talk).await?;
            upload::tell(talk, outcome, Some(press.message)).await
        }
        _ => {
            tracing::error!("{} settled a press that has no effect", outcome.method);
            run(talk, press).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_telegram_shows() {
        assert_eq!(fitting("ё"), "ё");
        assert_eq!(fitting(&"ё".repeat(ANSWER)).chars().count(), ANSWER);
        let cut = fitting(&"ё".repeat(ANSWER + 1));
        assert!(cut.chars().count() == ANSWER && cut.ends_with('…'), "{cut}");
    }
}
