//! What two people made of the same text: diff3. Regions of the base that only one of them changed are his; where both did,
//! they did the same, or it is a conflict.

use std::ops::Range;

use super::compare::{Change, changes, lines};

/// Whose a hunk is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Only they changed this.
    Theirs,
    /// Only I changed this.
    Mine,
    /// Both changed it, to the same.
    Both,
    /// Both changed it, or lines that touch, and not to the same.
    Conflict,
}

/// A region of the base that at least one side changed. Every line has its line feed, but for the last one of a text without.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hunk {
    /// Which lines of the base, counted from 0. Empty where lines were only added: before the line of that number.
    pub base_lines: Range<usize>,
    /// Whose it is.
    pub side: Side,
    /// What stood there.
    pub base: Vec<String>,
    /// What they have there.
    pub theirs: Vec<String>,
    /// What I have there.
    pub mine: Vec<String>,
}

/// What both sides made of the base.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ThreeWay {
    /// What is not as in the base, in order; between two hunks there is at least one line that nobody changed.
    pub hunks: Vec<Hunk>,
    /// What stood between the hunks, before the first and behind the last of them: one more than there are hunks.
    between: Vec<String>,
}

impl ThreeWay {
    /// How many hunks are conflicts.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.hunks.iter().filter(|hunk| hunk.side == Side::Conflict).count()
    }
}

/// Compares what both sides made of the base.
#[must_use]
pub fn three_way(base: &str, theirs: &str, mine: &str) -> ThreeWay {
    let (base, theirs, mine) = (lines(base), lines(theirs), lines(mine));
    let (mut by_them, mut by_me) = (Changed::new(&base, &theirs), Changed::new(&base, &mine));
    let mut result = ThreeWay { hunks: Vec::new(), between: Vec::new() };
    let mut done = 0;
    while let Some(start) = [by_them.next(), by_me.next()].into_iter().flatten().min() {
        let mut region = start..start;
        // Each change that the region meets makes it larger, so that it may meet another one.
        while by_them.take(&mut region) || by_me.take(&mut region) {}
        let (theirs, mine) = (by_them.lines(&region), by_me.lines(&region));
        if let Some(side) = side(&base[region.clone()], theirs, mine) {
            result.between.push(base[done..region.start].concat());
            done = region.end;
            let [base, theirs, mine] = [&base[region.clone()], theirs, mine].map(owned);
            result.hunks.push(Hunk { base_lines: region, side, base, theirs, mine });
        }
    }
    result.between.push(base[done..].concat());
    result
}

/// The text with what both sides changed, if they are never in conflict.
#[must_use]
pub fn merge(three_way: &ThreeWay) -> Option<String> {
    let mut text = String::new();
    let mut between = three_way.between.iter();
    for hunk in &three_way.hunks {
        let lines = match hunk.side {
            Side::Theirs => &hunk.theirs,
            Side::Mine | Side::Both => &hunk.mine,
            Side::Conflict => return None,
        };
        between.next().into_iter().chain(lines).for_each(|part| text.push_str(part));
    }
    between.for_each(|part| text.push_str(part));
    Some(text)
}

/// One side's changes, and how far they have been taken.
struct Changed<'a> {
    lines: &'a [&'a str],
    changes: Vec<Change>,
    taken: usize,
    /// Where the side's lines begin that belong to the present region, and how that was found.
    first: usize,
}

impl<'a> Changed<'a> {
    fn new(base: &[&str], lines: &'a [&'a str]) -> Self {
        Self { lines, changes: changes(base, lines), taken: 0, first: 0 }
    }

    /// Where in the base the next change begins.
    fn next(&self) -> Option<usize> {
        self.changes.get(self.taken).map(|change| change.old.start)
    }

    /// Takes the next change into the region, if it meets or touches it.
    fn take(&mut self, region: &mut Range<usize>) -> bool {
        let Some(change) = self.changes.get(self.taken).filter(|change| change.old.start <= region.end) else {
            return false;
        };
        region.end = region.end.max(change.old.end);
        self.taken += 1;
        true
    }

    /// The side's lines in place of the region, all of whose changes have been taken.
    fn lines(&mut self, region: &Range<usize>) -> &'a [&'a str] {
        // Behind the last change, and before the first one, lines correspond one to one.
        let (old_end, new_end) =
            self.taken.checked_sub(1).map_or((0, 0), |last| (self.changes[last].old.end, self.changes[last].new.end));
        let end = new_end + (region.end - old_end);
        let within = self.changes[self.first..self.taken].iter();
        let growth = within.clone().map(|change| change.new.len()).sum::<usize>();
        let loss = within.map(|change| change.old.len()).sum::<usize>();
        self.first = self.taken;
        let start = end + loss - growth - region.len();
        &self.lines[start..end]
    }
}

/// Nothing where both have what the base has: a search that was given up may say so of a change.
fn side(base: &[&str], theirs: &[&str], mine: &[&str]) -> Option<Side> {
    match (theirs == base, mine == base) {
        (true, true) => None,
        (false, true) => Some(Side::Theirs),
        (true, false) => Some(Side::Mine),
        (false, false) if theirs == mine => Some(Side::Both),
        (false, false) => Some(Side::Conflict),
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}
