use texts::Catalogue;

use super::catalogue::ALL;
use super::*;

#[test]
fn every_sentence_is_said_in_both_languages() {
    let catalogue = Catalogue {
        words: &LOCALES,
        listed: ALL.to_vec(),
        written: |language| match language {
            Language::English => include_str!("../../locales/en/page.ftl"),
            Language::Russian => include_str!("../../locales/ru/page.ftl"),
        },
        without_letters: &["saved-by", "problem-of-path"],
    };
    assert_eq!(catalogue.problems(), [""; 0]);
}

#[test]
fn russian_counts_as_russians_do() {
    for (count, ending) in [(1, "1 ошибка."), (3, "3 ошибки."), (5, "5 ошибок."), (21, "21 ошибка.")]
    {
        let said = Text::problems(7_i64, "fees.yml", count as i64).say(Language::Russian);
        assert!(said.ends_with(ending), "{said}");
    }
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
