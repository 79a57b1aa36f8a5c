//! The manifest: what a backup is of, and what is in it. As read it is anybody's word, and checked before it is believed.

use interfaces::offline::PublishedKind;
use interfaces::store::{Member, STORE};
use serde::{Deserialize, Serialize};

use super::ustar;

/// The only format so far.
pub(crate) const FORMAT: u64 = 1;
/// How the settings are called.
pub(crate) const SETTINGS: &str = "settings.json";

/// Entries at most.
const MEMBERS: usize = 1000;
/// Bytes of a published file or of settings at most.
const SMALL: i64 = 16 << 20;

/// What is in a backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The version of the file's own format.
    pub(crate) format: u64,
    /// The instance that it is of, as its settings name it.
    pub(crate) instance: String,
    /// The version of the program that wrote it.
    pub(crate) natrium: String,
    /// The schema of the store.
    pub(crate) schema: i64,
    /// Of which moment it is, in Unix milliseconds.
    pub(crate) taken_ms: i64,
    /// What follows, in this order.
    pub(crate) members: Vec<Member>,
}

impl Manifest {
    /// What makes no sense in it.
    pub(crate) fn fault(&self) -> Option<String> {
        let Some((store, others)) = self.members.split_first() else { return Some("it is empty".to_owned()) };
        if store.name != STORE || store.kind.is_some() || store.version.is_some() {
            return Some("the store does not come first".to_owned());
        }
        if self.members.len() > MEMBERS || self.taken_ms < 0 || self.schema < 1 {
            return Some("its numbers make no sense".to_owned());
        }
        let mut names: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < self.members.len() {
            return Some("a name stands in it twice".to_owned());
        }
        let wrong = self.members.iter().find(|member| !is_hash(&member.sha256) || member.bytes < 0);
        let wrong = wrong.or_else(|| others.iter().find(|member| !is_other(member)));
        wrong.map(|member| format!("{:?} makes no sense", member.name))
    }

    /// When the backup was taken, in Unix seconds.
    pub(crate) fn taken_s(&self) -> u64 {
        u64::try_from(self.taken_ms / 1000).unwrap_or(0)
    }

    /// The kinds whose files are in it.
    pub(crate) fn kinds(&self) -> Vec<PublishedKind> {
        let kind = |member: &Member| {
            let file = member.name.strip_prefix("published/")?.to_owned();
            Some(PublishedKind { kind: member.kind.clone()?, file })
        };
        self.members.iter().filter_map(kind).collect()
    }

    /// The published files in it.
    pub(crate) fn published(&self) -> Vec<&Member> {
        self.members.iter().filter(|member| member.kind.is_some()).collect()
    }

    /// The store.
    pub(crate) fn store(&self) -> Option<&Member> {
        self.members.first()
    }
}

fn is_other(member: &Member) -> bool {
    let is_plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    let is_named = match member.name.strip_prefix("published/") {
        Some(file) => is_plain(file) && member.kind.is_some() && member.version.is_some_and(|version| version >= 1),
        None => member.name == SETTINGS && member.kind.is_none() && member.version.is_none(),
    };
    is_named && member.name.len() <= ustar::NAME && member.bytes <= SMALL
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
