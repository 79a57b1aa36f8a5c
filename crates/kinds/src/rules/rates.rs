//! Rates: each currency once, against a base that is not among them, with a bid that is not above its ask.

use std::collections::HashMap;

use yaml::{Node, Path, Place};

use super::{Breach, Report};

/// Cheap currencies against expensive ones need more digits than money.
const PLACES: u32 = 12;

pub(super) fn check(root: Node<'_>, report: &mut Report<'_>) {
    let base = root.get("base").and_then(Node::text);
    let mut first: HashMap<&str, Place> = HashMap::new();
    let list = Path::default().key("pairs");
    for (index, node) in root.get("pairs").into_iter().flat_map(Node::items).enumerate() {
        let path = list.clone().index(index);
        if let Some(currency) = node.get("currency").and_then(Node::text) {
            let at = path.clone().key("currency");
            if base == Some(currency) {
                report.value(&at, Breach::BaseAgain { currency: currency.to_owned() });
            }
            match first.get(currency) {
                Some(first) => {
                    let breach = Breach::RepeatedPair { currency: currency.to_owned(), first: *first };
                    report.value(&at, breach);
                }
                None => drop(first.insert(currency, node.place())),
            }
        }
        quotes(node, &path, report);
    }
}

fn quotes(node: Node<'_>, path: &Path, report: &mut Report<'_>) {
    let has = |key| node.get(key).is_some();
    report.decimal(node, path, "rate", PLACES);
    let (bid, ask) = (report.decimal(node, path, "bid", PLACES), report.decimal(node, path, "ask", PLACES));
    match (has("rate"), has("bid") || has("ask")) {
        (true, true) => report.key(&path.clone().key("rate"), Breach::RateTwice),
        (false, false) if node.entries().len() > 0 => report.value(path, Breach::NoRate),
        _ => {}
    }
    let Some((bid, ask)) = bid.zip(ask) else { return };
    if bid > ask {
        report.value(&path.clone().key("bid"), Breach::Crossed { bid, ask });
    } else if bid.times(2).is_some_and(|most| ask > most) {
        report.value(&path.clone().key("ask"), Breach::WideSpread { bid, ask });
    }
}
