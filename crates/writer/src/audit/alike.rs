//! Making one line of refusals that are alike, once they are old: whoever is refused without end, as a stranger who goes on writing,
//! has each of them in the trail for a while, and then one line for a day with their number. Nothing is left out of that number.

use std::collections::BTreeMap;

use rusqlite::Row;

use crate::store::{Store, StoreError, Transaction};

/// A day, by UTC, as [`FIND`] has it.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Refusals looked for at once.
const FOUND: i64 = 10_000;
/// Of them, counted in one transaction: so few that nobody else notices.
const BITE: usize = 100;

/// A refusal that is to be counted with a later one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Alike {
    seq: i64,
    with: i64,
}

/// Makes one line of refusals of a day that are alike, of all days that were over at `before_ms`.
pub(crate) async fn count(store: &Store, before_ms: i64) -> Result<(), StoreError> {
    let midnight = before_ms - before_ms.rem_euclid(DAY_MS);
    loop {
        let alike = |row: &Row<'_>| Ok(Alike { seq: row.get(0)?, with: row.get(1)? });
        let found = store.read(move |view| view.all(FIND, (midnight, FOUND), alike)).await?;
        if found.is_empty() {
            return Ok(());
        }
        for bite in found.chunks(BITE).map(<[Alike]>::to_vec) {
            store.write(move |transaction| merge(transaction, &bite)).await?;
        }
    }
}

/// At most `?2` refusals from before `?1`, the oldest first, each with the last one of its day that differs from it only in its time.
pub(super) const FIND: &str = "SELECT seq, last FROM (
  SELECT seq, (
    SELECT seq FROM audit AS other
    WHERE outcome = 'refused' AND actor_origin = one.actor_origin AND actor_id = one.actor_id
      AND action = one.action AND reason = one.reason
      AND kind IS one.kind AND version IS one.version AND about IS one.about
      AND at_ms BETWEEN one.at_ms AND one.at_ms - one.at_ms % 86400000 + 86400000 - 1
    ORDER BY at_ms DESC, seq DESC LIMIT 1
  ) AS last
  FROM audit AS one WHERE outcome = 'refused' AND at_ms < ?1 ORDER BY at_ms
) WHERE seq <> last LIMIT ?2";

/// Counts each with the later one, in whose line it stands from now on.
fn merge(transaction: &Transaction<'_>, alike: &[Alike]) -> Result<(), StoreError> {
    // How many come to a line, and when the first of them was.
    let mut more: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for Alike { seq, with } in alike {
        let sql = "DELETE FROM audit WHERE seq = ?1 RETURNING times, coalesce(first_ms, at_ms)";
        for (times, first_ms) in transaction.all(sql, (seq,), |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))? {
            let (sum, earliest) = more.entry(*with).or_insert((0, first_ms));
            (*sum, *earliest) = (*sum + times, first_ms.min(*earliest));
        }
    }
    for (with, (times, first_ms)) in more {
        let sql = "UPDATE audit SET times = times + ?2, first_ms = min(coalesce(first_ms, at_ms), ?3) WHERE seq = ?1";
        transaction.execute(sql, (with, times, first_ms))?;
    }
    Ok(())
}
