//! `natrium config export`.

use std::fs;

use serde_json::Value;

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_current_versions_are_written_and_what_they_are() {
    let desk = Desk::new();
    let to = desk.path("out/deep");
    let to = to.to_str().unwrap();
    desk.says(&["config", "export", to], 0, &["there are no versions yet"]);
    let (one, two, rates) = (document("fees", "one"), document("fees", "two"), document("rates", "r"));
    desk.save("fees", 0, &one).await;
    desk.save("fees", 1, &two).await;
    desk.save("rates", 0, &rates).await;
    desk.says(&["config", "export", to], 1, &["export.json is there already; --force replaces it"]);
    desk.says(
        &["config", "export", to, "--force"],
        0,
        &[&format!("fees: version 2 in {to}/fees.yml"), "rates: version 1"],
    );
    let read = |name: &str| fs::read_to_string(desk.path("out/deep").join(name)).unwrap();
    assert_eq!((read("fees.yml"), read("rates.yml")), (two.clone(), rates.clone()));
    let list: Value = serde_json::from_str(&read("export.json")).unwrap();
    assert_eq!(
        (&list["format"], &list["kinds"][0]["version"]["author"]["name"]),
        (&1.into(), &"Anna".into()),
        "{list}"
    );
    assert_eq!(list["kinds"][0]["version"]["sha256"].as_str().unwrap().len(), 64, "{list}");

    let some = desk.path("some");
    let (json, code) = desk.json(&["config", "export", some.to_str().unwrap(), "fees", "--history"]);
    assert_eq!((code, json["kinds"].as_array().unwrap().len()), (0, 1), "{json}");
    let read = |name: &str| fs::read_to_string(some.join(name)).unwrap();
    assert_eq!(
        (read("history/fees/000001.yml"), read("history/fees/000002.yml"), read("fees.yml")),
        (one, two.clone(), two)
    );
    assert!(!some.join("rates.yml").exists());
    let none = desk.path("none");
    desk.says(&["config", "export", none.to_str().unwrap(), "frees"], 1, &["no kind \"frees\"; is fees meant?"]);
    assert!(!none.exists());
    // What is somebody's stays, and without all there is no list.
    desk.file("mine/rates.yml", "mine");
    desk.says(&["config", "export", desk.path("mine").to_str().unwrap()], 1, &["rates.yml is there already"]);
    assert_eq!(fs::read_to_string(desk.path("mine/rates.yml")).unwrap(), "mine");
    assert!(!desk.path("mine/export.json").exists());
    desk.says(&["config", "export", &desk.file("file", "x")], 1, &["making "]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_is_no_longer_declared_is_exported_with_its_history() {
    let mut desk = Desk::new();
    let rates = document("rates", "r");
    desk.save("rates", 0, &rates).await;
    assert!(desk.service.stop().unwrap().success());
    let settings = fs::read_to_string(desk.service.settings()).unwrap();
    desk.service.write_settings(&(settings + "configs: { fees: { file: fees.yml, schema: builtin } }\n")).unwrap();
    desk.service.start().unwrap();
    desk.says(&["config", "list"], 0, &["no longer in the settings, but with a history: rates"]);
    desk.says(&["config", "get", "rates"], 0, &["# r\n"]);
    desk.says(&["config", "history", "rates"], 0, &["Anna [1001]"]);
    let to = desk.path("out");
    desk.says(&["config", "export", to.to_str().unwrap(), "--history"], 0, &["rates: version 1, 1 versions in "]);
    assert_eq!(fs::read_to_string(to.join("history/rates/000001.yml")).unwrap(), rates);
    desk.stop();
}
