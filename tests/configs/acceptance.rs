//! Two admins upload at the same moment: the same kind one after the other, different kinds side by side.
//!
//! "At the same moment" is not left to luck: strace holds the writer at the rename, in the middle of the locked section, for as
//! long as it takes to see where everybody else stands.

use harness::{Tracer, until, until_async};
use sim::client::User;
use sim::control::{MessagePattern, MessageView};

use crate::house::{ADMINS, House, PATIENCE, document};
use crate::operators::{agree, history, names};
use crate::system_calls::RENAMES;

/// Much longer than anything here takes: whoever is held is let go, or the test has failed.
const HELD_US: u32 = 60_000_000;

const WAITS: &str = "🔒 Waiting for the lock: another change of fees.yml is being saved first…";

/// An event about the lock of a kind, as the log has it: `acquired` or `released`, and who.
type LockEvent = (String, i64);

/// All that the log says about the lock of a kind, in order.
fn lock_events(house: &House, kind: &str) -> Vec<LockEvent> {
    let log = house.service.log();
    let of_kind = log.lines().filter(|line| line.contains(&format!("config_type=\"{kind}\"")));
    let event = |line: &str| {
        let what =
            ["acquired", "released"].into_iter().find(|what| line.contains(&format!("config_upload_lock_{what}")))?;
        let user = line.split_once("user_id=")?.1.split(' ').next()?.parse().ok()?;
        Some((what.to_owned(), user))
    };
    of_kind.filter_map(event).collect()
}

fn acquired(by: usize) -> LockEvent {
    ("acquired".to_owned(), ADMINS[by].id)
}

fn released(by: usize) -> LockEvent {
    ("released".to_owned(), ADMINS[by].id)
}

/// How many documents of a kind have been checked and wait for their place.
fn drafts(house: &House, kind: &str) -> usize {
    let start = format!(".{kind}.yml.natrium-");
    names(&house.service.path().join("published")).iter().filter(|name| name.starts_with(&start)).count()
}

/// The bot waits for this person's document.
async fn begins(person: &User, kind: &str) {
    person.says(&format!("/set_{kind}")).await.unwrap();
    person.sees(&format!("{kind}.yml as a document")).await.unwrap();
}

fn saved(kind: &str) -> String {
    format!("✅ {kind}.yml updated successfully!")
}

/// From now on the writer is held wherever it gives a file its name. `None`: that cannot be done here.
async fn hold(house: &House) -> Option<Tracer> {
    let writer = house.service.worker("writer").await.unwrap();
    let inject = format!("inject={RENAMES}:delay_enter={HELD_US}");
    let report = house.service.path().join("held");
    Tracer::attach(writer, &["-e", &format!("trace={RENAMES}"), "-e", &inject], &report).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_uploads_of_one_kind_at_once_are_saved_one_after_the_other_and_the_second_backup_is_the_first_upload() {
    let house = House::start().await;
    let (anna, boris) = (house.admin(0).await, house.admin(1).await);
    let contents = [document("fees", "of Anna"), document("fees", "of Boris")];
    begins(&anna, "fees").await;
    begins(&boris, "fees").await;

    let Some(held) = hold(&house).await else { return };
    anna.sends("fees.yml", contents[0].clone()).await.unwrap();
    until("Anna has the lock", PATIENCE, || (lock_events(&house, "fees") == [acquired(0)]).then_some(())).unwrap();
    boris.sends("fees.yml", contents[1].clone()).await.unwrap();
    // Both are checked by now, outside the lock.
    until("Boris is in front of the lock", PATIENCE, || (drafts(&house, "fees") == 2).then_some(())).unwrap();
    // He is told that he waits there, and for what, and Anna that she does not.
    boris.sees(WAITS).await.unwrap();
    anna.sees("🔒 Lock acquired, saving fees.yml…").await.unwrap();
    assert_eq!(lock_events(&house, "fees"), [acquired(0)], "Boris has to wait");
    assert_eq!(house.file("fees"), None, "Anna was to be held before this");
    held.detach().unwrap();

    anna.sees_now(&saved("fees")).await.unwrap();
    // Boris had no version before him, so he is told and asked; he insists.
    boris.sees("Anna").await.unwrap();
    if boris.presses("Overwrite").await.is_err() {
        begins(&boris, "fees").await;
        boris.sends("fees.yml", contents[1].clone()).await.unwrap();
    }
    boris.sees_now(&saved("fees")).await.unwrap();

    let events = until_async("the log is complete", PATIENCE, async || {
        let events = lock_events(&house, "fees");
        (events.len() >= 6).then_some(events)
    });
    let one_after_the_other = [acquired(0), released(0), acquired(1), released(1), acquired(1), released(1)];
    assert_eq!(events.await.unwrap(), one_after_the_other);
    let history = history(&house.service, "fees").await;
    assert_eq!(history.iter().map(|(_, content)| content.clone()).collect::<Vec<_>>(), contents);
    // The one backup there is, so it is the second upload's, is the first upload.
    agree(&house.service, "fees", &history);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_the_lock_waits_on_when_the_bot_dies_and_may_still_cancel() {
    let house = House::start().await;
    let (anna, boris) = (house.admin(0).await, house.admin(1).await);
    begins(&anna, "fees").await;
    begins(&boris, "fees").await;
    let Some(held) = hold(&house).await else { return };
    anna.sends("fees.yml", document("fees", "of Anna")).await.unwrap();
    until("Anna has the lock", PATIENCE, || (lock_events(&house, "fees") == [acquired(0)]).then_some(())).unwrap();
    boris.sends("fees.yml", document("fees", "of Boris")).await.unwrap();
    let before = boris.sees(WAITS).await.unwrap();

    house.service.kill("bot").await.unwrap();
    let of_before = MessagePattern { message_id: Some(before.message_id), ..MessagePattern::default() };
    let again = MessagePattern { contains: Some(WAITS.to_owned()), after: last(&before), ..of_before };
    boris.finds(again, "he waits again, in the same message").await.unwrap();
    boris.presses("Cancel").await.unwrap();
    boris.sees_now("✖ Cancelled. Nothing was saved.").await.unwrap();
    assert_eq!(lock_events(&house, "fees"), [acquired(0)], "nobody waited for the lock to tell him so");
    held.detach().unwrap();

    // Anna's had the lock before the bot died.
    anna.sees_now(&saved("fees")).await.unwrap();
    let history = history(&house.service, "fees").await;
    assert_eq!(history.iter().map(|(_, content)| content.clone()).collect::<Vec<_>>(), [document("fees", "of Anna")]);
    agree(&house.service, "fees", &history);
    house.end().await;
}

/// When a message was changed last.
fn last(message: &MessageView) -> u64 {
    message.history.last().map_or(0, |said| said.moment)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_of_different_kinds_at_once_are_in_their_locked_sections_at_the_same_time() {
    let house = House::start().await;
    let (anna, boris) = (house.admin(0).await, house.admin(1).await);
    begins(&anna, "fees").await;
    begins(&boris, "rates").await;

    let Some(held) = hold(&house).await else { return };
    anna.sends("fees.yml", document("fees", "of Anna")).await.unwrap();
    until("Anna has the lock", PATIENCE, || (lock_events(&house, "fees") == [acquired(0)]).then_some(())).unwrap();
    boris.sends("rates.yml", document("rates", "of Boris")).await.unwrap();
    until("Boris has the other lock", PATIENCE, || (lock_events(&house, "rates") == [acquired(1)]).then_some(()))
        .unwrap();
    assert_eq!(lock_events(&house, "fees"), [acquired(0)], "Anna still has hers");
    assert_eq!((house.file("fees"), house.file("rates")), (None, None), "both were to be held before this");
    held.detach().unwrap();

    anna.sees_now(&saved("fees")).await.unwrap();
    boris.sees_now(&saved("rates")).await.unwrap();
    for (kind, by) in [("fees", 0), ("rates", 1)] {
        until("the log is complete", PATIENCE, || {
            (lock_events(&house, kind) == [acquired(by), released(by)]).then_some(())
        })
        .unwrap();
        agree(&house.service, kind, &history(&house.service, kind).await);
    }
    house.end().await;
}
