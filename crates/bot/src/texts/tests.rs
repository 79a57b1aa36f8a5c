use texts::Catalogue;

use super::catalogue::all;
use super::*;

#[test]
fn every_sentence_is_said_in_both_languages() {
    macro_rules! files {
        ($tag:literal) => {
            concat!(
                include_str!(concat!("../../locales/", $tag, "/bot.ftl")),
                include_str!(concat!("../../locales/", $tag, "/versions.ftl")),
                include_str!(concat!("../../locales/", $tag, "/people.ftl")),
            )
        };
    }
    let catalogue = Catalogue {
        words: &LOCALES,
        listed: all(),
        written: |language| match language {
            Language::English => files!("en"),
            Language::Russian => files!("ru"),
        },
        without_letters: &["problem", "problem-of-path"],
    };
    assert_eq!(catalogue.problems(), [""; 0]);
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
