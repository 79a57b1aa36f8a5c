//! `natrium doctor`: everything that may be wrong is told, with what to do, and nothing is changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use harness::{until, until_async};
use interfaces::configs::{Author, Origin, Put};

use crate::hosted::Host;
use crate::running::PATIENCE;

/// Everything in a directory: name, length, mode, time of the last change.
fn everything(directory: &Path) -> BTreeMap<String, (u64, u32, i64)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            all.extend(everything(&path));
        }
        all.insert(path.display().to_string(), (metadata.len(), metadata.mode(), metadata.mtime_nsec()));
    }
    all
}

/// Puts a first version, and answers its content.
async fn put(host: &Host) -> String {
    let content = kinds::sample("fees").unwrap().to_owned();
    let author = Author { origin: Origin::Operator, id: 0, name: "root".to_owned() };
    let put = Put {
        kind: "fees".to_owned(),
        content: content.clone(),
        base: 0,
        over: None,
        author,
        request_id: "a".to_owned(),
        settles: None,
    };
    host.service.configs().put(&put).await.unwrap();
    content
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_well_is_found_well_while_it_runs_and_while_it_does_not() {
    let mut host = Host::new().await;
    host.service.start().unwrap();
    for what in [
        "settings",
        "token",
        "token file",
        "programs",
        "state",
        "runtime",
        "published",
        "instance",
        "worker",
        "schema",
        "store",
        "configs",
        "owner",
        "disk",
        "sandbox",
        "telegram",
    ] {
        assert_eq!(host.finding(&["doctor"], what).0, "ok", "{what}: {:?}", host.finding(&["doctor"], what));
    }
    let (text, _) = host.natrium(&["doctor"]);
    assert!(text.lines().any(|line| line.starts_with("telegram") && line.contains("knows the bot @")), "{text}");
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());

    let before = everything(host.service.path());
    for what in ["settings", "token", "programs", "state", "schema", "store", "disk", "sandbox", "telegram"] {
        assert_eq!(host.finding(&["doctor"], what).0, "ok", "{what}: {:?}", host.finding(&["doctor"], what));
    }
    assert_eq!(host.finding(&["doctor"], "instance").0, "unknown");
    assert_eq!(everything(host.service.path()), before, "looking changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_thing_that_is_wrong_is_told() {
    let mut host = Host::new().await;
    host.service.start().unwrap();
    let problem = |host: &Host, what: &str, part: &str| {
        let (state, found) = host.finding(&["doctor"], what);
        assert!(state == "problem" && found.contains(part), "{what}: {state}, {found:?} without {part:?}");
    };
    let token = host.service.path().join("token");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&token, 0o644);
    problem(&host, "token file", "others can read");
    problem(&host, "settings", "everybody on this host can read the secret");
    mode(&token, 0o600);
    mode(&host.service.state(), 0o755);
    problem(&host, "state", "has mode 755");
    mode(&host.service.state(), 0o700);
    mode(&host.service.path().join("published"), 0o777);
    problem(&host, "published", "has mode 777");
    mode(&host.service.path().join("published"), 0o755);

    let right = fs::read_to_string(&token).unwrap();
    fs::write(&token, "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc").unwrap();
    problem(&host, "telegram", "does not know the token: 401");
    fs::write(&token, "not a token").unwrap();
    problem(&host, "token", "does not look like one");
    fs::remove_file(&token).unwrap();
    problem(&host, "token", "reading the secret in");
    fs::write(&token, right).unwrap();
    mode(&token, 0o600);
    host.settings(&host.url, "http://127.0.0.1:9");
    problem(&host, "telegram", "cannot be asked: Connection refused");
    host.settings("http://127.0.0.1:9", &host.url);

    // What somebody changed by hand.
    let put = put(&host).await;
    fs::write(host.service.published("fees.yml"), "by hand").unwrap();
    problem(&host, "store", "was changed by somebody else: version 1");
    let noticed = || {
        let (state, found) = host.finding(&["doctor"], "configs");
        (state == "problem" && found.contains("fees.yml was changed by hand")).then_some(())
    };
    until("it is noticed", PATIENCE, noticed).unwrap();
    fs::write(host.service.published("fees.yml"), put).unwrap();

    host.service.signal(nix::sys::signal::Signal::SIGKILL).unwrap();
    host.service.wait_ended().unwrap();
    let gone = async || host.service.processes().is_empty().then_some(());
    until_async("all have ended", PATIENCE, gone).await.unwrap();
    problem(&host, "instance", "died; nothing has to be deleted");
    // A store in which something is another than was written.
    let store = host.service.state().join("store.sqlite");
    let _log = fs::remove_file(host.service.state().join("store.sqlite-wal"));
    let mut bytes = fs::read(&store).unwrap();
    let last = bytes.len() - 4096;
    bytes[last..].fill(0x5a);
    fs::write(&store, bytes).unwrap();
    problem(&host, "store", "damaged");
    fs::write(&store, "no database at all, but long enough to be one".repeat(20)).unwrap();
    problem(&host, "store", "is not a database");
    problem(&host, "schema", "is not a database");
    host.settings("admins:", "admin:");
    problem(&host, "settings", "admin");
}
