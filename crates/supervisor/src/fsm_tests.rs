//! Every state meets every event, in one table.

use super::*;

const TIMING: Timing = Timing {
    watchdog: Duration::from_secs(10),
    start: Duration::from_secs(60),
    stop: Duration::from_secs(5),
    abort: Duration::from_secs(2),
    total: Duration::from_secs(20),
};

/// The process that lives in the states of the table.
const G: u64 = 7;

const EARLIER: Moment = Moment::after_start(Duration::from_secs(100));
const NOW: Moment = Moment::after_start(Duration::from_secs(200));
const LATER: Moment = Moment::after_start(Duration::from_secs(300));

fn run(asked: bool, hung: bool) -> Run {
    Run { started: EARLIER, ready_since: None, asked, hung }
}

/// Every state there is, each with its deadline still ahead, except where its name says otherwise.
fn states() -> Vec<(&'static str, Life)> {
    let stopping = |then, due, hung| Life::Stopping { run: run(then != Then::Judge, hung), then, due };
    vec![
        ("waiting", Life::Waiting),
        ("starting", Life::Starting { run: run(false, false), due: LATER }),
        ("starting, late", Life::Starting { run: run(false, false), due: NOW }),
        ("ready", Life::Ready { run: run(false, false), due: LATER }),
        ("ready, late", Life::Ready { run: run(false, false), due: NOW }),
        ("stopping", stopping(Then::Stay, Some(LATER), false)),
        ("stopping, late", stopping(Then::Stay, Some(NOW), false)),
        ("stopping, killed", stopping(Then::Stay, None, false)),
        ("restarting", stopping(Then::Start, Some(LATER), false)),
        ("restarting, late", stopping(Then::Start, Some(NOW), false)),
        ("leaving", stopping(Then::Judge, Some(LATER), false)),
        ("hung", stopping(Then::Judge, Some(LATER), true)),
        ("hung, late", stopping(Then::Judge, Some(NOW), true)),
        ("stopped", Life::Stopped),
        ("backoff", Life::Backoff { until: LATER }),
        ("backoff, over", Life::Backoff { until: NOW }),
        ("failed", Life::Failed),
    ]
}

fn events() -> Vec<(&'static str, Event)> {
    let died = |end, pause| Event::Died { generation: G, end, pause };
    vec![
        ("start", Event::StartRequested),
        ("restart", Event::RestartRequested),
        ("stop", Event::StopRequested),
        ("on", Event::SwitchedOn),
        ("off", Event::SwitchedOff),
        ("kill", Event::KillRequested),
        ("ready", Event::BecameReady(G)),
        ("ping", Event::Pinged(G)),
        ("extend", Event::Extended(G, Duration::from_secs(500))),
        ("leave", Event::SaidStopping(G)),
        ("hang", Event::SaidHung(G)),
        ("die, at once", died(End::Signal(9), Some(Duration::ZERO))),
        ("die, pause", died(End::Code(1), Some(Duration::from_secs(3)))),
        ("die, last", died(End::Code(1), None)),
        ("die, 78", died(End::Code(CONFIGURATION), Some(Duration::ZERO))),
        ("time", Event::TimePassed),
    ]
}

/// What each pair comes to. `.` nothing changes; `S` a new process; `t` told to terminate; `a` told to abort; `k` killed;
/// `r` ready; `e` the deadline moves; `l` leaving, with a deadline; `n` what follows its death changes; `o` stopped;
/// `b` backoff; `f` failed; `w` waiting.
const TABLE: &str = "
                  start restart stop on off kill ready ping extend leave hang die0 die3 dieL die78 time
waiting           S     .       o    .  o   o    .     .    .      .     .    .    .    .    .     .
starting          .     t       t    .  t   k    r     .    e      l     a    S    b    o    f     .
starting, late    .     t       t    .  t   k    r     .    e      l     a    S    b    o    f     a
ready             .     t       t    .  t   k    .     e    .      l     a    S    b    o    f     .
ready, late       .     t       t    .  t   k    .     e    .      l     a    S    b    o    f     a
stopping          .     .       .    n  .   k    .     .    e      .     .    o    o    o    o     .
stopping, late    .     .       .    n  .   k    .     .    e      .     .    o    o    o    o     k
stopping, killed  .     .       .    n  .   .    .     .    .      .     .    o    o    o    o     .
restarting        .     .       n    .  n   k    .     .    e      .     .    S    S    S    S     .
restarting, late  .     .       n    .  n   k    .     .    e      .     .    S    S    S    S     k
leaving           .     n       n    .  n   k    .     .    e      .     .    S    b    o    f     .
hung              .     n       n    .  n   k    .     .    .      .     .    S    b    o    f     .
hung, late        .     n       n    .  n   k    .     .    .      .     .    S    b    o    f     k
stopped           .     .       .    w  .   .    .     .    .      .     .    .    .    .    .     .
backoff           .     S       o    .  o   o    .     .    .      .     .    .    .    .    .     .
backoff, over     .     S       o    .  o   o    .     .    .      .     .    .    .    .    .     S
failed            .     S       .    .  o   .    .     .    .      .     .    .    .    .    .     .
";

fn letter(before: Life, after: &Machine, action: Option<Action>) -> char {
    match (action, after.life) {
        (Some(Action::Spawn(generation)), Life::Starting { run, due }) => {
            assert_eq!((generation, after.generation), (G + 1, G + 1));
            assert_eq!((run.started, run.ready_since, due), (NOW, None, NOW + TIMING.start));
            assert!(!run.asked && !run.hung);
            'S'
        }
        (Some(Action::Signal(G, urge)), Life::Stopping { run, then, due }) => match urge {
            Urge::Terminate => {
                assert_eq!((due, run.asked), (Some(NOW + TIMING.stop), true));
                't'
            }
            Urge::Abort => {
                assert_eq!((due, run.hung, then), (Some(NOW + TIMING.abort), true, Then::Judge));
                'a'
            }
            Urge::Kill => {
                assert_eq!(due, None);
                'k'
            }
        },
        (None, after) if after == before => '.',
        (None, Life::Ready { run, due }) => {
            assert_eq!(due, NOW + TIMING.watchdog);
            if matches!(before, Life::Ready { .. }) {
                'e'
            } else {
                assert_eq!(run.ready_since, Some(NOW));
                'r'
            }
        }
        (None, Life::Starting { due, .. }) => {
            assert_eq!(due, NOW + Duration::from_secs(500));
            'e'
        }
        (None, Life::Stopping { run, then, due }) => match before {
            Life::Stopping { then: old, due: old_due, .. } if old == then => {
                assert!(due > old_due);
                'e'
            }
            Life::Stopping { run: old_run, due: old_due, .. } => {
                // One that hung or left by itself was not asked to.
                assert_eq!((due, run), (old_due, old_run));
                'n'
            }
            _ => {
                assert_eq!((due, then, run.asked), (Some(NOW + TIMING.stop), Then::Judge, false));
                'l'
            }
        },
        (None, Life::Stopped) => 'o',
        (None, Life::Backoff { until }) => {
            assert_eq!(until, NOW + Duration::from_secs(3));
            'b'
        }
        (None, Life::Failed) => 'f',
        (None, Life::Waiting) => 'w',
        (action, after) => panic!("{before:?} must not become {after:?} with {action:?}"),
    }
}

#[test]
fn every_state_meets_every_event() {
    let (states, events) = (states(), events());
    let rows: Vec<&str> = TABLE.lines().filter(|line| !line.is_empty()).skip(1).collect();
    assert_eq!(rows.len(), states.len());
    for ((name, life), row) in states.into_iter().zip(rows) {
        assert_eq!(row[..18].trim(), name);
        let expected: Vec<char> = row[18..].split_whitespace().map(|cell| cell.chars().next().unwrap_or('?')).collect();
        assert_eq!(expected.len(), events.len(), "{name}");
        for ((event_name, event), expected) in events.iter().zip(expected) {
            let machine = Machine { life, generation: G };
            let (after, action) = step(&machine, *event, NOW, &TIMING);
            assert_eq!(letter(life, &after, action), expected, "{name} × {event_name}");
        }
    }
}

#[test]
fn what_another_generation_says_changes_nothing() {
    for (name, life) in states() {
        for (event_name, event) in events() {
            for other in [G - 1, G + 1] {
                let event = match event {
                    Event::BecameReady(_) => Event::BecameReady(other),
                    Event::Pinged(_) => Event::Pinged(other),
                    Event::Extended(_, by) => Event::Extended(other, by),
                    Event::SaidStopping(_) => Event::SaidStopping(other),
                    Event::SaidHung(_) => Event::SaidHung(other),
                    Event::Died { end, pause, .. } => Event::Died { generation: other, end, pause },
                    Event::StartRequested
                    | Event::RestartRequested
                    | Event::StopRequested
                    | Event::SwitchedOn
                    | Event::SwitchedOff
                    | Event::KillRequested
                    | Event::TimePassed => continue,
                };
                let machine = Machine { life, generation: G };
                assert_eq!(step(&machine, event, NOW, &TIMING), (machine, None), "{name} × {event_name} of {other}");
            }
        }
    }
}

#[test]
fn each_state_that_can_last_too_long_has_a_deadline_and_acts_on_it() {
    for (name, life) in states() {
        let machine = Machine { life, generation: G };
        match machine.due() {
            // Nothing but a request or a death can move these.
            None => assert!(matches!(name, "waiting" | "stopped" | "failed" | "stopping, killed"), "{name}"),
            Some(due) => {
                let (after, _) = step(&machine, Event::TimePassed, due, &TIMING);
                assert_ne!(after, machine, "{name} would be due for ever");
            }
        }
    }
}
