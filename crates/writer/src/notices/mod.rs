//! What people must be told though they did not ask: kept from the transaction of the effect on until they were told.

use interfaces::notices::Event;

use crate::store::{StoreError, Transaction};

/// Has `user` be told.
pub(crate) fn tell(transaction: &Transaction<'_>, user: i64, event: &Event, now_ms: i64) -> Result<(), StoreError> {
    let event = serde_json::to_string(event).map_err(|_| StoreError::Unreadable("a notice"))?;
    let sql = "INSERT INTO notices (user, at_ms, event) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, (user, now_ms, event)).map(drop)
}
