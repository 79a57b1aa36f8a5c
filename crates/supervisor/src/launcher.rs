//! What each worker is started with: its program, its environment, its listeners, the settings. It decides nothing.

use std::ffi::{CString, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use settings::{SecretSource, Settings};

use crate::environment::{self, OWN_PID, Surroundings};
use crate::handover;
use crate::ports::{PortError, Ports};
use crate::recorder;
use crate::spawn::{self, Open, Program, Spawned};
use crate::timing::Timing;
use crate::topology::WorkerSpec;

/// Why workers could not be started at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    #[error("finding the directory of this program: {0}")]
    OwnProgram(io::Error),
    #[error("opening /dev/null: {0}")]
    Null(io::Error),
    #[error("writing the settings for the workers: {0}")]
    Settings(serde_json::Error),
    #[error("keeping the settings for the workers: {0}")]
    Keep(io::Error),
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Why there is no process.
#[derive(Debug)]
pub(crate) struct NotStarted {
    pub(crate) errno: Errno,
    /// What the kernel refused, if not the process itself.
    pub(crate) note: Option<String>,
}

impl From<Errno> for NotStarted {
    fn from(errno: Errno) -> Self {
        Self { errno, note: None }
    }
}

impl From<PortError> for NotStarted {
    fn from(error: PortError) -> Self {
        Self { errno: error.errno, note: Some(error.to_string()) }
    }
}

/// Where the programs of the workers lie: `$NATRIUM_LIBEXEC`, or beside this program.
pub(crate) fn libexec(chosen: Option<OsString>) -> Result<PathBuf, LaunchError> {
    if let Some(directory) = chosen.filter(|directory| !directory.is_empty()) {
        return std::path::absolute(directory).map_err(LaunchError::OwnProgram);
    }
    let own = std::env::current_exe().map_err(LaunchError::OwnProgram)?;
    Ok(own.parent().unwrap_or(Path::new("/")).to_owned())
}

/// A process that was started for a worker.
#[derive(Debug)]
pub(crate) struct Child {
    /// Whose, as a place in the table.
    pub(crate) worker: usize,
    pub(crate) process: Spawned,
    /// Holds the last line that it logged.
    pub(crate) recorder: File,
}

/// Starts workers.
pub(crate) struct Launcher {
    specs: &'static [WorkerSpec],
    libexec: PathBuf,
    timing: Timing,
    null: File,
    listeners: Vec<UnixListener>,
    ports: Ports,
    programs: Vec<Program>,
    settings: OwnedFd,
}

impl Launcher {
    /// `listeners`: one for each of `specs`.
    ///
    /// # Errors
    /// When what every worker needs cannot be made.
    pub(crate) fn new(
        specs: &'static [WorkerSpec],
        libexec: PathBuf,
        timing: Timing,
        listeners: Vec<UnixListener>,
        ports: Ports,
        settings: &Settings,
    ) -> Result<Self, LaunchError> {
        let null = File::open("/dev/null").map_err(LaunchError::Null)?;
        let sealed = sealed(settings)?;
        let programs = Vec::new();
        let mut launcher = Self { specs, libexec, timing, null, listeners, ports, programs, settings: sealed };
        launcher.programs = launcher.programs(settings);
        Ok(launcher)
    }

    /// Starts with these settings from now on.
    ///
    /// # Errors
    /// When they cannot be kept, or an address that they name cannot be listened on; then the old ones stay.
    pub(crate) fn reconfigure(&mut self, settings: &Settings) -> Result<(), LaunchError> {
        let sealed = sealed(settings)?;
        self.ports.reconfigure(&settings.web)?;
        self.settings = sealed;
        self.programs = self.programs(settings);
        Ok(())
    }

    /// Starts a process for the worker at this place in the table.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub(crate) fn spawn(&mut self, worker: usize) -> Result<Child, NotStarted> {
        let recorder = recorder::blank()?;
        let mut handed = vec![self.listeners[worker].as_fd(), self.settings.as_fd(), recorder.as_fd()];
        if self.specs[worker].given.ports {
            self.ports.open()?;
            handed.extend(self.ports.listeners());
        }
        let open = Open { stdin: self.null.as_fd(), output: None, handed: &handed };
        let process = spawn::spawn(&self.programs[worker], open)?;
        Ok(Child { worker, process, recorder })
    }

    fn programs(&self, settings: &Settings) -> Vec<Program> {
        let token_variable = match &settings.telegram.token {
            SecretSource::Environment(name) => Some(name.as_str()),
            SecretSource::File(_) | SecretSource::Credential(_) => None,
        };
        let ports = self.ports.names();
        let surroundings = Surroundings {
            runtime: &settings.directories.runtime,
            state: &settings.directories.state,
            watchdog: self.timing.watchdog,
            ports: &ports,
            token_variable,
        };
        let program = |spec: &WorkerSpec| Program {
            // A path cannot hold a NUL.
            path: CString::new(self.libexec.join(format!("natrium-{}", spec.name)).as_os_str().as_bytes())
                .unwrap_or_default(),
            arguments: Vec::new(),
            environment: environment::compose(spec, &surroundings, |name| std::env::var_os(name)),
            own_pid: OWN_PID,
        };
        self.specs.iter().map(program).collect()
    }
}

fn sealed(settings: &Settings) -> Result<OwnedFd, LaunchError> {
    handover::sealed(&serde_json::to_vec(settings).map_err(LaunchError::Settings)?).map_err(LaunchError::Keep)
}
