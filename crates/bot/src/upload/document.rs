//! What a document's name and size alone say: whether it may be a config at all. Pure.

use crate::texts::{Text, Value};

/// The largest config, in bytes. It is the limit of [`kinds`] too; here it is known before the download.
pub(crate) const LIMIT: u64 = 1024 * 1024;

/// What Telegram tells about a document before it is downloaded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Offer {
    /// Its file name, if it has one.
    pub(crate) name: Option<String>,
    /// Its size in bytes, if known.
    pub(crate) size: Option<u64>,
}

/// Why a document is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// More bytes than a config may have; `size` is how many there are, or how many had arrived.
    TooLarge { name: String, size: u64 },
    /// No bytes.
    Empty { name: String },
    /// The name does not end in `.yml` or `.yaml`.
    Extension { name: String, suggested: String },
    /// It has no name, so its type cannot be told; `suggested` is one.
    Unnamed,
    /// Telegram does not hand it over.
    NotDelivered { reason: String },
}

impl Offer {
    /// Says what is against the document as a new version of the config file `file`.
    ///
    /// # Errors
    /// The first thing that is.
    pub(crate) fn check(&self, file: &str) -> Result<(), Refusal> {
        let Some(name) = self.name.as_deref().map(shown).filter(|name| !name.is_empty()) else {
            return Err(Refusal::Unnamed);
        };
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        match self.size {
            Some(0) => return Err(Refusal::Empty { name }),
            Some(size) if size > LIMIT => return Err(Refusal::TooLarge { name, size }),
            Some(_) | None => {}
        }
        if !["yml", "yaml"].contains(&extension.to_ascii_lowercase().as_str()) {
            let wanted = file.rsplit_once('.').map_or("yml", |(_, extension)| extension);
            let suggested = if stem.is_empty() { file.to_owned() } else { format!("{stem}.{wanted}") };
            return Err(Refusal::Extension { suggested, name });
        }
        Ok(())
    }

    /// The name as it may be shown.
    pub(crate) fn shown_name(&self, otherwise: &str) -> String {
        self.name.as_deref().map(shown).filter(|name| !name.is_empty()).unwrap_or_else(|| otherwise.to_owned())
    }
}

impl Refusal {
    /// The refusal of a document that was to become `file`.
    pub(crate) fn text(&self, file: &str) -> Text {
        match self {
            Self::TooLarge { name, size } => Text::document_too_large(name, Value::Size(*size), Value::Size(LIMIT)),
            Self::Empty { name } => Text::document_empty(name),
            Self::Extension { name, suggested } => Text::document_extension(name, suggested),
            Self::Unnamed => Text::document_unnamed(file),
            Self::NotDelivered { reason } => Text::document_not_delivered(reason),
        }
    }
}

/// A name from outside, safe to show: without control characters and marks that turn the direction of text, and not long.
fn shown(name: &str) -> String {
    const LONGEST: usize = 64;
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = name.chars().filter(harmless).collect();
    match clean.char_indices().nth(LONGEST) {
        None => clean,
        // The end says what it is, so the middle is what goes.
        Some(_) => {
            let chars: Vec<char> = clean.chars().collect();
            let (head, tail) = (chars.iter().take(LONGEST - 13), chars.iter().skip(chars.len() - 12));
            head.chain(['…'].iter()).chain(tail).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use proptest::prelude::*;

    use super::*;

    fn offer(name: &str, size: u64) -> Offer {
        Offer { name: Some(name.to_owned()), size: Some(size) }
    }

    #[test]
    fn yaml_names_are_taken_in_any_case_and_with_unknown_size() {
        for name in ["fees.yml", "FEES.YAML", "fees (1).yml", "тарифы.yml", ".yml"] {
            assert_eq!(offer(name, LIMIT).check("fees.yml"), Ok(()), "{name}");
        }
        assert_eq!(Offer { name: Some("a.yml".to_owned()), size: None }.check("fees.yml"), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        let extension = |name: &str, suggested: &str| {
            Err(Refusal::Extension { name: name.to_owned(), suggested: suggested.to_owned() })
        };
        assert_eq!(offer("fees.txt", 10).check("fees.yml"), extension("fees.txt", "fees.yml"));
        assert_eq!(offer("fees", 10).check("fees.yaml"), extension("fees", "fees.yaml"));
        assert_eq!(offer(".txt", 10).check("fees.yml"), extension(".txt", "fees.yml"));
        assert_eq!(offer("", 10).check("fees.yml"), Err(Refusal::Unnamed));
        assert_eq!(offer("a.yml", 0).check("fees.yml"), Err(Refusal::Empty { name: "a.yml".to_owned() }));
        let size = 30 * LIMIT;
        assert_eq!(offer("a.zip", size).check("fees.yml"), Err(Refusal::TooLarge { name: "a.zip".to_owned(), size }));
        assert!(offer("a.yml", LIMIT + 1).check("fees.yml").is_err());
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let name = shown(&format!("{}.yaml", "n".repeat(500)));
        assert!(name.chars().count() <= 64 && name.ends_with("nnn.yaml"), "{name}");
    }

    proptest! {
        #[test]
        fn no_name_breaks_a_line_or_grows(name in any::<String>()) {
            let name = shown(&name);
            prop_assert!(name.chars().count() <= 64 && !name.contains(char::is_control));
        }
    }
}
