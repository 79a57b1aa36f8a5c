//! The one line that stands for the whole service: `STATUS=` for systemd. Pure.

use interfaces::supervisor::{Phase, WorkerState};

/// The longest line, in characters: what `systemctl status` shows on a wide terminal.
const LONGEST: usize = 400;

/// What the line says of one worker.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    pub(crate) state: WorkerState,
    /// What it last said of itself.
    pub(crate) said: &'a str,
    /// How its last process ended; empty if none did.
    pub(crate) ended: String,
}

/// How the service is, then each worker that has something to say or is not ready.
pub(crate) fn compose<'a>(phase: Phase, workers: impl IntoIterator<Item = Line<'a>>) -> String {
    let mut healthy = true;
    let mut parts = Vec::new();
    for worker in workers {
        let (name, said) = (worker.name, worker.said);
        if worker.state != WorkerState::Ready {
            healthy = false;
        }
        let about = match worker.state {
            WorkerState::Ready => "",
            WorkerState::Waiting => " waits",
            WorkerState::Starting => " starts",
            WorkerState::Stopping => " stops",
            WorkerState::Stopped => " stopped",
            WorkerState::Backoff => " pauses",
            WorkerState::Failed => " failed",
        };
        let reason = match worker.state {
            WorkerState::Backoff | WorkerState::Failed if said.is_empty() => worker.ended,
            WorkerState::Backoff => format!("{}, {said}", worker.ended),
            _ => said.to_owned(),
        };
        match (about, reason.as_str()) {
            ("", "") => {}
            (about, "") => parts.push(format!("{name}{about}")),
            (about, reason) => parts.push(format!("{name}{about}: {reason}")),
        }
    }
    let whole = match phase {
        Phase::Starting => "starting",
        Phase::Ready if healthy => "ready",
        Phase::Ready => "degraded",
        Phase::Stopping => "stopping",
    };
    parts.insert(0, whole.to_owned());
    let line = parts.join("; ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(name: &'a str, state: WorkerState, said: &'a str, ended: &str) -> Line<'a> {
        Line { name, state, said, ended: ended.to_owned() }
    }

    #[test]
    fn each_phase_reads_well() {
        use WorkerState::{Backoff, Failed, Ready, Starting, Stopping, Waiting};
        let compose = |phase, lines: Vec<Line<'static>>| compose(phase, lines);
        assert_eq!(
            compose(Phase::Starting, vec![line("writer", Starting, "", ""), line("bot", Waiting, "", "")]),
            "starting; writer starts; bot waits"
        );
        assert_eq!(compose(Phase::Ready, vec![line("writer", Ready, "", ""), line("bot", Ready, "", "")]), "ready");
        assert_eq!(
            compose(Phase::Ready, vec![line("writer", Ready, "", ""), line("bot", Ready, "Telegram unreachable", "")]),
            "ready; bot: Telegram unreachable"
        );
        assert_eq!(
            compose(Phase::Ready, vec![line("writer", Backoff, "", "killed by SIGKILL"), line("bot", Ready, "", "")]),
            "degraded; writer pauses: killed by SIGKILL"
        );
        assert_eq!(
            compose(Phase::Ready, vec![line("bot", Backoff, "out of memory", "exited with 75")]),
            "degraded; bot pauses: exited with 75, out of memory"
        );
        assert_eq!(
            compose(Phase::Stopping, vec![line("bot", Failed, "token refused", ""), line("writer", Stopping, "", "")]),
            "stopping; bot failed: token refused; writer stops"
        );
    }

    #[test]
    fn a_long_story_is_cut_between_characters() {
        let story = "ж".repeat(1000);
        let cut = compose(Phase::Ready, [line("bot", WorkerState::Ready, &story, "")]);
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with("ж…"), "{cut}");
    }
}
