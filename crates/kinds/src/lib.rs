//! Config kinds: what a config file must look like, and what is wrong with one, in words an admin understands.
//!
//! A [`Kind`] is a file name, a JSON Schema (draft 2020-12) and perhaps [`Rules`] that a schema cannot say.
//! [`Kind::validate`] reads a file as foreign bytes (crate `yaml`) and tells all of its [`Problem`]s at once, each with line,
//! column, path and reason, in English or Russian ([`Language`]).
//!
//! [`diff`] says what differs between two texts, or between two and what both came from.
//!
//! This crate does no I/O: it follows no `$ref` out of a schema, neither to the network nor to a file. It knows neither
//! settings nor versions; who may change a config, and when, is decided elsewhere.

mod builtin;
mod decimal;
pub mod diff;
mod finding;
mod kind;
mod language;
mod nearest;
mod problem;
mod reason;
mod rules;
mod schema;

pub use builtin::{BUILTIN, builtin, sample};
pub use decimal::{Decimal, DecimalError};
pub use kind::Kind;
pub use language::Language;
pub use nearest::nearest;
pub use problem::{MOST_PROBLEMS, Problem};
pub use reason::{Found, Reason, Type};
pub use rules::{Breach, Rules};
pub use schema::{SchemaError, SchemaFault};
pub use yaml::{Document, Place};
