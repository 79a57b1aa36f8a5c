//! Request ids: asking twice is harmless.
//!
//! The reply of a call that had an effect is kept under its request id, in the effect's own transaction. Asking again returns
//! it without doing anything. What had no effect is not kept: a refusal (invalid, conflict, disk full) may turn out
//! differently the next time, and the same id may then be used again, even with other parameters. (Not for a pairing code: a wrong one
//! stays wrong.)

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::store::{Snapshot, StoreError, Transaction};

/// How long replies are kept: longer than any caller tries again.
pub(crate) const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Bytes of a request id at most.
pub(crate) const ID_BYTES: usize = 200;

/// One call, as far as it can be told from others.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    id: String,
    method: &'static str,
    fingerprint: [u8; 32],
}

/// Why a call's request id cannot stand for it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// It belonged to a different request.
    #[error("request id {0} belonged to a different request")]
    Reused(String),
    /// It is empty, too long, or the parameters cannot be fingerprinted.
    #[error("request id is empty or longer than {ID_BYTES} bytes")]
    Malformed,
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Request {
    /// `method` is the full name; `parameters` are all parameters, the id included.
    ///
    /// # Errors
    /// [`RequestError::Malformed`].
    pub(crate) fn new(id: &str, method: &'static str, parameters: &impl Serialize) -> Result<Self, RequestError> {
        if id.is_empty() || id.len() > ID_BYTES {
            return Err(RequestError::Malformed);
        }
        let parameters = serde_json::to_vec(parameters).map_err(|_| RequestError::Malformed)?;
        Ok(Self { id: id.to_owned(), method, fingerprint: Sha256::digest(parameters).into() })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The reply that was given to this request before, if it was.
    ///
    /// # Errors
    /// [`RequestError::Reused`] where the id stood for another call.
    pub(crate) fn answered<R: DeserializeOwned>(&self, view: &Snapshot<'_>) -> Result<Option<R>, RequestError> {
        let sql = "SELECT method, fingerprint, reply FROM requests WHERE request_id = ?1";
        let found = view.first(sql, [&self.id], |row| {
            let method: String = row.get(0)?;
            let fingerprint: [u8; 32] = row.get(1)?;
            let reply: String = row.get(2)?;
            Ok((method == self.method && fingerprint == self.fingerprint, reply))
        })?;
        match found {
            None => Ok(None),
            Some((false, _)) => Err(RequestError::Reused(self.id.clone())),
            Some((true, reply)) => {
                let reply = serde_json::from_str(&reply).map_err(|_| StoreError::Unreadable("a reply"))?;
                Ok(Some(reply))
            }
        }
    }

    /// Keeps the reply, in the transaction of the effect.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn remember(
        &self,
        transaction: &Transaction<'_>,
        reply: &impl Serialize,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let reply = serde_json::to_string(reply).map_err(|_| StoreError::Unreadable("a reply"))?;
        let sql = "INSERT INTO requests (request_id, method, fingerprint, reply, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
        transaction.execute(sql, (&self.id, self.method, self.fingerprint, reply, now_ms)).map(drop)
    }
}

/// Forgets at most `limit` replies given before `before_ms`, and tells how many. Those that are still the outcome of an update
/// whose sender has not been told stay.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn prune(transaction: &Transaction<'_>, before_ms: i64, limit: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM requests WHERE request_id IN (
        SELECT request_id FROM requests WHERE at_ms < ?1 AND NOT EXISTS (
            SELECT 1 FROM updates WHERE settled_by = requests.request_id AND state = 'applied')
        ORDER BY at_ms LIMIT ?2)";
    transaction.execute(sql, (before_ms, limit))
}
