//! Something that is to be changed: by whom, in which service, and under which request id, which is made once per invocation.

use std::fmt::Write as _;
use std::time::Duration;

use interfaces::configs::Author;
use settings::Environment;
use uuid::Uuid;

use crate::arguments::{Changing, Service};
use crate::author;
use crate::failure::Failure;
use crate::text::quoted;
use crate::writer::Writer;

/// Something that is to be changed.
pub(crate) struct Order {
    pub(crate) writer: Writer,
    pub(crate) author: Author,
    pub(crate) request: String,
    /// It may have been made before: somebody named its id.
    pub(crate) is_repeated: bool,
    service: Service,
}

impl Order {
    /// Finds the writer.
    pub(crate) fn begin(changing: &Changing, environment: &Environment) -> Result<Self, Failure> {
        let service = changing.asking.service.clone();
        let writer = Writer::reach(&service, Duration::from_secs(changing.timeout), environment)?;
        let request = changing.request.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
        let is_repeated = changing.request.is_some();
        Ok(Self { writer, author: author::operator(environment), request, is_repeated, service })
    }

    /// The command line that asks for the same again, which is harmless.
    pub(crate) fn again(&self, words: &[&str]) -> String {
        self.again_as(&self.request, words)
    }

    /// The same, of a request with an id of its own.
    pub(crate) fn again_as(&self, request: &str, words: &[&str]) -> String {
        let mut text = "natrium".to_owned();
        let service =
            [("--runtime-directory", &self.service.runtime_directory), ("--settings", &self.service.settings)];
        for word in words.iter().copied().chain(["--request", request]) {
            let _ = write!(text, " {}", quoted(word));
        }
        for (option, path) in service {
            if let Some(path) = path {
                let _ = write!(text, " {option} {}", quoted(&path.to_string_lossy()));
            }
        }
        text
    }
}
