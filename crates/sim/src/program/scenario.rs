//! `natrium-sim scenario FILE`: checks a scenario, or plays it with a bot.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

use super::{Place, say};
use crate::client::{Client, ClientError};
use crate::scenario::{Failure, Plan, Planned, Scenario};
use crate::{Options, Simulator};

/// An expectation was not met.
const FAILED: u8 = 1;
/// The simulator or the bot is not there.
const UNAVAILABLE: u8 = 69;

/// How playing can end, other than well.
#[derive(Debug, Error)]
pub(super) enum Ending {
    #[error("{0}")]
    Failed(Box<Failure>),
    #[error("there is no simulator at {url}; start one, or leave out --url")]
    NoSimulator {
        url: String,
        #[source]
        source: ClientError,
    },
    #[error("no bot asked for updates within {patience} s; start one with {url} as the address of the Bot API")]
    NoBot { url: String, patience: u64 },
    #[error("stopped before its end")]
    Stopped,
}

impl Ending {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(failure) if failure.is_unreachable() => UNAVAILABLE,
            Self::Failed(_) | Self::Stopped => FAILED,
            Self::NoSimulator { .. } | Self::NoBot { .. } => UNAVAILABLE,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file; the language is described in crates/sim/scenarios/README.md.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only says what is wrong with the file, if anything is.
    #[arg(long)]
    check: bool,
    /// Only shows what would be done, with all that is left to chance.
    #[arg(long, conflicts_with = "check")]
    plan: bool,
    /// What is left to chance comes from this number; the file's own if absent.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Plays with the simulator at this address and does not start one.
    #[arg(long, value_name = "URL", conflicts_with_all = ["listen", "bots", "port_file", "no_flood_limits"])]
    url: Option<String>,
    /// How many seconds a bot has to begin to ask for updates.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    bot_timeout: u64,
    #[command(flatten)]
    at: Place,
}

impl Arguments {
    /// The simulator that is started for it.
    pub(super) fn options(&self, seed: u64) -> Options {
        self.at.options(seed)
    }
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let plan = Scenario::read(&arguments.file)?.plan(arguments.seed)?;
    let (file, seed, count) = (arguments.file.display(), plan.seed(), plan.steps().len());
    if arguments.check {
        return say(&format!("{file}: {count} steps with seed {seed}"));
    }
    if arguments.plan {
        return plan.steps().iter().try_for_each(|step| say(&shown(step)));
    }
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let played = tokio::select! {
        played = play(&arguments, &plan) => played,
        _ = interrupt.recv() => Err(Ending::Stopped.into()),
        _ = terminate.recv() => Err(Ending::Stopped.into()),
    };
    arguments.at.leave();
    played?;
    say(&format!("{file}: all {count} steps as expected, with seed {seed}"))
}

async fn play(arguments: &Arguments, plan: &Plan) -> anyhow::Result<()> {
    // It stops when it is dropped.
    let _own: Simulator;
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => {
            let simulator = Simulator::start(arguments.options(plan.seed())).await?;
            arguments.at.announce(&simulator)?;
            let url = simulator.url();
            _own = simulator;
            url
        }
    };
    let client = Client::new(&url);
    let patience = arguments.bot_timeout;
    match client.clone().patient(Duration::from_secs(patience)).polling().await {
        Ok(()) => {}
        Err(ClientError::NotSeen { .. }) => return Err(Ending::NoBot { url, patience }.into()),
        Err(source) => return Err(Ending::NoSimulator { url, source }.into()),
    }
    // Who does not read it anymore is no reason to stop.
    let told = plan.play(&client, |step, took| drop(say(&format!("{}  ({:.1} s)", shown(step), took.as_secs_f64()))));
    told.await.map_err(|failure| Ending::Failed(Box::new(failure)).into())
}

fn shown(step: &Planned) -> String {
    format!("{:>5}  {}", step.line, step.said)
}
