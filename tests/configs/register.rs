//! Whether what several callers saw of one kind can be explained at all: by its puts and gets having been made one after the
//! other, each at one moment between its call and its answer (Herlihy and Wing, "Linearizability").
//!
//! A kind is a register of a version and a content. A put on top of `base` succeeds if and only if `base` is the current version,
//! and makes the next one; a get tells what stands. Of a put without an answer it is not known whether it was done, nor when.
//!
//! The search is that of Wing and Gong, with Lowe's memory of what was tried: an operation may come next if none that is left had
//! its answer before this one was called. What only looks comes as soon as it fits, since it stands in nobody's way.

use std::collections::HashSet;

/// What stands: the version and its content; 0 and 0 at first.
pub(crate) type Standing = (i64, u64);

/// What was asked, and what was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    Put { base: i64, content: u64, told: Told },
    Get(Standing),
}

/// What the caller of a put was told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told {
    /// It is this version.
    Saved(i64),
    /// That stands, and it is not what the put was based on.
    Conflict(Standing),
    /// Nothing.
    Nothing,
}

/// One call. Moments are of one clock for all callers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) called: u64,
    /// `u64::MAX` where no answer came.
    pub(crate) answered: u64,
    pub(crate) what: What,
}

impl Operation {
    fn is_certain(&self) -> bool {
        !matches!(self.what, What::Put { told: Told::Nothing, .. })
    }

    fn only_looks(&self) -> bool {
        matches!(self.what, What::Get(_) | What::Put { told: Told::Conflict(_), .. })
    }

    /// What stands after it; nothing where it cannot have been done while `now` stood. A put without an answer that did nothing
    /// need not be done at all.
    pub(crate) fn done(&self, now: Standing) -> Option<Standing> {
        let (fits, then) = match self.what {
            What::Get(seen) => (seen == now, now),
            What::Put { base, told: Told::Conflict(seen), .. } => (seen == now && base != now.0, now),
            What::Put { base, content, told } => {
                let next = (base + 1, content);
                (base == now.0 && (told == Told::Nothing || told == Told::Saved(next.0)), next)
            }
        };
        fits.then_some(then)
    }
}

/// Which operations are done, a bit each.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Done(Vec<u64>);

impl Done {
    fn has(&self, number: usize) -> bool {
        self.0[number / 64] & 1 << (number % 64) != 0
    }

    fn with(&self, number: usize) -> Self {
        let mut done = self.clone();
        done.0[number / 64] |= 1 << (number % 64);
        done
    }
}

/// # Errors
/// There is no such order: what was left, where most had found their place, and what stood there.
pub(crate) fn explain(mut operations: Vec<Operation>) -> Result<(), (Standing, Vec<Operation>)> {
    operations.sort_by_key(|operation| (operation.called, operation.answered));
    let certain = operations.iter().filter(|operation| operation.is_certain()).count();
    let nothing = Done(vec![0; operations.len().div_ceil(64)]);
    let mut tried = HashSet::new();
    let mut open = vec![(nothing.clone(), (0, 0), 0)];
    let mut furthest = (nothing, (0, 0), 0);
    while let Some((done, now, count)) = open.pop() {
        if count == certain {
            return Ok(());
        }
        if !tried.insert((done.clone(), now)) {
            continue;
        }
        if count >= furthest.2 {
            furthest = (done.clone(), now, count);
        }
        let next = candidates(&operations, &done);
        let fitting = next.iter().filter_map(|number| Some((*number, operations[*number].done(now)?)));
        let steps: Vec<(usize, Standing)> = fitting.collect();
        let look = steps.iter().find(|(number, _)| operations[*number].only_looks());
        for (number, then) in look.map_or(&steps[..], std::slice::from_ref) {
            open.push((done.with(*number), *then, count + usize::from(operations[*number].is_certain())));
        }
    }
    let (done, now, _) = furthest;
    let left = operations.iter().enumerate().filter(|(number, _)| !done.has(*number)).map(|(_, left)| *left);
    Err((now, left.collect()))
}

/// Those that may come next. `operations` are in the order of their calls.
fn candidates(operations: &[Operation], done: &Done) -> Vec<usize> {
    let (mut found, mut first_answer) = (Vec::new(), u64::MAX);
    for (number, operation) in operations.iter().enumerate().filter(|(number, _)| !done.has(*number)) {
        if operation.called > first_answer {
            break;
        }
        first_answer = first_answer.min(operation.answered);
        found.push(number);
    }
    // One that was called before the first answer was known may still have been called after it.
    found.retain(|number| operations[*number].called <= first_answer);
    found
}
