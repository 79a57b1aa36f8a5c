//! `natrium restart`.

use harness::until;
use interfaces::supervisor::{Death, Phase, WorkerState};

use crate::running::{PATIENCE, Running, natrium};
use crate::told::{Service, death, healthy, now_ms, service};

#[test]
fn it_waits_until_the_successor_is_ready() {
    for before in [WorkerState::Ready, WorkerState::Backoff, WorkerState::Failed] {
        let status = service(Phase::Ready, WorkerState::Ready, before);
        let told = Service::restarting(status, Vec::new(), |bot| {
            (bot.state, bot.generation, bot.pid) = (WorkerState::Ready, 2, Some(99));
        });
        let run = told.natrium(&["restart", "bot"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(run.out.starts_with("bot: ready again as process 99, after "), "{}", run.out);
        let run = told.natrium(&["restart", "--no-wait", "bot"]);
        assert_eq!((run.code, run.out.as_str()), (0, "bot: its restart has begun; natrium status shows how it is\n"));
    }
}

#[test]
fn the_process_that_is_to_stop_is_not_taken_for_its_successor() {
    let told = Service::restarting(healthy(), Vec::new(), |bot| bot.status = "asked".to_owned());
    let restart = Running::start(&["restart", "bot"], told.directory());
    until("the restart is asked for", PATIENCE, || told.worker("bot").status.eq("asked").then_some(())).unwrap();
    told.change("bot", |bot| (bot.generation, bot.pid) = (2, Some(99)));
    let run = restart.ended();
    assert!(run.out.starts_with("bot: ready again as process 99, after "), "{run:?}");
}

#[test]
fn a_successor_that_fails_is_told_with_its_reason_though_the_service_ends_over_it() {
    let told = Service::restarting(healthy(), Vec::new(), |bot| {
        (bot.state, bot.generation) = (WorkerState::Failed, 2);
        bot.last_death = Some(Death { log: "no route".to_owned(), ..death(2) });
    });
    let run = told.natrium(&["restart", "bot"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let reason = "process 98 exited with 78 after 20 ms; status: no token; log: no route";
    assert_eq!(run.err, format!("bot: its successor is not ready: {reason}\n"));

    let told = Service::restarting(healthy(), Vec::new(), |bot| {
        (bot.state, bot.generation) = (WorkerState::Backoff, 2);
        bot.last_death = Some(Death { pid: 0, code: None, errno: Some(11), status: String::new(), ..death(2) });
        bot.next_start_ms = Some(now_ms() + 600_000);
    });
    let run = told.natrium(&["restart", "bot"]);
    assert_eq!(run.code, 1);
    let reason = "not started: Resource temporarily unavailable; next start in ";
    assert!(run.err.starts_with(&format!("bot: its successor is not ready: {reason}")), "{}", run.err);
}

#[test]
fn a_service_that_ends_before_the_successor_is_ready_is_told() {
    let mut told = Service::restarting(healthy(), Vec::new(), |bot| bot.status = "asked".to_owned());
    let restart = Running::start(&["restart", "bot"], told.directory());
    until("the restart is asked for", PATIENCE, || told.worker("bot").status.eq("asked").then_some(())).unwrap();
    told.die();
    let run = restart.ended();
    let sentence = "bot: the service ended before its successor was ready; natrium status shows how it is\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (75, "", sentence));
}

#[test]
fn a_wrong_name_and_no_service_are_sentences() {
    let told = Service::new(healthy());
    let run = told.natrium(&["restart", "nobody"]);
    assert_eq!((run.code, run.err.as_str()), (1, "there is no worker \"nobody\"; there are writer and bot\n"));
    let nowhere = tempfile::tempdir().unwrap();
    let run = natrium(&["restart", "bot"], nowhere.path());
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "", "natrium is not running\n"));
}
