//! What the page says, in English and Russian.
//!
//! A [`Text`] is a sentence that has not chosen its language; [`Text::say`] chooses. Owns the languages and the rule which one a
//! person gets; must not know when what is said, nor anything of HTML.

mod catalogue;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, langid, static_loader};
pub(crate) use kinds::Language;

pub(crate) use self::value::Value;

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // What varies is set apart by the markup, and names are to be copied as they are.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static RUSSIAN: LanguageIdentifier = langid!("ru");

/// The language for somebody whose Telegram client says `code` (IETF, such as `ru` or `en-GB`); `otherwise` is the settings'
/// choice for all who use none of ours.
pub(crate) fn language_of(code: Option<&str>, otherwise: Language) -> Language {
    code.and_then(Language::from_tag).unwrap_or(otherwise)
}

/// The language for a browser of which nobody knows yet whose it is: the first of ours that its `Accept-Language` names. The
/// order is taken for the preference, as browsers write it.
pub(crate) fn language_accepted(field: Option<&str>, otherwise: Language) -> Language {
    let tags = field.unwrap_or_default().split(',').map(|part| part.split(';').next().unwrap_or(part).trim());
    tags.filter_map(Language::from_tag).next().unwrap_or(otherwise)
}

fn id(language: Language) -> &'static LanguageIdentifier {
    match language {
        Language::English => &ENGLISH,
        Language::Russian => &RUSSIAN,
    }
}

/// A sentence that has not chosen its language yet. The functions that make one are listed in `catalogue.rs`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    key: &'static str,
    arguments: Vec<(&'static str, Value)>,
}

impl Text {
    /// The sentence in a language.
    pub(crate) fn say(&self, language: Language) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'static>> =
            self.arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), value.in_language(language))).collect();
        // That every key exists in every language and renders is tested; the key is better than silence.
        LOCALES.lookup_single_language(id(language), self.key, Some(&arguments)).unwrap_or_else(|_| self.key.to_owned())
    }
}

#[cfg(test)]
mod tests;
