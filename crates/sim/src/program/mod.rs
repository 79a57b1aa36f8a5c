//! The program `natrium-sim`: it serves until it is told to stop, or plays a scenario.

mod scenario;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

use crate::control::{NewUser, Secret};
use crate::scenario::ScenarioError;
use crate::{DEFAULT_TOKEN, Options, Simulator, StartError};
use scenario::Ending;

/// Wrong arguments.
const USAGE: u8 = 64;
/// A scenario with mistakes in it.
const BAD_FILE: u8 = 65;
/// A scenario that cannot be read.
const NO_FILE: u8 = 66;
/// Our mistake.
const BUG: u8 = 70;
/// It may work later, when the port is free.
const TRY_AGAIN: u8 = 75;

fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(ending) = error.downcast_ref::<Ending>() {
        return ending.exit_code();
    }
    match (error.downcast_ref::<StartError>(), error.downcast_ref::<ScenarioError>()) {
        (Some(StartError::Listen { .. }), _) => TRY_AGAIN,
        (Some(StartError::Token { .. } | StartError::People(_) | StartError::Samples(_)), _) => USAGE,
        (None, Some(ScenarioError::Flawed { .. })) => BAD_FILE,
        (None, Some(ScenarioError::Read { .. })) => NO_FILE,
        (None, None) => BUG,
    }
}

/// A Telegram simulator: the Bot API, a control API for tests, and a page to play on.
#[derive(Debug, Parser)]
#[command(name = "natrium-sim", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays a scenario: people who talk with a bot, and what goes wrong meanwhile.
    Scenario(scenario::Arguments),
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    at: Place,
    /// Directory with sample files for the page.
    #[arg(long, value_name = "DIRECTORY")]
    samples: Option<PathBuf>,
    /// Starts without the two admins and the stranger.
    #[arg(long)]
    nobody: bool,
    /// What ids are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Where a simulator is, for whom, and how strict.
#[derive(Debug, Args)]
struct Place {
    /// Where to listen; port 0 is a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Token of a bot, <number>:<secret>; may be repeated. Simulated tokens only: arguments are public.
    #[arg(long = "bot", value_name = "TOKEN")]
    bots: Vec<Secret>,
    /// Writes the port to this file once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Lets bots send as fast as they like; else 429 beyond what Telegram allows.
    #[arg(long)]
    no_flood_limits: bool,
}

impl Place {
    /// A simulator there, with nobody in it.
    fn options(&self, seed: u64) -> Options {
        Options {
            listen: self.listen,
            tokens: if self.bots.is_empty() { vec![DEFAULT_TOKEN.into()] } else { self.bots.clone() },
            seed,
            flood_limits: !self.no_flood_limits,
            ..Options::default()
        }
    }

    /// Says where the simulator listens, to whoever started this program.
    fn announce(&self, simulator: &Simulator) -> anyhow::Result<()> {
        say(&format!("listening on {}", simulator.url()))?;
        if let Some(file) = &self.port_file {
            let port = simulator.address().port();
            fs::write(file, format!("{port}\n")).with_context(|| format!("writing {}", file.display()))?;
        }
        Ok(())
    }

    fn leave(&self) {
        if let Some(file) = &self.port_file {
            // It may have been cleaned up already.
            let _ = fs::remove_file(file);
        }
    }
}

/// Runs until SIGINT or SIGTERM.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // If nobody listens there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let level = std::env::var("NATRIUM_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::WARN);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is gone there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "natrium-sim: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    runtime.block_on(async {
        match arguments.command {
            Some(Command::Scenario(arguments)) => scenario::run(arguments).await,
            None => serve(arguments.serve).await,
        }
    })
}

async fn serve(arguments: Serve) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let simulator = Simulator::start(Options {
        people: if arguments.nobody { Vec::new() } else { people() },
        samples: arguments.samples,
        ..arguments.at.options(arguments.seed)
    })
    .await?;
    arguments.at.announce(&simulator)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    arguments.at.leave();
    simulator.close().await;
    Ok(())
}

/// Those whom the page is for: 1001 and 1002, to be made admins in the bot's settings, and 1003.
fn people() -> Vec<NewUser> {
    let person = |id, name: &str, username: &str, language: &str, note: &str| NewUser {
        id,
        first_name: name.to_owned(),
        last_name: None,
        username: Some(username.to_owned()),
        language_code: Some(language.to_owned()),
        note: Some(note.to_owned()),
        started: false,
    };
    vec![
        person(1001, "Anna", "anna_sim", "en", "admin"),
        person(1002, "Борис", "boris_sim", "ru", "admin"),
        person(1003, "Sam", "sam_sim", "en", "stranger"),
    ]
}

/// The first line of the output is for programs that start this one, do not change it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("writing to stdout")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// What a simulator is started with by these arguments.
    fn options(arguments: &str) -> Options {
        let arguments = Arguments::try_parse_from(arguments.split(' ')).unwrap();
        match arguments.command {
            Some(Command::Scenario(scenario)) => scenario.options(7),
            None => arguments.serve.at.options(7),
        }
    }

    #[test]
    fn flood_limits_are_kept_unless_said_otherwise_also_in_a_scenario() {
        for program in ["natrium-sim", "natrium-sim scenario talk.yml"] {
            assert!(options(program).flood_limits, "{program}");
            assert!(!options(&format!("{program} --no-flood-limits")).flood_limits, "{program}");
        }
    }

    #[test]
    fn limits_of_a_simulator_that_runs_already_are_its_own() {
        let both = ["natrium-sim", "scenario", "--url", "http://127.0.0.1:9", "--no-flood-limits", "talk.yml"];
        assert!(Arguments::try_parse_from(both).is_err());
    }
}
