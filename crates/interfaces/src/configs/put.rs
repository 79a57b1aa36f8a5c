//! What makes a version, or cancels that, and the update that is settled with it.

use serde::{Deserialize, Serialize};

use super::{Author, Proposal, Version};

/// The Telegram update that a call settles: it is marked as applied, with the call's reply as its outcome, in the transaction of
/// the call's own effect. A dialogue ends with it only where the call names one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "SettlementRaw", into = "SettlementRaw")]
pub struct Settlement {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
    /// The dialogue that ends. None: whatever is asked in the chat is still asked.
    pub ends: Option<DialogueOf>,
}

/// Whose dialogue, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DialogueOf {
    /// The chat.
    pub chat: i64,
    /// The user.
    pub user: i64,
}

/// A settlement as it is said.
#[derive(Deserialize, Serialize)]
struct SettlementRaw {
    bot: i64,
    update_id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<i64>,
}

/// A chat without a user, or a user without a chat, has no dialogue.
#[derive(Debug, thiserror::Error)]
#[error("chat and user name a dialogue together, or neither is there")]
struct HalfADialogue;

impl TryFrom<SettlementRaw> for Settlement {
    type Error = HalfADialogue;

    fn try_from(raw: SettlementRaw) -> Result<Self, HalfADialogue> {
        let ends = match (raw.chat, raw.user) {
            (Some(chat), Some(user)) => Some(DialogueOf { chat, user }),
            (None, None) => None,
            _ => return Err(HalfADialogue),
        };
        Ok(Self { bot: raw.bot, update_id: raw.update_id, ends })
    }
}

impl From<Settlement> for SettlementRaw {
    fn from(Settlement { bot, update_id, ends }: Settlement) -> Self {
        Self { bot, update_id, chat: ends.map(|of| of.chat), user: ends.map(|of| of.user) }
    }
}

/// Asks for a version to be saved and published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Put {
    /// The kind.
    pub kind: String,
    /// The document; it is kept and published exactly as it is.
    pub content: String,
    /// The version that the author had before him, 0 for none.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that the author has seen and means to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who brings it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The version is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PutReply {
    /// The version now current.
    pub version: Version,
    /// The content equalled the current version, and none was made.
    pub unchanged: bool,
    /// The file is in place.
    pub published: bool,
}

/// Asks for a version with the content of an older one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rollback {
    /// The kind.
    pub kind: String,
    /// The older version.
    pub to: i64,
    /// The version that the author had before him.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who rolls back.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Asks that a request has no effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cancel {
    /// The request to cancel, and this one: asking twice is harmless.
    pub request_id: String,
    /// The updates that this settles.
    pub settles: Vec<Settlement>,
}

/// What became of the request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CancelReply {
    /// It had no effect, and never will.
    pub cancelled: bool,
    /// The version that it had made, or had found to be current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Version>,
    /// That version was there before.
    pub unchanged: bool,
    /// The proposal that it had made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposal>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    /// A request is known again by its bytes: the same call, asked again by the next release, must be the same text.
    #[test]
    fn a_settlement_that_ends_a_dialogue_is_said_as_it_always_was() {
        let (bot, update_id) = (5, 77);
        let said = r#"{"bot":5,"update_id":77,"chat":6,"user":7}"#;
        let settlement = Settlement { bot, update_id, ends: Some(DialogueOf { chat: 6, user: 7 }) };
        assert_eq!(serde_json::to_string(&settlement).unwrap(), said);
        assert_eq!(serde_json::from_str::<Settlement>(said).unwrap(), settlement);

        let said = r#"{"bot":5,"update_id":77}"#;
        let settlement = Settlement { bot, update_id, ends: None };
        assert_eq!(serde_json::to_string(&settlement).unwrap(), said);
        assert_eq!(serde_json::from_str::<Settlement>(said).unwrap(), settlement);
    }

    #[test]
    fn half_a_dialogue_is_refused() {
        for said in [r#"{"bot":5,"update_id":77,"chat":6}"#, r#"{"bot":5,"update_id":77,"user":7}"#] {
            serde_json::from_str::<Settlement>(said).unwrap_err();
        }
    }
}
