//! What holds of any text.

use proptest::prelude::*;

use crate::control::{Entity, EntityKind, MentionedUser};
use crate::world::text::{ParseMode, finished, formatted, html, markdown, markdown_v2, utf16_len};

/// Texts full of marks.
fn marked() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[_*\\[\\]()~`>#+=|{}.!\\\\\n\r <-]{1,3}",
        "[aя😀\u{301}]",
        Just("||".to_owned()),
        Just("```".to_owned()),
        Just("![x](tg://emoji?id=5)".to_owned()),
        Just("](a.org)".to_owned()),
        Just("<b>".to_owned()),
        Just("</b>".to_owned()),
        Just("<a href=\"a.org\">".to_owned()),
        Just("</a>".to_owned()),
        Just("&#x1f600;".to_owned()),
        Just("@anna_b ".to_owned()),
        Just("http://a.org/(x)".to_owned()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Characters that Telegram keeps as they are.
fn kept() -> impl Strategy<Value = String> {
    "[ -~яé😀\u{301}\n]{0,40}"
}

fn style() -> impl Strategy<Value = EntityKind> {
    prop::sample::select(vec![
        EntityKind::Bold,
        EntityKind::Italic,
        EntityKind::Underline,
        EntityKind::Strikethrough,
        EntityKind::Spoiler,
        EntityKind::Code,
        EntityKind::Pre { language: None },
        EntityKind::Pre { language: Some("c".to_owned()) },
        EntityKind::TextLink { url: "http://a.org/(x)\\".to_owned() },
        EntityKind::TextMention { user: MentionedUser { id: 7 } },
        EntityKind::CustomEmoji { custom_emoji_id: "5".to_owned() },
        EntityKind::DateTime { unix_time: 9, date_time_format: "wdT".to_owned() },
    ])
}

/// A text of words, some with one or two entities around them that may nest.
fn written() -> impl Strategy<Value = Vec<(String, Vec<EntityKind>)>> {
    let word = "[a-z.!*_я😀\\\\<&-]{1,5}";
    let kinds = prop::collection::vec(style(), 0..3).prop_map(|kinds| {
        // Two of a kind are one, and nothing is inside of code, links and the like but styles.
        let mut nested: Vec<EntityKind> = Vec::new();
        for kind in kinds {
            let is_alone = |kind: &EntityKind| {
                matches!(kind, EntityKind::Code | EntityKind::Pre { .. } | EntityKind::DateTime { .. })
            };
            let is_whole = |kind: &EntityKind| {
                !matches!(
                    kind,
                    EntityKind::Bold
                        | EntityKind::Italic
                        | EntityKind::Underline
                        | EntityKind::Strikethrough
                        | EntityKind::Spoiler
                )
            };
            let fits =
                nested.iter().all(|outer| *outer != kind && !is_alone(outer) && !(is_whole(outer) && is_whole(&kind)));
            if fits && (nested.is_empty() || !is_alone(&kind)) {
                nested.push(kind);
            }
        }
        nested
    });
    prop::collection::vec((word, kinds), 1..6)
}

fn text_of(words: &[(String, Vec<EntityKind>)]) -> (String, Vec<Entity>) {
    let mut text = String::new();
    let mut entities = Vec::new();
    for (word, kinds) in words {
        let (offset, length) = (utf16_len(&text), utf16_len(word));
        entities.extend(kinds.iter().map(|kind| Entity { offset, length, kind: kind.clone() }));
        text.push_str(word);
        text.push(' ');
    }
    (text, entities)
}

fn escaped_v2(text: &str) -> String {
    let escape = |character: char| match character {
        '\\' | '_' | '*' | '[' | ']' | '(' | ')' | '~' | '`' | '>' | '#' | '+' | '-' | '=' | '|' | '{' | '}' | '.'
        | '!' => {
            format!("\\{character}")
        }
        _ => character.to_string(),
    };
    text.chars().map(escape).collect()
}

fn escaped_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn in_v2(words: &[(String, Vec<EntityKind>)]) -> String {
    let one = |(word, kinds): &(String, Vec<EntityKind>)| {
        kinds.iter().rev().fold(escaped_v2(word), |inside, kind| match kind {
            EntityKind::Bold => format!("*{inside}*"),
            // An empty bold keeps marks of one character apart from those of two.
            EntityKind::Italic => format!("_**{inside}**_**"),
            EntityKind::Underline => format!("__**{inside}**__**"),
            EntityKind::Strikethrough => format!("~{inside}~"),
            EntityKind::Spoiler => format!("||{inside}||"),
            EntityKind::Code => format!("`{inside}`"),
            EntityKind::Pre { language: None } => format!("```\n{inside}```"),
            EntityKind::Pre { language: Some(language) } => format!("```{language}\n{inside}```"),
            EntityKind::TextLink { url } => format!("[{inside}]({})", escaped_v2(url)),
            EntityKind::TextMention { user } => format!("[{inside}](tg://user?id={})", user.id),
            EntityKind::CustomEmoji { custom_emoji_id } => format!("![{inside}](tg://emoji?id={custom_emoji_id})"),
            EntityKind::DateTime { unix_time, date_time_format } => {
                format!("![{inside}](tg://time?unix={unix_time}&format={date_time_format})")
            }
            _ => inside,
        }) + " "
    };
    words.iter().map(one).collect()
}

fn in_html(words: &[(String, Vec<EntityKind>)]) -> String {
    let one = |(word, kinds): &(String, Vec<EntityKind>)| {
        kinds.iter().rev().fold(escaped_html(word), |inside, kind| match kind {
            EntityKind::Bold => format!("<b>{inside}</b>"),
            EntityKind::Italic => format!("<em>{inside}</em>"),
            EntityKind::Underline => format!("<ins>{inside}</ins>"),
            EntityKind::Strikethrough => format!("<del>{inside}</del>"),
            EntityKind::Spoiler => format!("<span class=\"tg-spoiler\">{inside}</span>"),
            EntityKind::Code => format!("<code>{inside}</code>"),
            EntityKind::Pre { language: None } => format!("<pre>{inside}</pre>"),
            EntityKind::Pre { language: Some(language) } => {
                format!("<pre><code class=\"language-{language}\">{inside}</code></pre>")
            }
            EntityKind::TextLink { url } => format!("<a href=\"{}\">{inside}</a>", escaped_html(url)),
            EntityKind::TextMention { user } => format!("<a href=\"tg://user?id={}\">{inside}</a>", user.id),
            EntityKind::CustomEmoji { custom_emoji_id } => {
                format!("<tg-emoji emoji-id=\"{custom_emoji_id}\">{inside}</tg-emoji>")
            }
            EntityKind::DateTime { unix_time, date_time_format } => {
                format!("<tg-time unix=\"{unix_time}\" format=\"{date_time_format}\">{inside}</tg-time>")
            }
            _ => inside,
        }) + " "
    };
    words.iter().map(one).collect()
}

const MODES: [ParseMode; 3] = [ParseMode::Markdown, ParseMode::MarkdownV2, ParseMode::Html];

/// Where the byte offset of an error points: at what it blames.
fn blamed<'a>(source: &'a str, error: &str) -> Option<&'a str> {
    let (_, number) = error.split_once("byte offset ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    source.get(number[..digits].parse().ok()?..)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken_or_refused_at_a_place_inside_it(source in prop_oneof![marked(), any::<String>()]) {
        for mode in MODES {
            match formatted(&source, mode) {
                Ok(text) => {
                    let units: Vec<u16> = text.text.encode_utf16().collect();
                    for entity in &text.entities {
                        prop_assert!(entity.length > 0 && entity.end() <= units.len(), "{:?}", entity);
                        prop_assert!(String::from_utf16(&units[entity.offset..entity.end()]).is_ok(), "{:?}", entity);
                    }
                    let again = finished(&text.text, text.entities.iter().filter(|e| e.kind.is_set()).cloned().collect());
                    prop_assert_eq!(again, Ok(text), "what is stored stays as it is");
                }
                Err(error) => {
                    let error = error.to_string();
                    if let Some(number) = error.contains("byte offset").then(|| blamed(&source, &error)) {
                        prop_assert!(number.is_some(), "{} in {:?}", error, source);
                    }
                }
            }
        }
    }

    #[test]
    fn errors_blame_the_byte_that_begins_the_fault(source in marked()) {
        for mode in MODES {
            let Err(error) = formatted(&source, mode) else { continue };
            let error = error.to_string();
            let Some(rest) = blamed(&source, &error) else { continue };
            let begins = |marks: &[&str]| marks.iter().any(|mark| rest.starts_with(mark));
            let is_right = match mode {
                ParseMode::Markdown => begins(&["_", "*", "`", "["]),
                ParseMode::Html if error.contains("end tag at") => begins(&["</"]),
                ParseMode::Html if error.contains("name token") => source[..source.len() - rest.len()].trim_end().ends_with('='),
                ParseMode::Html => begins(&["<"]),
                ParseMode::MarkdownV2 if error.contains("a URL") => source[..source.len() - rest.len()].ends_with("]("),
                ParseMode::MarkdownV2 => {
                    let name = error.split_once("end of ").and_then(|(_, rest)| rest.split(' ').next());
                    begins(match name {
                        Some("Bold") => &["*"],
                        Some("Italic") => &["_"],
                        Some("Underline") => &["__"],
                        Some("Strikethrough") => &["~"],
                        Some("Spoiler") => &["||"],
                        Some("Code") => &["`"],
                        Some("Pre" | "PreCode") => &["```"],
                        Some("TextUrl") => &["["],
                        Some("CustomEmoji") => &["!["],
                        Some("BlockQuote") => &[">"],
                        _ => &[],
                    })
                }
            };
            prop_assert!(is_right, "{} in {:?} at {:?}", error, source, rest);
        }
    }

    #[test]
    fn an_escaped_text_is_that_text(text in kept()) {
        prop_assert_eq!(markdown_v2::parse(&escaped_v2(&text)), Ok((text.clone(), vec![])));
        prop_assert_eq!(html::parse(&escaped_html(&text)), Ok((text.clone(), vec![])));
        let legacy = text.replace('\\', "").replace('_', "\\_").replace('*', "\\*").replace('`', "\\`").replace('[', "\\[");
        prop_assert_eq!(markdown::parse(&legacy), Ok((text.replace('\\', ""), vec![])));
    }

    #[test]
    fn what_is_written_out_is_read_back(words in written()) {
        let (text, entities) = text_of(&words);
        let expected = finished(&text, entities);
        let (v2, html) = (in_v2(&words), in_html(&words));
        prop_assert_eq!(formatted(&v2, ParseMode::MarkdownV2), expected.clone(), "{}", v2);
        prop_assert_eq!(formatted(&html, ParseMode::Html), expected, "{}", html);
    }

    #[test]
    fn any_given_entities_settle_or_are_refused(
        text in kept(),
        places in prop::collection::vec((0_usize..12, 0_usize..9, style()), 0..8),
    ) {
        let entities = places.into_iter().map(|(offset, length, kind)| Entity { offset, length, kind }).collect();
        if let Ok(text) = finished(&text, entities) {
            let own: Vec<Entity> = text.entities.iter().filter(|entity| entity.kind.is_set()).cloned().collect();
            for (index, one) in own.iter().enumerate() {
                for other in &own[index + 1..] {
                    let apart = other.offset >= one.end() || one.offset >= other.end();
                    let nested = one.offset <= other.offset && other.end() <= one.end();
                    prop_assert!(apart || nested, "{:?} crosses {:?}", one, other);
                }
            }
            prop_assert_eq!(finished(&text.text, own), Ok(text));
        }
    }
}
