//! What will be done, in which order: a function of the scenario and a seed.

use std::path::PathBuf;
use std::time::Duration;

use crate::control::{FaultKind, NewFault};
use crate::scenario::chance::Chance;
use crate::scenario::deed::Deed;
use crate::scenario::flaw::{Flaw, Mistake, ScenarioError};
use crate::scenario::steps::Step;
use crate::scenario::{Group, Person, Scenario, duration};

/// The longest plan.
const LIMIT: usize = 100_000;

/// What will be done.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) file: PathBuf,
    pub(crate) seed: u64,
    pub(crate) people: Vec<Person>,
    pub(crate) groups: Vec<Group>,
    pub(crate) steps: Vec<Planned>,
}

/// One step of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Where it stands in the file.
    pub line: u32,
    /// As it stands there, with what was left to chance.
    pub said: String,
    /// What is done.
    pub deed: Deed,
}

impl Plan {
    /// What its choices were made from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// All steps in order.
    #[must_use]
    pub fn steps(&self) -> &[Planned] {
        &self.steps
    }
}

impl Scenario {
    /// Makes all choices; with the scenario's own seed unless another one is given.
    ///
    /// # Errors
    ///
    /// If there would be too many steps.
    pub fn plan(&self, seed: Option<u64>) -> Result<Plan, ScenarioError> {
        let seed = seed.unwrap_or(self.seed);
        let mut planner = Planner { chance: Chance::new(seed), steps: Vec::new(), rounds: 0 };
        planner
            .all(&self.steps)
            .map_err(|flaw| ScenarioError::Flawed { file: self.file.clone(), flaws: vec![flaw] })?;
        let (people, groups) = (self.people.clone(), self.groups.clone());
        Ok(Plan { file: self.file.clone(), seed, people, groups, steps: planner.steps })
    }
}

struct Planner {
    chance: Chance,
    steps: Vec<Planned>,
    /// How often something was repeated.
    rounds: usize,
}

impl Planner {
    fn all(&mut self, steps: &[Step]) -> Result<(), Flaw> {
        steps.iter().try_for_each(|step| self.one(step))
    }

    fn one(&mut self, step: &Step) -> Result<(), Flaw> {
        match step {
            Step::Do { line, said, deed } => {
                if self.steps.len() == LIMIT {
                    return Err(too_long(*line));
                }
                let planned = Planned { line: *line, said: said.clone(), deed: deed.clone() };
                let planned = self.settled(planned);
                self.steps.push(planned);
                Ok(())
            }
            Step::Repeat { line, least, most, steps } => {
                let times = self.chance.between(*least, *most);
                (0..times).try_for_each(|_| {
                    // Even of nothing at all there can be too much.
                    self.rounds += 1;
                    if self.rounds > LIMIT { Err(too_long(*line)) } else { self.all(steps) }
                })
            }
            Step::OneOf { choices } => {
                let weights: Vec<u32> = choices.iter().map(|(weight, _)| *weight).collect();
                let chosen = self.chance.weighed(&weights);
                choices.get(chosen).map_or(Ok(()), |(_, steps)| self.all(steps))
            }
            Step::Shuffle { groups } => {
                let mut groups: Vec<&Vec<Step>> = groups.iter().collect();
                self.chance.shuffle(&mut groups);
                groups.into_iter().try_for_each(|steps| self.all(steps))
            }
        }
    }

    /// The same with nothing left open.
    fn settled(&mut self, mut planned: Planned) -> Planned {
        match &mut planned.deed {
            Deed::Wait { least, most } if least != most => {
                let millis = |time: &Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                let chosen = self.chance.between(millis(least), millis(most));
                let chosen = Duration::from_millis(chosen);
                (*least, *most) = (chosen, chosen);
                planned.said = format!("wait: {}", duration::written(chosen));
            }
            Deed::Fault { fault, .. } if is_open(fault) => fault.seed = Some(self.chance.next() >> 32),
            _ => {}
        }
        planned
    }
}

/// Whether it leaves something to chance. The scenario decides that too: the same calls are hit with any simulator.
fn is_open(fault: &NewFault) -> bool {
    let ranges = matches!(fault.kind, FaultKind::Latency { up_to_millis: Some(_), .. });
    fault.seed.is_none() && (ranges || fault.probability.is_some())
}

fn too_long(line: u32) -> Flaw {
    Flaw { line: Some(line), mistake: Mistake::TooLong { limit: LIMIT } }
}
