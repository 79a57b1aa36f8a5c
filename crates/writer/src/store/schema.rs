//! The schema and its history: numbered steps, each only adding to the one before.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{OpenError, StoreError};

/// Marks the file as ours (`PRAGMA application_id`): "ntrm".
const APPLICATION_ID: i64 = 0x6e74_726d;

/// Step n makes schema n + 1 of schema n. A step that has been released is never edited.
pub(crate) const STEPS: &[&str] = &[include_str!("schema/1.sql")];

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
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
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
    fn a_store_of_a_newer_release_is_refused() {
        let mut store = Connection::open_in_memory().unwrap();
        migrate(&mut store, Path::new("store")).unwrap();
        store.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut store, Path::new("store")).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    }

    #[test]
    fn a_database_of_somebody_else_is_refused() {
        let mut store = Connection::open_in_memory().unwrap();
        store.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let error = migrate(&mut store, Path::new("store")).unwrap_err();
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    }
}
