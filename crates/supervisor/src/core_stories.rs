//! Any story: whatever happens, in whatever order, the promises hold, the reference model agrees, and the end can be reached.

use proptest::prelude::*;

use super::model::Model;
use super::*;

#[derive(Clone, Debug)]
enum Happening {
    Says(usize, &'static str),
    Dies(usize, End),
    Passes(u64),
    Restart(usize),
    Reconfigured(usize),
    Switched(usize, bool),
    Stop,
    ForkFails(bool),
    Ghost(i32),
}

fn happening() -> impl Strategy<Value = Happening> {
    let worker = 0..SPECS.len();
    let words = prop::sample::select(vec![
        "READY=1",
        "WATCHDOG=1",
        "STATUS=x",
        "STOPPING=1",
        "WATCHDOG=trigger",
        "EXTEND_TIMEOUT_USEC=5000000",
        "READY=1\nWATCHDOG=trigger\nSTOPPING=1",
    ]);
    let end = prop_oneof![
        6 => Just(End::Signal(9)),
        3 => Just(End::Code(0)),
        1 => Just(End::Code(78)),
    ];
    prop_oneof![
        12 => (worker.clone(), words).prop_map(|(worker, words)| Happening::Says(worker, words)),
        6 => (worker.clone(), end).prop_map(|(worker, end)| Happening::Dies(worker, end)),
        6 => (0_u64..90_000).prop_map(Happening::Passes),
        2 => worker.clone().prop_map(Happening::Restart),
        1 => worker.clone().prop_map(Happening::Reconfigured),
        3 => (worker.clone(), any::<bool>()).prop_map(|(worker, on)| Happening::Switched(worker, on)),
        1 => Just(Happening::Stop),
        1 => any::<bool>().prop_map(Happening::ForkFails),
        1 => (0..200_i32).prop_map(Happening::Ghost),
    ]
}

fn happens(world: &mut World, happening: Happening) {
    match happening {
        Happening::Says(worker, words) if world.pid(worker).is_some() => world.says(worker, words),
        Happening::Dies(worker, end) if world.pid(worker).is_some() => world.dies(worker, end),
        Happening::Says(..) | Happening::Dies(..) => {}
        Happening::Passes(ms) => world.passes(ms),
        Happening::Restart(worker) => {
            world.requests += 1;
            let request = world.requests.to_string();
            if let Ok((_, outputs)) = world.core.restart(SPECS[worker].name, &request, world.now()) {
                world.act(outputs);
            }
        }
        Happening::Reconfigured(worker) => world.tell(Input::Reconfigured { workers: &[worker] }),
        Happening::Switched(worker, on) => world.tell(Input::Switched { worker, on }),
        Happening::Stop => world.tell(Input::StopRequested),
        Happening::ForkFails(fails) => world.fork_fails = fails,
        Happening::Ghost(pid) if !world.living.iter().any(|(living, _, _)| *living == pid) => {
            let before = world.states();
            world.tell(Input::Died { pid, end: End::Code(78), note: None, log: String::new() });
            world.tell(Input::Notified { pid, message: crate::datagram::parse(b"READY=1").unwrap() });
            assert_eq!(world.states(), before, "a process that is none of ours changed something");
        }
        Happening::Ghost(_) => {}
    }
}

/// The same for the reference.
fn happens_there(model: &mut Model, happening: Happening) {
    match happening {
        Happening::Says(worker, words) => model.says(worker, words),
        Happening::Dies(worker, end) => model.dies(worker, end),
        Happening::Passes(ms) => model.passes(ms),
        Happening::Restart(worker) | Happening::Reconfigured(worker) => model.restarts(worker),
        Happening::Switched(worker, on) => model.switched(worker, on),
        Happening::Stop => model.stops(),
        Happening::ForkFails(fails) => model.fork_fails = fails,
        Happening::Ghost(_) => {}
    }
}

/// What holds in every moment. That no worker has two processes, that nothing is started while stopping, and that nobody is
/// told to stop while he is needed, the world asserts where processes are made and signalled.
fn holds(world: &World) {
    let living = |worker: usize| world.living.iter().find(|(_, other, _)| *other == worker);
    for (worker, row) in world.core.rows().iter().enumerate() {
        let known = row.pid.map(|pid| (pid, worker, row.machine.generation()));
        assert_eq!(known.as_ref(), living(worker), "the core knows exactly the process that lives");
        assert_eq!(row.machine.run().is_some(), known.is_some());
        assert!(row.deaths.iter().count() <= crate::deaths::REMEMBERED);
        if let (Starting | Ready | Backoff, None) = (row.machine.state(), row.machine.due()) {
            panic!("{} could stay {:?} for ever", row.name, row.machine.state());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_story_keeps_the_promises_and_can_be_brought_to_an_end(
        story in prop::collection::vec(happening(), 0..120),
    ) {
        let (mut world, mut model) = (World::new(), Model::new());
        holds(&world);
        for happening in story {
            happens(&mut world, happening.clone());
            holds(&world);
            happens_there(&mut model, happening);
            model.agrees_with(&world.core);
        }
        // A supervisor that slept through the stop's whole time just ends; its end kills who is left.
        if world.core.phase() == Phase::Stopping {
            return Ok(());
        }
        // Whatever happened: told to stop, it stops, and in time, though nobody listens but to SIGKILL.
        world.tell(Input::StopRequested);
        let began = world.at_ms;
        while !world.said.contains(&Output::Finished) {
            let killed = world.signals().into_iter().filter(|(_, urge)| *urge == Urge::Kill).collect::<Vec<_>>();
            for (worker, _) in killed {
                if world.pid(worker).is_some() {
                    world.dies(worker, End::Signal(9));
                }
            }
            if world.said.contains(&Output::Finished) {
                break;
            }
            let due = world.core.due().unwrap();
            world.at_ms = world.at_ms.max(u64::try_from(due.since_start().as_millis()).unwrap());
            world.tell(Input::TimePassed);
        }
        prop_assert!(world.living.is_empty());
        prop_assert!(world.at_ms - began <= u64::try_from(Timing::default().total.as_millis()).unwrap());
    }
}
