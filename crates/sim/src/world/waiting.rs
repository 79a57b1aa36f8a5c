//! Whether a condition that somebody waits for is true now.

use crate::control::{Author, CallView, Condition, Markup, MessagePattern, MessageView, Met, Revision};
use crate::world::chat::Kind;
use crate::world::{ChatKey, World};

impl World {
    /// What meets the condition, if anything does.
    pub(crate) fn meets(&self, condition: &Condition) -> Option<Met> {
        match condition {
            Condition::Message { user, chat, matching } => {
                let chat = self.chats.get(&self.awaited_chat(*user, *chat, matching.bot)?)?;
                let by_default = if matches!(chat.kind, Kind::Channel(_)) { Author::Channel } else { Author::Bot };
                let author = matching.author.unwrap_or(by_default);
                let mut views = chat.messages.values().rev().map(|message| message.view(&self.files));
                let message = views.find(|message| message.author == author && matches_pattern(message, matching))?;
                Some(Met::Message { message: Box::new(message) })
            }
            Condition::Answered { query_id } => {
                let query = self.query_view(query_id).filter(|query| query.answer.is_some())?;
                Some(Met::Answered { query })
            }
            Condition::Calls { method, at_least, status, after } => {
                let matching = |call: &&CallView| {
                    call.method.eq_ignore_ascii_case(method)
                        && call.moment > *after
                        && status.is_none_or(|status| call.status == Some(status))
                };
                let calls: Vec<CallView> = self.calls.iter().filter(matching).cloned().collect();
                (calls.len() >= *at_least).then_some(Met::Calls { calls })
            }
            Condition::Confirmed { bot } => {
                let bot = self.bots.get(&bot.or_else(|| self.default_bot())?)?;
                (bot.queue.len() == 0).then_some(Met::True)
            }
            Condition::Polling { bot } => {
                let bot = self.bots.get(&bot.or_else(|| self.default_bot())?)?;
                let connected = self.pollers.values().any(|poller| poller.bot == bot.id);
                (connected && bot.polling.is_waiting()).then_some(Met::True)
            }
        }
    }
}

impl World {
    /// The chat in which a message is waited for.
    pub(crate) fn awaited_chat(&self, user: Option<i64>, chat: Option<i64>, bot: Option<i64>) -> Option<ChatKey> {
        match (chat, user) {
            (Some(chat), _) => Some(ChatKey::Shared(chat)),
            (None, Some(user)) => Some(ChatKey::Private { bot: bot.or_else(|| self.default_bot())?, user }),
            (None, None) => None,
        }
    }
}

fn matches_pattern(message: &MessageView, pattern: &MessagePattern) -> bool {
    let named = |file: &String| message.file.as_ref().is_some_and(|found| found.name == *file);
    let shown = |revision: &Revision| {
        revision.moment > pattern.after
            && pattern.contains.as_ref().is_none_or(|text| revision.text.text.contains(text.as_str()))
            && pattern.button.as_ref().is_none_or(|button| has_button(revision.markup.as_ref(), button))
    };
    let first = if pattern.ever { 0 } else { message.history.len().saturating_sub(1) };
    pattern.message_id.is_none_or(|id| id == message.message_id)
        && pattern.from.is_none_or(|from| from == message.from)
        && message.deleted == pattern.deleted
        && pattern.file.as_ref().is_none_or(named)
        && message.history[first..].iter().any(shown)
}

/// Whether a keyboard has a button that says this, or a part of it.
fn has_button(markup: Option<&Markup>, text: &str) -> bool {
    match markup {
        Some(Markup::Inline(rows)) => rows.iter().flatten().any(|button| button.text.contains(text)),
        Some(Markup::Keyboard { rows, .. }) => rows.iter().flatten().any(|button| button.contains(text)),
        _ => false,
    }
}
