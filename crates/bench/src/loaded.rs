//! The service with the load in the bot's place, and the wire over which the load is told what to do.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::{
    bench::Bench,
    roles::{
        Role,
        load::{Done, Load, Order},
    },
    service::{Home, Service},
};

/// Where such a service keeps its things. Outlives the service, which may be started on it again.
#[derive(Debug)]
pub(crate) struct LoadedHome {
    home: Home,
    listener: UnixListener,
    _sockets: TempDir,
}

impl LoadedHome {
    /// An empty one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(bench: &Bench) -> Result<Self> {
        let sockets = bench.sockets("load")?;
        let control = sockets.path().join("control");
        let listener = UnixListener::bind(&control).context("binding the control socket")?;
        let home = Home::with_bot(bench, &Role::Load(Load { control }).command(bench)?)?;
        Ok(Self { home, listener, _sockets: sockets })
    }

    /// Starts the service.
    ///
    /// # Errors
    /// When it does not become ready.
    pub(crate) fn start(&self, bench: &Bench) -> Result<Loaded> {
        let service = Service::start(bench, &self.home)?;
        // The load was ready, so it has connected before.
        let (orders, _) = self.listener.accept()?;
        let done = BufReader::new(orders.try_clone()?);
        Ok(Loaded { service, orders, done })
    }
}

/// The service and its load, running.
#[derive(Debug)]
pub(crate) struct Loaded {
    service: Service,
    orders: UnixStream,
    done: BufReader<UnixStream>,
}

impl Loaded {
    /// Lets the load do something.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) fn ask(&mut self, order: &Order) -> Result<Done> {
        writeln!(self.orders, "{}", serde_json::to_string(order)?)?;
        let mut line = String::new();
        self.done.read_line(&mut line).context("the load has gone")?;
        match serde_json::from_str(&line).context("the load has gone")? {
            Done::Failed(reason) => anyhow::bail!("{reason}"),
            done => Ok(done),
        }
    }

    /// Reads these acknowledged writes back.
    ///
    /// # Errors
    /// When one is lost.
    pub(crate) fn must_have(&mut self, keys: Vec<i64>) -> Result<()> {
        let asked = keys.len();
        let Done::Verified { found } = self.ask(&Order::Verify { keys })? else { anyhow::bail!("answered otherwise") };
        anyhow::ensure!(found == asked, "{} of {asked} acknowledged writes are lost", asked - found);
        Ok(())
    }

    /// The writer's process, if it lives.
    ///
    /// # Errors
    /// When processes cannot be listed.
    pub(crate) fn writer(&self) -> Result<Option<i32>> {
        // The kernel keeps the first 15 bytes of a name.
        let processes = self.service.processes()?;
        let writer = processes.iter().find(|listed| "natrium-writer".starts_with(&listed.name));
        writer.map(|listed| i32::try_from(listed.pid).context("a process id")).transpose()
    }

    /// Kills the writer and waits until that process is gone.
    ///
    /// # Errors
    /// When there is none, or it does not go.
    pub(crate) fn kill_writer(&self, bench: &Bench) -> Result<()> {
        let writer = self.writer()?.context("there is no writer")?;
        kill(Pid::from_raw(writer), Signal::SIGKILL)?;
        bench.until("the writer has gone", Duration::from_secs(10), || {
            Ok((self.writer()? != Some(writer)).then_some(()))
        })
    }

    /// Stops the service in order.
    ///
    /// # Errors
    /// When it does not stop in order.
    pub(crate) fn stop(self) -> Result<()> {
        self.service.stop()
    }
}
