//! `natrium config history`.

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_saved_what_is_told_the_newest_first() {
    let desk = Desk::new();
    desk.says(&["config", "history", "fees"], 0, &["fees: there are no versions"]);
    for base in 0..3 {
        desk.save("fees", base, &document("fees", &base.to_string())).await;
    }
    let history = desk.natrium(&["config", "history", "fees"]);
    let lines: Vec<&str> = history.out.lines().collect();
    assert_eq!((history.code, lines.len()), (0, 4), "{history:?}");
    assert!(lines[0].starts_with("VERSION  SAVED "), "{history:?}");
    for (line, version) in lines[1..].iter().zip(["3", "2", "1"]) {
        assert!(line.starts_with(&format!("{version}  ")) && line.ends_with("Anna [1001]"), "{history:?}");
    }
    desk.says(
        &["config", "history", "fees", "--limit", "2"],
        0,
        &["older ones: natrium config history fees --before 2"],
    );
    let (page, code) = desk.json(&["config", "history", "fees", "--before", "2"]);
    assert_eq!((code, page["versions"].as_array().unwrap().len(), page.get("next_before")), (0, 1, None), "{page}");
    desk.says(&["config", "history", "fees", "--before", "1"], 0, &["there are no older versions"]);
    desk.says(&["config", "history", "fees", "--limit", "0"], 64, &["--limit"]);
    desk.says(&["config", "history", "fess"], 1, &["no kind \"fess\""]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_told_as_far_as_it_is_asked_for() {
    let desk = Desk::new();
    for base in 0..105 {
        desk.save("fees", base, &document("fees", &base.to_string())).await;
    }
    let all: Vec<i64> = (1..=105).rev().collect();
    assert_eq!(desk.versions("fees"), all);
    let (page, _) = desk.json(&["config", "history", "fees", "--limit", "103"]);
    assert_eq!((page["versions"].as_array().unwrap().len(), &page["next_before"]), (103, &3.into()));
    let (page, _) = desk.json(&["config", "history", "fees", "--limit", "103", "--before", "3"]);
    assert_eq!((page["versions"].as_array().unwrap().len(), page.get("next_before")), (2, None));
    assert_eq!(
        desk.natrium(&["config", "history", "fees"]).out.lines().count(),
        22,
        "twenty, unless more are asked for"
    );
    desk.stop();
}
