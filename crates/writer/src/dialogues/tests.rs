#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::json;

use super::*;

fn set(request_id: &str, state: Value) -> Set {
    Set { bot: 1, chat: 2, user: 3, state, request_id: request_id.to_owned(), settles: None }
}

fn end_call(request_id: &str) -> End {
    End { bot: 1, chat: 2, user: 3, request_id: request_id.to_owned(), settles: None }
}

fn with_dialogues(test: impl AsyncFnOnce(Dialogues, inbox::Inbox)) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(Dialogues::new(store.clone()), inbox::Inbox::new(store)));
}

#[test]
fn a_dialogue_begins_moves_on_and_ends() {
    with_dialogues(async |dialogues, _inbox| {
        assert!(dialogues.get(1, 2, 3).await.unwrap().is_none());
        assert_eq!(dialogues.set(set("a", json!({"awaits": "fees"}))).await.unwrap().version, 1);
        assert_eq!(dialogues.set(set("b", json!({"awaits": "rates"}))).await.unwrap().version, 2);
        let dialogue = dialogues.get(1, 2, 3).await.unwrap().unwrap();
        assert_eq!((dialogue.state, dialogue.version), (json!({"awaits": "rates"}), 2));
        assert!(dialogues.get(1, 2, 4).await.unwrap().is_none(), "another user");
        assert_eq!(dialogues.end(end_call("c")).await.unwrap().ended, Some(json!({"awaits": "rates"})));
        assert!(dialogues.get(1, 2, 3).await.unwrap().is_none());
        assert_eq!(dialogues.end(end_call("d")).await.unwrap().ended, None);
        assert_eq!(dialogues.end(end_call("c")).await.unwrap().ended, Some(json!({"awaits": "rates"})), "asked again");
    });
}

#[test]
fn asking_twice_moves_it_once_even_at_the_same_time() {
    with_dialogues(async |dialogues, _inbox| {
        let calls: Vec<_> = (0..32)
            .map(|_| {
                let dialogues = dialogues.clone();
                tokio::spawn(async move { dialogues.set(set("a", json!({"n": 1}))).await.unwrap().version })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), 1);
        }
        let reused = dialogues.set(set("a", json!({"n": 2}))).await.unwrap_err();
        assert!(matches!(reused, RequestError::Reused(id) if id == "a"));
        let reused = dialogues.end(end_call("a")).await.unwrap_err();
        assert!(matches!(reused, RequestError::Reused(_)), "another method");
        assert_eq!(dialogues.get(1, 2, 3).await.unwrap().unwrap().version, 1);
    });
}

#[test]
fn an_id_that_says_nothing_is_refused() {
    with_dialogues(async |dialogues, _inbox| {
        for id in ["", &"x".repeat(201)] {
            assert!(matches!(dialogues.set(set(id, json!({}))).await, Err(RequestError::Malformed)));
        }
    });
}

#[test]
fn the_update_is_settled_with_the_effect() {
    with_dialogues(async |dialogues, inbox| {
        let update = interfaces::inbox::Update { id: 9, payload: json!({}) };
        inbox.receive(1, vec![update]).await.unwrap();
        let mut call = set("tg:1:9", json!({"awaits": "fees"}));
        call.settles = Some(Settlement { bot: 1, update_id: 9 });
        dialogues.set(call).await.unwrap();
        let entry = inbox.unfinished(1, None, 1).await.unwrap().remove(0);
        assert_eq!(entry.outcome, Some(json!({"method": "io.natrium.Dialogues.Set", "reply": {"version": 1}})));
    });
}
