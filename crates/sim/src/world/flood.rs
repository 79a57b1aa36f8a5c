//! How much a bot may send before Telegram bids it wait.
//!
//! Telegram publishes three numbers (the Bot API's FAQ, "My bot is hitting limits"): about one message a second in a chat, where
//! short bursts pass; twenty a minute in a group; about thirty a second in all chats together. How short a burst is it does not
//! say. Here it is twenty messages: [`IN_CHAT`] of them within [`CHAT`]. Whoever keeps to one a second is never told to wait.
//!
//! Pure: time is handed in. What is refused counts for nothing.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::control::{Millis, RoomKind};
use crate::world::{ChatKey, World};

/// Messages in one chat…
const IN_CHAT: usize = 20;
/// …within this time: one a second, and twenty at once after a pause.
const CHAT: Duration = Duration::from_secs(20);
/// In a group or supergroup as many within this.
const GROUP: Duration = Duration::from_secs(60);
/// Messages of one bot in all chats…
const IN_ALL: usize = 30;
/// …within this.
const ALL: Duration = Duration::from_secs(1);
/// Chats that are counted at most; beyond that those in which nothing was sent for longest are forgotten.
const CHATS: usize = 10_000;

/// The latest messages of a bot, no more than are needed to know whether another one may follow.
#[derive(Debug, Clone, Default)]
struct Sent(VecDeque<Millis>);

impl Sent {
    /// From when on another message may be sent, if `most` are allowed within this time.
    fn next(&self, most: usize, within: Duration) -> Millis {
        self.0.len().checked_sub(most).and_then(|index| self.0.get(index)).map_or(Millis(0), |at| *at + within)
    }

    fn note(&mut self, count: usize, most: usize, now: Millis) {
        self.0.extend(std::iter::repeat_n(now, count));
        while self.0.len() > most {
            self.0.pop_front();
        }
    }

    fn last(&self) -> Millis {
        self.0.back().copied().unwrap_or_default()
    }
}

/// What bots have sent lately.
#[derive(Debug, Clone)]
pub(crate) struct Flood {
    /// The limits are kept.
    pub(crate) limited: bool,
    bots: BTreeMap<i64, Sent>,
    chats: BTreeMap<(i64, ChatKey), Sent>,
}

impl Flood {
    /// Nothing sent yet.
    pub(crate) fn new(limited: bool) -> Self {
        Self { limited, bots: BTreeMap::new(), chats: BTreeMap::new() }
    }

    /// Takes note of so many messages that go out together, or says after how many seconds the next one may. An album that would
    /// go beyond the limit passes if its first message would not.
    fn send(&mut self, bot: i64, key: ChatKey, is_group: bool, count: usize, now: Millis) -> Result<(), u32> {
        let within = if is_group { GROUP } else { CHAT };
        let in_chat = self.chats.get(&(bot, key)).map_or(Millis(0), |sent| sent.next(IN_CHAT, within));
        let in_all = self.bots.get(&bot).map_or(Millis(0), |sent| sent.next(IN_ALL, ALL));
        let rest = in_chat.max(in_all).0.saturating_sub(now.0);
        if rest > 0 {
            return Err(u32::try_from(rest.div_ceil(1000)).unwrap_or(u32::MAX));
        }
        self.make_room(bot, key, now);
        self.chats.entry((bot, key)).or_default().note(count, IN_CHAT, now);
        self.bots.entry(bot).or_default().note(count, IN_ALL, now);
        Ok(())
    }

    /// Forgets chats in which nothing counts anymore, or else the idler half of all, if there are too many for another one.
    fn make_room(&mut self, bot: i64, key: ChatKey, now: Millis) {
        if self.chats.len() < CHATS || self.chats.contains_key(&(bot, key)) {
            return;
        }
        self.chats.retain(|_, sent| sent.last() + GROUP > now);
        if self.chats.len() >= CHATS {
            let mut lasts: Vec<Millis> = self.chats.values().map(Sent::last).collect();
            lasts.sort_unstable();
            let middle = lasts[lasts.len() / 2];
            self.chats.retain(|_, sent| sent.last() > middle);
        }
    }
}

impl World {
    /// Takes note of so many messages that a bot is about to put into a chat.
    ///
    /// # Errors
    ///
    /// After how many seconds it may, if it has sent too many.
    pub(crate) fn may_send(&mut self, bot: i64, key: ChatKey, count: usize, now: Millis) -> Result<(), u32> {
        if !self.flood.limited {
            return Ok(());
        }
        let kind = self.chats.get(&key).and_then(super::chat::Chat::room_kind);
        let is_group = matches!(kind, Some(RoomKind::Group | RoomKind::Supergroup));
        self.flood.send(bot, key, is_group, count, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_800_000_000_000;
    const ANNA: ChatKey = ChatKey::Private { bot: 7, user: 1001 };
    const TEAM: ChatKey = ChatKey::Shared(-1001);

    /// What becomes of messages sent so many milliseconds after the start.
    fn sent(flood: &mut Flood, key: ChatKey, at: impl IntoIterator<Item = u64>) -> Vec<Result<(), u32>> {
        let is_group = key == TEAM;
        at.into_iter().map(|at| flood.send(7, key, is_group, 1, Millis(START + at))).collect()
    }

    #[test]
    fn one_message_a_second_passes_for_ever() {
        let mut flood = Flood::new(true);
        assert!(sent(&mut flood, ANNA, (0..3_600).map(|second| second * 1_000)).iter().all(Result::is_ok));
    }

    #[test]
    fn a_short_burst_in_a_chat_passes_and_a_long_one_does_not() {
        let mut flood = Flood::new(true);
        assert!(sent(&mut flood, ANNA, (0..20).map(|number| number * 10)).iter().all(Result::is_ok));
        assert_eq!(sent(&mut flood, ANNA, [200, 19_000, 19_999]), [Err(20), Err(1), Err(1)]);
        assert_eq!(sent(&mut flood, ANNA, [20_000, 20_001]), [Ok(()), Err(1)], "it may when it was told, once");
        assert_eq!(sent(&mut flood, ChatKey::Private { bot: 7, user: 1002 }, [20_001]), [Ok(())], "elsewhere it may");
    }

    #[test]
    fn two_messages_a_second_are_soon_too_many() {
        let mut flood = Flood::new(true);
        let first = sent(&mut flood, ANNA, (0..60).map(|half| half * 500)).iter().position(Result::is_err);
        assert_eq!(first, Some(20), "after ten seconds");
    }

    #[test]
    fn a_group_gets_twenty_a_minute() {
        let mut flood = Flood::new(true);
        assert!(sent(&mut flood, TEAM, (0..20).map(|number| number * 1_000)).iter().all(Result::is_ok));
        assert_eq!(sent(&mut flood, TEAM, [20_000, 59_999, 60_000, 60_001]), [Err(40), Err(1), Ok(()), Err(1)]);
        let tripled = sent(&mut flood, TEAM, (30..500).map(|third| third * 3_000));
        assert!(tripled[4..].iter().all(Result::is_ok), "one every three seconds is what it gets");
    }

    #[test]
    fn thirty_a_second_in_all_chats_together() {
        let mut flood = Flood::new(true);
        let mut to =
            |user: i64, at: u64| flood.send(7, ChatKey::Private { bot: 7, user }, false, 1, Millis(START + at));
        for second in 0..10 {
            assert!((0..30).all(|user| to(second * 30 + user, second.unsigned_abs() * 1_000).is_ok()), "{second}");
        }
        assert_eq!([to(999, 9_000), to(999, 9_999), to(999, 10_000)], [Err(1), Err(1), Ok(())]);
        let other = flood.send(8, ChatKey::Private { bot: 8, user: 1 }, false, 1, Millis(START + 9_000));
        assert_eq!(other, Ok(()), "each bot has its own");
    }

    #[test]
    fn an_album_counts_as_its_messages() {
        let mut flood = Flood::new(true);
        let mut album = |count, at| flood.send(7, ANNA, false, count, Millis(START + at));
        assert_eq!([album(10, 0), album(9, 1_000), album(10, 2_000)], [Ok(()); 3]);
        assert_eq!([album(1, 3_000), album(1, 19_999), album(1, 20_000)], [Err(17), Err(1), Ok(())]);
    }

    #[test]
    fn not_all_chats_are_remembered() {
        let mut flood = Flood::new(true);
        for user in 0_i64..20_000 {
            let at = Millis(START + user.unsigned_abs() / 20);
            let bot = user % 1_000;
            flood.bots.clear();
            flood.send(bot, ChatKey::Private { bot, user }, false, 1, at).unwrap_or_default();
        }
        assert!(flood.chats.len() <= CHATS && flood.chats.len() >= CHATS / 4, "{}", flood.chats.len());
        assert!(flood.chats.values().all(|sent| sent.0.len() <= IN_CHAT));
        assert!(flood.chats.contains_key(&(999, ChatKey::Private { bot: 999, user: 19_999 })));
    }
}
