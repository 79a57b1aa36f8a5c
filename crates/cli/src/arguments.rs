//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Natrium runs a Telegram bot as a real service. This is its operator's command line.
#[derive(Debug, Parser)]
#[command(name = "natrium", version, disable_help_subcommand = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the settings file, or print one to start from
    Settings {
        #[command(subcommand)]
        command: SettingsCommand,
    },
    /// Show whether the service runs, and how its workers are
    ///
    /// Exit status: 0 all is well, 1 something is not, 3 it does not run, 4 that cannot be told, 78 the settings are wrong.
    Status {
        /// Show all remembered deaths, too
        #[arg(long)]
        deaths: bool,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Show how the workers' processes ended, the newest last
    ///
    /// The last 20 of each worker are remembered until the service stops.
    ///
    /// Exit status: 0 shown, 1 there is no such worker, 3 the service does not run, 75 no answer, 78 the settings are wrong.
    Deaths {
        /// Only this one's, such as bot
        worker: Option<String>,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Show how the workers are, then each change as it happens, until Ctrl-C
    ///
    /// When the service stops, that is told, and the next start is waited for.
    ///
    /// Exit status: 0 interrupted, or nobody reads any more, 3 the service did not run to begin with, 75 no answer, 78 the
    /// settings are wrong.
    Watch {
        /// If the service does not run, wait until it does
        #[arg(long)]
        wait: bool,
        /// Print JSON, an object a line, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Take the settings in use as they stand now
    ///
    /// Only those workers are started again that what changed concerns. Wrong settings change nothing.
    ///
    /// Exit status: 0 they are in use, 1 a worker that they concern is not ready again, 3 the service does not run, 75 no
    /// answer, or not ready in time, 78 the settings are wrong, and the old ones stay in use.
    Reload {
        #[command(flatten)]
        service: Service,
    },
    /// Restart one worker, the others keep working
    ///
    /// One that pauses or has failed is started at once.
    ///
    /// Exit status: 0 its successor is ready, 1 there is no such worker or its successor fails, 3 the service does not run,
    /// 75 no answer, or not ready in time, 78 the settings are wrong.
    Restart {
        /// The worker, such as bot
        worker: String,
        /// Do not wait for its successor to be ready
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        service: Service,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Check a settings file and tell everything that is wrong with it
    ///
    /// Exit status: 0 all is well, 78 something is not.
    Check {
        /// The file; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
        file: Option<PathBuf>,
    },
    /// Print what a settings file comes to, with everything that it leaves to the defaults
    ///
    /// Exit status: 0, or 78 if the settings are wrong.
    Show {
        /// Print JSON, for programs: this is what natriumd hands to its workers
        #[arg(long)]
        json: bool,
        /// The file; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
        file: Option<PathBuf>,
    },
    /// Print a settings file with comments, to start from
    Sample,
}

/// Which service is meant.
#[derive(Args, Debug)]
pub(crate) struct Service {
    /// Its runtime directory; default: what the settings say, else $RUNTIME_DIRECTORY, else /run/natrium
    #[arg(long, value_name = "DIR")]
    pub(crate) runtime_directory: Option<PathBuf>,
    /// Its settings; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
    #[arg(long, value_name = "FILE", conflicts_with = "runtime_directory")]
    pub(crate) settings: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_make_sense() {
        Arguments::command().debug_assert();
    }
}
