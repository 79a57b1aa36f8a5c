//! The groups of a scenario: who is in them, and how steps name them.

use yaml::{Node, Shape};

use crate::control::{MemberStatus, RoomKind};
use crate::nearest::meant;
use crate::scenario::Person;
use crate::scenario::deed::{Which, Who};
use crate::scenario::flaw::{Flaw, Mistake};
use crate::scenario::read::{flaw, text, unknown_keys};

pub(super) const KEYS: [&str; 5] = ["name", "kind", "members", "bot", "as"];
const EXAMPLE: &str = "{name: Team, members: [anna]}";
const KINDS: [(&str, RoomKind); 3] =
    [("group", RoomKind::Group), ("supergroup", RoomKind::Supergroup), ("channel", RoomKind::Channel)];
/// What the bot is from the start; `none` if it comes later.
const BOT: [(&str, Option<MemberStatus>); 3] =
    [("member", Some(MemberStatus::Member)), ("administrator", Some(MemberStatus::Administrator)), ("none", None)];

/// A chat that several people and the bot share.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// What the steps call it.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) kind: RoomKind,
    /// The first of them creates it.
    pub(crate) members: Vec<Who>,
    pub(crate) bot: Option<MemberStatus>,
}

/// Reads `groups`, noting all that is wrong with them.
pub(super) fn groups(root: Node<'_>, people: &[Person], flaws: &mut Vec<Flaw>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let Some(list) = root.get("groups") else { return groups };
    if list.shape() != Shape::Sequence {
        flaws.push(flaw(list, Mistake::NotAList { key: "groups".to_owned() }));
    }
    for node in list.items() {
        unknown_keys("a group", node, &KEYS, flaws);
        match group(node, people) {
            Ok(group) => {
                let mut others = people.iter().map(|person| &person.key).chain(groups.iter().map(|group| &group.key));
                if others.any(|other| *other == group.key) {
                    flaws.push(flaw(node, Mistake::SameName { key: group.key }));
                } else {
                    groups.push(group);
                }
            }
            Err(wrong) => flaws.push(wrong),
        }
    }
    groups
}

fn group(node: Node<'_>, people: &[Person]) -> Result<Group, Flaw> {
    if node.shape() != Shape::Mapping {
        return Err(flaw(node, Mistake::NotAMapping { what: "a group" }));
    }
    let missing = || flaw(node, Mistake::Missing { place: "a group".to_owned(), key: "name", example: EXAMPLE });
    let title = text(node.get("name").ok_or_else(missing)?, "name")?;
    let kind = node.get("kind").map_or(Ok(RoomKind::Group), |kind| one_of(kind, "kind", &KINDS))?;
    let usual = if kind == RoomKind::Channel { MemberStatus::Administrator } else { MemberStatus::Member };
    let listed = node.get("members").filter(|list| list.items().next().is_some());
    let listed = listed.ok_or_else(|| flaw(node, Mistake::NobodyInIt))?;
    let members = listed.items().map(|name| member(name, people)).collect::<Result<Vec<Who>, Flaw>>()?;
    Ok(Group {
        key: node.get("as").map(|key| text(key, "as")).transpose()?.unwrap_or_else(|| title.clone()).to_lowercase(),
        title,
        kind,
        members,
        bot: node.get("bot").map_or(Ok(Some(usual)), |bot| one_of(bot, "bot", &BOT))?,
    })
}

fn one_of<T: Copy>(node: Node<'_>, key: &'static str, words: &[(&str, T)]) -> Result<T, Flaw> {
    let found = node.written().unwrap_or("…");
    let names = || words.iter().map(|(word, _)| *word);
    let wrong = || Mistake::NotOneOf {
        key,
        words: names().collect::<Vec<&str>>().join(", "),
        found: found.to_owned(),
        hint: meant(found, names()),
    };
    let known = words.iter().find(|(word, _)| *word == found);
    known.map(|(_, meaning)| *meaning).ok_or_else(|| flaw(node, wrong()))
}

fn member(node: Node<'_>, people: &[Person]) -> Result<Who, Flaw> {
    let name = text(node, "members")?;
    let keys = || people.iter().map(|person| person.key.as_str());
    let known = keys().position(|key| key == name.to_lowercase());
    known.ok_or_else(|| flaw(node, Mistake::NoPerson { hint: hint(&name, keys()), name }))
}

/// The group that a step names.
pub(super) fn named(node: Node<'_>, key: &str, groups: &[Group]) -> Result<Which, Flaw> {
    let name = text(node, key)?;
    let keys = || groups.iter().map(|group| group.key.as_str());
    let known = keys().position(|key| key == name.to_lowercase());
    known.ok_or_else(|| flaw(node, Mistake::NoGroup { hint: hint(&name, keys()), name }))
}

/// What may have been meant, or what there is.
pub(super) fn hint<'k>(name: &str, keys: impl Iterator<Item = &'k str> + Clone) -> String {
    match meant(name, keys.clone()) {
        near if !near.is_empty() => near,
        _ => match keys.collect::<Vec<&str>>() {
            none if none.is_empty() => "; there is none, add one".to_owned(),
            all => format!("; there is {}", all.join(", ")),
        },
    }
}
