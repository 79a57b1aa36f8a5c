//! Why a command that asks the writer did not do what it was asked: for people, for programs, and as an exit code.

use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::service::ServiceError;
use crate::text;

/// Why it was not done, or why that is not known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A name that programs may rely on: the interface's own where the writer has answered.
    error: String,
    parameters: Value,
    /// What, where, what to do; perhaps several lines.
    pub(crate) text: String,
}

/// What `--json` prints of it.
#[derive(Serialize)]
struct Json<'a> {
    error: &'a str,
    parameters: &'a Value,
    text: &'a str,
}

impl Failure {
    /// Something of our own.
    pub(crate) fn local(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, error: "natrium.NotDone".to_owned(), parameters: json!({}), text: text.into() }
    }

    /// Whether it was done is not known.
    pub(crate) fn unknown(text: impl Into<String>) -> Self {
        Self { error: "natrium.NotKnown".to_owned(), ..Self::local(Exit::TryAgain, text) }
    }

    /// The writer has answered with an error.
    pub(crate) fn said(error: &impl Serialize, exit: Exit, text: impl Into<String>) -> Self {
        let mut whole = serde_json::to_value(error).unwrap_or_default();
        let parameters = whole.get_mut("parameters").map(Value::take).unwrap_or_else(|| json!({}));
        let name = whole.get("error").and_then(Value::as_str).unwrap_or("natrium.NotDone");
        Self { exit, error: name.to_owned(), parameters, text: text.into() }
    }

    /// Tells it, and ends so.
    pub(crate) fn tell(&self, json: bool) -> Exit {
        if json {
            text::print(&text::json(&Json { error: &self.error, parameters: &self.parameters, text: &self.text }));
        }
        text::complain(&self.text);
        self.exit
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let (name, exit) = match &error {
            ServiceError::NotRunning { .. } => ("natrium.NotRunning", Exit::NotRunning),
            ServiceError::Connect { error, .. } if error.kind() == std::io::ErrorKind::PermissionDenied => {
                ("natrium.NotAllowed", Exit::Forbidden)
            }
            ServiceError::Settings(_) => ("natrium.Settings", Exit::Configuration),
            error => ("natrium.NotReached", error.exit()),
        };
        Self { error: name.to_owned(), ..Self::local(exit, error.to_string()) }
    }
}

/// How a command ends, told if it failed.
pub(crate) fn ended(done: Result<Exit, Failure>, json: bool) -> Exit {
    done.unwrap_or_else(|failure| failure.tell(json))
}
