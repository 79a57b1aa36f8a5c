//! Which messages are remembered: the latest ones of all chats together, so that memory stays bounded however long people talk.
//!
//! Of what is forgotten people and bots see no more than of what never was.

use std::collections::VecDeque;

use crate::world::{ChatKey, World};

/// Messages that are remembered, in all chats together.
const MESSAGES: usize = 100_000;

/// The messages in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remembered {
    order: VecDeque<(ChatKey, i64)>,
}

impl Remembered {
    /// Notes a new message; returns the one that is forgotten for it.
    fn note(&mut self, key: ChatKey, message_id: i64, most: usize) -> Option<(ChatKey, i64)> {
        self.order.push_back((key, message_id));
        (self.order.len() > most).then(|| self.order.pop_front()).flatten()
    }
}

impl World {
    /// Notes a new message, and forgets the oldest one where there are too many.
    pub(super) fn remember(&mut self, key: ChatKey, message_id: i64) {
        if let Some((key, message_id)) = self.remembered.note(key, message_id, MESSAGES)
            && let Some(chat) = self.chats.get_mut(&key)
        {
            chat.messages.remove(&message_id);
            self.posts.posts.remove(&(key, message_id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_message_of_all_chats_goes_first() {
        let mut remembered = Remembered::default();
        let [one, other] = [1, 2].map(|user| ChatKey::Private { bot: 7, user });
        assert_eq!(remembered.note(one, 1, 2), None);
        assert_eq!(remembered.note(other, 2, 2), None);
        assert_eq!(remembered.note(other, 3, 2), Some((one, 1)));
        assert_eq!(remembered.note(other, 4, 2), Some((other, 2)));
    }
}
