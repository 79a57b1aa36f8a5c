//! Answers to presses of buttons.

use serde_json::Value;

use super::{ApiCall, ApiError, Reply};
use crate::control::QueryAnswer;
use crate::world::World;

/// Longest answer, in characters.
const ANSWER_LENGTH: usize = 200;

pub(super) fn answer_callback_query(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    let too_old = || ApiError::bad_request("query is too old and response timeout expired or query ID is invalid");
    let query_id = parameters.text("callback_query_id");
    let query = world.queries.get_mut(query_id).ok_or_else(too_old)?;
    if query.bot != call.bot || query.expires <= call.now || query.answer.is_some() {
        return Err(too_old());
    }
    let text = parameters.text("text");
    if text.chars().count() > ANSWER_LENGTH {
        return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
    }
    query.answer = Some(QueryAnswer { text: text.to_owned(), alert: parameters.flag("show_alert") });
    world.next_moment();
    world.tell_query(query_id);
    Ok(Value::from(true).into())
}
