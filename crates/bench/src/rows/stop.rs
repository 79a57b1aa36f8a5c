//! How long an orderly stop takes while everybody is busy, and what is left of what they were told.

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result};
use interfaces::configs;
use jiff::Timestamp;
use varlink::{Pool, PoolLimits};

use crate::{
    bench::Bench,
    operators::{Operators, document},
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service, file_of},
    simulator::{Admin, Simulator},
};

const STOPS: usize = 30;
/// Operators who upload all the while.
const OPERATORS: usize = 64;
/// So much must have happened since the last start: each stop comes when all are at work, but not at the same moment of it.
const UPLOADS: usize = 2 * OPERATORS;
const PATIENCE: Duration = Duration::from_secs(30);
/// What a writer that was closed in order leaves in its directory besides what is published. The journal of the store is not
/// there any more.
const CLOSED: [&str; 5] = ["backups", "lock", "store.refusals", "store.reserve", "store.sqlite"];

/// The row.
pub(crate) struct Stop;

impl Row for Stop {
    fn name(&self) -> &'static str {
        "stop"
    }

    fn what(&self) -> &'static str {
        "from SIGTERM to natriumd until it has exited, while 64 operators upload without a pause, each a kind of their own over a \
         connection of their own, and an admin uploads fees.yml through the bot; natrium-sim plays Telegram. All go on after the \
         next start"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 0.3, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let kinds: Vec<String> = (0..OPERATORS).map(|number| format!("load_{number}")).collect();
        let home = Home::with_kinds(bench, simulator.url(), &kinds)?;
        let mut service = Service::start(bench, &home)?;
        let operators = Operators::at_work(home.socket("writer"), &kinds);
        let admin = BusyAdmin::at_work(simulator.admin()?);
        let mut times = Vec::new();
        for stop in 0..STOPS {
            go_on(bench, &operators, &admin)?;
            // At another moment of the work each time.
            thread::sleep(Duration::from_millis(stop as u64 % 10));
            let told = operators.told();
            times.push(service.stop_timed()?.as_secs_f64());
            let at_least = operators.told();
            is_closed(&home)?;
            published(&home, &kinds, &told, &at_least)?;
            service = Service::start(bench, &home)?;
        }
        let uploaded = admin.rest()?;
        let told = operators.rest()?;
        let kept = kept(&home, &kinds, &told, uploaded)?;
        // The last stop is not one under load.
        let parts = parts(&home.log()?);
        service.stop()?;
        is_closed(&home)?;
        let mut figures = Figures::alone(Figure::worst_of("natriumd", Unit::Seconds, "stop", &times)?);
        for (worker, seconds) in ["bot", "writer"].into_iter().zip(parts) {
            figures.also.push(Figure::worst_of(&format!("of which {worker}"), Unit::Seconds, "stop", &seconds)?);
        }
        figures.notes.push(format!(
            "each stop found the store closed and every acknowledged upload in its published file; in the end all {kept} \
             acknowledged versions, {uploaded} of them the admin's, were read back from the store, and no other ones"
        ));
        Ok(figures)
    }
}

/// Waits until all have been at work for a while.
fn go_on(bench: &Bench, operators: &Operators, admin: &BusyAdmin) -> Result<()> {
    let uploads = || operators.told().iter().sum::<usize>();
    let (before, uploaded) = (uploads(), admin.uploaded());
    bench.until("everybody is at work", PATIENCE, || {
        operators.must_work()?;
        admin.must_work()?;
        Ok((uploads() >= before + UPLOADS && admin.uploaded() > uploaded).then_some(()))
    })
}

/// How long each stop waited for the bot, and after that for the writer, in seconds, as natriumd's own log says.
fn parts(log: &str) -> [Vec<f64>; 2] {
    let mut parts = [Vec::new(), Vec::new()];
    let mut since = None;
    for line in log.lines() {
        let Some(at): Option<Timestamp> = line.split(' ').next().and_then(|time| time.parse().ok()) else { continue };
        let ended = ["bot: stopping → stopped", "writer: stopping → stopped"].map(|ended| line.contains(ended));
        if let (Some(place), Some(since)) = (ended.into_iter().position(|ended| ended), since) {
            parts[place].push(at.duration_since(since).as_secs_f64());
        }
        if line.contains("natrium_supervisor::service: stopping") || ended.contains(&true) {
            since = Some(at);
        }
    }
    parts
}

fn is_closed(home: &Home) -> Result<()> {
    let mut left: BTreeSet<String> = names(&home.state())?;
    left.remove("published");
    anyhow::ensure!(left.iter().eq(CLOSED), "the writer was not closed: {left:?} are in its directory");
    Ok(())
}

/// The published file of each kind must be whole, and not older than what its operator had been told.
fn published(home: &Home, kinds: &[String], before: &[usize], told: &[usize]) -> Result<()> {
    for ((kind, before), told) in kinds.iter().zip(before).zip(told) {
        anyhow::ensure!(told >= before, "{kind}: versions are told backwards");
        let file =
            fs::read_to_string(home.published().join(file_of(kind))).with_context(|| format!("reading {kind}"))?;
        // One upload may have been saved of which nobody could be told any more.
        let whole = [*told, told + 1].iter().any(|version| file == document(*version));
        anyhow::ensure!(whole, "{kind}: version {told} was acknowledged, and published is {file:?}");
    }
    let files = kinds.iter().map(String::as_str).chain(["fees"]).map(file_of);
    let expected: BTreeSet<String> = files.flat_map(|file| [format!("{file}.meta.json"), file]).collect();
    let found = names(&home.published())?;
    anyhow::ensure!(found == expected, "something half done was left behind: {found:?}");
    Ok(())
}

/// Reads all versions back from the store: those that were acknowledged, and no others. Answers how many.
fn kept(home: &Home, kinds: &[String], told: &[usize], uploaded: usize) -> Result<usize> {
    let limits = PoolLimits::default();
    let configs = configs::Client::new(Pool::new(home.socket("writer"), limits), limits.deadline);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        for (kind, told) in kinds.iter().zip(told) {
            for version in 1..=*told {
                let version_asked = Some(i64::try_from(version)?);
                let found = configs.get(&configs::Get { kind: kind.clone(), version: version_asked }).await?;
                anyhow::ensure!(found.content == document(version), "{kind}: version {version} is {:?}", found.content);
            }
        }
        let all = configs.kinds(&configs::Kinds {}).await?.kinds;
        let expected = kinds.iter().map(String::as_str).zip(told.iter().copied()).chain([("fees", uploaded)]);
        for (kind, told) in expected {
            let current = all.iter().find(|known| known.name == kind).map_or(0, |known| known.current);
            anyhow::ensure!(
                i64::try_from(told) == Ok(current),
                "{kind}: {told} versions were acknowledged, {current} are there"
            );
        }
        Ok(told.iter().sum::<usize>() + uploaded)
    })
}

fn names(directory: &std::path::Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(directory).with_context(|| format!("listing {}", directory.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// The admin, who uploads without a pause in a thread of their own.
struct BusyAdmin {
    uploaded: Arc<AtomicUsize>,
    enough: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

impl BusyAdmin {
    fn at_work(admin: Admin) -> Self {
        let (uploaded, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (uploaded, enough) = (uploaded.clone(), enough.clone());
            move || {
                while !enough.load(Ordering::SeqCst) {
                    admin.uploads_fees(uploaded.load(Ordering::SeqCst) + 1).context("uploading through the bot")?;
                    uploaded.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            }
        });
        Self { uploaded, enough, thread }
    }

    /// How many uploads the bot has called saved.
    fn uploaded(&self) -> usize {
        self.uploaded.load(Ordering::SeqCst)
    }

    fn must_work(&self) -> Result<()> {
        anyhow::ensure!(!self.thread.is_finished(), "the admin has given up");
        Ok(())
    }

    /// Lets them end the upload under way, and no more. Answers how many there were.
    fn rest(self) -> Result<usize> {
        self.enough.store(true, Ordering::SeqCst);
        self.thread.join().ok().context("the admin has panicked")??;
        Ok(self.uploaded.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_who_was_waited_for() {
        let log = "\
2026-01-01T00:00:00.100000Z  INFO natrium_supervisor::service: ready
2026-01-01T00:00:01.000000Z  INFO natrium_supervisor::service: stopping
2026-01-01T00:00:01.001000Z  INFO natrium_supervisor::service: bot: ready → stopping worker=\"bot\" generation=1
2026-01-01T00:00:01.250000Z  INFO natrium_supervisor::service: bot: stopping → stopped worker=\"bot\" generation=1
2026-01-01T00:00:01.375000Z  INFO natrium_supervisor::service: writer: stopping → stopped worker=\"writer\" generation=1
2026-01-01T00:00:01.376000Z  INFO natrium_supervisor::start: stopped code=0";
        assert_eq!(parts(log), [[0.25], [0.125]]);
    }
}
