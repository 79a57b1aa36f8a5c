//! What a schema cannot say: rules that hold between values.
//!
//! Rules look at whatever of the document is well-formed; what is not has been found by the schema, and is not reported
//! a second time as a consequence.

mod fees;
mod rates;

use serde::{Deserialize, Serialize};
use yaml::{Document, Node, Path, Place};

use crate::{Decimal, DecimalError, Problem, Reason};

/// Rules in code for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rules {
    /// Fee brackets cover every amount of each currency, once.
    Fees,
    /// Each currency has one sane rate against the base.
    Rates,
}

/// How a rule is broken. Numbers are as they are compared, so `1.50` is shown as 1.5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breach {
    /// A number that is not written in decimal.
    NotDecimal {
        /// As written.
        found: String,
    },
    /// A number with more digits after the point than money needs.
    TooFine {
        /// How many are allowed.
        places: u32,
        /// As written.
        found: String,
    },
    /// A bracket that contains no amount.
    EmptyBracket {
        /// Where it starts.
        from: Decimal,
        /// Where it ends.
        to: Decimal,
    },
    /// No bracket for the smallest amounts.
    NotFromZero {
        /// The currency.
        currency: String,
        /// Where the lowest bracket starts.
        from: Decimal,
    },
    /// Two brackets for the same amounts.
    Overlap {
        /// The currency.
        currency: String,
        /// The smallest amount that is in both.
        from: Decimal,
        /// Where the other one ends.
        other_to: Option<Decimal>,
        /// Where the other one stands.
        other: Place,
    },
    /// No bracket between two others.
    Gap {
        /// The currency.
        currency: String,
        /// The smallest amount without a bracket.
        from: Decimal,
        /// The next amount that has one.
        to: Decimal,
        /// Where the bracket below stands.
        other: Place,
    },
    /// No bracket for the largest amounts.
    NotOpenEnded {
        /// The currency.
        currency: String,
        /// Where the highest bracket ends.
        to: Decimal,
    },
    /// The base currency among the others.
    BaseAgain {
        /// The currency.
        currency: String,
    },
    /// A currency that has a rate already.
    RepeatedPair {
        /// The currency.
        currency: String,
        /// Where it stands first.
        first: Place,
    },
    /// Neither rate nor bid and ask.
    NoRate,
    /// Rate and bid and ask.
    RateTwice,
    /// A bid above its ask.
    Crossed {
        /// The bid.
        bid: Decimal,
        /// The ask.
        ask: Decimal,
    },
    /// An ask of more than twice its bid.
    WideSpread {
        /// The bid.
        bid: Decimal,
        /// The ask.
        ask: Decimal,
    },
}

/// Every breach of the rules.
pub(crate) fn breaches(rules: Rules, document: &Document) -> Vec<Problem> {
    let mut report = Report { document, problems: Vec::new() };
    match rules {
        Rules::Fees => fees::check(document.root(), &mut report),
        Rules::Rates => rates::check(document.root(), &mut report),
    }
    report.problems
}

/// Where breaches are collected.
struct Report<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

impl Report<'_> {
    fn value(&mut self, path: &Path, breach: Breach) {
        self.problems.push(Problem::with_value(self.document, path, Reason::Breach(breach)));
    }

    fn key(&mut self, path: &Path, breach: Breach) {
        self.problems.push(Problem::with_key(self.document, path, Reason::Breach(breach)));
    }

    /// The number at `key`, exactly as written; none if there is none, or none that can be used.
    fn decimal(&mut self, node: Node<'_>, path: &Path, key: &str, places: u32) -> Option<Decimal> {
        let written = node.get(key)?.number()?;
        let found = || written.chars().take(60).collect::<String>();
        match Decimal::parse(written) {
            Ok(decimal) if decimal.places() <= places => return Some(decimal),
            Ok(_) | Err(DecimalError::TooFine) => {
                self.value(&path.clone().key(key), Breach::TooFine { places, found: found() });
            }
            Err(DecimalError::NotDecimal) => self.value(&path.clone().key(key), Breach::NotDecimal { found: found() }),
            // The schema's maximum is far below, and says it better.
            Err(DecimalError::TooLarge) => {}
        }
        None
    }
}
