//! The Bot API: what each method does to the world.
//!
//! A flat table names every method and every parameter that is simulated, and those that Telegram has and this
//! simulator does not: asking for those is refused with 501, never faked. HTTP is not known here.

mod chats;
mod commands;
mod copy;
mod documents;
mod edits;
mod error;
mod media;
pub(crate) mod members;
mod messages;
mod methods;
pub(crate) mod objects;
mod parameters;
mod queries;
mod reactions;
mod replies;
mod rooms;
mod updates;
mod uploads;

use serde_json::Value;

pub(crate) use chats::meant as chat_meant;
pub(crate) use error::ApiError;
pub(crate) use methods::{Method, find, is_without_chat, names as method_names};
pub(crate) use parameters::{Parameters, UploadedFile};
pub(crate) use updates::WEBHOOK_SET;

use crate::control::Millis;
use crate::world::polling::PollId;
use crate::world::{Bot, World};

/// One call, its token already known to be right.
#[derive(Debug)]
pub(crate) struct ApiCall<'a> {
    pub(crate) bot: i64,
    pub(crate) parameters: &'a Parameters,
    /// The parameter that names the chat.
    pub(crate) chat: &'static str,
    pub(crate) now: Millis,
}

impl<'a> ApiCall<'a> {
    pub(crate) fn new(bot: i64, parameters: &'a Parameters, now: Millis) -> Self {
        Self { bot, parameters, chat: "chat_id", now }
    }

    /// The same call, about the chat that another parameter names.
    fn at(&self, chat: &'static str) -> Self {
        Self { bot: self.bot, parameters: self.parameters, chat, now: self.now }
    }

    /// The bot that calls.
    pub(crate) fn bot<'w>(&self, world: &'w mut World) -> Result<&'w mut Bot, ApiError> {
        world.bots.get_mut(&self.bot).ok_or_else(ApiError::unauthorized)
    }
}

/// What a call is answered with.
#[derive(Debug)]
pub(crate) enum Reply {
    /// `result`, and the `description` that a few methods add.
    Done(Value, Option<&'static str>),
    /// The answer comes with the outcome of this poll.
    Poll(PollId),
}

impl From<Value> for Reply {
    fn from(result: Value) -> Self {
        Self::Done(result, None)
    }
}

/// What a method does.
type Run = fn(&mut World, &ApiCall<'_>) -> Result<Reply, ApiError>;

/// Does a call.
///
/// # Errors
///
/// What Telegram would answer, or 501 for what is not simulated.
pub(crate) fn perform(world: &mut World, method: &Method, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let run = method.run.ok_or_else(|| ApiError::not_simulated(&format!("the method {}", method.name)))?;
    if let Some(refused) = method.refuses.iter().find(|name| call.parameters.asks_for(name)) {
        return Err(ApiError::not_simulated(&format!("the parameter {refused} of {}", method.name)));
    }
    if let Some(name) = method.takes.iter().find(|name| call.parameters.is_garbled(name)) {
        return Err(ApiError::not_utf8(name, call.parameters));
    }
    run(world, call)
}
