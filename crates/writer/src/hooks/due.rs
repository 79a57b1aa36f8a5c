//! The table of hooks: for which version one is due, and how the last one ended.

use interfaces::admins::Role;
use interfaces::configs::{Author, Origin};
use interfaces::notices::Event;
use interfaces::supervisor::HookEnd;

use super::result::word;
use crate::admins::Admins;
use crate::audit::{self, Line};
use crate::clock::unix_ms;
use crate::notices;
use crate::store::{Snapshot, StoreError, Transaction};

/// That one is to be run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Due {
    pub(super) version: i64,
    /// Since when: the same version may become due again while it is run.
    since_ms: i64,
}

/// Whether one of the kind is due.
pub(super) fn of(view: &Snapshot<'_>, kind: &str) -> Result<Option<Due>, StoreError> {
    let sql = "SELECT version, at_ms FROM hooks WHERE kind = ?1 AND state = 'due'";
    view.first(sql, [kind], |row| Ok(Due { version: row.get(0)?, since_ms: row.get(1)? }))
}

/// What is due of other kinds than these is nobody's any more: when the settings want something run again, then after the next
/// version.
pub(super) fn forget_others(transaction: &Transaction<'_>, kinds: &[String]) -> Result<(), StoreError> {
    let due: Vec<String> = transaction.all("SELECT kind FROM hooks WHERE state = 'due'", [], |row| row.get(0))?;
    for kind in due.iter().filter(|kind| !kinds.contains(kind)) {
        transaction.execute("DELETE FROM hooks WHERE kind = ?1", [kind])?;
    }
    Ok(())
}

impl Due {
    /// It was run, and all is well.
    pub(super) fn succeeded(self, transaction: &Transaction<'_>, kind: &str) -> Result<(), StoreError> {
        self.ended(transaction, kind, "succeeded", None).map(drop)
    }

    /// It failed: written down, and told to whom it concerns, unless a newer one is due by now.
    pub(super) fn failed(
        self,
        transaction: &Transaction<'_>,
        admins: &Admins,
        kind: &str,
        end: HookEnd,
        reason: &str,
    ) -> Result<(), StoreError> {
        let now_ms = unix_ms();
        let newest = self.ended(transaction, kind, "failed", Some(reason))?;
        let author = author(transaction, kind, self.version)?;
        let line = Line {
            actor: &author,
            action: "run_hook",
            kind: Some(kind),
            version: Some(self.version),
            about: Some(reason),
            outcome: Err(word(end)),
            request_id: None,
        };
        audit::record(transaction, &line, now_ms)?;
        if newest {
            let event =
                Event::HookFailed { kind: kind.to_owned(), version: self.version, end, reason: reason.to_owned() };
            for user in concerned(transaction, admins, kind, &author)? {
                notices::tell(transaction, user, &event, now_ms)?;
            }
        }
        Ok(())
    }

    /// The settings want nothing run any more.
    pub(super) fn forget(self, transaction: &Transaction<'_>, kind: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM hooks WHERE kind = ?1 AND version = ?2 AND at_ms = ?3";
        transaction.execute(sql, (kind, self.version, self.since_ms)).map(drop)
    }

    /// Whether no other has become due meanwhile, which then is run next.
    fn ended(
        self,
        transaction: &Transaction<'_>,
        kind: &str,
        state: &str,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE hooks SET state = ?4, reason = ?5, at_ms = ?6
            WHERE kind = ?1 AND version = ?2 AND at_ms = ?3 AND state = 'due'";
        let changed = transaction.execute(sql, (kind, self.version, self.since_ms, state, reason, unix_ms()))?;
        Ok(changed == 1)
    }
}

/// Who brought the version.
fn author(view: &Snapshot<'_>, kind: &str, version: i64) -> Result<Author, StoreError> {
    let sql = "SELECT author_origin, author_id, author_name FROM versions WHERE kind = ?1 AND version = ?2";
    let author = view.first(sql, (kind, version), |row| {
        let origin = audit::origin_of(&row.get::<_, String>(0)?);
        Ok(Author { origin, id: row.get(1)?, name: row.get(2)? })
    })?;
    author.ok_or(StoreError::Unreadable("a version"))
}

/// Its author, if he still has to do with the kind, otherwise all who may change it.
fn concerned(view: &Snapshot<'_>, admins: &Admins, kind: &str, author: &Author) -> Result<Vec<i64>, StoreError> {
    if author.origin == Origin::Telegram && admins.role_for(view, author.id, kind)?.is_some() {
        return Ok(vec![author.id]);
    }
    admins.with_role(view, Role::Admin, kind)
}
