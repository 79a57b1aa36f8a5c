//! `natrium preflight`: said before a deploy, while the old release serves.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use harness::Programs;
use interfaces::supervisor::Status;

use crate::hosted::Host;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_start_passes_while_another_serves_and_is_not_disturbed() {
    let mut host = Host::new().await;
    // Before there is anything.
    assert_eq!(host.natrium(&["preflight"]).1, 0, "{:?}", host.natrium(&["preflight"]));
    host.service.start().unwrap();
    let before = host.service.supervisor().status(&Status {}).await.unwrap();
    let (text, code) = host.natrium(&["preflight"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("the store has schema 5, as these programs"), "{text}");
    let after = host.service.supervisor().status(&Status {}).await.unwrap();
    let processes = |status: &interfaces::supervisor::StatusReply| {
        status.workers.iter().map(|worker| (worker.pid, worker.generation)).collect::<Vec<_>>()
    };
    assert_eq!(processes(&before), processes(&after));
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());
    assert_eq!(host.finding(&["preflight"], "schema").0, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_start_is_told_with_78() {
    let mut host = Host::new().await;
    host.service.start().unwrap();
    let problem = |host: &Host, what: &str, part: &str| {
        let (state, found) = host.finding(&["preflight"], what);
        assert!(state == "problem" && found.contains(part), "{what}: {state}, {found:?} without {part:?}");
        assert_eq!(host.natrium(&["preflight"]).1, 78);
    };
    let token = host.service.path().join("token");
    let right = fs::read_to_string(&token).unwrap();
    fs::write(&token, "123456789:short").unwrap();
    problem(&host, "token", "does not look like one");
    fs::write(&token, right).unwrap();
    let runtime = host.service.runtime().display().to_string();
    host.settings(&runtime, &format!("/{}", "long".repeat(30)));
    problem(&host, "runtime", "too long for sockets");
    host.settings(&format!("/{}", "long".repeat(30)), &runtime);
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());
    // A store that a newer release has written: it only added to it, or did more.
    let store = host.service.state().join("store.sqlite");
    let migrate = |sql: &str| {
        let script = format!("import sqlite3; s = sqlite3.connect({store:?}); s.executescript({sql:?}); s.close()");
        assert!(Command::new("python3").args(["-c", &script]).status().unwrap().success());
    };
    migrate("PRAGMA user_version = 9");
    let (state, found) = host.finding(&["preflight"], "schema");
    assert!(state == "ok" && found.contains("the store has schema 9, which only adds"), "{state}: {found}");
    migrate("UPDATE compatibility SET since = 9");
    problem(&host, "schema", "the store has schema 9, and these programs know 5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_of_two_releases_do_not_pass() {
    let built = Programs::beside_this_one().unwrap();
    let mixed = tempfile::Builder::new().prefix("natrium-mixed-").tempdir().unwrap();
    let host = Host::new().await;
    for name in ["natriumd", "natrium-writer", "natrium-bot"] {
        symlink(built.path(name), mixed.path().join(name)).unwrap();
    }
    let looked = |host: &mut Host| {
        host.service.environment = vec![("NATRIUM_LIBEXEC".to_owned(), mixed.path().display().to_string())];
        host.finding(&["preflight"], "programs")
    };
    let mut host = host;
    assert_eq!(looked(&mut host).0, "ok");
    fs::remove_file(mixed.path().join("natrium-bot")).unwrap();
    assert!(looked(&mut host).1.contains("natrium-bot cannot be run"));
    symlink(built.path("natrium-writer"), mixed.path().join("natrium-bot")).unwrap();
    assert!(looked(&mut host).1.contains("natrium-bot is another version"));
}
