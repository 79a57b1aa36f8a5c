#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::ALL;
use super::*;

/// Keys of a locale with the names of their arguments, read from the file's text.
fn declared(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let source = match language {
        Language::English => include_str!("../../locales/en/page.ftl"),
        Language::Russian => include_str!("../../locales/ru/page.ftl"),
    };
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = None;
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ")
            && line.starts_with(|c: char| c.is_ascii_lowercase())
        {
            assert!(messages.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} is there twice");
            key = Some(name.to_owned());
        }
        for part in line.split('$').skip(1) {
            let argument: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            messages.get_mut(key.as_ref().unwrap()).unwrap().insert(argument);
        }
    }
    messages
}

#[test]
fn both_languages_say_what_the_catalogue_lists_with_the_same_arguments() {
    let listed: BTreeMap<String, BTreeSet<String>> = ALL
        .iter()
        .map(|(key, arguments)| ((*key).to_owned(), arguments.iter().map(|name| (*name).to_owned()).collect()))
        .collect();
    assert_eq!(listed.len(), ALL.len(), "a key is listed twice");
    for language in Language::ALL {
        assert_eq!(declared(language), listed, "{language:?}");
    }
}

#[test]
fn every_sentence_renders_in_both_languages() {
    for (key, names) in ALL {
        for number in [false, true] {
            let value = |name: &str| match (number || ["count", "line", "column"].contains(&name), name) {
                (true, _) => Value::Number(3),
                (false, _) => Value::Words(format!("<{name}>")),
            };
            let text = Text { key, arguments: names.iter().map(|name| (*name, value(name))).collect() };
            for language in Language::ALL {
                let said = text.say(language);
                assert!(!said.is_empty() && said != *key && !said.contains(['{', '$']), "{language:?} {key}: {said}");
                assert!(!said.contains('\u{2068}'), "{key} has isolating marks");
            }
        }
    }
}

#[test]
fn russian_is_written_in_russian_letters_and_counts_as_russians_do() {
    for (key, names) in ALL {
        let text = Text { key, arguments: names.iter().map(|name| (*name, Value::Number(1))).collect() };
        let said = text.say(Language::Russian);
        let cyrillic = said.chars().any(|c| ('а'..='я').contains(&c));
        // These consist of what varies.
        assert!(cyrillic || ["saved-by", "problem-of-path"].contains(key), "{key}: {said}");
    }
    for (count, ending) in [(1, "1 ошибка."), (3, "3 ошибки."), (5, "5 ошибок."), (21, "21 ошибка.")]
    {
        let said = Text::problems(7_i64, "fees.yml", count as i64).say(Language::Russian);
        assert!(said.ends_with(ending), "{said}");
    }
}

#[test]
fn a_person_gets_their_own_language_or_the_settings_one() {
    for (code, language) in
        [(Some("ru-RU"), Language::Russian), (Some("EN_us"), Language::English), (Some("de"), Language::Russian)]
    {
        assert_eq!(language_of(code, Language::Russian), language, "{code:?}");
    }
    assert_eq!(language_of(None, Language::English), Language::English);
}

#[test]
fn a_stranger_gets_the_first_language_of_ours_that_the_browser_names() {
    for (field, language) in [
        (Some("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7"), Language::Russian),
        (Some("de, en;q=0.7, ru"), Language::English),
        (Some("de,*"), Language::Russian),
        (Some(";;;,,,"), Language::Russian),
        (None, Language::Russian),
    ] {
        assert_eq!(language_accepted(field, Language::Russian), language, "{field:?}");
    }
}
