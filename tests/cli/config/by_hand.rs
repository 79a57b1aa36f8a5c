//! Published files that somebody changed by hand: told, looked at, adopted, put back, and replaced only on purpose.

use std::fs;

use harness::until_async;
use interfaces::configs::Kinds;

use super::{Desk, document};
use crate::running::PATIENCE;

impl Desk {
    /// Changes the file, and waits until the service has noticed; answers the content's SHA-256.
    pub(super) async fn change_by_hand(&self, kind: &str, content: &str) -> String {
        fs::write(self.service.published(&format!("{kind}.yml")), content).unwrap();
        let configs = self.service.configs();
        let noticed = async || {
            let kinds = configs.kinds(&Kinds {}).await.unwrap().kinds;
            let by_hand = kinds.into_iter().find(|one| one.name == kind).unwrap().by_hand;
            by_hand.filter(|by_hand| usize::try_from(by_hand.bytes).unwrap() == content.len())
        };
        until_async("the change is noticed", PATIENCE, noticed).await.unwrap().sha256
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_changed_by_hand_is_replaced_only_by_who_has_seen_it() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    desk.says(&["config", "diff", "fees", "--by-hand"], 0, &[]);
    desk.says(&["config", "adopt", "fees"], 73, &["the published file is what it should be"]);
    desk.says(&["config", "restore", "fees"], 73, &["the published file is what it should be"]);

    let sha256 = desk.change_by_hand("fees", &document("fees", "by hand")).await;
    desk.says(&["config", "list"], 0, &["the file was changed by hand: "]);
    desk.says(&["config", "diff", "fees", "--by-hand"], 2, &["-# one\n+# by hand\n", "changed by hand"]);
    let same = desk.file("one.yml", document("fees", "one"));
    let told = ["fees: it equals version 1, the current one; none was made; but another file stands in its place"];
    desk.says(&["config", "put", "fees", &same], 2, &told);
    let file = desk.file("two.yml", document("fees", "two"));
    let put = ["config", "put", "fees", &file];
    let told = [&format!("--over {sha256}"), "--by-hand", "natrium config adopt fees", "natrium config restore fees"];
    desk.says(&put, 73, &told);
    let (json, code) = desk.json(&put);
    assert_eq!((code, &json["error"]), (73, &"io.natrium.Configs.ChangedByHand".into()), "{json}");
    assert_eq!(desk.published("fees.yml"), document("fees", "by hand"));
    desk.says(&[&put[..], &["--over", "0123"]].concat(), 73, &["changed by hand"]);
    desk.says(&[&put[..], &["--over", &sha256]].concat(), 0, &["version 2 is saved and published"]);
    assert_eq!(desk.published("fees.yml"), document("fees", "two"));

    desk.change_by_hand("fees", "anything\n").await;
    desk.says(&["config", "rollback", "fees", "1"], 73, &["changed by hand"]);
    desk.says(&["config", "rollback", "fees", "1", "--overwrite"], 0, &["version 3 is saved and published"]);
    assert_eq!(desk.published("fees.yml"), document("fees", "one"));
    desk.says(&[&put[..], &["--over", "1", "--overwrite"]].concat(), 64, &["cannot be used with"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_command_that_is_repeated_has_the_first_ones_answer_though_nothing_stands_there_by_hand_any_more() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    let (two, out) = (desk.file("two.yml", document("fees", "two")), desk.path("out"));
    let out = out.to_str().unwrap();
    let mut mark = 0;
    // Each of them finds the file changed by hand, and does it once.
    let mut twice = async |words: &[&str], version: i64| {
        mark += 1;
        desk.change_by_hand("fees", &document("fees", &format!("by hand {mark}"))).await;
        let request = format!("r{mark}");
        let words = [words, &["--request", &request]].concat();
        let first = desk.natrium(&words);
        assert_eq!((first.code, desk.versions("fees")[0]), (0, version), "{words:?}: {first:?}");
        let again = desk.natrium(&words);
        assert_eq!((again.code, &again.out), (0, &first.out), "{words:?}: {again:?}");
        assert_eq!(desk.versions("fees")[0], version, "{words:?}");
        let (answers, code) = desk.json(&words);
        assert_eq!(code, 0, "{answers}");
    };
    twice(&["config", "put", "fees", &two, "--base", "1", "--overwrite"], 2).await;
    twice(&["config", "rollback", "fees", "1", "--base", "2", "--overwrite"], 3).await;
    twice(&["config", "adopt", "fees"], 4).await;
    twice(&["config", "restore", "fees"], 4).await;
    desk.says(&["config", "export", out], 0, &[]);
    desk.file("out/fees.yml", document("fees", "five"));
    twice(&["config", "import", out, "--overwrite"], 5).await;
    // Another request of that name is refused as ever.
    desk.says(&["config", "adopt", "fees", "--sha256", "0123", "--request", "r3"], 1, &["a different request"]);
    desk.says(&["config", "put", "fees", &two, "--base", "5", "--overwrite", "--request", "r1"], 1, &["a different"]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_changed_by_hand_becomes_a_version_or_the_stored_one_comes_back() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    let sha256 = desk.change_by_hand("fees", &document("fees", "by hand")).await;
    desk.says(&["config", "adopt", "fees", "--sha256", "0123"], 73, &["another content by now"]);
    desk.says(&["config", "adopt", "fees", "--sha256", &sha256], 0, &["fees: version 2 is saved and published"]);
    desk.says(&["config", "get", "fees"], 0, &["# by hand\n"]);

    desk.change_by_hand("fees", "brackets: 7\n").await;
    desk.says(&["config", "list"], 0, &["cannot become a version as it is"]);
    desk.says(&["config", "adopt", "fees"], 65, &["the published file:1:"]);
    let (json, code) = desk.json(&["config", "restore", "fees"]);
    assert_eq!((code, &json["published"], &json["version"]["version"]), (0, &true.into(), &2.into()), "{json}");
    assert_eq!(desk.published("fees.yml"), document("fees", "by hand"));
    desk.says(&["config", "restore", "fees"], 73, &["what it should be"]);
    assert_eq!(desk.versions("fees"), [2, 1]);
    desk.stop();
}
