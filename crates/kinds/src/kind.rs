//! A kind of config: its name, its file, and what the file must satisfy.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use yaml::{Document, Limits};

use crate::problem::{self, Problem};
use crate::schema::{self, SchemaError};
use crate::{Rules, finding, rules};

/// A kind of config.
///
/// It is only the description; the validator is built for each file and dropped after it, because uploads are rare and
/// a compiled schema is large. Copies share the schema's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// The name, as in `/set_<name>`.
    pub name: String,
    /// The name of the published file.
    pub file: String,
    /// The JSON Schema (draft 2020-12), its text.
    pub schema: Arc<str>,
    /// Rules that the schema cannot say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
}

impl Kind {
    /// Whether the schema can be used.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn check(&self) -> Result<(), SchemaError> {
        schema::Schema::compile(&self.schema).map(drop)
    }

    /// Reads a file of this kind. At most 1 MiB is accepted ([`Limits::default`]).
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file; at most [`crate::MOST_PROBLEMS`] and one more that
    /// counts the rest.
    pub fn validate(&self, bytes: &[u8]) -> Result<Document, Vec<Problem>> {
        let document = yaml::parse(bytes, &Limits::default())
            .map_err(|errors| problem::listed(errors.into_iter().map(Problem::from).collect()))?;
        let schema = schema::Schema::compile(&self.schema).map_err(|error| vec![error.into()])?;
        let mut problems = finding::problems(&schema, &document);
        if let Some(rules) = self.rules {
            problems.extend(rules::breaches(rules, &document));
        }
        if problems.is_empty() { Ok(document) } else { Err(problem::listed(problems)) }
    }
}
