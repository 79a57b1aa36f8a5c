//! `natrium config approve`: what somebody else proposed becomes the newest version.

use interfaces::configs::Approve as Call;
use settings::Environment;

use super::arguments::Approve;
use super::outcome::Outcome;
use super::over;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;

pub(super) fn run(words: &Approve, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(&words.changing, environment)?;
    let writer = &order.writer;
    let over = over::over(&words.over);
    let id = words.id.to_string();
    let mut again = vec!["config", "approve", &id];
    again.extend(over::words(over.as_deref()));
    let again = order.again(&again);
    let (by, request_id) = (order.author.clone(), order.request.clone());
    let call = Call { id: words.id, over, by, request_id, settles: None };
    let answer = writer.change(async || writer.configs.approve(&call).await);
    let outcome: Outcome = answer.map_err(|no| no.failure(&again))?.into();
    Ok(outcome.tell(&order, words.changing.asking.json))
}
