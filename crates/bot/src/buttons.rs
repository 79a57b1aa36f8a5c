//! What stands behind the buttons under our messages: the data that a press brings back, and its meaning. Pure.
//!
//! Telegram keeps 64 bytes with a button and sends them back, perhaps weeks later and from an older program's message. So the
//! data names what the button was about, never a place in a list, and whoever acts on it asks again how things stand now.

use interfaces::admins::Role;
use sha2::{Digest as _, Sha256};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use crate::texts::{Language, Text};

/// What Telegram keeps with a button, in bytes (Bot API, `InlineKeyboardButton`).
#[cfg(test)]
const DATA: usize = 64;
/// The longest kind's name that is written out. The settings allow no longer one.
const NAME: usize = 21;
/// How much of a hash stands for a longer name. Two numbers of 14 digits fit beside it.
const NAME_HASH: usize = 24;
/// How much of a content's hash tells it from others.
const CONTENT_HASH: usize = 16;
/// What stands for the hash of what has none.
const NO_HASH: &str = "-";

/// What a button means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Button {
    /// Cancels the upload that came with this update.
    Cancel { update: i64 },
    /// Saves the document of this update on top of the version shown, in place of a conflict's other side.
    Overwrite { update: i64, version: i64 },
    /// Sends the other side of a conflict.
    Theirs { update: i64 },
    /// Makes a version with the content of version `to`, on top of version `base`.
    Rollback { kind: Tag, to: i64, base: i64 },
    /// Shows versions older than this.
    History { kind: Tag, before: i64 },
    /// Shows open proposals older than this.
    Proposals { before: i64 },
    /// Approves a proposal.
    Approve { id: i64 },
    /// Declines a proposal, or withdraws it.
    Decline { id: i64 },
    /// Makes a version of a file changed by hand.
    Adopt { kind: Tag, sha256: Prefix },
    /// Publishes the current version in place of a file changed by hand; one that cannot be a version has no hash.
    Restore { kind: Tag, sha256: Option<Prefix> },
    /// Makes an invitation.
    Invite { role: Role },
    /// Asks whether somebody's roles are to be taken.
    Remove { user: i64 },
    /// Takes somebody's roles.
    ReallyRemove { user: i64 },
    /// Shows who may do what.
    Admins,
    /// Shows entries of the audit trail older than this, of all kinds or of one.
    Audit { before: i64, kind: Option<Tag> },
}

/// A kind as it stands in a button: its name, or a part of the name's hash where that is too long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tag(String);

impl Tag {
    /// The kind of this name.
    pub(crate) fn of(kind: &str) -> Self {
        if is_name(kind) {
            return Self(kind.to_owned());
        }
        let hash: String = Sha256::digest(kind).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("#{}", hash.get(..NAME_HASH).unwrap_or_default()))
    }

    /// Whether it is the kind of this name that is meant.
    pub(crate) fn is_for(&self, kind: &str) -> bool {
        *self == Self::of(kind)
    }

    /// As far as it can be shown to a person when there is no such kind.
    pub(crate) fn shown(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let is_tag = is_name(text) || text.strip_prefix('#').is_some_and(|hash| is_hex(hash, NAME_HASH));
        is_tag.then(|| Self(text.to_owned()))
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=NAME).contains(&text.len()) && text.bytes().all(allowed)
}

/// The beginning of a content's SHA-256, in lower-case hexadecimal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Prefix(String);

impl Prefix {
    /// Of this hash; none where that is no hash, as of a file that cannot be a version.
    pub(crate) fn of(sha256: &str) -> Option<Self> {
        sha256.get(..CONTENT_HASH).and_then(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        is_hex(text, CONTENT_HASH).then(|| Self(text.to_owned()))
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

const ROLES: [(Role, &str); 3] = [(Role::Viewer, "viewer"), (Role::Admin, "admin"), (Role::Owner, "owner")];

impl Button {
    /// What Telegram is to keep with the button.
    pub(crate) fn data(&self) -> String {
        match self {
            Self::Cancel { update } => format!("cancel:{update}"),
            Self::Overwrite { update, version } => format!("overwrite:{update}:{version}"),
            Self::Theirs { update } => format!("theirs:{update}"),
            Self::Rollback { kind, to, base } => format!("rollback:{}:{to}:{base}", kind.0),
            Self::History { kind, before } => format!("history:{}:{before}", kind.0),
            Self::Proposals { before } => format!("proposals:{before}"),
            Self::Approve { id } => format!("approve:{id}"),
            Self::Decline { id } => format!("decline:{id}"),
            Self::Adopt { kind, sha256 } => format!("adopt:{}:{}", kind.0, sha256.0),
            Self::Restore { kind, sha256 } => {
                format!("restore:{}:{}", kind.0, sha256.as_ref().map_or(NO_HASH, |prefix| &prefix.0))
            }
            Self::Invite { role } => {
                let name = ROLES.iter().find(|(known, _)| known == role).map_or("viewer", |(_, name)| name);
                format!("invite:{name}")
            }
            Self::Remove { user } => format!("remove:{user}"),
            Self::ReallyRemove { user } => format!("really_remove:{user}"),
            Self::Admins => "admins".to_owned(),
            Self::Audit { before, kind: None } => format!("audit:{before}"),
            Self::Audit { before, kind: Some(kind) } => format!("audit:{before}:{}", kind.0),
        }
    }

    /// What data of a press means; none where it is no button of ours, or one of a newer program.
    pub(crate) fn parse(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.split(':').collect();
        Some(match *parts.as_slice() {
            ["cancel", update] => Self::Cancel { update: number(update)? },
            ["overwrite", update, version] => Self::Overwrite { update: number(update)?, version: number(version)? },
            ["theirs", update] => Self::Theirs { update: number(update)? },
            ["rollback", kind, to, base] => {
                Self::Rollback { kind: Tag::parse(kind)?, to: number(to)?, base: number(base)? }
            }
            ["history", kind, before] => Self::History { kind: Tag::parse(kind)?, before: number(before)? },
            ["proposals", before] => Self::Proposals { before: number(before)? },
            ["approve", id] => Self::Approve { id: number(id)? },
            ["decline", id] => Self::Decline { id: number(id)? },
            ["adopt", kind, sha256] => Self::Adopt { kind: Tag::parse(kind)?, sha256: Prefix::parse(sha256)? },
            ["restore", kind, NO_HASH] => Self::Restore { kind: Tag::parse(kind)?, sha256: None },
            ["restore", kind, sha256] => {
                Self::Restore { kind: Tag::parse(kind)?, sha256: Some(Prefix::parse(sha256)?) }
            }
            ["invite", role] => {
                Self::Invite { role: ROLES.iter().find(|(_, name)| *name == role).map(|(role, _)| *role)? }
            }
            ["remove", user] => Self::Remove { user: number(user)? },
            ["really_remove", user] => Self::ReallyRemove { user: number(user)? },
            ["admins"] => Self::Admins,
            ["audit", before] => Self::Audit { before: number(before)?, kind: None },
            ["audit", before, kind] => Self::Audit { before: number(before)?, kind: Some(Tag::parse(kind)?) },
            _ => return None,
        })
    }
}

/// A number as [`Button::data`] writes it, and in no other way.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| *number >= 0 && number.to_string() == text)
}

/// Buttons below a message, a row each list.
pub(crate) fn keyboard(rows: &[&[(Text, Button)]], language: Language) -> InlineKeyboardMarkup {
    let button = |(text, button): &(Text, Button)| InlineKeyboardButton::callback(text.say(language), button.data());
    InlineKeyboardMarkup::new(rows.iter().map(|row| row.iter().map(button).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use proptest::prelude::*;

    use super::*;

    /// Numbers of versions, proposals and entries: with a thousand versions a second it takes 3000 years to reach the last of them.
    fn counted() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..100, 0..=99_999_999_999_999_i64]
    }

    /// Numbers that Telegram gives.
    fn given() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..100, 0..=i64::MAX]
    }

    fn tag() -> impl Strategy<Value = Tag> {
        prop_oneof!["[a-z][a-z0-9_]{0,20}", ".{0,40}"].prop_map(|name: String| Tag::of(&name))
    }

    fn prefix() -> impl Strategy<Value = Prefix> {
        "[0-9a-f]{64}".prop_map(|hash| Prefix::of(&hash).unwrap())
    }

    fn button() -> impl Strategy<Value = Button> {
        prop_oneof![
            given().prop_map(|update| Button::Cancel { update }),
            (given(), counted()).prop_map(|(update, version)| Button::Overwrite { update, version }),
            given().prop_map(|update| Button::Theirs { update }),
            (tag(), counted(), counted()).prop_map(|(kind, to, base)| Button::Rollback { kind, to, base }),
            (tag(), counted()).prop_map(|(kind, before)| Button::History { kind, before }),
            counted().prop_map(|before| Button::Proposals { before }),
            counted().prop_map(|id| Button::Approve { id }),
            counted().prop_map(|id| Button::Decline { id }),
            (tag(), prefix()).prop_map(|(kind, sha256)| Button::Adopt { kind, sha256 }),
            (tag(), proptest::option::of(prefix())).prop_map(|(kind, sha256)| Button::Restore { kind, sha256 }),
            proptest::sample::select(ROLES.map(|(role, _)| role).to_vec()).prop_map(|role| Button::Invite { role }),
            given().prop_map(|user| Button::Remove { user }),
            given().prop_map(|user| Button::ReallyRemove { user }),
            Just(Button::Admins),
            (counted(), proptest::option::of(tag())).prop_map(|(before, kind)| Button::Audit { before, kind }),
        ]
    }

    proptest! {
        #[test]
        fn a_press_brings_back_what_the_button_meant(button in button()) {
            let data = button.data();
            prop_assert!(data.len() <= DATA, "{data}");
            prop_assert_eq!(Button::parse(&data), Some(button));
        }

        #[test]
        fn any_bytes_are_one_button_in_one_spelling_or_none(
            data in prop_oneof![any::<String>(), "[a-z]{0,9}:[#a-f0-9_+-]{0,25}(:[0-9+-]{0,20}){0,2}"],
        ) {
            if let Some(button) = Button::parse(&data) {
                prop_assert_eq!(button.data(), data);
            }
        }

        #[test]
        fn a_kind_is_known_by_its_tag(one in ".{0,40}", other in ".{0,40}") {
            prop_assert!(Tag::of(&one).is_for(&one));
            prop_assert_eq!(Tag::of(&one).is_for(&other), one == other);
        }
    }

    #[test]
    fn what_was_never_ours_means_nothing() {
        for data in ["", "cancel", "cancel:", "cancel:-1", "cancel:+1", "cancel:01", "cancel:1:2", "CANCEL:1", "x:1"] {
            assert_eq!(Button::parse(data), None, "{data}");
        }
        assert_eq!(Prefix::of(""), None, "a file that cannot be a version has no hash");
    }
}
