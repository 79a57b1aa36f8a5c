//! `natrium config rollback`.

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_comes_back_as_a_new_one() {
    let desk = Desk::new();
    let (one, two) = (document("fees", "one"), document("fees", "two"));
    desk.save("fees", 0, &one).await;
    desk.save("fees", 1, &two).await;
    desk.says(&["config", "rollback", "fees", "1", "--base", "1"], 73, &["at version 2 by now", "--base 2"]);
    let run = desk.says(&["config", "rollback", "fees", "1"], 0, &["on top of version 2, the current one"]);
    assert_eq!(run.out, "fees: version 3 is saved and published\n");
    assert_eq!(desk.published("fees.yml"), one);
    desk.says(&["config", "history", "fees"], 0, &["a rollback to version 1"]);
    desk.says(&["config", "rollback", "fees", "1"], 2, &["equals version 3"]);
    let (json, code) = desk.json(&["config", "rollback", "fees", "2"]);
    assert_eq!((code, &json["result"], &json["version"]["restores"]), (0, &"saved".into(), &2.into()), "{json}");
    desk.says(&["config", "rollback", "fees", "9"], 1, &["fees has no version 9"]);
    desk.says(&["config", "rollback", "frees", "1"], 1, &["is fees meant?"]);
    assert_eq!(desk.versions("fees"), [4, 3, 2, 1]);
    desk.stop();
}
