//! The kinds of config that there are, as the writer names them, each with what checks a document of it.

use std::sync::Arc;

use interfaces::configs;
use serde::Deserialize as _;
use serde::de::value::StrDeserializer;

/// A kind of config.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its name.
    pub(crate) name: String,
    /// How its file is called.
    pub(crate) file: String,
    /// What stands after `/set_` and `/get_`: the name, as far as a command may hold it.
    pub(crate) command: String,
    /// A version of it needs a second admin.
    pub(crate) approval: bool,
    /// Checks documents.
    pub(crate) checker: Arc<kinds::Kind>,
}

/// All kinds.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    /// In the order of the settings.
    declared: Vec<Known>,
    /// What the settings do not name any more, but has a history. How their files were called nobody knows any more.
    retired: Vec<Known>,
}

/// A kind that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// Its schema.
    #[error("the schema of {kind}")]
    Schema {
        /// Which kind.
        kind: String,
        /// Why.
        #[source]
        source: kinds::SchemaError,
    },
    /// Its rules.
    #[error("the rules of {kind}")]
    Rules {
        /// Which kind.
        kind: String,
        /// Why.
        #[source]
        source: serde::de::value::Error,
    },
}

impl Registry {
    /// The kinds in a form that documents can be checked with, and the names of those that are there no more.
    ///
    /// # Errors
    /// When a schema cannot be used.
    pub(crate) fn new(kinds: Vec<configs::Kind>, retired: Vec<String>) -> Result<Self, RegistryError> {
        let declared = kinds.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { declared, retired: retired.into_iter().map(gone).collect() })
    }

    /// All that there are.
    pub(crate) fn kinds(&self) -> &[Known] {
        &self.declared
    }

    /// Those that are there no more. Their versions may be looked at, and nothing else.
    pub(crate) fn retired(&self) -> &[Known] {
        &self.retired
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Known> {
        self.declared.iter().find(|kind| kind.name == name)
    }
}

fn known(kind: configs::Kind) -> Result<Known, RegistryError> {
    let configs::Kind { name, file, schema, rules, approval, current: _, by_hand: _ } = kind;
    let rules = rules.map(|rules| kinds::Rules::deserialize(StrDeserializer::<serde::de::value::Error>::new(&rules)));
    let rules = rules.transpose().map_err(|source| RegistryError::Rules { kind: name.clone(), source })?;
    let checker = kinds::Kind { name: name.clone(), file: file.clone(), schema: schema.into(), rules };
    checker.check().map_err(|source| RegistryError::Schema { kind: name.clone(), source })?;
    Ok(Known { command: command(&name), name, file, approval, checker: Arc::new(checker) })
}

/// A kind of which there is only the past. No document is checked for it.
fn gone(name: String) -> Known {
    let checker = kinds::Kind { name: name.clone(), file: name.clone(), schema: "{}".into(), rules: None };
    Known { command: command(&name), file: name.clone(), name, approval: false, checker: Arc::new(checker) }
}

/// Commands hold lower-case letters, digits and underscores only (Bot API, `BotCommand`).
fn command(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use super::*;

    fn kind(name: &str, schema: &str, rules: Option<&str>) -> configs::Kind {
        let (name, schema, rules) = (name.to_owned(), schema.to_owned(), rules.map(str::to_owned));
        configs::Kind { file: format!("{name}.yml"), name, schema, rules, approval: false, current: 0, by_hand: None }
    }

    #[test]
    fn kinds_are_found_by_name_and_by_command() {
        let registry =
            Registry::new(vec![kind("fees", "{}", Some("fees")), kind("late-fees", "{}", None)], vec!["old".into()]);
        let registry = registry.unwrap();
        assert_eq!(registry.named("late-fees").unwrap().command, "late_fees");
        assert!(registry.named("late_fees").is_none());
        assert!(registry.named("old").is_none(), "it can only be looked back at");
        assert_eq!(registry.retired()[0].file, "old");
        assert!(registry.named("fees").unwrap().checker.rules.is_some());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let told = |kind| format!("{:#}", anyhow::Error::new(Registry::new(vec![kind], Vec::new()).unwrap_err()));
        assert!(told(kind("a", "{", None)).starts_with("the schema of a: "));
        assert!(told(kind("a", "{}", Some("nonsense"))).starts_with("the rules of a: "));
    }
}
