//! Scenarios: people, what they say and see, what goes wrong meanwhile, written down in a file and played with a bot.
//!
//! A file is read ([`Scenario::read`]), all its mistakes named at once; it is planned ([`Scenario::plan`]), which makes every
//! choice that the file leaves to chance and is a function of the file and a seed; and the plan is played ([`Plan::play`])
//! over the control API, with a simulator in this process or any other. The language is described in `scenarios/README.md`.
//!
//! It knows the control API and nothing of the world behind it.

mod chance;
mod deed;
mod duration;
mod fault;
mod flaw;
mod group;
mod place;
mod plan;
mod play;
mod read;
mod shelf;
mod steps;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use deed::{Deed, Sight, Which, Who};
pub use flaw::{Flaw, Mistake, ScenarioError};
pub use plan::{Plan, Planned};
pub use play::{Failure, Why};
pub use shelf::Source;

use crate::control::NewUser;
use crate::scenario::group::Group;
use crate::scenario::steps::Step;

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// What the steps call them.
    pub(crate) key: String,
    pub(crate) user: NewUser,
}

/// A scenario without mistakes.
#[derive(Debug, Clone)]
pub struct Scenario {
    file: PathBuf,
    seed: u64,
    people: Vec<Person>,
    groups: Vec<Group>,
    steps: Vec<Step>,
}

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, and everything that is wrong with it.
    pub fn read(file: &Path) -> Result<Self, ScenarioError> {
        let bytes = std::fs::read(file).map_err(|source| ScenarioError::Read { file: file.to_owned(), source })?;
        Self::parse(file, &bytes)
    }

    /// Reads the content of a file; other files are looked for beside it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, ScenarioError> {
        read::scenario(file, bytes).map_err(|flaws| ScenarioError::Flawed { file: file.to_owned(), flaws })
    }
}
