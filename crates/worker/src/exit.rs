//! How a program ends: its exit code and the one sentence that goes with it.

use std::{fmt, process::ExitCode};

/// Why a program ends other than by being told to stop. The codes are what systemd's unit and the supervisor act upon.
#[derive(Debug)]
pub enum Exit {
    /// 64 (`EX_USAGE`): the command line makes no sense.
    Usage(anyhow::Error),
    /// 70 (`EX_SOFTWARE`): our own mistake.
    Software(anyhow::Error),
    /// 75 (`EX_TEMPFAIL`): something outside stands in the way; starting again may help.
    TryAgain(anyhow::Error),
    /// 78 (`EX_CONFIG`): only a person can mend this; starting again cannot help.
    Configuration(anyhow::Error),
}

impl Exit {
    /// The exit code after a mistake of ours (`EX_SOFTWARE`).
    pub(crate) const SOFTWARE: u8 = 70;

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 64,
            Self::Software(_) => Self::SOFTWARE,
            Self::TryAgain(_) => 75,
            Self::Configuration(_) => 78,
        }
    }

    fn cause(&self) -> &anyhow::Error {
        match self {
            Self::Usage(cause) | Self::Software(cause) | Self::TryAgain(cause) | Self::Configuration(cause) => cause,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.cause())
    }
}

impl From<&Exit> for ExitCode {
    fn from(exit: &Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_whole_chain_on_one_line() {
        let cause = anyhow::anyhow!("no such file").context("reading the token");
        assert_eq!(Exit::Configuration(cause).to_string(), "reading the token: no such file");
    }

    #[test]
    fn codes_are_those_that_the_unit_file_names() {
        let all = [
            Exit::Usage(anyhow::anyhow!("")),
            Exit::Software(anyhow::anyhow!("")),
            Exit::TryAgain(anyhow::anyhow!("")),
            Exit::Configuration(anyhow::anyhow!("")),
        ];
        assert_eq!(all.map(|exit| exit.code()), [64, 70, 75, 78]);
    }
}
