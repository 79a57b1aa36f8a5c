//! Where a backup's bytes come from: the writer that runs, or one that we run ourselves.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interfaces::offline::{Answer, Job};
use interfaces::store::{Backup, BackupReply, Client, Contents, Error, GetInfo};
use settings::{Environment, Settings};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use varlink::{CallError, Pool, PoolLimits, Replies};

use crate::offline::{self, Offline, OfflineError};
use crate::programs::Owner;

/// How long a call may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// How long a copy of the store may take before its first byte comes.
const COPYING: Duration = Duration::from_secs(600);
/// How long each of the following may take.
const NEXT: Duration = Duration::from_secs(30);

/// Why there is no backup, or no more of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("setting up a runtime: {0}")]
    Runtime(io::Error),
    #[error("{0}")]
    Answer(Error),
    #[error("asking the writer: {0}")]
    Call(String),
    #[error("the service that runs is too old for this")]
    TooOld,
    #[error(transparent)]
    Offline(#[from] OfflineError),
    #[error("the backup broke off")]
    BrokeOff,
}

impl SourceError {
    /// Whether asking again later cannot help.
    pub(crate) fn lasts(&self) -> bool {
        matches!(self, Self::TooOld | Self::Offline(OfflineError::Failed { lasting: true, .. }))
    }
}

impl From<CallError<Error>> for SourceError {
    fn from(error: CallError<Error>) -> Self {
        match error {
            CallError::Reply(error) => Self::Answer(error),
            CallError::Service(
                varlink::ServiceError::InterfaceNotFound { .. } | varlink::ServiceError::MethodNotFound { .. },
            ) => Self::TooOld,
            other => {
                let cause = std::error::Error::source(&other).map(|cause| format!(": {cause}")).unwrap_or_default();
                Self::Call(format!("{other}{cause}"))
            }
        }
    }
}

/// A client for the store of a service that runs in `runtime`. `None`: nobody serves it.
pub(crate) fn store(runtime: &Path) -> io::Result<Option<Client>> {
    let path = runtime.join("writer.sock");
    match std::os::unix::net::UnixStream::connect(&path) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let limits = PoolLimits { connections: 1, deadline: DEADLINE, ..PoolLimits::default() };
    Ok(Some(Client::new(Pool::new(path, limits), DEADLINE)))
}

/// A runtime for a few calls.
pub(crate) fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

enum Origin {
    Running(Runtime, Box<Replies<BackupReply, Error>>),
    Offline(Box<Offline>),
}

/// A backup's bytes, one member after the other.
pub(crate) struct Source {
    from: Origin,
    chunk: Vec<u8>,
    read: usize,
    /// Why it broke off.
    pub(crate) error: Option<SourceError>,
}

impl Source {
    /// From the service that runs.
    pub(crate) fn running(client: &Client) -> Result<(Contents, Self), SourceError> {
        let runtime = runtime().map_err(SourceError::Runtime)?;
        // A copy may take long. Whether anybody is there to make one is known sooner.
        runtime.block_on(client.get_info(&GetInfo {}))?;
        let replies = runtime.block_on(client.backup(&Backup {}))?;
        Self { from: Origin::Running(runtime, Box::new(replies)), chunk: Vec::new(), read: 0, error: None }.begin()
    }

    /// From the store of a service that does not run.
    pub(crate) fn offline(settings: &Settings, environment: &Environment) -> Result<(Contents, Self), SourceError> {
        let owner = Owner::of_service(&settings.directories.state);
        let mut offline = Offline::ask(&offline::request(settings, Job::Backup), owner, environment)?;
        offline.all_sent();
        Self { from: Origin::Offline(Box::new(offline)), chunk: Vec::new(), read: 0, error: None }.begin()
    }

    fn begin(mut self) -> Result<(Contents, Self), SourceError> {
        match self.next(COPYING)?.contents {
            Some(contents) => Ok((contents, self)),
            None => Err(SourceError::BrokeOff),
        }
    }

    fn next(&mut self, within: Duration) -> Result<BackupReply, SourceError> {
        match &mut self.from {
            Origin::Running(runtime, replies) => {
                match runtime.block_on(async { timeout(within, replies.next()).await }) {
                    Ok(Some(Ok(reply))) => Ok(reply),
                    Ok(Some(Err(CallError::Lost(_)))) | Ok(None) => Err(SourceError::BrokeOff),
                    Ok(Some(Err(error))) => Err(error.into()),
                    Err(_) => Err(SourceError::Call("no answer in time".to_owned())),
                }
            }
            Origin::Offline(offline) => match offline.answer()? {
                Answer::Part(reply) => Ok(reply),
                _ => Err(OfflineError::OtherAnswer.into()),
            },
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.chunk.len() {
            let next = self.next(NEXT).and_then(|reply| {
                let chunk = reply.chunk.ok_or(SourceError::BrokeOff)?;
                STANDARD.decode(chunk).map_err(|_| SourceError::BrokeOff)
            });
            match next {
                Ok(chunk) => (self.chunk, self.read) = (chunk, 0),
                Err(error) => {
                    let told = io::Error::other(error.to_string());
                    self.error = Some(error);
                    return Err(told);
                }
            }
        }
        let rest = self.chunk.get(self.read..).unwrap_or_default();
        let part = rest.get(..buffer.len().min(rest.len())).unwrap_or_default();
        if let Some(place) = buffer.get_mut(..part.len()) {
            place.copy_from_slice(part);
        }
        self.read += part.len();
        Ok(part.len())
    }
}
