//! Metric families from several programs, put together so that the result is well formed whatever they said. Pure.
//!
//! What holds of the result: a name belongs to one family of one type; a family's samples stand together, none twice, each with
//! the label `worker` of who said it; a histogram or summary is whole or absent. What does not fit is left out and counted: the
//! first come keeps a name. Sources: Prometheus, "Data model" and "Exposition formats".

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::exposition;

/// The type of a family.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Untyped,
}

/// Which of a family's series a sample belongs to, by the end of its name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Part {
    /// The name itself.
    Whole,
    Bucket,
    Sum,
    Count,
}

/// Labels with their values, by name. An empty value is no label.
pub(crate) type Labels = BTreeMap<String, String>;

/// One line of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

/// What differs in nothing but the part and the rank: one number, or one histogram or summary.
pub(crate) type Group = BTreeMap<(Part, Rank), f64>;

/// One family.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) kind: Kind,
    pub(crate) help: String,
    pub(crate) groups: BTreeMap<Labels, Group>,
    /// It is ours: no worker can add to it.
    own: bool,
}

/// Buckets and quantiles in the order of their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rank(f64);

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rank {}

/// All families, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    families: BTreeMap<String, Family>,
    /// Every name that a sample may have, and the family that it belongs to.
    names: BTreeMap<String, String>,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Counter, Self::Gauge, Self::Histogram, Self::Summary, Self::Untyped];
        all.into_iter().find(|kind| kind.word() == word)
    }

    /// The parts that belong to a family of this type. A histogram has no samples of its own name, but owns it all the same.
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Counter | Self::Gauge | Self::Untyped => &[Part::Whole],
            Self::Histogram => &[Part::Whole, Part::Bucket, Part::Sum, Part::Count],
            Self::Summary => &[Part::Whole, Part::Sum, Part::Count],
        }
    }

    /// The label that tells the samples of a part apart.
    pub(crate) fn rank_label(self, part: Part) -> Option<&'static str> {
        match (self, part) {
            (Self::Histogram, Part::Bucket) => Some("le"),
            (Self::Summary, Part::Whole) => Some("quantile"),
            _ => None,
        }
    }
}

impl Part {
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Bucket => "_bucket",
            Self::Sum => "_sum",
            Self::Count => "_count",
        }
    }
}

impl Family {
    fn new(kind: Kind, help: &str) -> Self {
        Self { kind, help: help.to_owned(), groups: BTreeMap::new(), own: false }
    }

    /// Takes a sample that the family's type allows, and that is not there yet. Answers whether it did.
    fn take(&mut self, part: Part, mut labels: Labels, value: f64) -> bool {
        labels.retain(|_, value| !value.is_empty());
        let rank = match self.kind.rank_label(part) {
            None if self.kind == Kind::Histogram && part == Part::Whole => return false,
            None => Rank(0.0),
            Some(label) => match labels.remove(label).and_then(|text| exposition::number(&text)) {
                // Minus zero is zero, and one bucket.
                Some(number) if !number.is_nan() => Rank(number + 0.0),
                _ => return false,
            },
        };
        // A counter that is less than nothing has not counted.
        let counts = self.kind == Kind::Counter || matches!(part, Part::Bucket | Part::Count);
        if counts && (value.is_nan() || value < 0.0) {
            return false;
        }
        match self.groups.entry(labels).or_default().entry((part, rank)) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(value);
                true
            }
        }
    }

    fn len(&self) -> usize {
        self.groups.values().map(BTreeMap::len).sum()
    }

    /// Leaves out every histogram and summary that is not whole. Answers how many samples these were.
    fn prune(&mut self) -> usize {
        let before = self.len();
        let kind = self.kind;
        self.groups.retain(|_, group| is_whole(kind, group));
        before - self.len()
    }
}

fn is_whole(kind: Kind, group: &Group) -> bool {
    let of = |wanted: Part| group.iter().filter(move |((part, _), _)| *part == wanted);
    let one = |part: Part| of(part).map(|(_, value)| *value).next();
    match kind {
        Kind::Histogram => {
            let (Some(count), Some(_)) = (one(Part::Count), one(Part::Sum)) else { return false };
            let buckets: Vec<_> = of(Part::Bucket).map(|((_, le), value)| (le.0, *value)).collect();
            let ends = buckets.last().is_some_and(|(le, all)| *le == f64::INFINITY && all.total_cmp(&count).is_eq());
            ends && buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1)
        }
        Kind::Summary => {
            let told = one(Part::Count).is_some() && one(Part::Sum).is_some();
            told && of(Part::Whole).all(|((_, quantile), _)| (0.0..=1.0).contains(&quantile.0))
        }
        Kind::Counter | Kind::Gauge | Kind::Untyped => true,
    }
}

impl Families {
    /// Adds a family of ours.
    pub(crate) fn own<'a>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, f64)>,
    ) {
        let mut family = Family::new(kind, help);
        family.own = true;
        for (labels, value) in samples {
            let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), exposition::plain(value))).collect();
            family.take(Part::Whole, labels, value);
        }
        self.names.insert(name.to_owned(), name.to_owned());
        self.families.insert(name.to_owned(), family);
    }

    /// Takes in what a worker said, as far as it fits. Answers how many lines did not.
    pub(crate) fn take_in(&mut self, worker: &str, text: &str) -> usize {
        let said = exposition::read(text);
        let mut rejected = said.rejected;
        let mut theirs: BTreeMap<String, Family> = BTreeMap::new();
        for sample in &said.samples {
            let (name, part) = said.family_of(&sample.name);
            let kind = said.kinds.get(name).copied().unwrap_or(Kind::Untyped);
            let help = said.help.get(name).map_or("", String::as_str);
            let family = theirs.entry(name.to_owned()).or_insert_with(|| Family::new(kind, help));
            // Nobody speaks for another.
            let mut labels = sample.labels.clone();
            labels.insert("worker".to_owned(), exposition::plain(worker));
            rejected += usize::from(!family.take(part, labels, sample.value));
        }
        for (name, mut family) in theirs {
            rejected += family.prune();
            rejected += self.merge(&name, family);
        }
        rejected
    }

    /// Answers how many samples found no place.
    fn merge(&mut self, name: &str, theirs: Family) -> usize {
        if theirs.groups.is_empty() {
            return 0;
        }
        let names: Vec<_> = theirs.kind.parts().iter().map(|part| format!("{name}{}", part.suffix())).collect();
        let is_taken = |claimed: &String| self.names.get(claimed).is_some_and(|owner| owner != name);
        let differs = self.families.get(name).is_some_and(|ours| ours.own || ours.kind != theirs.kind);
        if differs || names.iter().any(is_taken) {
            return theirs.len();
        }
        self.names.extend(names.into_iter().map(|claimed| (claimed, name.to_owned())));
        let family = self.families.entry(name.to_owned()).or_insert_with(|| Family::new(theirs.kind, ""));
        if family.help.is_empty() {
            family.help = theirs.help;
        }
        // Workers differ in their label, so nothing can be there already.
        family.groups.extend(theirs.groups);
        0
    }

    /// The text of all of them.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, family) in self.families.iter().filter(|(_, family)| !family.groups.is_empty()) {
            exposition::write(&mut text, name, family);
        }
        text
    }
}

impl Rank {
    pub(crate) fn number(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
#[path = "families_tests.rs"]
mod tests;
