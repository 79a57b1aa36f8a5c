//! A press of a button under one of our messages.
//!
//! A press is an update like others: kept before it is confirmed, handled in its chat's order, settled by its effect. Besides,
//! Telegram shows that the button works until the press is answered, so every one is, with what is true at that moment; one
//! that comes too late for that is no error.

use interfaces::inbox::Outcome;
use teloxide::types::{CallbackQuery, CallbackQueryId, MessageId};

use crate::buttons::Button;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

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

    /// Answers with a sentence that is shown for a moment.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn answer(&self, talk: &Talk<'_>, text: &Text) -> Result<(), Stopping> {
        talk.desk.outgoing.answer(&self.query, Some(&fitting(&text.say(talk.language))), false).await
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
        Some(
            Button::Cancel { .. }
            | Button::Overwrite { .. }
            | Button::Theirs { .. }
            | Button::Rollback { .. }
            | Button::History { .. }
            | Button::Approve { .. }
            | Button::Decline { .. }
            | Button::Adopt { .. }
            | Button::Restore { .. }
            | Button::Invite { .. }
            | Button::Remove { .. }
            | Button::Audit { .. },
        )
        | None => press.alert(talk, &Text::press_unknown()).await,
    }
}

/// Answers a press whose effect stands since before a restart.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn tell(talk: &Talk<'_>, press: &Press, outcome: &Outcome) -> Result<(), Stopping> {
    tracing::error!("{} settled a press that has no effect", outcome.method);
    run(talk, press).await
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
