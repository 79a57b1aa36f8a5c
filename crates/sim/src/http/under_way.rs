//! Calls while they are under way: what Telegram's server does if there are too many of them, if another one takes their place,
//! and if it stops.

use std::time::Duration;

use axum::response::Response;

use super::envelope::envelope;
use super::shared::Shared;
use crate::api::{self, ApiError, Parameters};
use crate::world::overload::{self, Arrival, Verdict};
use crate::world::token::Token;

/// Counts a call for as long as it is under way.
pub(super) struct UnderWay {
    shared: Shared,
    arrival: Arrival,
}

impl UnderWay {
    /// A call begins that has been read; it may have to wait, or is refused late.
    pub(super) async fn begin(
        shared: &Shared,
        token: &Token,
        method: &'static str,
        call: &Parameters,
    ) -> Result<Option<Self>, ApiError> {
        let (files, bytes) = call.uploaded();
        let begun = shared.quietly(|world, now| {
            let bot = world.bot_by_token(token)?;
            let arrival = Arrival { bot, method, chat: api::chat_meant(world, call), files, bytes };
            let verdict = world.overload.begin(&arrival, world.flood.limited, now);
            Some((arrival, verdict))
        });
        let Some((arrival, verdict)) = begun else { return Ok(None) };
        let under_way = Self { shared: shared.clone(), arrival };
        match verdict {
            Verdict::Done => {}
            Verdict::Delayed(by) => tokio::time::sleep(by).await,
            Verdict::TooMuch => {
                tokio::time::sleep(overload::LATE).await;
                return Err(ApiError::too_many_requests(overload::RETRY_AFTER));
            }
        }
        Ok(Some(under_way))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.shared.quietly(|world, _| world.overload.end(&self.arrival));
    }
}

/// A webhook that has been set, and whose bot has not been told yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    bot: i64,
    generation: u64,
}

impl Setting {
    /// The webhook that this bot has.
    pub(super) fn of(shared: &Shared, token: &Token) -> Option<Self> {
        shared.read(|world, _| {
            let bot = world.bot_by_token(token)?;
            Some(Self { bot, generation: world.bots.get(&bot)?.webhook.as_ref()?.generation })
        })
    }

    /// What the bot is told once the webhook was set anew or deleted before it was told of this one.
    pub(super) async fn superseded(self, shared: &Shared) -> Response {
        let mut changes = shared.changes();
        loop {
            let stands = shared.read(|world, _| {
                let webhook = world.bots.get(&self.bot).and_then(|bot| bot.webhook.as_ref());
                webhook.is_some_and(|webhook| webhook.generation == self.generation)
            });
            if !stands {
                break;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        let pause =
            shared.quietly(|world, now| world.bots.get_mut(&self.bot).map(|bot| bot.polling.conflict_pause(now)));
        tokio::time::sleep(pause.unwrap_or(Duration::ZERO)).await;
        envelope(&Err(ApiError::new(409, "Conflict: terminated by other setWebhook")))
    }
}

/// What a call is told that is still under way when the server stops.
pub(super) fn stopped() -> Response {
    envelope(&Err(ApiError::too_many_requests(5)))
}
