//! Fee brackets: per currency they cover every amount from 0 upwards, each exactly once.

use std::collections::BTreeMap;

use yaml::{Node, Path, Place};

use super::{Breach, Report};
use crate::Decimal;

/// Money is not divided further.
const PLACES: u32 = 8;

struct Bracket {
    path: Path,
    place: Place,
    from: Decimal,
    to: Option<Decimal>,
}

pub(super) fn check(root: Node<'_>, report: &mut Report<'_>) {
    let mut currencies: BTreeMap<String, Option<Vec<Bracket>>> = BTreeMap::new();
    let mut nameless = false;
    let list = Path::default().key("brackets");
    for (index, node) in root.get("brackets").into_iter().flat_map(Node::items).enumerate() {
        let path = list.clone().index(index);
        for key in ["percent", "fixed"] {
            report.decimal(node, &path, key, PLACES);
        }
        let bracket = read(node, path, report);
        match node.get("currency").and_then(Node::text) {
            // One bracket that cannot be read leaves nothing to say about its neighbours.
            Some(currency) => {
                match (currencies.entry(currency.to_owned()).or_insert_with(|| Some(Vec::new())), bracket) {
                    (Some(brackets), Some(bracket)) => brackets.push(bracket),
                    (brackets, _) => *brackets = None,
                }
            }
            None => nameless = true,
        }
    }
    if nameless {
        return;
    }
    for (currency, brackets) in currencies {
        if let Some(brackets) = brackets {
            chain(&currency, brackets, report);
        }
    }
}

/// The bracket, if its bounds are there and can be used.
fn read(node: Node<'_>, path: Path, report: &mut Report<'_>) -> Option<Bracket> {
    let from = report.decimal(node, &path, "from", PLACES);
    let to = report.decimal(node, &path, "to", PLACES);
    let (from, has_to) = (from?, node.get("to").is_some());
    if has_to && to.is_none() {
        return None;
    }
    if let Some(to) = to.filter(|to| *to <= from) {
        report.value(&path.clone().key("to"), Breach::EmptyBracket { from, to });
        return None;
    }
    Some(Bracket { place: node.place(), path, from, to })
}

/// Whether the brackets of one currency follow each other, the order in the file aside.
fn chain(currency: &str, mut brackets: Vec<Bracket>, report: &mut Report<'_>) {
    brackets.sort_by_key(|bracket| (bracket.from, bracket.place));
    let currency = || currency.to_owned();
    let Some(lowest) = brackets.first() else { return };
    if lowest.from > Decimal::ZERO {
        report.value(&lowest.path.clone().key("from"), Breach::NotFromZero { currency: currency(), from: lowest.from });
    }
    // The one that reaches furthest so far; the next must start exactly where it ends.
    let mut furthest = lowest;
    for bracket in brackets.iter().skip(1) {
        let start = bracket.path.clone().key("from");
        match furthest.to {
            Some(to) if bracket.from == to => {}
            Some(to) if bracket.from > to => {
                let breach = Breach::Gap { currency: currency(), from: to, to: bracket.from, other: furthest.place };
                report.value(&start, breach);
            }
            other_to => {
                let breach =
                    Breach::Overlap { currency: currency(), from: bracket.from, other_to, other: furthest.place };
                report.value(&start, breach);
            }
        }
        let reaches_further = match (furthest.to, bracket.to) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(so_far), Some(to)) => to > so_far,
        };
        if reaches_further {
            furthest = bracket;
        }
    }
    if let Some(to) = furthest.to {
        report.key(&furthest.path.clone().key("to"), Breach::NotOpenEnded { currency: currency(), to });
    }
}
