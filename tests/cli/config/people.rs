//! `natrium admins`, `pair` and `audit`.

use harness::Admin;
use interfaces::admins::Pair;

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_do_what_is_shown_and_changed() {
    let desk = Desk::new();
    let list = desk.says(&["admins"], 0, &[]).out;
    assert!(list.lines().nth(1).unwrap().starts_with("1001  Anna  owner  by the settings"), "{list}");
    desk.says(&["admins", "set", "7", "viewer", "--name", "Boris"], 0, &["Boris (7) is viewer now"]);
    desk.says(&["admins", "set", "7", "admin", "--kind", "fees"], 0, &["Boris (7) is viewer, admin of fees now"]);
    desk.says(&["admins", "set", "8", "admin"], 0, &["8 (8) is admin now"]);
    let (list, code) = desk.json(&["admins", "list"]);
    assert_eq!((code, list["admins"].as_array().unwrap().len()), (0, 3), "{list}");
    assert_eq!(desk.json(&["admins"]).0, list);
    let boris = list["admins"].as_array().unwrap().iter().find(|admin| admin["user"] == 7).unwrap();
    assert_eq!((&boris["role"], &boris["kinds"][0]["role"]), (&"viewer".into(), &"admin".into()), "{list}");

    desk.says(&["admins", "remove", "7", "--kind", "fees"], 0, &["Boris (7) has no role for fees any more"]);
    desk.says(&["admins", "remove", "7"], 0, &["Boris (7) has no role any more; before: viewer"]);
    desk.says(&["admins", "remove", "7"], 2, &["nothing was changed"]);
    let (json, code) = desk.json(&["admins", "remove", "7"]);
    assert_eq!((code, json.get("removed")), (2, None));
    desk.says(&["admins", "set", "1001", "viewer"], 77, &["the settings name 1001", "natrium reload"]);
    desk.says(&["admins", "remove", "1001"], 77, &["the settings name 1001"]);
    desk.says(&["admins", "set", "7", "admin", "--kind", "frees"], 1, &["no kind \"frees\""]);
    desk.says(&["admins", "set", "7", "king"], 64, &["there are viewer, admin and owner"]);
    desk.says(&["admins", "set", "0", "admin"], 64, &["<USER>"]);

    let invited = desk.says(&["admins", "invite", "admin", "--kind", "fees"], 0, &["for one person, until "]);
    let code = invited.out.lines().next().unwrap().to_owned();
    assert!(
        code.len() == 9 && invited.out.ends_with(&format!("send the bot the message /pair {code}\n")),
        "{invited:?}"
    );
    let (json, exit) = desk.json(&["admins", "invite", "viewer", "--request", "once"]);
    assert_eq!((exit, &json), (0, &desk.json(&["admins", "invite", "viewer", "--request", "once"]).0));
    assert!(json["expires_ms"].as_i64().unwrap() > 0, "{json}");
    desk.says(&["pair"], 2, &["there is an owner already", "natrium admins invite owner"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_owner_is_who_sends_the_code_that_is_shown() {
    let mut desk = Desk::idle(&[], "");
    desk.service.start().unwrap();
    desk.says(&["admins"], 0, &["there is no owner; natrium pair"]);
    let shown = desk.says(&["pair"], 0, &[]);
    let code = shown.out.lines().next().unwrap();
    assert_eq!(shown.out, format!("{code}\nsend the bot the message /pair {code}\n"));
    let (json, _) = desk.json(&["pair"]);
    assert_eq!((&json["code"], json.get("link")), (&code.into(), None), "{json}");
    let admins = interfaces::admins::Client::new(desk.service.pool("writer"), crate::running::PATIENCE);
    let pair =
        Pair { code: code.to_owned(), user: 5, name: "Eve".to_owned(), request_id: "p".to_owned(), settles: None };
    admins.pair(&pair).await.unwrap();
    desk.says(&["admins"], 0, &["Eve", "owner"]);
    let (json, exit) = desk.json(&["pair"]);
    assert_eq!((exit, json.get("code")), (2, None), "{json}");
    desk.says(&["admins", "remove", "5"], 77, &["5 is the last owner"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_has_every_change_and_every_refusal() {
    let desk = Desk::with("");
    desk.says(&["audit", "--kind", "fees"], 0, &["the file natrium.yml  declare fees (fees.yml)"]);
    desk.says(&["audit", "--kind", "none"], 0, &["there are no entries"]);
    desk.save("fees", 0, &document("fees", "one")).await;
    let file = desk.file("new.yml", document("fees", "two"));
    desk.says(&["config", "put", "fees", &file, "--base", "9"], 73, &[]);
    desk.says(&["config", "put", "fees", &file], 0, &[]);
    let trail = desk.says(&["audit"], 0, &[]).out;
    let lines: Vec<&str> = trail.lines().collect();
    assert!(lines[0].starts_with("NUMBER  WHEN "), "{trail}");
    assert!(
        lines[1].contains("[uid ") && lines[1].contains("put fees version 2") && lines[1].ends_with("done"),
        "{trail}"
    );
    assert!(lines[2].contains("put fees") && lines[2].ends_with("refused: conflict"), "{trail}");
    assert!(lines[3].contains("Anna [1001]") && lines[3].ends_with("done"), "{trail}");
    desk.says(&["audit", "--limit", "1"], 0, &["older ones: natrium audit --before "]);
    let (all, code) = desk.json(&["audit", "--kind", "fees"]);
    assert_eq!((code, all["entries"].as_array().unwrap().len(), all.get("next_before")), (0, 4, None), "{all}");
    let (one, _) = desk.json(&["audit", "--limit", "2"]);
    let before = one["next_before"].as_i64().unwrap();
    assert_eq!(one["entries"][1]["seq"], before, "{one}");
    let (rest, _) = desk.json(&["audit", "--kind", "fees", "--before", &before.to_string()]);
    assert_eq!(rest["entries"].as_array().unwrap().len(), 2, "{rest}");
    let (hers, _) = desk.json(&["audit", "--user", "1001"]);
    assert_eq!(hers["entries"].as_array().unwrap().len(), 1, "{hers}");
    desk.stop();
}

#[test]
fn a_service_that_nobody_owns_is_found_by_doctor() {
    let mut desk = Desk::idle(&[], "");
    desk.service.start().unwrap();
    let settings = desk.service.settings();
    let run = desk.natrium(&["doctor", "--settings", settings.to_str().unwrap()]);
    assert!(run.out.contains("there is no owner") && run.out.contains("do: natrium pair"), "{run:?}");
    assert!(run.out.contains("nobody changed a published file by hand: fees 0, rates 0"), "{run:?}");
    desk.stop();
    let mut desk = Desk::idle(&[Admin { id: 1001, name: "Anna" }], "");
    desk.service.start().unwrap();
    let run = desk.natrium(&["doctor", "--settings", desk.service.settings().to_str().unwrap()]);
    let line = run.out.lines().find(|line| line.starts_with("owner")).unwrap();
    assert!(line.contains("ok") && line.ends_with("Anna"), "{run:?}");
}
