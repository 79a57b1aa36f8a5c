//! The writer as `natrium` runs it itself (`natrium-writer --offline`): one job on a store whose service does not run, asked
//! on standard input and answered on standard output, as `interfaces::offline` has it.
//!
//! So nothing but this program ever opens a store, one in a backup included: that is anybody's, and is looked at in a sandbox.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use interfaces::configs::Problem;
use interfaces::offline::{Answer, Job, PublishedKind, Request};
use interfaces::store::BackupReply;
use worker::Sandbox;

use crate::audit::fold_alone;
use crate::backup::{Copy, CopyError};
use crate::configs::{KindSpec, current_members, published_problem};
use crate::restore::{Incoming, RestoreError, restore};
use crate::store::{KNOWN, OpenError, StoreError, Whole};
use crate::{Declared, Directories, Writer};

/// The longest request, in bytes.
const REQUEST: u64 = 1 << 20;

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error("keeping the backup's store for a look at it: {0}")]
    Examine(io::Error),
    #[error("there is no store {0}")]
    NoStore(String),
    #[error("the store changed while it was looked at; ask again")]
    Changed,
    #[error("closing the sandbox: {0}")]
    Sandbox(#[from] worker::SandboxError),
    /// Nobody reads the answers any more.
    #[error("answering: {0}")]
    Gone(io::Error),
}

impl JobError {
    /// Whether only a person can mend it.
    fn lasts(&self) -> bool {
        match self {
            Self::Open(error) | Self::Restore(RestoreError::Open(error)) | Self::Copy(CopyError::Open(error)) => {
                matches!(error, OpenError::Newer { .. } | OpenError::Foreign { .. })
            }
            Self::Restore(RestoreError::Other | RestoreError::Unsound(_)) | Self::NoStore(_) => true,
            Self::Store(StoreError::Damaged(_)) | Self::Copy(CopyError::Store(StoreError::Damaged(_))) => true,
            _ => false,
        }
    }
}

/// Does what standard input asks for.
pub(crate) fn main() -> ExitCode {
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    let request = (&mut input).take(REQUEST).read_line(&mut line).map_err(drop);
    let request = request.and_then(|_| serde_json::from_str::<Request>(&line).map_err(drop));
    let Ok(request) = request else {
        let _ = writeln!(io::stderr(), "natrium-writer: --offline is for natrium, which asks on standard input");
        return ExitCode::from(64);
    };
    worker::logging::start("natrium-writer", "writer", "warn", None);
    let done = confine(&request).and_then(|sandbox| carry_out(&request, &sandbox, &mut input));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(JobError::Gone(_)) => ExitCode::from(75),
        Err(error) => {
            let reason = causes(&error);
            let answered = answer(&Answer::Failed { reason, lasting: error.lasts() });
            ExitCode::from(if answered.is_ok() { 0 } else { 75 })
        }
    }
}

/// An error with what it came from, on one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Closes the sandbox around what the job needs; answers what is enforced, in words.
fn confine(request: &Request) -> Result<String, JobError> {
    let mut sandbox = Sandbox::closed();
    let directories = match &request.job {
        Job::Examine { directory, .. } => vec![directory],
        Job::Backup | Job::Restore { .. } => {
            if request.job == Job::Backup {
                present(&request.state.join("store.sqlite"))?;
            }
            // What is missing is made before: inside the sandbox its parent may not be touched.
            drop(Directories::open(&request.state, &request.published)?);
            vec![&request.state, &request.published]
        }
        Job::Info | Job::Check => vec![&request.state, &request.published],
    };
    for directory in directories {
        if directory.is_dir() {
            sandbox = sandbox.write(directory);
        }
    }
    Ok(sandbox.close()?)
}

fn carry_out(request: &Request, sandbox: &str, input: &mut impl Read) -> Result<(), JobError> {
    let store = request.state.join("store.sqlite");
    match &request.job {
        Job::Info => {
            let mut found = None;
            if store.exists() {
                found = Some(undisturbed(&store, |whole| {
                    let schema = whole.schema(&store)?;
                    Ok((schema, whole.since(schema)?, whole.bytes()?))
                })?);
            }
            answer(&Answer::Info {
                schema: found.map(|(schema, ..)| schema),
                since: found.map(|(_, since, _)| since),
                known: KNOWN,
                bytes: found.map_or(0, |(.., bytes)| bytes),
                sandbox: sandbox.to_owned(),
            })
        }
        Job::Check => {
            present(&store)?;
            let problems = undisturbed(&store, |whole| problems(whole, &store, request))?;
            answer(&Answer::Checked { problems })
        }
        Job::Backup => {
            present(&store)?;
            let directories = Directories::open(&request.state, &request.published)?;
            let whole = Whole::alone(&store)?;
            if let Err(error) = fold_alone(&whole, &store) {
                tracing::warn!("{error}; the backup is without them");
            }
            let mut copy = Copy::make(&whole, &directories.state, &request.kinds)?;
            let contents = Some(copy.contents.clone());
            answer(&Answer::Part(BackupReply { contents, chunk: None }))?;
            while let Some(part) = copy.next().map_err(CopyError::Disk)? {
                answer(&Answer::Part(part))?;
            }
            Ok(())
        }
        Job::Examine { directory, bytes } => answer(&examine(directory, input, *bytes, &request.kinds)?),
        Job::Restore { bytes, sha256, label, by } => {
            let directories = Directories::open(&request.state, &request.published)?;
            let incoming = Incoming { content: input, bytes: *bytes, sha256, label, by };
            let kept = restore(&directories, incoming, &mut |_| Ok(()))?;
            let published = publish(directories, &request.kinds);
            answer(&Answer::Restored { kept, published })
        }
    }
}

fn answer(answer: &Answer) -> Result<(), JobError> {
    // Plain data with string keys: there is nothing that could fail.
    let mut line = serde_json::to_vec(answer).unwrap_or_default();
    line.push(b'\n');
    let mut output = io::stdout().lock();
    output.write_all(&line).and_then(|()| output.flush()).map_err(JobError::Gone)
}

fn present(store: &Path) -> Result<(), JobError> {
    if store.exists() { Ok(()) } else { Err(JobError::NoStore(store.display().to_string())) }
}

/// Looks at a store of which nobody knows whether its service is about to start, without taking a lock from it or making a
/// file. Where there is no log, the file alone is the store; that it was meanwhile is made sure of afterwards.
fn undisturbed<T>(store: &Path, look: impl Fn(&Whole) -> Result<T, JobError>) -> Result<T, JobError> {
    let state = || {
        let log = fs::metadata(store.with_extension("sqlite-wal")).map(|log| log.len()).unwrap_or(0);
        let file = fs::metadata(store).and_then(|file| Ok((file.len(), file.modified()?))).ok();
        (log, file)
    };
    let before = state();
    if before.0 > 0 {
        return look(&Whole::beside(store)?);
    }
    let found = look(&Whole::frozen(store)?);
    if state() == before { found } else { Err(JobError::Changed) }
}

fn problems(whole: &Whole, store: &Path, request: &Request) -> Result<Vec<String>, JobError> {
    let found = whole.schema(store)?;
    let mut problems = whole.problems()?;
    if problems.is_empty() && whole.since(found)? > KNOWN {
        problems.push(format!("the store has schema {found}, this release knows {KNOWN}"));
    }
    if problems.is_empty() {
        let view = whole.snapshot();
        for kind in &request.kinds {
            problems.extend(published_problem(&view, &request.published.join(&kind.file), kind)?);
        }
    }
    Ok(problems)
}

fn keep(path: &Path, input: &mut impl Read, bytes: u64) -> Result<(), JobError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(JobError::Examine)?;
    let copied = io::copy(&mut input.take(bytes), &mut file).map_err(JobError::Examine)?;
    if copied == bytes { Ok(()) } else { Err(RestoreError::Short.into()) }
}

/// Looks through a store that came with a backup.
fn examine(directory: &Path, input: &mut impl Read, bytes: u64, kinds: &[PublishedKind]) -> Result<Answer, JobError> {
    let path = directory.join("store.sqlite");
    let kept = keep(&path, input, bytes).and_then(|()| {
        let whole = Whole::frozen(&path)?;
        // Opens the file.
        let schema = whole.schema(&path);
        Ok((whole, schema))
    });
    // It is read on through the descriptor: nothing is left of it, whatever happens.
    fs::remove_file(&path).map_err(JobError::Examine)?;
    let (whole, schema) = kept?;
    let schema = schema?;
    let problems = whole.problems()?;
    let mut current = Vec::new();
    if problems.is_empty() && schema >= 1 {
        current.extend(current_members(&whole.snapshot(), kinds)?.into_iter().map(|(member, _)| member));
    }
    Ok(Answer::Examined { problems, schema, current })
}

/// Brings the published files into agreement, as a start does. What cannot be done is left to the next start.
fn publish(directories: Directories, kinds: &[PublishedKind]) -> bool {
    let kinds = kinds.iter().map(spec).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return false };
    runtime.block_on(async {
        match Writer::open(directories, Declared { kinds, ..Declared::default() }).await {
            Ok(writer) => {
                let is_done = writer.configs.unpublished().borrow().is_empty();
                writer.close().await;
                is_done
            }
            Err(error) => {
                tracing::warn!(error = causes(&error), "the published files are left to the next start");
                false
            }
        }
    })
}

/// A kind for publishing what the store has. Whether a file that was there before the first version is valid, the next start
/// finds out, which has the schemas.
fn spec(kind: &PublishedKind) -> KindSpec {
    let left = || Problem { line: 0, column: 0, path: String::new(), reason: "left to the next start".to_owned() };
    KindSpec {
        name: kind.kind.clone(),
        file: kind.file.clone(),
        schema: String::new(),
        rules: None,
        approval: false,
        hook: false,
        validate: Arc::new(move |_| vec![left()]),
    }
}
