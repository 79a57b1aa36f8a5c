//! From what the JSON Schema validator finds to problems that name the place and say what to do.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;
use yaml::{Document, Node, Path};

use crate::reason::{Found, Reason, Type};
use crate::schema::{Schema, type_of};
use crate::{Problem, nearest};

/// More findings are not looked at; a file with so many is of another kind altogether.
const MOST_FINDINGS: usize = 1000;

/// Everything that the schema finds wrong with the document.
pub(crate) fn problems(schema: &Schema, document: &Document) -> Vec<Problem> {
    let translator = Translator { schema: &schema.value, document };
    let errors = schema.validator.iter_errors(document.value()).take(MOST_FINDINGS);
    errors.flat_map(|error| translator.problems(&error)).take(MOST_FINDINGS).collect()
}

struct Translator<'a> {
    schema: &'a Value,
    document: &'a Document,
}

impl Translator<'_> {
    /// At least one problem for each error, so that nothing refused by the schema is ever taken for valid.
    fn problems(&self, error: &ValidationError<'_>) -> Vec<Problem> {
        let problems = self.translated(error);
        if !problems.is_empty() {
            return problems;
        }
        let path = self.document.path(error.instance_path().as_str());
        let reason = Reason::Unchecked { detail: error.kind().keyword().to_owned() };
        vec![Problem::with_value(self.document, &path, reason)]
    }

    fn translated(&self, error: &ValidationError<'_>) -> Vec<Problem> {
        let path = self.document.path(error.instance_path().as_str());
        let value = |reason| vec![Problem::with_value(self.document, &path, reason)];
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = self.known_keys(error);
                unexpected.iter().map(|key| self.unknown_key(&path, key, &known)).collect()
            }
            // Without any `properties` beside it, the validator does not say which keys it means: all.
            ValidationErrorKind::FalseSchema if error.schema_path().as_str().ends_with("/additionalProperties") => {
                let keys = self.document.at(&path).into_iter().flat_map(Node::entries);
                keys.map(|entry| self.unknown_key(&path, entry.key, &[])).collect()
            }
            ValidationErrorKind::PropertyNames { error: name } => {
                let key = name.instance().as_str().unwrap_or_default().to_owned();
                let reason = Reason::BadKey { key: key.clone() };
                vec![Problem::with_key(self.document, &path.key(key), reason)]
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.alternatives(&path, context)
            }
            ValidationErrorKind::UniqueItems => self.repeated(&path),
            ValidationErrorKind::Pattern { pattern } => value(Reason::WrongForm {
                pattern: pattern.clone(),
                example: self.example(error),
                found: self.found(&path, error),
            }),
            ValidationErrorKind::Type { kind } => value(self.wrong_type(&path, expected(kind), error)),
            kind => {
                let reason = match self.document.at(&path) {
                    Some(node) => reason(kind, error.instance(), Found::of(node)),
                    None => bare_reason(kind, error.instance()),
                };
                value(reason)
            }
        }
    }

    fn found(&self, path: &Path, error: &ValidationError<'_>) -> Found {
        self.document.at(path).map_or_else(|| Found::value(error.instance()), Found::of)
    }

    fn wrong_type(&self, path: &Path, expected: Vec<Type>, error: &ValidationError<'_>) -> Reason {
        let found = self.found(path, error);
        let wants_number = expected.contains(&Type::Number) || expected.contains(&Type::Integer);
        let quoted = wants_number && matches!(&found, Found::Text(text) if crate::Decimal::parse(text.trim()).is_ok());
        Reason::WrongType { expected, found, quoted }
    }

    fn unknown_key(&self, path: &Path, key: &str, known: &[String]) -> Problem {
        let suggestion = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
        let reason = Reason::UnknownKey { key: key.to_owned(), suggestion, known: known.to_vec() };
        Problem::with_key(self.document, &path.clone().key(key), reason)
    }

    /// The keys that stand beside the keyword that found the error.
    fn known_keys(&self, error: &ValidationError<'_>) -> Vec<String> {
        let properties = self.beside(error).and_then(|schema| schema.get("properties"));
        properties.and_then(Value::as_object).map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
    }

    fn example(&self, error: &ValidationError<'_>) -> Option<String> {
        self.beside(error)?.get("examples")?.get(0)?.as_str().map(str::to_owned)
    }

    /// The subschema whose keyword found the error.
    fn beside(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(parent)
    }

    /// Of several allowed forms, the one that was most probably meant is the one that is least wrong. Where each wants
    /// another type for the value itself, the types are all there is to say.
    fn alternatives(&self, path: &Path, context: &[Vec<ValidationError<'static>>]) -> Vec<Problem> {
        let types: Option<Vec<Type>> = context.iter().map(|errors| own_type(path, self.document, errors)).collect();
        if let Some(types) = types.filter(|types| !types.is_empty())
            && let Some(error) = context.iter().flatten().next()
        {
            return vec![Problem::with_value(self.document, path, self.wrong_type(path, types, error))];
        }
        let of_right_type = context.iter().filter(|errors| own_type(path, self.document, errors).is_none());
        let mut by_count: Vec<_> = of_right_type.filter(|errors| !errors.is_empty()).collect();
        by_count.sort_by_key(|errors| errors.len());
        match by_count.as_slice() {
            [] => vec![Problem::with_value(self.document, path, Reason::FitsNone)],
            [only] => only.iter().flat_map(|error| self.problems(error)).collect(),
            [best, next, ..] if best.len() < next.len() => best.iter().flat_map(|error| self.problems(error)).collect(),
            _ => vec![Problem::with_value(self.document, path, Reason::FitsNone)],
        }
    }

    /// Each item that equals an earlier one.
    fn repeated(&self, path: &Path) -> Vec<Problem> {
        let Some(list) = self.document.at(path) else { return Vec::new() };
        let values = path_value(self.document.value(), path).and_then(Value::as_array);
        let mut first: std::collections::HashMap<String, Node<'_>> = std::collections::HashMap::new();
        let mut problems = Vec::new();
        for (index, (node, value)) in list.items().zip(values.into_iter().flatten()).enumerate() {
            match first.entry(value.to_string()) {
                std::collections::hash_map::Entry::Occupied(earlier) => {
                    let reason = Reason::RepeatedItem { first: earlier.get().place() };
                    problems.push(Problem::with_value(self.document, &path.clone().index(index), reason));
                }
                std::collections::hash_map::Entry::Vacant(empty) => drop(empty.insert(node)),
            }
        }
        if problems.is_empty() {
            // 1 and 1.0 are equal to JSON Schema, but not as text.
            problems.push(Problem::with_value(self.document, path, Reason::FitsSeveral));
        }
        problems
    }
}

/// The type that is wanted of the value at `path` itself, if that is all that is wrong.
fn own_type(path: &Path, document: &Document, errors: &[ValidationError<'_>]) -> Option<Type> {
    match errors {
        [error] if document.path(error.instance_path().as_str()) == *path => match error.kind() {
            ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => Some(type_of(*kind)),
            _ => None,
        },
        _ => None,
    }
}

fn path_value<'v>(root: &'v Value, path: &Path) -> Option<&'v Value> {
    path.segments().iter().try_fold(root, |value, segment| match segment {
        yaml::Segment::Key(key) => value.get(key),
        yaml::Segment::Index(index) => value.get(index),
    })
}

fn expected(kind: &TypeKind) -> Vec<Type> {
    let mut types: Vec<Type> = match kind {
        TypeKind::Single(kind) => vec![type_of(*kind)],
        TypeKind::Multiple(kinds) => kinds.iter().map(type_of).collect(),
    };
    types.sort_unstable();
    if types.contains(&Type::Number) {
        types.retain(|kind| *kind != Type::Integer);
    }
    types
}

/// The reason for an error of a value that stands in no document.
pub(crate) fn bare_reason(kind: &ValidationErrorKind, value: &Value) -> Reason {
    reason(kind, value, Found::value(value))
}

/// The reason for an error that needs neither document nor schema to be explained.
fn reason(kind: &ValidationErrorKind, value: &Value, found: Found) -> Reason {
    let length = |value: &Value| match value {
        Value::Array(items) => items.len() as u64,
        Value::Object(entries) => entries.len() as u64,
        Value::String(text) => text.chars().count() as u64,
        _ => 0,
    };
    match kind {
        ValidationErrorKind::Type { kind } => Reason::WrongType { expected: expected(kind), found, quoted: false },
        ValidationErrorKind::Required { property } => Reason::Missing { key: text_of(property) },
        ValidationErrorKind::Enum { options } => {
            let allowed: Vec<String> = options.as_array().into_iter().flatten().map(text_of).collect();
            not_one_of(allowed, found)
        }
        ValidationErrorKind::Constant { expected_value } => not_one_of(vec![text_of(expected_value)], found),
        ValidationErrorKind::Minimum { limit } => Reason::TooSmall { limit: text_of(limit), inclusive: true, found },
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            Reason::TooSmall { limit: text_of(limit), inclusive: false, found }
        }
        ValidationErrorKind::Maximum { limit } => Reason::TooLarge { limit: text_of(limit), inclusive: true, found },
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            Reason::TooLarge { limit: text_of(limit), inclusive: false, found }
        }
        ValidationErrorKind::MultipleOf { multiple_of } => Reason::NotMultiple { of: multiple_of.to_string(), found },
        ValidationErrorKind::MinLength { limit } => Reason::TooShort { limit: *limit, found },
        ValidationErrorKind::MaxLength { limit } => Reason::TooLong { limit: *limit, length: length(value) },
        ValidationErrorKind::MinItems { limit } => Reason::TooFewItems { limit: *limit, count: length(value) },
        ValidationErrorKind::MaxItems { limit } => Reason::TooManyItems { limit: *limit, count: length(value) },
        ValidationErrorKind::AdditionalItems { limit } => {
            Reason::TooManyItems { limit: *limit as u64, count: length(value) }
        }
        ValidationErrorKind::MinProperties { limit } => Reason::TooFewKeys { limit: *limit, count: length(value) },
        ValidationErrorKind::MaxProperties { limit } => Reason::TooManyKeys { limit: *limit, count: length(value) },
        ValidationErrorKind::Pattern { pattern } => {
            Reason::WrongForm { pattern: pattern.clone(), example: None, found }
        }
        ValidationErrorKind::Format { format } => Reason::WrongFormat { format: format.clone(), found },
        ValidationErrorKind::ContentEncoding { content_encoding } => {
            Reason::WrongFormat { format: content_encoding.clone(), found }
        }
        ValidationErrorKind::ContentMediaType { content_media_type } => {
            Reason::WrongFormat { format: content_media_type.clone(), found }
        }
        ValidationErrorKind::Contains => Reason::Lacks,
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // Without a document, only the plain case is worth the effort: one form of the right type.
            let mut others =
                context.iter().flatten().filter(|error| !matches!(error.kind(), ValidationErrorKind::Type { .. }));
            match (others.next(), others.next()) {
                (Some(only), None) => self::reason(only.kind(), only.instance(), found),
                _ => Reason::FitsNone,
            }
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => Reason::FitsSeveral,
        ValidationErrorKind::FalseSchema
        | ValidationErrorKind::Not { .. }
        | ValidationErrorKind::UnevaluatedItems { .. } => Reason::Forbidden,
        // The rest cannot be blamed on the value: the validator gave up, or the schema changed under us.
        other => Reason::Unchecked { detail: other.keyword().to_owned() },
    }
}

fn not_one_of(allowed: Vec<String>, found: Found) -> Reason {
    let suggestion = match &found {
        // The only word there is needs no guess.
        Found::Text(text) if allowed.len() > 1 => nearest(text, allowed.iter().map(String::as_str)).map(str::to_owned),
        _ => None,
    };
    Reason::NotOneOf { allowed, found, suggestion }
}

/// A JSON value as a person would write it: text without quotes.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
