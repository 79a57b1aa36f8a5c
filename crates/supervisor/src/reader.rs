//! The settings, read by another program: `natrium settings show --json`, which lies beside the workers' programs.
//!
//! So this program parses nothing that a person wrote, neither YAML nor schemas, and holds no code for it: a file that could
//! break a parser breaks a process that is gone a moment later. And a slow disk keeps no worker waiting, because nobody waits
//! for the answer but at the start.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::memfd::{MFdFlags, memfd_create};
use settings::Settings;

/// What the other program exits with when the settings are wrong (`EX_CONFIG`).
const CONFIGURATION: i32 = 78;

/// Reads the settings, as often as it is told to.
#[derive(Debug)]
pub(crate) struct Reader {
    program: PathBuf,
    /// The file; where there is none, the program knows where to look.
    file: Option<PathBuf>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The text is complete, and made for people.
    #[error("{0}")]
    Wrong(String),
    #[error("reading the settings: running {}: {source}", .program.display())]
    Start { program: PathBuf, source: io::Error },
    #[error("reading the settings: {} {}", .program.display(), ended(*.status, .said))]
    Failed { program: PathBuf, status: ExitStatus, said: String },
    #[error("reading the settings: {0}")]
    Answer(io::Error),
    #[error("reading the settings: what {} answers is not understood: {source}", .program.display())]
    NotUnderstood { program: PathBuf, source: serde_json::Error },
    #[error("reading the settings took too long")]
    TooLong,
}

fn ended(status: ExitStatus, said: &str) -> String {
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, signal) => format!("was killed by signal {}", signal.unwrap_or(0)),
    };
    if said.is_empty() { how } else { format!("{how}: {said}") }
}

impl Reader {
    /// `libexec`: the directory of the programs.
    pub(crate) fn new(libexec: &Path, file: Option<PathBuf>) -> Self {
        Self { program: libexec.join("natrium"), file }
    }

    /// Begins to read. The program has this one's environment: it says where settings are, and where secrets can be.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn begin(&self) -> Result<Reading, ReadError> {
        let started = || -> io::Result<Reading> {
            let (answer, complaint) = (nameless()?, nameless()?);
            let child = Command::new(&self.program)
                .args(["settings", "show", "--json"].map(OsStr::new))
                .args(self.file.as_deref().map(Path::as_os_str))
                .stdin(Stdio::null())
                .stdout(answer.try_clone()?)
                .stderr(complaint.try_clone()?)
                .spawn()?;
            Ok(Reading { program: self.program.clone(), child, answer, complaint })
        };
        started().map_err(|source| ReadError::Start { program: self.program.clone(), source })
    }
}

/// Settings that are being read. Dropping it ends that, without waiting for the end.
#[derive(Debug)]
pub(crate) struct Reading {
    program: PathBuf,
    child: Child,
    answer: File,
    complaint: File,
}

impl Reading {
    /// Waits for the answer.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub(crate) fn wait(mut self) -> Result<Settings, ReadError> {
        let status = self.child.wait().map_err(ReadError::Answer)?;
        self.settings(status)
    }

    /// The answer, if there is one yet.
    pub(crate) fn poll(&mut self) -> Option<Result<Settings, ReadError>> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(self.settings(status)),
            Err(error) => Some(Err(ReadError::Answer(error))),
        }
    }

    /// Nobody wants the answer any more. A process that waits for a disk dies only when that answers, so its end is not waited
    /// for: it is to be polled until it has come.
    pub(crate) fn give_up(&mut self) {
        // One that has ended was waited for, and is not killed.
        let _ = self.child.kill();
    }

    fn settings(&self, status: ExitStatus) -> Result<Settings, ReadError> {
        let program = || self.program.clone();
        if status.success() {
            let answer = content(&self.answer).map_err(ReadError::Answer)?;
            return serde_json::from_slice(&answer)
                .map_err(|source| ReadError::NotUnderstood { program: program(), source });
        }
        let said = content(&self.complaint).map_err(ReadError::Answer)?;
        let said = String::from_utf8_lossy(&said).trim_end().to_owned();
        match status.code() {
            Some(CONFIGURATION) => Err(ReadError::Wrong(said)),
            _ => Err(ReadError::Failed { program: program(), status, said }),
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.give_up();
        let _ = self.child.try_wait();
    }
}

/// A file in memory: unlike a pipe it never makes who writes into it wait.
fn nameless() -> io::Result<File> {
    Ok(File::from(memfd_create(c"natrium-answer", MFdFlags::MFD_CLOEXEC)?))
}

fn content(file: &File) -> io::Result<Vec<u8>> {
    // The program's own offset is shared, so this reads by place.
    let mut content = vec![0; usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?];
    file.read_exact_at(&mut content, 0)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A reader whose program is this script.
    fn reader(script: &str) -> (Reader, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("natrium");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        (Reader::new(directory.path(), Some("/etc/a b.yml".into())), directory)
    }

    /// Another test may be forking just now, and hold the script open for writing until it executes its own program.
    fn begin(reader: &Reader) -> Reading {
        loop {
            match reader.begin() {
                Err(ReadError::Start { source, .. }) if source.kind() == io::ErrorKind::ExecutableFileBusy => {}
                begun => return begun.unwrap(),
            }
        }
    }

    fn told(script: &str) -> String {
        let (reader, _directory) = reader(script);
        begin(&reader).wait().unwrap_err().to_string()
    }

    #[test]
    fn what_the_other_program_says_is_passed_on() {
        assert_eq!(told("echo \"$1 $2 $3 $4\" >&2; exit 78"), "settings show --json /etc/a b.yml");
        assert!(told("echo no memory >&2; exit 3").ends_with("/natrium exited with 3: no memory"));
        assert!(told("kill -9 $$").ends_with("/natrium was killed by signal 9"));
        assert!(told("echo '{}'").contains("is not understood: missing field"));
        let missing = Reader::new(Path::new("/nowhere"), None).begin().unwrap_err().to_string();
        assert_eq!(missing, "reading the settings: running /nowhere/natrium: No such file or directory (os error 2)");
    }

    #[test]
    fn who_is_given_up_ends_and_nobody_waits_for_that() {
        let (reader, _directory) = reader("exec sleep 1000");
        let mut reading = begin(&reader);
        assert!(reading.poll().is_none());
        let pid = nix::unistd::Pid::from_raw(i32::try_from(reading.child.id()).unwrap());
        drop(reading);
        // Reaped already, or ended by that signal.
        let ended = nix::sys::wait::waitpid(pid, None);
        let killed = nix::sys::wait::WaitStatus::Signaled(pid, nix::sys::signal::Signal::SIGKILL, false);
        assert!(ended == Ok(killed) || ended == Err(nix::errno::Errno::ECHILD), "{ended:?}");
    }
}
