//! How a command ends, as scripts see it.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As hoped.
    Success,
    /// The service runs, but something is wrong.
    Degraded,
    /// The service does not run (LSB: "program is not running").
    NotRunning,
    /// Whether the service runs cannot be told (LSB: "status is unknown").
    Unknown,
    /// The command line makes no sense (`sysexits.h`, `EX_USAGE`).
    Usage,
    /// Asking again later may help (`EX_TEMPFAIL`).
    TryAgain,
    /// The settings are wrong (`EX_CONFIG`).
    Configuration,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Degraded => 1,
            Self::NotRunning => 3,
            Self::Unknown => 4,
            Self::Usage => 64,
            Self::TryAgain => 75,
            Self::Configuration => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
