//! The environment, handed in: the core never asks the process for it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The settings file where nothing says otherwise.
pub const DEFAULT_PATH: &str = "/etc/natrium/natrium.yml";

/// The environment variables of a process.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables of this process. Those whose names are not UTF-8 are none of ours.
    #[must_use]
    pub fn from_process() -> Self {
        Self(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect())
    }

    /// The variable `name`, if it is set, is not empty and is UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().filter(|value| !value.is_empty())
    }

    /// Where the settings are: the path given on the command line, else `$NATRIUM_SETTINGS`, else [`DEFAULT_PATH`].
    #[must_use]
    pub fn settings_path(&self, named: Option<PathBuf>) -> PathBuf {
        named
            .or_else(|| self.get("NATRIUM_SETTINGS").map(PathBuf::from))
            .unwrap_or_else(|| Path::new(DEFAULT_PATH).to_owned())
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Any variable may hold a secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
