//! Finding the service that is meant, and reaching its supervisor.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use interfaces::supervisor::{Client, Error, Status};
use settings::{Environment, Settings, SettingsError};
use varlink::{CallError, Pool, PoolLimits};

use crate::arguments::Service;
use crate::exit::Exit;
use crate::text::line;

/// How long an answer may take. The supervisor does nothing slow; if it takes longer, it hangs.
const DEADLINE: Duration = Duration::from_secs(5);

/// Why the supervisor did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    /// The settings that were asked for cannot be used.
    #[error("{0}")]
    Settings(SettingsError),
    /// Nobody listens. `died`: a socket file is left, which an orderly stop takes away.
    #[error("natrium is not running")]
    NotRunning { died: bool },
    /// The socket cannot be opened.
    #[error("reaching the service at {}: {error}{}", path.display(), advice(error))]
    Connect { path: PathBuf, error: io::Error },
    /// It did not answer, or not as it should.
    #[error("asking the supervisor: {0}")]
    Call(String),
    /// It answered with an error.
    #[error("{0}")]
    Answer(Error),
    /// It has no worker of that name.
    #[error("there is no worker \"{}\"{}", line(worker), others(names))]
    NoSuchWorker { worker: String, names: Vec<String> },
    /// This process cannot talk with anybody.
    #[error("starting to talk: {0}")]
    Runtime(io::Error),
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "; ask as root, or as a member of the service's group",
        _ => "",
    }
}

fn others(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| line(name)).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => format!("; the only one is {only}"),
        Some((last, rest)) => format!("; there are {} and {last}", rest.join(", ")),
    }
}

impl ServiceError {
    /// The exit code of a command that wanted to have something done.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Settings(_) | Self::Answer(Error::SettingsRefused { .. }) => Exit::Configuration,
            Self::NotRunning { .. } => Exit::NotRunning,
            Self::NoSuchWorker { .. }
            | Self::Answer(Error::NoSuchWorker { .. } | Error::NotAWorker { .. } | Error::NoHook { .. }) => {
                Exit::Degraded
            }
            Self::Connect { .. }
            | Self::Call(_)
            | Self::Answer(Error::Stopping {} | Error::SettingsNotRead { .. })
            | Self::Runtime(_) => Exit::TryAgain,
        }
    }
}

impl From<CallError<Error>> for ServiceError {
    fn from(error: CallError<Error>) -> Self {
        match error {
            CallError::Reply(error) => Self::Answer(error),
            other => {
                let cause = std::error::Error::source(&other).map(|cause| format!(": {cause}")).unwrap_or_default();
                Self::Call(format!("{other}{cause}"))
            }
        }
    }
}

/// The runtime directory that is meant.
///
/// The settings are asked only where it is. So the default file may be missing, unreadable or wrong, as it is while
/// somebody edits it: the service runs all the same, by the settings that it was started with.
pub(crate) fn runtime_directory(service: &Service, environment: &Environment) -> Result<PathBuf, ServiceError> {
    if let Some(directory) = &service.runtime_directory {
        return Ok(directory.clone());
    }
    let named = service.settings.is_some() || environment.get("NATRIUM_SETTINGS").is_some();
    let path = environment.settings_path(service.settings.clone());
    match Settings::load(&path, environment) {
        Ok(settings) => Ok(settings.directories.runtime),
        Err(error) if named => Err(ServiceError::Settings(error)),
        Err(_) => {
            let made = environment.get("RUNTIME_DIRECTORY").and_then(|list| list.split(':').next());
            Ok(PathBuf::from(made.unwrap_or("/run/natrium")))
        }
    }
}

/// The supervisor, which somebody is now known to be.
pub(crate) fn supervisor(directory: &Path) -> Result<Client, ServiceError> {
    patient(directory, DEADLINE)
}

fn patient(directory: &Path, deadline: Duration) -> Result<Client, ServiceError> {
    let path = directory.join("supervisor.sock");
    // The pool is patient with a service that restarts; whoever asks for the status wants to know now.
    UnixStream::connect(&path).map_err(not_there(&path))?;
    let limits = PoolLimits { connections: 1, deadline, ..PoolLimits::default() };
    Ok(Client::new(Pool::new(path, limits), deadline))
}

/// What it means that a socket of the service cannot be connected to.
pub(crate) fn not_there(path: &Path) -> impl FnOnce(io::Error) -> ServiceError {
    let path = path.to_owned();
    move |error| match error.kind() {
        io::ErrorKind::NotFound => ServiceError::NotRunning { died: false },
        io::ErrorKind::ConnectionRefused => ServiceError::NotRunning { died: true },
        _ => ServiceError::Connect { path, error },
    }
}

/// The supervisor of the service that is meant.
pub(crate) fn reach(service: &Service, environment: &Environment) -> Result<Client, ServiceError> {
    supervisor(&runtime_directory(service, environment)?)
}

/// The same, for a call that may take so long.
pub(crate) fn reach_patiently(
    service: &Service,
    environment: &Environment,
    deadline: Duration,
) -> Result<Client, ServiceError> {
    patient(&runtime_directory(service, environment)?, deadline)
}

/// The error, with the names that there are if it was a wrong name.
pub(crate) async fn with_names(error: ServiceError, client: &Client) -> ServiceError {
    let ServiceError::Answer(Error::NoSuchWorker { worker }) = error else { return error };
    // Without an answer there is less to say.
    let workers = client.status(&Status {}).await.map(|status| status.workers).unwrap_or_default();
    ServiceError::NoSuchWorker { worker, names: workers.into_iter().map(|worker| worker.name).collect() }
}

/// Runs a conversation to its end.
pub(crate) fn talk<T>(conversation: impl Future<Output = Result<T, ServiceError>>) -> Result<T, ServiceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServiceError::Runtime)?;
    runtime.block_on(conversation)
}
