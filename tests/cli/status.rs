//! `natrium status`.

use std::fs;
use std::os::unix::net::UnixListener;

use interfaces::supervisor::{Phase, WorkerState};
use serde_json::Value;

use crate::running::natrium;
use crate::told::{Service, death, healthy, now_ms, service};

#[test]
fn a_healthy_service_is_one_screen() {
    let told = Service::new(healthy());
    let run = told.natrium(&["status"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "natrium 9.9.9: ready");
    assert!(lines[1].starts_with("process 41, since 20") && lines[1].contains(" UTC ("), "{}", run.out);
    assert_eq!(lines[2], "memory 13.0 MiB, of which the supervisor's own 3.0 MiB");
    assert!(lines[4].starts_with("WORKER  STATE"), "{}", run.out);
    assert!(lines[5].starts_with("writer  ready  42 ") && lines[5].ends_with(" 0         5.0 MiB"), "{}", run.out);
    assert_eq!(lines[6], "        status: serving");
    assert!(!run.out.contains("landlock"), "an ordinary sandbox is not told: {}", run.out);

    let run = told.natrium(&["status", "--json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, 0);
    assert_eq!((&json["running"], &json["healthy"]), (&true.into(), &true.into()));
    assert_eq!(json["workers"][1]["name"], "bot");
    assert_eq!(json["memory_bytes"], 3 << 20);
    assert_eq!(json.get("deaths"), None);
}

#[test]
fn what_is_wrong_is_told_and_is_the_exit_status() {
    let told = Service::new(service(Phase::Ready, WorkerState::Ready, WorkerState::Backoff));
    let long = "x".repeat(300);
    told.change("bot", |bot| {
        bot.next_start_ms = Some(now_ms() + 600_500);
        bot.last_death = Some(death(1));
        bot.status = format!("\u{1b}[2J{long}");
        bot.sandbox = "none: this kernel has no landlock".to_owned();
    });
    let run = told.natrium(&["status"]);
    assert_eq!(run.code, 1);
    assert!(run.out.starts_with("natrium 9.9.9: degraded, not every worker is ready\n"), "{}", run.out);
    assert!(run.out.contains(&format!("status: [2J{long}\n")), "nobody's terminal, so it is not cut: {}", run.out);
    assert!(
        run.out.contains("next start in 10 min\n") || run.out.contains("next start in 9 min 59 s\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("sandbox: none: this kernel has no landlock\n"), "{}", run.out);
    assert!(run.out.contains("last death: process 98 exited with 78 after 20 ms, "), "{}", run.out);
    told.change("bot", |bot| bot.pid = None);
    let run = told.natrium(&["status"]);
    assert!(!run.out.contains(&long), "whoever said that is dead: {}", run.out);
    assert!(run.out.contains("        last status: no token\n"), "{}", run.out);

    told.is(|status| status.phase = Phase::Starting);
    told.change("bot", |bot| bot.state = WorkerState::Ready);
    let run = told.natrium(&["status", "--json"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("\"healthy\": false"), "{}", run.out);
}

#[test]
fn the_remembered_deaths_are_added_where_they_are_asked_for() {
    let told = Service::remembering(healthy(), vec![death(1), death(2)]);
    let run = told.natrium(&["status", "--deaths"]);
    assert_eq!(run.code, 0);
    let after = run.out.split("\n\n").nth(2).expect("three parts");
    assert!(after.starts_with("DIED "), "{}", run.out);
    assert_eq!(after.matches("exited with 78").count(), 2, "{}", run.out);
    let json: Value = serde_json::from_str(&told.natrium(&["status", "--deaths", "--json"]).out).unwrap();
    assert_eq!(json["deaths"][1]["generation"], 2);
}

#[test]
fn nothing_runs() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let run = natrium(&["status"], at);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "natrium is not running\n", ""));

    // A PID file, as an orderly stop leaves it; then a socket file that nobody listens on, as `kill -9` does.
    fs::write(at.join("natrium.pid"), "4711\n").unwrap();
    for end in ["has ended", "died: it was killed, or it crashed"] {
        let run = natrium(&["status"], at);
        assert_eq!((run.code, run.err.as_str()), (3, ""));
        let lines: Vec<&str> = run.out.lines().collect();
        assert_eq!(lines.len(), 3, "{}", run.out);
        assert_eq!(lines[0], "natrium is not running");
        let process = format!(" UTC, {end}");
        assert!(lines[1].starts_with("process 4711, started 20") && lines[1].ends_with(&process), "{}", run.out);
        assert_eq!(lines[2], "its PID file is left; nothing has to be deleted");
        drop(UnixListener::bind(at.join("supervisor.sock")));
    }
    let run = natrium(&["status", "--deaths", "--json"], at);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, run.err.as_str()), (3, ""));
    assert_eq!((&json["running"], &json["healthy"]), (&false.into(), &false.into()));
    assert_eq!((&json["pid_file"]["pid"], &json["pid_file"]["locked"]), (&4711.into(), &false.into()));
    assert!(now_ms() - json["pid_file"]["started_ms"].as_i64().unwrap() < 600_000, "{}", run.out);
}

#[test]
fn a_lock_without_an_answer_is_not_called_dead() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("natrium.pid");
    let pid = std::process::id();
    fs::write(&path, format!("{pid}\n")).unwrap();
    let file = fs::File::open(&path).unwrap();
    file.try_lock().unwrap();
    let run = natrium(&["status"], directory.path());
    assert_eq!(run.code, 4);
    assert!(run.err.contains(&format!("process {pid} holds its lock")), "{}", run.err);
    let json: Value = serde_json::from_str(&natrium(&["status", "--json"], directory.path()).out).unwrap();
    assert_eq!((&json["running"], &json["pid_file"]["locked"]), (&Value::Null, &true.into()));
}

#[test]
fn which_service_is_meant() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let missing = at.join("none.yml");
    for command in [&["status"][..], &["deaths"], &["watch", "--wait"], &["restart", "bot"]] {
        let run = natrium(&[command, &["--settings", missing.to_str().unwrap()]].concat(), at);
        assert_eq!((run.code, run.out.as_str()), (78, ""), "{command:?}");
        assert!(run.err.starts_with("there is no settings file"), "{}", run.err);
    }

    let settings = at.join("natrium.yml");
    let elsewhere = at.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("natrium.pid"), "7\n").unwrap();
    let text = "telegram: { token: { environment: T } }\nadmins: [{ id: 1, name: A }]\n";
    fs::write(&settings, format!("{text}directories: {{ runtime: {} }}\n", elsewhere.display())).unwrap();
    for arguments in [["--settings", settings.to_str().unwrap()], ["--runtime-directory", elsewhere.to_str().unwrap()]]
    {
        let run = natrium(&[&["status"][..], &arguments].concat(), at);
        assert!(run.out.contains("process 7, started"), "{}", run.out);
    }
}
