//! Going back, with everything that may come in between.

use std::fs;

use harness::{until, until_async};
use interfaces::configs::{GetByHand, Proposals};
use nix::sys::signal::Signal;

use super::browser::form;
use super::{signed_in, stage};
use crate::stage::{ANNA, BORIS, PATIENCE, Stage, by, fees, greets};

const BACK: &str = "/rollback/fees/1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pressed_twice_or_at_once_it_is_done_once_and_says_the_same() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let asked = browser.get(BACK);
    let pressing = (0..4).map(|_| {
        let (mut browser, body) = (browser.clone(), asked.body.clone());
        std::thread::spawn(move || browser.post(BACK, &form(&body, BACK)))
    });
    let pressing: Vec<_> = pressing.collect();
    for answer in pressing.into_iter().map(|thread| thread.join().unwrap()) {
        assert!(
            answer.code == 200 && answer.body.contains("version 3 has the content of version 1"),
            "{}",
            answer.body
        );
    }
    assert!(browser.sends(BACK, &asked).body.contains("version 3 has the content of version 1"));
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("first")));
    // Asked anew there is nothing to do.
    let same = browser.get(BACK);
    assert!(same.body.contains("rolling fees.yml back would change nothing"), "{}", same.body);
    assert!(browser.get("/rollback/fees/3").body.contains("Version 3 is the current fees.yml already."));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_tabs_the_second_is_told_and_asked_anew() {
    let stage = stage().await;
    let (anna, boris) = (stage.anna().await, stage.telegram.user(BORIS.id, "Boris").await.unwrap());
    stage.has(["first", "second"]).await;
    let (mut hers, mut his) = (signed_in(&stage, &anna).await, signed_in(&stage, &boris).await);
    let (asked, asked_too) = (hers.get(BACK), his.get(BACK));
    stage.saves(by(ANNA), &fees("third")).await;
    let conflict = his.sends(BACK, &asked_too);
    assert_eq!(conflict.code, 409);
    for seen in ["Nothing was rolled back: Anna saved version 3 of fees.yml in the meantime", "# third</td>"] {
        assert!(conflict.body.contains(seen), "{seen}: {}", conflict.body);
    }
    assert_eq!(stage.versions().await, 3);
    // What is shown now is what is decided about.
    let done = his.sends(BACK, &conflict);
    assert!(done.code == 200 && done.body.contains("version 4 has the content of version 1"), "{}", done.body);
    // What she wanted is there already, whoever brought it.
    let late = hers.sends(BACK, &asked);
    assert!(late.code == 200 && late.body.contains("would change nothing"), "{}", late.body);
    assert_eq!((stage.versions().await, stage.fees()), (4, fees("first")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_second_admin_is_needed_it_is_proposed_once() {
    let mut stage = stage().await;
    let boris = stage.boris().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let text = fs::read_to_string(stage.service.settings()).unwrap();
    let kinds = "configs:\n  fees: { file: fees.yml, schema: builtin, approval: true }\n";
    stage.service.write_settings(&format!("{text}{kinds}")).unwrap();
    assert!(stage.service.stop().unwrap().success());
    stage.service.start().unwrap();
    greets(&boris).await;
    let mut browser = signed_in(&stage, &anna).await;
    assert!(browser.get("/").body.contains("takes a second admin"));
    let asked = browser.get(BACK);
    for seen in ["Propose to roll back to version 1", "nothing changes before somebody else approves it in the bot"] {
        assert!(asked.body.contains(seen), "{seen}: {}", asked.body);
    }
    // What stands there by hand is left to who approves.
    by_hand(&stage, fees("by hand").as_bytes()).await;
    let over = browser.get(BACK).body;
    assert!(over.contains("whoever approves decides what becomes of it") && !over.contains("replaces it"), "{over}");
    fs::write(stage.service.published("fees.yml"), fees("second")).unwrap();
    let as_it_was = || (!browser.get("/").body.contains("changed by hand")).then_some(());
    until("it is as it was", PATIENCE, as_it_was).unwrap();
    for _ in 0..2 {
        let answer = browser.sends(BACK, &asked);
        assert_eq!(answer.code, 200);
        assert!(answer.body.contains("Going back to version 1 is proposal 1 now"), "{}", answer.body);
    }
    let open = stage.service.configs().proposals(&Proposals { kind: None }).await.unwrap().proposals;
    assert_eq!((open.len(), open[0].restores, open[0].author.id), (1, Some(1), ANNA.id));
    boris.sees("Anna предлагает вернуть fees.yml к версии 1: предложение 1").await.unwrap();
    boris.presses("✅ Одобрить").await.unwrap();
    boris.sees_now("✅ Предложение 1").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("first")));
    assert!(browser.get("/history/fees").body.contains("approved by Boris"));
    // Who is asked for a second admin was refused nothing.
    assert!(!stage.audit().await.iter().any(|line| line.contains("approval required")));
    stage.strike().await;
}

/// Somebody changes the file on the disk, and the writer has noticed.
async fn by_hand(stage: &Stage, content: &[u8]) {
    fs::write(stage.service.published("fees.yml"), content).unwrap();
    let noticed = async || {
        let found = stage.service.configs().get_by_hand(&GetByHand { kind: "fees".to_owned() }).await.ok()?.by_hand?;
        (found.bytes == i64::try_from(content.len()).unwrap()).then_some(())
    };
    until_async("it is noticed", PATIENCE, noticed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_changed_by_hand_is_replaced_only_as_it_was_shown() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let asked = browser.get(BACK);
    by_hand(&stage, fees("by hand").as_bytes()).await;
    // It is marked once the writer has been told of it by the kernel.
    let marked = || browser.get("/").body.contains("changed by hand").then_some(());
    until("it is marked", PATIENCE, marked).unwrap();
    // What would change nothing is not told as what stands there.
    let current = browser.get("/rollback/fees/2").body;
    assert!(
        current.contains("Version 2 is the current fees.yml already. But another file stands in its place"),
        "{current}"
    );
    let told = browser.sends(BACK, &asked);
    assert_eq!(told.code, 409);
    for seen in [
        "Nothing was rolled back: fees.yml on the disk was changed by hand",
        "Rolling back replaces it; what stands there is kept beside the backups.",
        "# by hand</td>",
    ] {
        assert!(told.body.contains(seen), "{seen}: {}", told.body);
    }
    by_hand(&stage, fees("by another hand").as_bytes()).await;
    let told = browser.sends(BACK, &told);
    assert!(told.code == 409 && told.body.contains("# by another hand</td>"), "{}", told.body);
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("by another hand")));
    // What is no text is said to be none.
    by_hand(&stage, b"\xff\xfe\xfd").await;
    let told = browser.sends(BACK, &told);
    assert!(told.code == 409 && told.body.contains("cannot be shown: it is no text"), "{}", told.body);
    let done = browser.sends(BACK, &told);
    assert!(done.code == 200 && done.body.contains("version 3 has the content of version 1"), "{}", done.body);
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("first")));
    stage.strike().await;
}

/// Starts anew with these kinds.
async fn declares(stage: &mut Stage, settings: &str, kinds: &str) {
    assert!(stage.service.stop().unwrap().success());
    stage.service.write_settings(&format!("{settings}configs:\n{kinds}")).unwrap();
    stage.service.start().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_valid_any_more_and_what_is_not_there_any_more_is_told() {
    let mut stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let settings = fs::read_to_string(stage.service.settings()).unwrap();
    let strict = r#"{ "type": "object", "required": ["<b>"] }"#;
    fs::write(stage.service.settings().with_file_name("strict.json"), strict).unwrap();
    for approval in [false, true] {
        let fees = format!("  fees: {{ file: fees.yml, schema: strict.json, approval: {approval} }}\n");
        declares(&mut stage, &settings, &fees).await;
        let mut browser = signed_in(&stage, &anna).await;
        let asked = browser.get(BACK);
        let refused = browser.sends(BACK, &asked);
        assert_eq!(refused.code, 422, "{}", refused.body);
        assert!(refused.body.contains("there is a problem in version 1 of fees.yml."), "{}", refused.body);
        assert!(refused.body.contains("<li>") && refused.body.contains("&#60;b&#62;"), "{}", refused.body);
    }
    // And then there is no such kind.
    declares(&mut stage, &settings, "  rates: { file: rates.yml, schema: builtin }\n").await;
    let mut browser = signed_in(&stage, &anna).await;
    assert!(browser.get("/").body.contains("No longer in the settings"));
    let history = browser.get("/history/fees");
    assert!(history.code == 200 && !history.body.contains("/rollback/"), "{}", history.body);
    assert_eq!((browser.get("/diff/fees/1/2").code, browser.get("/get/fees/1").code), (200, 200));
    let refused = browser.get(BACK);
    assert!(refused.code == 404 && refused.body.contains("fees is no longer in the settings."), "{}", refused.body);
    for (path, said) in [
        ("/history/nothing", "There is no config called nothing."),
        ("/rollback/nothing/1", "There is no config called nothing."),
        ("/get/fees/3", "fees has no version 3."),
        ("/diff/fees/3/1", "fees has no version 3."),
        ("/rollback/rates/7", "rates.yml has no version yet."),
        ("/history/rates", "rates.yml has no version yet."),
    ] {
        let answer = browser.get(path);
        let code = if path == "/history/rates" { 200 } else { 404 };
        assert!(answer.code == code && answer.body.contains(said), "{path}: {}", answer.body);
    }
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_for_what_there_is_not_is_in_the_trail_once_whoever_refuses_it_and_looking_for_it_is_not() {
    let mut stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let settings = fs::read_to_string(stage.service.settings()).unwrap();
    let kinds = "  rates: { file: rates.yml, schema: builtin }\n  fares: { file: fares.yml, schema: fares.json, approval: true }\n";
    fs::write(stage.service.settings().with_file_name("fares.json"), "{}").unwrap();
    declares(&mut stage, &settings, kinds).await;
    let mut browser = signed_in(&stage, &anna).await;
    let before = stage.audit().await.len();
    // One that was taken out of the settings, two that never were in them, and versions that never were.
    let long = "%D1%8F".repeat(50);
    let asked = [BACK, "/rollback/nothing/1", &format!("/rollback/{long}/1"), "/rollback/rates/7", "/rollback/fares/7"];
    for path in asked {
        assert_eq!(browser.get(path).code, 404, "{path}");
    }
    assert_eq!(stage.audit().await.len(), before, "looking changes nothing");
    for (number, path) in asked.into_iter().enumerate() {
        let sent = format!("base=2&request=0190163d-8694-739b-aea5-966c26f8ad9{number}");
        let refused = browser.post(path, &sent);
        assert_eq!(refused.code, 404, "{path}: {}", refused.body);
    }
    let audit = stage.audit().await;
    let told: Vec<_> = audit[..audit.len() - before].iter().rev().cloned().collect();
    let unknown = ["fees", "nothing", &"я".repeat(32)].map(|kind| format!("Anna rollback {kind} no such kind"));
    // These are the writer's.
    let without = ["rates", "fares"].map(|kind| format!("Anna rollback {kind} no such version"));
    assert_eq!(told, [&unknown[..], &without].concat());
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_is_silent_is_not_waited_for_and_nothing_is_claimed() {
    let mut stage = Stage::set().await;
    // The writer is only stopped here, and must not be taken for hung.
    stage.service.environment.push(("NATRIUM_TIMING".to_owned(), "watchdog=120s".to_owned()));
    stage.service.with_web().unwrap();
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let asked = browser.get(BACK);
    let writer = nix::unistd::Pid::from_raw(stage.service.worker("writer").await.unwrap());
    nix::sys::signal::kill(writer, Signal::SIGSTOP).unwrap();
    let home = browser.get("/");
    assert!(home.code == 503 && home.body.contains("There is no answer just now."), "{}", home.body);
    let unknown = browser.sends(BACK, &asked);
    // A refusal that cannot be recorded is not told as one.
    let mut elsewhere = browser.clone();
    elsewhere.origin = "http://evil.example".to_owned();
    let unrecorded = elsewhere.post("/sign-out", "");
    assert!(unrecorded.code == 503 && unrecorded.body.contains("There is no answer just now."), "{}", unrecorded.body);
    nix::sys::signal::kill(writer, Signal::SIGCONT).unwrap();
    assert_eq!(elsewhere.post("/sign-out", "").code, 403);
    assert!(stage.audit().await.contains(&"Anna sign_out from elsewhere".to_owned()));
    assert_eq!(unknown.code, 503);
    // It was not even possible to ask how the file is called.
    assert!(unknown.body.contains("it is not known whether anything was done with fees."), "{}", unknown.body);
    assert_eq!(form(&unknown.body, BACK), form(&asked.body, BACK), "it is the same call");
    let done = browser.sends(BACK, &unknown);
    assert!(done.code == 200 && done.body.contains("version 3 has the content of version 1"), "{}", done.body);
    assert_eq!(stage.versions().await, 3);
    stage.strike().await;
}
