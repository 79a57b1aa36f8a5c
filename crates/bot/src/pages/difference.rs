//! A difference that somebody is to read, or to decide about: in the message where it fits, as a file where it does not.

use kinds::diff;

use super::Page;
use crate::texts::{Language, Text};
use crate::upload::problems::{MESSAGE_LIMIT, length};

/// Room for what a message says beside the difference and its head, such as a warning.
const RESERVE: usize = 300;

/// One side of a difference.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// How it is called, such as `fees.yml version 3`.
    pub(crate) label: String,
    /// The document.
    pub(crate) content: String,
}

/// `head`, and what differs between the two. `name` is the file's where one is needed. Takes a while: not for the runtime's
/// thread.
pub(crate) fn page(head: &str, old: &Side, new: &Side, name: &str, language: Language) -> Page {
    let unified = diff::unified(&old.content, &new.content, &old.label, &new.label);
    if unified.is_empty() {
        return Page { text: format!("{head}\n\n{}", Text::proposal_nothing().say(language)), ..Page::default() };
    }
    let shown = diff::harmless(&unified);
    let text = format!("{head}\n\n{}", shown.trim_end());
    if length(&text) + RESERVE <= MESSAGE_LIMIT {
        return Page { text, ..Page::default() };
    }
    let text = format!("{head}\n\n{}", Text::diff_as_file(name).say(language));
    Page { text, file: Some((name.to_owned(), unified)), ..Page::default() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(old: &str, new: &str) -> Page {
        let side = |label: &str, content: &str| Side { label: label.to_owned(), content: content.to_owned() };
        let head = Text::diff_head("fees.yml", 3_i64, 7_i64).say(Language::English);
        page(&head, &side("version 3", old), &side("version 7", new), "fees.v3-v7.diff", Language::English)
    }

    #[test]
    fn a_short_difference_stands_in_the_message() {
        let page = shown("a: 1\nb: 2\n", "a: 1\nb: 3\n");
        assert_eq!(
            page.text,
            "fees.yml: from version 3 to version 7\n\n--- version 3\n+++ version 7\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3"
        );
        assert_eq!(page.file, None);
        assert!(shown("a: 1\n", "a: 1\n").text.ends_with("\n\n(nothing)"));
    }

    #[test]
    fn a_long_difference_is_a_file_that_can_be_applied() {
        let new = "b: 1\n".repeat(2000);
        let page = shown("a: 1\n", &new);
        let Some((name, content)) = page.file else { unreachable!("it is too long") };
        assert_eq!((name.as_str(), content.len() > new.len()), ("fees.v3-v7.diff", true));
        assert!(page.text.ends_with("The differences are in fees.v3-v7.diff, above: they are too long for a message."));
    }

    #[test]
    fn what_would_mislead_the_reader_is_made_visible_in_the_message() {
        assert!(shown("a: 1\n", "a: \u{202e}1\n").text.contains("<U+202E>"));
    }

    proptest! {
        #[test]
        fn no_difference_is_too_long_for_telegram(old in "[a-z\u{1f600}\u{202e}\n]{0,4000}", new in "([a-z]{0,60}\n){0,80}") {
            let page = shown(&old, &new);
            prop_assert!(length(&page.text) + RESERVE <= MESSAGE_LIMIT);
        }
    }
}
