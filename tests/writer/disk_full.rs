//! No space left, and space again.

use std::fs;
use std::process::Stdio;

use harness::{Instance, SmallDisk, until, until_async};
use interfaces::CallError;
use interfaces::admins::{self, Client as Admins, Role, Set};
use interfaces::audit::{Client as Audit, Entry, List, Outcome, Record};
use interfaces::configs::{Author, Error, Get, Origin, PutReply};
use interfaces::supervisor::{Reload, Status, Worker, WorkerState};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::operators::{PATIENCE, document, names, put, service, upload};

/// A service whose state and published files lie on `disk`.
pub(crate) fn on(disk: &SmallDisk) -> Instance {
    let service = service();
    let settings = fs::read_to_string(service.settings()).unwrap();
    let moved = ["state", "published"].iter().fold(settings, |settings, name| {
        let (usual, small) = (service.path().join(name), disk.path().join(name));
        settings.replace(&usual.display().to_string(), &small.display().to_string())
    });
    service.write_settings(&moved).unwrap();
    service
}

async fn writer(service: &Instance) -> Worker {
    let status = service.supervisor().status(&Status {}).await.unwrap();
    status.workers.into_iter().find(|worker| worker.name == "writer").unwrap()
}

fn no_space(refused: Result<PutReply, CallError<Error>>) {
    match refused {
        Err(CallError::Reply(Error::NotSaved { kind, reason })) => {
            assert!(kind == "fees" && reason.to_lowercase().contains("no space left on device"), "{kind}: {reason}");
        }
        other => panic!("{other:?}"),
    }
}

fn audit(service: &Instance) -> Audit {
    Audit::new(service.pool("writer"), PATIENCE)
}

/// What was refused for want of space, by request, the oldest first.
async fn refused(service: &Instance) -> Vec<(String, Entry)> {
    let mut entries = Vec::<Entry>::new();
    loop {
        let before = entries.last().map(|entry| entry.seq);
        let page = audit(service).list(&List { before, limit: 100, kind: None, user: None }).await.unwrap().entries;
        if page.is_empty() {
            break;
        }
        entries.extend(page);
    }
    entries.retain(|entry| entry.outcome == Outcome::Refused);
    entries.sort_by_key(|entry| (entry.at_ms, entry.seq));
    entries.into_iter().map(|entry| (entry.request_id.clone().unwrap(), entry)).collect()
}

/// Each of these requests has one line in the trail, and nothing else that was refused has any.
async fn are_recorded(service: &Instance, requests: &[&str]) {
    let found = refused(service).await;
    assert_eq!(found.iter().map(|(request, _)| request.as_str()).collect::<Vec<_>>(), requests);
    for (request, entry) in &found {
        assert_eq!((entry.action.as_str(), entry.reason.as_deref()), ("put", Some("not saved")), "{request}");
        assert_eq!((entry.kind.as_deref(), entry.version), (Some("fees"), None), "{request}");
        let root = Author { origin: Origin::Operator, id: 0, name: "root".to_owned() };
        assert_eq!(entry.actor, root, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_uploads_the_file_stands_and_the_service_lives() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    let first = document("fees", "first");
    upload(&service, "fees", 0, &first).await;
    let before = writer(&service).await;
    disk.fill().unwrap();

    let configs = service.configs();
    let large = document("fees", &"large ".repeat(20_000));
    no_space(configs.put(&put("fees", 1, &large, "large")).await);
    for number in 0..20 {
        let request = format!("small.{number}");
        no_space(configs.put(&put("fees", 1, &document("fees", &request), &request)).await);
    }
    let published = disk.path().join("published");
    assert_eq!(names(&published), ["fees.yml", "fees.yml.meta.json"], "no half document");
    assert_eq!(fs::read_to_string(published.join("fees.yml")).unwrap(), first, "the old version stands");
    let current = configs.get(&Get { kind: "fees".to_owned(), version: None }).await.unwrap();
    assert_eq!((current.version.version, current.content), (1, first.clone()));
    let meanwhile = writer(&service).await;
    assert_eq!((meanwhile.pid, meanwhile.state), (before.pid, WorkerState::Ready), "{}", meanwhile.status);

    disk.relieve().unwrap();
    let reply = configs.put(&put("fees", 1, &large, "large")).await.unwrap();
    assert_eq!((reply.version.version, reply.published), (2, true));
    assert_eq!(fs::read_to_string(published.join("fees.yml")).unwrap(), large);
    assert_eq!(fs::read_to_string(disk.path().join("state/backups/fees.v1.yml")).unwrap(), first);
    let small: Vec<_> = (0..20).map(|number| format!("small.{number}")).collect();
    let requests: Vec<_> = ["large"].into_iter().chain(small.iter().map(String::as_str)).collect();
    are_recorded(&service, &requests).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_without_space_is_in_the_trail_once_though_the_writer_is_killed_and_is_asked_again() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    disk.fill().unwrap();
    let configs = service.configs();
    let large = document("fees", &"large ".repeat(20_000));
    no_space(configs.put(&put("fees", 1, &large, "before")).await);
    no_space(configs.put(&put("fees", 1, &large, "before")).await);
    let killed = writer(&service).await;
    kill(Pid::from_raw(killed.pid.unwrap()), Signal::SIGKILL).unwrap();
    // It may not even start before there is space; whoever asks waits.
    disk.relieve().unwrap();
    let another = async || (writer(&service).await.generation > killed.generation).then_some(());
    until_async("another writer", PATIENCE, another).await.unwrap();
    are_recorded(&service, &["before"]).await;

    // Of two kills, one between, and of what comes to be refused again for the same reason, the trail knows one.
    disk.fill().unwrap();
    no_space(configs.put(&put("fees", 1, &large, "before")).await);
    no_space(configs.put(&put("fees", 1, &large, "after")).await);
    service.signal(Signal::SIGKILL).unwrap();
    service.wait_ended().unwrap();
    until("all have ended", PATIENCE, || service.processes().is_empty().then_some(())).unwrap();
    disk.relieve().unwrap();
    service.start().unwrap();
    are_recorded(&service, &["before", "after"]).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_that_the_bot_records_are_kept_without_space_and_those_beyond_all_places_are_counted() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    disk.fill().unwrap();
    let anna = Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() };
    let configs = service.configs();
    let large = document("fees", &"large ".repeat(20_000));
    for number in 0..130 {
        let request = format!("large.{number}");
        no_space(configs.put(&put("fees", 1, &large, &request)).await);
    }
    disk.relieve().unwrap();
    let found = refused(&service).await;
    let more: Vec<_> = found.iter().filter(|(_, entry)| entry.action != "put").map(|(_, entry)| entry).collect();
    assert_eq!((found.len(), more.len()), (127, 1), "{more:?}");
    assert_eq!((more[0].about.as_deref(), more[0].reason.as_deref()), (Some("4 more"), Some("no room")));
    assert_eq!(more[0].actor.name, "natrium-writer");

    // The reserve is given up for what is small, and then taken as well.
    disk.fill().unwrap();
    let record = |number: usize| Record {
        actor: anna.clone(),
        action: "put".to_owned(),
        kind: Some("fees".to_owned()),
        about: Some("fees.yml".to_owned()),
        reason: "invalid".to_owned(),
        request_id: format!("invalid.{number}"),
    };
    for number in 0..3 {
        audit(&service).record(&record(number)).await.unwrap();
        disk.fill().unwrap();
    }
    disk.relieve().unwrap();
    let space = async || configs.put(&put("fees", 1, &large, "space")).await.ok();
    until_async("the writer finds space", PATIENCE, space).await.unwrap();
    let found = refused(&service).await;
    let invalid = found.iter().filter(|(_, entry)| entry.reason.as_deref() == Some("invalid"));
    let invalid: Vec<_> = invalid.map(|(request, entry)| (request.as_str(), entry.actor.clone())).collect();
    assert_eq!(invalid, [0, 1, 2].map(|number| (["invalid.0", "invalid.1", "invalid.2"][number], anna.clone())));
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

/// Takes all space, and what there is in reserve; gives the request of a role that was not given any more.
async fn exhaust(service: &Instance, disk: &SmallDisk) -> String {
    let admins = Admins::new(service.pool("writer"), PATIENCE);
    // What is small is taken as long as there is a reserve.
    for number in 0..200 {
        disk.fill().unwrap();
        let call = Set {
            user: 2000 + number,
            name: "a name ".repeat(9),
            role: Role::Viewer,
            kind: None,
            by: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
            request_id: format!("role.{number}"),
            settles: None,
        };
        match admins.set(&call).await {
            Ok(_) => {}
            Err(CallError::Reply(admins::Error::NotSaved { .. })) => return call.request_id,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("there is always space")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_not_given_for_want_of_space_is_in_the_trail() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    let not_given = exhaust(&service, &disk).await;
    disk.relieve().unwrap();
    let recorded = async || {
        let found = refused(&service).await;
        let told = |(request, entry): &(String, Entry)| {
            (request == &not_given).then(|| (entry.action.clone(), entry.reason.clone().unwrap_or_default()))
        };
        found.iter().find_map(told)
    };
    let recorded = until_async("it is recorded", PATIENCE, recorded).await.unwrap();
    assert_eq!(recorded, ("set".to_owned(), "not saved".to_owned()));
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_what_was_refused_without_space_and_a_restored_store_is_told_nothing_of_another_history() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    let natrium = |service: &Instance, words: &[&str]| {
        let mut command = service.command("natrium");
        command.args(words).env("NATRIUM_SETTINGS", service.settings()).env("TMPDIR", service.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
    };
    let at = |name: &str| service.path().join(name).to_str().unwrap().to_owned();
    let (without, with) = (at("without"), at("with"));
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    natrium(&service, &["backup", &without]);
    let refuse = async |service: &mut Instance, request: &str| {
        disk.fill().unwrap();
        let large = document("fees", &"large ".repeat(20_000));
        no_space(service.configs().put(&put("fees", 1, &large, request)).await);
        service.signal(Signal::SIGKILL).unwrap();
        service.wait_ended().unwrap();
        let socket = service.runtime().join("writer.sock");
        let over = || service.processes().is_empty() && std::os::unix::net::UnixStream::connect(&socket).is_err();
        until("all have ended", PATIENCE, || over().then_some(())).unwrap();
        disk.relieve().unwrap();
    };
    refuse(&mut service, "first").await;
    natrium(&service, &["backup", &with]);
    service.start().unwrap();
    are_recorded(&service, &["first"]).await;
    refuse(&mut service, "second").await;
    natrium(&service, &["restore", &without]);
    service.start().unwrap();
    are_recorded(&service, &[]).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    natrium(&service, &["restore", &with]);
    service.start().unwrap();
    are_recorded(&service, &["first"]).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_settings_change_while_there_is_no_space_is_in_the_trail_once_there_is() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    exhaust(&service, &disk).await;
    let before = service.worker("writer").await.unwrap();
    let settings = fs::read_to_string(service.settings()).unwrap();
    // More than fits into the page that is being written.
    let many: String = (0..200).map(|user| format!("  - {{ id: {}, name: \"A person\" }}\n", 3000 + user)).collect();
    service.write_settings(&(settings + &many)).unwrap();
    service.supervisor().reload(&Reload {}).await.unwrap();
    service.succeeded("writer", before).await.unwrap();
    let admins = Admins::new(service.pool("writer"), PATIENCE);
    assert!(admins.get(&admins::Get { user: 3000 }).await.unwrap().admin.unwrap().is_owner(), "they hold all the same");
    let told = async || service.log().contains("what the settings changed is not recorded yet").then_some(());
    until_async("it is said", PATIENCE, told).await.unwrap();
    let newest = async || {
        let list = List { before: None, limit: 1, kind: None, user: None };
        audit(&service).list(&list).await.unwrap().entries.remove(0).about.unwrap_or_default()
    };
    assert!(!newest().await.contains("(3199)"), "there is no space");
    disk.relieve().unwrap();
    let recorded = async || newest().await.contains("(3199): owner").then_some(());
    until_async("the last of them is recorded", PATIENCE, recorded).await.unwrap();
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
