//! `natrium config put`.

use std::time::Duration;

use harness::any_below;

use super::{Desk, document, ended};

#[test]
fn a_file_becomes_a_version_and_the_same_again_none() {
    let desk = Desk::new();
    let content = document("fees", "one").replace('\n', "\r\n");
    let file = desk.file("new.yml", &content);
    let run = desk.says(&["config", "put", "fees", &file], 0, &["fees: as the first version"]);
    assert_eq!(run.out, "fees: version 1 is saved and published\n");
    assert_eq!(desk.published("fees.yml"), content);
    desk.says(&["config", "put", "fees", &file], 2, &["on top of version 1", "equals version 1", "none was made"]);

    let next = document("fees", "two");
    let run = desk.typed(&["config", "put", "fees", "-", "--json"], &next);
    let saved: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &saved["result"], &saved["version"]["version"]), (0, &"saved".into(), &2.into()), "{run:?}");
    assert_eq!((&saved["published"], &saved["version"]["base"]), (&true.into(), &1.into()), "{saved}");
    let author = &saved["version"]["author"];
    let login = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap();
    assert_eq!((&author["origin"], &author["name"]), (&"operator".into(), &login.name.into()), "{author}");
    assert_eq!(author["id"], u32::from(login.uid), "{author}");
    assert!(saved["request_id"].as_str().unwrap().len() > 20, "{saved}");
    assert_eq!(desk.published("fees.yml"), next);
    let (same, code) = desk.json(&["config", "put", "fees", &desk.file("two.yml", &next)]);
    assert_eq!((code, &same["result"]), (2, &"unchanged".into()), "{same}");
    assert_eq!(desk.versions("fees"), [2, 1]);
    desk.stop();
}

#[test]
fn who_used_sudo_is_a_label_and_nothing_else() {
    let desk = Desk::new();
    let file = desk.file("new.yml", document("fees", "one"));
    let mut command = desk.command(&["config", "put", "fees", &file, "--json"]);
    let saved = super::run(command.env("SUDO_USER", "anna").env("SUDO_UID", "1234").output().unwrap());
    let saved: serde_json::Value = serde_json::from_str(&saved.out).unwrap();
    let author = &saved["version"]["author"];
    assert!(author["name"].as_str().unwrap().ends_with(" (sudo by anna)"), "{author}");
    assert_eq!(author["id"], nix::unistd::geteuid().as_raw(), "{author}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_line_by_line_and_nothing_is_saved() {
    let desk = Desk::new();
    let wrong = document("fees", "x").replace("brackets:", "bracket:");
    let file = desk.file("wrong.yml", wrong);
    let run = desk.says(&["config", "put", "fees", &file], 65, &[&format!("{file}:")]);
    let places =
        |line: &str| line.strip_prefix(&format!("{file}:")).is_some_and(|rest| rest.starts_with(char::is_numeric));
    assert!(run.err.lines().any(places), "{run:?}");
    let (error, code) = desk.json(&["config", "put", "fees", &file]);
    assert_eq!((code, &error["error"]), (65, &"io.natrium.Configs.Invalid".into()), "{error}");
    assert!(error["parameters"]["problems"][0]["line"].as_i64().unwrap() > 0, "{error}");
    assert_eq!(desk.versions("fees"), Vec::<i64>::new());

    desk.says(&["config", "put", "fees", &desk.file("b", b"a: 1\nb: \xff\n")], 65, &["b:2: this is no UTF-8 text"]);
    desk.says(&["config", "put", "fees", &desk.file("l", vec![b'#'; (1 << 20) + 1])], 65, &["longer than 1048576"]);
    desk.says(&["config", "put", "fees", "/nowhere/fees.yml"], 1, &["reading /nowhere/fees.yml: No such file"]);
    desk.says(&["config", "put", "fes", &file], 1, &["no kind \"fes\"; is fees meant?", "natrium config list"]);
    let (error, code) = desk.json(&["config", "put", "nothing", &file]);
    assert_eq!((code, &error["error"]), (1, &"io.natrium.Configs.NoSuchKind".into()), "{error}");
    desk.says(&["config", "put", "fees", &file, "--base=-1"], 64, &["a base is 0 or a version"]);
    desk.says(&["config", "put", "fees"], 64, &["<FILE>"]);
    desk.says(&["config", "put", "fees", &file, "--timeout", "0"], 64, &["--timeout"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_faster_is_told_and_nothing_is_saved() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    desk.save("fees", 1, &document("fees", "two")).await;
    let file = desk.file("mine.yml", document("fees", "mine"));
    let put = ["config", "put", "fees", &file, "--base", "1"];
    desk.says(&put, 73, &["nothing was saved", "version 2 by now: Anna [1001]", "again with --base 2"]);
    let (error, code) = desk.json(&put);
    assert_eq!((code, &error["error"]), (73, &"io.natrium.Configs.Conflict".into()), "{error}");
    assert_eq!(error["parameters"]["current"]["version"], 2, "{error}");
    assert_eq!(desk.versions("fees"), [2, 1]);
    desk.says(&["config", "put", "fees", &file, "--base", "2"], 0, &["version 3 is saved"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_once_one_wins_and_the_other_is_told() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    for round in 1..5_i64 {
        let base = round.to_string();
        let start = |name: &str| {
            let file = desk.file(name, document("fees", &format!("{name} {round}")));
            desk.command(&["config", "put", "fees", &file, "--base", &base]).spawn().unwrap()
        };
        let (one, two) = (start("one.yml"), start("two.yml"));
        let (one, two) = (ended(one), ended(two));
        let mut codes = [one.code, two.code];
        codes.sort_unstable();
        assert_eq!(codes, [0, 73], "{one:?} {two:?}");
        let winner = if one.code == 0 { "one.yml" } else { "two.yml" };
        assert!(desk.published("fees.yml").starts_with(&format!("# {winner} {round}\n")));
        assert_eq!(desk.versions("fees").len(), usize::try_from(round).unwrap() + 1);
    }
    desk.stop();
}

#[test]
fn a_request_of_the_same_name_is_done_once_and_never_stands_for_another() {
    let desk = Desk::new();
    let file = desk.file("one.yml", document("fees", "one"));
    let put = ["config", "put", "fees", &file, "--base", "0", "--request", "deploy-7"];
    for _ in 0..2 {
        desk.says(&put, 0, &["fees: version 1 is saved and published"]);
    }
    assert_eq!(desk.versions("fees"), [1]);
    desk.file("one.yml", document("fees", "another"));
    desk.says(&put, 1, &["belonged to a different request", "nothing was changed; leave out --request"]);
    assert_eq!(desk.versions("fees"), [1]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_killed_in_the_middle_loses_and_doubles_nothing_and_the_answer_is_true() {
    let desk = Desk::new();
    for round in 1..=10_usize {
        let content = document("fees", &format!("round {round}"));
        let file = desk.file("new.yml", &content);
        let base = (round - 1).to_string();
        let words = ["config", "put", "fees", &file, "--base", &base, "--timeout", "120"];
        let put = desk.command(&words).spawn().unwrap();
        // Another moment each time; none is waited for.
        tokio::time::sleep(Duration::from_millis(u64::try_from(any_below(40)).unwrap())).await;
        desk.service.kill("writer").await.unwrap();
        let put = ended(put);
        assert_eq!((put.code, put.out), (0, format!("fees: version {round} is saved and published\n")), "{}", put.err);
        let newest_first: Vec<i64> = (1..=i64::try_from(round).unwrap()).rev().collect();
        assert_eq!(desk.versions("fees"), newest_first);
        assert_eq!(desk.published("fees.yml"), content);
    }
    desk.stop();
}
