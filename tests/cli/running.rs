//! Running `natrium` as an operator does.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use harness::until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long anything may take before something is wrong. This machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command that ends by itself.
pub(crate) fn natrium(arguments: &[&str], directory: &Path) -> Run {
    let output = command(arguments, directory).output().unwrap();
    Run {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(arguments: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natrium"));
    command.args(arguments).env_clear().env("RUNTIME_DIRECTORY", directory).env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// A command that goes on, and the lines that it prints.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    complaints: Receiver<String>,
}

impl Running {
    pub(crate) fn start(arguments: &[&str], directory: &Path) -> Self {
        Self::head(arguments, directory, usize::MAX)
    }

    /// As with `head -n`: the other end of its standard output is closed after so many lines.
    pub(crate) fn head(arguments: &[&str], directory: &Path, count: usize) -> Self {
        let mut child = command(arguments, directory).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap(), count);
        let complaints = lines_of(child.stderr.take().unwrap(), usize::MAX);
        Self { child, lines, complaints }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line in time")
    }

    /// The next line on standard error.
    pub(crate) fn complaint(&self) -> String {
        self.complaints.recv_timeout(PATIENCE).expect("a line in time")
    }

    /// The lines up to the first one that contains all of `parts`, that one included.
    pub(crate) fn lines_until(&self, parts: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let Ok(line) = line else { panic!("no line with {parts:?} in {lines:#?}") };
            let found = parts.iter().all(|part| line.contains(part));
            lines.push(line);
            if found {
                return lines;
            }
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(self) -> Run {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), Signal::SIGINT).unwrap();
        self.ended()
    }

    /// Waits until it ends; answers with the lines that nobody has read.
    pub(crate) fn ended(mut self) -> Run {
        let status = until("natrium ends", PATIENCE, || self.child.try_wait().unwrap()).unwrap();
        let rest = |lines: &Receiver<String>| lines.iter().map(|line| line + "\n").collect();
        Run { code: status.code().expect("no signal"), out: rest(&self.lines), err: rest(&self.complaints) }
    }
}

/// The first lines that a program writes, as it writes them.
fn lines_of(output: impl Read + Send + 'static, count: usize) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().take(count).map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
