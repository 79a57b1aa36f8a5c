//! Who may do what, in which order it is checked, and what the audit trail says of it.

use interfaces::configs::Rollback;

use super::*;
use crate::store::StoreError;

pub(super) fn person(id: i64, name: &str) -> Author {
    Author { origin: Origin::Telegram, id, name: name.to_owned() }
}

pub(super) fn operator() -> Author {
    Author { origin: Origin::Operator, id: 0, name: "root".to_owned() }
}

/// One line of the audit trail: actor, action, kind, version, about, reason.
pub(super) type Line = (i64, String, Option<String>, Option<i64>, Option<String>, Option<String>);

pub(super) async fn trail(store: &Store) -> Vec<Line> {
    let sql = "SELECT actor_id, action, kind, version, about, reason FROM audit ORDER BY seq";
    let line =
        |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?));
    store.read::<_, StoreError, _>(move |view| view.all(sql, [], line)).await.unwrap()
}

pub(super) fn line(actor: i64, action: &str, version: Option<i64>, reason: Option<&str>) -> Line {
    (actor, action.to_owned(), Some("fees".to_owned()), version, None, reason.map(str::to_owned))
}

/// Gives somebody a role in the store, in general where `kind` is empty.
pub(super) async fn role(store: &Store, user: i64, kind: &'static str, role: &'static str) {
    let sql = "INSERT INTO admins (user, kind, role, name, since_ms) VALUES (?1, ?2, ?3, 'x', 0)
        ON CONFLICT (user, kind) DO UPDATE SET role = excluded.role";
    store.write::<_, StoreError, _>(move |view| view.execute(sql, (user, kind, role))).await.unwrap();
}

fn by(author: Author, call: Put) -> Put {
    Put { author, ..call }
}

fn rollback(to: i64, base: i64, id: &str) -> Rollback {
    Rollback { kind: "fees".to_owned(), to, base, over: None, author: anna(), request_id: id.to_owned(), settles: None }
}

#[test]
fn only_who_may_change_a_kind_changes_it() {
    run(async {
        let (_room, store, configs) = opened().await;
        role(&store, 1, "", "viewer").await;
        role(&store, 2, "", "admin").await;
        role(&store, 3, "rates", "admin").await;
        role(&store, 4, "", "admin").await;
        role(&store, 4, "fees", "viewer").await;
        for (user, may) in [(1, false), (2, true), (3, false), (4, false), (99, false)] {
            let base = i64::from(user > 2);
            let call = by(person(user, "x"), upload("fees", base, &format!("a: {user}"), &format!("{user}")));
            match configs.put(call).await {
                Ok(_) => assert!(may, "{user}"),
                Err(Refused::Forbidden { kind, needed: Role::Admin }) => assert!(!may && kind == "fees", "{user}"),
                Err(error) => panic!("{user}: {error}"),
            }
        }
        // An operator may everything, whatever number he has.
        let call = by(Author { id: 99, ..operator() }, upload("fees", 1, "a: 9", "operator"));
        assert_eq!(configs.put(call).await.unwrap().version.version, 2);
    });
}

#[test]
fn who_lost_his_role_while_he_waited_for_the_lock_is_refused() {
    run(async {
        let (_room, store, configs) = opened().await;
        role(&store, 2, "", "admin").await;
        let place = Arc::clone(&configs.inner.kind("fees").unwrap().place);
        let held = Arc::clone(&place).lock_owned().await;
        let holders = Arc::strong_count(&place);
        let waiting = tokio::spawn({
            let (configs, call) = (configs.clone(), by(person(2, "x"), upload("fees", 0, "a: 1", "one")));
            async move { configs.put(call).await }
        });
        while Arc::strong_count(&place) == holders {
            tokio::task::yield_now().await;
        }
        role(&store, 2, "", "viewer").await;
        drop(held);
        let error = waiting.await.unwrap().unwrap_err();
        assert!(matches!(error, Refused::Forbidden { .. }), "{error}");
        assert!(history(&configs, "fees").await.is_empty());
    });
}

#[test]
fn every_change_and_every_refusal_is_in_the_trail_once() {
    run(async {
        let (_room, store, configs) = opened().await;
        configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap();
        configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap();
        assert!(configs.put(upload("fees", 1, "a: 1", "same")).await.unwrap().unchanged);
        for _ in 0..2 {
            configs.put(upload("fees", 0, "a: 2", "late")).await.unwrap_err();
        }
        configs.put(upload("fees", 0, "bad", "late")).await.unwrap_err();
        configs.put(by(person(99, "Eve"), upload("fees", 0, "bad", "eve"))).await.unwrap_err();
        configs.put(upload("unheard", 0, "a: 1", "kind")).await.unwrap_err();
        configs.rollback(rollback(7, 1, "back")).await.unwrap_err();
        configs.put(upload("fees", 1, "a: 2", "two")).await.unwrap();
        configs.put(upload("fees", 1, "a: 3", "two")).await.unwrap_err();
        configs.rollback(rollback(1, 2, "back")).await.unwrap();
        let mut unheard = line(1001, "put", None, Some("no such kind"));
        unheard.2 = Some("unheard".to_owned());
        let mut back = line(1001, "rollback", Some(3), None);
        back.4 = Some("version 1".to_owned());
        let expected = [
            line(1001, "put", Some(1), None),
            line(1001, "put", None, Some("conflict")),
            line(1001, "put", None, Some("invalid")),
            line(99, "put", None, Some("forbidden")),
            unheard,
            line(1001, "rollback", None, Some("no such version")),
            line(1001, "put", Some(2), None),
            line(1001, "put", None, Some("request reused")),
            back,
        ];
        assert_eq!(trail(&store).await, expected);
    });
}

#[test]
fn a_rollback_is_a_new_version_with_the_old_content() {
    run(async {
        let (room, store, configs) = opened().await;
        put(&configs, 0, "a: 1").await;
        put(&configs, 1, "a: 2").await;
        let error = configs.rollback(rollback(1, 1, "late")).await.unwrap_err();
        assert!(matches!(&error, Refused::Conflict(current) if current.version == 2), "{error}");
        let reply = configs.rollback(rollback(1, 2, "back")).await.unwrap();
        assert_eq!((reply.version.version, reply.version.restores, reply.published), (3, Some(1), true));
        assert_eq!(configs.rollback(rollback(1, 2, "back")).await.unwrap(), reply, "asking twice does it once");
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert_eq!(read(&room.backup("fees.v2.yml")), "a: 2");
        assert!(configs.rollback(rollback(1, 3, "again")).await.unwrap().unchanged);
        let error = configs.rollback(rollback(9, 3, "none")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchVersion { version: 9, .. }), "{error}");
        store.close().await;
        let configs = room.open().await;
        assert_eq!(history(&configs, "fees").await[2].0, reply.version, "and stays one");
    });
}

#[test]
fn an_older_version_that_is_not_valid_any_more_is_not_rolled_back_to() {
    run(async {
        let (room, store, configs) = opened().await;
        put(&configs, 0, "a: 1").await;
        put(&configs, 1, "a: 2").await;
        store.close().await;
        let store = room.store();
        // The settings demand something else by now.
        let mut kinds = kinds();
        kinds[0].validate = Arc::new(|content| {
            let problem = Problem { line: 1, column: 1, path: String::new(), reason: "old".to_owned() };
            if content == b"a: 1" { vec![problem] } else { Vec::new() }
        });
        let configs = room.open_with(store, kinds).await;
        let error = configs.rollback(rollback(1, 2, "back")).await.unwrap_err();
        assert!(matches!(error, Refused::Invalid { .. }), "{error}");
    });
}

#[test]
fn a_kind_with_a_hook_has_it_due_for_its_newest_version() {
    run(async {
        let room = Room::new();
        let store = room.store();
        let mut kinds = kinds();
        kinds[0].hook = true;
        let configs = room.open_with(store.clone(), kinds).await;
        put(&configs, 0, "a: 1").await;
        put(&configs, 1, "a: 2").await;
        configs.put(upload("fees", 1, "a: 3", "late")).await.unwrap_err();
        configs.put(upload("rates", 0, "a: 1", "rates")).await.unwrap();
        let sql = "SELECT kind, version, state FROM hooks";
        let due: Vec<(String, i64, String)> = store
            .read::<_, StoreError, _>(|view| view.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .await
            .unwrap();
        assert_eq!(due, [("fees".to_owned(), 2, "due".to_owned())]);
    });
}

#[test]
fn kinds_that_are_declared_no_more_are_named() {
    run(async {
        let (room, store, configs) = opened().await;
        for kind in ["rates", "fees", "limits"] {
            configs.put(upload(kind, 0, "a: 1", kind)).await.unwrap();
        }
        assert_eq!(configs.kinds().await.unwrap().1, [""; 0]);
        store.close().await;
        let configs = room.open_with(room.store(), kinds()[..1].to_vec()).await;
        let (declared, retired) = configs.kinds().await.unwrap();
        assert_eq!(declared.iter().map(|kind| (kind.name.as_str(), kind.current)).collect::<Vec<_>>(), [("fees", 1)]);
        assert_eq!(retired, ["limits", "rates"]);
    });
}
