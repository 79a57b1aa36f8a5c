//! What every program says in the same words: roles, and authors who are nobody of Telegram's.

use fluent_templates::static_loader;
use interfaces::admins::Role;
use interfaces::configs::{Author, Origin};

use crate::{Sentence, Value};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

fn sentence(key: &'static str, arguments: Vec<(&'static str, Value)>) -> Value {
    Value::Sentence(Box::new(Sentence::new(&LOCALES, key, arguments)))
}

impl From<Option<Role>> for Value {
    fn from(role: Option<Role>) -> Self {
        let key = match role {
            None => "role-none",
            Some(Role::Viewer) => "role-viewer",
            Some(Role::Admin) => "role-admin",
            Some(Role::Owner) => "role-owner",
        };
        sentence(key, Vec::new())
    }
}

impl From<Role> for Value {
    fn from(role: Role) -> Self {
        Some(role).into()
    }
}

impl From<&Author> for Value {
    fn from(author: &Author) -> Self {
        match author.origin {
            Origin::Telegram => Self::Words(author.name.clone()),
            Origin::Operator => sentence("author-operator", vec![("name", author.name.as_str().into())]),
            Origin::File => sentence("author-file", Vec::new()),
        }
    }
}

impl Value {
    /// Who did something, as a line of the audit trail has it: a file does by its name, whereas a version's author is simply what
    /// was found.
    pub fn actor(author: &Author) -> Self {
        match author.origin {
            Origin::File => sentence("actor-file", vec![("name", author.name.as_str().into())]),
            Origin::Telegram | Origin::Operator => author.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalogue, Language};

    #[test]
    fn every_sentence_is_said_in_both_languages() {
        let catalogue = Catalogue {
            words: &LOCALES,
            listed: vec![
                ("role-viewer", &[]),
                ("role-admin", &[]),
                ("role-owner", &[]),
                ("role-none", &[]),
                ("author-operator", &["name"]),
                ("author-file", &[]),
                ("actor-file", &["name"]),
            ],
            written: |language| match language {
                Language::English => include_str!("../locales/en/people.ftl"),
                Language::Russian => include_str!("../locales/ru/people.ftl"),
            },
            without_letters: &[],
        };
        assert_eq!(catalogue.problems(), [""; 0]);
    }

    #[test]
    fn roles_are_called_by_their_names() {
        let said = |role: Option<Role>| Language::ALL.map(|language| Value::from(role).say(language));
        assert_eq!(said(None), ["none", "никакой"]);
        assert_eq!(said(Some(Role::Viewer)), ["viewer", "наблюдатель"]);
        assert_eq!(said(Some(Role::Admin)), ["admin", "администратор"]);
        assert_eq!(said(Some(Role::Owner)), ["owner", "владелец"]);
    }

    #[test]
    fn nobody_of_telegrams_is_named_as_what_they_are() {
        let said = |origin| {
            let author = Author { origin, id: 0, name: "root".to_owned() };
            Language::ALL.map(|language| Value::from(&author).say(language))
        };
        assert_eq!(said(Origin::Telegram), ["root", "root"]);
        assert_eq!(said(Origin::Operator), ["the operator root", "оператор root"]);
        assert_eq!(said(Origin::File), ["the file found at start", "файл, найденный при запуске"]);
        let file = Author { origin: Origin::File, id: 0, name: "fees.yml".to_owned() };
        let said = Language::ALL.map(|language| Value::actor(&file).say(language));
        assert_eq!(said, ["the file fees.yml", "файл fees.yml"]);
    }
}
