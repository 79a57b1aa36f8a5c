//! The steps of a scenario: what each of them is called, what it takes, what it means.

use std::time::Duration;

use yaml::{Entry, Node, Shape};

use crate::api;
use crate::control::{MemberStatus, RoomKind};
use crate::nearest::meant;
use crate::scenario::deed::{Deed, Sight};
use crate::scenario::fault::fault;
use crate::scenario::flaw::{Flaw, Mistake};
use crate::scenario::group::{Group, named};
use crate::scenario::read::{flaw, number, text, time, unknown_key, unknown_keys, wrong_number, wrong_time};
use crate::scenario::shelf::{Shelf, Source};
use crate::scenario::{Person, duration};

/// A step, with its choices still open.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Do { line: u32, said: String, deed: Deed },
    Repeat { line: u32, least: u64, most: u64, steps: Vec<Step> },
    OneOf { choices: Vec<(u32, Vec<Step>)> },
    Shuffle { groups: Vec<Vec<Step>> },
}

/// What a person does or expects: the words after the name, and the keys that may stand beside.
pub(super) const VERBS: [(&str, &[&str]); 16] = [
    ("says", &["in"]),
    ("edits", &["in"]),
    ("sends", &["as", "in"]),
    ("sends photo", &["in"]),
    ("presses", &["within", "in"]),
    ("blocks the bot", &[]),
    ("unblocks the bot", &[]),
    ("joins", &[]),
    ("leaves", &[]),
    ("sees", &["within", "in"]),
    ("sees now", &["within", "in"]),
    ("sees button", &["within", "in"]),
    ("gets", &["within", "in"]),
    ("does not see", &["for", "in"]),
    ("saw", &["times", "in"]),
    ("is answered", &["within"]),
];

/// What becomes of a group: the words after its name.
pub(super) const GROUP_VERBS: [(&str, &[&str]); 5] = [
    ("is renamed", &[]),
    ("becomes a supergroup", &[]),
    ("lets the bot in", &[]),
    ("makes the bot an admin", &[]),
    ("throws the bot out", &[]),
];

/// Steps that are nobody's.
pub(super) const OTHERS: [(&str, &[&str]); 10] = [
    ("fault", &[]),
    ("clear faults", &[]),
    ("wait", &[]),
    ("clock", &[]),
    ("bot called", &[]),
    ("bot polls", &["within"]),
    ("bot confirms", &["within"]),
    ("repeat", &["steps"]),
    ("one of", &[]),
    ("shuffle", &[]),
];

/// How long is looked whether something does not happen.
const LOOK: Duration = Duration::from_secs(1);

/// A step as it is written.
struct Written<'d> {
    node: Node<'d>,
    /// What it is, as written.
    head: &'d str,
    /// The same without a name.
    verb: &'static str,
    /// Whose name that is, of people or groups; 0 if nobody's.
    who: usize,
    value: Option<Node<'d>>,
}

impl<'d> Written<'d> {
    fn beside(&self, key: &str) -> Option<Node<'d>> {
        self.node.get(key)
    }

    fn value(&self) -> Result<Node<'d>, Flaw> {
        let said = self.value.filter(|value| value.shape() != Shape::Null);
        said.ok_or_else(|| flaw(self.node, Mistake::NothingSaid { head: self.head.to_owned() }))
    }

    fn text(&self) -> Result<String, Flaw> {
        text(self.value()?, self.head)
    }

    /// As a person would quote it.
    fn said(&self) -> String {
        match self.value {
            None => self.head.to_owned(),
            Some(value) => format!("{}: {}", self.head, shown(value)),
        }
    }
}

fn shown(node: Node<'_>) -> String {
    match node.shape() {
        Shape::Mapping => {
            let entries = node.entries().map(|entry| format!("{}: {}", entry.key, shown(entry.value)));
            format!("{{{}}}", entries.collect::<Vec<String>>().join(", "))
        }
        Shape::Sequence => "[…]".to_owned(),
        _ => node.written().unwrap_or_default().lines().next().unwrap_or_default().to_owned(),
    }
}

/// Reads steps, noting all that is wrong with them.
pub(super) struct Reader<'s> {
    pub(super) people: &'s [Person],
    pub(super) groups: &'s [Group],
    pub(super) shelf: &'s Shelf,
    pub(super) patience: Duration,
    pub(super) flaws: &'s mut Vec<Flaw>,
}

impl Reader<'_> {
    pub(super) fn steps(&mut self, key: &str, list: Node<'_>) -> Vec<Step> {
        if list.shape() != Shape::Sequence {
            self.flaws.push(flaw(list, Mistake::NotAList { key: key.to_owned() }));
        }
        let mut steps = Vec::new();
        for node in list.items() {
            match self.step(node) {
                Ok(step) => steps.push(step),
                Err(wrong) => self.flaws.push(wrong),
            }
        }
        steps
    }

    fn step(&mut self, node: Node<'_>) -> Result<Step, Flaw> {
        let written = self.written(node)?;
        match written.verb {
            "repeat" => self.repeat(&written),
            "one of" => Ok(Step::OneOf { choices: self.choices(&written, true)? }),
            "shuffle" => {
                let groups = self.choices(&written, false)?;
                Ok(Step::Shuffle { groups: groups.into_iter().map(|(_, steps)| steps).collect() })
            }
            _ => {
                let deed = self.deed(&written)?;
                Ok(Step::Do { line: node.place().line, said: written.said(), deed })
            }
        }
    }

    /// Finds out what a step is; what stands beside must belong to it.
    fn written<'d>(&mut self, node: Node<'d>) -> Result<Written<'d>, Flaw> {
        let first = node.entries().next();
        let head = first.map(|entry| entry.key).or_else(|| node.text());
        let head = head.ok_or_else(|| flaw(node, self.no_step(&shown(node))))?;
        let (who, verb, beside) = self.meaning(head).ok_or_else(|| flaw(node, self.no_step(head)))?;
        let is_strange = |entry: &Entry<'_>| !beside.contains(&entry.key);
        for entry in node.entries().skip(1).filter(is_strange) {
            self.flaws.push(unknown_key(&format!("`{head}`"), entry, beside));
        }
        Ok(Written { node, head, verb, who, value: first.map(|entry| entry.value) })
    }

    fn meaning(&self, head: &str) -> Option<(usize, &'static str, &'static [&'static str])> {
        let head = head.to_lowercase();
        let find = |forms: &[(&'static str, &'static [&'static str])], verb: &str| {
            forms.iter().find(|(name, _)| *name == verb).copied()
        };
        if let Some((verb, beside)) = find(&OTHERS, &head) {
            return Some((0, verb, beside));
        }
        let after = |key: &str| head.strip_prefix(key)?.strip_prefix(' ');
        let of_person = self
            .people
            .iter()
            .enumerate()
            .find_map(|(who, person)| find(&VERBS, after(&person.key)?).map(|(verb, beside)| (who, verb, beside)));
        let of_group = || {
            self.groups.iter().enumerate().find_map(|(which, group)| {
                find(&GROUP_VERBS, after(&group.key)?).map(|(verb, beside)| (which, verb, beside))
            })
        };
        of_person.or_else(of_group)
    }

    fn no_step(&self, head: &str) -> Mistake {
        let names = self.people.iter().map(|person| person.key.as_str());
        let theirs = names.clone().flat_map(|name| VERBS.map(|(verb, _)| format!("{name} {verb}")));
        let groups = self.groups.iter().map(|group| group.key.as_str());
        let of_groups = groups.clone().flat_map(|name| GROUP_VERBS.map(|(verb, _)| format!("{name} {verb}")));
        let all: Vec<String> = theirs.chain(of_groups).chain(OTHERS.map(|(name, _)| name.to_owned())).collect();
        let mut hint = meant(head, all.iter().map(String::as_str));
        if hint.is_empty() {
            let names: Vec<&str> = names.collect();
            let people = if names.is_empty() { "nobody; add them under `people`".to_owned() } else { names.join(", ") };
            let groups: String = groups.map(|name| format!(", the group {name}")).collect();
            let others = OTHERS.map(|(name, _)| name).join(", ");
            hint = format!("; the people are {people}{groups}, the other steps {others}");
        }
        Mistake::NoStep { head: head.to_owned(), hint }
    }

    fn deed(&mut self, step: &Written<'_>) -> Result<Deed, Flaw> {
        let who = step.who;
        let within = step.beside("within").map_or(Ok(self.patience), |node| time(node, "within", "30s"))?;
        let room = step.beside("in").map(|node| named(node, "in", self.groups)).transpose()?;
        let sees = |what| Deed::Sees { who, room, what, within };
        Ok(match step.verb {
            "says" => Deed::Says { who, room, text: step.text()? },
            "edits" => Deed::Edits { who, room, text: step.text()? },
            "sends" => {
                let (name, source) = self.file(step)?;
                let name = step.beside("as").map_or(Ok(name), |node| text(node, "as"))?;
                Deed::Sends { who, room, name, source }
            }
            "sends photo" => Deed::SendsPhoto { who, room, source: self.photo(step)? },
            "presses" => Deed::Presses { who, room, button: step.text()?, within },
            "blocks the bot" => Deed::Blocks { who, blocked: true },
            "unblocks the bot" => Deed::Blocks { who, blocked: false },
            "joins" => Deed::Joins { who, room: named(step.value()?, step.head, self.groups)? },
            "leaves" => Deed::Leaves { who, room: named(step.value()?, step.head, self.groups)? },
            "is renamed" => Deed::IsRenamed { room: who, title: step.text()? },
            "becomes a supergroup" => self.migrates(step)?,
            "lets the bot in" => Deed::MakesBot { room: who, status: MemberStatus::Member },
            "makes the bot an admin" => Deed::MakesBot { room: who, status: MemberStatus::Administrator },
            "throws the bot out" => Deed::MakesBot { room: who, status: MemberStatus::Kicked },
            "sees" => sees(Sight::Text(step.text()?)),
            "sees now" => sees(Sight::TextNow(step.text()?)),
            "sees button" => sees(Sight::Button(step.text()?)),
            "gets" => sees(Sight::File(step.text()?)),
            "does not see" => {
                let during = step.beside("for").map_or(Ok(LOOK), |node| time(node, "for", "2s"))?;
                Deed::DoesNotSee { who, room, text: step.text()?, during }
            }
            "saw" => {
                let times = step.beside("times").map_or(Ok(1), |node| number(node, "times", "a whole number"))?;
                Deed::Saw { who, room, text: step.text()?, times }
            }
            "is answered" => {
                Deed::IsAnswered { who, text: step.value.map_or(Ok(String::new()), |_| step.text())?, within }
            }
            "fault" => {
                let node = step.value()?;
                let (fault, room) = fault(node, self.people, self.groups).map_err(|mistake| flaw(node, mistake))?;
                Deed::Fault { fault: Box::new(fault), room }
            }
            "clear faults" => Deed::ClearFaults,
            "wait" => {
                let node = step.value()?;
                let range = node.written().and_then(duration::range);
                let range = range.ok_or_else(|| wrong_time(node, "wait", "2s, or 1s to 3s"))?;
                Deed::Wait { least: *range.start(), most: *range.end() }
            }
            "clock" => {
                let node = step.value()?;
                let by = node.written().and_then(|text| duration::duration(text.trim_start_matches('+')));
                Deed::Clock { by: by.ok_or_else(|| wrong_time(node, "clock", "+1d"))? }
            }
            "bot called" => self.bot_called(step.value()?)?,
            "bot polls" => Deed::BotPolls { within },
            _ => Deed::BotConfirms { within },
        })
    }

    /// The file that a step names.
    fn file(&self, step: &Written<'_>) -> Result<(String, Source), Flaw> {
        let name = step.text()?;
        let missing = || flaw(step.node, Mistake::NoFile { name: name.clone(), samples: self.shelf.samples() });
        let source = self.shelf.find(&name).ok_or_else(missing)?;
        let last = name.rsplit('/').next().unwrap_or(&name).to_owned();
        Ok((last, source))
    }

    fn migrates(&self, step: &Written<'_>) -> Result<Deed, Flaw> {
        let group = &self.groups[step.who];
        let wrong = || flaw(step.node, Mistake::NoBasicGroup { name: group.key.clone() });
        if group.kind == RoomKind::Group { Ok(Deed::Migrates { room: step.who }) } else { Err(wrong()) }
    }

    fn photo(&self, step: &Written<'_>) -> Result<Source, Flaw> {
        let (name, source) = self.file(step)?;
        let is_picture = source.bytes().is_ok_and(|bytes| crate::world::files::picture_size(&bytes).is_some());
        let wrong = || flaw(step.node, Mistake::NotAPicture { name });
        if is_picture { Ok(source) } else { Err(wrong()) }
    }

    /// A method alone, or with how often it was called.
    fn bot_called(&mut self, node: Node<'_>) -> Result<Deed, Flaw> {
        let keys = ["method", "at_least", "at_most", "status", "within"];
        unknown_keys("`bot called`", node, &keys, self.flaws);
        let named = if node.shape() == Shape::Mapping { node.get("method") } else { Some(node) };
        let example = "bot called: {method: sendMessage, at_least: 2}";
        let missing = || flaw(node, Mistake::Missing { place: "`bot called`".to_owned(), key: "method", example });
        let named = named.ok_or_else(missing)?;
        let method = text(named, "method")?;
        let known = api::method_names().chain(["download"]).find(|known| known.eq_ignore_ascii_case(&method));
        let Some(known) = known else {
            let hint = meant(&method, api::method_names());
            return Err(flaw(named, Mistake::NoMethod { method, hint }));
        };
        let count = |key| node.get(key).map(|node| number::<usize>(node, key, "a whole number")).transpose();
        let (at_least, at_most) = (count("at_least")?, count("at_most")?);
        let at_least = at_least.unwrap_or(usize::from(at_most.is_none()));
        if let Some(most) = at_most.filter(|most| *most < at_least) {
            return Err(flaw(node, Mistake::NeverMet { least: at_least, most }));
        }
        let status = node.get("status").map(|node| number(node, "status", "an HTTP status")).transpose()?;
        let within = node.get("within").map_or(Ok(self.patience), |node| time(node, "within", "30s"))?;
        Ok(Deed::BotCalled { method: known.to_owned(), at_least, at_most, status, within })
    }

    fn repeat(&mut self, step: &Written<'_>) -> Result<Step, Flaw> {
        let node = step.value()?;
        let wrong = || wrong_number(node, "repeat", "a number such as 3, or a range such as 2 to 5");
        let (least, most) = node.written().and_then(times).ok_or_else(wrong)?;
        let example = "steps: [wait: 1s]";
        let missing = || flaw(node, Mistake::Missing { place: "`repeat`".to_owned(), key: "steps", example });
        let steps = step.beside("steps").ok_or_else(missing)?;
        Ok(Step::Repeat { line: step.node.place().line, least, most, steps: self.steps("steps", steps) })
    }

    /// Steps or groups of them, with their weights if they may have any.
    fn choices(&mut self, step: &Written<'_>, weighed: bool) -> Result<Vec<(u32, Vec<Step>)>, Flaw> {
        let list = step.value()?;
        let mut choices = Vec::new();
        if list.shape() != Shape::Sequence {
            return Err(flaw(list, Mistake::NotAList { key: step.head.to_owned() }));
        }
        for node in list.items() {
            let first = node.entries().next().map_or("", |entry| entry.key);
            if first != "steps" && (first != "weight" || !weighed) {
                choices.extend(self.step(node).map_err(|flaw| self.flaws.push(flaw)).ok().map(|step| (1, vec![step])));
                continue;
            }
            let keys: &[&str] = if weighed { &["weight", "steps"] } else { &["steps"] };
            unknown_keys(&format!("a group of `{}`", step.head), node, keys, self.flaws);
            let weight = node.get("weight").map_or(Ok(1), |node| number(node, "weight", "a whole number"))?;
            let steps = node.get("steps").map(|steps| self.steps("steps", steps)).unwrap_or_default();
            choices.push((weight, steps));
        }
        match choices.iter().any(|(weight, _)| *weight > 0) {
            true => Ok(choices),
            false => Err(flaw(list, Mistake::NoChoice { key: step.verb })),
        }
    }
}

/// `3`, or `2 to 5`.
fn times(text: &str) -> Option<(u64, u64)> {
    let (least, most) = text.split_once(" to ").unwrap_or((text, text));
    let (least, most) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
    (least <= most).then_some((least, most))
}
