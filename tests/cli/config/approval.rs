//! Where a second admin has to approve: `natrium config put` proposes; `proposals`, `approve`, `decline`.

use interfaces::CallError;
use interfaces::configs::{Error, Propose};

use super::{Desk, anna, document};

const FOUR_EYES: &str = "configs: { fees: { file: fees.yml, schema: builtin, approval: true } }\n";

impl Desk {
    async fn proposed_by_anna(&self, mark: &str, base: i64) -> String {
        let call = Propose {
            kind: "fees".to_owned(),
            content: document("fees", mark),
            base,
            restores: None,
            author: anna(),
            request_id: mark.to_owned(),
            settles: None,
        };
        self.service.configs().propose(&call).await.unwrap().proposal.id.to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_is_proposed_and_somebody_else_approves_it() {
    let desk = Desk::with(FOUR_EYES);
    let file = desk.file("new.yml", document("fees", "one"));
    let put = ["config", "put", "fees", &file, "--base", "0", "--request", "r"];
    for _ in 0..2 {
        desk.says(
            &put,
            69,
            &["fees: proposed, as number 1: somebody else has to approve it (natrium config approve 1)"],
        );
    }
    assert_eq!(desk.versions("fees"), Vec::<i64>::new());
    desk.says(&["config", "approve", "1"], 77, &["nobody approves what he proposed himself", "decline 1"]);
    desk.says(&["config", "decline", "1"], 0, &["proposal 1 is withdrawn"]);
    desk.says(&["config", "decline", "1"], 73, &["proposal 1 of fees is withdrawn already by "]);
    desk.says(&["config", "proposals"], 0, &["nothing waits for approval"]);

    let (json, code) = desk.json(&["config", "put", "fees", &file]);
    assert_eq!((code, &json["result"], &json["proposal"]["id"]), (69, &"proposed".into(), &2.into()), "{json}");
    let id = desk.proposed_by_anna("hers", 0).await;
    assert_eq!(id, "3");
    let (open, code) = desk.json(&["config", "proposals", "fees"]);
    assert_eq!((code, open["proposals"].as_array().unwrap().len()), (0, 2), "{open}");
    let table = desk.says(&["config", "proposals"], 0, &["Anna [1001]"]).out;
    assert!(table.starts_with("ID  KIND  BASE  BYTES  PROPOSED"), "{table}");
    desk.says(&["config", "proposals", "rates"], 0, &["nothing waits"]);
    let saved = desk.says(&["config", "approve", &id], 0, &["fees: version 1 is saved and published"]);
    assert_eq!(saved.err, "");
    assert_eq!(desk.published("fees.yml"), document("fees", "hers"));
    desk.says(&["config", "history", "fees"], 0, &["Anna [1001]", "approved by "]);
    desk.says(&["config", "approve", &id], 73, &["is approved already", "it became version 1"]);
    desk.says(&["config", "approve", "99"], 1, &["there is no proposal 99", "natrium config proposals"]);
    // Whoever is asked for a second admin was refused nothing.
    // Only where a request is named that may be an older one, it is asked first whether that was saved.
    let reasons = ["approval required r", "own proposal", "decided", "decided", "no such proposal"];
    let refusals = desk.refusals();
    assert!(refusals.iter().zip(reasons).all(|(line, reason)| line.contains(reason)), "{refusals:#?}");
    assert_eq!(refusals.len(), reasons.len(), "{refusals:#?}");
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_equals_the_current_version_is_no_change_and_is_not_proposed() {
    let desk = Desk::with(FOUR_EYES);
    let id = desk.proposed_by_anna("one", 0).await;
    desk.says(&["config", "approve", &id], 0, &[]);
    let file = desk.file("fees.yml", document("fees", "one"));
    desk.says(&["config", "put", "fees", &file], 2, &["fees: it equals version 1, the current one; none was made"]);
    let (json, code) = desk.json(&["config", "import", &file]);
    assert_eq!((code, &json["results"][0]["result"]), (2, &"unchanged".into()), "{json}");
    desk.says(&["config", "rollback", "fees", "1"], 2, &["it equals version 1"]);
    desk.says(&["config", "proposals"], 0, &["nothing waits for approval"]);
    let (trail, _) = desk.json(&["audit", "--limit", "100"]);
    assert!(trail["entries"].as_array().unwrap().iter().all(|line| line["outcome"] == "done"), "{trail}");
    let call = Propose {
        kind: "fees".to_owned(),
        content: document("fees", "one"),
        base: 1,
        restores: None,
        author: anna(),
        request_id: "same".to_owned(),
        settles: None,
    };
    let error = desk.service.configs().propose(&call).await.unwrap_err();
    let CallError::Reply(Error::Unchanged { kind, current }) = error else { panic!("{error}") };
    assert_eq!((kind.as_str(), current.version), ("fees", 1));
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_can_be_looked_at_and_declined_and_a_rollback_is_one_too() {
    let desk = Desk::with(FOUR_EYES);
    let first = desk.proposed_by_anna("one", 0).await;
    desk.says(&["config", "approve", &first], 0, &[]);
    let second = desk.proposed_by_anna("two", 1).await;
    desk.says(&["config", "diff", "fees", "--proposal", &second], 2, &["-# one\n+# two\n", "proposal 2, Anna [1001]"]);
    let third = desk.proposed_by_anna("three", 1).await;
    desk.says(&["config", "decline", &third], 0, &["fees: proposal 3 is declined; nothing was changed"]);
    let late = desk.proposed_by_anna("late", 1).await;
    desk.says(&["config", "approve", &second], 0, &["version 2 is saved"]);
    // What came in between is a conflict here, too.
    desk.says(&["config", "approve", &late], 73, &["at version 2 by now"]);
    desk.says(&["config", "rollback", "fees", "1"], 69, &["proposed, as number 5"]);
    let (open, _) = desk.json(&["config", "proposals", "fees"]);
    assert_eq!(open["proposals"][1]["restores"], 1, "{open}");
    desk.says(&["config", "proposals"], 0, &["a rollback to version 1"]);
    assert_eq!(desk.versions("fees"), [2, 1]);
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_is_repeated_has_the_first_ones_answer_though_nothing_stands_there_by_hand_any_more() {
    let desk = Desk::with(FOUR_EYES);
    let first = desk.proposed_by_anna("one", 0).await;
    desk.says(&["config", "approve", &first], 0, &[]);
    let second = desk.proposed_by_anna("two", 1).await;
    std::fs::write(desk.service.published("fees.yml"), document("fees", "by hand")).unwrap();
    let approve = ["config", "approve", &second, "--overwrite", "--request", "r"];
    let said = desk.says(&approve, 0, &["fees: version 2 is saved and published"]);
    assert_eq!(desk.says(&approve, 0, &[]).out, said.out);
    assert_eq!((desk.versions("fees"), desk.published("fees.yml")), (vec![2, 1], document("fees", "two")));
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_saved_before_its_kind_wanted_a_second_admin_is_the_answer_of_the_same_request() {
    let desk = Desk::with("");
    let file = desk.file("fees.yml", document("fees", "one"));
    let put = ["config", "put", "fees", &file, "--base", "0", "--request", "r"];
    let said = desk.says(&put, 0, &["fees: version 1 is saved and published"]);
    let settings = std::fs::read_to_string(desk.service.settings()).unwrap();
    desk.service.write_settings(&(settings + FOUR_EYES)).unwrap();
    desk.says(&["reload"], 0, &[]);
    assert_eq!(desk.says(&put, 0, &[]).out, said.out);
    let second = desk.proposed_by_anna("two", 1).await;
    desk.says(&["config", "approve", &second], 0, &[]);
    assert_eq!(desk.says(&put, 0, &[]).out, said.out, "though another version is the current one");
    desk.says(&["config", "proposals"], 0, &["nothing waits for approval"]);
    desk.stop();
}
