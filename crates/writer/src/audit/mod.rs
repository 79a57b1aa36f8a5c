//! The audit trail: every change in the transaction of the change, every refusal in one of its own. Rows are only added.

use interfaces::audit::Outcome;
use interfaces::configs::{Author, Origin};

use crate::store::{StoreError, Transaction};

/// One line of it.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) actor: &'a Author,
    /// The verb, as the interface has it, in lower case: `put`.
    pub(crate) action: &'static str,
    pub(crate) kind: Option<&'a str>,
    pub(crate) version: Option<i64>,
    pub(crate) about: Option<&'a str>,
    /// `Err`: it was refused, and why, in a word or two.
    pub(crate) outcome: Result<(), &'a str>,
    pub(crate) request_id: Option<&'a str>,
}

/// Adds a line. The same request, action and outcome again add nothing.
pub(crate) fn record(transaction: &Transaction<'_>, line: &Line<'_>, now_ms: i64) -> Result<(), StoreError> {
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
    transaction.execute(sql, params).map(drop)
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
