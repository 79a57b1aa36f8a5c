//! What an operator sees of the real `natriumd`: `natrium status`, `deaths`, `watch`, `restart`.

use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House};
use crate::running::{Running, natrium};

#[test]
fn a_killed_worker_is_watched_recorded_and_shown() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let run = natrium(&["status"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.starts_with("natrium ") && run.out.contains(": ready\n"), "{}", run.out);
    assert!(run.out.contains(", of which the supervisor's own "), "{}", run.out);
    assert_eq!(natrium(&["deaths"], &runtime).out, "no worker has died\n");

    let watch = Running::start(&["watch"], &runtime);
    watch.lines_until(&["bot", "ready for"]);
    let killed = house.kill("bot", Signal::SIGKILL);
    let seen = watch.lines_until(&["bot", "starting → ready"]);
    assert_eq!(seen.len(), 3, "{seen:#?}");
    assert!(seen[0].contains(&format!("  bot      process {killed} killed by SIGKILL after ")), "{seen:#?}");
    assert!(seen[1].contains("  bot      ready → starting, process "), "{seen:#?}");
    let run = watch.interrupt();
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));

    let run = natrium(&["deaths", "bot"], &runtime);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!((run.code, lines.len()), (0, 2), "{}", run.out);
    assert!(lines[1].contains(&format!(" {killed} ")) && lines[1].ends_with("yes    killed by SIGKILL"), "{}", run.out);
    assert_eq!(natrium(&["deaths", "writer"], &runtime).out, "writer: none of its processes has died\n");
    let run = natrium(&["status"], &runtime);
    assert_eq!(run.code, 0);
    assert!(run.out.contains(&format!("last death: process {killed} killed by SIGKILL")), "{}", run.out);
    house.stop();
}

#[test]
fn watching_goes_on_over_the_death_of_the_supervisor() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let watch = Running::start(&["watch"], &runtime);
    watch.lines_until(&["bot", "ready for"]);
    let killed = house.instance.pid().unwrap();
    house.instance.signal(Signal::SIGKILL).unwrap();
    house.instance.wait_ended().unwrap();
    watch.lines_until(&["natrium", &format!("process {killed} died"), "waiting for the next start"]);
    let run = natrium(&["status"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (3, ""), "{}", run.out);
    assert!(run.out.contains(&format!("process {killed}, started ")), "{}", run.out);
    assert!(run.out.contains("died: it was killed, or it crashed\n"), "{}", run.out);

    house.instance.start().unwrap();
    watch.lines_until(&["natrium", &format!("process {} since", house.instance.pid().unwrap())]);
    house.wait("bot", "it is ready", |worker| worker.state == WorkerState::Ready);
    house.kill("writer", Signal::SIGKILL);
    watch.lines_until(&["writer", "killed by SIGKILL"]);
    house.wait("writer", "its successor is ready", |worker| {
        worker.generation == 2 && worker.state == WorkerState::Ready
    });

    house.instance.stop().unwrap();
    watch.lines_until(&["natrium", "stopped; waiting for the next start"]);
    let run = watch.interrupt();
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let run = natrium(&["status"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (3, ""));
    assert!(run.out.contains(" UTC, has ended\n"), "{}", run.out);
    house.is_clean();
}

#[test]
fn a_restart_mends_a_worker_that_pauses() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let run = natrium(&["restart", "bot"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let pid = house.worker("bot").pid.unwrap();
    assert!(run.out.starts_with(&format!("bot: ready again as process {pid}, after ")), "{}", run.out);
    let run = natrium(&["deaths"], &runtime);
    assert!(run.out.ends_with("asked to stop, killed by SIGTERM\n"), "{}", run.out);

    house.does("bot", "say STATUS=no route to Telegram\nexit 3");
    let run = natrium(&["restart", "bot"], &runtime);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.starts_with("bot: its successor is not ready: process "), "{}", run.err);
    assert!(run.err.contains(" exited with 3 after ") && run.err.contains("; status: no route to Tele"), "{}", run.err);
    assert!(run.err.contains("; next start in "), "{}", run.err);
    let run = natrium(&["status"], &runtime);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("degraded, not every worker is ready"), "{}", run.out);

    house.does("bot", HEALTHY);
    let run = natrium(&["restart", "bot"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(natrium(&["status"], &runtime).code, 0);
    house.stop();
}

#[test]
fn a_successor_that_cannot_work_with_its_configuration_is_told_and_so_is_the_end_of_the_service() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let watch = Running::start(&["watch"], &runtime);
    watch.lines_until(&["bot", "ready for"]);
    house.does("bot", "say STATUS=the token was refused\nexit 78");
    let run = natrium(&["restart", "bot"], &runtime);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(
        run.err.contains(" exited with 78 after ") && run.err.ends_with("; status: the token was refused\n"),
        "{run:?}"
    );
    assert_eq!(house.instance.wait_ended().unwrap().code(), Some(78));
    watch.lines_until(&["bot", "starting → failed"]);
    watch.lines_until(&["natrium", "stopped; waiting for the next start"]);
    assert_eq!(watch.interrupt().code, 0);
    house.is_clean();
}

#[test]
fn a_worker_that_hung_is_called_so() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let watch = Running::start(&["watch"], &runtime);
    watch.lines_until(&["bot", "ready for"]);
    let pid = house.kill("bot", Signal::SIGSTOP);
    watch.lines_until(&["bot", &format!("process {pid} hung, killed by SIG")]);
    watch.lines_until(&["bot", "starting → ready"]);
    assert_eq!(watch.interrupt().code, 0);
    let run = natrium(&["deaths"], &runtime);
    assert!(run.out.contains("  yes    hung, killed by SIG"), "{}", run.out);
    house.stop();
}
