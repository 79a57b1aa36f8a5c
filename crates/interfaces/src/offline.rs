//! What `natrium` and a `natrium-writer` that it runs itself say to each other while the service does not run.
//!
//! The request is one line of JSON on the writer's standard input, followed by as many raw bytes as it announces. The answers
//! are lines of JSON on its standard output. The writer ends after the last one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::configs::Author;
use crate::store::{BackupReply, Member};

/// A kind and its file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublishedKind {
    /// Its name, such as `fees`.
    pub kind: String,
    /// How its file is called.
    pub file: String,
}

/// What is wanted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Request {
    /// The state directory.
    pub state: PathBuf,
    /// The published directory.
    pub published: PathBuf,
    /// The kinds that the settings declare.
    pub kinds: Vec<PublishedKind>,
    /// What to do.
    pub job: Job,
}

/// What to do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Which schema the store has. Takes no lock and changes nothing.
    Info,
    /// Whether the store and the published files are sound. Takes no lock and changes nothing.
    Check,
    /// A copy, as `io.natrium.Store.Backup` makes it. Holds the state lock meanwhile.
    Backup,
    /// What the store in a backup is. Its bytes follow the request; they are kept in `directory` meanwhile.
    Examine {
        /// Where a temporary file may be made.
        directory: PathBuf,
        /// How many bytes follow.
        bytes: u64,
    },
    /// The store whose bytes follow takes the present one's place. Holds the state lock meanwhile.
    Restore {
        /// How many bytes follow.
        bytes: u64,
        /// What they must be.
        sha256: String,
        /// What distinguishes the names under which the present store is kept.
        label: String,
        /// Who restores it, for the audit trail.
        by: Author,
    },
}

/// What is answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Job::Info`].
    Info {
        /// The store's schema, if there is a store.
        schema: Option<i64>,
        /// The oldest schema whose programs may work with it, if there is a store.
        since: Option<i64>,
        /// The newest schema that the writer knows.
        known: i64,
        /// How large the store is.
        bytes: u64,
        /// What the kernel enforces on the writer, in words.
        sandbox: String,
    },
    /// To [`Job::Check`]: what is wrong.
    Checked {
        /// A sentence each.
        problems: Vec<String>,
    },
    /// To [`Job::Backup`], many times.
    Part(BackupReply),
    /// To [`Job::Examine`].
    Examined {
        /// Everything that is wrong with the store.
        problems: Vec<String>,
        /// Its schema.
        schema: i64,
        /// What each kind's published file must be.
        current: Vec<Member>,
    },
    /// To [`Job::Restore`].
    Restored {
        /// Where the store before is kept, if there was one.
        kept: Option<PathBuf>,
        /// Whether the published files agree with the store already; else the next start sees to it.
        published: bool,
    },
    /// To anything: why it was not done.
    Failed {
        /// As a sentence.
        reason: String,
        /// Whether only a person can mend it.
        lasting: bool,
    },
}

/// What `natrium` asks a `natrium-bot` that it runs itself (`--ask`), in the same way: whether Telegram knows a token.
#[derive(Clone, Deserialize, Serialize)]
pub struct AskTelegram {
    /// The Bot API server.
    pub api_url: String,
    /// The bot's token. It goes through a pipe only.
    pub token: String,
}

/// What came of it. No text in it holds the token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TelegramAnswer {
    /// Telegram knows it.
    Known {
        /// The bot's name, without the `@`.
        username: String,
        /// A webhook is set: nobody else gets updates then.
        webhook: bool,
    },
    /// Telegram does not know it.
    Refused {
        /// Telegram's words.
        reason: String,
    },
    /// Nothing is known: Telegram did not answer, or not as it should.
    Unreachable {
        /// Why.
        reason: String,
    },
}
