//! What a call over our Varlink costs, beside the least that a round trip between two processes can cost here.

use std::{os::unix::net::UnixStream, process::Stdio, time::Duration};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;

use crate::{
    bench::Bench,
    process::Process,
    roles::{Role, first_processor, hop},
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
};

/// Where the kernel happens to put things differs from launch to launch, and with it a microsecond or two.
const LAUNCHES: usize = 7;
const ROUNDS: usize = 6;
/// Round trips of each kind in a round.
const CALLS: usize = 2000;

/// The row.
pub(crate) struct Varlink;

impl Row for Varlink {
    fn name(&self) -> &'static str {
        "varlink"
    }

    fn what(&self) -> &'static str {
        "round trip of a 178-byte Put call through a varlink pool and server, beside one byte there and back between two \
         tokio programs; each side its own process with a current_thread runtime, all kept to one processor, in turns"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ratio, bound: Bound::AtMost, limit: 1.3, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let processor = first_processor()?;
        let mut times = hop::Times::default();
        for _ in 0..LAUNCHES {
            bench.go_on()?;
            let hop::Times { raw, varlink } = launch(bench, processor)?;
            times.raw.extend(raw);
            times.varlink.extend(varlink);
        }
        let ours = Figure::of_rounds("varlink", Unit::Seconds, "call", &times.varlink)?;
        let beside = Figure::of_rounds("raw hop", Unit::Seconds, "hop", &times.raw)?;
        let mut figures = Figures::in_turns((ours, &times.varlink), (beside, &times.raw));
        figures.notes.push(format!(
            "{LAUNCHES} launches of all processes, in each {ROUNDS} rounds of {CALLS} after one that does not count; \
             processor {processor}"
        ));
        Ok(figures)
    }
}

/// Starts both servers and a client that asks them in turns.
fn launch(bench: &Bench, processor: usize) -> Result<hop::Times> {
    let sockets = bench.sockets("hop")?;
    let server = |name: &str| hop::Server { socket: sockets.path().join(name), processor };
    let (raw, varlink) = (server("raw"), server("varlink"));
    let both = [raw.socket.clone(), varlink.socket.clone()];
    let client = hop::Client {
        raw: raw.socket.clone(),
        varlink: varlink.socket.clone(),
        processor,
        rounds: ROUNDS,
        calls: CALLS,
    };
    let _servers =
        [start(bench, "raw server", &Role::RawServer(raw))?, start(bench, "server", &Role::VarlinkServer(varlink))?];
    bench.until("both servers listen", Duration::from_secs(10), || {
        Ok(both.iter().all(|socket| UnixStream::connect(socket).is_ok()).then_some(()))
    })?;
    let output =
        Role::HopClient(client).command(bench)?.stderr(Stdio::inherit()).output().context("starting the client")?;
    anyhow::ensure!(output.status.success(), "the client ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("reading the client's times")
}

fn start(bench: &Bench, name: &str, role: &Role) -> Result<Process> {
    Process::start(name, role.command(bench)?.stdin(Stdio::piped()), Signal::SIGTERM)
}
