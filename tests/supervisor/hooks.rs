//! What the settings want run after a version was published: by `natriumd`, for the writer, and with no chance to disturb anybody.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use harness::until;
use interfaces::supervisor::{self, Error, HookEnd, RunHook, RunHookReply, WhoIs, WorkerState};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgid};
use varlink::CallError;

use crate::house::{HEALTHY, House, PATIENCE, is_alive};

/// A writer through which a test speaks with the supervisor.
const WRITER: &str = "ping 100\nsay READY=1\nrelay";

type Answer = Result<RunHookReply, CallError<Error>>;

/// A service whose kinds have these hooks, each as YAML.
fn house(hooks: &[(&str, &str)]) -> House {
    let mut house = House::new(WRITER, HEALTHY);
    configure(&house, hooks);
    house.instance.start().unwrap();
    house
}

fn configure(house: &House, hooks: &[(&str, &str)]) {
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    let settings = settings.split("configs:").next().unwrap();
    let kind = |(kind, hook): &(&str, &str)| {
        format!("  {kind}:\n    file: {kind}.yml\n    schema: builtin\n    after_publish: {hook}\n")
    };
    let kinds: String = hooks.iter().map(kind).collect();
    house.instance.write_settings(&format!("{settings}configs:\n{kinds}")).unwrap();
}

/// A hook that is this script, run by a shell that the settings name.
fn script(text: &str, seconds: u32) -> String {
    let text = text.replace('\'', "''");
    format!("{{ command: [/bin/sh, -c, '{text}'], timeout: {seconds} }}")
}

/// A directory for what hooks leave.
fn marks() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    (directory, path)
}

/// Asks as the writer, and waits.
fn run(house: &House, kind: &str, version: i64) -> Answer {
    asked(house, "writer", kind, version).join().unwrap()
}

/// Asks as a worker that relays.
fn asked(house: &House, worker: &str, kind: &str, version: i64) -> JoinHandle<Answer> {
    let client = supervisor::Client::new(house.instance.pool(worker), PATIENCE);
    let call = RunHook { kind: kind.into(), version };
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.run_hook(&call))
    })
}

fn ended(reply: &RunHookReply) -> (HookEnd, Option<i64>, Option<i64>) {
    (reply.end, reply.code, reply.signal)
}

/// The pid that a hook has written into a file.
fn pid(file: &Path) -> i32 {
    let read = || fs::read_to_string(file).ok()?.trim().parse().ok();
    until("the hook says which process it is", PATIENCE, read).unwrap()
}

fn gone(pid: i32) {
    until("its process is gone", PATIENCE, || (!is_alive(pid)).then_some(())).unwrap();
}

/// What a hook wrote, as it stands in the log.
fn logged(house: &House, kind: &str) -> Vec<String> {
    let log = house.instance.log();
    let mark = format!("worker=\"hook:{kind}\"");
    log.lines().filter(|line| line.contains(&mark)).map(ToOwned::to_owned).collect()
}

#[test]
fn it_is_given_its_variables_and_nothing_else() {
    let mut house = House::new(WRITER, HEALTHY);
    for (name, value) in [("CREDENTIALS_DIRECTORY", "/run/x"), ("NATRIUM_BOT_TOKEN", "1:secret"), ("HOME", "/root")] {
        house.instance.environment.push((name.into(), value.into()));
    }
    configure(
        &house,
        &[("fees", "{ command: [/usr/bin/env] }"), ("rates", "{ command: [/bin/ls, -l, /proc/self/fd] }")],
    );
    house.instance.start().unwrap();

    let reply = run(&house, "fees", 12).unwrap();
    assert_eq!(ended(&reply), (HookEnd::Succeeded, Some(0), None));
    let lines = logged(&house, "fees");
    let published = house.instance.published("fees.yml").display().to_string();
    let expected = [
        "PATH=/usr/bin:/bin".to_owned(),
        "LANG=C.UTF-8".to_owned(),
        "NATRIUM_KIND=fees".to_owned(),
        format!("NATRIUM_FILE={published}"),
        "NATRIUM_VERSION=12".to_owned(),
    ];
    for variable in &expected {
        assert_eq!(lines.iter().filter(|line| line.contains(variable)).count(), 1, "{variable}: {lines:#?}");
    }
    // Each of these lines, one that says what is run, and one that says how it ended.
    assert_eq!(lines.len(), expected.len() + 2, "{lines:#?}");
    assert_eq!(reply.log, "NATRIUM_VERSION=12");

    let reply = run(&house, "rates", 1).unwrap();
    assert_eq!(ended(&reply), (HookEnd::Succeeded, Some(0), None));
    let lines = logged(&house, "rates");
    let open: Vec<_> =
        lines.iter().filter_map(|line| line.split_once(" -> ").map(|(_, to)| to.split(' ').next().unwrap())).collect();
    let [null, out, err, own] = open.as_slice() else { panic!("{lines:#?}") };
    assert_eq!(*null, "/dev/null");
    assert!(out.starts_with("pipe:") && out == err, "{out} {err}");
    assert!(own.starts_with("/proc/"), "the directory that is listed: {own}");
    house.stop();
}

#[test]
fn how_it_ended_is_told() {
    let mut house = house(&[
        ("fees", &script("echo reading; echo it is no good >&2; exit 3", 30)),
        ("rates", &script("kill -SEGV $$", 30)),
    ]);
    let reply = run(&house, "fees", 1).unwrap();
    assert_eq!(ended(&reply), (HookEnd::Failed, Some(3), None));
    assert_eq!((reply.log.as_str(), reply.reason), ("it is no good", None));
    let lines = logged(&house, "fees");
    assert!(lines.iter().any(|line| line.contains("reading")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("WARN") && line.contains("exited with 3 after")), "{lines:#?}");

    let reply = run(&house, "rates", 1).unwrap();
    assert_eq!(ended(&reply), (HookEnd::Failed, None, Some(11)));
    house.stop();
}

#[test]
fn what_cannot_be_started_is_told_with_the_reason() {
    let (_directory, marks) = marks();
    let forbidden = marks.join("forbidden");
    fs::write(&forbidden, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&forbidden, fs::Permissions::from_mode(0o644)).unwrap();
    let forbidden = forbidden.display();
    let mut house =
        house(&[("fees", "{ command: [/nowhere/reload] }"), ("rates", &format!("{{ command: [{forbidden}] }}"))]);
    let not_started = |kind| {
        let reply = run(&house, kind, 1).unwrap();
        assert_eq!(ended(&reply), (HookEnd::NotStarted, None, None));
        reply.reason.unwrap()
    };
    assert_eq!(not_started("fees"), "/nowhere/reload: running its program: No such file or directory");
    assert_eq!(not_started("rates"), format!("{forbidden}: running its program: Permission denied"));
    house.stop();
}

#[test]
fn where_no_descriptors_are_left_it_is_told_and_works_again_later() {
    let mut house = house(&[("fees", "{ command: [/bin/true] }")]);
    let natriumd = house.instance.pid().unwrap();
    let count = || fs::read_dir(format!("/proc/{natriumd}/fd")).unwrap().count();
    let open = count();
    assert_eq!(run(&house, "fees", 1).unwrap().end, HookEnd::Succeeded);
    until("the first call is gone", PATIENCE, || (count() <= open).then_some(())).unwrap();
    let limit = |limit: &str| {
        let limited = std::process::Command::new("prlimit").arg(format!("--pid={natriumd}")).arg(limit).status();
        assert!(limited.unwrap().success());
    };
    // Room for the caller, and not for what a hook takes.
    limit(&format!("--nofile={}:", open + 2));
    let reply = run(&house, "fees", 2).unwrap();
    assert_eq!(ended(&reply), (HookEnd::NotStarted, None, None));
    assert!(reply.reason.as_deref().unwrap().contains("Too many open files"), "{reply:?}");
    limit("--nofile=1024:");
    assert_eq!(run(&house, "fees", 3).unwrap().end, HookEnd::Succeeded);
    house.stop();
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let (_directory, marks) = marks();
    let (own, child) = (marks.join("own"), marks.join("child"));
    let stubborn = format!(
        "trap : TERM; sleep 1000 & echo $! >{}; (trap '' TERM; echo $$ >{}; while :; do sleep 1000; done)",
        child.display(),
        own.display()
    );
    let mut house = house(&[("fees", &script(&stubborn, 1)), ("rates", &script("echo waiting; exec sleep 1000", 1))]);
    let began = Instant::now();
    let call = asked(&house, "writer", "fees", 1);
    let (own, child) = (pid(&own), pid(&child));
    assert_eq!(getpgid(Some(Pid::from_raw(own))).unwrap().as_raw(), own, "it leads a process group of its own");
    assert_eq!(getpgid(Some(Pid::from_raw(child))).unwrap().as_raw(), own);
    let reply = call.join().unwrap().unwrap();
    assert_eq!(ended(&reply), (HookEnd::TimedOut, None, Some(Signal::SIGKILL as i64)));
    assert!(began.elapsed() >= Duration::from_secs(3), "it has a second, and two to end by itself");
    assert!(reply.took_ms >= 3000, "{reply:?}");
    gone(own);
    gone(child);

    let reply = run(&house, "rates", 1).unwrap();
    assert_eq!(ended(&reply), (HookEnd::TimedOut, None, Some(Signal::SIGTERM as i64)));
    assert_eq!(reply.log, "waiting");
    house.stop();
}

#[test]
fn one_that_leaves_somebody_behind_is_over_when_it_ends() {
    let (_directory, marks) = marks();
    let (child, far) = (marks.join("child"), marks.join("far"));
    // One of its group, and one that has left it; both hold what it writes into open.
    let text = format!(
        "sleep 1000 & echo $! >{}; setsid sh -c 'echo $$ >{}; exec sleep 1000' & until [ -s {} ]; do :; done; echo done",
        child.display(),
        far.display(),
        far.display()
    );
    let mut house = house(&[("fees", &script(&text, 15))]);
    let reply = run(&house, "fees", 1).unwrap();
    assert_eq!((ended(&reply), reply.log.as_str()), ((HookEnd::Succeeded, Some(0), None), "done"));
    gone(pid(&child));
    nix::sys::signal::kill(Pid::from_raw(pid(&far)), Signal::SIGKILL).unwrap();
    house.stop();
}

#[test]
fn one_that_floods_disturbs_nobody_and_fills_no_log() {
    let mut house = house(&[("fees", "{ command: [/usr/bin/yes, what a flood], timeout: 3 }")]);
    let call = asked(&house, "writer", "fees", 1);
    until("it floods", PATIENCE, || (logged(&house, "fees").len() > 100).then_some(())).unwrap();
    let worker = house.worker("bot");
    assert_eq!((worker.state, worker.generation), (WorkerState::Ready, 1));
    assert!(!call.is_finished(), "the supervisor answers while it floods");
    let reply = call.join().unwrap().unwrap();
    // It may have been ended in the middle of a line.
    assert!(reply.end == HookEnd::TimedOut && "what a flood".starts_with(&reply.log), "{reply:?}");
    let lines = logged(&house, "fees");
    assert!(lines.len() < 1100, "{} lines", lines.len());
    assert!(lines.iter().any(|line| line.contains("more lines of it were not logged")), "{:#?}", lines.last());
    assert_eq!(house.worker("writer").generation, 1);
    house.stop();
}

#[test]
fn one_of_a_kind_runs_at_a_time_and_other_kinds_beside_it() {
    let (_directory, marks) = marks();
    let at = marks.display();
    let fees = format!(
        "echo $$ >{at}/$NATRIUM_VERSION; until [ -e {at}/go ]; do sleep 0.05; done; echo $NATRIUM_VERSION >>{at}/order"
    );
    let mut house = house(&[("fees", &script(&fees, 60)), ("rates", &script("exit 0", 60))]);
    let first = asked(&house, "writer", "fees", 1);
    pid(&marks.join("1"));
    let second = asked(&house, "writer", "fees", 2);
    until("it waits", PATIENCE, || house.instance.log().contains("for another run of it to end").then_some(()))
        .unwrap();
    // Another kind's is through meanwhile, and the second one has not begun.
    assert_eq!(run(&house, "rates", 1).unwrap().end, HookEnd::Succeeded);
    assert!(!marks.join("2").exists());
    fs::write(marks.join("go"), "").unwrap();
    for call in [first, second] {
        assert_eq!(call.join().unwrap().unwrap().end, HookEnd::Succeeded);
    }
    assert_eq!(fs::read_to_string(marks.join("order")).unwrap(), "1\n2\n");
    house.stop();
}

#[test]
fn new_settings_hold_for_the_next_run_and_what_runs_goes_on_though_nobody_waits_for_it() {
    let (_directory, marks) = marks();
    let at = marks.display();
    let old = format!("echo $$ >{at}/old; until [ -e {at}/go ]; do sleep 0.05; done; echo old >>{at}/order");
    let mut house = house(&[("fees", &script(&old, 60))]);
    let _lost = asked(&house, "writer", "fees", 1);
    let running = pid(&marks.join("old"));
    configure(&house, &[("fees", &script(&format!("echo new >>{at}/order"), 60))]);
    house.instance.signal(Signal::SIGHUP).unwrap();
    house.ready("writer", 2);
    let next = asked(&house, "writer", "fees", 1);
    assert_eq!(run(&house, "rates", 1).unwrap_err().to_string(), "nothing is to be run after rates was published");
    assert!(is_alive(running) && !next.is_finished());
    fs::write(marks.join("go"), "").unwrap();
    assert_eq!(next.join().unwrap().unwrap().end, HookEnd::Succeeded);
    let order = fs::read_to_string(marks.join("order")).unwrap();
    assert!(order.starts_with("old\nnew\n"), "{order}");
    house.stop();
}

#[test]
fn only_the_writer_may_ask_and_a_hook_is_no_worker() {
    let (_directory, marks) = marks();
    let own = marks.join("own");
    let mut house = house(&[("fees", &script(&format!("echo $$ >{}; exec sleep 1000", own.display()), 60))]);
    house.does("bot", WRITER);
    house.restart("bot", "r1");
    house.ready("bot", 2);
    let refused = |answer: Answer| {
        let error = answer.unwrap_err();
        assert!(format!("{error:?}").contains("PermissionDenied"), "{error:?}");
    };
    refused(asked(&house, "bot", "fees", 1).join().unwrap());
    refused(asked(&house, "supervisor", "fees", 1).join().unwrap());
    assert!(!own.exists());

    let call = asked(&house, "writer", "fees", 1);
    let who = house.block_on(house.instance.supervisor().who_is(&WhoIs { pid: pid(&own) }));
    assert!(matches!(who, Err(CallError::Reply(Error::NotAWorker { .. }))), "{who:?}");
    nix::sys::signal::kill(Pid::from_raw(pid(&own)), Signal::SIGKILL).unwrap();
    assert_eq!(ended(&call.join().unwrap().unwrap()), (HookEnd::Failed, None, Some(9)));
    house.stop();
}

#[test]
fn it_dies_with_a_supervisor_that_is_killed() {
    let (_directory, marks) = marks();
    let own = marks.join("own");
    let text = format!("trap '' TERM; echo $$ >{}; while :; do sleep 1000 & wait; done", own.display());
    let mut house = house(&[("fees", &script(&text, 600))]);
    let _call = asked(&house, "writer", "fees", 1);
    let own = pid(&own);
    house.instance.signal(Signal::SIGKILL).unwrap();
    house.instance.wait_ended().unwrap();
    gone(own);
    // What it had started itself is systemd's to end; here it is ours.
    let _ = nix::sys::signal::killpg(Pid::from_raw(own), Signal::SIGKILL);
}

#[test]
fn a_stop_ends_it_and_is_not_held_up() {
    let (_directory, marks) = marks();
    let (polite, stubborn) = (marks.join("polite"), marks.join("stubborn"));
    let mut house = House::new(&format!("polite 1500 {}/writer\n{WRITER}", marks.display()), HEALTHY);
    let fees = format!("trap 'exit 0' TERM; echo $$ >{}; while :; do sleep 1000; done", polite.display());
    let rates = format!("trap '' TERM; echo $$ >{}; while :; do sleep 1000; done", stubborn.display());
    configure(&house, &[("fees", &script(&fees, 600)), ("rates", &script(&rates, 600))]);
    house.instance.start().unwrap();
    let told = asked(&house, "writer", "fees", 1);
    let polite = pid(&polite);
    let waits = asked(&house, "writer", "fees", 2);
    let _hangs = asked(&house, "writer", "rates", 1);
    let stubborn = pid(&stubborn);
    until("one waits", PATIENCE, || house.instance.log().contains("for another run of it to end").then_some(()))
        .unwrap();
    let began = Instant::now();
    house.stop();
    // The whole stop has eight seconds here.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    for call in [told, waits] {
        let answer = call.join().unwrap();
        assert!(matches!(answer, Err(CallError::Reply(Error::Stopping {}))), "{answer:?}");
    }
    assert!(!is_alive(polite) && !is_alive(stubborn));
    // One has its two seconds, though the workers have ended by then.
    assert!(!house.instance.log().contains("left behind"), "{}", house.instance.log());
}

#[test]
fn one_that_writes_no_more_keeps_nobody_busy_and_leaves_nothing_open() {
    let mut house =
        house(&[("fees", &script("exec >&- 2>&-; exec sleep 1000", 2)), ("rates", "{ command: [/bin/echo, done] }")]);
    let natriumd = house.instance.pid().unwrap();
    assert_eq!(run(&house, "rates", 0).unwrap().end, HookEnd::Succeeded);
    let open = || fs::read_dir(format!("/proc/{natriumd}/fd")).unwrap().count();
    let before = open();
    let (began, used) = (Instant::now(), processor_time(natriumd));
    assert_eq!(run(&house, "fees", 1).unwrap().end, HookEnd::TimedOut);
    let (passed, used) = (began.elapsed(), processor_time(natriumd) - used);
    assert!(used < passed / 4, "{used:?} of {passed:?}");
    for version in 1..=20 {
        assert_eq!(run(&house, "rates", version).unwrap().end, HookEnd::Succeeded);
    }
    until("nothing is left open", PATIENCE, || (open() <= before).then_some(())).unwrap();
    house.stop();
}

/// How long a process has been on a processor.
fn processor_time(pid: i32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
