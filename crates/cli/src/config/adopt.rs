//! `natrium config adopt`: a published file that was changed by hand becomes the newest version.

use interfaces::configs::{ANY, Adopt, GetByHand, Kind};
use settings::Environment;

use super::arguments::ByHand;
use super::outcome::{Draft, Words, outcome};
use super::over;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::writer::No;

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
    let get = GetByHand { kind: kind.clone() };
    let draft = |known: &Kind| {
        let found = match writer.change(async || writer.configs.get_by_hand(&get).await) {
            Ok(found) => found,
            Err(No::Said(_)) => return Ok(None),
            Err(no) => return Err(no),
        };
        let meant = found.by_hand.filter(|by_hand| call.sha256 == ANY || by_hand.sha256 == call.sha256);
        let content = meant.and(found.content);
        Ok(content.map(|content| Draft { kind, content, base: known.current, restores: None }))
    };
    let said = Words { again: &again, document: "the published file" };
    let outcome = outcome(&order, (kind, &order.request), &said, save, draft)?;
    Ok(outcome.tell(&order, words.changing.asking.json))
}
