//! `natrium config decline`: a proposal ends without effect.

use interfaces::configs::{Decline, ProposalState};
use settings::Environment;

use crate::arguments::Changing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::text::{json, line, print};

pub(super) fn run(id: i64, changing: &Changing, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(changing, environment)?;
    let again = order.again(&["config", "decline", &id.to_string()]);
    let call = Decline { id, by: order.author.clone(), request_id: order.request.clone(), settles: None };
    let answer = order.writer.change(async || order.writer.configs.decline(&call).await);
    let reply = answer.map_err(|no| no.failure(&again))?;
    let how = if reply.proposal.state == ProposalState::Withdrawn { "withdrawn" } else { "declined" };
    let text = format!("{}: proposal {id} is {how}; nothing was changed\n", line(&reply.proposal.kind));
    print(&if changing.asking.json { json(&reply) } else { text });
    Ok(Exit::Success)
}
