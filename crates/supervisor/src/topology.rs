//! Which workers there are. This table is all that has to change when one is added.

use settings::Settings;

/// One worker, as the supervisor has to know it.
#[derive(Debug)]
pub(crate) struct WorkerSpec {
    /// Its name: the program is `natrium-<name>`, the sockets `<name>.sock` and `<name>.notify`.
    pub(crate) name: &'static str,
    /// Without it there is no service: the service is ready when it is, and ends when it has failed.
    pub(crate) essential: bool,
    /// The workers that must be ready before it is started for the first time, and that outlive it when all stop.
    pub(crate) needs: &'static [&'static str],
    /// What of the environment it is given beyond what all are given.
    pub(crate) given: Given,
}

/// What one worker is given and others are not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    /// `STATE_DIRECTORY`.
    pub(crate) state_directory: bool,
    /// `CREDENTIALS_DIRECTORY`, and the variable that holds the bot token if the settings name one.
    pub(crate) bot_token: bool,
    /// The TCP listeners. Who is given them is what the settings' `web` is about.
    pub(crate) ports: bool,
}

impl WorkerSpec {
    /// The name of the socket on which it says how it is.
    pub(crate) fn notify_socket(&self) -> String {
        format!("{}.notify", self.name)
    }

    /// Whether the settings want it to run.
    pub(crate) fn is_on(&self, settings: &Settings) -> bool {
        !self.given.ports || settings.web.enabled
    }
}

/// Workers are started from the top down and stopped from the bottom up.
pub(crate) const TOPOLOGY: &[WorkerSpec] = &[
    WorkerSpec {
        name: "writer",
        essential: true,
        needs: &[],
        given: Given { state_directory: true, bot_token: false, ports: false },
    },
    WorkerSpec {
        name: "bot",
        essential: true,
        needs: &["writer"],
        given: Given { state_directory: false, bot_token: true, ports: false },
    },
    // It needs nobody: that the writer is not ready is for it to say.
    WorkerSpec {
        name: "web",
        essential: false,
        needs: &[],
        given: Given { state_directory: false, bot_token: false, ports: true },
    },
];

#[cfg(test)]
mod tests {
    use worker::access::Role;

    use super::*;

    #[test]
    fn every_worker_has_its_role() {
        for worker in TOPOLOGY {
            assert_ne!(Role::of_worker(worker.name), Role::Stranger, "{}", worker.name);
        }
    }

    #[test]
    fn needs_name_workers_further_up() {
        for (place, worker) in TOPOLOGY.iter().enumerate() {
            for need in worker.needs {
                assert!(TOPOLOGY[..place].iter().any(|other| other.name == *need), "{} needs {need}", worker.name);
            }
            assert_eq!(
                TOPOLOGY.iter().filter(|other| other.name == worker.name).count(),
                1,
                "{} stands once",
                worker.name
            );
        }
    }
}
