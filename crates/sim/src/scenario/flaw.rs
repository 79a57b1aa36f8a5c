//! What can be wrong with a scenario, as sentences for who wrote it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file is no scenario.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("reading {}", .file.display())]
    Read {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There are mistakes in it.
    #[error("{}", all(.file, .flaws))]
    Flawed {
        /// Which one.
        file: PathBuf,
        /// All that were found, in the order of the file.
        flaws: Vec<Flaw>,
    },
}

fn all(file: &Path, flaws: &[Flaw]) -> String {
    let mut text = String::new();
    for (number, flaw) in flaws.iter().enumerate() {
        let line = flaw.line.map_or_else(String::new, |line| format!(":{line}"));
        let end = if number + 1 < flaws.len() { "\n" } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(text, "{}{line}: {}{end}", file.display(), flaw.mistake);
    }
    text
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Flaw {
    /// Counted from 1; absent if it concerns the file as a whole.
    pub line: Option<u32>,
    /// What.
    pub mistake: Mistake,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Mistake {
    /// It is not YAML, or not such that all programs read it alike.
    #[error("{0}")]
    Yaml(yaml::Fault),
    /// Something else than a mapping.
    #[error("{what} must be a mapping of keys and values")]
    NotAMapping {
        /// What it is about.
        what: &'static str,
    },
    /// Something else than a list.
    #[error("`{key}` must be a list; start each item with `- `")]
    NotAList {
        /// Of what.
        key: String,
    },
    /// Something else than text.
    #[error("`{key}` must be text; put it in quotes")]
    NotText {
        /// Of what.
        key: String,
    },
    /// Something else than a number in this range.
    #[error("`{key}` must be {wanted}, and is `{found}`")]
    NotANumber {
        /// Of what.
        key: String,
        /// In words.
        wanted: &'static str,
        /// What stands there.
        found: String,
    },
    /// Something else than a time.
    #[error("`{key}` must be a time such as {example}, and is `{found}`")]
    NotATime {
        /// Of what.
        key: String,
        /// How it could look.
        example: &'static str,
        /// What stands there.
        found: String,
    },
    /// A key that means nothing here.
    #[error("{place} has no key `{key}`{hint}")]
    UnknownKey {
        /// Of what.
        place: String,
        /// The key.
        key: String,
        /// What may have been meant, and what there is.
        hint: String,
    },
    /// A key that has to be there.
    #[error("{place} needs `{key}`, such as `{example}`")]
    Missing {
        /// What.
        place: String,
        /// The key.
        key: &'static str,
        /// How it could look.
        example: &'static str,
    },
    /// Two people, two groups, or one of both, with one name.
    #[error("two are called `{key}`; give one of them another name for the steps, with `as: …`")]
    SameName {
        /// The name.
        key: String,
    },
    /// Two people with one id.
    #[error("two people have the id {id}")]
    SameId {
        /// The id.
        id: i64,
    },
    /// Nobody of the people.
    #[error("nobody under `people` is called `{name}`{hint}")]
    NoPerson {
        /// The name.
        name: String,
        /// Who may have been meant.
        hint: String,
    },
    /// None of the groups.
    #[error("no group under `groups` is called `{name}`{hint}")]
    NoGroup {
        /// The name.
        name: String,
        /// Which may have been meant.
        hint: String,
    },
    /// Neither a person nor a group nor an id.
    #[error(
        "`chat` must be somebody under `people`, a group under `groups`, or the id of a chat, and is `{found}`{hint}"
    )]
    NoChat {
        /// What stands there.
        found: String,
        /// Which may have been meant.
        hint: String,
    },
    /// Something else than one of a few words.
    #[error("`{key}` must be one of {words}, and is `{found}`{hint}")]
    NotOneOf {
        /// Of what.
        key: &'static str,
        /// All of them.
        words: String,
        /// What stands there.
        found: String,
        /// Which may have been meant.
        hint: String,
    },
    /// A group without anybody who could create it.
    #[error("a group needs `members`, a list of people; the first of them creates it: `members: [anna]`")]
    NobodyInIt,
    /// It is no basic group.
    #[error("`{name}` is no basic group, and only those become supergroups; leave out its `kind`")]
    NoBasicGroup {
        /// The group.
        name: String,
    },
    /// Not a step.
    #[error("`{head}` is no step{hint}")]
    NoStep {
        /// What stands there.
        head: String,
        /// What may have been meant.
        hint: String,
    },
    /// A step that does not say what.
    #[error("`{head}` needs to say what: `{head}: …`")]
    NothingSaid {
        /// The step.
        head: String,
    },
    /// A file that is not there.
    #[error("there is no file {name} beside this one, none under `files`, and no sample of that name ({samples})")]
    NoFile {
        /// Its name.
        name: String,
        /// The samples that there are.
        samples: String,
    },
    /// A photo that is none.
    #[error("{name} is neither a PNG nor a JPEG picture; send it as a document with `sends`")]
    NotAPicture {
        /// Its name.
        name: String,
    },
    /// A fault that cannot be.
    #[error("{0}")]
    Fault(String),
    /// A method that Telegram does not have.
    #[error("Telegram has no method `{method}`{hint}")]
    NoMethod {
        /// Its name.
        method: String,
        /// What may have been meant.
        hint: String,
    },
    /// An expectation that nothing can meet.
    #[error("`at_most` ({most}) is less than `at_least` ({least})")]
    NeverMet {
        /// As written.
        least: usize,
        /// As written.
        most: usize,
    },
    /// Choices that nothing is chosen from.
    #[error("`{key}` has nothing to choose from")]
    NoChoice {
        /// Of what.
        key: &'static str,
    },
    /// More steps than anybody would wait for.
    #[error("this comes to more than {limit} steps; repeat less")]
    TooLong {
        /// How many there may be.
        limit: usize,
    },
}
