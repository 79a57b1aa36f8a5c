#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::all;
use super::*;

const BOTH: [Language; 2] = Language::ALL;

/// Keys of a locale with the names of their arguments, read from the file's text.
fn declared(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    macro_rules! files {
        ($tag:literal) => {
            concat!(
                include_str!(concat!("../../locales/", $tag, "/bot.ftl")),
                include_str!(concat!("../../locales/", $tag, "/versions.ftl")),
                include_str!(concat!("../../locales/", $tag, "/people.ftl")),
            )
        };
    }
    let source = match language {
        Language::English => files!("en"),
        Language::Russian => files!("ru"),
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
    let listed: BTreeMap<String, BTreeSet<String>> = all()
        .iter()
        .map(|(key, arguments)| ((*key).to_owned(), arguments.iter().map(|name| (*name).to_owned()).collect()))
        .collect();
    assert_eq!(listed.len(), all().len(), "a key is listed twice");
    for language in BOTH {
        assert_eq!(declared(language), listed, "{language:?}");
    }
}

#[test]
fn every_sentence_renders_in_both_languages() {
    for (key, names) in all() {
        for number in [false, true] {
            let value = |name: &str| match (number || ["count", "line", "column"].contains(&name), name) {
                (true, _) => Value::Number(3),
                (false, _) => Value::Words(format!("<{name}>")),
            };
            let text = Text { key, arguments: names.iter().map(|name| (*name, value(name))).collect() };
            for language in BOTH {
                let said = text.say(language);
                assert!(!said.is_empty() && said != key && !said.contains(['{', '$']), "{language:?} {key}: {said}");
                assert!(!said.contains('\u{2068}'), "{key} has isolating marks");
            }
        }
    }
}

#[test]
fn the_progress_of_an_upload_is_told_in_these_words() {
    let said = |text: Text| text.say(Language::English);
    assert_eq!(said(Text::progress_validating()), "⏳ Downloading and validating…");
    assert_eq!(said(Text::progress_saving()), "🔒 Acquiring lock and saving…");
    assert_eq!(said(Text::saved("fees.yml")), "✅ fees.yml updated successfully!");
    assert_eq!(Text::saved("fees.yml").say(Language::Russian), "✅ fees.yml успешно обновлён!");
}

#[test]
fn russian_counts_as_russians_do() {
    for (count, ending) in
        [(1, "1 ошибка:"), (3, "3 ошибки:"), (5, "5 ошибок:"), (11, "11 ошибок:"), (21, "21 ошибка:")]
    {
        let said = Text::problems("fees.yml", count as i64).say(Language::Russian);
        assert!(said.ends_with(ending), "{said}");
    }
}

#[test]
fn russian_is_written_in_russian_letters() {
    for (key, names) in all() {
        let text = Text { key, arguments: names.iter().map(|name| (*name, Value::Number(1))).collect() };
        let said = text.say(Language::Russian);
        // A list line may consist of what the admin wrote.
        let cyrillic = said.chars().any(|c| ('а'..='я').contains(&c));
        assert!(cyrillic || ["problem", "problem-of-path"].contains(&key), "{key}: {said}");
    }
}

#[test]
fn a_person_gets_their_own_language_or_the_settings_one() {
    for (code, language) in [
        (Some("ru"), Language::Russian),
        (Some("ru-RU"), Language::Russian),
        (Some("EN_us"), Language::English),
        (Some("run"), Language::Russian),
        (Some("de"), Language::Russian),
        (None, Language::Russian),
    ] {
        assert_eq!(language_of(code, Language::Russian), language, "{code:?}");
    }
    assert_eq!(language_of(Some("run"), Language::English), Language::English);
}
