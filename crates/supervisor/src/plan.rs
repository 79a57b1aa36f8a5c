//! Which workers may be started or stopped now. Pure: from the table and everybody's state, without memory.

use interfaces::supervisor::WorkerState;

use crate::topology::WorkerSpec;

/// Workers that are to be started: all they need is ready. Those that are past waiting are named too; being told again means
/// nothing to them.
pub(crate) fn startable(specs: &[WorkerSpec], states: &[WorkerState]) -> Vec<usize> {
    let is_ready =
        |name: &str| specs.iter().zip(states).any(|(spec, state)| spec.name == name && *state == WorkerState::Ready);
    places(specs, |place| states[place] == WorkerState::Waiting && specs[place].needs.iter().all(|need| is_ready(need)))
}

/// Workers that are to be told to stop, since nobody who needs them lives any more. One that serves nobody now (it waits,
/// pauses, or is stopping already) need not be waited for: it must only not be started again.
pub(crate) fn stoppable(specs: &[WorkerSpec], states: &[WorkerState]) -> Vec<usize> {
    let is_needed =
        |name: &str| specs.iter().zip(states).any(|(spec, state)| spec.needs.contains(&name) && is_alive(*state));
    places(specs, |place| match states[place] {
        WorkerState::Starting | WorkerState::Ready => !is_needed(specs[place].name),
        WorkerState::Waiting | WorkerState::Backoff | WorkerState::Stopping => true,
        WorkerState::Stopped | WorkerState::Failed => false,
    })
}

/// Whether the service does what it is there for.
pub(crate) fn is_ready(specs: &[WorkerSpec], states: &[WorkerState]) -> bool {
    specs.iter().zip(states).all(|(spec, state)| !spec.essential || *state == WorkerState::Ready)
}

/// Whether a process of the worker lives.
pub(crate) fn is_alive(state: WorkerState) -> bool {
    match state {
        WorkerState::Starting | WorkerState::Ready | WorkerState::Stopping => true,
        WorkerState::Waiting | WorkerState::Stopped | WorkerState::Backoff | WorkerState::Failed => false,
    }
}

fn places(specs: &[WorkerSpec], chosen: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..specs.len()).filter(|place| chosen(*place)).collect()
}

#[cfg(test)]
mod tests {
    use WorkerState::{Backoff, Failed, Ready, Starting, Stopped, Stopping, Waiting};

    use super::*;
    use crate::topology::Given;

    const fn spec(name: &'static str, essential: bool, needs: &'static [&'static str]) -> WorkerSpec {
        WorkerSpec { name, essential, needs, given: Given { state_directory: false, bot_token: false, ports: false } }
    }

    const SPECS: &[WorkerSpec] = &[
        spec("writer", true, &[]),
        spec("parser", false, &["writer"]),
        spec("bot", true, &["writer"]),
        spec("web", false, &["writer", "parser"]),
    ];

    #[test]
    fn a_worker_starts_when_all_it_needs_is_ready() {
        assert_eq!(startable(SPECS, &[Waiting, Waiting, Waiting, Waiting]), [0]);
        assert_eq!(startable(SPECS, &[Starting, Waiting, Waiting, Waiting]), [0; 0]);
        assert_eq!(startable(SPECS, &[Ready, Waiting, Waiting, Waiting]), [1, 2]);
        assert_eq!(startable(SPECS, &[Ready, Ready, Ready, Waiting]), [3]);
        assert_eq!(startable(SPECS, &[Backoff, Ready, Ready, Waiting]), [0; 0]);
    }

    #[test]
    fn a_worker_stops_when_nobody_who_needs_it_lives() {
        assert_eq!(stoppable(SPECS, &[Ready, Ready, Ready, Ready]), [2, 3]);
        assert_eq!(stoppable(SPECS, &[Ready, Ready, Stopping, Stopped]), [1, 2]);
        assert_eq!(stoppable(SPECS, &[Ready, Stopped, Stopping, Stopped]), [2]);
        assert_eq!(stoppable(SPECS, &[Ready, Stopped, Stopped, Failed]), [0]);
        assert_eq!(stoppable(SPECS, &[Backoff, Ready, Ready, Ready]), [0, 2, 3]);
        assert_eq!(stoppable(SPECS, &[Stopped, Stopped, Failed, Stopped]), [0; 0]);
    }

    #[test]
    fn readiness_asks_the_essential_ones_only() {
        assert!(is_ready(SPECS, &[Ready, Failed, Ready, Waiting]));
        assert!(!is_ready(SPECS, &[Ready, Ready, Backoff, Ready]));
    }
}
