//! The text in an element, with what is said about each of its UTF-16 units.

use percent_encoding::percent_decode_str;
use scraper::{ElementRef, Node};

/// A text; beside each unit what holds of it, in a fixed order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rich {
    pub(crate) text: String,
    pub(crate) marks: Vec<Vec<String>>,
    /// Where links lead.
    pub(crate) links: Vec<String>,
}

/// Reads an element as a browser shows it, but for white space, which stays.
pub(crate) fn read(element: ElementRef<'_>) -> Rich {
    let mut rich = Rich::default();
    walk(element, &mut Vec::new(), &mut rich);
    rich
}

/// Only the text.
pub(crate) fn text(element: ElementRef<'_>) -> String {
    read(element).text
}

fn walk(element: ElementRef<'_>, marks: &mut Vec<String>, rich: &mut Rich) {
    for child in element.children() {
        if let Node::Text(text) = child.value() {
            push(rich, text, marks);
        } else if let Some(child) = ElementRef::wrap(child) {
            if child.value().name() == "br" {
                push(rich, "\n", marks);
            } else if is_emoji(child) {
                // Its letters are the emoji; that they are bold is how it looks without a picture.
                let emoji: String = child.text().collect();
                assert_picture(child, &emoji);
                push(rich, &emoji, marks);
            } else {
                let mark = mark(child, rich);
                let is_marked = mark.is_some();
                marks.extend(mark);
                walk(child, marks, rich);
                if is_marked {
                    marks.pop();
                }
            }
        }
    }
}

fn push(rich: &mut Rich, text: &str, marks: &[String]) {
    let mut sorted = marks.to_vec();
    sorted.sort();
    sorted.dedup();
    rich.text.push_str(text);
    rich.marks.extend(text.encode_utf16().map(|_| sorted.clone()));
}

fn is_emoji(element: ElementRef<'_>) -> bool {
    element.value().name() == "i" && element.value().classes().any(|class| class == "emoji")
}

/// An emoji's picture is named by its bytes.
fn assert_picture(element: ElementRef<'_>, emoji: &str) {
    let bare: String = emoji.chars().filter(|character| *character != '\u{fe0f}').collect();
    let name: String = bare.bytes().map(|byte| format!("{byte:02X}")).collect();
    let style = element.attr("style").unwrap_or_default();
    assert!(style.contains(&format!("/img/emoji/40/{name}.png")), "{emoji} has {style}");
}

fn mark(element: ElementRef<'_>, rich: &mut Rich) -> Option<String> {
    let mark = match element.value().name() {
        "b" => "bold",
        "i" => "italic",
        "u" => "underline",
        "s" => "strike",
        "code" => "code",
        "pre" => "pre",
        "tg-spoiler" => "spoiler",
        "blockquote" if element.attr("expandable").is_some() => "folded quote",
        "blockquote" => "quote",
        "tg-emoji" => return Some(format!("emoji {}", element.attr("emoji-id").unwrap_or_default())),
        "a" => {
            let href = element.attr("href").unwrap_or_default();
            rich.links.push(href.to_owned());
            return Some(link(element, href));
        }
        _ => return None,
    };
    Some(mark.to_owned())
}

fn link(element: ElementRef<'_>, href: &str) -> String {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    match (href.strip_prefix("?q="), href.strip_prefix("https://t.me/"), element.attr("onclick")) {
        (Some(tag), _, _) => format!("tag {}", decoded(tag)),
        (_, _, Some(onclick)) => {
            assert_eq!(onclick, r"return confirm('Open this link?\n\n'+this.href);");
            format!("link {href}")
        }
        (_, Some(name), None) if element.attr("rel").is_none() => format!("mention {name}"),
        _ => format!("address {href}"),
    }
}
