//! The schema and its history: numbered steps, each only adding to the one before (or allowing more than it).
//!
//! So the program of the release before still works with a store that a newer one has migrated, as it has to when a deploy is
//! rolled back. A step that does more than add must say so: it raises `compatibility.since`, the oldest schema whose programs may
//! open the store.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{OpenError, StoreError};

/// Marks the file as ours (`PRAGMA application_id`): "ntrm".
const APPLICATION_ID: i64 = 0x6e74_726d;

/// Step n makes schema n + 1 of schema n. A step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
];

/// The newest schema.
#[allow(clippy::cast_possible_wrap, reason = "there are not that many")]
pub(crate) const KNOWN: i64 = STEPS.len() as i64;

/// Brings the store to the newest schema.
///
/// # Errors
/// [`OpenError`]: the file is not ours, is from a newer release, or cannot be written.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    migrate_to(connection, path, STEPS)
}

fn migrate_to(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::Store { path: path.to_owned(), source: StoreError::from(error) };
    let application = pragma(connection, "application_id").map_err(failed)?;
    let found = pragma(connection, "user_version").map_err(failed)?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        let since = compatible_since(connection).map_err(failed)?;
        if application != APPLICATION_ID || since.is_none_or(|since| since > known) {
            return Err(OpenError::Newer { path: path.to_owned(), found, known });
        }
        tracing::info!(found, known, "the store is of a newer release, and this one may work with it");
        return Ok(());
    }
    let done = usize::try_from(found).map_err(|_| OpenError::Foreign { path: path.to_owned() })?;
    if application != APPLICATION_ID && !(application == 0 && done == 0 && is_empty(connection).map_err(failed)?) {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    for (schema, sql) in (1_i64..).zip(steps).skip(done) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(sql).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", schema).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        tracing::info!(schema, "store migrated");
    }
    Ok(())
}

/// The oldest schema whose programs may work with the store; nothing where it does not say so.
pub(super) fn compatible_since(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let says: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'compatibility')",
        [],
        |row| row.get(0),
    )?;
    if says { connection.query_row("SELECT max(since) FROM compatibility", [], |row| row.get(0)) } else { Ok(None) }
}

/// The schema of a store of ours, whether we know it or not; 0 where nothing is in it.
pub(super) fn of(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let failed = |error: rusqlite::Error| match StoreError::from(error) {
        StoreError::Damaged(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            OpenError::Foreign { path: path.to_owned() }
        }
        source => OpenError::Store { path: path.to_owned(), source },
    };
    let application = pragma(connection, "application_id").map_err(failed)?;
    let found = pragma(connection, "user_version").map_err(failed)?;
    let is_new = application == 0 && found == 0 && is_empty(connection).map_err(failed)?;
    if application == APPLICATION_ID && found >= 1 || is_new {
        Ok(found)
    } else {
        Err(OpenError::Foreign { path: path.to_owned() })
    }
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_older_schema_becomes_the_newest_and_keeps_its_rows() {
        let path = Path::new("store");
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, path).unwrap();
        for older in 0..=STEPS.len() {
            let mut store = Connection::open_in_memory().unwrap();
            migrate_to(&mut store, path, &STEPS[..older]).unwrap();
            if older >= 1 {
                store
                    .execute_batch("INSERT INTO dialogues (bot, chat, user, state, version, updated_ms) VALUES (1, 2, 3, '{}', 4, 5)")
                    .unwrap();
            }
            migrate(&mut store, path).unwrap();
            assert_eq!(tables(&store), tables(&fresh), "from schema {older}");
            let rows: i64 = store.query_row("SELECT count(*) FROM dialogues", [], |row| row.get(0)).unwrap();
            assert_eq!(rows, i64::from(older >= 1), "from schema {older}");
            let damage: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(damage, "ok");
        }
    }

    #[test]
    fn every_table_is_strict() {
        let mut store = Connection::open_in_memory().unwrap();
        migrate(&mut store, Path::new("store")).unwrap();
        let loose: i64 = store
            .query_row("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0", [], |row| row.get(0))
            .unwrap();
        assert_eq!(loose, 0);
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_before_it() {
        let path = Path::new("store");
        let mut store = Connection::open_in_memory().unwrap();
        let steps = [STEPS[0], "CREATE TABLE added (a INTEGER) STRICT; CREATE TABLE added (a INTEGER) STRICT;"];
        migrate_to(&mut store, path, &steps).unwrap_err();
        assert_eq!(pragma(&store, "user_version").unwrap(), 1);
        assert!(!tables(&store).iter().any(|sql| sql.contains("added")));
        migrate_to(&mut store, path, &[STEPS[0], "CREATE TABLE added (a INTEGER) STRICT;"]).unwrap();
        assert_eq!(pragma(&store, "user_version").unwrap(), 2);
    }

    #[test]
    fn a_store_of_a_newer_release_is_opened_if_that_only_added_to_it() {
        let path = Path::new("store");
        let mut store = Connection::open_in_memory().unwrap();
        migrate(&mut store, path).unwrap();
        let (next, known) = (STEPS.len() + 1, i64::try_from(STEPS.len()).unwrap());
        let adds =
            [STEPS, &["ALTER TABLE dialogues ADD COLUMN mood TEXT; CREATE TABLE moods (name TEXT) STRICT;"]].concat();
        migrate_to(&mut store, path, &adds).unwrap();
        let found = tables(&store);
        migrate(&mut store, path).unwrap();
        assert_eq!(tables(&store), found, "it is left as it is");
        assert_eq!(pragma(&store, "user_version").unwrap(), i64::try_from(next).unwrap());

        let newest = i64::try_from(STEPS.len() + 2).unwrap();
        let breaks_it = format!("UPDATE compatibility SET since = {newest}; DROP TABLE dialogues;");
        let breaks = [&adds[..], &[&breaks_it]].concat();
        migrate_to(&mut store, path, &breaks).unwrap();
        migrate_to(&mut store, path, &adds).unwrap_err();
        let error = migrate(&mut store, path).unwrap_err();
        assert!(
            matches!(error, OpenError::Newer { found, known: told, .. } if (found, told) == (newest, known)),
            "{error}"
        );
    }

    #[test]
    fn a_newer_store_that_says_nothing_is_refused() {
        let mut store = Connection::open_in_memory().unwrap();
        migrate_to(&mut store, Path::new("store"), &STEPS[..1]).unwrap();
        store.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut store, Path::new("store")).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    }

    /// Name, type, whether it must be given a value, and the default of each column.
    fn columns(connection: &Connection, table: &str) -> Vec<(String, String, bool, bool)> {
        let mut statement = connection
            .prepare("SELECT name, type, \"notnull\", dflt_value IS NOT NULL FROM pragma_table_xinfo(?1)")
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        statement.query_map([table], row).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_the_release_before_writes_and_reads_is_there_after_every_step() {
        for step in 1..STEPS.len() {
            let (mut before, mut after) =
                (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
            migrate_to(&mut before, Path::new("store"), &STEPS[..step]).unwrap();
            migrate_to(&mut after, Path::new("store"), &STEPS[..=step]).unwrap();
            if compatible_since(&after).unwrap() == Some(i64::try_from(step + 1).unwrap()) {
                continue;
            }
            let mut names = before.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
            for table in names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap) {
                let (old, new) = (columns(&before, &table), columns(&after, &table));
                assert_eq!(old, new[..old.len()], "step {}: {table}", step + 1);
                for (name, _, must, given) in &new[old.len()..] {
                    assert!(!must || *given, "step {}: {table}.{name} has no default", step + 1);
                }
            }
        }
    }

    #[test]
    fn a_database_of_somebody_else_is_refused() {
        let mut store = Connection::open_in_memory().unwrap();
        store.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let error = migrate(&mut store, Path::new("store")).unwrap_err();
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    }
}
