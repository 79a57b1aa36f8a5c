//! `natrium config put`: a file becomes the newest version.

use interfaces::configs::{Kind, Put as Call};
use settings::Environment;

use super::arguments::Put;
use super::document;
use super::outcome::{Draft, Words, outcome};
use super::over;
use super::trail::{self, Refusal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::text::complain;
use crate::writer::No;

pub(super) fn run(words: &Put, environment: &Environment) -> Result<Exit, Failure> {
    let content = document::text(&words.file).inspect_err(|failure| refused(failure, words, environment))?;
    let order = Order::begin(&words.changing, environment)?;
    let writer = &order.writer;
    let kind = &words.kind;
    let base = super::base(&order, "put", kind, words.base)?;
    let over = over::over(&words.over);
    if words.base.is_none() && !words.changing.asking.json {
        complain(&super::based(kind, base));
    }
    let (file, number) = (words.file.to_string_lossy(), base.to_string());
    let mut again = vec!["config", "put", kind, &file, "--base", &number];
    again.extend(over::words(over.as_deref()));
    let again = order.again(&again);
    let call = Call {
        kind: kind.clone(),
        content,
        base,
        over,
        author: order.author.clone(),
        request_id: order.request.clone(),
        settles: None,
    };
    let save = || writer.change(async || writer.configs.put(&call).await);
    let draft = |_: &Kind| Ok(Some(Draft { kind, content: call.content.clone(), base, restores: None }));
    let said = Words { again: &again, document: &document::name(&words.file) };
    let outcome = outcome(&order, (kind, &order.request), &said, save, draft)?;
    Ok(outcome.tell(&order, words.changing.asking.json))
}

/// A document that no kind takes is refused whether the service runs or not; where it does, that is recorded.
fn refused(failure: &Failure, words: &Put, environment: &Environment) {
    // What cannot be read was refused by nobody.
    if failure.exit != Exit::Invalid {
        return;
    }
    match Order::begin(&words.changing, environment) {
        Ok(order) => trail::record(&order, [Refusal::of(&order, "put", &words.kind, "document")]),
        Err(failure) if failure.exit == Exit::NotRunning => {}
        Err(failure) => trail::missing(1, &No::NotDone(failure.text)),
    }
}
