//! What stands after a command, such as `fees 3 7` after `/diff`. Pure.

use interfaces::admins::Role;

use crate::registry::{Known, Registry};

/// Why the words are not what the command takes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wrong {
    /// A kind is missing, and there is not just one that could be meant.
    WhichKind,
    /// There is no such kind.
    NoSuchKind(String),
    /// Too few or too many words, or words in place of numbers.
    Form,
}

/// Which versions are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compared {
    /// What the newest one changed.
    Newest,
    /// An older one with the current one.
    WithCurrent(i64),
    /// Two, in the order given.
    Both(i64, i64),
}

/// Who gets which role.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Appointment {
    /// The Telegram user's id.
    pub(crate) user: i64,
    /// The role; absent: none any more.
    pub(crate) role: Option<Role>,
    /// The kind's name; absent: in general.
    pub(crate) kind: Option<String>,
}

/// The kind that a word means: its name, its command form, or its file. Nothing is taken for the only kind that there is.
pub(crate) fn kind<'k>(word: Option<&String>, kinds: &'k [Known]) -> Result<&'k Known, Wrong> {
    match (word, kinds) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Wrong::WhichKind),
        (Some(word), _) => named(word, kinds).ok_or_else(|| Wrong::NoSuchKind(word.clone())),
    }
}

fn named<'k>(word: &str, kinds: &'k [Known]) -> Option<&'k Known> {
    let by = |form: fn(&Known) -> &str| kinds.iter().find(|kind| form(kind).eq_ignore_ascii_case(word));
    // What is exact comes first: one kind's command may be another's name in other letters.
    let exactly = kinds.iter().find(|kind| kind.name == word);
    exactly.or_else(|| by(|kind| &kind.name)).or_else(|| by(|kind| &kind.command)).or_else(|| by(|kind| &kind.file))
}

/// A version's number, which may be written `v3`.
pub(crate) fn version(word: &str) -> Result<i64, Wrong> {
    let digits = word.strip_prefix(['v', 'V', 'в', 'В']).unwrap_or(word);
    let number = digits.parse().ok().filter(|number| *number > 0);
    number.filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())).ok_or(Wrong::Form)
}

/// What words mean that are about the past: a kind that is not there any more still has one.
pub(crate) fn past<'r, T>(registry: &'r Registry, read: impl Fn(&'r [Known]) -> Result<T, Wrong>) -> Result<T, Wrong> {
    match read(registry.kinds()) {
        Err(Wrong::NoSuchKind(word)) => read(registry.retired()).map_err(|_| Wrong::NoSuchKind(word)),
        meant => meant,
    }
}

/// The words of `/history` and `/audit`: at most a kind.
pub(crate) fn at_most_a_kind<'k>(words: &[String], kinds: &'k [Known]) -> Result<&'k Known, Wrong> {
    match words {
        [] | [_] => kind(words.first(), kinds),
        _ => Err(Wrong::Form),
    }
}

/// The words of `/diff`. The kind may be left out where there is only one.
pub(crate) fn diff<'k>(words: &[String], kinds: &'k [Known]) -> Result<(&'k Known, Compared), Wrong> {
    let (kind, numbers) = kind_and_numbers(words, kinds)?;
    let compared = match numbers.as_slice() {
        [] => Compared::Newest,
        [from] => Compared::WithCurrent(*from),
        [from, to] => Compared::Both(*from, *to),
        _ => return Err(Wrong::Form),
    };
    Ok((kind, compared))
}

/// The words of `/rollback`: a kind and the version to go back to.
pub(crate) fn rollback<'k>(words: &[String], kinds: &'k [Known]) -> Result<(&'k Known, i64), Wrong> {
    match kind_and_numbers(words, kinds)? {
        (kind, numbers) if numbers.len() == 1 => Ok((kind, numbers[0])),
        _ => Err(Wrong::Form),
    }
}

/// The words of `/get_<kind>`: at most a version.
pub(crate) fn at_most_a_version(words: &[String]) -> Result<Option<i64>, Wrong> {
    match words {
        [] => Ok(None),
        [word] => version(word).map(Some),
        _ => Err(Wrong::Form),
    }
}

fn kind_and_numbers<'k>(words: &[String], kinds: &'k [Known]) -> Result<(&'k Known, Vec<i64>), Wrong> {
    let numbers = |words: &[String]| words.iter().map(|word| version(word)).collect::<Result<Vec<_>, _>>();
    match (words, kinds) {
        // `/diff 3 7` where no kind is called 3.
        ([first, ..], [only]) if named(first, kinds).is_none() && version(first).is_ok() => Ok((only, numbers(words)?)),
        _ => Ok((kind(words.first(), kinds)?, numbers(words.get(1..).unwrap_or_default())?)),
    }
}

/// The words of `/admins`, where there are any: an id, a role, and perhaps a kind.
pub(crate) fn appointment(words: &[String], kinds: &[Known]) -> Result<Appointment, Wrong> {
    let [user, role, of @ ..] = words else { return Err(Wrong::Form) };
    let user = user.parse().ok().filter(|user| *user > 0).ok_or(Wrong::Form)?;
    let role = role_named(role).ok_or(Wrong::Form)?;
    let kind = match of {
        [] => None,
        [word] => Some(kind(Some(word), kinds)?.name.clone()),
        _ => return Err(Wrong::Form),
    };
    Ok(Appointment { user, role, kind })
}

/// A role by the words that people use for it; the inner value is absent for none at all.
fn role_named(word: &str) -> Option<Option<Role>> {
    match word.to_lowercase().as_str() {
        "viewer" | "наблюдатель" => Some(Some(Role::Viewer)),
        "admin" | "админ" | "администратор" => Some(Some(Role::Admin)),
        "owner" | "владелец" => Some(Some(Role::Owner)),
        "none" | "нет" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_there_no_more_still_has_a_past() {
        let registry = registry(&["fees"]);
        let meant = |word: &str| past(&registry, |kinds| at_most_a_kind(&[word.to_owned()], kinds));
        assert_eq!(
            (meant("fees").unwrap().file.as_str(), meant("Limits").unwrap().file.as_str()),
            ("fees.yml", "limits")
        );
        assert_eq!(meant("other").unwrap_err(), Wrong::NoSuchKind("other".to_owned()));
        let only = past(&registry, |kinds| at_most_a_kind(&[], kinds));
        assert_eq!(only.unwrap().name, "fees", "it is no choice");
    }

    fn registry(names: &[&str]) -> Registry {
        let kind = |name: &&str| interfaces::configs::Kind {
            name: (*name).to_owned(),
            file: format!("{name}.yml"),
            schema: "{}".to_owned(),
            rules: None,
            approval: false,
            current: 0,
            by_hand: None,
        };
        Registry::new(names.iter().map(kind).collect(), vec!["limits".to_owned()]).unwrap()
    }

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_kind_is_known_by_its_name_its_command_and_its_file() {
        let registry = registry(&["fees", "late-fees"]);
        for (word, name) in [
            ("fees", "fees"),
            ("Fees", "fees"),
            ("late-fees", "late-fees"),
            ("late_fees", "late-fees"),
            ("fees.yml", "fees"),
        ] {
            let found = at_most_a_kind(&words(word), registry.kinds());
            assert_eq!(found.unwrap().name, name, "{word}");
        }
        let wrong = |text| at_most_a_kind(&words(text), registry.kinds()).unwrap_err();
        assert_eq!(wrong("frogs"), Wrong::NoSuchKind("frogs".to_owned()));
        assert_eq!((wrong(""), wrong("fees now")), (Wrong::WhichKind, Wrong::Form));
    }

    #[test]
    fn what_is_compared_may_be_left_out() {
        let registry = registry(&["fees", "rates"]);
        for (text, compared) in [
            ("fees", Ok(Compared::Newest)),
            ("fees 3", Ok(Compared::WithCurrent(3))),
            ("fees v3 7", Ok(Compared::Both(3, 7))),
            ("fees 7 3", Ok(Compared::Both(7, 3))),
            ("fees three", Err(Wrong::Form)),
            ("fees 0", Err(Wrong::Form)),
            ("fees -3", Err(Wrong::Form)),
            ("fees +3", Err(Wrong::Form)),
            ("fees 3 7 9", Err(Wrong::Form)),
            ("3 7", Err(Wrong::NoSuchKind("3".to_owned()))),
        ] {
            assert_eq!(diff(&words(text), registry.kinds()).map(|(_, compared)| compared), compared, "{text}");
        }
    }

    #[test]
    fn where_there_is_one_kind_it_need_not_be_named() {
        let registry = registry(&["fees"]);
        assert_eq!(diff(&words("3 7"), registry.kinds()).unwrap().1, Compared::Both(3, 7));
        assert_eq!(diff(&words(""), registry.kinds()).unwrap().1, Compared::Newest);
        assert_eq!(rollback(&words("3"), registry.kinds()).unwrap().1, 3);
        assert!(at_most_a_kind(&[], registry.kinds()).is_ok());
        assert!(at_most_a_kind(&[], self::registry(&[]).kinds()).is_err());
    }

    #[test]
    fn a_rollback_needs_its_version() {
        let registry = registry(&["fees", "rates"]);
        assert_eq!(rollback(&words("rates 2"), registry.kinds()).unwrap().1, 2);
        for text in ["rates", "rates 2 3", "rates two"] {
            assert_eq!(rollback(&words(text), registry.kinds()).unwrap_err(), Wrong::Form, "{text}");
        }
    }

    #[test]
    fn a_role_is_given_in_either_language_in_general_or_for_a_kind() {
        let registry = registry(&["fees", "late-fees"]);
        let appointed = |text| appointment(&words(text), registry.kinds());
        let is = |role, kind: Option<&str>| Ok(Appointment { user: 1003, role, kind: kind.map(str::to_owned) });
        assert_eq!(appointed("1003 viewer"), is(Some(Role::Viewer), None));
        assert_eq!(appointed("1003 Владелец"), is(Some(Role::Owner), None));
        assert_eq!(appointed("1003 admin late_fees"), is(Some(Role::Admin), Some("late-fees")));
        assert_eq!(appointed("1003 none fees"), is(None, Some("fees")));
        for text in ["1003", "anna admin", "1003 king", "-5 admin", "1003 admin fees now"] {
            assert_eq!(appointed(text), Err(Wrong::Form), "{text}");
        }
        assert_eq!(appointed("1003 admin frogs"), Err(Wrong::NoSuchKind("frogs".to_owned())));
    }

    proptest! {
        #[test]
        fn no_words_are_too_odd(text in any::<String>(), one: bool) {
            let registry = registry(if one { &["fees"] } else { &["fees", "rates"] });
            let words = words(&text);
            let _ = (diff(&words, registry.kinds()), rollback(&words, registry.kinds()));
            let _ = (appointment(&words, registry.kinds()), at_most_a_version(&words));
        }
    }
}
