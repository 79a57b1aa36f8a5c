use std::sync::Arc;

use interfaces::admins::KindRole;
use interfaces::notices::Event;

use super::*;
use crate::audit::Trail;
use crate::store::Store;

const ANNA: i64 = 1001;
const BORIS: i64 = 1002;

fn person(user: i64, name: &str, role: Option<Role>, kinds: &[(&str, Role)]) -> Admin {
    let kinds = kinds.iter().map(|(kind, role)| KindRole { kind: (*kind).to_owned(), role: *role }).collect();
    Admin { user, name: name.to_owned(), role, kinds, fixed: true, since_ms: 0 }
}

fn kind(name: &str, file: &str, approval: bool) -> KindSpec {
    KindSpec {
        name: name.to_owned(),
        file: file.to_owned(),
        schema: "{}".to_owned(),
        rules: None,
        approval,
        hook: false,
        validate: Arc::new(|_| Vec::new()),
    }
}

struct Room {
    store: Store,
    _directory: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { store: Store::open(&directory.path().join("store.sqlite")).unwrap(), _directory: directory }
    }

    /// A start with these settings: the lines that it adds, and whether it had to write.
    async fn starts(&self, admins: &[Admin], kinds: &[KindSpec]) -> (Vec<String>, bool) {
        let before = self.lines().await.len();
        let difference = self.differs(admins, kinds);
        let differs = difference.is_some();
        if let Some(difference) = difference {
            self.store.write(move |job| difference.record(job, 7)).await.unwrap();
        }
        (self.lines().await.split_off(before), differs)
    }

    fn differs(&self, admins: &[Admin], kinds: &[KindSpec]) -> Option<Difference> {
        let compared = |view: &Snapshot<'_>| Difference::of("/etc/natrium/my.yml", admins, kinds, view);
        self.store.read_blocking(compared).unwrap()
    }

    async fn lines(&self) -> Vec<String> {
        let entries = Trail::new(self.store.clone()).list(i64::MAX, 100, None, None).await.unwrap();
        let line = |entry: interfaces::audit::Entry| {
            assert_eq!(entry.actor, Author { origin: Origin::File, id: 0, name: "my.yml".to_owned() });
            let words = [Some(entry.action), entry.kind, entry.about];
            words.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        entries.into_iter().rev().map(line).collect()
    }

    async fn execute(&self, sql: &'static str) {
        self.store.write::<_, StoreError, _>(move |job| job.execute(sql, ())).await.unwrap();
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn each_difference_is_a_line_of_the_file_and_what_is_the_same_none() {
    run(async {
        let room = Room::new();
        let (owner, viewer) = (Some(Role::Owner), Some(Role::Viewer));
        let [fees, rates] = [("fees", "fees.yml"), ("rates", "rates.yml")].map(|(name, file)| kind(name, file, false));
        let anna = person(ANNA, "Anna", owner, &[]);
        let boris = person(BORIS, "Boris", viewer, &[("fees", Role::Admin)]);
        let said = room.starts(&[boris.clone(), anna.clone()], &[rates.clone(), fees.clone()]).await;
        let first = ["set Anna (1001): owner", "set Boris (1002): viewer", "set fees Boris (1002): admin"];
        let lines: Vec<_> = first.into_iter().chain(["declare fees fees.yml", "declare rates rates.yml"]).collect();
        assert_eq!(said, (lines.into_iter().map(str::to_owned).collect(), true));
        assert_eq!(room.starts(&[anna.clone(), boris], &[fees, rates.clone()]).await, (Vec::new(), false));

        let annie = person(ANNA, "Annie", owner, &[]);
        let boris = person(BORIS, "Boris", owner, &[]);
        let (lines, _) = room.starts(&[annie.clone(), boris], &[kind("fees", "f.yml", true), rates.clone()]).await;
        assert_eq!(lines, ["set Boris (1002): owner", "remove fees Boris (1002)", "declare fees f.yml, approval"]);
        let (lines, _) = room.starts(&[], &[rates]).await;
        assert_eq!(lines, ["remove Annie (1001)", "remove Boris (1002)", "retire fees"], "by their last names");
    });
}

#[test]
fn a_role_that_the_service_gave_counts_where_the_settings_name_nobody() {
    run(async {
        let room = Room::new();
        room.execute("INSERT INTO admins VALUES (1002, '', 'admin', 'Boris', 0)").await;
        assert_eq!(room.starts(&[], &[]).await, (Vec::new(), false), "who is not named is none of the file's doing");
        let (lines, _) = room.starts(&[person(BORIS, "Boris", Some(Role::Admin), &[])], &[]).await;
        assert_eq!(lines, [""; 0], "the same as before");
        let (lines, _) = room.starts(&[person(BORIS, "Boris", Some(Role::Owner), &[])], &[]).await;
        assert_eq!(lines, ["set Boris (1002): owner"]);
        let (lines, _) = room.starts(&[], &[]).await;
        assert_eq!(lines, ["set Boris (1002): admin"], "what he had is what he has again");
    });
}

#[test]
fn what_people_do_before_there_is_room_for_it_is_not_the_files_doing() {
    run(async {
        let room = Room::new();
        room.starts(&[person(BORIS, "Boris", Some(Role::Owner), &[])], &[]).await;
        let waits = room.differs(&[], &[]).unwrap();
        room.execute("INSERT INTO admins VALUES (1002, '', 'viewer', 'Boris', 0)").await;
        room.store.write(move |job| waits.record(job, 7)).await.unwrap();
        assert_eq!(room.lines().await, ["set Boris (1002): owner", "remove Boris (1002)"]);
        assert_eq!(room.starts(&[], &[]).await, (Vec::new(), false));
    });
}

#[test]
fn who_has_no_role_any_more_is_not_told_what_was_for_somebody_who_has() {
    run(async {
        let room = Room::new();
        let two = [ANNA, BORIS].map(|user| person(user, "x", Some(Role::Admin), &[]));
        room.starts(&two, &[]).await;
        let told = |job: &Transaction<'_>| {
            let event = Event::RemovedByHand { kind: "fees".to_owned(), version: 1 };
            [ANNA, BORIS].into_iter().try_for_each(|user| notices::tell(job, user, &event, 1))
        };
        room.store.write(told).await.unwrap();
        room.starts(&two[..1], &[]).await;
        let pending = notices::Notices::new(room.store.clone()).pending(0, 100).await.unwrap();
        assert_eq!(pending.iter().map(|notice| notice.user).collect::<Vec<_>>(), [ANNA]);
    });
}
