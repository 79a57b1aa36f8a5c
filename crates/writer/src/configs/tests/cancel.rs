//! Cancelling against everything that it may meet: exactly one of both wins, and both replies agree with the store.

use std::sync::Barrier;

use interfaces::configs::{Cancel, CancelReply, DialogueOf, Settlement};
use proptest::prelude::*;

use super::checks::{line, trail};
use super::*;
use crate::inbox::Inbox;

fn cancel(request_id: &str) -> Cancel {
    Cancel { request_id: request_id.to_owned(), settles: Vec::new() }
}

fn settlement(update_id: i64) -> Settlement {
    Settlement { bot: 5, update_id, ends: Some(DialogueOf { chat: 6, user: 1001 }) }
}

async fn received(inbox: &Inbox, ids: &[i64]) {
    let update = |id: &i64| interfaces::inbox::Update { id: *id, payload: serde_json::json!({}) };
    inbox.receive(5, ids.iter().map(update).collect()).await.unwrap();
}

/// The method and the reply that each update's sender is to be told.
async fn outcomes(inbox: &Inbox) -> Vec<(i64, String, serde_json::Value)> {
    let entries = inbox.unfinished(5, None, 100).await.unwrap();
    let outcome = |entry: interfaces::inbox::Entry| {
        let outcome: interfaces::inbox::Outcome = serde_json::from_value(entry.outcome?).unwrap();
        Some((entry.id, outcome.method, outcome.reply))
    };
    entries.into_iter().filter_map(outcome).collect()
}

#[test]
fn what_was_cancelled_never_has_an_effect() {
    run(async {
        let (room, store, configs) = opened().await;
        let reply = configs.cancel(cancel("one")).await.unwrap();
        assert!(reply.cancelled && reply.saved.is_none() && reply.proposed.is_none());
        let error = configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap_err();
        assert!(matches!(&error, Refused::Cancelled(id) if id == "one"), "{error}");
        assert!(history(&configs, "fees").await.is_empty());
        assert!(names(&room.root.join("published")).is_empty(), "no draft is left");
        assert!(configs.cancel(cancel("one")).await.unwrap().cancelled, "asking twice is harmless");
        store.close().await;

        // For ever.
        let configs = room.open().await;
        let error = configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap_err();
        assert!(matches!(error, Refused::Cancelled(_)), "{error}");
        assert_eq!(configs.put(upload("fees", 0, "a: 1", "two")).await.unwrap().version.version, 1);
    });
}

#[test]
fn who_cancels_too_late_is_told_what_was_saved() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let saved = configs.put(upload("fees", 0, "a: 1", "one")).await.unwrap().version;
        configs.put(upload("fees", 1, "a: 2", "two")).await.unwrap();
        configs.put(upload("fees", 2, "a: 2", "same")).await.unwrap();
        let reply = configs.cancel(cancel("one")).await.unwrap();
        assert_eq!(reply, CancelReply { cancelled: false, saved: Some(saved), unchanged: false, proposed: None });
        let reply = configs.cancel(cancel("same")).await.unwrap();
        assert!(reply.unchanged && !reply.cancelled && reply.saved.unwrap().version == 2);
        assert_eq!(history(&configs, "fees").await.len(), 2, "nothing is taken back");
    });
}

#[test]
fn both_updates_are_settled_and_told_the_truth() {
    run(async {
        let (_room, store, configs) = opened().await;
        let inbox = Inbox::new(store.clone());
        received(&inbox, &[1, 2, 3, 4, 5]).await;

        // In time: both are told by the same reply.
        let both = |upload, cancelling| Cancel {
            request_id: format!("tg:5:{upload}"),
            settles: vec![settlement(upload), settlement(cancelling)],
        };
        configs.cancel(both(1, 2)).await.unwrap();
        // Too late: the upload has told its own.
        let call = Put { settles: Some(settlement(3)), ..upload("fees", 0, "a: 1", "tg:5:3") };
        configs.put(call).await.unwrap();
        configs.cancel(both(3, 4)).await.unwrap();
        // Once more, by a button.
        configs.cancel(both(3, 5)).await.unwrap();

        let told = outcomes(&inbox).await;
        let methods: Vec<_> = told.iter().map(|(id, method, _)| (*id, method.as_str())).collect();
        let (put, cancel) = ("io.natrium.Configs.Put", "io.natrium.Configs.Cancel");
        assert_eq!(methods, [(1, cancel), (2, cancel), (3, put), (4, cancel), (5, cancel)]);
        for (id, _, reply) in told.into_iter().filter(|(id, _, _)| *id != 3) {
            let reply: CancelReply = serde_json::from_value(reply).unwrap();
            assert_eq!(reply.cancelled, id < 3, "{id}");
            assert_eq!(reply.saved.map(|version| version.version), (id > 3).then_some(1), "{id}");
        }
    });
}

#[test]
fn the_dialogue_ends_whatever_it_came_to() {
    run(async {
        let (_room, store, configs) = opened().await;
        let dialogues = crate::dialogues::Dialogues::new(store.clone());
        for (number, late) in [(1, false), (2, true)] {
            let set = interfaces::dialogues::Set {
                bot: 5,
                chat: 6,
                user: 1001,
                state: serde_json::json!({"awaits": "fees"}),
                request_id: format!("set {number}"),
                settles: None,
            };
            dialogues.set(set).await.unwrap();
            let id = format!("put {number}");
            if late {
                configs.put(upload("fees", 0, "a: 1", &id)).await.unwrap();
            }
            configs.cancel(Cancel { request_id: id, settles: vec![settlement(number)] }).await.unwrap();
            assert!(dialogues.get(5, 6, 1001).await.unwrap().is_none());
        }
        let lines = trail(&store).await;
        let mut cancelled = line(1001, "cancel", None, None);
        cancelled.2 = None;
        let late = line(1001, "cancel", None, Some("too late"));
        assert_eq!(lines, [cancelled, line(1001, "put", Some(1), None), late]);
    });
}

#[test]
fn only_what_may_be_cancelled_is() {
    run(async {
        let (_room, store, configs) = opened().await;
        let dialogues = crate::dialogues::Dialogues::new(store);
        let end = interfaces::dialogues::End { bot: 5, chat: 6, user: 7, request_id: "end".to_owned(), settles: None };
        dialogues.end(end).await.unwrap();
        let error = configs.cancel(cancel("end")).await.unwrap_err();
        assert!(matches!(error, Refused::Request(crate::requests::RequestError::Reused(_))), "{error}");
        for id in [String::new(), "x".repeat(201)] {
            let error = configs.cancel(cancel(&id)).await.unwrap_err();
            assert!(matches!(error, Refused::Request(crate::requests::RequestError::Malformed)), "{error}");
        }
    });
}

/// What both sides were told of one request.
type Told = (Result<PutReply, Refused>, CancelReply);

/// Exactly one of both has won, both know, and the store says the same, now and after the next start.
async fn agree(room: &Room, store: Store, told: Vec<(String, Told)>) {
    let mut saved = Vec::new();
    for (content, (put, cancelled)) in told {
        match put {
            Ok(reply) => {
                assert!(!cancelled.cancelled, "{content}: both have won");
                assert_eq!(cancelled.saved.as_ref(), Some(&reply.version), "{content}");
                saved.push((reply.version.version, content));
            }
            Err(Refused::Cancelled(_)) => {
                assert!(cancelled.cancelled && cancelled.saved.is_none(), "{content}: neither has won");
            }
            // Refused for another reason, and then cancelled.
            Err(Refused::Conflict(_)) => assert!(cancelled.cancelled, "{content}"),
            Err(error) => panic!("{content}: {error}"),
        }
    }
    saved.sort();
    store.close().await;
    let configs = room.open().await;
    let kept: Vec<_> =
        history(&configs, "fees").await.into_iter().map(|(version, text)| (version.version, text)).collect();
    assert_eq!(kept, saved);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the interleaving on one runtime: who comes first, and how many turns the other one waits.
    #[test]
    fn one_of_both_wins_whatever_the_interleaving(
        pairs in prop::collection::vec((any::<bool>(), 0..40_usize, 0..40_usize), 1..6),
    ) {
        run(async {
            let (room, store, configs) = opened().await;
            let mut told = Vec::new();
            for (number, (first, before, between)) in pairs.into_iter().enumerate() {
                let (content, id) = (format!("a: {number}"), format!("put {number}"));
                let base = configs.get("fees".to_owned(), None).await.map_or(0, |(version, _)| version.version);
                let turns = async |turns: usize| {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                };
                let putting = async {
                    turns(if first { before } else { before + between }).await;
                    configs.put(upload("fees", base, &content, &id)).await
                };
                let cancelling = async {
                    turns(if first { before + between } else { before }).await;
                    configs.cancel(cancel(&id)).await.unwrap()
                };
                let both = tokio::join!(putting, cancelling);
                told.push((content, both));
            }
            agree(&room, store, told).await;
        });
    }
}

/// By how much the canceller begins later than the putter, in microseconds; below zero the putter is the later one. It moves toward
/// the border between the two after every round, so that both win on a machine of any speed, and most rounds are close ones.
#[derive(Debug)]
struct Lead {
    us: i64,
    step: i64,
    last: Option<bool>,
}

impl Lead {
    const SMALLEST: i64 = 10;
    const LARGEST: i64 = 1_000_000;

    fn new() -> Self {
        Self { us: 0, step: 100, last: None }
    }

    /// How long the putter and the canceller wait.
    fn delays(&self) -> [Duration; 2] {
        [-self.us, self.us].map(|us| Duration::from_micros(u64::try_from(us).unwrap_or(0)))
    }

    fn learn(&mut self, cancelled: bool) {
        // The same one again: the border is further away than was thought.
        let step = if self.last.replace(cancelled) == Some(cancelled) { self.step * 2 } else { self.step / 2 };
        self.step = step.clamp(Self::SMALLEST, Self::LARGEST);
        self.us += if cancelled { self.step } else { -self.step };
    }
}

/// On a thread of its own, which begins so long after all that wait at this barrier have come.
fn apart<T: Send + 'static>(
    barrier: &Arc<Barrier>,
    delay: Duration,
    work: impl Future<Output = T> + Send + 'static,
) -> std::thread::JoinHandle<T> {
    let barrier = Arc::clone(barrier);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        barrier.wait();
        // A runtime's timer counts in milliseconds.
        std::thread::sleep(delay);
        runtime.block_on(work)
    })
}

#[test]
fn one_of_both_wins_on_many_threads() {
    run(async {
        let (room, store, configs) = opened().await;
        let (mut told, mut won, mut lead) = (Vec::new(), [0, 0], Lead::new());
        for number in 0..200 {
            let (content, id) = (format!("a: {number}"), format!("put {number}"));
            let base = configs.get("fees".to_owned(), None).await.map_or(0, |(version, _)| version.version);
            let (barrier, [putter_waits, canceller_waits]) = (Arc::new(Barrier::new(2)), lead.delays());
            let (putter, call) = (configs.clone(), upload("fees", base, &content, &id));
            let putting = apart(&barrier, putter_waits, async move { putter.put(call).await });
            let (canceller, call) = (configs.clone(), cancel(&id));
            let cancelling = apart(&barrier, canceller_waits, async move { canceller.cancel(call).await.unwrap() });
            let both = (putting.join().unwrap(), cancelling.join().unwrap());
            won[usize::from(both.1.cancelled)] += 1;
            lead.learn(both.1.cancelled);
            told.push((content, both));
        }
        assert!(won.iter().all(|won| *won > 0), "one side always wins: {won:?}, {lead:?}");
        agree(&room, store, told).await;
    });
}
