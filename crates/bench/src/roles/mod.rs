//! The processes that rows need and no program of the project is: this program, started again.
//!
//! `natrium-bench --as JSON`: the JSON says which role. Not for people.

pub(crate) mod bare;
pub(crate) mod hop;
pub(crate) mod load;

use std::{
    ffi::OsString,
    io::{self, Read},
    process::Command,
    thread,
};

use anyhow::{Context as _, Result};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};

use crate::bench::Bench;

/// The argument that says so.
pub(crate) const AS: &str = "--as";

/// What a process of this program is to be.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    RawServer(hop::Server),
    VarlinkServer(hop::Server),
    HopClient(hop::Client),
    Load(load::Load),
    Bare(bare::Bare),
}

impl Role {
    /// Plays the role until its work is done.
    ///
    /// # Errors
    /// When it cannot be done.
    pub(crate) fn play(self) -> Result<()> {
        match self {
            Self::RawServer(server) => server.serve_raw(),
            Self::VarlinkServer(server) => server.serve_varlink(),
            Self::HopClient(client) => client.run(),
            Self::Load(load) => load.run(),
            Self::Bare(bare) => bare.run(),
        }
    }

    /// The arguments that make this program play the role.
    ///
    /// # Errors
    /// When the role has no JSON form.
    pub(crate) fn arguments(&self) -> Result<[String; 2]> {
        Ok([AS.to_owned(), serde_json::to_string(self)?])
    }

    /// A command that plays the role.
    ///
    /// # Errors
    /// When this program is not there any more.
    pub(crate) fn command(&self, bench: &Bench) -> Result<Command> {
        let mut command = Command::new(bench.myself()?);
        command.args(self.arguments()?);
        Ok(command)
    }
}

/// The role that the arguments name, if they name one.
pub(crate) fn named(mut arguments: impl Iterator<Item = OsString>) -> Option<Result<Role>> {
    (arguments.next()? == AS).then(|| {
        let role = arguments.next().and_then(|role| role.into_string().ok()).context("as what?")?;
        serde_json::from_str(&role).context("as what?")
    })
}

/// Keeps this thread, and those it starts, on one processor.
pub(crate) fn pin(processor: usize) -> Result<()> {
    keep(0, processor)
}

/// Keeps a process of one thread on one processor.
///
/// # Errors
/// When it is gone, or there is no such processor.
pub(crate) fn keep(pid: u32, processor: usize) -> Result<()> {
    let mut only = CpuSet::new();
    only.set(processor)?;
    sched_setaffinity(Pid::from_raw(pid.cast_signed()), &only)
        .with_context(|| format!("keeping to processor {processor}"))
}

/// Two processors that this process may use; twice the same if there is only one.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn two_processors() -> Result<(usize, usize)> {
    let allowed = sched_getaffinity(Pid::from_raw(0)).context("asking which processors may be used")?;
    let mut usable = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true));
    let first = usable.next().context("there is no processor")?;
    Ok((first, usable.next().unwrap_or(first)))
}

/// The first processor that this process may use.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn first_processor() -> Result<usize> {
    two_processors().map(|(first, _)| first)
}

/// Ends this process when whoever started it closes its standard input or is gone.
fn end_with_parent() {
    thread::spawn(|| {
        // Nothing is ever written: this returns at the end.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    // As all programs of the project have it.
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("building the runtime")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_role_survives_the_command_line() {
        let role = Role::RawServer(hop::Server { socket: "/a b/\"s".into(), processor: 3 });
        let arguments = role.arguments().unwrap().map(OsString::from);
        match named(arguments.into_iter()).unwrap().unwrap() {
            Role::RawServer(server) => assert_eq!((server.socket.to_str().unwrap(), server.processor), ("/a b/\"s", 3)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn people_play_no_role() {
        assert!(named(["writes".into()].into_iter()).is_none());
        assert!(named([].into_iter()).is_none());
        assert!(named([AS.into(), "nonsense".into()].into_iter()).unwrap().is_err());
    }
}
