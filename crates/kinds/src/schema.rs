//! JSON Schemas, compiled without ever looking outside of them.

use jsonschema::{Draft, JsonType, PatternOptions, Validator};
use serde_json::Value;
use thiserror::Error;
use yaml::{Limits, Path, Place};

use crate::{Language, Problem, Reason, finding};

/// The largest schema, in bytes.
const MOST_BYTES: usize = 256 * 1024;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema and its validator.
pub(crate) struct Schema {
    pub(crate) value: Value,
    pub(crate) validator: Validator,
}

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}{fault}", self.whereabouts())]
pub struct SchemaError {
    /// Where in the schema's text, if that can be said.
    pub place: Option<Place>,
    /// Which part of the schema; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub fault: SchemaFault,
}

/// What is wrong with a schema.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SchemaFault {
    /// More bytes than any schema needs.
    #[error("the schema has {bytes} bytes; at most {limit} are accepted")]
    TooLarge {
        /// How many it has.
        bytes: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Not JSON.
    #[error("not JSON: {detail}")]
    NotJson {
        /// What the JSON parser says.
        detail: String,
    },
    /// `$schema` names another draft.
    #[error("only JSON Schema draft 2020-12 is supported ({DRAFT})")]
    Draft,
    /// A keyword has a value that it cannot have.
    #[error("{}", .0.sentence(Language::English))]
    Keyword(Box<Reason>),
    /// A `$ref` to something outside the schema, or to nothing.
    #[error("the `$ref` leads out of the schema or to nothing: {detail}")]
    Reference {
        /// What the validator says.
        detail: String,
    },
    /// A regular expression that cannot be used.
    #[error("not a regular expression that can be used here (look-around and back references cannot): {pattern}")]
    Pattern {
        /// The expression.
        pattern: String,
    },
}

impl SchemaError {
    fn whole(fault: SchemaFault) -> Self {
        Self { place: None, path: String::new(), fault }
    }

    fn whereabouts(&self) -> String {
        let place = self.place.map(|place| format!("{place}: ")).unwrap_or_default();
        if self.path.is_empty() { place } else { format!("{place}{}: ", self.path) }
    }
}

impl From<SchemaError> for Problem {
    fn from(error: SchemaError) -> Self {
        Self { line: 0, column: 0, path: String::new(), reason: Reason::Schema(error.to_string()) }
    }
}

impl Schema {
    pub(crate) fn compile(text: &str) -> Result<Self, SchemaError> {
        if text.len() > MOST_BYTES {
            return Err(SchemaError::whole(SchemaFault::TooLarge { bytes: text.len(), limit: MOST_BYTES }));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        if value
            .get("$schema")
            .is_some_and(|draft| draft.as_str().map(|draft| draft.trim_end_matches('#')) != Some(DRAFT))
        {
            return Err(at(text, "/$schema", SchemaFault::Draft));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex())
            .offline()
            .build(&value)
            .map_err(|error| refused(text, &error))?;
        Ok(Self { value, validator })
    }
}

fn not_json(error: &serde_json::Error) -> SchemaError {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let place = Place { line: number(error.line()), column: number(error.column()) };
    let text = error.to_string();
    let detail = text.split(" at line ").next().unwrap_or(&text).to_owned();
    SchemaError { place: Some(place), path: String::new(), fault: SchemaFault::NotJson { detail } }
}

/// What the validator says of a schema, with the place. A schema is JSON, and nearly all JSON is YAML, so the YAML parser
/// knows the places; where it does not, the path has to do.
fn refused(text: &str, error: &jsonschema::ValidationError<'_>) -> SchemaError {
    use jsonschema::error::ValidationErrorKind as Kind;
    let pointer = error.instance_path().as_str();
    let fault = match error.kind() {
        Kind::Referencing(detail) => SchemaFault::Reference { detail: detail.to_string() },
        Kind::Format { format } if format == "regex" => {
            SchemaFault::Pattern { pattern: error.instance().as_str().unwrap_or_default().to_owned() }
        }
        kind => SchemaFault::Keyword(Box::new(finding::bare_reason(kind, error.instance()))),
    };
    at(text, pointer, fault)
}

fn at(text: &str, pointer: &str, fault: SchemaFault) -> SchemaError {
    match yaml::parse(text.as_bytes(), &Limits::default()) {
        Ok(document) => {
            let path = document.path(pointer);
            SchemaError { place: Some(document.place(&path)), path: path.to_string(), fault }
        }
        Err(_) => SchemaError { place: None, path: Path::from_pointer(pointer, |_| false).to_string(), fault },
    }
}

/// The `type`s of JSON Schema, in the words of this crate.
pub(crate) fn type_of(json: JsonType) -> crate::Type {
    match json {
        JsonType::Null => crate::Type::Null,
        JsonType::Boolean => crate::Type::Boolean,
        JsonType::Integer => crate::Type::Integer,
        JsonType::Number => crate::Type::Number,
        JsonType::String => crate::Type::Text,
        JsonType::Array => crate::Type::List,
        JsonType::Object => crate::Type::Mapping,
    }
}
