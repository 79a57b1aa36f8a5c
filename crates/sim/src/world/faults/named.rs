//! The chat of a fault, written as people call it.

use thiserror::Error;

use crate::world::World;

/// Why a name is no chat.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NameMistake {
    #[error(
        "`chat` is {0:?}, and nobody and no chat is called that; it is an id, a @username, a person's name or a chat's title"
    )]
    Nobody(String),
    #[error("`chat` is {name:?}, and {} are called that: {}; say which by its id", .ids.len(), list(.ids))]
    Several { name: String, ids: Vec<i64> },
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<String>>().join(", ")
}

impl World {
    /// The id of the person or shared chat of this id, `@username`, first or full name, or title, in any case.
    ///
    /// # Errors
    ///
    /// If there is none, or more than one.
    pub(crate) fn chat_called(&self, name: &str) -> Result<i64, NameMistake> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let wanted = name.to_lowercase();
        let is_wanted = |called: Option<&str>| called.is_some_and(|called| called.to_lowercase() == wanted);
        let at = |username: Option<&String>| username.map(|username| format!("@{username}"));
        let people = self.users.values().filter(|user| {
            let full = format!("{} {}", user.first_name, user.last_name.as_deref().unwrap_or_default());
            is_wanted(at(user.username.as_ref()).as_deref())
                || is_wanted(Some(&user.first_name))
                || is_wanted(Some(&full))
        });
        let rooms = self.chats.iter().filter(|(_, chat)| {
            let Some(room) = chat.room() else { return false };
            is_wanted(at(room.username.as_ref()).as_deref()) || is_wanted(Some(&room.title))
        });
        let ids: Vec<i64> = people.map(|user| user.id).chain(rooms.map(|(key, _)| key.id())).collect();
        match ids[..] {
            [] => Err(NameMistake::Nobody(name.to_owned())),
            [id] => Ok(id),
            _ => Err(NameMistake::Several { name: name.to_owned(), ids }),
        }
    }
}
