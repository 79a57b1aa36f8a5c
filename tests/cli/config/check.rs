//! `natrium config check`.

use super::{Desk, document};

#[test]
fn what_is_wrong_is_told_by_the_schema_of_the_service_or_of_settings() {
    let mut desk = Desk::idle(&[], "");
    let settings = desk.service.settings();
    let settings = settings.to_str().unwrap();
    let right = desk.file("right.yml", document("fees", "x"));
    let wrong = desk.file("wrong.yml", document("fees", "x").replace("brackets:", "bracket:"));
    let all = |desk: &Desk, which: &[&str]| {
        let check = |words: [&'static str; 1], file| [&["config", "check"], &words[..], &[file], which].concat();
        let ok = desk.natrium(&check(["fees"], &right));
        assert_eq!((ok.code, ok.out, ok.err.as_str()), (0, format!("{right}: ok, as fees\n"), ""), "{which:?}");
        let no = desk.natrium(&check(["fees"], &wrong));
        assert_eq!((no.code, no.out.as_str()), (65, ""), "{which:?}: {no:?}");
        assert!(no.err.lines().all(|line| line.starts_with(&format!("{wrong}:"))), "{no:?}");
        let typed = desk.typed(&check(["fees"], "-"), "a: [");
        assert!(typed.code == 65 && typed.err.starts_with("standard input:2:1: "), "{typed:?}");
        let (json, code) = desk.json(&check(["fees"], &wrong));
        assert_eq!((code, &json["valid"]), (65, &false.into()), "{json}");
        assert!(json["problems"][0]["column"].as_i64().unwrap() > 0, "{json}");
        let (json, code) = desk.json(&check(["fees"], &right));
        assert_eq!((code, &json["valid"], &json["problems"]), (0, &true.into(), &serde_json::json!([])));
        desk.says(&check(["rate"], &right), 1, &["no kind \"rate\"; is rates meant?"]);
        desk.says(&check(["fees"], "/nowhere"), 1, &["reading /nowhere"]);
        no.err
    };
    let without = all(&desk, &["--settings", settings]);
    desk.says(&["config", "check", "fees", &right], 3, &["not running", "without it: natrium config check --settings"]);
    desk.says(&["config", "check", "fees", &right, "--settings", &right], 78, &["right.yml"]);
    desk.service.start().unwrap();
    assert_eq!(all(&desk, &[]), without, "both say the same");
    assert_eq!(desk.versions("fees"), Vec::<i64>::new(), "nothing was saved");
    desk.stop();
}
