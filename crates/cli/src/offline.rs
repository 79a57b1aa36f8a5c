//! A `natrium-writer` that we run ourselves, for one job on a store whose service does not run. We open no store.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use interfaces::offline::{Answer, Job, PublishedKind, Request};
use settings::{Environment, Settings};

use crate::programs::{self, Owner};

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfflineError {
    #[error("running natrium-writer: {0}")]
    Run(io::Error),
    #[error("{reason}")]
    Failed { reason: String, lasting: bool },
    #[error("natrium-writer ended without an answer")]
    NoAnswer,
    #[error("natrium-writer answered something else than was asked")]
    OtherAnswer,
}

/// Its run.
pub(crate) struct Offline {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Offline {
    /// Starts it as `owner` and asks.
    pub(crate) fn ask(request: &Request, owner: Owner, environment: &Environment) -> Result<Self, OfflineError> {
        let directory = programs::directory(environment).map_err(OfflineError::Run)?;
        let mut command = programs::command(&directory, "natrium-writer", environment);
        owner.run_as(&mut command);
        let mut child =
            command.arg("--offline").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(OfflineError::Run)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(OfflineError::NoAnswer);
        };
        let mut offline = Self { child, input: Some(input), output: BufReader::new(output) };
        // Plain data with string keys: there is nothing that could fail.
        let mut line = serde_json::to_vec(request).unwrap_or_default();
        line.push(b'\n');
        // Whoever cannot take it will have said why.
        let _ = offline.write_all(&line);
        Ok(offline)
    }

    /// Asks, sends nothing more, and takes the one answer.
    pub(crate) fn answer_to(
        request: &Request,
        owner: Owner,
        environment: &Environment,
    ) -> Result<Answer, OfflineError> {
        let mut offline = Self::ask(request, owner, environment)?;
        offline.all_sent();
        offline.answer()
    }

    /// There is no more to come from us.
    pub(crate) fn all_sent(&mut self) {
        self.input = None;
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Result<Answer, OfflineError> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(OfflineError::Run)?;
        match serde_json::from_str(&line) {
            Ok(Answer::Failed { reason, lasting }) => Err(OfflineError::Failed { reason, lasting }),
            Ok(answer) => Ok(answer),
            Err(_) => Err(OfflineError::NoAnswer),
        }
    }
}

impl Write for Offline {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Offline {
    fn drop(&mut self) {
        // It ends when nobody sends or reads any more, and is waited for so that its work has ended when we say so.
        self.input = None;
        let _ = io::copy(&mut self.output, &mut io::sink());
        let _ = self.child.wait();
    }
}

/// A request about the service that the settings describe.
pub(crate) fn request(settings: &Settings, job: Job) -> Request {
    let kind =
        |config: &settings::Config| PublishedKind { kind: config.kind.name.clone(), file: config.kind.file.clone() };
    Request {
        state: settings.directories.state.clone(),
        published: settings.directories.published.clone(),
        kinds: settings.configs.iter().map(kind).collect(),
        job,
    }
}
