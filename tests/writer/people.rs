//! Who may do what, over the real writer: the first owner, roles over crashes and backups, and no code where it does not belong.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::{Instance, until, until_async};
use interfaces::CallError;
use interfaces::admins::{Client, Error, Get, Invite, List, Pair, PairReply, Pairing, Remove, Role, Set};
use interfaces::audit::{self, Entry};
use interfaces::configs::{Author, Origin};
use interfaces::store::{self, Check};
use interfaces::supervisor::Reload;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::operators::{PATIENCE, service};

fn admins(service: &Instance) -> Client {
    Client::new(service.pool("writer"), PATIENCE)
}

/// A request of its own.
fn request() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("people.{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn operator() -> Author {
    Author { origin: Origin::Operator, id: 0, name: "root".to_owned() }
}

async fn pair(service: &Instance, code: &str, user: i64) -> Result<PairReply, CallError<Error>> {
    let call = Pair { code: code.to_owned(), user, name: format!("user {user}"), request_id: request(), settles: None };
    admins(service).pair(&call).await
}

async fn set(service: &Instance, user: i64, role: Role) {
    let name = format!("user {user}");
    let call = Set { user, name, role, kind: None, by: operator(), request_id: request(), settles: None };
    admins(service).set(&call).await.unwrap();
}

async fn pairing(service: &Instance) -> Option<String> {
    admins(service).pairing(&Pairing {}).await.unwrap().code
}

async fn entries(service: &Instance) -> Vec<Entry> {
    let client = audit::Client::new(service.pool("writer"), PATIENCE);
    client.list(&audit::List { before: None, limit: 100, kind: None, user: None }).await.unwrap().entries
}

/// A service whose settings name nobody, and which logs all that it can.
fn nobodys() -> (Instance, String) {
    let service = service();
    let settings = fs::read_to_string(service.settings()).unwrap();
    let (nobody, admins) = settings.split_once("admins:").unwrap();
    service.write_settings(&format!("{nobody}log: trace\n")).unwrap();
    (service, format!("{nobody}log: trace\nadmins:{admins}"))
}

/// The code that the log shows.
fn shown(service: &Instance) -> String {
    let find = || Some(service.log().split_once("sends /pair ")?.1.split_whitespace().next()?.to_owned());
    until("the log shows the code", PATIENCE, find).unwrap()
}

fn kill_writer(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_owner_comes_by_the_code_in_the_log_and_no_other_code_is_ever_there() {
    let (mut service, _) = nobodys();
    service.start().unwrap();
    let code = shown(&service);
    assert_eq!(pairing(&service).await, Some(code.clone()));
    kill_writer(service.worker("writer").await.unwrap());
    assert_eq!(pairing(&service).await, Some(code.clone()), "the same for the next writer");

    let wrong = pair(&service, "AAAA-AAAA", 2002).await;
    assert!(matches!(wrong, Err(CallError::Reply(Error::WrongCode {}))), "{wrong:?}");
    let first = pair(&service, &code.to_lowercase().replace('-', " "), 2001).await.unwrap().admin;
    assert_eq!((first.role, first.fixed), (Some(Role::Owner), false));
    assert_eq!(pairing(&service).await, None);
    let again = pair(&service, &code, 2002).await;
    assert!(matches!(again, Err(CallError::Reply(Error::WrongCode {}))), "{again:?}");

    let by = Author { origin: Origin::Telegram, id: 2001, name: "user 2001".to_owned() };
    let invite = Invite { role: Role::Admin, kind: None, by, request_id: request(), settles: None };
    let invited = admins(&service).invite(&invite).await.unwrap();
    kill_writer(service.worker("writer").await.unwrap());
    assert_eq!(admins(&service).invite(&invite).await.unwrap(), invited, "asked again over a crash");
    assert_eq!(pair(&service, &invited.code, 2002).await.unwrap().admin.role, Some(Role::Admin));
    for guess in 0..8 {
        pair(&service, &format!("BBBB-BBB{guess}"), 2003).await.unwrap_err();
    }
    assert!(service.stop().unwrap().success(), "{}", service.log());
    service.start().unwrap();
    assert!(admins(&service).get(&Get { user: 2001 }).await.unwrap().admin.unwrap().is_owner());
    let trail = format!("{:?}", entries(&service).await);
    assert!(service.stop().unwrap().success(), "{}", service.log());

    let log = service.log();
    assert_eq!(log.matches(&code).count(), 2, "at its two starts without an owner, and nowhere else: {log}");
    for secret in [&invited.code, &invited.code.replace('-', ""), &code.replace('-', ""), "BBBB", "bbbb"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
        assert!(!trail.contains(secret), "{secret} is in the trail: {trail}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_in_the_settings_ends_the_code_with_a_reload() {
    let (mut service, with_anna) = nobodys();
    service.start().unwrap();
    let code = shown(&service);
    service.write_settings(&with_anna).unwrap();
    let restarting = service.supervisor().reload(&Reload {}).await.unwrap().restarting;
    assert!(restarting.iter().any(|one| one.worker == "writer"), "{restarting:?}");
    let ended = async || pairing(&service).await.is_none().then_some(());
    until_async("the code ends", PATIENCE, ended).await.unwrap();
    let late = pair(&service, &code, 2002).await;
    assert!(matches!(late, Err(CallError::Reply(Error::WrongCode {}))), "{late:?}");
    let names: Vec<_> = admins(&service).list(&List {}).await.unwrap().admins.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Anna"]);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_and_the_trail_are_in_a_backup_and_come_back_with_it() {
    let mut service = service();
    service.start().unwrap();
    set(&service, 2002, Role::Admin).await;
    set(&service, 2003, Role::Viewer).await;
    let natrium = |service: &Instance, word: &str| {
        let mut command = service.command("natrium");
        command.arg(word).arg(service.path().join("kept.backup"));
        command.env("NATRIUM_SETTINGS", service.settings()).env("TMPDIR", service.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{word}: {output:?}");
    };
    natrium(&service, "backup");
    let remove = Remove { user: 2002, kind: None, by: operator(), request_id: request(), settles: None };
    assert_eq!(admins(&service).remove(&remove).await.unwrap().removed.unwrap().role, Some(Role::Admin));
    set(&service, 2003, Role::Owner).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());

    natrium(&service, "restore");
    service.start().unwrap();
    let listed = admins(&service).list(&List {}).await.unwrap().admins;
    let roles: Vec<_> = listed.into_iter().map(|one| (one.user, one.role)).collect();
    assert_eq!(roles, [(1001, Some(Role::Owner)), (2002, Some(Role::Admin)), (2003, Some(Role::Viewer))]);
    let trail: Vec<_> = entries(&service).await.into_iter().map(|entry| (entry.action, entry.actor.name)).collect();
    // The settings say the same to the restored store as they said to it.
    let by_root = ["restore_store", "set", "set"].map(|action| (action.to_owned(), "root".to_owned()));
    let by_file = ["declare", "declare", "set"].map(|action| (action.to_owned(), "natrium.yml".to_owned()));
    assert_eq!(trail, [by_root, by_file].concat());
    let client = store::Client::new(service.pool("writer"), PATIENCE);
    assert_eq!(client.check(&Check {}).await.unwrap().problems, [""; 0]);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_settings_change_of_roles_and_kinds_is_in_the_trail_once_over_reloads_and_kills() {
    let mut service = service();
    service.start().unwrap();
    let settings = fs::read_to_string(service.settings()).unwrap();
    let lines = async || {
        let line = |entry: Entry| {
            let Entry { actor, action, kind, about, .. } = entry;
            assert_eq!((actor.origin, actor.name.as_str()), (Origin::File, "natrium.yml"));
            [Some(action), kind, about].into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        entries(&service).await.into_iter().rev().map(line).collect::<Vec<_>>()
    };
    let mut expected = vec!["set Anna (1001): owner", "declare fees fees.yml", "declare rates rates.yml"];
    assert_eq!(lines().await, expected);
    let boris = "  - { id: 1002, name: Boris, role: viewer, kinds: { fees: admin } }\n";
    let approval = "configs:\n  fees: { file: fees.yml, schema: builtin, approval: true }\n";
    for (changed, adds) in [
        (
            format!("{settings}{boris}{approval}"),
            &[
                "set Boris (1002): viewer",
                "set fees Boris (1002): admin",
                "retire rates",
                "declare fees fees.yml, approval",
            ][..],
        ),
        (settings.clone() + approval, &["remove Boris (1002)", "remove fees Boris (1002)"]),
        (settings.clone() + approval + "log: debug\n", &[]),
    ] {
        let before = service.worker("writer").await.unwrap();
        service.write_settings(&changed).unwrap();
        let restarting = service.supervisor().reload(&Reload {}).await.unwrap().restarting;
        assert!(restarting.iter().any(|one| one.worker == "writer"), "{restarting:?}");
        service.succeeded("writer", before).await.unwrap();
        expected.extend(adds);
        // Whoever is answered by the new writer finds what it began with.
        assert_eq!(lines().await, expected);
        kill_writer(service.worker("writer").await.unwrap());
        assert_eq!(lines().await, expected, "the next one finds nothing new");
    }
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
