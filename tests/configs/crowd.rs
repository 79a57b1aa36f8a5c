//! Eight admins upload three kinds at once, from processes of their own, while the bot, the writer and the supervisor are killed
//! again and again: what each was told in the end is what is in the store.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::until;
use interfaces::configs::Version;
use nix::sys::signal::Signal;

use crate::admin::{ORDER, Order, Told, Word, means};
use crate::dice::{Dice, number, seed};
use crate::house::{ADMINS, House, KINDS, PATIENCE};
use crate::operators::{agree, history, names};

/// The admins at work.
struct Crowd {
    admins: Vec<(Child, PathBuf)>,
}

impl Crowd {
    fn at_work(house: &House, uploads: usize, seed: u64) -> Self {
        let admin = |admin: usize| {
            let log = house.service.path().join(format!("told.{admin}"));
            let seed = seed.wrapping_add(admin as u64);
            let order = Order { telegram: house.url.clone(), log: log.clone(), admin, uploads, seed };
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "admin::an_admin", "--nocapture"]);
            command.env(ORDER, serde_json::to_string(&order).unwrap()).stdin(Stdio::null()).stdout(Stdio::null());
            (command.spawn().unwrap(), log)
        };
        Self { admins: (0..ADMINS.len()).map(admin).collect() }
    }

    fn are_done(&mut self) -> bool {
        self.admins.iter_mut().all(|(admin, _)| match admin.try_wait().unwrap() {
            None => false,
            Some(status) => {
                assert!(status.success(), "an admin gave up");
                true
            }
        })
    }

    /// What the admin was told so far.
    fn told(&self, admin: usize) -> Vec<Told> {
        let log = fs::read_to_string(&self.admins[admin].1).unwrap_or_default();
        // The last line may be half written.
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for (admin, _) in &mut self.admins {
            // Does nothing to those that have been waited for.
            let _ = admin.kill();
            let _ = admin.wait();
        }
    }
}

/// Kills one of the three; whoever is dead has a successor.
async fn kills(house: &mut House, dice: &mut Dice) -> &'static str {
    let victim = *dice.one_of(&["bot", "writer", "bot", "writer", "natriumd"]);
    if victim == "natriumd" {
        house.service.signal(Signal::SIGKILL).unwrap();
        house.service.wait_ended().unwrap();
        until("no process is left", PATIENCE, || house.service.processes().is_empty().then_some(())).unwrap();
        house.service.spawn().unwrap();
        if dice.below(2) == 0 {
            house.service.wait_ready().unwrap();
        }
    } else {
        house.service.kill(victim).await.unwrap();
    }
    victim
}

/// What was saved, by content: by whom.
type Saved = HashMap<String, Version>;

async fn saved(house: &House, kind: &str) -> Saved {
    let history = history(&house.service, kind).await;
    agree(&house.service, kind, &history);
    let count = history.len();
    let saved: Saved = history.into_iter().map(|(version, content)| (content, version)).collect();
    assert_eq!(saved.len(), count, "{kind}: a document is there twice");
    saved
}

/// Everything that this admin was told is true, and still stands in the chat.
async fn was_told_the_truth(house: &House, admin: usize, told: &[Told], saved: &HashMap<&str, Saved>) {
    let chat = house.admin(admin).await.chat().await.unwrap();
    let says: HashMap<i64, &str> =
        chat.iter().map(|message| (message.message_id, message.text.text.as_str())).collect();
    for told in told {
        let version = saved[told.kind.as_str()].get(&told.content);
        assert_eq!(version.is_some(), told.saved, "{} was told: {}", ADMINS[admin].name, told.text);
        assert!(version.is_none_or(|version| version.author.id == ADMINS[admin].id), "{version:?}");
        let now = says[&told.message];
        assert_eq!(means(now) == Word::Saved, told.saved, "it was {:?}, and is {now:?}", told.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_admins_are_told_the_truth_about_every_upload_whoever_is_killed_meanwhile() {
    let uploads = number("NATRIUM_UPLOADS", 25);
    let seed = seed("eight admins");
    let mut house = House::start().await;
    let mut crowd = Crowd::at_work(&house, uploads, seed);
    let (mut dice, mut killed, began) = (Dice::of(seed), HashMap::<_, usize>::new(), Instant::now());
    while !crowd.are_done() {
        // Any moment will do.
        tokio::time::sleep(Duration::from_millis(dice.below(1500) as u64)).await;
        *killed.entry(kills(&mut house, &mut dice).await).or_default() += 1;
    }
    let took = began.elapsed();

    let mut all = HashMap::new();
    for kind in KINDS {
        all.insert(kind, saved(&house, kind).await);
    }
    let told: Vec<Vec<Told>> = (0..ADMINS.len()).map(|admin| crowd.told(admin)).collect();
    for (admin, told) in told.iter().enumerate() {
        assert_eq!(told.len(), uploads, "{} was not told something", ADMINS[admin].name);
        was_told_the_truth(&house, admin, told, &all).await;
    }
    let versions: usize = all.values().map(HashMap::len).sum();
    let told = || told.iter().flatten();
    assert_eq!(versions, told().filter(|told| told.saved).count(), "nobody else's document is there");
    let mut expected: Vec<_> =
        KINDS.iter().flat_map(|kind| [format!("{kind}.yml"), format!("{kind}.yml.meta.json")]).collect();
    expected.sort();
    assert_eq!(names(&house.service.path().join("published")), expected, "drafts were left behind");
    println!(
        "{} uploads in {took:.1?}: {versions} saved, {} decisions, {} cancelled under way; killed: {killed:?}",
        told().count(),
        told().map(|told| told.decisions).sum::<usize>(),
        told().filter(|told| told.cancelled).count(),
    );
    assert!(killed.values().sum::<usize>() >= 3, "too few were killed: {killed:?}");
    drop(crowd);
    house.end().await;
}
