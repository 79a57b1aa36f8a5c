//! A store from a backup takes the present one's place.
//!
//! At every moment the state directory holds the old store whole or the new one whole: the new one is written beside the
//! old one, made durable and looked through, and one rename puts it in place. The old one is kept under a name that says
//! when. So are the old backups of published files, whose numbers the new history may give to other contents; what of them
//! belongs to the new store is made up for at the next start. Refusals that the old store had no room for become part of it before
//! it is kept, or are kept with it: in the new one's trail they would be of another history.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use interfaces::configs::Author;
use sha2::{Digest, Sha256};

use crate::audit::{self, Aside, fold_alone};
use crate::clock::unix_ms;
use crate::configs::{RESTORED, forget_files};
use crate::directories::Directories;
use crate::store::{KNOWN, OpenError, StoreError, Whole, hex};

/// The new store before it has its name.
const INCOMING: &str = ".restore.tmp";
const KEPT: &str = "store.before-restore-";

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    #[error("the backup's store did not arrive whole")]
    Short,
    #[error("the backup's store is not what its manifest says")]
    Other,
    #[error("the backup's store is not sound: {0}")]
    Unsound(String),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{step} {}: {source}", path.display())]
    Disk { step: &'static str, path: PathBuf, source: io::Error },
}

impl RestoreError {
    fn at(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { step, path, source }
    }
}

/// What is to become the store.
pub(crate) struct Incoming<'a> {
    pub(crate) content: &'a mut dyn Read,
    pub(crate) bytes: u64,
    pub(crate) sha256: &'a str,
    /// Distinguishes the names under which the old store and backups are kept.
    pub(crate) label: &'a str,
    /// Who restores it.
    pub(crate) by: &'a Author,
}

/// Puts the store in place; answers where the old one is kept, if there was one. `step` is told before each change of what
/// stands in the state directory, and may end it there as a crash would.
pub(crate) fn restore(
    directories: &Directories,
    incoming: Incoming<'_>,
    step: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> Result<Option<PathBuf>, RestoreError> {
    let (state, store) = (&directories.state, directories.store());
    let mut begin = |name: &'static str| step(name).map_err(RestoreError::at(name, state));
    let new = state.join(INCOMING);
    let (label, by) = (free_label(state, incoming.label), incoming.by);

    begin("writing the new store")?;
    let outcome = receive(&new, incoming).and_then(|()| examine(&new)).and_then(|()| note(&new, by));
    if let Err(error) = outcome {
        // Left behind, it would be removed by the next start.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    let kept = if store.exists() {
        let kept = state.join(format!("{KEPT}{label}.sqlite"));
        begin("settling the old store")?;
        settle(&store, &kept)?;
        begin("keeping the old backups")?;
        let backups = state.join(format!("backups.before-restore-{label}"));
        fs::rename(directories.backups(), &backups).map_err(RestoreError::at("keeping", &directories.backups()))?;
        begin("making room for new backups")?;
        let made = DirBuilder::new().mode(0o700).create(directories.backups());
        made.map_err(RestoreError::at("making", &directories.backups()))?;
        begin("keeping the old store")?;
        fs::hard_link(&store, &kept)
            .or_else(|_| fs::copy(&store, &kept).and_then(|_| File::open(&kept)?.sync_all()))
            .map_err(RestoreError::at("keeping", &store))?;
        begin("making the kept one durable")?;
        sync(state)?;
        Some(kept)
    } else {
        None
    };
    let refusals = Aside::path(&store);
    if !Aside::found(&store).is_empty() {
        begin("keeping the old store's refusals")?;
        let kept = state.join(format!("{KEPT}{label}.refusals"));
        fs::rename(&refusals, &kept).map_err(RestoreError::at("keeping", &refusals))?;
        sync(state)?;
    }
    begin("noting that what is published is of another history")?;
    let mark = directories.backups().join(RESTORED);
    File::create(&mark).and_then(|mark| mark.sync_all()).map_err(RestoreError::at("making", &mark))?;
    sync(&directories.backups())?;
    begin("replacing the store")?;
    fs::rename(&new, &store).map_err(RestoreError::at("replacing", &store))?;
    begin("making the new one durable")?;
    sync(state)?;
    Ok(kept)
}

/// Writes what comes to `path`, durably.
fn receive(path: &Path, incoming: Incoming<'_>) -> Result<(), RestoreError> {
    let failed = |source| RestoreError::Disk { step: "writing", path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let (mut left, mut buffer) = (incoming.bytes, vec![0; 64 << 10]);
    while left > 0 {
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let part = buffer.get_mut(..most).unwrap_or_default();
        let read = incoming.content.read(part).map_err(|_| RestoreError::Short)?;
        if read == 0 {
            return Err(RestoreError::Short);
        }
        let part = part.get(..read).unwrap_or_default();
        hash.update(part);
        file.write_all(part).map_err(failed)?;
        left = left.saturating_sub(u64::try_from(read).unwrap_or_default());
    }
    if hex(&hash.finalize()) != incoming.sha256 {
        return Err(RestoreError::Other);
    }
    file.sync_all().map_err(failed)
}

fn examine(path: &Path) -> Result<(), RestoreError> {
    let whole = Whole::frozen(path)?;
    let found = whole.schema(path)?;
    if whole.since(found)? > KNOWN {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: KNOWN }.into());
    }
    match whole.problems()?.into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(RestoreError::Unsound(problem)),
    }
}

/// The trail of the new store says who put it there. One of a release that had no trail has none yet. What it knows of published files
/// was true of others.
fn note(path: &Path, by: &Author) -> Result<(), RestoreError> {
    let whole = Whole::alone(path)?;
    let schema = whole.schema(path)?;
    if schema < audit::SCHEMA {
        return Ok(());
    }
    let line = audit::Line {
        actor: by,
        action: "restore_store",
        kind: None,
        version: None,
        about: None,
        outcome: Ok(()),
        request_id: None,
    };
    whole.write(|transaction| {
        audit::record(transaction, &line, unix_ms())?;
        forget_files(transaction, schema)
    })?;
    // Its file is all that takes the place of the old one.
    whole.settle()?;
    File::open(path).and_then(|file| file.sync_all()).map_err(RestoreError::at("writing", path))
}

/// Sees to it that all of the old store is in its one file: its log beside the new file would be taken for the new one's.
fn settle(store: &Path, kept: &Path) -> Result<(), RestoreError> {
    let settled = Whole::alone(store).and_then(|whole| {
        if let Err(error) = fold_alone(&whole, store) {
            tracing::warn!("{error}; they are kept with it");
        }
        whole.settle()
    });
    if let Err(error) = &settled {
        tracing::warn!(%error, "the old store is damaged; it is kept as it is");
    }
    let (log, index) = (beside(store, "-wal"), beside(store, "-shm"));
    if log.exists() {
        fs::rename(&log, beside(kept, "-wal")).map_err(RestoreError::at("keeping", &log))?;
    }
    match fs::remove_file(&index) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RestoreError::at("removing", &index)(error)),
        _ => Ok(()),
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

fn sync(directory: &Path) -> Result<(), RestoreError> {
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(RestoreError::at("making durable the names in", directory))
}

/// The label, or one like it that no earlier restore used.
fn free_label(state: &Path, label: &str) -> String {
    let is_free = |label: &str| {
        let names = [
            format!("{KEPT}{label}.sqlite"),
            format!("{KEPT}{label}.refusals"),
            format!("backups.before-restore-{label}"),
        ];
        names.iter().all(|name| state.join(name).symlink_metadata().is_err())
    };
    let numbered = (2..).map(|number| format!("{label}-{number}"));
    std::iter::once(label.to_owned()).chain(numbered).find(|label| is_free(label)).unwrap_or_else(|| label.to_owned())
}

/// Whether a name in the state directory is left of a restore that a crash ended before the new store stood.
pub(crate) fn is_left(state: &Path, name: &str) -> bool {
    if name == INCOMING {
        return true;
    }
    // A second name of the store that is still in use is no copy of it.
    let same = |path: &Path| path.symlink_metadata().map(|metadata| (metadata.dev(), metadata.ino())).ok();
    let is_kept = name.starts_with(KEPT) && name.ends_with(".sqlite");
    is_kept && same(&state.join(name)) == same(&state.join("store.sqlite"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use std::io::ErrorKind;

    use interfaces::audit::Record;
    use interfaces::configs::{Author, Origin};
    use rusqlite::Connection;

    use super::*;
    use crate::audit::Refusal;
    use crate::backup::Copy;

    /// A state directory with a store in which `user` has a dialogue; `log`: some of it is only in the log.
    fn state(user: i64, log: bool) -> (tempfile::TempDir, Directories) {
        let directory = tempfile::tempdir().unwrap();
        let open = || Directories::open(&directory.path().join("state"), &directory.path().join("published")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let directories = open();
        let store = crate::store::Store::open(&directories.store()).unwrap();
        runtime.block_on(store.close());
        let add = format!(
            "INSERT INTO dialogues VALUES (1, 1, {user}, '{{}}', 1, 0); INSERT INTO placed VALUES ('fees', 1, 'there');
            INSERT INTO removed VALUES ('fees'); INSERT INTO changed_by_hand VALUES ('fees', '', 0, 0, 0);"
        );
        let connection = Connection::open(directories.store()).unwrap();
        connection.execute_batch(&add).unwrap();
        if log {
            // As after a crash: nobody closed the file.
            let (store, kept) = (directories.store(), directory.path().join("kept"));
            fs::copy(beside(&store, "-wal"), &kept).unwrap();
            fs::copy(&store, directory.path().join("kept-store")).unwrap();
            drop(connection);
            fs::copy(directory.path().join("kept-store"), &store).unwrap();
            fs::rename(&kept, beside(&store, "-wal")).unwrap();
        }
        fs::write(directories.backups().join("fees.v1.yml"), "old").unwrap();
        (directory, directories)
    }

    /// A refusal that there was no room for in the store.
    fn refuse(directories: &Directories) {
        let actor = Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() };
        let (action, reason, request_id) = ("put".to_owned(), "not saved".to_owned(), "refused".to_owned());
        let record = Record { actor, action, kind: None, about: None, reason, request_id };
        Aside::beside(&directories.store()).put(Refusal { at_ms: 1, record }).unwrap();
    }

    fn root() -> Author {
        Author { origin: Origin::Operator, id: 0, name: "root".to_owned() }
    }

    /// Refusals in the trail of a store.
    fn refusals(path: &Path) -> i64 {
        lines(path, "outcome = 'refused'")
    }

    fn lines(path: &Path, which: &str) -> i64 {
        let connection = Connection::open(path).unwrap();
        connection.query_row(&format!("SELECT count(*) FROM audit WHERE {which}"), [], |row| row.get(0)).unwrap()
    }

    fn known_files(path: &Path) -> i64 {
        let all = "SELECT (SELECT count(*) FROM placed) + (SELECT count(*) FROM removed)
            + (SELECT count(*) FROM changed_by_hand)";
        Connection::open(path).unwrap().query_row(all, [], |row| row.get(0)).unwrap()
    }

    fn users(path: &Path) -> Vec<i64> {
        let connection = Connection::open(path).unwrap();
        let damage: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(damage, "ok");
        let mut statement = connection.prepare("SELECT user FROM dialogues").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The bytes of a backup in which user 2 has a dialogue, and their hash.
    fn backup() -> (Vec<u8>, String) {
        let (_directory, directories) = state(2, false);
        let mut copy = Copy::make(&Whole::beside(&directories.store()).unwrap(), &directories.state, &[]).unwrap();
        let sha256 = copy.contents.members[0].sha256.clone();
        let mut content = Vec::new();
        while let Some(part) = copy.next().unwrap() {
            use base64::Engine as _;
            content.extend(base64::engine::general_purpose::STANDARD.decode(part.chunk.unwrap()).unwrap());
        }
        (content, sha256)
    }

    /// Restores, and ends before the step of this number as a crash would; answers whether it came to its end.
    fn attempt(directories: &Directories, content: &[u8], sha256: &str, last: usize) -> Result<bool, RestoreError> {
        let incoming =
            Incoming { content: &mut &*content, bytes: content.len() as u64, sha256, label: "now", by: &root() };
        let mut steps = 0;
        let outcome = restore(directories, incoming, &mut |_| {
            steps += 1;
            if steps > last { Err(ErrorKind::Interrupted.into()) } else { Ok(()) }
        });
        match outcome {
            Ok(_) => Ok(true),
            Err(RestoreError::Disk { source, .. }) if source.kind() == ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(error),
        }
    }

    #[test]
    fn ended_before_any_step_the_old_store_or_the_new_one_is_whole_and_the_next_attempt_succeeds() {
        let (content, sha256) = backup();
        for log in [false, true] {
            let mut last = 0;
            loop {
                let (directory, directories) = state(1, log);
                refuse(&directories);
                let is_done = attempt(&directories, &content, &sha256, last).unwrap();
                drop(directories);
                // The next start.
                let open = || Directories::open(&directory.path().join("state"), &directory.path().join("published"));
                let directories = open().unwrap();
                let found = users(&directories.store());
                assert!(found == [1] || found == [2], "step {last}, log {log}: {found:?}");
                assert!(!is_done || found == [2]);
                let (of_old, beside) = (refusals(&directories.store()), Aside::found(&directories.store()).is_empty());
                assert_eq!((of_old, beside), if found == [2] { (0, true) } else { (i64::from(last > 1), last > 1) });
                let names: Vec<_> =
                    fs::read_dir(&directories.state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
                for name in &names {
                    let name = name.to_str().unwrap();
                    assert!(!is_left(&directories.state, name), "step {last}: {name}");
                    if name.starts_with(KEPT) && name.ends_with(".sqlite") {
                        assert_eq!(users(&directories.state.join(name)), [1], "what is kept is the old one");
                        assert_eq!(refusals(&directories.state.join(name)), 1, "with what it had no room for");
                    }
                }
                // Backups of the old history are none of the new one's.
                let backups = fs::read_dir(directories.backups()).unwrap();
                let backups = backups.filter(|entry| entry.as_ref().unwrap().file_name() != RESTORED).count();
                assert!(found == [1] || backups == 0, "step {last}: {names:?}");
                assert!(attempt(&directories, &content, &sha256, usize::MAX).unwrap());
                assert_eq!(users(&directories.store()), [2]);
                let by_root = "action = 'restore_store' AND outcome = 'done' AND actor_name = 'root'";
                assert_eq!(lines(&directories.store(), by_root), 1, "its trail says who restored it");
                assert_eq!(known_files(&directories.store()), 0, "what it knew of files was of others");
                if is_done {
                    assert!(last >= 8, "{last} steps");
                    break;
                }
                last += 1;
            }
        }
    }

    #[test]
    fn what_is_not_a_whole_store_of_ours_changes_nothing() {
        let (content, sha256) = backup();
        let digest = |bytes: &[u8]| hex(&Sha256::digest(bytes));
        let (_directory, directories) = state(1, false);
        let changed = |place: usize, byte: u8| {
            let mut content = content.clone();
            content[place] = byte;
            content
        };
        let newer = {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("newer");
            fs::write(&path, &content).unwrap();
            let statements = "UPDATE compatibility SET since = 99; PRAGMA user_version = 99";
            Connection::open(&path).unwrap().execute_batch(statements).unwrap();
            fs::read(&path).unwrap()
        };
        let broken = changed(4096 + 3, 0xff);
        for bytes in [&b""[..], b"no database", &broken, &content[..content.len() - 4096], &newer] {
            attempt(&directories, bytes, &digest(bytes), usize::MAX).unwrap_err();
            assert!(!directories.state.join(INCOMING).exists());
        }
        attempt(&directories, &content, &digest(b"else"), usize::MAX).unwrap_err();
        let error = attempt(&directories, &newer, &digest(&newer), usize::MAX).unwrap_err();
        assert!(error.to_string().contains("has schema 99, this release knows"), "{error}");
        assert_eq!(users(&directories.store()), [1]);
        assert!(attempt(&directories, &content, &sha256, usize::MAX).unwrap());
    }

    #[test]
    fn a_damaged_store_is_kept_as_it_is_and_replaced() {
        let (content, sha256) = backup();
        let (_directory, directories) = state(1, false);
        fs::write(directories.store(), "not a database any more").unwrap();
        refuse(&directories);
        assert!(attempt(&directories, &content, &sha256, usize::MAX).unwrap());
        assert_eq!(users(&directories.store()), [2]);
        let kept = directories.state.join(format!("{KEPT}now.sqlite"));
        assert_eq!(fs::read_to_string(&kept).unwrap(), "not a database any more");
        assert_eq!(Aside::found(&kept).refusals().len(), 1, "what it had no room for is kept beside it");
        assert!(Aside::found(&directories.store()).is_empty());
    }
}
