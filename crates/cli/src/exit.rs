//! How a command ends, as scripts see it: one table for all commands. natrium(1) has the same one.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As hoped.
    Success,
    /// The service runs, but something is wrong; or what was asked for is not there, or cannot be done.
    Degraded,
    /// Nothing had to be changed; or what was compared differs.
    Unchanged,
    /// The service does not run (LSB: "program is not running").
    NotRunning,
    /// Whether the service runs cannot be told (LSB: "status is unknown").
    Unknown,
    /// The command line makes no sense (`sysexits.h`, `EX_USAGE`).
    Usage,
    /// A document is not what its kind demands (`EX_DATAERR`).
    Invalid,
    /// Somebody else has to approve it first; it was proposed (`EX_UNAVAILABLE`).
    Proposed,
    /// Somebody else changed it meanwhile (`EX_CANTCREAT`).
    Conflict,
    /// Asking again later may help, or tell (`EX_TEMPFAIL`).
    TryAgain,
    /// It is not allowed (`EX_NOPERM`).
    Forbidden,
    /// The settings are wrong (`EX_CONFIG`).
    Configuration,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Degraded => 1,
            Self::Unchanged => 2,
            Self::NotRunning => 3,
            Self::Unknown => 4,
            Self::Usage => 64,
            Self::Invalid => 65,
            Self::Proposed => 69,
            Self::Conflict => 73,
            Self::TryAgain => 75,
            Self::Forbidden => 77,
            Self::Configuration => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// In the order of their numbers, with the first words that the manual has for each.
    const TABLE: [(Exit, &str); 12] = [
        (Exit::Success, "As hoped."),
        (Exit::Degraded, "Something is wrong"),
        (Exit::Unchanged, "Nothing had to be changed"),
        (Exit::NotRunning, "The service does not run."),
        (Exit::Unknown, "Whether the service runs cannot be told."),
        (Exit::Usage, "The command line makes no sense."),
        (Exit::Invalid, "A document is not what its kind demands."),
        (Exit::Proposed, "Somebody else has to approve it first"),
        (Exit::Conflict, "Somebody else changed it meanwhile"),
        (Exit::TryAgain, "Not just now"),
        (Exit::Forbidden, "It is not allowed."),
        (Exit::Configuration, "The settings are wrong."),
    ];

    #[test]
    fn the_manual_has_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/man/natrium.1");
        let page = std::fs::read_to_string(path).unwrap();
        let (_, statuses) = page.split_once("\n.SH EXIT STATUS\n").unwrap();
        let statuses = statuses.split("\n.SH").next().unwrap();
        let told: Vec<(u8, &str)> = statuses
            .split(".TP\n.B ")
            .skip(1)
            .map(|entry| entry.split_once('\n').unwrap())
            .map(|(code, words)| (code.parse().unwrap(), words))
            .collect();
        assert_eq!(told.len(), TABLE.len());
        for ((code, words), (exit, meaning)) in told.into_iter().zip(TABLE) {
            assert_eq!(code, exit.code(), "{exit:?}");
            assert!(words.starts_with(meaning), "{exit:?}: {words}");
        }
    }
}
