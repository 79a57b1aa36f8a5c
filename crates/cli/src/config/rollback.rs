//! `natrium config rollback`: the content of an older version becomes the newest one.

use interfaces::configs::{Get, GetReply, Kind, Rollback as Call};
use settings::Environment;

use super::arguments::Rollback;
use super::outcome::{Draft, Words, outcome};
use super::over;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::text::{complain, line};
use crate::writer::No;

pub(super) fn run(words: &Rollback, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(&words.changing, environment)?;
    let writer = &order.writer;
    let (kind, to) = (&words.kind, words.version);
    let base = super::base(&order, "rollback", kind, words.base)?;
    let over = over::over(&words.over);
    if words.base.is_none() && !words.changing.asking.json {
        complain(&super::based(kind, base));
    }
    let (older, number) = (to.to_string(), base.to_string());
    let mut again = vec!["config", "rollback", kind, &older, "--base", &number];
    again.extend(over::words(over.as_deref()));
    let again = order.again(&again);
    let call = Call {
        kind: kind.clone(),
        to,
        base,
        over,
        author: order.author.clone(),
        request_id: order.request.clone(),
        settles: None,
    };
    let save = || writer.change(async || writer.configs.rollback(&call).await);
    let get = Get { kind: kind.clone(), version: Some(to) };
    let draft = |_: &Kind| match writer.change(async || writer.configs.get(&get).await) {
        Ok(GetReply { content, .. }) => Ok(Some(Draft { kind, content, base, restores: Some(to) })),
        // That there is no such version is told, and recorded, by who is asked to go back to it.
        Err(No::Said(_)) => Ok(None),
        Err(no) => Err(no),
    };
    let document = format!("version {to} of {}", line(kind));
    let said = Words { again: &again, document: &document };
    Ok(outcome(&order, (kind, &order.request), &said, save, draft)?.tell(&order, words.changing.asking.json))
}
