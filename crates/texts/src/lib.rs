//! How people are told things in their own language.
//!
//! A [`Sentence`] has not chosen its language; [`Sentence::say`] chooses. Times, sizes, roles and authors take the reader's form at
//! that moment ([`Value`]). Which sentences there are is each program's own: [`text!`] makes the type of those whose words it has in
//! its locales, [`sentences!`] lists them, and [`Catalogue`] finds in a test what an admin would find otherwise.

mod catalogue;
mod people;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, StaticLoader, langid};
pub use kinds::Language;

pub use crate::catalogue::{Catalogue, Listed};
pub use crate::value::Value;

static ENGLISH: LanguageIdentifier = langid!("en");
static RUSSIAN: LanguageIdentifier = langid!("ru");

/// The language for somebody whose Telegram client says `code` (IETF, such as `ru` or `en-GB`); `otherwise` is the settings'
/// choice for all who use none of ours.
pub fn language_of(code: Option<&str>, otherwise: Language) -> Language {
    code.and_then(Language::from_tag).unwrap_or(otherwise)
}

fn id(language: Language) -> &'static LanguageIdentifier {
    match language {
        Language::English => &ENGLISH,
        Language::Russian => &RUSSIAN,
    }
}

/// A sentence that has not chosen its language yet.
#[derive(Clone)]
pub struct Sentence {
    words: &'static StaticLoader,
    key: &'static str,
    arguments: Vec<(&'static str, Value)>,
}

impl Sentence {
    /// The one that `words` have under this key, with what varies in it.
    pub fn new(words: &'static StaticLoader, key: &'static str, arguments: Vec<(&'static str, Value)>) -> Self {
        Self { words, key, arguments }
    }

    /// The sentence in a language.
    pub fn say(&self, language: Language) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'static>> =
            self.arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), value.in_language(language))).collect();
        // That every key exists in every language and renders is tested; the key is better than silence.
        let said = self.words.lookup_single_language(id(language), self.key, Some(&arguments));
        said.unwrap_or_else(|_| self.key.to_owned())
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(self.key).field(&self.arguments).finish()
    }
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.words, other.words) && self.key == other.key && self.arguments == other.arguments
    }
}

/// Makes the type of the sentences whose words a static of `static_loader!` has: `text!(Text of LOCALES)`.
#[macro_export]
macro_rules! text {
    ($text:ident of $words:ident) => {
        /// A sentence that has not chosen its language yet. The functions that make one are listed in the catalogue.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $text($crate::Sentence);

        impl $text {
            fn new(key: &'static str, arguments: Vec<(&'static str, $crate::Value)>) -> Self {
                Self($crate::Sentence::new(&$words, key, arguments))
            }

            /// The sentence in a language.
            pub(crate) fn say(&self, language: $crate::Language) -> String {
                self.0.say(language)
            }
        }

        impl From<$text> for $crate::Value {
            fn from(text: $text) -> Self {
                Self::Sentence(Box::new(text.0))
            }
        }
    };
}

/// Lists sentences, each as a function of what varies in it, and gives the list a name for tests.
#[macro_export]
macro_rules! sentences {
    ($text:ident, $listing:ident: $($(#[$doc:meta])* $name:ident($($argument:ident),*) = $key:literal;)*) => {
        impl $text {
            $(
                $(#[$doc])*
                pub(crate) fn $name($($argument: impl Into<$crate::Value>),*) -> Self {
                    Self::new($key, vec![$((stringify!($argument), $argument.into())),*])
                }
            )*
        }

        /// All keys here with their arguments.
        #[cfg(test)]
        pub(super) const $listing: &[$crate::Listed] = &[$(($key, &[$(stringify!($argument)),*])),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
