//! Telegram for the rows that need it: `natrium-sim` as a process of its own, and an admin who talks to the bot.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use sim::client::{Client, User};
use tokio::runtime::Runtime;

use crate::{
    bench::Bench,
    process::Process,
    service::{ADMIN, TOKEN, fees},
};

/// A running simulator.
#[derive(Debug)]
pub(crate) struct Simulator {
    process: Process,
    url: String,
}

impl Simulator {
    /// Starts one that knows the service's bot, on a free port of the loopback interface.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(bench: &Bench) -> Result<Self> {
        let mut command = Command::new(bench.program("natrium-sim")?);
        // Telegram would bid the bot wait long before it is the service that is slow.
        command
            .args(["--bot", TOKEN, "--no-flood-limits"])
            .env_remove("NATRIUM_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut process = Process::start("natrium-sim", &mut command, Signal::SIGTERM)?;
        let mut line = String::new();
        BufReader::new(process.output().context("natrium-sim has no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").context("natrium-sim did not say where it listens")?;
        Ok(Self { url: url.to_owned(), process })
    }

    /// Where the Bot API is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// How often the bot has polled so far. Answers once it waits in a poll.
    ///
    /// # Errors
    /// When it does not poll.
    pub(crate) fn polls(&self) -> Result<usize> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let client = Client::new(&self.url);
            client.polling().await?;
            Ok(client.calls(Some("getUpdates")).await?.len())
        })
    }

    /// The admin, in front of a phone.
    ///
    /// # Errors
    /// When the simulator cannot be reached.
    pub(crate) fn admin(&self) -> Result<Admin> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let user = runtime.block_on(Client::new(&self.url).user(ADMIN, "Anna"))?;
        Ok(Admin { runtime, user })
    }
}

/// The admin whom the settings name.
pub(crate) struct Admin {
    runtime: Runtime,
    user: User,
}

impl Admin {
    /// Uploads an edition of `fees.yml` and waits until the bot says that it is saved. Answers how long that took from the moment
    /// when the document was sent.
    ///
    /// # Errors
    /// When the bot says something else.
    pub(crate) fn uploads_fees(&self, number: usize) -> Result<Duration> {
        self.runtime.block_on(async {
            self.user.says("/set_fees").await?;
            self.user.sees("as a document").await?;
            let content = fees(number);
            let start = Instant::now();
            self.user.sends("fees.yml", content).await?;
            self.user.sees("✅ fees.yml updated successfully!").await?;
            Ok(start.elapsed())
        })
    }
}
