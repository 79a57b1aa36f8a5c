//! `natrium config get`.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;

use super::{Desk, document};
use crate::running::PATIENCE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_out_is_what_went_in_byte_for_byte() {
    let desk = Desk::new();
    let one = "\u{feff}".to_owned() + &document("fees", "one").replace('\n', "\r\n");
    let two = document("fees", "two").trim_end().to_owned();
    desk.save("fees", 0, &one).await;
    desk.save("fees", 1, &two).await;
    let got = desk.natrium(&["config", "get", "fees"]);
    assert_eq!((got.code, got.out.as_str(), got.err.as_str()), (0, two.as_str(), ""));
    let got = desk.natrium(&["config", "get", "fees", "1"]);
    assert_eq!((got.code, got.out.as_str(), got.err.as_str()), (0, one.as_str(), ""));
    desk.says(&["config", "get", "fees", "3"], 1, &["fees has no version 3", "natrium config history fees"]);
    desk.says(&["config", "get", "rates"], 1, &["rates has no version yet"]);
    desk.says(&["config", "get", "frees"], 1, &["there is no kind \"frees\"", "natrium config list"]);

    let file = desk.file("kept.yml", "before");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let got = desk.natrium(&["config", "get", "fees", "--output", &file]);
    assert_eq!((got.code, got.out.as_str(), got.err.as_str()), (0, "", ""));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), two);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "it keeps its mode");
    desk.says(&["config", "get", "fees", "3", "--output", &file], 1, &[]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), two, "what failed left it alone");
    desk.says(&["config", "get", "fees", "--output", "/nowhere/x"], 1, &["writing /nowhere/x: No such file"]);
    let directory = desk.path("");
    desk.says(&["config", "get", "fees", "--output", directory.to_str().unwrap()], 1, &["no regular file"]);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1, "nothing else is left");
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_reading_has_what_he_wanted() {
    let desk = Desk::new();
    // More than a pipe holds.
    let long = document("fees", &"x".repeat(500_000));
    desk.save("fees", 0, &long).await;
    let mut child = desk.command(&["config", "get", "fees"]).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut [0; 10]).unwrap();
    drop(output);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = harness::until("it ends", PATIENCE, || child.try_wait().unwrap()).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_has_every_kind_and_its_current_version() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    let list = desk.says(&["config", "list"], 0, &["Anna [1001]"]).out;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("KIND   FILE       VERSION  SAVED"), "{list}");
    assert!(lines[1].starts_with("fees   fees.yml   1  "), "{list}");
    assert!(lines[2].starts_with("rates  rates.yml  -  "), "{list}");
    let (list, code) = desk.json(&["config", "list"]);
    assert_eq!(code, 0);
    let [fees, rates] = [&list["kinds"][0], &list["kinds"][1]];
    assert_eq!((&fees["name"], &fees["current"], &fees["version"]["version"]), (&"fees".into(), &1.into(), &1.into()));
    assert_eq!((&rates["current"], rates.get("version")), (&0.into(), None), "{list}");
    assert_eq!((&fees["approval"], &list["retired"]), (&false.into(), &serde_json::json!([])));
    assert!(fees["schema"].as_str().unwrap().contains("json-schema.org"), "{fees}");
    desk.stop();
}
