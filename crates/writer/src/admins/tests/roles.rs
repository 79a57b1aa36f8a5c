use interfaces::admins::{DialogueOf, Settlement};
use interfaces::audit::Outcome;
use interfaces::dialogues;
use interfaces::inbox::Update;
use serde_json::json;

use super::*;
use crate::dialogues::Dialogues;
use crate::inbox::Inbox;
use crate::requests::RequestError;

#[test]
fn only_owners_and_operators_say_who_may() {
    run(async {
        let room = Room::with_anna();
        room.people.set(set(telegram(ANNA), BORIS, Role::Admin, None, "a")).await.unwrap();
        for (by, id) in [
            (telegram(BORIS), "b"),
            (telegram(VERA), "c"),
            (Author { origin: Origin::File, id: ANNA, name: "file".to_owned() }, "d"),
        ] {
            let refused = room.people.set(set(by.clone(), VERA, Role::Viewer, None, id)).await.unwrap_err();
            assert!(matches!(refused, Refused::Forbidden), "{refused}");
            let refused = room.people.remove(remove(by.clone(), BORIS, None, &format!("{id}r"))).await.unwrap_err();
            assert!(matches!(refused, Refused::Forbidden), "{refused}");
            let refused = room.people.invite(invite(by, Role::Viewer, None, &format!("{id}i"))).await.unwrap_err();
            assert!(matches!(refused, Refused::Forbidden), "{refused}");
        }
        let words: Vec<_> = room.refusals().await;
        assert_eq!(words.len(), 9);
        assert!(words.iter().all(|(_, reason)| reason == "forbidden"), "{words:?}");
        room.people.set(set(operator(), VERA, Role::Owner, None, "e")).await.unwrap();
        room.people.remove(remove(telegram(VERA), BORIS, None, "f")).await.unwrap();
        assert!(room.people.get(BORIS).await.unwrap().is_none());
    });
}

#[test]
fn a_role_for_a_kind_counts_for_it_and_owners_stay_owners() {
    run(async {
        let room = Room::with_anna();
        room.people.set(set(telegram(ANNA), BORIS, Role::Viewer, None, "a")).await.unwrap();
        room.people.set(set(telegram(ANNA), BORIS, Role::Admin, Some("fees"), "b")).await.unwrap();
        assert_eq!(room.role_for(BORIS, "fees").await, Some(Role::Admin));
        assert_eq!(room.role_for(BORIS, "rates").await, Some(Role::Viewer));
        assert_eq!(room.role_for(VERA, "rates").await, None);
        room.people.set(set(telegram(ANNA), VERA, Role::Admin, Some("rates"), "c")).await.unwrap();
        assert_eq!(room.role_for(VERA, "fees").await, None, "only for one kind");

        let admins = room.people.admins();
        let with = |role, kind| {
            let admins = admins.clone();
            room.store.read::<_, StoreError, _>(move |view| admins.with_role(view, role, kind))
        };
        assert_eq!(with(Role::Admin, "fees").await.unwrap(), [ANNA, BORIS]);
        assert_eq!(with(Role::Admin, "rates").await.unwrap(), [ANNA, VERA]);
        assert_eq!(with(Role::Viewer, "rates").await.unwrap(), [ANNA, BORIS, VERA]);

        let owner = room.people.set(set(telegram(ANNA), BORIS, Role::Owner, None, "d")).await.unwrap().admin;
        assert_eq!((owner.role, owner.kinds.len()), (Some(Role::Owner), 0));
        let still = room.people.set(set(telegram(ANNA), BORIS, Role::Viewer, Some("fees"), "e")).await.unwrap().admin;
        assert_eq!((still.role, still.kinds.len()), (Some(Role::Owner), 0), "an owner owns that, too");
        let removed = room.people.remove(remove(telegram(ANNA), VERA, Some("rates"), "f")).await.unwrap().removed;
        assert_eq!(removed.unwrap().kinds, [KindRole { kind: "rates".to_owned(), role: Role::Admin }]);
        assert!(room.people.get(VERA).await.unwrap().is_none());
        let none = room.people.remove(remove(telegram(ANNA), VERA, None, "g")).await.unwrap();
        assert_eq!(none.removed, None);
    });
}

#[test]
fn those_whom_the_settings_name_are_only_theirs_to_change() {
    run(async {
        let mut room = Room::with_anna();
        for by in [telegram(ANNA), operator()] {
            let refused = room.people.set(set(by.clone(), ANNA, Role::Viewer, None, "a")).await.unwrap_err();
            assert!(matches!(refused, Refused::Fixed(ANNA)), "{refused}");
            let refused = room.people.remove(remove(by, ANNA, None, "b")).await.unwrap_err();
            assert!(matches!(refused, Refused::Fixed(ANNA)), "{refused}");
        }
        assert_eq!(room.refusals().await.len(), 4, "one for a request of somebody, whoever else uses its id");
        room.people.remove(remove(operator(), ANNA, None, "b")).await.unwrap_err();
        assert_eq!(room.refusals().await.len(), 4, "asked again, it is the same");
        // Boris owned it, and then the settings say something else.
        room.people.set(set(telegram(ANNA), BORIS, Role::Owner, None, "c")).await.unwrap();
        room.settings_name(&[fixed(ANNA, "Anna", Role::Owner), fixed(BORIS, "Boris", Role::Viewer)]);
        assert_eq!(room.role_for(BORIS, "fees").await, Some(Role::Viewer));
        let refused = room.people.set(set(telegram(BORIS), VERA, Role::Viewer, None, "d")).await.unwrap_err();
        assert!(matches!(refused, Refused::Forbidden), "{refused}");
        let names: Vec<_> =
            room.people.list().await.unwrap().into_iter().map(|admin| (admin.name, admin.fixed)).collect();
        assert_eq!(names, [("Anna".to_owned(), true), ("Boris".to_owned(), true)]);
    });
}

#[test]
fn the_last_owner_stays_whoever_asks() {
    run(async {
        let mut room = Room::empty();
        room.people.set(set(operator(), BORIS, Role::Owner, None, "a")).await.unwrap();
        for (by, id) in [(telegram(BORIS), "b"), (operator(), "c")] {
            let refused = room.people.remove(remove(by.clone(), BORIS, None, id)).await.unwrap_err();
            assert!(matches!(refused, Refused::LastOwner(BORIS)), "{refused}");
            let refused = room.people.set(set(by, BORIS, Role::Admin, None, &format!("{id}s"))).await.unwrap_err();
            assert!(matches!(refused, Refused::LastOwner(BORIS)), "{refused}");
        }
        room.people.set(set(telegram(BORIS), VERA, Role::Owner, None, "d")).await.unwrap();
        room.people.remove(remove(telegram(BORIS), BORIS, None, "e")).await.unwrap();
        let refused = room.people.remove(remove(telegram(VERA), VERA, None, "f")).await.unwrap_err();
        assert!(matches!(refused, Refused::LastOwner(VERA)), "{refused}");
        // One whom the settings name is enough; one whom they name as less is none, whatever he was before.
        room.settings_name(&[fixed(VERA, "Vera", Role::Viewer)]);
        room.people.set(set(operator(), BORIS, Role::Owner, None, "g")).await.unwrap();
        let refused = room.people.remove(remove(telegram(BORIS), BORIS, None, "h")).await.unwrap_err();
        assert!(matches!(refused, Refused::LastOwner(BORIS)), "{refused}");
        room.settings_name(&[fixed(ANNA, "Anna", Role::Owner)]);
        room.people.remove(remove(telegram(BORIS), BORIS, None, "i")).await.unwrap();
    });
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    run(async {
        let room = Room::with_anna();
        let refused = room.people.set(set(telegram(ANNA), BORIS, Role::Admin, Some("limits"), "a")).await.unwrap_err();
        assert!(matches!(refused, Refused::NoSuchKind(kind) if kind == "limits"));
        for call in
            [set(telegram(ANNA), BORIS, Role::Owner, Some("fees"), "b"), set(telegram(ANNA), 0, Role::Admin, None, "c")]
        {
            assert!(matches!(room.people.set(call).await, Err(Refused::Senseless(_))));
        }
        let refused = room.people.invite(invite(telegram(ANNA), Role::Owner, Some("fees"), "d")).await.unwrap_err();
        assert!(matches!(refused, Refused::Senseless("role")));
        assert_eq!(room.refusals().await, [("set".to_owned(), "no such kind".to_owned())]);
        assert_eq!(room.people.list().await.unwrap().len(), 1);
    });
}

#[test]
fn asking_twice_does_it_once_and_an_id_stands_for_one_request() {
    run(async {
        let room = Room::with_anna();
        let calls = (0..16).map(|_| room.people.set(set(telegram(ANNA), BORIS, Role::Admin, None, "a")));
        for reply in futures_util::future::join_all(calls).await {
            assert_eq!(reply.unwrap().admin.role, Some(Role::Admin));
        }
        assert_eq!(room.entries().await.len(), 1);
        assert_eq!(room.notices().await.len(), 1);
        let reused = room.people.set(set(telegram(ANNA), BORIS, Role::Viewer, None, "a")).await.unwrap_err();
        assert!(matches!(reused, Refused::Request(RequestError::Reused(_))), "{reused}");
        // Later the answer is still the first one.
        room.people.remove(remove(telegram(ANNA), BORIS, None, "b")).await.unwrap();
        let again = room.people.set(set(telegram(ANNA), BORIS, Role::Admin, None, "a")).await.unwrap();
        assert_eq!(again.admin.role, Some(Role::Admin));
        assert!(room.people.get(BORIS).await.unwrap().is_none());
        let malformed = room.people.set(set(telegram(ANNA), BORIS, Role::Admin, None, "")).await.unwrap_err();
        assert!(matches!(malformed, Refused::Request(RequestError::Malformed)));
    });
}

#[test]
fn a_change_is_in_the_trail_and_told_to_whom_it_concerns_and_no_change_is_neither() {
    run(async {
        let room = Room::with_anna();
        room.people.set(set(telegram(ANNA), BORIS, Role::Owner, None, "a")).await.unwrap();
        room.people.set(set(operator(), BORIS, Role::Owner, None, "b")).await.unwrap();
        room.people.set(set(telegram(ANNA), VERA, Role::Viewer, Some("fees"), "c")).await.unwrap();
        room.people.remove(remove(telegram(BORIS), BORIS, None, "d")).await.unwrap();
        let entries = room.entries().await;
        let told: Vec<_> = entries
            .iter()
            .map(|entry| {
                (entry.actor.id, entry.action.as_str(), entry.kind.as_deref(), entry.about.as_deref().unwrap())
            })
            .collect();
        assert_eq!(
            told,
            [
                (ANNA, "set", None, "user 1002 (1002): owner"),
                (ANNA, "set", Some("fees"), "user 1003 (1003): viewer"),
                (BORIS, "remove", None, "user 1002 (1002)"),
            ]
        );
        assert!(entries.iter().all(|entry| entry.outcome == Outcome::Done && entry.request_id.is_some()));
        let event =
            |kind: Option<&str>, role| Event::RoleChanged { by: telegram(ANNA), kind: kind.map(str::to_owned), role };
        // Boris left by himself, and what he had not been told yet is nobody's any more.
        assert_eq!(room.notices().await, [(VERA, event(Some("fees"), Some(Role::Viewer)))]);
        room.people.remove(remove(telegram(ANNA), VERA, None, "e")).await.unwrap();
        assert_eq!(room.notices().await, [(VERA, event(None, None))]);
    });
}

#[test]
fn the_update_is_settled_with_the_effect_and_a_dialogue_ends_only_if_it_is_named() {
    run(async {
        let room = Room::with_anna();
        let (inbox, dialogues) = (Inbox::new(room.store.clone()), Dialogues::new(room.store.clone()));
        inbox.receive(1, vec![Update { id: 9, payload: json!({}) }]).await.unwrap();
        let begin = dialogues::Set {
            bot: 1,
            chat: ANNA,
            user: ANNA,
            state: json!({}),
            request_id: "begin".to_owned(),
            settles: None,
        };
        dialogues.set(begin).await.unwrap();
        let settles = Some(Settlement { bot: 1, update_id: 9, ends: None });
        let refused = Set { settles: settles.clone(), ..set(telegram(BORIS), VERA, Role::Admin, None, "no") };
        room.people.set(refused).await.unwrap_err();
        assert!(inbox.unfinished(1, None, 1).await.unwrap()[0].outcome.is_none(), "a refusal settles nothing");
        room.people.set(Set { settles, ..set(telegram(ANNA), BORIS, Role::Admin, None, "a") }).await.unwrap();
        let outcome = inbox.unfinished(1, None, 1).await.unwrap().remove(0).outcome.unwrap();
        assert_eq!(outcome["method"], "io.natrium.Admins.Set");
        assert_eq!(outcome["reply"]["admin"]["user"], BORIS);
        assert!(dialogues.get(1, ANNA, ANNA).await.unwrap().is_some(), "what was asked is still asked");

        let ends = Some(DialogueOf { chat: ANNA, user: ANNA });
        let settles = Some(Settlement { bot: 1, update_id: 10, ends });
        inbox.receive(1, vec![Update { id: 10, payload: json!({}) }]).await.unwrap();
        room.people.set(Set { settles, ..set(telegram(ANNA), BORIS, Role::Viewer, None, "b") }).await.unwrap();
        assert!(dialogues.get(1, ANNA, ANNA).await.unwrap().is_none(), "unless it is named");
    });
}

#[test]
fn a_name_is_shown_as_it_was_last_given_and_never_refused() {
    run(async {
        let room = Room::with_anna();
        let named =
            |name: &str, id: &str| Set { name: name.to_owned(), ..set(telegram(ANNA), BORIS, Role::Admin, None, id) };
        for (given, shown) in
            [("  Бо\nрис\u{0} ", "Борис"), ("", "1002"), ("\u{7}", "1002"), (&"я".repeat(500), &*"я".repeat(129))]
        {
            let admin = room.people.set(named(given, &format!("id {}", given.len()))).await.unwrap().admin;
            assert_eq!(admin.name, shown);
        }
    });
}
