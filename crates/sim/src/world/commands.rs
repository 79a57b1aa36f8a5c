//! The command menus of one bot: per scope and language, and which of them a person is shown.

use std::collections::BTreeMap;

use crate::control::Command;

/// For whom a menu is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat(i64),
    ChatAdministrators(i64),
    ChatMember(i64, i64),
}

/// All menus of a bot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Menus(BTreeMap<(Scope, String), Vec<Command>>);

impl Menus {
    /// Replaces a menu; an empty one is the same as none.
    pub(crate) fn set(&mut self, scope: Scope, language: &str, commands: Vec<Command>) {
        if commands.is_empty() {
            self.0.remove(&(scope, language.to_owned()));
        } else {
            self.0.insert((scope, language.to_owned()), commands);
        }
    }

    /// Exactly this menu, without looking elsewhere.
    pub(crate) fn get(&self, scope: Scope, language: &str) -> &[Command] {
        self.0.get(&(scope, language.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// What a person sees in the private chat: the narrowest scope first, their language before none.
    pub(crate) fn shown(&self, user: i64, language: &str) -> &[Command] {
        self.narrowest(vec![Scope::Chat(user), Scope::AllPrivateChats, Scope::Default], language)
    }

    /// What a person sees in a group or supergroup.
    pub(crate) fn shown_in(&self, chat: i64, user: i64, is_administrator: bool, language: &str) -> &[Command] {
        let mut scopes = vec![Scope::ChatMember(chat, user)];
        scopes.extend(is_administrator.then_some(Scope::ChatAdministrators(chat)));
        scopes.push(Scope::Chat(chat));
        scopes.extend(is_administrator.then_some(Scope::AllChatAdministrators));
        scopes.extend([Scope::AllGroupChats, Scope::Default]);
        self.narrowest(scopes, language)
    }

    fn narrowest(&self, scopes: Vec<Scope>, language: &str) -> &[Command] {
        let languages = if language.is_empty() { vec![""] } else { vec![language, ""] };
        scopes
            .into_iter()
            .flat_map(|scope| languages.iter().map(move |language| (scope.clone(), *language)))
            .map(|(scope, language)| self.get(scope, language))
            .find(|menu| !menu.is_empty())
            .unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(name: &str) -> Vec<Command> {
        vec![Command { command: name.to_owned(), description: name.to_owned() }]
    }

    #[test]
    fn in_a_group_the_member_comes_first_and_administrators_before_the_others() {
        let mut menus = Menus::default();
        menus.set(Scope::Default, "", menu("default"));
        menus.set(Scope::AllPrivateChats, "", menu("private"));
        assert_eq!(menus.shown_in(-5, 7, true, "ru"), menu("default"));
        menus.set(Scope::AllGroupChats, "", menu("groups"));
        menus.set(Scope::AllChatAdministrators, "", menu("administrators"));
        assert_eq!(menus.shown_in(-5, 7, false, "ru"), menu("groups"));
        assert_eq!(menus.shown_in(-5, 7, true, "ru"), menu("administrators"));
        menus.set(Scope::Chat(-5), "", menu("chat"));
        menus.set(Scope::ChatAdministrators(-5), "", menu("its_administrators"));
        assert_eq!(menus.shown_in(-5, 7, false, "ru"), menu("chat"));
        assert_eq!(menus.shown_in(-5, 7, true, "ru"), menu("its_administrators"));
        menus.set(Scope::ChatMember(-5, 7), "", menu("member"));
        assert_eq!(menus.shown_in(-5, 7, false, "ru"), menu("member"));
        assert_eq!(menus.shown_in(-5, 8, false, "ru"), menu("chat"));
    }

    #[test]
    fn the_narrowest_scope_wins_then_the_language() {
        let mut menus = Menus::default();
        assert!(menus.shown(7, "ru").is_empty());
        menus.set(Scope::Default, "", menu("default"));
        menus.set(Scope::Default, "ru", menu("default_ru"));
        menus.set(Scope::Chat(7), "", menu("chat"));
        assert_eq!(menus.shown(7, "ru"), menu("chat"));
        assert_eq!(menus.shown(8, "ru"), menu("default_ru"));
        assert_eq!(menus.shown(8, "de"), menu("default"));
        menus.set(Scope::Chat(7), "", vec![]);
        assert_eq!(menus.shown(7, ""), menu("default"));
    }
}
