//! The words of `natrium config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::{Asking, Changing};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the kinds of config, and the current version of each
    ///
    /// Exit status: 0 shown, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    List {
        #[command(flatten)]
        asking: Asking,
    },
    /// Write a config to standard output, byte for byte, and nothing else
    ///
    /// Exit status: 0 written, 1 there is no such kind or version, or it cannot be written, 3 the service does not run, 75 no
    /// answer, 77 not allowed, 78 the settings are wrong.
    Get(Get),
    /// Save and publish a file as a new version
    ///
    /// What equals the current version makes none. Where a second admin has to approve it, it is proposed.
    ///
    /// Exit status: 0 saved and published, 1 there is no such kind or base, the file cannot be read, or it is saved but not
    /// published yet, 2 nothing had to be changed, 3 the service does not run, 65 the file is invalid, 69 it was proposed, 73
    /// somebody changed it meanwhile, 75 not saved just now, or that is not known, 77 not allowed, 78 the settings are wrong.
    Put(Put),
    /// Show what differs between two versions, as diff -u does
    ///
    /// Without versions: what the newest one changed. With one: from that to the current one.
    ///
    /// Exit status: 0 nothing differs, 2 something does, 1 there is no such kind or version, or the file cannot be read, 3 the
    /// service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    Diff(Diff),
    /// Show who saved which version, the newest first
    ///
    /// Exit status: 0 shown, 1 there is no such kind, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings
    /// are wrong.
    History(History),
    /// Save and publish the content of an older version as a new one
    ///
    /// Exit status: 0 saved and published, 1 there is no such kind or version, or it is saved but not published yet, 2 nothing had
    /// to be changed, 3 the service does not run, 65 the old content is invalid by now, 69 it was proposed, 73 somebody changed it
    /// meanwhile, 75 not saved just now, or that is not known, 77 not allowed, 78 the settings are wrong.
    Rollback(Rollback),
    /// Tell everything that is wrong with a file, and save nothing
    ///
    /// Exit status: 0 nothing, 1 there is no such kind, or the file cannot be read, 3 the service does not run, 65 something, 75 no
    /// answer, 77 not allowed, 78 the settings are wrong.
    Check(Check),
    /// Write the current version of each kind into a directory, and export.json with what they are
    ///
    /// Exit status: 0 written, 1 not all of it, or a file is there already, 3 the service does not run, 75 no answer, or no space,
    /// 77 not allowed, 78 the settings are wrong.
    Export(Export),
    /// Save and publish several files, after a look at all of them
    ///
    /// A directory that export wrote comes on top of the versions that it was written from. If one file cannot be saved as things
    /// stand, none is.
    ///
    /// Exit status: the first of these that any file came to: 75 not saved just now, or that is not known, 1 not a file of a kind,
    /// it cannot be read, or it is saved but not published yet, 65 invalid, 73 somebody changed it meanwhile, 77 not allowed, 69
    /// proposed, 0 saved; 2 if nothing had to be changed at all; 3 the service does not run, 78 the settings are wrong.
    Import(Import),
    /// Show the versions that wait for the approval of a second admin
    ///
    /// Exit status: 0 shown, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are wrong.
    Proposals {
        /// Only those of this kind
        kind: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Publish a version that somebody else proposed
    ///
    /// natrium config diff KIND --proposal ID shows what it changes.
    ///
    /// Exit status: 0 saved and published, 1 there is no such proposal, or it is saved but not published yet, 2 nothing had to be
    /// changed, 3 the service does not run, 65 it is invalid by now, 73 it is decided already, or somebody changed the config
    /// meanwhile, 75 not saved just now, or that is not known, 77 it is your own, 78 the settings are wrong.
    Approve(Approve),
    /// End a proposal without effect: decline somebody else's, or withdraw your own
    ///
    /// Exit status: 0 ended, 1 there is no such proposal, 3 the service does not run, 73 it is decided already, 75 not saved just
    /// now, or that is not known, 77 not allowed, 78 the settings are wrong.
    Decline {
        /// Its number
        id: i64,
        #[command(flatten)]
        changing: Changing,
    },
    /// Make a version of a published file that was changed by hand
    ///
    /// natrium config diff KIND --by-hand shows what was changed.
    ///
    /// Exit status: 0 saved, 1 there is no such kind, or the file cannot be a version, 2 nothing had to be changed, 3 the service
    /// does not run, 65 the file is invalid, 69 it was proposed, 73 it is not, or not so, changed, 75 not
    /// saved just now, or that is not known, 77 not allowed, 78 the settings are wrong.
    Adopt(ByHand),
    /// Publish the current version again in place of a file that was changed by hand
    ///
    /// What stands there is kept beside the backups.
    ///
    /// Exit status: 0 published, 1 there is no such kind or no version, or it is not published yet, 3 the service does not run, 73 it
    /// is not, or not so, changed, 75 not just now, or that is not known, 77 not allowed, 78 the settings are wrong.
    Restore(ByHand),
    /// Report that a program runs a version, for others to see
    ///
    /// Exit status: 0 noted, 1 there is no such kind or version, or the name is none, 3 the service does not run, 75 not noted, or
    /// that is not known, 77 not allowed, 78 the settings are wrong.
    Ack {
        /// The kind, such as fees
        kind: String,
        /// The version that it runs
        version: i64,
        /// What the program calls itself
        #[arg(long, value_name = "NAME")]
        consumer: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Show which programs reported which version they run
    ///
    /// Exit status: 0 shown, 1 there is no such kind, 3 the service does not run, 75 no answer, 77 not allowed, 78 the settings are
    /// wrong.
    Consumers {
        /// The kind, such as fees
        kind: String,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Get {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// The version; default: the current one
    pub(crate) version: Option<i64>,
    /// Write it into this file, whole or not at all, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) service: crate::arguments::Service,
}

/// What becomes of a published file that was changed by hand.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Over {
    /// Replace the published file though it was changed by hand, if it still has the content with this SHA-256
    #[arg(long, value_name = "SHA256", conflicts_with = "overwrite")]
    pub(crate) over: Option<String>,
    /// Replace the published file though it was changed by hand, whatever stands there just now
    #[arg(long)]
    pub(crate) overwrite: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Put {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// The file; - for standard input
    pub(crate) file: PathBuf,
    /// The version that the file was made from, 0 for none; default: the current one, which is told
    #[arg(long, value_name = "VERSION")]
    pub(crate) base: Option<i64>,
    #[command(flatten)]
    pub(crate) over: Over,
    #[command(flatten)]
    pub(crate) changing: Changing,
}

#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// The older version
    pub(crate) version: i64,
    /// The version that is to be replaced; default: the current one, which is told
    #[arg(long, value_name = "VERSION")]
    pub(crate) base: Option<i64>,
    #[command(flatten)]
    pub(crate) over: Over,
    #[command(flatten)]
    pub(crate) changing: Changing,
}

#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// The older version
    pub(crate) from: Option<i64>,
    /// The newer version
    #[arg(conflicts_with_all = ["file", "by_hand", "proposal"])]
    pub(crate) to: Option<i64>,
    /// From the current version to this file; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["by_hand", "proposal"])]
    pub(crate) file: Option<PathBuf>,
    /// From the current version to the published file as it was changed by hand
    #[arg(long, conflicts_with = "proposal")]
    pub(crate) by_hand: bool,
    /// From the current version to one that was proposed
    #[arg(long, value_name = "ID")]
    pub(crate) proposal: Option<i64>,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args, Debug)]
pub(crate) struct History {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// How many versions at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Only versions older than this one
    #[arg(long, value_name = "VERSION")]
    pub(crate) before: Option<i64>,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// The file; - for standard input
    pub(crate) file: PathBuf,
    /// By the schema that these settings name, without asking the service, which need not run
    #[arg(long, value_name = "FILE", conflicts_with = "runtime_directory")]
    pub(crate) settings: Option<PathBuf>,
    /// By the schema of the service with this runtime directory; default: what the settings say, else $RUNTIME_DIRECTORY, else
    /// /run/natrium
    #[arg(long, value_name = "DIR")]
    pub(crate) runtime_directory: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The directory; it is made if it is not there
    pub(crate) directory: PathBuf,
    /// Only these kinds; default: all
    pub(crate) kinds: Vec<String>,
    /// Write all older versions, too, into history/KIND, also those of kinds that the settings no longer declare
    #[arg(long)]
    pub(crate) history: bool,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// A directory that export wrote, or files, each called as its kind's published file
    #[arg(required = true)]
    pub(crate) from: Vec<PathBuf>,
    /// Save nothing: tell what would become of each
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// On top of what is current, even if that is not what export had written
    #[arg(long)]
    pub(crate) onto_current: bool,
    /// Replace published files that were changed by hand
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) changing: Changing,
}

#[derive(Args, Debug)]
pub(crate) struct Approve {
    /// Its number
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) over: Over,
    #[command(flatten)]
    pub(crate) changing: Changing,
}

#[derive(Args, Debug)]
pub(crate) struct ByHand {
    /// The kind, such as fees
    pub(crate) kind: String,
    /// Only if the file has the content with this SHA-256; default: what it has now, which is told
    #[arg(long, value_name = "SHA256")]
    pub(crate) sha256: Option<String>,
    #[command(flatten)]
    pub(crate) changing: Changing,
}
