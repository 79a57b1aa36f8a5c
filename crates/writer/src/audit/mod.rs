//! The audit trail: every change in the transaction of the change, every refusal in one of its own, or beside the store until that
//! takes it. Rows are only added, until old refusals that are alike become one ([`alike`]).

mod alike;
mod aside;
mod counted;
mod trail;

use interfaces::audit::{Entry, Outcome, Record};
use interfaces::configs::{Author, Origin};

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::inbox;
use crate::store::{Snapshot, StoreError, Transaction};

pub(crate) use alike::count as count_alike;
pub(crate) use aside::Aside;
pub(crate) use trail::{Trail, fold_alone};

/// The first schema that has it.
pub(crate) const SCHEMA: i64 = 3;
/// How long each refusal has a line of its own, though others are alike: as long as the update that it is about is kept.
pub(crate) const OWN_LINE_MS: i64 = inbox::KEPT_MS;
/// How long refusals are kept. Changes are never forgotten.
pub(crate) const REFUSALS_KEPT_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// One line of it.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) actor: &'a Author,
    /// The verb, as the interface has it, in lower case: `put`.
    pub(crate) action: &'a str,
    pub(crate) kind: Option<&'a str>,
    pub(crate) version: Option<i64>,
    pub(crate) about: Option<&'a str>,
    /// `Err`: it was refused, and why, in a word or two.
    pub(crate) outcome: Result<(), &'a str>,
    pub(crate) request_id: Option<&'a str>,
}

/// The writer, where nobody else is who did it.
pub(crate) fn itself() -> Author {
    let id = i64::from(nix::unistd::geteuid().as_raw());
    Author { origin: Origin::Operator, id, name: "natrium-writer".to_owned() }
}

/// Adds a line. The same request of the same person about the same kind, with the same action and outcome, again adds nothing.
pub(crate) fn record(transaction: &Transaction<'_>, line: &Line<'_>, now_ms: i64) -> Result<(), StoreError> {
    add(transaction, line, now_ms).map(drop)
}

/// The same; answers whether it is new.
fn add(transaction: &Transaction<'_>, line: &Line<'_>, now_ms: i64) -> Result<bool, StoreError> {
    let outcome = if line.outcome.is_ok() { Outcome::Done } else { Outcome::Refused };
    let sql =
        "INSERT INTO audit (at_ms, actor_origin, actor_id, actor_name, action, kind, version, about, outcome, reason,
        request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING";
    let params = (
        now_ms,
        origin_name(line.actor.origin),
        line.actor.id,
        &line.actor.name,
        line.action,
        line.kind,
        line.version,
        line.about,
        outcome_name(outcome),
        line.outcome.err(),
        line.request_id,
    );
    transaction.execute(sql, params).map(|added| added > 0)
}

/// Forgets at most `limit` refusals from before `before_ms`, and tells how many.
pub(crate) fn prune(transaction: &Transaction<'_>, before_ms: i64, limit: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM audit WHERE seq IN (
        SELECT seq FROM audit WHERE outcome = 'refused' AND at_ms < ?1 ORDER BY at_ms LIMIT ?2)";
    transaction.execute(sql, (before_ms, limit))
}

/// A refusal on its way into the trail, from when it was decided.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Refusal {
    pub(crate) at_ms: i64,
    pub(crate) record: Record,
}

impl Refusal {
    /// Adds its line; answers whether it is new.
    fn keep(&self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        let Record { actor, action, kind, about, reason, request_id } = &self.record;
        let line = Line {
            actor,
            action,
            kind: kind.as_deref(),
            version: None,
            about: about.as_deref(),
            outcome: Err(reason),
            request_id: Some(request_id),
        };
        add(transaction, &line, self.at_ms)
    }

    /// Whether they have one line.
    fn is_same(&self, other: &Self) -> bool {
        let (one, other) = (&self.record, &other.record);
        let actor = |record: &Record| (record.actor.origin, record.actor.id);
        one.request_id == other.request_id
            && actor(one) == actor(other)
            && (&one.action, &one.kind, &one.reason) == (&other.action, &other.kind, &other.reason)
    }
}

/// Whether somebody's request was refused for this reason.
pub(crate) fn is_refused(
    view: &Snapshot<'_>,
    (actor, request_id): (&Author, &str),
    action: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM audit WHERE request_id = ?1 AND actor_origin = ?2 AND actor_id = ?3 AND action = ?4
        AND outcome = 'refused' AND reason = ?5";
    let params = (request_id, origin_name(actor.origin), actor.id, action, reason);
    view.first(sql, params, |_| Ok(())).map(|found| found.is_some())
}

fn list(
    view: &Snapshot<'_>,
    before: i64,
    limit: i64,
    kind: Option<&str>,
    user: Option<i64>,
) -> Result<Vec<Entry>, StoreError> {
    // An index of its own for each filter: a person's few lines are found among many.
    let filter = match (kind, user) {
        (None, None) => "?3 IS NULL AND ?4 IS NULL",
        (Some(_), None) => "kind = ?3 AND ?4 IS NULL",
        (None, Some(_)) => "?3 IS NULL AND actor_id = ?4 AND actor_origin = 'telegram'",
        (Some(_), Some(_)) => "+kind = ?3 AND actor_id = ?4 AND actor_origin = 'telegram'",
    };
    let sql = format!(
        "SELECT seq, at_ms, actor_origin, actor_id, actor_name, action, kind, version, about, outcome, reason, request_id,
          times, first_ms
        FROM audit WHERE seq < ?1 AND {filter} ORDER BY seq DESC LIMIT ?2"
    );
    view.all(&sql, (before, limit, kind, user), entry)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let origin = origin_of(&row.get::<_, String>(2)?);
    let outcome = if row.get::<_, String>(9)? == "done" { Outcome::Done } else { Outcome::Refused };
    Ok(Entry {
        seq: row.get(0)?,
        at_ms: row.get(1)?,
        actor: Author { origin, id: row.get(3)?, name: row.get(4)? },
        action: row.get(5)?,
        kind: row.get(6)?,
        version: row.get(7)?,
        about: row.get(8)?,
        outcome,
        reason: row.get(10)?,
        request_id: row.get(11)?,
        times: row.get(12)?,
        first_ms: row.get(13)?,
    })
}

/// The tables' own checks allow no other names.
pub(crate) fn origin_of(name: &str) -> Origin {
    match name {
        "telegram" => Origin::Telegram,
        "operator" => Origin::Operator,
        _ => Origin::File,
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Telegram => "telegram",
        Origin::Operator => "operator",
        Origin::File => "file",
    }
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    }
}

#[cfg(test)]
mod tests;
