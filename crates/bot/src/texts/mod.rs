//! What the bot says, in English and Russian. Knows nothing of when it is said.

mod catalogue;

use fluent_templates::static_loader;
pub(crate) use texts::{Language, Value, language_of};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Telegram shows plain text as it is; isolating marks would only make names impossible to copy.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

texts::text!(Text of LOCALES);

#[cfg(test)]
mod tests;
