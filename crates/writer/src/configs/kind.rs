//! A kind as the writer needs it: its name, its file, and what may be in it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use interfaces::configs::Problem;

/// Says what is wrong with a document; nothing: it is valid. Called on a thread that may block.
pub type Validate = Arc<dyn Fn(&[u8]) -> Vec<Problem> + Send + Sync>;

/// One kind that the settings declare.
#[derive(Clone)]
pub struct KindSpec {
    /// Its name, such as `fees`.
    pub name: String,
    /// How its file is called in the published directory, such as `fees.yml`.
    pub file: String,
    /// The JSON Schema, as text.
    pub schema: String,
    /// Which rules beyond the schema hold.
    pub rules: Option<String>,
    /// Whether a version is published only when a second admin has approved it.
    pub approval: bool,
    /// Whether something is to be run after publishing.
    pub hook: bool,
    /// The schema and the rules at work.
    pub validate: Validate,
}

impl KindSpec {
    /// How the backup of a version is called: `fees.v7.yml`. No two versions share one.
    pub(crate) fn backup_name(&self, version: i64) -> String {
        match Path::new(&self.file).extension().and_then(|extension| extension.to_str()) {
            Some(extension) => format!("{}.v{version}.{extension}", self.name),
            None => format!("{}.v{version}", self.name),
        }
    }
}

impl fmt::Debug for KindSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KindSpec").field("name", &self.name).field("file", &self.file).finish_non_exhaustive()
    }
}
