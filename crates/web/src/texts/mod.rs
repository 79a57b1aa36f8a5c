//! What the page says, in English and Russian. Owns the rule which language a stranger gets; knows nothing of when what is said, nor
//! anything of HTML.

mod catalogue;

use fluent_templates::static_loader;
pub(crate) use texts::{Language, Value, language_of};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // What varies is set apart by the markup, and names are to be copied as they are.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

texts::text!(Text of LOCALES);

/// The language for a browser of which nobody knows yet whose it is: the first of ours that its `Accept-Language` names. The
/// order is taken for the preference, as browsers write it.
pub(crate) fn language_accepted(field: Option<&str>, otherwise: Language) -> Language {
    let tags = field.unwrap_or_default().split(',').map(|part| part.split(';').next().unwrap_or(part).trim());
    tags.filter_map(Language::from_tag).next().unwrap_or(otherwise)
}

#[cfg(test)]
mod tests;
