//! The process is stopped, or the power is cut, at every single file-system call of publication.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex as StdMutex;

use proptest::prelude::*;

use super::*;

/// How a run ends at a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// `kill -9`: what the kernel was told stays.
    Killed,
    /// What was not made durable is lost.
    PowerCut,
}

/// Stops at the n-th call: that call and all later ones do nothing.
struct EndingDisk {
    state: StdMutex<Ending>,
    end: End,
    /// Backups and published files lie on one file system; otherwise nothing can be linked.
    links: bool,
}

struct Ending {
    left: usize,
    over: bool,
    /// Inodes whose content is not durable.
    unsynced: BTreeSet<u64>,
    /// What undoes the changes of names that are not durable, by directory, newest last.
    undo: BTreeMap<PathBuf, Vec<Undo>>,
}

enum Undo {
    Remove(PathBuf),
    Restore(PathBuf, Vec<u8>),
}

impl EndingDisk {
    fn new(steps: usize, end: End, links: bool) -> Self {
        let state = Ending { left: steps, over: false, unsynced: BTreeSet::new(), undo: BTreeMap::new() };
        Self { state: StdMutex::new(state), end, links }
    }

    /// Panics at the last step: nothing of the code after it must run, as after a crash.
    fn step(&self, act: impl FnOnce(&mut Ending) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.over {
            return Err(io::Error::other("the process is gone"));
        }
        if state.left == 0 {
            state.over = true;
            drop(state);
            std::panic::resume_unwind(Box::new("stopped here"));
        }
        state.left -= 1;
        act(&mut state)
    }

    fn over(&self) -> bool {
        self.state.lock().unwrap().over
    }

    /// What the power cut leaves: unsynced contents are empty, unsynced names are as they were.
    fn lose(&self, root: &Path) {
        if self.end == End::Killed {
            return;
        }
        let mut state = self.state.lock().unwrap();
        for undo in std::mem::take(&mut state.undo).into_values().flatten().rev() {
            match undo {
                Undo::Remove(path) => std::fs::remove_file(path).unwrap_or_default(),
                Undo::Restore(path, content) => std::fs::write(path, content).unwrap(),
            }
        }
        for directory in ["published", "backups"] {
            for name in names(&root.join(directory)) {
                let path = root.join(directory).join(name);
                if state.unsynced.contains(&path.metadata().unwrap().ino()) {
                    File::options().write(true).truncate(true).open(path).unwrap();
                }
            }
        }
    }

    fn undoable(state: &mut Ending, path: &Path) {
        // A copy instead of the inode: whatever is done to the file later must not change what is restored.
        let undo = match std::fs::read(path) {
            Ok(content) => {
                let _other_name = std::fs::remove_file(path);
                std::fs::write(path, &content).unwrap();
                Undo::Restore(path.to_owned(), content)
            }
            Err(_) => Undo::Remove(path.to_owned()),
        };
        state.undo.entry(path.parent().unwrap().to_owned()).or_default().push(undo);
    }
}

impl Disk for EndingDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        let mut made = None;
        self.step(|state| {
            let file = RealDisk.create(path)?;
            state.unsynced.insert(file.metadata()?.ino());
            made = Some(file);
            Ok(())
        })?;
        Ok(made.unwrap())
    }

    fn write(&self, file: &File, content: &[u8]) -> io::Result<()> {
        // Half of it first: a crash may come in the middle.
        let (first, second) = content.split_at(content.len() / 2);
        self.step(|_| RealDisk.write(file, first))?;
        self.step(|_| RealDisk.write(file, second))
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step(|state| {
            state.unsynced.remove(&file.metadata()?.ino());
            RealDisk.sync(file)
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state| {
            if !self.links {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            RealDisk.link(from, to)?;
            state.undo.entry(to.parent().unwrap().to_owned()).or_default().push(Undo::Remove(to.to_owned()));
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state| {
            if self.end == End::PowerCut {
                Self::undoable(state, to);
            }
            RealDisk.rename(from, to)
        })
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.step(|state| {
            state.undo.remove(path);
            RealDisk.sync_directory(path)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|_| RealDisk.remove(path))
    }
}

/// What callers were told, and what was under way.
#[derive(Default)]
struct Told {
    acknowledged: BTreeMap<&'static str, Vec<String>>,
    under_way: Option<(&'static str, String)>,
}

const KINDS: [&str; 2] = ["fees", "rates"];

/// One life: opens, uploads, and ends at the given step, or after the last upload. True: it ended before.
async fn live(room: &Room, uploads: &[(usize, u8)], disk: EndingDisk, told: &mut Told) -> bool {
    let disk = Arc::new(disk);
    let store = room.store();
    let opened = {
        let (store, disk, root) = (store.clone(), Arc::clone(&disk), room.root.clone());
        tokio::task::spawn_blocking(move || {
            let trail = Trail::new(store.clone());
            Configs::open(store, disk, root.join("published"), root.join("backups"), kinds(), admins(), trail).unwrap()
        })
        .await
    };
    if let Ok(configs) = opened {
        for (kind, content) in uploads {
            let kind = KINDS[*kind];
            let known = told.acknowledged.entry(kind).or_default();
            let content = format!("{kind}: {content}");
            if known.last() == Some(&content) {
                continue;
            }
            let base = i64::try_from(known.len()).unwrap();
            told.under_way = Some((kind, content.clone()));
            // A request id of its own for each upload; versions and contents may come again.
            let request = format!("{kind}.{base}.{content}");
            let over = configs.by_hand().borrow().get(kind).map(|by_hand| by_hand.sha256.clone());
            match configs.put(Put { over, ..upload(kind, base, &content, &request) }).await {
                // Whatever it says: the process is gone, and nobody hears it.
                _ if disk.over() => break,
                Ok(reply) => {
                    assert!(reply.published && !reply.unchanged);
                    assert_eq!(reply.version.version, base + 1);
                    assert_eq!(read(&room.published(&reply_file(kind))), content, "published before the reply");
                    assert_eq!(said(room, kind), Some((base + 1, sha256(&content))), "and said so");
                    known.push(content);
                    told.under_way = None;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    let over = disk.over();
    store.close().await;
    disk.lose(&room.root);
    over
}

fn reply_file(kind: &str) -> String {
    format!("{kind}.yml")
}

/// Which version is said to be published, and what it is; nothing where nothing is said. It is whole whenever somebody looks.
fn said(room: &Room, kind: &str) -> Option<(i64, String)> {
    let text = std::fs::read(room.published(&meta::name(&reply_file(kind)))).ok()?;
    let meta: serde_json::Value = serde_json::from_slice(&text).unwrap_or_else(|_| panic!("{kind}: half a meta file"));
    assert_eq!(meta["kind"], kind);
    Some((meta["version"].as_i64().unwrap(), meta["sha256"].as_str().unwrap().to_owned()))
}

fn sha256(content: &str) -> String {
    crate::store::hex(&versions::hash(content.as_bytes()))
}

/// What must hold whenever a reader looks, and after the next start.
async fn check(room: &Room, told: &mut Told) {
    for kind in KINDS {
        // Before anybody has repaired anything: the newest acknowledged version, or the one under way, whole.
        let known = told.acknowledged.entry(kind).or_default();
        let mut allowed: Vec<Option<String>> = vec![known.last().cloned()];
        if let Some((_, content)) = told.under_way.as_ref().filter(|(under_way, _)| *under_way == kind) {
            allowed.push(Some(content.clone()));
        }
        let seen = std::fs::read_to_string(room.published(&reply_file(kind))).ok();
        // Of a version that is or was there, and behind the file by one at most.
        if let Some((version, hash)) = said(room, kind) {
            let number = usize::try_from(version).unwrap();
            let content = known.get(number - 1).or_else(|| allowed[1..].first().and_then(Option::as_ref)).unwrap();
            assert_eq!(hash, sha256(content), "{kind}: what is said is of that version");
            assert!(number <= known.len() || seen == allowed[1], "{kind}: version {number} is said before it is there");
            assert!(number >= known.len(), "{kind}: version {number} is said, {} was acknowledged", known.len());
        } else {
            assert!(known.is_empty(), "{kind}: nothing is said");
        }
        assert!(allowed.contains(&seen), "{kind}: {seen:?}, not of {allowed:?}");
    }
    let store = room.store();
    let configs = room.open_on(store.clone()).await;
    assert!(configs.unpublished().borrow().is_empty());
    let mut backups = Vec::new();
    for kind in KINDS {
        let history = history(&configs, kind).await;
        let known = told.acknowledged.entry(kind).or_default();
        let saved: Vec<String> = history.iter().map(|(_, content)| content.clone()).collect();
        if let Some((_, content)) = told.under_way.as_ref().filter(|(under_way, _)| *under_way == kind)
            && saved.len() == known.len() + 1
        {
            known.push(content.clone());
        }
        assert_eq!(saved, *known, "acknowledged means present, exactly once");
        for ((version, content), number) in history.iter().zip(1..) {
            assert_eq!(version.version, number);
            let name = format!("{kind}.v{number}.yml");
            if usize::try_from(number).unwrap() < history.len() {
                assert_eq!(read(&room.backup(&name)), *content, "{name}");
                backups.push(name);
            }
        }
        let published = std::fs::read_to_string(room.published(&reply_file(kind))).ok();
        assert_eq!(published.as_ref(), saved.last(), "file and store agree");
        let number = i64::try_from(saved.len()).unwrap();
        assert_eq!(said(room, kind), saved.last().map(|content| (number, sha256(content))), "and what is said of it");
    }
    told.under_way = None;
    backups.sort();
    assert_eq!(room.backups(), backups, "every backup, and nothing else");
    let draft = names(&room.root.join("published")).into_iter().find(|name| name.starts_with('.'));
    assert_eq!(draft, None, "no draft is left");
    store.close().await;
}

/// Tries a life that ends at the first step, at the second, and so on until one reaches its end.
fn at_every_step(end: End, at_least: usize, life: impl AsyncFn(EndingDisk) -> bool) {
    for links in [true, false] {
        let mut steps = 0;
        loop {
            let mut over = true;
            run(async { over = life(EndingDisk::new(steps, end, links)).await });
            if !over {
                break;
            }
            steps += 1;
        }
        assert!(steps > at_least, "only {steps} steps: the disk is not asked");
    }
}

fn survives_every_step(end: End) {
    let uploads = [(0, 1), (0, 2), (1, 1), (0, 1), (0, 3)];
    at_every_step(end, 30, async |disk| {
        let room = Room::new();
        let mut told = Told::default();
        let over = live(&room, &uploads, disk, &mut told).await;
        check(&room, &mut told).await;
        over
    });
}

/// Somebody changed a file while nobody looked. Whatever happens to us, his work is somewhere.
fn keeps_what_was_changed_by_hand(end: End) {
    at_every_step(end, 5, async |disk| {
        let room = Room::new();
        let mut told = Told::default();
        live(&room, &[(0, 1)], EndingDisk::new(usize::MAX, end, true), &mut told).await;
        std::fs::write(room.published("fees.yml"), "by hand").unwrap();
        let over = live(&room, &[(0, 2)], disk, &mut told).await;
        let found = |directory: PathBuf| names(&directory).iter().any(|name| read(&directory.join(name)) == "by hand");
        assert!(found(room.root.join("published")) || found(room.root.join("backups")), "it is lost");
        // It is replaced by who has seen it, as soon as that is saved, and left alone before.
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        let replaced = history(&configs, "fees").await.len() == 2;
        assert_eq!(found(room.root.join("backups")), replaced);
        assert_eq!(found(room.root.join("published")), !replaced);
        assert_eq!(configs.by_hand().borrow().contains_key("fees"), !replaced);
        store.close().await;
        over
    });
}

#[test]
fn killed_at_every_step() {
    survives_every_step(End::Killed);
}

#[test]
fn power_cut_at_every_step() {
    survives_every_step(End::PowerCut);
}

#[test]
fn a_change_by_hand_is_not_lost_by_whoever_is_killed() {
    keeps_what_was_changed_by_hand(End::Killed);
}

#[test]
fn a_change_by_hand_is_not_lost_in_a_power_cut() {
    keeps_what_was_changed_by_hand(End::PowerCut);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Several lives, each ending anywhere, the repairs of the one before included.
    #[test]
    fn many_crashes_one_after_the_other(
        lives in prop::collection::vec(
            (prop::collection::vec((0..KINDS.len(), 0..3_u8), 0..5), 0..30_usize, any::<bool>()),
            1..5,
        ),
        links: bool,
    ) {
        run(async {
            let room = Room::new();
            let mut told = Told::default();
            for (uploads, steps, killed) in lives {
                let end = if killed { End::Killed } else { End::PowerCut };
                live(&room, &uploads, EndingDisk::new(steps, end, links), &mut told).await;
                check(&room, &mut told).await;
            }
        });
    }
}
