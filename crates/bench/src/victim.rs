//! The trivial worker in a place of its own, to be killed there: what it says of itself, and how long its successor takes.
//! Knows no supervisor.

use std::{
    fs, io,
    os::unix::{fs::symlink, net::UnixDatagram},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{Signal, kill},
    time::{ClockId, clock_gettime},
    unistd::Pid,
};

use crate::bench::Bench;

/// The program, beside this one.
const PROGRAM: &str = "natrium-bench-worker";
/// How long is waited for what it says. The longest pause that a row waits for takes part of this.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before looking whether somebody has asked to stop.
const LOOK: Duration = Duration::from_millis(200);
/// A process that has lived for so long is not taken by any supervisor for one that dies at once.
const STEADY: Duration = Duration::from_millis(1100);

/// What it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum What {
    Began,
    Ready,
    Ends,
}

/// What it said of one process of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Stamp {
    what: What,
    pid: i32,
    /// On the monotonic clock.
    at: Duration,
}

impl Stamp {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let what = match words.next()? {
            "began" => What::Began,
            "ready" => What::Ready,
            "ends" => What::Ends,
            _ => return None,
        };
        Some(Self { what, pid: words.next()?.parse().ok()?, at: Duration::from_nanos(words.next()?.parse().ok()?) })
    }
}

/// The trivial worker under some supervisor.
#[derive(Debug)]
pub(crate) struct Victim {
    stamps: UnixDatagram,
    crashes: PathBuf,
    /// The process that is ready, and since when.
    ready: Option<(i32, Duration)>,
}

impl Victim {
    /// Puts its program into `directory`, which must have a short name, to be started there as `name`.
    ///
    /// # Errors
    /// When it cannot be put there.
    pub(crate) fn put(bench: &Bench, directory: &Path, name: &str) -> Result<Self> {
        symlink(bench.program(PROGRAM)?, directory.join(name)).context("placing the trivial worker")?;
        let stamps = UnixDatagram::bind(directory.join("stamps")).context("binding the socket for stamps")?;
        stamps.set_read_timeout(Some(LOOK))?;
        Ok(Self { stamps, crashes: directory.join("crashes"), ready: None })
    }

    /// Lets so many of its next lives end before they are ready.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub(crate) fn crash(&self, lives: usize) -> Result<()> {
        fs::write(&self.crashes, lives.to_string()).context("telling the trivial worker to crash")
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// When it does not become so.
    pub(crate) fn settle(&mut self, bench: &Bench) -> Result<()> {
        let ready = self.hear(bench, What::Ready)?;
        self.ready = Some((ready.pid, ready.at));
        Ok(())
    }

    /// Waits until it has been ready for more than a second.
    ///
    /// # Errors
    /// When it is not ready.
    pub(crate) fn grow_steady(&self, bench: &Bench) -> Result<()> {
        let (_, since) = self.ready.context("nothing is ready")?;
        bench.go_on()?;
        thread::sleep((since + STEADY).saturating_sub(now()?));
        Ok(())
    }

    /// Kills it. Answers how long it took from just before kill(2) to the first thing that its successor did, in seconds.
    /// The successor is ready then.
    ///
    /// # Errors
    /// When there is nobody to kill, or no successor.
    pub(crate) fn kill(&mut self, bench: &Bench) -> Result<f64> {
        let (pid, _) = self.ready.take().context("nothing is ready")?;
        let killed = now()?;
        kill(Pid::from_raw(pid), Signal::SIGKILL).context("killing the trivial worker")?;
        let began = self.hear(bench, What::Began)?;
        anyhow::ensure!(began.pid != pid && began.at > killed, "a successor that is none: {began:?}");
        self.settle(bench)?;
        Ok((began.at - killed).as_secs_f64())
    }

    /// The pauses from the end of each life that ended early to its successor's first instruction, in seconds. Each of them
    /// must have been asked for by [`crash`](Self::crash) before the first start.
    ///
    /// # Errors
    /// When there is no successor.
    pub(crate) fn pauses(&mut self, bench: &Bench, lives: usize) -> Result<Vec<f64>> {
        self.hear(bench, What::Began)?;
        let mut pauses = Vec::with_capacity(lives);
        for _ in 0..lives {
            let ends = self.hear(bench, What::Ends)?;
            let began = self.hear(bench, What::Began)?;
            pauses.push((began.at - ends.at).as_secs_f64());
        }
        self.settle(bench)?;
        Ok(pauses)
    }

    /// The next thing of this kind that it says.
    fn hear(&self, bench: &Bench, what: What) -> Result<Stamp> {
        let start = Instant::now();
        let mut buffer = [0; 128];
        loop {
            match self.stamps.recv(&mut buffer) {
                Ok(length) => {
                    let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
                    let stamp = Stamp::parse(&text).with_context(|| format!("what is {text:?}?"))?;
                    if stamp.what == what {
                        return Ok(stamp);
                    }
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("listening to the trivial worker"),
            }
            bench.go_on()?;
            anyhow::ensure!(start.elapsed() < PATIENCE, "the trivial worker has not said {what:?} for {PATIENCE:?}");
        }
    }
}

fn now() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC).context("reading the clock")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_says_what_who_and_when() {
        let stamp = Stamp { what: What::Began, pid: 42, at: Duration::from_nanos(1_000_000_007) };
        assert_eq!(Stamp::parse("began 42 1000000007"), Some(stamp));
        for nonsense in ["", "began", "began 42", "began x 1", "lives 42 1"] {
            assert_eq!(Stamp::parse(nonsense), None, "{nonsense}");
        }
    }
}
