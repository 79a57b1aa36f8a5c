//! Presses of buttons, and what became of them. The latest ones are remembered, so that memory stays bounded.

use std::collections::{HashMap, VecDeque};

use crate::control::{Millis, QueryAnswer};
use crate::world::ChatKey;

/// Presses that are remembered.
const KEPT: usize = 10_000;

/// A press of a button.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) bot: i64,
    pub(crate) chat: ChatKey,
    /// Who pressed.
    pub(crate) from: i64,
    pub(crate) message_id: i64,
    pub(crate) data: String,
    /// After this it is too late to answer.
    pub(crate) expires: Millis,
    pub(crate) answer: Option<QueryAnswer>,
}

/// The latest presses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queries {
    queries: HashMap<String, Query>,
    order: VecDeque<String>,
}

impl Queries {
    /// Remembers a press; if there are too many, the oldest one is forgotten.
    pub(crate) fn insert(&mut self, id: String, query: Query) {
        self.order.push_back(id.clone());
        self.queries.insert(id, query);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.queries.remove(&oldest);
        }
    }

    /// The press of this id, if it is remembered.
    pub(crate) fn get(&self, id: &str) -> Option<&Query> {
        self.queries.get(id)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Query> {
        self.queries.get_mut(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_press_is_forgotten_first() {
        let mut queries = Queries::default();
        for number in 0..=KEPT {
            let chat = ChatKey::Private { bot: 7, user: 1 };
            let query =
                Query { bot: 7, chat, from: 1, message_id: 1, data: String::new(), expires: Millis(0), answer: None };
            queries.insert(number.to_string(), query);
        }
        assert_eq!(queries.queries.len(), KEPT);
        assert!(queries.get("0").is_none() && queries.get("1").is_some());
    }
}
