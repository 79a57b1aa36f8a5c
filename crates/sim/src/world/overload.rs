//! What Telegram's Bot API server itself does to a bot that asks too much of it: 429 with 60 seconds, told three seconds late.
//!
//! Follows telegram-bot-api: `Client::send` (calls under way at once), `Client::on_cmd` (files of the same size),
//! `Client::do_send_message` (messages that are not sent yet). Not known here: what any call is about. Pure: time is handed in.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::control::Millis;

/// Calls under way at once, beside as many as there were updates in the last minute.
const CALLS: usize = 500;
/// Uploads under way at once, beside a fifth as many as there were updates…
const UPLOADS: usize = 100;
/// …and their bytes.
const UPLOAD_BYTES: usize = 1 << 32;
/// Messages of one chat under way at once.
const UNSENT: usize = 310;
/// Uploads of more bytes than this are spaced out if they come with the same size.
const SMALL: usize = 100_000;
/// How far apart those are: a microsecond for ten bytes, between these.
const APART: (u64, u64) = (200, 900);
/// How much time a burst of them may save, in milliseconds…
const SAVED: u64 = 1_000;
/// …and from how much of a delay on the next one is refused.
const BEHIND: u64 = 5_000;
/// Sizes that are counted at most, beyond which those that do not matter anymore are forgotten.
const SIZES: usize = 1_000;

/// What a refused call is told to wait, in seconds, …
pub(crate) const RETRY_AFTER: u32 = 60;
/// …and how late.
pub(crate) const LATE: Duration = Duration::from_secs(3);

/// Methods that the server answers by itself.
const LOCAL: &[&str] = &["close", "logOut", "getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"];

/// A call that has been read and is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) bot: i64,
    pub(crate) method: &'static str,
    /// The chat, if it names one.
    pub(crate) chat: Option<i64>,
    pub(crate) files: usize,
    /// Of all its files together.
    pub(crate) bytes: usize,
}

impl Arrival {
    /// The chat into which it sends.
    fn receiver(&self) -> Option<i64> {
        let sends = ["send", "copy", "forward"].iter().any(|verb| self.method.starts_with(verb));
        self.chat.filter(|_| sends && self.method != "sendChatAction")
    }
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    /// It is done after so long.
    Delayed(Duration),
    /// It is refused.
    TooMuch,
}

/// Updates of the last minute, by the second.
#[derive(Debug, Clone)]
struct Updates {
    second: u64,
    counts: [usize; 60],
}

impl Updates {
    fn pass(&mut self, now: Millis) {
        let second = now.0 / 1_000;
        for passed in 1..=second.saturating_sub(self.second).min(60) {
            self.counts[usize::try_from((self.second + passed) % 60).unwrap_or(0)] = 0;
        }
        // After a longer pause all of them are empty.
        self.second = self.second.max(second);
    }

    fn note(&mut self, now: Millis) {
        self.pass(now);
        self.counts[usize::try_from(self.second % 60).unwrap_or(0)] += 1;
    }

    fn count(&mut self, now: Millis) -> usize {
        self.pass(now);
        self.counts.iter().sum()
    }
}

/// What is under way for one bot.
#[derive(Debug, Clone)]
struct Load {
    calls: usize,
    uploads: usize,
    upload_bytes: usize,
    unsent: BTreeMap<i64, usize>,
    updates: Updates,
    /// When uploads of each size would have come if they kept their distance.
    sizes: BTreeMap<usize, Millis>,
}

/// What is under way for all bots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overload {
    bots: BTreeMap<i64, Load>,
}

impl Overload {
    fn load(&mut self, bot: i64) -> &mut Load {
        self.bots.entry(bot).or_insert_with(|| Load {
            calls: 0,
            uploads: 0,
            upload_bytes: 0,
            unsent: BTreeMap::new(),
            updates: Updates { second: 0, counts: [0; 60] },
            sizes: BTreeMap::new(),
        })
    }

    /// An update was made for a bot.
    pub(crate) fn update(&mut self, bot: i64, now: Millis) {
        self.load(bot).updates.note(now);
    }

    /// A call begins; it is under way until [`Overload::end`], whatever becomes of it.
    pub(crate) fn begin(&mut self, arrival: &Arrival, limited: bool, now: Millis) -> Verdict {
        let load = self.load(arrival.bot);
        let updates = load.updates.count(now);
        let is_local = LOCAL.contains(&arrival.method);
        let uploads = arrival.files > 0 && (load.upload_bytes > UPLOAD_BYTES || load.uploads >= UPLOADS + updates / 5);
        let unsent = arrival.receiver().and_then(|chat| load.unsent.get(&chat)).is_some_and(|count| *count >= UNSENT);
        let too_much = (!is_local && (load.calls >= CALLS + updates || uploads)) || unsent;
        load.count(arrival, 1);
        match too_much {
            _ if !limited => Verdict::Done,
            true => Verdict::TooMuch,
            false => load.space_out(arrival.bytes, now),
        }
    }

    /// A call is over.
    pub(crate) fn end(&mut self, arrival: &Arrival) {
        self.load(arrival.bot).count(arrival, -1);
    }
}

impl Load {
    fn count(&mut self, arrival: &Arrival, change: isize) {
        let add = |count: &mut usize, times: usize| {
            *count = count.saturating_add_signed(change.saturating_mul(times.cast_signed()));
        };
        add(&mut self.calls, 1);
        add(&mut self.uploads, usize::from(arrival.files > 0));
        add(&mut self.upload_bytes, arrival.bytes);
        if let Some(chat) = arrival.receiver() {
            let count = self.unsent.entry(chat).or_default();
            add(count, 1);
            if *count == 0 {
                self.unsent.remove(&chat);
            }
        }
    }

    /// Uploads of the same size come at a distance, but for a few at once after a pause.
    fn space_out(&mut self, bytes: usize, now: Millis) -> Verdict {
        if bytes <= SMALL {
            return Verdict::Done;
        }
        let earliest = Millis(now.0.saturating_sub(SAVED));
        if self.sizes.len() >= SIZES {
            self.sizes.retain(|_, last| last.0 + APART.1 > earliest.0);
        }
        let apart = u64::try_from(bytes / 10_000).unwrap_or(u64::MAX).clamp(APART.0, APART.1);
        let last = self.sizes.entry(bytes).or_default();
        if last.0 > now.0 + BEHIND {
            return Verdict::TooMuch;
        }
        *last = Millis(last.0 + apart).max(earliest);
        match last.0.saturating_sub(now.0) {
            0 => Verdict::Done,
            rest => Verdict::Delayed(Duration::from_millis(rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn arrival(method: &'static str, chat: i64, bytes: usize) -> Arrival {
        Arrival { bot: 7, method, chat: Some(chat), files: usize::from(bytes > 0), bytes }
    }

    /// How many of these calls begin before one is refused, if none ends.
    fn at_once(overload: &mut Overload, call: impl Fn(i64) -> Arrival) -> i64 {
        (0..2_000).find(|number| overload.begin(&call(*number), true, NOW) == Verdict::TooMuch).unwrap_or(2_000)
    }

    #[test]
    fn five_hundred_calls_at_once_and_more_for_a_busy_bot() {
        let mut overload = Overload::default();
        assert_eq!(at_once(&mut overload, |number| arrival("sendMessage", number, 0)), 500);
        assert_eq!(
            overload.begin(&arrival("getUpdates", 0, 0), true, NOW),
            Verdict::Done,
            "it is not asked of Telegram"
        );
        assert_eq!(overload.begin(&arrival("getChat", 0, 0), false, NOW), Verdict::Done, "no limits");
        for number in 0..3 {
            overload.end(&arrival("sendMessage", number, 0));
        }
        overload.end(&arrival("getUpdates", 0, 0));
        assert_eq!(overload.begin(&arrival("getChat", 0, 0), true, NOW), Verdict::Done);
        let mut busy = Overload::default();
        for number in 0..300 {
            busy.update(7, NOW);
            busy.update(7, Millis(NOW.0 - 61_000 - number));
        }
        assert_eq!(
            at_once(&mut busy, |number| arrival("sendMessage", number, 0)),
            1_100,
            "500 and the last minute's updates"
        );
    }

    #[test]
    fn updates_are_counted_for_a_minute() {
        let mut updates = Updates { second: 0, counts: [0; 60] };
        let at = |second: u64| Millis(NOW.0 + second * 1_000);
        for second in 0..120 {
            updates.note(at(second));
        }
        assert_eq!(updates.count(at(119)), 60);
        assert_eq!(updates.count(at(149)), 30);
        assert_eq!(updates.count(at(500)), 0);
    }

    #[test]
    fn messages_of_one_chat_that_are_not_sent_yet_are_310() {
        let mut overload = Overload::default();
        assert_eq!(at_once(&mut overload, |_| arrival("sendMessage", 1, 0)), 310);
        assert_eq!(overload.begin(&arrival("sendMessage", 2, 0), true, NOW), Verdict::Done, "another chat");
        assert_eq!(overload.begin(&arrival("editMessageText", 1, 0), true, NOW), Verdict::Done, "not sending");
        for _ in 0..311 {
            overload.end(&arrival("sendMessage", 1, 0));
        }
        assert_eq!(overload.begin(&arrival("sendMessage", 1, 0), true, NOW), Verdict::Done);
        assert_eq!(overload.bots[&7].unsent, BTreeMap::from([(1, 1), (2, 1)]), "nothing is left behind");
    }

    #[test]
    fn a_hundred_uploads_at_once_or_four_gigabytes() {
        let mut overload = Overload::default();
        assert_eq!(at_once(&mut overload, |number| arrival("sendDocument", number, 5)), 100);
        let mut overload = Overload::default();
        assert_eq!(
            at_once(&mut overload, |number| arrival("sendPhoto", number, (1 << 30) + number.unsigned_abs() as usize)),
            4
        );
    }

    #[test]
    fn uploads_of_the_same_size_are_spaced_out() {
        let mut overload = Overload::default();
        let mut upload = |bytes, at: u64| {
            let call = arrival("sendDocument", 1, bytes);
            let verdict = overload.begin(&call, true, Millis(NOW.0 + at));
            overload.end(&call);
            verdict
        };
        let delayed = |millis| Verdict::Delayed(Duration::from_millis(millis));
        assert!((0..50).all(|_| upload(100_000, 0) == Verdict::Done), "small ones are not");
        assert!((0..6).all(|_| upload(150_000, 0) == Verdict::Done));
        assert_eq!(
            [upload(150_000, 0), upload(150_000, 100), upload(150_001, 100)],
            [delayed(200), delayed(300), Verdict::Done]
        );
        let refused = (0..50).position(|_| upload(150_000, 100) == Verdict::TooMuch);
        assert_eq!(refused, Some(24), "more than five seconds behind");
        assert_eq!(upload(150_000, 400), delayed(5_000));
        assert!((0..2).all(|_| upload(50_000_000, 0) == Verdict::Done));
        assert_eq!(upload(50_000_000, 0), delayed(800), "large ones nearly a second apart");
    }

    #[test]
    fn sizes_are_forgotten() {
        let mut overload = Overload::default();
        for size in 0..5_000 {
            overload.begin(&arrival("sendDocument", 1, 200_000 + size), false, NOW);
            overload.load(7).space_out(200_000 + size, Millis(NOW.0 + 10 * u64::try_from(size).unwrap_or(0)));
        }
        assert!(overload.bots[&7].sizes.len() <= SIZES);
    }
}
