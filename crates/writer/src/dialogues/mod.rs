//! Dialogues: where each user's conversation with the bot stands. The state is the bot's own; it is kept, not read.

use interfaces::dialogues::{Dialogue, End, EndReply, Set, SetReply, Settlement};
use serde_json::Value;

use crate::clock::unix_ms;
use crate::inbox;
use crate::requests::{Request, RequestError};
use crate::store::{Store, StoreError, Transaction};

/// The dialogues. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Dialogues {
    store: Store,
}

impl Dialogues {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The dialogue of `user` in `chat`, if one is under way.
    pub(crate) async fn get(&self, bot: i64, chat: i64, user: i64) -> Result<Option<Dialogue>, StoreError> {
        let sql = "SELECT state, version, updated_ms FROM dialogues WHERE bot = ?1 AND chat = ?2 AND user = ?3";
        let found = self
            .store
            .read(move |view| {
                view.first(sql, (bot, chat, user), |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))
            })
            .await?;
        found
            .map(|(state, version, updated_ms)| Ok(Dialogue { state: parse(&state)?, version, updated_ms }))
            .transpose()
    }

    /// Begins a dialogue or moves it on.
    pub(crate) async fn set(&self, call: Set) -> Result<SetReply, RequestError> {
        let request = Request::new(&call.request_id, "io.natrium.Dialogues.Set", &call)?;
        let state = call.state.to_string();
        let now_ms = unix_ms();
        self.store
            .write(move |transaction| {
                if let Some(reply) = request.answered(transaction)? {
                    return Ok(reply);
                }
                let sql = "INSERT INTO dialogues (bot, chat, user, state, version, updated_ms)
                    VALUES (?1, ?2, ?3, ?4, 1, ?5) ON CONFLICT (bot, chat, user) DO UPDATE
                    SET state = excluded.state, version = version + 1, updated_ms = excluded.updated_ms
                    RETURNING version";
                let version =
                    transaction.first(sql, (call.bot, call.chat, call.user, state, now_ms), |row| row.get(0))?;
                let version = version.ok_or(StoreError::Unreadable("a dialogue"))?;
                let reply = SetReply { version };
                settle(transaction, &request, call.settles.as_ref(), &reply, now_ms)?;
                Ok(reply)
            })
            .await
    }

    /// Ends the dialogue and answers with the state it had.
    pub(crate) async fn end(&self, call: End) -> Result<EndReply, RequestError> {
        let request = Request::new(&call.request_id, "io.natrium.Dialogues.End", &call)?;
        let now_ms = unix_ms();
        self.store
            .write(move |transaction| {
                if let Some(reply) = request.answered(transaction)? {
                    return Ok(reply);
                }
                let ended = end(transaction, call.bot, call.chat, call.user)?;
                let reply = EndReply { ended: ended.as_deref().map(parse).transpose()? };
                settle(transaction, &request, call.settles.as_ref(), &reply, now_ms)?;
                Ok(reply)
            })
            .await
    }
}

/// Removes a dialogue, if one is under way, and answers with its state as JSON.
pub(crate) fn end(transaction: &Transaction<'_>, bot: i64, chat: i64, user: i64) -> Result<Option<String>, StoreError> {
    let sql = "DELETE FROM dialogues WHERE bot = ?1 AND chat = ?2 AND user = ?3 RETURNING state";
    transaction.first(sql, (bot, chat, user), |row| row.get(0))
}

fn settle(
    transaction: &Transaction<'_>,
    request: &Request,
    settles: Option<&Settlement>,
    reply: &impl serde::Serialize,
    now_ms: i64,
) -> Result<(), StoreError> {
    request.remember(transaction, reply, now_ms)?;
    match settles {
        Some(update) => inbox::settle(transaction, update.bot, update.update_id, request.id()),
        None => Ok(()),
    }
}

fn parse(state: &str) -> Result<Value, StoreError> {
    serde_json::from_str(state).map_err(|_| StoreError::Unreadable("a dialogue"))
}

#[cfg(test)]
mod tests;
