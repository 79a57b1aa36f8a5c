//! What is wrong with a list of sentences and their words, for a test of the program that says them.

use std::collections::{BTreeMap, BTreeSet};

use fluent_templates::StaticLoader;

use crate::{Language, Sentence, Value};

/// A key with the names of what varies in its sentence.
pub type Listed = (&'static str, &'static [&'static str]);

/// Arguments that choose the form of the words beside them.
const COUNTS: [&str; 3] = ["count", "line", "column"];

/// The sentences of a program.
#[derive(Clone)]
pub struct Catalogue {
    /// Their words.
    pub words: &'static StaticLoader,
    /// All of them.
    pub listed: Vec<Listed>,
    /// The files that the words are read from, one after the other.
    pub written: fn(Language) -> &'static str,
    /// Sentences that consist of what varies in them.
    pub without_letters: &'static [&'static str],
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("listed", &self.listed).finish_non_exhaustive()
    }
}

impl Catalogue {
    /// All that is wrong: a key or an argument that is missing in a language or in the list, a sentence that cannot be said, one that
    /// is not Russian in Russian. The first line of a message has to stand on the line of its key.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, arguments) in &self.listed {
            if listed.insert(key, arguments.iter().copied().collect()).is_some() {
                problems.push(format!("{key} is listed twice"));
            }
        }
        for language in Language::ALL {
            let written = keys((self.written)(language), &mut problems);
            let keys: BTreeSet<&str> = written.keys().chain(listed.keys()).copied().collect();
            for key in keys.into_iter().filter(|key| written.get(key) != listed.get(key)) {
                problems.push(format!("{language} {key}: {:?} but {:?}", written.get(key), listed.get(key)));
            }
        }
        for (key, names) in &self.listed {
            for number in [false, true] {
                problems
                    .extend(Language::ALL.into_iter().filter_map(|language| self.unsaid(key, names, number, language)));
            }
        }
        problems
    }

    /// What is wrong with a sentence in a language, with numbers or words as its arguments.
    fn unsaid(&self, key: &'static str, names: &[&'static str], number: bool, language: Language) -> Option<String> {
        let value = |name: &'static str| match number || COUNTS.contains(&name) {
            true => Value::Number(3),
            false => Value::Words(format!("<{name}>")),
        };
        let arguments = names.iter().map(|name| (*name, value(name))).collect();
        let said = Sentence::new(self.words, key, arguments).say(language);
        let is_said = !said.is_empty() && said != key && !said.contains(['{', '$', '\u{2068}']);
        let is_russian = said.chars().any(|letter| ('а'..='я').contains(&letter));
        let is_right = language == Language::English || is_russian || self.without_letters.contains(&key);
        (!is_said || !is_right).then(|| format!("{language} {key}: {said:?}"))
    }
}

/// Keys of a file with the names of their arguments.
fn keys<'a>(source: &'a str, problems: &mut Vec<String>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut messages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut key = "";
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ")
            && line.starts_with(|letter: char| letter.is_ascii_lowercase())
        {
            if messages.insert(name, BTreeSet::new()).is_some() {
                problems.push(format!("{name} is written twice"));
            }
            key = name;
        }
        for part in line.split('$').skip(1) {
            let end = part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(part.len());
            messages.entry(key).or_default().insert(&part[..end]);
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use fluent_templates::static_loader;

    use super::*;

    static_loader! {
        static LOCALES = {
            locales: "./locales",
            fallback_language: "en",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }

    fn problems(listed: &[Listed], english: &'static str) -> String {
        let written: fn(Language) -> &'static str = match english {
            "missing" => |_| "",
            "twice" => |_| "role-none = none\nrole-none = none",
            _ => |_| "role-none = none\nauthor-operator = { $name }",
        };
        Catalogue { words: &LOCALES, listed: listed.to_vec(), written, without_letters: &[] }.problems().join("; ")
    }

    #[test]
    fn whatever_is_missing_is_found() {
        let (none, operator): (Listed, Listed) = (("role-none", &[]), ("author-operator", &["name"]));
        assert_eq!(problems(&[none, operator], ""), "");
        assert!(problems(&[none], "").contains("author-operator: Some({\"name\"}) but None"));
        assert!(problems(&[none, operator, operator], "").contains("author-operator is listed twice"));
        let misnamed = problems(&[none, ("author-operator", &["nam"])], "");
        assert!(misnamed.contains("en author-operator: Some({\"name\"}) but Some({\"nam\"})"), "{misnamed}");
        assert!(misnamed.contains("ru author-operator: \"author-operator\""), "{misnamed}");
        assert!(problems(&[none], "missing").contains("role-none: None but Some({})"));
        assert!(problems(&[none], "twice").contains("role-none is written twice"));
        assert!(problems(&[("role-some", &[])], "").contains("role-some: \"role-some\""));
    }
}
