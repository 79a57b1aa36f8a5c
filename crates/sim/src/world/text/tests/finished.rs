use super::shown;
use crate::world::text::{ParseMode, finished, formatted, plain};

/// What Telegram stores of a text in HTML.
fn check(source: &str, text: &str, entities: &str) {
    let found = formatted(source, ParseMode::Html).map_err(|error| error.to_string());
    assert_eq!(
        found.map(|found| (found.text, shown(&found.entities))),
        Ok((text.to_owned(), entities.to_owned())),
        "{source:?}"
    );
}

#[test]
fn blanks_and_control_characters_go() {
    check(" \n a \n ", "a", "");
    check("<b> a </b> ", " a", "bold@0+2");
    check(" <b> </b> a", "  a", "bold@0+1");
    check("a\r\n<b>b</b>\tc", "a\nb c", "bold@2+1");
    check("<b>a\u{202e}b</b>c", "abc", "bold@0+2");
    check("<b>\n</b>", "", "");
    check("<b>\r</b>a", "a", "");
    check("<b>a</b>\r<b>b</b>", "ab", "bold@0+2");
}

#[test]
fn styles_are_cut_and_joined() {
    check("<b>bold <i>both</i></b>", "bold both", "bold@0+5 bold@5+4 italic@5+4");
    check("<b>a</b><b>b</b>", "ab", "bold@0+2");
    check("<b>a<b>b</b>c</b>", "abc", "bold@0+3");
    check("<i>a <b>b</b> c</i>", "a b c", "italic@0+2 italic@2+3 bold@2+1");
    check("<s><u>a</u></s>", "a", "underline@0+1 strikethrough@0+1");
    check("<b>a <code>b</code> c</b>", "a b c", "bold@0+2 code@2+1 bold@3+2");
    check("<code>a <b>b</b></code>", "a b", "code@0+3");
    check("<a href='a.org'>a <b>b</b></a>", "a b", "text_link(http://a.org/)@0+3 bold@2+1");
    check("<b>a <a href='a.org'>b</a></b>", "a b", "bold@0+2 text_link(http://a.org/)@2+1 bold@2+1");
}

#[test]
fn some_entities_do_not_go_together() {
    check("<pre><code>a</code></pre>", "a", "pre@0+1");
    check("<a href='a.org'>a <code>b</code></a>", "a b", "text_link(http://a.org/)@0+3");
    check("<blockquote>a <code>b</code></blockquote>", "a b", "blockquote@0+3 code@2+1");
    check("<blockquote>a <blockquote>b</blockquote></blockquote>", "a b", "blockquote@0+3");
    check("<code>a <blockquote>b</blockquote></code>", "a b", "blockquote@2+1");
    check("<b>a <blockquote>b</blockquote></b>", "a b", "bold@0+2 blockquote@2+1 bold@2+1");
    check("<a href='a.org'><tg-emoji emoji-id=5>😀</tg-emoji></a>", "😀", "text_link(http://a.org/)@0+2");
}

#[test]
fn what_is_found_is_merged_in() {
    check("<b>see /help now</b>", "see /help now", "bold@0+4 bot_command@4+5 bold@4+5 bold@9+4");
    check("<code>/help</code> /help", "/help /help", "code@0+5 bot_command@6+5");
    check("<a href='a.org'>@anna_b</a> @anna_b", "@anna_b @anna_b", "text_link(http://a.org/)@0+7 mention@8+7");
    check("<blockquote>#a</blockquote>", "#a", "blockquote@0+2 hashtag@0+2");
    check("😀 <i>x</i> example.org", "😀 x example.org", "italic@3+1 url@5+11");
    check("<b>4242 4242 4242 4242</b>", "4242 4242 4242 4242", "bank_card_number@0+19 bold@0+19");
    check("@an<b>na_b</b>", "@anna_b", "mention@0+7 bold@3+4");
}

#[test]
fn a_hundred_entities_stay_and_all_that_is_found() {
    let many = "<b>a</b> ".repeat(150) + "/help";
    let text = formatted(&many, ParseMode::Html).unwrap_or_default();
    assert_eq!(text.entities.len(), 101);
    assert_eq!(shown(&text.entities[99..]), "bold@198+1 bot_command@300+5");
}

#[test]
fn all_three_notations_say_the_same() {
    let expected = plain("a").text;
    for (source, mode) in [("*a*", ParseMode::Markdown), ("*a*", ParseMode::MarkdownV2), ("<b>a</b>", ParseMode::Html)]
    {
        let text = formatted(source, mode).unwrap_or_default();
        assert_eq!((text.text.as_str(), shown(&text.entities).as_str()), (expected.as_str(), "bold@0+1"), "{mode:?}");
    }
    for (source, mode) in [("*a", ParseMode::Markdown), ("*a", ParseMode::MarkdownV2), ("<b>a", ParseMode::Html)] {
        let error = formatted(source, mode).map_err(|error| error.to_string()).err().unwrap_or_default();
        assert!(error.starts_with("Can't parse entities: Can't find end"), "{error}");
    }
    assert_eq!(ParseMode::named("mArKdOwNv2"), Some(ParseMode::MarkdownV2));
    assert_eq!(ParseMode::named("bbcode"), None);
    assert_eq!(finished("", Vec::new()).unwrap_or_default(), plain(""));
}
