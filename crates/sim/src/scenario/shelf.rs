//! The files that people send: those that stand in the scenario, those beside it, and the samples.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::samples::{Sample, Samples};

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It stands in the scenario.
    Here(Bytes),
    /// It stands beside the scenario.
    Beside(PathBuf),
    /// A sample of this name.
    Sample(String),
}

impl Source {
    /// The content.
    pub(crate) fn bytes(&self) -> io::Result<Bytes> {
        match self {
            Self::Here(bytes) => Ok(bytes.clone()),
            Self::Beside(path) => std::fs::read(path).map(Bytes::from),
            Self::Sample(name) => {
                Samples::built_in().get(name).map(Sample::bytes).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
        }
    }
}

/// All files of a scenario.
#[derive(Debug)]
pub(super) struct Shelf {
    here: BTreeMap<String, Bytes>,
    directory: PathBuf,
    samples: Samples,
}

impl Shelf {
    /// For the scenario in this file.
    pub(super) fn beside(scenario: &Path) -> Self {
        let directory = scenario.parent().map(Path::to_owned).unwrap_or_default();
        Self { here: BTreeMap::new(), directory, samples: Samples::built_in() }
    }

    pub(super) fn put(&mut self, name: &str, content: &str) {
        self.here.insert(name.to_owned(), Bytes::copy_from_slice(content.as_bytes()));
    }

    pub(super) fn find(&self, name: &str) -> Option<Source> {
        if let Some(bytes) = self.here.get(name) {
            return Some(Source::Here(bytes.clone()));
        }
        let beside = self.directory.join(name);
        if beside.is_file() {
            return Some(Source::Beside(beside));
        }
        self.samples.get(name).map(|_| Source::Sample(name.to_owned()))
    }

    /// The names of all samples.
    pub(super) fn samples(&self) -> String {
        self.samples.views().into_iter().map(|sample| sample.name).collect::<Vec<String>>().join(", ")
    }
}
