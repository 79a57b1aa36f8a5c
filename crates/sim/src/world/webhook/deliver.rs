//! What the world does with webhooks: sets them, hands out what is due, and learns what came of it.

use std::time::Duration;

use super::{Answer, Delivery, Settings, Verdict, Webhook};
use crate::control::{CallView, Millis};
use crate::world::polling::WEBHOOK_SET;
use crate::world::{World, calls};

/// The name under which deliveries are logged.
const DELIVERY: &str = "webhook";

impl World {
    /// Makes way for a bot's next webhook, even if that one turns out to be wrong: the old one is gone, and nobody polls any more.
    pub(crate) fn drop_webhook(&mut self, bot_id: i64, now: Millis) {
        if let Some(bot) = self.bots.get_mut(&bot_id) {
            bot.webhook = None;
            bot.polling.abort(WEBHOOK_SET, now, &mut self.finished_polls);
        }
        self.tell_bot(bot_id);
    }

    /// Gives a bot a webhook; what waits for it is sent from now on.
    pub(crate) fn set_webhook(&mut self, bot_id: i64, settings: Settings, now: Millis) {
        let generation = self.next_moment();
        if let Some(bot) = self.bots.get_mut(&bot_id) {
            bot.webhook = Some(Webhook::new(settings, generation));
        }
        self.hand_out(bot_id, now);
        self.tell_bot(bot_id);
    }

    /// Hands out what is due at all webhooks.
    pub(crate) fn hand_out_all(&mut self, now: Millis) {
        let hooked: Vec<i64> = self.bots.values().filter(|bot| bot.webhook.is_some()).map(|bot| bot.id).collect();
        for bot in hooked {
            self.hand_out(bot, now);
        }
    }

    /// Hands out what is due at a bot's webhook.
    pub(crate) fn hand_out(&mut self, bot_id: i64, now: Millis) {
        loop {
            let Some(bot) = self.bots.get_mut(&bot_id) else { return };
            let Some(webhook) = bot.webhook.as_mut() else { return };
            let (generation, settings) = (webhook.generation, webhook.settings.clone());
            let due = webhook.due(&bot.queue, now);
            if due.is_empty() {
                return;
            }
            for update in due {
                let Some(bot) = self.bots.get_mut(&bot_id) else { return };
                let Some(body) = bot.queue.text(update) else {
                    // Its time was over while it waited to be sent again.
                    bot.webhook.as_mut().into_iter().for_each(|webhook| webhook.give_up(update));
                    continue;
                };
                let call = self.begin_delivery(bot_id, &settings, &body, now);
                let settings = settings.clone();
                self.deliveries.push(Delivery { bot: bot_id, generation, update, settings, body, call });
            }
        }
    }

    fn begin_delivery(&mut self, bot: i64, settings: &Settings, body: &str, now: Millis) -> u64 {
        let moment = self.next_moment();
        let number = self.calls.begin(CallView {
            number: 0,
            at: now,
            moment,
            bot: Some(bot),
            path: self.told(settings.url.text()).into_owned(),
            method: DELIVERY.to_owned(),
            encoding: "json".to_owned(),
            parameters: self.told_members(serde_json::from_str(body).unwrap_or_default()),
            ignored: Vec::new(),
            unsimulated: false,
            fault: None,
            status: None,
            response: None,
            took: None,
            abandoned: false,
        });
        self.update_call(number, |_| {});
        number
    }

    /// Learns what came of a delivery, and hands out what is due then.
    pub(crate) fn delivered(
        &mut self,
        delivery: &Delivery,
        answer: Answer,
        response: &str,
        took: Duration,
        now: Millis,
    ) {
        let status = match &answer {
            Answer::Status { code, .. } => Some(*code),
            Answer::Failed(_) => None,
        };
        let response = calls::shortened(&self.told(response));
        self.update_call(delivery.call, |call| {
            call.status = status;
            call.response = Some(response);
            call.took = u64::try_from(took.as_millis()).ok();
            call.abandoned = status.is_none();
        });
        let chance = self.next_random();
        let Some(bot) = self.bots.get_mut(&delivery.bot) else { return };
        let webhook = bot.webhook.as_mut().filter(|webhook| webhook.generation == delivery.generation);
        // It may have been deleted or replaced meanwhile; then nobody is interested.
        let Some(webhook) = webhook else { return };
        match webhook.answered(delivery.update, answer, chance, now) {
            Verdict::Forget => bot.queue.forget(delivery.update),
            Verdict::Again => {}
            Verdict::Close => bot.webhook = None,
        }
        self.hand_out(delivery.bot, now);
        self.tell_bot(delivery.bot);
    }
}
