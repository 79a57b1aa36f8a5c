//! Which command a message is. Pure.

/// What a message's text is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Parsed {
    /// No command.
    Words,
    /// A command for another bot in the same group.
    ForAnother,
    /// A command.
    Command {
        /// Its name in lower case, without the slash.
        name: String,
        /// Whether it names this bot (`/help@this_bot`).
        addressed: bool,
    },
}

/// The longest command that Telegram's menus allow.
const LONGEST: usize = 32;

/// Takes `text` apart; `me` is the bot's user name without `@`.
pub(crate) fn parse(text: &str, me: &str) -> Parsed {
    let Some(word) = text
        .strip_prefix('/')
        .and_then(|rest| rest.split_whitespace().next().filter(|_| !rest.starts_with(char::is_whitespace)))
    else {
        return Parsed::Words;
    };
    let (name, addressee) = match word.split_once('@') {
        Some((name, addressee)) => (name, Some(addressee)),
        None => (word, None),
    };
    let well_formed =
        !name.is_empty() && name.len() <= LONGEST && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !well_formed {
        return Parsed::Words;
    }
    match addressee {
        Some(addressee) if !addressee.eq_ignore_ascii_case(me) => Parsed::ForAnother,
        _ => Parsed::Command { name: name.to_ascii_lowercase(), addressed: addressee.is_some() },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(name: &str, addressed: bool) -> Parsed {
        Parsed::Command { name: name.to_owned(), addressed }
    }

    #[test]
    fn commands_are_told_from_words() {
        for (text, parsed) in [
            ("/start", command("start", false)),
            ("/set_fees now, please", command("set_fees", false)),
            ("/Set_Fees@Natrium_Bot", command("set_fees", true)),
            ("/help@other_bot", Parsed::ForAnother),
            ("/help\nline", command("help", false)),
            ("hello", Parsed::Words),
            ("", Parsed::Words),
            ("/", Parsed::Words),
            ("/ start", Parsed::Words),
            ("/etc/passwd", Parsed::Words),
            ("/цены", Parsed::Words),
            (" /start", Parsed::Words),
        ] {
            assert_eq!(parse(text, "natrium_bot"), parsed, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            if let Parsed::Command { name, .. } = parse(&text, "natrium_bot") {
                prop_assert!(!name.is_empty() && name.len() <= LONGEST);
            }
        }
    }
}
