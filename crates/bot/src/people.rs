//! What this process remembers about the people it has met: nothing that a restart may not forget.
//!
//! Who may do what is not among it: that is asked of the writer for every update.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interfaces::admins::{Admin, KindRole, Role};

use crate::strangers::Strangers;
use crate::texts::Language;

/// What somebody's command menu depends on.
type Rights = (Option<Role>, Vec<KindRole>);

/// The people met so far.
#[derive(Debug, Default)]
pub(crate) struct People(Mutex<Met>);

#[derive(Debug, Default)]
struct Met {
    /// The language of people with a role, who may have to be told something without having asked.
    languages: BTreeMap<i64, Language>,
    /// The rights for which a menu is set, or asked for.
    menus: BTreeMap<i64, Rights>,
    strangers: Strangers,
}

impl People {
    /// Whether a stranger is answered now; see [`Strangers`].
    pub(crate) fn answers_stranger(&self, user: i64, now: Duration) -> bool {
        self.met().strangers.answer(user, now)
    }

    /// Somebody with a role wrote, or pressed something.
    pub(crate) fn speaks(&self, user: i64, language: Language) {
        self.met().languages.insert(user, language);
    }

    /// The language in which somebody last spoke.
    pub(crate) fn language(&self, user: i64) -> Option<Language> {
        self.met().languages.get(&user).copied()
    }

    /// Takes note that the menu fits `person`, or is asked for; answers whether that is news.
    pub(crate) fn has_menu(&self, person: &Admin) -> bool {
        let rights = (person.role, person.kinds.clone());
        self.met().menus.insert(person.user, rights.clone()) != Some(rights)
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::nobody;

    #[test]
    fn a_menu_is_asked_for_when_it_would_be_another_one() {
        let people = People::default();
        let viewer = Admin { role: Some(Role::Viewer), ..nobody(7, "Carol") };
        let admin = Admin { role: Some(Role::Admin), ..viewer.clone() };
        assert!(people.has_menu(&viewer) && !people.has_menu(&viewer));
        assert!(people.has_menu(&admin) && !people.has_menu(&admin));
        let named = Admin { name: "Caroline".to_owned(), ..admin };
        assert!(!people.has_menu(&named));
    }
}
