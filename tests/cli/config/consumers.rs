//! `natrium config ack` and `consumers`.

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_report_what_they_run() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    desk.save("fees", 1, &document("fees", "two")).await;
    desk.says(&["config", "consumers", "fees"], 0, &["no program has reported"]);
    desk.says(&["config", "ack", "fees", "1", "--consumer", "shop"], 0, &["fees: shop runs version 1"]);
    let (json, code) = desk.json(&["config", "ack", "fees", "2", "--consumer", "pricing"]);
    assert_eq!((code, &json["consumer"], &json["version"]), (0, &"pricing".into(), &2.into()));
    let told = desk.says(&["config", "consumers", "fees"], 0, &[]).out;
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[1].starts_with("pricing   2        current  ") && lines[2].starts_with("shop      1  "), "{told}");
    assert!(!lines[2].contains("current"), "{told}");
    let (json, _) = desk.json(&["config", "consumers", "fees"]);
    assert_eq!((&json["current"], &json["consumers"][1]["name"]), (&2.into(), &"shop".into()), "{json}");
    desk.says(&["config", "ack", "fees", "3", "--consumer", "shop"], 1, &["fees has no version 3"]);
    desk.says(&["config", "ack", "frees", "1", "--consumer", "shop"], 1, &["no kind \"frees\""]);
    desk.says(&["config", "ack", "fees", "1", "--consumer", ""], 1, &["a consumer's name"]);
    desk.says(&["config", "ack", "fees", "1"], 64, &["--consumer"]);
    desk.says(&["config", "consumers", "frees"], 1, &["no kind \"frees\""]);
    desk.stop();
}
