//! `natrium config adopt`: a published file that was changed by hand becomes the newest version.

use interfaces::configs::{ANY, Adopt, GetByHand};
use settings::Environment;

use super::arguments::ByHand;
use super::outcome::{Draft, Words, outcome};
use super::over;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;

pub(super) fn run(words: &ByHand, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(&words.changing, environment)?;
    let writer = &order.writer;
    let kind = &words.kind;
    let sha256 = words.sha256.clone().unwrap_or_else(|| ANY.to_owned());
    let again = order.again(&[&["config", "adopt", kind][..], &over::meant(words.sha256.as_deref())].concat());
    let call = Adopt {
        kind: kind.clone(),
        sha256,
        author: order.author.clone(),
        request_id: order.request.clone(),
        settles: None,
    };
    let save = || writer.change(async || writer.configs.adopt(&call).await);
    let draft = || {
        let found = writer.read(writer.configs.get_by_hand(&GetByHand { kind: kind.clone() })).ok()?;
        found.by_hand.filter(|by_hand| call.sha256 == ANY || by_hand.sha256 == call.sha256)?;
        let base = super::current_of(writer, kind).ok()?.map_or(0, |current| current.version);
        Some(Draft { kind, content: found.content?, base, restores: None })
    };
    let said = Words { again: &again, document: "the published file" };
    let outcome = outcome(&order, (kind, &order.request), &said, save, draft)?;
    Ok(outcome.tell(&order, words.changing.asking.json))
}
