//! `natrium config import`.

use std::fs;

use super::{Desk, document};

const THREE: &str = "configs:\n  fees: { file: fees.yml, schema: builtin }\n  rates: { file: rates.yml, schema: builtin }\n\
    \x20 limits: { file: limits.yml, schema: limits.schema.json }\n";

/// A service with three kinds.
fn three() -> Desk {
    let mut desk = Desk::idle(&[], THREE);
    let schema = r#"{ "type": "object", "properties": { "most": { "type": "integer" } }, "required": ["most"] }"#;
    fs::write(desk.service.path().join("limits.schema.json"), schema).unwrap();
    desk.service.start().unwrap();
    desk
}

#[test]
fn if_one_file_is_invalid_none_is_saved_and_each_is_told() {
    let desk = three();
    let files = [
        desk.file("in/fees.yml", document("fees", "one")),
        desk.file("in/rates.yml", "rates: 7\n"),
        desk.file("in/limits.yml", "most: 5\n"),
    ];
    let directory = desk.path("in");
    let directory = directory.to_str().unwrap();
    for from in [vec![directory], files.iter().map(String::as_str).collect()] {
        let import = [vec!["config", "import"], from].concat();
        let run = desk.says(&import, 65, &["rates: invalid, not saved\n", &format!("{}:1:", files[1])]);
        for held in ["fees", "limits"] {
            let text = format!("{held}: not saved, because not every file can be; it is valid");
            assert!(run.err.contains(&text), "{run:?}");
        }
        let (json, code) = desk.json(&import);
        assert_eq!(code, 65);
        let results: Vec<_> = json["results"].as_array().unwrap().iter().map(|one| one["result"].clone()).collect();
        assert_eq!(results, ["held", "invalid", "held"], "{json}");
        let (json, code) = desk.json(&[&import[..], &["--dry-run"]].concat());
        assert_eq!((code, &json["dry_run"], &json["results"][0]["result"]), (65, &true.into(), &"would_save".into()));
    }
    for kind in ["fees", "rates", "limits"] {
        assert_eq!(desk.versions(kind), Vec::<i64>::new(), "{kind}");
    }
    desk.file("in/rates.yml", document("rates", "one"));
    desk.says(&["config", "import", directory, "--dry-run"], 0, &["limits: would be saved on top of version 0"]);
    assert_eq!(desk.versions("limits"), Vec::<i64>::new(), "it was not meant");
    let words = ["config", "import", directory, "--request", "once"];
    desk.says(&words, 0, &["fees: saved as version 1", "rates: saved as version 1", "limits: saved as version 1"]);
    desk.says(&["config", "import", directory], 2, &["fees: unchanged, it equals version 1"]);
    desk.file("in/limits.yml", "most: 6\n");
    desk.says(&["config", "import", directory], 0, &["fees: unchanged", "limits: saved as version 2"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_exported_comes_on_top_of_what_it_was_exported_from() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    desk.save("rates", 0, &document("rates", "one")).await;
    let (directory, other) = (desk.path("out"), Desk::new());
    let out = directory.to_str().unwrap();
    desk.says(&["config", "export", out], 0, &[]);
    desk.says(&["config", "import", out], 2, &["fees: unchanged", "rates: unchanged"]);
    desk.file("out/fees.yml", document("fees", "mine"));
    desk.save("fees", 1, &document("fees", "theirs")).await;
    desk.says(&["config", "import", out, "--dry-run"], 73, &["fees: conflict", "at version 2 by now"]);
    desk.says(&["config", "import", out], 73, &["fees: conflict, not saved", "--onto-current", "rates: unchanged"]);
    assert_eq!(desk.versions("fees"), [2, 1]);
    let (json, code) = desk.json(&["config", "import", out]);
    assert_eq!(
        (code, &json["results"][0]["result"], &json["results"][0]["current"]),
        (73, &"conflict".into(), &2.into())
    );
    desk.says(&["config", "import", out, "--onto-current"], 0, &["fees: saved as version 3"]);

    // Somewhere else the same numbers mean something else.
    other.save("fees", 0, &document("fees", "quite another")).await;
    other.says(
        &["config", "import", out],
        73,
        &["fees: conflict", "from another service, and here is version 1", "rates: not saved, because"],
    );
    assert_eq!((other.versions("fees"), other.versions("rates")), (vec![1], vec![]));
    other.says(
        &["config", "import", out, "--onto-current"],
        0,
        &["fees: saved as version 2", "rates: saved as version 1"],
    );
    assert_eq!(other.published("fees.yml"), document("fees", "mine"));
    desk.stop();
    other.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_imported_is_told() {
    let desk = Desk::with(
        "configs: { fees: { file: fees.yml, schema: builtin, approval: true }, rates: { file: rates.yml, schema: builtin } }\n",
    );
    let fees = desk.file("in/fees.yml", document("fees", "one"));
    desk.says(
        &["config", "import", &desk.file("in/what.yml", "a: 1\n"), &fees],
        1,
        &["what.yml: no kind has a file of this name", "fees: not saved"],
    );
    desk.says(
        &["config", "import", &fees, &desk.file("two/fees.yml", "")],
        64,
        &["are both of fees; nothing was saved"],
    );
    desk.says(&["config", "import", "/nowhere/fees.yml"], 1, &["fees: not saved: reading /nowhere/fees.yml"]);
    fs::create_dir(desk.path("empty")).unwrap();
    desk.says(&["config", "import", desk.path("empty").to_str().unwrap()], 1, &["no file of any kind"]);
    desk.file("bad/export.json", "{}");
    desk.says(
        &["config", "import", desk.path("bad").to_str().unwrap()],
        1,
        &["export.json: natrium config export has not written this"],
    );
    let evil = r#"{"format":1,"exported_ms":0,"kinds":[{"kind":"fees","file":"../in/fees.yml","version":{"kind":"fees","version":1,"base":0,"bytes":1,"sha256":"x","author":{"origin":"file","id":0,"name":""},"saved_ms":0}}]}"#;
    desk.file("evil/export.json", evil);
    desk.says(&["config", "import", desk.path("evil").to_str().unwrap()], 1, &["reading ", "evil/fees.yml"]);
    desk.says(&["config", "import"], 64, &["<FROM>"]);

    desk.file("in/rates.yml", document("rates", "one"));
    fs::remove_file(desk.path("in/what.yml")).unwrap();
    let directory = desk.path("in");
    let import = ["config", "import", directory.to_str().unwrap()];
    desk.says(&[&import[..], &["--dry-run"]].concat(), 69, &["fees: would be proposed", "rates: would be saved"]);
    desk.says(&import, 69, &["fees: proposed, as number 1", "rates: saved as version 1"]);
    desk.says(&import, 69, &["rates: unchanged"]);
    desk.stop();
}
