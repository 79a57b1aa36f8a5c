//! What a role lets somebody do, and how it is called. Pure.
//!
//! The writer has the last word, in the transaction of the effect; here it is decided what is offered, and what is not even
//! tried.

use interfaces::admins::{Admin, KindRole, Role};

use crate::registry::Known;
use crate::texts::{Language, Text, Value};

/// What it takes to do something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needs<'a> {
    /// This role for the kind.
    Of(&'a Known, Role),
    /// This role in general.
    General(Role),
}

impl Needs<'_> {
    /// Whether `person` may.
    pub(crate) fn met_by(self, person: &Admin) -> bool {
        match self {
            Self::Of(kind, role) => person.role_for(&kind.name) >= Some(role),
            Self::General(role) => person.role >= Some(role),
        }
    }

    /// What `person`, who may not, is told.
    pub(crate) fn refusal(self, person: &Admin) -> Text {
        match self {
            Self::Of(kind, role) => Text::forbidden_kind(role, &kind.file, person.role_for(&kind.name)),
            Self::General(role) => Text::forbidden(role, person.role),
        }
    }
}

/// Somebody without any role.
pub(crate) fn nobody(user: i64, name: &str) -> Admin {
    Admin { user, name: name.to_owned(), role: None, kinds: Vec::new(), fixed: false, since_ms: 0 }
}

/// A role by the name that the interfaces give it.
pub(crate) fn of_word(word: &str) -> Option<Role> {
    [("viewer", Role::Viewer), ("admin", Role::Admin), ("owner", Role::Owner)]
        .into_iter()
        .find_map(|(known, role)| (known == word).then_some(role))
}

/// All that somebody is, in words.
pub(crate) fn all_of(person: &Admin, language: Language) -> String {
    let general = person.role.map(Value::from);
    let kinds = person.kinds.iter().map(|KindRole { kind, role }| Text::role_for_kind(*role, kind).into());
    let said: Vec<_> = general.into_iter().chain(kinds).map(|value: Value| value.say(language)).collect();
    if said.is_empty() { Value::from(person.role).say(language) } else { said.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Known {
        let checker = kinds::builtin("fees").map(std::sync::Arc::new);
        let Some(checker) = checker else { unreachable!("fees is built in") };
        Known { name: name.to_owned(), file: format!("{name}.yml"), command: name.to_owned(), approval: false, checker }
    }

    fn person(role: Option<Role>, kinds: &[(&str, Role)]) -> Admin {
        let kinds = kinds.iter().map(|(kind, role)| KindRole { kind: (*kind).to_owned(), role: *role }).collect();
        Admin { role, kinds, ..nobody(1003, "Carol") }
    }

    #[test]
    fn a_role_for_one_kind_counts_for_it_instead_of_the_general_one() {
        let (fees, rates) = (known("fees"), known("rates"));
        for (person, of_fees, of_rates, in_general) in [
            (person(Some(Role::Admin), &[]), true, true, true),
            (person(Some(Role::Admin), &[("rates", Role::Viewer)]), true, false, true),
            (person(Some(Role::Viewer), &[("rates", Role::Admin)]), false, true, false),
            (person(Some(Role::Owner), &[("rates", Role::Viewer)]), true, true, true),
            (person(None, &[("fees", Role::Admin)]), true, false, false),
            (person(None, &[]), false, false, false),
        ] {
            assert_eq!(Needs::Of(&fees, Role::Admin).met_by(&person), of_fees, "{person:?}");
            assert_eq!(Needs::Of(&rates, Role::Admin).met_by(&person), of_rates, "{person:?}");
            assert_eq!(Needs::General(Role::Admin).met_by(&person), in_general, "{person:?}");
        }
    }

    #[test]
    fn whoever_is_refused_is_told_what_it_takes_and_what_they_are() {
        let carol = person(Some(Role::Viewer), &[("rates", Role::Admin)]);
        let said = Needs::Of(&known("fees"), Role::Admin).refusal(&carol).say(Language::English);
        assert_eq!(said, "You may not do that. It takes the role admin for fees.yml; yours is viewer.");
        let said = Needs::General(Role::Owner).refusal(&carol).say(Language::Russian);
        assert_eq!(said, "Вам это нельзя. Нужна роль: владелец; ваша: наблюдатель.");
        assert_eq!(all_of(&carol, Language::English), "viewer, admin for rates");
        assert_eq!(all_of(&person(None, &[]), Language::Russian), "никакой");
    }
}
