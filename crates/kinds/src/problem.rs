//! One thing that is wrong with a file, and the list of them.

use std::fmt;

use yaml::{Document, Path, Place};

use crate::{Language, Reason};

/// The most problems that are told of one file.
pub const MOST_PROBLEMS: usize = 20;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The line, from 1; 0 where no place can be named.
    pub line: u32,
    /// The character within the line, from 1; 0 where no place can be named.
    pub column: u32,
    /// Which value, such as `brackets[2].percent`; empty for the file as a whole.
    pub path: String,
    /// What is wrong.
    pub reason: Reason,
}

impl Problem {
    /// Something wrong with the value at `path`, which is in the document or would be.
    pub(crate) fn with_value(document: &Document, path: &Path, reason: Reason) -> Self {
        Self::at(document.place(path), path, reason)
    }

    /// Something wrong with the key that is the last step of `path`.
    pub(crate) fn with_key(document: &Document, path: &Path, reason: Reason) -> Self {
        let place = document.entry_at(path).map_or_else(|| document.place(path), |entry| entry.place);
        Self::at(place, path, reason)
    }

    fn at(place: Place, path: &Path, reason: Reason) -> Self {
        Self { line: place.line, column: place.column, path: path.to_string(), reason }
    }

    /// What is wrong, as a sentence.
    pub fn sentence(&self, language: Language) -> String {
        self.reason.sentence(language)
    }

    /// Place, path and sentence on one line.
    pub fn text(&self, language: Language) -> String {
        let mut text = match (self.line, language) {
            (0, _) => String::new(),
            (line, Language::English) => format!("line {line}, column {}: ", self.column),
            (line, Language::Russian) => format!("строка {line}, позиция {}: ", self.column),
        };
        if !self.path.is_empty() {
            text.push_str(&format!("{}: ", self.path));
        }
        text + &self.sentence(language)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl From<yaml::Error> for Problem {
    fn from(error: yaml::Error) -> Self {
        let (line, column) = error.place.map_or((0, 0), |place| (place.line, place.column));
        Self { line, column, path: error.path.to_string(), reason: Reason::Yaml(error.fault) }
    }
}

/// In the order of the file, what has no place last, each once, and no more than anybody reads; the last one then counts the rest.
pub(crate) fn listed(mut problems: Vec<Problem>) -> Vec<Problem> {
    let order = |problem: &Problem| (problem.line == 0, problem.line, problem.column);
    problems.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.path.cmp(&b.path)));
    problems.dedup();
    if problems.len() > MOST_PROBLEMS {
        let count = problems.len() - MOST_PROBLEMS;
        problems.truncate(MOST_PROBLEMS);
        problems.push(Problem { line: 0, column: 0, path: String::new(), reason: Reason::More { count } });
    }
    problems
}
