//! getMe, getUpdates and the webhook that excludes it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ApiCall, ApiError, Parameters, Reply, objects};
use crate::control::Secret;
use crate::world::polling::PollRequest;
use crate::world::webhook::{self, Settings};
use crate::world::{Bot, World};

/// Connections of a webhook unless it asks for another number, and the most it can have.
const CONNECTIONS: i64 = 40;
const CONNECTIONS_MAX: i64 = 100;
/// Longest secret token, in bytes.
const SECRET_BYTES: usize = 256;
/// Two webhooks are not set closer after each other.
const BETWEEN: Duration = Duration::from_secs(1);

/// What setWebhook says once there is a new one.
pub(crate) const WEBHOOK_SET: &str = "Webhook was set";

pub(super) fn get_me(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    Ok(objects::me(call.bot(world)?).into())
}

pub(super) fn get_updates(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    let bot = call.bot(world)?;
    if bot.webhook.is_none() {
        allow(bot, parameters);
    }
    let offset = parameters.integer("offset").unwrap_or(0);
    let timeout = parameters.integer("timeout").unwrap_or(0);
    let request = PollRequest::clamped(offset, parameters.integer("limit"), timeout);
    Ok(Reply::Poll(world.begin_poll(call.bot, request, call.now)))
}

pub(super) fn set_webhook(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    let Some(url) = parameters.non_empty("url") else { return delete_webhook(world, call) };
    let max_connections = parameters.integer("max_connections").unwrap_or(CONNECTIONS).clamp(1, CONNECTIONS_MAX);
    let max_connections = usize::try_from(max_connections).unwrap_or(1);
    let (ip_address, secret) = (parameters.non_empty("ip_address"), parameters.non_empty("secret_token"));
    let bot = call.bot(world)?;
    if call.now < bot.next_webhook {
        return Err(ApiError::too_many_requests(1));
    }
    bot.next_webhook = call.now + BETWEEN;
    let same = |settings: &Settings| {
        settings.url.text() == url
            && settings.max_connections == max_connections
            && settings.ip_address.as_deref() == ip_address
            && settings.secret.as_ref().map(Secret::text) == secret
    };
    let drop_pending = parameters.flag("drop_pending_updates");
    if !drop_pending && bot.webhook.as_ref().is_some_and(|webhook| same(&webhook.settings)) {
        allow(bot, parameters);
        return Ok(Reply::Done(true.into(), Some("Webhook is already set")));
    }
    if drop_pending {
        bot.queue.clear();
    }
    world.drop_webhook(call.bot, call.now);
    let address = webhook::check(url, ip_address)?;
    if secret.is_some_and(|secret| secret.len() > SECRET_BYTES) {
        return Err(ApiError::bad_request("secret token is too long"));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if secret.is_some_and(|secret| !secret.bytes().all(is_allowed)) {
        return Err(ApiError::bad_request("secret token contains unallowed characters"));
    }
    allow(call.bot(world)?, parameters);
    let (ip_address, secret) = (ip_address.map(str::to_owned), secret.map(Secret::from));
    let settings = Settings { url: url.into(), address, max_connections, ip_address, secret };
    world.set_webhook(call.bot, settings, call.now);
    Ok(Reply::Done(true.into(), Some(WEBHOOK_SET)))
}

fn allow(bot: &mut Bot, parameters: &Parameters) {
    if let Some(allowed) = parameters.non_empty("allowed_updates") {
        bot.queue.allow(allowed);
    }
}

pub(super) fn delete_webhook(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let bot = call.bot(world)?;
    if call.parameters.flag("drop_pending_updates") {
        bot.queue.clear();
    }
    let description = match bot.webhook.take() {
        Some(_) => "Webhook was deleted",
        None => "Webhook is already deleted",
    };
    world.tell_bot(call.bot);
    Ok(Reply::Done(true.into(), Some(description)))
}

pub(super) fn get_webhook_info(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let bot = call.bot(world)?;
    bot.queue.expire(call.now);
    let mut info = json!({
        "url": bot.webhook.as_ref().map_or("", |webhook| webhook.settings.url.text()),
        "has_custom_certificate": false,
        "pending_update_count": bot.queue.len(),
    });
    if let Some(webhook) = &bot.webhook {
        if let Some(error) = webhook.last_error() {
            info["last_error_date"] = error.at.seconds().into();
            info["last_error_message"] = error.message.clone().into();
        }
        info["max_connections"] = webhook.settings.max_connections.into();
        info["ip_address"] = webhook.settings.address.socket.ip().to_string().into();
    }
    if let Some(allowed) = bot.queue.allowed() {
        info["allowed_updates"] = allowed.into_iter().map(Value::from).collect();
    }
    Ok(info.into())
}
