//! What the command line refuses itself is in the audit trail, as what the writer refuses.

use std::fs;
use std::path::Path;

use harness::Admin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Desk, document};

impl Desk {
    /// Files of which no kind takes a version, and what is said of each.
    fn no_documents(&self) -> [(String, String); 2] {
        let (binary, long) = (self.file("b.yml", b"a: 1\nb: \xff\n"), self.file("l.yml", vec![b'#'; (1 << 20) + 1]));
        let no_text = format!("{binary}:2: this is no UTF-8 text\n");
        let too_long = format!("{long}: it is longer than 1048576 bytes, as no config may be\n");
        [(binary, no_text), (long, too_long)]
    }
}

#[test]
fn a_document_that_no_kind_takes_is_refused_whether_the_service_runs_or_not_and_recorded_where_it_does() {
    let mut desk = Desk::idle(&[], "");
    let files = desk.no_documents();
    for (file, said) in &files {
        let run = desk.natrium(&["config", "put", "fees", file]);
        assert_eq!((run.code, run.out.as_str(), &run.err), (65, "", said));
    }
    desk.service.start().unwrap();
    for (request, (file, said)) in ["one", "two"].into_iter().zip(&files) {
        let put = ["config", "put", "fees", file, "--request", request];
        let run = desk.natrium(&put);
        assert_eq!((run.code, run.out.as_str(), &run.err), (65, "", said));
        let (json, code) = desk.json(&put);
        assert_eq!((code, &json["error"], &json["text"]), (65, &"natrium.NotDone".into(), &said.trim_end().into()));
    }
    // Which kind it would be, nobody has looked.
    let odd = "я".repeat(40);
    desk.says(&["config", "put", &odd, &files[0].0, "--request", "three"], 65, &[&files[0].1]);
    // These change nothing, or were refused by nobody.
    desk.says(&["config", "check", "fees", &files[0].0], 65, &["b.yml:"]);
    desk.says(&["config", "put", "fees", "/nowhere/fees.yml"], 1, &["No such file"]);
    let cut = format!("put {} document three", "я".repeat(32));
    assert_eq!(desk.refusals(), ["put fees document one", "put fees document two", &cut]);
    let (trail, _) = desk.json(&["audit", "--limit", "1"]);
    let (actor, login) = (&trail["entries"][0]["actor"], nix::unistd::User::from_uid(nix::unistd::geteuid()));
    assert_eq!((&actor["origin"], &actor["name"]), (&"operator".into(), &login.unwrap().unwrap().name.into()));
    desk.stop();
}

#[test]
fn a_kind_that_there_is_not_is_recorded_once_whoever_finds_that() {
    let desk = Desk::new();
    let file = desk.file("new.yml", document("fees", "one"));
    for (request, base) in [("ours", None), ("the writer's", Some("--base=1"))] {
        for words in [["config", "put", "fes", &file], ["config", "rollback", "fes", "1"]] {
            let words: Vec<_> = words.into_iter().chain(["--request", request]).chain(base).collect();
            let said = if base.is_none() { "no kind \"fes\"; is fees meant?" } else { "there is no kind \"fes\"" };
            desk.says(&words, 1, &[said, "which there are: natrium config list"]);
            let (json, code) = desk.json(&words);
            assert_eq!((code, &json["error"]), (1, &"io.natrium.Configs.NoSuchKind".into()), "{json}");
        }
    }
    // Who only looks is refused nothing.
    desk.says(&["config", "check", "fes", &file], 1, &["is fees meant?"]);
    desk.says(&["config", "history", "fes"], 1, &[]);
    let lines = ["ours", "the writer's"]
        .map(|request| ["put", "rollback"].map(|verb| format!("{verb} fes no such kind {request}")));
    assert_eq!(desk.refusals(), lines.concat());
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_file_that_holds_an_import_has_its_line_and_what_is_held_by_it_none() {
    let kinds = ["fees", "rates", "limits", "names", "good"];
    let declared = kinds.map(|kind| format!("  {kind}: {{ file: {kind}.yml, schema: any.json }}\n")).concat();
    let mut desk = Desk::idle(&[Admin { id: 1001, name: "Anna" }], &format!("configs:\n{declared}"));
    fs::write(desk.service.path().join("any.json"), r#"{ "type": "object" }"#).unwrap();
    desk.service.start().unwrap();
    for kind in ["rates", "limits"] {
        desk.save(kind, 0, "a: 1\n").await;
    }
    let out = desk.path("out");
    let out = out.to_str().unwrap();
    desk.says(&["config", "export", out], 0, &[]);
    desk.save("rates", 1, "a: 2\n").await;
    desk.file("out/rates.yml", "a: 3\n");
    desk.change_by_hand("limits", "by: hand\n").await;
    desk.file("out/limits.yml", "a: 4\n");
    let lists = fs::read_to_string(Path::new(out).join("export.json")).unwrap();
    desk.file("out/export.json", lists.replace("\"kinds\": [", GONE));
    let files = [("fees", b"- 1\n".to_vec()), ("names", vec![b'#'; (1 << 20) + 1]), ("good", b"a: 1\n".to_vec())];
    let mut from = files.map(|(kind, content)| desk.file(&format!("in/{kind}.yml"), content)).to_vec();
    from.extend([desk.file("in/what.yml", ""), desk.file("other/what.yml", ""), "/nowhere/none.yml".to_owned()]);
    let import = ["config", "import", "--request", "r", out].into_iter().chain(from.iter().map(String::as_str));
    let import: Vec<_> = import.collect();
    desk.says(&[&import[..], &["--dry-run"]].concat(), 1, &["limits: conflict"]);
    assert_eq!(desk.refusals(), Vec::<String>::new(), "nothing was asked to be changed");
    for _ in 0..2 {
        let run = desk.says(&import, 1, &["good: not saved, because not every file can be", "rates: conflict"]);
        assert!(!run.err.contains("audit trail"), "{run:?}");
    }
    let what = |file: &str| format!("put what.yml no such kind r/{file}");
    let mut told = vec![
        "put fees invalid r/fees".to_owned(),
        "put gone no such kind r/gone".to_owned(),
        "put limits changed by hand r/limits".to_owned(),
        "put names document r/names".to_owned(),
        "put rates conflict r/rates".to_owned(),
        what(&from[3]),
        what(&from[4]),
        format!("put none.yml no such kind r/{}", from[5]),
    ];
    let mut refusals = desk.refusals();
    told.sort();
    refusals.sort();
    assert_eq!(refusals, told);
    assert_eq!(desk.versions("good"), Vec::<i64>::new());
    desk.stop();
}

/// The begin of an export's list, with a kind that is nowhere.
const GONE: &str = r#""kinds": [{"kind":"gone","file":"gone.yml","version":{"kind":"gone","version":1,"base":0,"bytes":1,"sha256":"x",
    "author":{"origin":"file","id":0,"name":""},"saved_ms":0}},"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_cannot_be_recorded_is_the_same_and_it_is_said() {
    let desk = Desk::new();
    let [(file, said), _] = desk.no_documents();
    let put = ["config", "put", "fees", &file, "--timeout", "1"];
    // Nobody may notice that the writer hangs.
    let hung = [desk.service.pid().unwrap(), desk.service.worker("writer").await.unwrap()];
    let signal = |signal| hung.iter().for_each(|pid| kill(Pid::from_raw(*pid), signal).unwrap());
    signal(Signal::SIGSTOP);
    let run = desk.natrium(&put);
    let (json, code) = desk.json(&put);
    signal(Signal::SIGCONT);
    let may_be = "this refusal may be missing in the audit trail: no answer in time\n";
    assert_eq!((run.code, run.out, run.err), (65, String::new(), format!("{may_be}{said}")));
    assert_eq!((code, &json["text"]), (65, &said.trim_end().into()));
    let run = desk.says(&[&put[..], &["--settings", "/nowhere.yml"]].concat(), 65, &[&said]);
    let is_not = run.err.lines().next().unwrap();
    assert!(
        is_not.starts_with("this refusal is not in the audit trail: ") && is_not.contains("/nowhere.yml"),
        "{run:?}"
    );
    assert_eq!((run.out.as_str(), run.err.lines().count()), ("", 2), "{run:?}");
    desk.stop();
}
