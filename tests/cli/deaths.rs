//! `natrium deaths`.

use interfaces::supervisor::Death;
use serde_json::Value;

use crate::running::natrium;
use crate::told::{Service, death, healthy};

#[test]
fn the_record_is_a_table_with_the_last_words_below() {
    let hung = Death { hung: true, signal: Some(6), code: None, log: "update 9\u{1b}[2J".to_owned(), ..death(1) };
    let other = Death { worker: "writer".to_owned(), status: String::new(), ready_ms: Some(1), pid: 77, ..death(2) };
    let told = Service::remembering(healthy(), vec![hung, other]);
    let run = told.natrium(&["deaths"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", run.out);
    assert!(lines[1].ends_with("  bot     1    98   20 ms  never  hung, killed by SIGABRT"), "{}", run.out);
    assert_eq!(lines[2..4], ["        status: no token", "        log: update 9 [2J"]);
    assert!(lines[4].ends_with("  writer  2    77   20 ms  yes    exited with 78"), "{}", run.out);

    let run = told.natrium(&["deaths", "writer"]);
    assert!(run.out.contains(" 77 ") && !run.out.contains(" 98 "), "{}", run.out);
    let json: Value = serde_json::from_str(&told.natrium(&["deaths", "bot", "--json"]).out).unwrap();
    assert_eq!(json["deaths"].as_array().unwrap().len(), 1);
    assert_eq!((&json["deaths"][0]["signal"], &json["deaths"][0]["hung"]), (&6.into(), &true.into()));
}

#[test]
fn an_empty_record_a_wrong_name_and_no_service_are_sentences() {
    let told = Service::new(healthy());
    let run = told.natrium(&["deaths"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "no worker has died\n", ""));
    let run = told.natrium(&["deaths", "bot"]);
    assert_eq!((run.code, run.out.as_str()), (0, "bot: none of its processes has died\n"));
    let run = told.natrium(&["deaths", "bto"]);
    let sentence = "there is no worker \"bto\"; there are writer and bot\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", sentence));

    let nowhere = tempfile::tempdir().unwrap();
    let run = natrium(&["deaths"], nowhere.path());
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "", "natrium is not running\n"));
}
