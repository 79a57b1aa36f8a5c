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
        /// What stands after it, word by word.
        words: Vec<String>,
    },
}

/// The longest command that Telegram's menus allow.
const LONGEST: usize = 32;
/// More words than any command takes.
const MOST_WORDS: usize = 8;

/// Takes `text` apart; `me` is the bot's user name without `@`.
pub(crate) fn parse(text: &str, me: &str) -> Parsed {
    let Some(rest) = text.strip_prefix('/').filter(|rest| !rest.starts_with(char::is_whitespace)) else {
        return Parsed::Words;
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let Some(word) = words.next() else { return Parsed::Words };
    let (name, addressee) = match word.split_once('@') {
        Some((name, addressee)) => (name, Some(addressee)),
        None => (word.as_str(), None),
    };
    let well_formed =
        !name.is_empty() && name.len() <= LONGEST && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !well_formed {
        return Parsed::Words;
    }
    match addressee {
        Some(addressee) if !addressee.eq_ignore_ascii_case(me) => Parsed::ForAnother,
        _ => Parsed::Command {
            name: name.to_ascii_lowercase(),
            addressed: addressee.is_some(),
            words: words.take(MOST_WORDS).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(name: &str, addressed: bool) -> Parsed {
        Parsed::Command { name: name.to_owned(), addressed, words: Vec::new() }
    }

    #[test]
    fn what_stands_after_a_command_is_taken_word_by_word() {
        let words = ["fees", "3", "7"].map(str::to_owned).to_vec();
        let parsed = Parsed::Command { name: "diff".to_owned(), addressed: true, words };
        assert_eq!(parse("/diff@natrium_bot  fees 3\n7 ", "natrium_bot"), parsed);
    }

    #[test]
    fn commands_are_told_from_words() {
        for (text, parsed) in [
            ("/start", command("start", false)),
            ("/Set_Fees@Natrium_Bot", command("set_fees", true)),
            ("/help@other_bot", Parsed::ForAnother),
            ("/help\n", command("help", false)),
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
            if let Parsed::Command { name, words, .. } = parse(&text, "natrium_bot") {
                prop_assert!(!name.is_empty() && name.len() <= LONGEST && words.len() <= MOST_WORDS);
            }
        }
    }
}
