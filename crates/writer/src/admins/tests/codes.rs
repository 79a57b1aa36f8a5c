use super::guesses::MOST;
use super::invitations::{GOOD_MS, KEPT_MS};
use super::*;

async fn first_code(room: &Room) -> Option<String> {
    room.people.pairing().await.unwrap()
}

/// How many invitations are kept.
async fn kept(room: &Room) -> i64 {
    let count = room
        .store
        .read::<_, StoreError, _>(|view| view.first("SELECT count(*) FROM invitations", [], |row| row.get(0)));
    count.await.unwrap().unwrap()
}

/// All codes are so much older.
async fn age(room: &Room, by_ms: i64) {
    let sql = "UPDATE invitations SET expires_ms = expires_ms - ?1, used_ms = used_ms - ?1";
    room.store.write::<_, StoreError, _>(move |transaction| transaction.execute(sql, [by_ms])).await.unwrap();
}

#[test]
fn the_first_owner_comes_by_the_code_and_then_there_is_none() {
    run(async {
        let room = Room::empty();
        let code = first_code(&room).await.unwrap();
        assert_eq!((code.len(), code.as_bytes()[4]), (9, b'-'));
        assert_eq!(first_code(&room).await, Some(code.clone()), "as long as it takes");
        age(&room, 1000 * GOOD_MS).await;
        let admin = room.people.pair(pair(&code.to_lowercase(), BORIS, "a")).await.unwrap().admin;
        assert_eq!((admin.role, admin.fixed), (Some(Role::Owner), false));
        assert_eq!(first_code(&room).await, None);
        let again = room.people.pair(pair(&code, VERA, "b")).await.unwrap_err();
        assert!(matches!(again, Refused::WrongCode), "{again}");
        let entries = room.entries().await;
        assert_eq!(entries.len(), 3);
        let made = &entries[0];
        assert_eq!(
            (made.actor.name.as_str(), made.action.as_str(), made.about.as_deref()),
            ("natrium-writer", "invite", Some("owner"))
        );
        assert_eq!(
            (entries[1].actor.id, entries[1].action.as_str(), entries[1].about.as_deref()),
            (BORIS, "pair", Some("owner"))
        );
        assert_eq!(room.refusals().await, [("pair".to_owned(), "wrong code".to_owned())]);
        assert_eq!(room.notices().await, [], "who pairs is told by the reply");
    });
}

#[test]
fn there_is_no_code_where_anybody_owns_it_and_it_ends_when_somebody_does() {
    run(async {
        let mut room = Room::with_anna();
        assert_eq!(first_code(&room).await, None);
        room.settings_name(&[fixed(ANNA, "Anna", Role::Admin)]);
        let code = first_code(&room).await.unwrap();
        // An operator names one.
        room.people.set(set(operator(), BORIS, Role::Owner, None, "a")).await.unwrap();
        assert!(matches!(room.people.pair(pair(&code, VERA, "b")).await, Err(Refused::WrongCode)));
        room.people.set(set(operator(), VERA, Role::Owner, None, "c")).await.unwrap();
        assert_eq!(first_code(&room).await, None);

        // The settings do, by a restart.
        let mut room = Room::empty();
        let code = first_code(&room).await.unwrap();
        room.settings_name(&[fixed(ANNA, "Anna", Role::Owner)]);
        assert_eq!(first_code(&room).await, None);
        assert!(matches!(room.people.pair(pair(&code, VERA, "d")).await, Err(Refused::WrongCode)));
        room.settings_name(&[]);
        let next = first_code(&room).await.unwrap();
        assert_ne!(next, code, "nobody comes by the old one");
    });
}

#[test]
fn an_invitation_gives_its_role_once_to_who_comes_first() {
    run(async {
        let room = Room::with_anna();
        let reply = room.people.invite(invite(telegram(ANNA), Role::Admin, Some("fees"), "a")).await.unwrap();
        let again = room.people.invite(invite(telegram(ANNA), Role::Admin, Some("fees"), "a")).await.unwrap();
        assert_eq!((&again.code, kept(&room).await), (&reply.code, 1), "asking twice makes one");
        let both = [BORIS, VERA].map(|user| room.people.pair(pair(&reply.code, user, &format!("pair {user}"))));
        let both = futures_util::future::join_all(both).await;
        assert_eq!(both.iter().filter(|paired| paired.is_ok()).count(), 1);
        let first = both.into_iter().find_map(Result::ok).unwrap().admin;
        assert_eq!((first.role, first.kinds), (None, vec![KindRole { kind: "fees".to_owned(), role: Role::Admin }]));
        // Who asks again is told the same, however long ago it was.
        let same = room.people.pair(pair(&reply.code, first.user, &format!("pair {}", first.user))).await.unwrap();
        assert_eq!(same.admin.user, first.user);
        let trail = format!("{:?}", room.entries().await);
        assert!(!trail.contains(&reply.code[..4]), "{trail}");
    });
}

#[test]
fn an_invitation_is_good_for_a_day() {
    run(async {
        let room = Room::with_anna();
        let invited = room.people.invite(invite(telegram(ANNA), Role::Viewer, None, "a")).await.unwrap();
        let left = invited.expires_ms - crate::clock::unix_ms();
        assert!((GOOD_MS - 60_000..=GOOD_MS).contains(&left), "{left}");
        age(&room, GOOD_MS).await;
        assert!(matches!(room.people.pair(pair(&invited.code, BORIS, "b")).await, Err(Refused::WrongCode)));
    });
}

#[test]
fn a_code_takes_nothing_from_anybody() {
    run(async {
        let room = Room::with_anna();
        room.people.set(set(telegram(ANNA), BORIS, Role::Owner, None, "a")).await.unwrap();
        let code = room.people.invite(invite(telegram(BORIS), Role::Viewer, None, "b")).await.unwrap().code;
        let still = room.people.pair(pair(&code, BORIS, "c")).await.unwrap().admin;
        assert_eq!(still.role, Some(Role::Owner), "who tries his own invitation stays what he is");
        let refused = room.people.pair(pair(&code, ANNA, "d")).await.unwrap_err();
        assert!(matches!(refused, Refused::Fixed(ANNA)), "{refused}");
        assert_eq!(room.people.pair(pair(&code, VERA, "e")).await.unwrap().admin.role, Some(Role::Viewer));
        // And it raises: from viewer to admin of one kind.
        let code = room.people.invite(invite(telegram(BORIS), Role::Admin, Some("rates"), "f")).await.unwrap().code;
        room.people.pair(pair(&code, VERA, "g")).await.unwrap();
        assert_eq!(room.role_for(VERA, "rates").await, Some(Role::Admin));
        assert_eq!(room.role_for(VERA, "fees").await, Some(Role::Viewer));
    });
}

#[test]
fn nobody_comes_back_by_an_invitation_of_his_own() {
    run(async {
        let mut room = Room::with_anna();
        for (round, user) in [(0, BORIS), (1, VERA)] {
            room.people.set(set(telegram(ANNA), user, Role::Owner, None, &format!("a{round}"))).await.unwrap();
            let made =
                room.people.invite(invite(telegram(user), Role::Owner, None, &format!("b{round}"))).await.unwrap();
            if round == 0 {
                room.people.remove(remove(telegram(ANNA), user, None, "c0")).await.unwrap();
            } else {
                room.people.set(set(telegram(ANNA), user, Role::Admin, None, "c1")).await.unwrap();
            }
            let refused = room.people.pair(pair(&made.code, user, &format!("d{round}"))).await.unwrap_err();
            assert!(matches!(refused, Refused::WrongCode), "{refused}");
        }
        // Nor one whom the settings do not name any more.
        let made = room.people.invite(invite(telegram(ANNA), Role::Owner, None, "e")).await.unwrap();
        let operators = room.people.invite(invite(operator(), Role::Viewer, None, "f")).await.unwrap();
        room.people.set(set(operator(), BORIS, Role::Owner, None, "g")).await.unwrap();
        room.settings_name(&[]);
        assert_eq!(first_code(&room).await, None);
        assert!(matches!(room.people.pair(pair(&made.code, ANNA, "h")).await, Err(Refused::WrongCode)));
        assert!(room.people.pair(pair(&operators.code, ANNA, "i")).await.is_ok());
    });
}

#[test]
fn after_ten_wrong_codes_none_is_looked_at_and_right_ones_do_not_count() {
    run(async {
        let room = Room::with_anna();
        for round in 0..3 * MOST {
            let id = format!("right {round}");
            let code = room.people.invite(invite(telegram(ANNA), Role::Viewer, None, &id)).await.unwrap().code;
            let user = 2000 + i64::try_from(round).unwrap();
            room.people.pair(pair(&code, user, &format!("pair {round}"))).await.unwrap();
        }
        let code = room.people.invite(invite(telegram(ANNA), Role::Admin, None, "i")).await.unwrap().code;
        let guesses = (0..3 * MOST).map(|guess| {
            let user = BORIS + i64::try_from(guess % 3).unwrap();
            room.people.pair(pair(&format!("{guess:08}"), user, &format!("guess {guess}")))
        });
        // All at once: they are as many.
        let told = futures_util::future::join_all(guesses).await;
        let wrong = told.iter().filter(|refused| matches!(refused, Err(Refused::WrongCode))).count();
        let too_many = told.iter().filter(|refused| matches!(refused, Err(Refused::TooManyCodes(_)))).count();
        assert_eq!((wrong, too_many), (MOST, 2 * MOST));
        let refused = room.people.pair(pair(&code, VERA, "late")).await.unwrap_err();
        assert!(
            matches!(refused, Refused::TooManyCodes(retry) if retry.as_secs() > 500),
            "not even the right one: {refused}"
        );
        let answered = room.people.pair(pair("anything", 2000, "other")).await.unwrap_err();
        assert!(matches!(answered, Refused::TooManyCodes(_)));
        // Who asks again for what was refused, after a restart, guesses nothing, and is refused the same.
        let again = room.people.pair(pair("00000000", BORIS, "guess 0")).await.unwrap_err();
        assert!(matches!(again, Refused::WrongCode), "{again}");
        // Each is in the trail, also those that were not looked at.
        let refusals = room.refusals().await;
        let unseen = refusals.iter().filter(|(_, reason)| reason == "too many codes").count();
        assert_eq!((refusals.len() - unseen, unseen), (MOST, 2 * MOST + 2), "{refusals:?}");
    });
}

#[test]
fn old_invitations_are_forgotten_and_good_ones_are_not() {
    run(async {
        let room = Room::empty();
        let first = first_code(&room).await.unwrap();
        let used = room.people.invite(invite(operator(), Role::Viewer, None, "a")).await.unwrap().code;
        room.people.pair(pair(&used, BORIS, "b")).await.unwrap();
        room.people.invite(invite(operator(), Role::Viewer, None, "c")).await.unwrap();
        let now_ms = crate::clock::unix_ms();
        let prune = |before| room.store.write::<_, StoreError, _>(move |transaction| prune(transaction, before, 10));
        assert_eq!((prune(now_ms - KEPT_MS).await.unwrap(), kept(&room).await), (0, 3));
        age(&room, KEPT_MS + GOOD_MS / 2).await;
        assert_eq!((prune(now_ms - KEPT_MS).await.unwrap(), kept(&room).await), (1, 2), "the used one");
        age(&room, GOOD_MS).await;
        assert_eq!((prune(now_ms - KEPT_MS).await.unwrap(), kept(&room).await), (1, 1), "the one that nobody used");
        assert_eq!(first_code(&room).await, Some(first));
    });
}
