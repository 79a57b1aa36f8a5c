//! getMe, getUpdates and the webhook that excludes it.

use serde_json::{Value, json};

use super::{ApiCall, ApiError, Reply, objects};
use crate::world::polling::{PollRequest, WEBHOOK_SET};
use crate::world::{Webhook, World};

const CONNECTIONS: i64 = 40;

pub(super) fn get_me(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    Ok(objects::me(call.bot(world)?).into())
}

pub(super) fn get_updates(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    let bot = call.bot(world)?;
    if bot.webhook.is_none()
        && let Some(allowed) = parameters.non_empty("allowed_updates")
    {
        bot.queue.allow(allowed);
    }
    let offset = parameters.integer("offset").unwrap_or(0);
    let timeout = parameters.integer("timeout").unwrap_or(0);
    let request = PollRequest::clamped(offset, parameters.integer("limit"), timeout);
    Ok(Reply::Poll(world.begin_poll(call.bot, request, call.now)))
}

pub(super) fn set_webhook(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    let Some(url) = parameters.non_empty("url") else { return delete_webhook(world, call) };
    if !url.starts_with("https://") {
        return Err(ApiError::bad_request("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let mut done = Vec::new();
    let bot = call.bot(world)?;
    if parameters.flag("drop_pending_updates") {
        bot.queue.clear();
    }
    let webhook = Webhook {
        url: url.to_owned(),
        max_connections: parameters.integer("max_connections").unwrap_or(CONNECTIONS).clamp(1, 100),
        ip_address: parameters.non_empty("ip_address").map(str::to_owned),
    };
    if let Some(allowed) = parameters.non_empty("allowed_updates") {
        bot.queue.allow(allowed);
    }
    let description = match bot.webhook.replace(webhook) {
        Some(old) if old.url == url => "Webhook is already set",
        _ => "Webhook was set",
    };
    bot.polling.abort(WEBHOOK_SET, call.now, &mut done);
    world.finished_polls.append(&mut done);
    world.tell_bot(call.bot);
    Ok(Reply::Done(true.into(), Some(description)))
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
        "url": bot.webhook.as_ref().map_or("", |webhook| webhook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": bot.queue.len(),
    });
    if let Some(webhook) = &bot.webhook {
        info["max_connections"] = webhook.max_connections.into();
        if let Some(address) = &webhook.ip_address {
            info["ip_address"] = address.clone().into();
        }
    }
    if let Some(allowed) = bot.queue.allowed() {
        info["allowed_updates"] = allowed.into_iter().map(Value::from).collect();
    }
    Ok(info.into())
}
