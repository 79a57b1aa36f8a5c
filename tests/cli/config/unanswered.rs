//! When nobody answers: what is not known is never said to be so or so.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;

use harness::{skip, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Desk, document, run};
use crate::running::{PATIENCE, Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_says_to_do_where_nothing_is_known_does_it_once_and_tells() {
    let desk = Desk::new();
    let file = desk.file("it's new.yml", document("fees", "one"));
    // Nobody may notice that the writer hangs.
    let hung = [desk.service.pid().unwrap(), desk.service.worker("writer").await.unwrap()];
    let signal = |signal| hung.iter().for_each(|pid| kill(Pid::from_raw(*pid), signal).unwrap());
    signal(Signal::SIGSTOP);
    let put = desk.natrium(&["config", "put", "fees", &file, "--base", "0", "--timeout", "1"]);
    let (json, code) = desk.json(&["config", "put", "rates", &file, "--base", "0", "--timeout", "1"]);
    signal(Signal::SIGCONT);
    assert_eq!((put.code, put.out.as_str()), (75, ""), "{put:?}");
    assert!(put.err.contains("it is not known whether it was done: no answer in time"), "{put:?}");
    assert_eq!((code, &json["error"]), (75, &"natrium.NotKnown".into()), "{json}");
    let line = put.err.lines().last().unwrap().trim();
    assert!(line.starts_with("natrium config put fees ") && line.contains(" --request "), "{put:?}");
    for _ in 0..2 {
        let mut shell = Command::new("/bin/sh");
        let programs = std::path::Path::new(env!("CARGO_BIN_EXE_natrium")).parent().unwrap();
        shell.args(["-c", line]).env_clear().env("PATH", programs).env("RUNTIME_DIRECTORY", desk.service.runtime());
        let told = run(shell.output().unwrap());
        assert_eq!((told.code, told.out.as_str()), (0, "fees: version 1 is saved and published\n"), "{told:?}");
    }
    assert_eq!(desk.versions("fees"), [1]);
}

#[test]
fn ctrl_c_while_it_waits_is_answered_with_what_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join("writer.sock")).unwrap();
    let file = directory.path().join("fees.yml");
    std::fs::write(&file, "a: 1\n").unwrap();
    let put = Running::start(&["config", "put", "fees", file.to_str().unwrap(), "--base", "0"], directory.path());
    listener.set_nonblocking(true).unwrap();
    // The first one only looks whether somebody is there; the second one asks.
    let connections: Vec<_> =
        (0..2).map(|_| until("it connects", PATIENCE, || listener.accept().ok()).unwrap()).collect();
    let asked = || {
        use std::io::Read;
        let mut byte = [0];
        connections[1].0.set_nonblocking(true).unwrap();
        (&connections[1].0).read(&mut byte).ok().filter(|read| *read == 1)
    };
    until("it asks", PATIENCE, asked).unwrap();
    let put = put.interrupt();
    assert_eq!(put.code, 75, "{put:?}");
    assert!(put.err.contains("it is not known whether it was done: interrupted"), "{put:?}");
}

#[test]
fn a_service_that_does_not_run_is_told_with_3() {
    let desk = Desk::idle(&[], "");
    let file = desk.file("fees.yml", document("fees", "one"));
    let commands: &[&[&str]] = &[
        &["config", "list"],
        &["config", "get", "fees"],
        &["config", "put", "fees", &file],
        &["config", "diff", "fees"],
        &["config", "history", "fees"],
        &["config", "rollback", "fees", "1"],
        &["config", "check", "fees", &file],
        &["config", "export", &file],
        &["config", "import", &file],
        &["config", "proposals"],
        &["config", "approve", "1"],
        &["config", "decline", "1"],
        &["config", "adopt", "fees"],
        &["config", "restore", "fees"],
        &["config", "ack", "fees", "1", "--consumer", "x"],
        &["config", "consumers", "fees"],
        &["audit"],
        &["admins"],
        &["admins", "list"],
        &["admins", "set", "5", "viewer"],
        &["admins", "invite", "admin"],
        &["admins", "remove", "5"],
        &["pair"],
    ];
    for command in commands {
        let run = desk.says(command, 3, &["natrium is not running"]);
        assert_eq!(run.out, "", "{command:?}");
        if command[1..] != ["get", "fees"] {
            let (json, code) = desk.json(command);
            assert_eq!((code, &json["error"]), (3, &"natrium.NotRunning".into()), "{command:?}: {json}");
        }
        let wrong = [*command, &["--settings", "/nowhere.yml"]].concat();
        assert_eq!(desk.natrium(&wrong).code, 78, "{command:?}");
    }
    assert!(!desk.path("export.json").exists());
}

#[test]
fn who_may_not_ask_is_told_with_77() {
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can be somebody else").unwrap();
    }
    let desk = Desk::new();
    let (programs, _kept) = harness::Programs::beside_this_one().unwrap().for_everybody().unwrap();
    std::fs::set_permissions(desk.service.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(programs.path("natrium"));
    command.args(["config", "list"]).env_clear().env("RUNTIME_DIRECTORY", desk.service.runtime());
    let refused = run(command.uid(65534).gid(65534).output().unwrap());
    assert_eq!(refused.code, 77, "{refused:?}");
    assert!(refused.err.contains("; ask as root, or as a member"), "{refused:?}");
}
