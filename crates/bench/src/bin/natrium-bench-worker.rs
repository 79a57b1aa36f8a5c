//! The least that a worker can be: what restarts are measured with, the same program under every supervisor.
//!
//! It is one worker to `natriumd` (`NOTIFY_SOCKET`) and to s6 (a line to standard output, which is its notification
//! descriptor there), and just a program to all others. Beside the name it was started by lie:
//!
//! * `stamps`, a datagram socket: `<what> <pid> <nanoseconds>` for `began`, `ready` and `ends`, on the monotonic clock;
//! * `crashes`, if it is there: how many of its next lives are to end before they are ready.

use std::{
    env, fs,
    io::{self, Write},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{ExitCode, id},
    thread,
    time::Duration,
};

use nix::{
    sys::{prctl::set_pdeathsig, signal::Signal},
    time::{ClockId, clock_gettime},
};

/// Often enough for a watchdog that bites after ten seconds.
const PING: Duration = Duration::from_secs(3);

fn main() -> io::Result<ExitCode> {
    // Before anything else: this is the moment that counts.
    let began = now()?;
    // Whatever becomes of its supervisor, it is not left behind.
    set_pdeathsig(Signal::SIGKILL)?;
    let name = env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let place = name.parent().unwrap_or(Path::new("")).to_owned();
    let socket = UnixDatagram::unbound()?;
    let stamp = |what: &str, at: Duration| {
        socket.send_to(format!("{what} {} {}", id(), at.as_nanos()).as_bytes(), place.join("stamps"))
    };
    stamp("began", began)?;
    if crashes(&place.join("crashes"))? {
        stamp("ends", now()?)?;
        return Ok(ExitCode::FAILURE);
    }
    let supervisor = env::var_os("NOTIFY_SOCKET");
    match &supervisor {
        Some(path) => socket.send_to(b"READY=1", path)?,
        None => io::stdout().write(b"\n")?,
    };
    stamp("ready", now()?)?;
    loop {
        thread::sleep(PING);
        if let Some(path) = &supervisor {
            socket.send_to(b"WATCHDOG=1", path)?;
        }
    }
}

/// Whether this life is one of those that are to end early.
fn crashes(file: &Path) -> io::Result<bool> {
    let Ok(text) = fs::read_to_string(file) else { return Ok(false) };
    let left: u32 = text.trim().parse().map_err(io::Error::other)?;
    if left > 0 {
        fs::write(file, (left - 1).to_string())?;
    }
    Ok(left > 0)
}

fn now() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}
