use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex as StdMutex};

use interfaces::configs::{DialogueOf, Progress, Settlement, Step};

use super::*;
use crate::inbox::Inbox;
use crate::requests::RequestError;
use crate::store::{StoreError, Transaction};

#[test]
fn a_version_is_saved_and_published_byte_for_byte() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let content = "\u{feff}a: 1\r\n# ñ\r\n";
        let reply = put(&configs, 0, content).await;
        assert!(reply.published && !reply.unchanged);
        assert_eq!((reply.version.version, reply.version.base, reply.version.bytes), (1, 0, 15));
        assert_eq!(reply.version.author, anna());
        assert_eq!(std::fs::read(room.published("fees.yml")).unwrap(), content.as_bytes());
        let mode = room.published("fees.yml").metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o644);
        let (version, kept) = configs.get("fees".to_owned(), None).await.unwrap();
        assert_eq!((version, kept.as_slice()), (reply.version, content.as_bytes()));
        assert_eq!(room.files(), ["fees.yml"], "nothing else is left behind");
        assert!(room.backups().is_empty());
    });
}

#[test]
fn the_second_backup_is_the_first_upload() {
    run(async {
        let room = Room::new();
        std::fs::write(room.published("fees.yml"), "found: 0").unwrap();
        let configs = room.open().await;
        let first = room.published("fees.yml").metadata().unwrap().ino();
        put(&configs, 1, "a: 1").await;
        put(&configs, 2, "a: 2").await;
        assert_eq!(room.backups(), ["fees.v1.yml", "fees.v2.yml"]);
        assert_eq!(read(&room.backup("fees.v1.yml")), "found: 0");
        assert_eq!(read(&room.backup("fees.v2.yml")), "a: 1");
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!(room.backup("fees.v1.yml").metadata().unwrap().ino(), first, "a link, not a copy");
    });
}

#[test]
fn an_upload_on_an_old_base_is_refused_with_the_current_version() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let first = put(&configs, 0, "a: 1").await.version;
        let error = configs.put(upload("fees", 0, "a: 2", "late")).await.unwrap_err();
        assert!(matches!(&error, Refused::Conflict(current) if **current == first), "{error}");
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert_eq!(room.files(), ["fees.yml"]);
        // A refusal is not remembered: the admin decides to overwrite, with the same request.
        let reply = configs.put(upload("fees", 1, "a: 2", "late")).await.unwrap();
        assert_eq!(reply.version.version, 2);
    });
}

#[test]
fn a_base_where_there_is_no_version_is_refused() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let error = configs.put(upload("fees", 3, "a: 2", "one")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchVersion { version: 3, .. }), "{error}");
    });
}

#[test]
fn the_same_content_makes_no_version_whatever_its_base() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let first = put(&configs, 0, "a: 1").await.version;
        let again = configs.put(upload("fees", 0, "a: 1", "again")).await.unwrap();
        assert!(again.unchanged && again.published);
        assert_eq!(again.version, first);
        assert_eq!(history(&configs, "fees").await.len(), 1);
    });
}

#[test]
fn an_invalid_document_is_refused_with_its_problems_and_touches_nothing() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let error = configs.put(upload("fees", 0, "bad: 1", "one")).await.unwrap_err();
        assert!(matches!(&error, Refused::Invalid { problems, .. } if problems[0].line == 1), "{error}");
        let error = configs.put(upload("unheard", 0, "a: 1", "one")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchKind(_)), "{error}");
        assert!(names(&room.root.join("published")).is_empty());
    });
}

#[test]
fn asking_twice_does_it_once_and_answers_the_same() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let first = configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap();
        configs.put(upload("fees", 1, "a: 2", "two")).await.unwrap();
        let again = configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap();
        assert_eq!(again, first);
        assert_eq!(history(&configs, "fees").await.len(), 2);
        let error = configs.put(upload("fees", 2, "a: 3", "one")).await.unwrap_err();
        assert!(matches!(error, Refused::Request(RequestError::Reused(_))), "{error}");
    });
}

#[test]
fn asking_many_times_at_once_does_it_once() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let configs = configs.clone();
                tokio::spawn(async move { configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap() })
            })
            .collect();
        let mut replies = Vec::new();
        for call in calls {
            replies.push(call.await.unwrap());
        }
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
        assert_eq!(history(&configs, "fees").await.len(), 1);
        assert_eq!(room.files(), ["fees.yml"], "the other drafts are gone");
    });
}

#[test]
fn eight_admins_leave_a_history_without_gaps_and_every_backup() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let admins: Vec<_> = (0..8)
            .map(|admin| {
                let configs = configs.clone();
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for number in 0..15 {
                        let (content, request) = (format!("a: {admin}.{number}"), format!("{admin}.{number}"));
                        let mut base = 0;
                        loop {
                            match configs.put(upload("fees", base, &content, &request)).await {
                                Ok(reply) => break acknowledged.push((reply.version.version, content)),
                                Err(Refused::Conflict(current)) => base = current.version,
                                Err(error) => panic!("{error}"),
                            }
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let mut acknowledged = BTreeSet::new();
        for admin in admins {
            acknowledged.extend(admin.await.unwrap());
        }
        let history = history(&configs, "fees").await;
        let saved: BTreeSet<_> = history.iter().map(|(version, content)| (version.version, content.clone())).collect();
        assert_eq!(saved, acknowledged);
        assert!(history.iter().map(|(version, _)| version.version).eq(1..=120));
        for (version, content) in &history[..119] {
            assert_eq!(version.base + 1, version.version, "each was based on the one before");
            assert_eq!(read(&room.backup(&format!("fees.v{}.yml", version.version))), *content);
        }
        assert_eq!(read(&room.published("fees.yml")), history[119].1);
        assert_eq!(room.backups().len(), 119);
    });
}

/// Says who is in the rename of the published file, and holds everybody there until told otherwise.
#[derive(Default)]
struct Gate {
    inside: StdMutex<(usize, usize, bool)>,
    changed: Condvar,
    /// Whether drafts are refused, and how many were.
    refuses: AtomicBool,
    refused: AtomicUsize,
}

impl Gate {
    fn pass(&self) {
        let mut inside = self.inside.lock().unwrap();
        inside.0 += 1;
        inside.1 = inside.1.max(inside.0);
        self.changed.notify_all();
        inside = self.changed.wait_while(inside, |inside| !inside.2).unwrap();
        inside.0 -= 1;
    }

    fn wait_for(&self, count: usize) -> bool {
        let patience = Duration::from_secs(20);
        let inside = self.inside.lock().unwrap();
        !self.changed.wait_timeout_while(inside, patience, |inside| inside.0 < count).unwrap().1.timed_out()
    }

    fn open(&self) {
        self.inside.lock().unwrap().2 = true;
        self.changed.notify_all();
    }
}

struct GatedDisk(Arc<Gate>);

impl Disk for GatedDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        if self.0.refuses.load(Ordering::SeqCst) {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        RealDisk.create(path)
    }
    fn write(&self, file: &File, content: &[u8]) -> io::Result<()> {
        RealDisk.write(file, content)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        RealDisk.sync(file)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.pass();
        RealDisk.rename(from, to)
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_directory(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

fn gated() -> (Room, Arc<Gate>) {
    let mut room = Room::new();
    let gate = Arc::new(Gate::default());
    room.disk = Arc::new(GatedDisk(Arc::clone(&gate)));
    (room, gate)
}

async fn inside(gate: &Arc<Gate>, count: usize) -> bool {
    let gate = Arc::clone(gate);
    tokio::task::spawn_blocking(move || gate.wait_for(count)).await.unwrap()
}

#[test]
fn different_kinds_overlap() {
    run(async {
        let (room, gate) = gated();
        let configs = room.open().await;
        let uploads: Vec<_> = ["fees", "rates", "limits"]
            .map(|kind| {
                let configs = configs.clone();
                tokio::spawn(async move { configs.put(upload(kind, 0, "a: 1", kind)).await.unwrap() })
            })
            .into();
        assert!(inside(&gate, 3).await, "all three must be in their locked section at once");
        gate.open();
        for upload in uploads {
            assert!(upload.await.unwrap().published);
        }
    });
}

#[test]
fn one_kind_is_saved_by_one_upload_at_a_time_in_the_order_of_arrival() {
    run(async {
        let (room, gate) = gated();
        let configs = room.open().await;
        let mut uploads = Vec::new();
        for number in 0..4_i64 {
            let started = configs.clone();
            uploads.push(tokio::spawn(async move {
                started.put(upload("fees", number, &format!("a: {number}"), &format!("{number}"))).await.unwrap()
            }));
            if number == 0 {
                assert!(inside(&gate, 1).await);
            }
            // Behind the first one, each waits for the lock before the next one comes.
            let place = &configs.inner.kind("fees").unwrap().place;
            let holders = usize::try_from(number).unwrap() + 2;
            while Arc::strong_count(place) < holders {
                tokio::task::yield_now().await;
            }
        }
        gate.open();
        for (number, upload) in (1..).zip(uploads) {
            assert_eq!(upload.await.unwrap().version.version, number);
        }
        assert_eq!(gate.inside.lock().unwrap().1, 1, "never two at once");
    });
}

#[test]
fn who_leaves_while_waiting_for_the_lock_has_cancelled() {
    run(async {
        let (room, gate) = gated();
        let configs = room.open().await;
        let first = tokio::spawn({
            let configs = configs.clone();
            async move { configs.put(upload("fees", 0, "a: 1", "first")).await.unwrap() }
        });
        assert!(inside(&gate, 1).await);
        let leaving = tokio::spawn({
            let configs = configs.clone();
            async move { configs.put(upload("fees", 1, "a: 2", "leaving")).await }
        });
        while room.files().len() < 2 {
            tokio::task::yield_now().await;
        }
        leaving.abort();
        assert!(leaving.await.unwrap_err().is_cancelled());
        gate.open();
        first.await.unwrap();
        while room.files() != ["fees.yml"] {
            tokio::task::yield_now().await;
        }
        assert_eq!(history(&configs, "fees").await.len(), 1);
    });
}

#[test]
fn who_leaves_in_the_locked_section_leaves_it_whole() {
    run(async {
        let (room, gate) = gated();
        let configs = room.open().await;
        let leaving = tokio::spawn({
            let configs = configs.clone();
            async move { configs.put(upload("fees", 0, "a: 1", "leaving")).await }
        });
        assert!(inside(&gate, 1).await);
        leaving.abort();
        assert!(leaving.await.unwrap_err().is_cancelled());
        gate.open();
        // The next one finds the lock free and the version there.
        let again = configs.put(upload("fees", 0, "a: 1", "leaving")).await.unwrap();
        assert_eq!((again.version.version, again.published), (1, true));
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
    });
}

#[test]
fn how_far_a_call_is_is_told_when_it_goes_on() {
    run(async {
        let (room, gate) = gated();
        let configs = room.open().await;
        let far = |since| {
            let (configs, request_id) = (configs.clone(), "one".to_owned());
            async move { configs.progress(Progress { request_id, since }).await }
        };
        assert_eq!(far(None).await, None, "nobody has asked for it yet");
        let held = Arc::clone(&configs.inner.kind("fees").unwrap().place).lock_owned().await;
        let saving = tokio::spawn({
            let configs = configs.clone();
            async move { configs.put(upload("fees", 0, "a: 1", "one")).await }
        });
        while far(Some(Step::Preparing)).await != Some(Step::Waiting) {
            tokio::task::yield_now().await;
        }
        assert_eq!(far(Some(Step::Waiting)).await, Some(Step::Waiting), "it is answered though nothing changes");
        let news = tokio::spawn(far(Some(Step::Waiting)));
        drop(held);
        assert!(inside(&gate, 1).await);
        assert_eq!(news.await.unwrap(), Some(Step::Saving));
        // Whoever leaves now stops nothing, and another one with the same id does not hide how far the first one is.
        saving.abort();
        assert!(saving.await.unwrap_err().is_cancelled());
        let again = tokio::spawn({
            let configs = configs.clone();
            async move { configs.put(upload("fees", 0, "a: 1", "one")).await }
        });
        assert_eq!(far(None).await, Some(Step::Saving));
        let end = tokio::spawn(far(Some(Step::Saving)));
        gate.open();
        assert!(again.await.unwrap().unwrap().published);
        assert_eq!(end.await.unwrap(), None);
    });
}

#[test]
fn not_saved_is_never_said_of_what_an_earlier_attempt_saves() {
    run(async {
        let (room, gate) = gated();
        gate.open();
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        // The first attempt is in its locked section, and its commit waits behind somebody else's.
        let (release, released) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn(async move {
            let hold = move |_: &Transaction<'_>| {
                let _released = released.recv();
                Ok::<_, StoreError>(())
            };
            store.write(hold).await
        });
        let attempt = || {
            let configs = configs.clone();
            tokio::spawn(async move { configs.put(upload("fees", 0, "a: 1", "one")).await })
        };
        let first = attempt();
        while configs.inner.kinds[0].place.try_lock().is_ok() {
            tokio::task::yield_now().await;
        }
        // Its caller asks again, and now there is no space.
        gate.refuses.store(true, Ordering::SeqCst);
        let second = attempt();
        while gate.refused.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        drop(release);
        busy.await.unwrap().unwrap();
        assert_eq!(second.await.unwrap().unwrap(), first.await.unwrap().unwrap());
        let error = configs.put(upload("fees", 1, "a: 2", "two")).await.unwrap_err();
        assert!(matches!(error, Refused::Disk(_)), "{error}");
    });
}

#[test]
fn the_update_is_settled_and_the_dialogue_ends_with_the_version() {
    run(async {
        let (_room, store, configs) = opened().await;
        let inbox = Inbox::new(store.clone());
        let dialogues = crate::dialogues::Dialogues::new(store);
        let update = interfaces::inbox::Update { id: 77, payload: serde_json::json!({"message": 1}) };
        inbox.receive(5, vec![update]).await.unwrap();
        let state = serde_json::json!({"awaits": "fees"});
        let set = interfaces::dialogues::Set {
            bot: 5,
            chat: 6,
            user: 7,
            state,
            request_id: "tg:5:76".to_owned(),
            settles: None,
        };
        dialogues.set(set).await.unwrap();
        let mut call = upload("fees", 0, "a: 1", "tg:5:77");
        let ends = Some(DialogueOf { chat: 6, user: 7 });
        call.settles = Some(Settlement { bot: 5, update_id: 77, ends });

        call.base = 9;
        configs.put(call.clone()).await.unwrap_err();
        assert!(dialogues.get(5, 6, 7).await.unwrap().is_some(), "a refusal settles nothing");
        call.base = 0;
        let reply = configs.put(call).await.unwrap();
        assert!(dialogues.get(5, 6, 7).await.unwrap().is_none());
        let entries = inbox.unfinished(5, None, 10).await.unwrap();
        assert_eq!(entries[0].state, interfaces::inbox::State::Applied);
        let outcome: interfaces::inbox::Outcome = serde_json::from_value(entries[0].outcome.clone().unwrap()).unwrap();
        assert_eq!(outcome.method, "io.natrium.Configs.Put");
        assert_eq!(serde_json::from_value::<PutReply>(outcome.reply).unwrap(), reply);
    });
}
