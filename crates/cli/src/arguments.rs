//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use interfaces::admins::Role;

use crate::config::ConfigCommand;

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
    /// Look at configs and change them: list, get, put, diff, history, rollback, check, export, import and more
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Show who changed what and what was refused, the newest first
    ///
    /// Exit status: 0 shown, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    Audit(Audit),
    /// Show who may do what, or change it: set, invite, remove
    ///
    /// Exit status: 0 shown, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    #[command(args_conflicts_with_subcommands = true)]
    Admins {
        #[command(subcommand)]
        command: Option<AdminsCommand>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Show the code that makes whoever sends it to the bot first the owner
    ///
    /// Exit status: 0 shown, 2 there is an owner already, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings
    /// are wrong.
    Pair {
        #[command(flatten)]
        asking: Asking,
    },
    /// Write settings and the token's file: asks for what it must, and says what to do next
    ///
    /// The token is not shown, and Telegram is asked whether it knows it. What is there already is not replaced.
    ///
    /// Exit status: 0 written, 1 not, or it is there already, 64 an admin makes no sense, 75 Telegram cannot be asked, 78 it does
    /// not know the token, or the settings would be wrong. But for 0, nothing was written.
    Init(Init),
    /// Look at everything around the service, and say what is wrong and what to do
    ///
    /// Settings, secrets, permissions, programs, the lock, each worker, the store and the published files, the disk, the sandbox,
    /// Telegram, the clock, systemd. Works while the service runs and while it does not, and changes nothing.
    ///
    /// Exit status: 0 nothing is wrong, 1 something is.
    Doctor {
        /// The settings; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Tell whether the service could be started with these programs and settings, while another release still serves
    ///
    /// Looks at the settings, the secrets' form, the programs beside this one, directories, the store's schema and the disk.
    /// Changes nothing.
    ///
    /// Exit status: 0 it could, 78 it could not.
    Preflight {
        /// The settings; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Write a backup: the store and the published files as of one moment, and what the settings come to
    ///
    /// Works while the service runs and while it does not. The file is for its owner only, and has its name only when it has been
    /// read back and found whole. There is no secret in it but what admins wrote.
    ///
    /// Exit status: 0 backed up, or all is whole, 1 not, or the file is there already, 75 not just now, 78 the settings are wrong.
    Backup {
        /// The file; - for standard output
        file: PathBuf,
        /// Write nothing: read the file, and tell whether all of it is whole and agrees
        #[arg(long, conflicts_with = "force")]
        check: bool,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Put the store of a backup in the present one's place, while the service does not run
    ///
    /// The store before is kept beside it. Published files are brought into agreement; settings and secrets are left alone.
    ///
    /// Exit status: 0 restored, 1 the service runs, or the backup is not whole, 75 not just now, 78 the settings are wrong. But
    /// for 0, the store is what it was.
    Restore {
        /// The file that natrium backup wrote
        file: PathBuf,
        /// The settings; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
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

#[derive(Debug, Subcommand)]
pub(crate) enum AdminsCommand {
    /// Show who may do what
    ///
    /// Exit status: 0 shown, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    List {
        #[command(flatten)]
        asking: Asking,
    },
    /// Give somebody a role, in general or for one kind
    ///
    /// Exit status: 0 given, 1 there is no such kind, 3 the service does not run, 75 not saved just now, or that is not known, 77 the
    /// settings name them, or no owner would be left, 78 the settings are wrong.
    Set {
        /// The number that Telegram knows the person by
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        user: i64,
        /// What they may do: viewer, admin or owner
        #[arg(value_parser = role)]
        role: Role,
        /// The name, for the others to see; default: the one that is known
        #[arg(long)]
        name: Option<String>,
        /// Only for this kind, such as fees
        #[arg(long)]
        kind: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
    /// Make a code that gives a role to whoever sends it to the bot first
    ///
    /// Exit status: 0 made, 1 there is no such kind, 3 the service does not run, 75 not made just now, or that is not known, 77 not
    /// allowed, 78 the settings are wrong.
    Invite {
        /// What they may do: viewer, admin or owner
        #[arg(value_parser = role)]
        role: Role,
        /// Only for this kind, such as fees
        #[arg(long)]
        kind: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
    /// Take all roles from somebody, or the one for a kind
    ///
    /// Exit status: 0 taken, 1 there is no such kind, 2 there was none, 3 the service does not run, 75 not saved just now, or that is
    /// not known, 77 the settings name them, or no owner would be left, 78 the settings are wrong.
    Remove {
        /// The number that Telegram knows the person by
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        user: i64,
        /// Only the role for this kind, such as fees
        #[arg(long)]
        kind: Option<String>,
        #[command(flatten)]
        changing: Changing,
    },
}

fn role(word: &str) -> Result<Role, String> {
    match word {
        "viewer" => Ok(Role::Viewer),
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        _ => Err("there are viewer, admin and owner".to_owned()),
    }
}

/// What is made of it must still be short enough for the writer.
fn request(word: &str) -> Result<String, String> {
    let is_fit = (1..=100).contains(&word.len()) && !word.chars().any(char::is_control);
    if is_fit { Ok(word.to_owned()) } else { Err("it is one line of 1 to 100 bytes".to_owned()) }
}

#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// How many entries at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Only entries older than the one with this number
    #[arg(long, value_name = "NUMBER")]
    pub(crate) before: Option<i64>,
    /// Only those about this kind, such as fees
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Only what this Telegram user did
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<i64>,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// What need not be asked.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// A file with the bot's token, instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// An owner; may be given more than once; default: whoever sends the bot the code that natrium pair shows
    #[arg(long, value_name = "ID:NAME")]
    pub(crate) admin: Vec<String>,
    /// Where the config files are published; default: /var/lib/natrium-published
    #[arg(long, value_name = "DIR")]
    pub(crate) published: Option<PathBuf>,
    /// A Bot API server of one's own
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,
    /// Where natrium.yml and bot-token are written; default: /etc/natrium
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Ask nothing: what is not given is the default, or an error
    #[arg(long)]
    pub(crate) yes: bool,
    /// Replace what is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// How it is shown, and of which service.
#[derive(Args, Debug)]
pub(crate) struct Asking {
    /// Print JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) service: Service,
}

/// How something is changed, and in which service.
#[derive(Args, Debug)]
pub(crate) struct Changing {
    /// A name of your own for this request: asked again with it, the same is not done twice, and the answer is the first one's
    #[arg(long, value_name = "ID", value_parser = request)]
    pub(crate) request: Option<String>,
    /// How many seconds an answer is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// Which service is meant.
#[derive(Args, Clone, Debug, Default)]
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
