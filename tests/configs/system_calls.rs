//! What the writer asks of the kernel for one publication: in an order that survives a power cut, and killed at each call of it.
//!
//! strace kills the writer at the n-th call of a kind before the kernel does it. It counts in each thread by itself, so a point
//! is a kind of call and a number, and whichever thread comes to it first. `natriumd` is stopped meanwhile: what the dead writer
//! left behind is looked at before its successor comes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use harness::{Tracer, until_async};
use interfaces::configs::{Client, Get, Kinds, Put};
use nix::sys::signal::Signal;
use tokio::task::JoinHandle;

use crate::dice::{Dice, number, seed};
use crate::house::{House, PATIENCE, document};
use crate::operators::{agree, history, names, put};

/// Everything by which something reaches the disk, or is to.
const CALLS: [&str; 13] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "openat",
    "ftruncate",
];
/// What renames a file. Which of them a program uses is not said.
pub(crate) const RENAMES: &str = "?rename,?renameat,?renameat2";
/// What a reply goes out by.
const REPLIES: &str = "sendto,sendmsg,writev";

/// The next document of fees, on top of version `base`.
fn next(base: i64) -> Put {
    put("fees", base, &document("fees", &format!("number {}", base + 1)), &format!("number {}", base + 1))
}

async fn writer(house: &House) -> i32 {
    until_async("there is a writer", PATIENCE, async || house.service.worker("writer").await.ok()).await.unwrap()
}

/// A call as strace wrote it down: the lines where it began and where it had ended.
#[derive(Debug)]
struct Call {
    thread: String,
    text: String,
    began: usize,
    ended: usize,
}

impl Call {
    fn is(&self, name: &str) -> bool {
        self.text.split('(').next() == Some(name)
    }

    fn is_any(&self, names: &str) -> bool {
        names.split(',').any(|name| self.is(name.trim_start_matches('?')))
    }
}

/// What strace wrote down, in the order in which the calls began.
fn calls(report: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for (at, line) in report.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if text.starts_with("<... ") {
            let of_thread = calls.iter_mut().rfind(|call| call.thread == thread);
            if let Some(call) = of_thread {
                call.ended = at;
            }
        } else if !text.starts_with("+++") && !text.starts_with("---") {
            let ended = if text.contains("<unfinished") { usize::MAX } else { at };
            calls.push(Call { thread: thread.to_owned(), text: text.to_owned(), began: at, ended });
        }
    }
    calls
}

/// What the kernel is asked for while one document is put on top of `base`. `None`: that cannot be told here.
async fn traced(house: &House, base: i64) -> Option<Vec<Call>> {
    let report = house.service.path().join("calls");
    let trace = format!("trace=?{},{REPLIES}", CALLS.join(",?"));
    let tracer = Tracer::attach(writer(house).await, &["-y", "-s", "4096", "-e", &trace], &report).unwrap()?;
    let reply = house.service.configs().put(&next(base)).await.unwrap();
    assert_eq!((reply.version.version, reply.published), (base + 1, true));
    tracer.detach().unwrap();
    Some(calls(&fs::read_to_string(report).unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_is_durable_and_nothing_is_seen_before_it_is() {
    let house = House::start().await;
    let put = house.service.configs().put(&next(0)).await.unwrap();
    assert_eq!(put.version.version, 1);
    let Some(calls) = traced(&house, 1).await else { return };

    let first = |what: &str, found: &dyn Fn(&Call) -> bool| {
        calls.iter().find(|call| found(call)).unwrap_or_else(|| panic!("{what} is missing: {calls:#?}"))
    };
    let before = |earlier: &Call, later: &Call| {
        assert!(earlier.ended < later.began, "not one after the other:\n{earlier:?}\n{later:?}");
    };
    let published = house.service.path().join("published").display().to_string();
    for (file, content) in [("fees.yml", "# number 2"), ("fees.yml.meta.json", "sha256")] {
        let draft = format!("{published}/.{file}.natrium-");
        let rename = first("a rename", &|call| {
            call.is_any(RENAMES) && call.text.contains(&draft) && call.text.contains(&format!("{published}/{file}\""))
        });
        // The whole document goes into the draft, and to the disk, before the draft gets its name.
        let written = first("the content", &|call| {
            call.is("write") && call.text.contains(&format!("<{draft}")) && call.text.contains(content)
        });
        let synced = first("fsync of the draft", &|call| {
            call.is_any("fsync,fdatasync") && call.text.contains(&format!("<{draft}"))
        });
        before(written, synced);
        before(synced, rename);
        // So does what the store says about it.
        let committed = first("fsync of the store's log", &|call| {
            call.is_any("fsync,fdatasync") && call.text.contains("store.sqlite-wal>")
        });
        before(committed, rename);
        let named = first("fsync of the directory", &|call| {
            call.is_any("fsync,fdatasync") && call.text.contains(&format!("<{published}>"))
        });
        before(rename, named);
        let replied = first("the reply", &|call| {
            call.is_any(&format!("{REPLIES},write")) && call.text.contains(r#"\"published\":true"#)
        });
        before(named, replied);
    }
    let backup = first("the backup", &|call| call.is_any("link,linkat") && call.text.contains("backups/fees.v1.yml\""));
    before(backup, first("a rename", &|call| call.is_any(RENAMES) && call.text.contains("/fees.yml\"")));
    let gone = calls.iter().find(|call| {
        call.is_any("unlink,unlinkat") && call.text.contains(&format!("{published}/fees"))
            || call.is("openat") && call.text.contains("/published/fees.yml\"") && call.text.contains("O_TRUNC")
    });
    assert!(gone.is_none(), "the file is not there for a while: {gone:?}");
    house.end().await;
}

/// A put under way.
type Putting = JoinHandle<interfaces::configs::PutReply>;

fn begin(configs: Client, call: Put) -> Putting {
    tokio::spawn(async move { configs.put(&call).await.unwrap() })
}

/// Whether the process has died, its parent being unable to bury it.
fn is_dead(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

/// Puts a document while strace waits for the n-th call of a kind to kill the writer there. Answers whether it came to that;
/// `None`: it cannot be done here.
async fn killed_at(house: &House, call: &str, n: usize, base: i64) -> Option<bool> {
    let pid = writer(house).await;
    let (trace, inject) = (format!("trace=?{call}"), format!("inject=?{call}:signal=SIGKILL:when={n}"));
    // A connection that is there already: of a new one the writer asks `natriumd` whose it is.
    let configs = house.service.configs();
    configs.kinds(&Kinds {}).await.unwrap();
    let tracer = Tracer::attach(pid, &["-e", &trace, "-e", &inject], &house.service.path().join("calls")).unwrap()?;
    house.service.signal(Signal::SIGSTOP).unwrap();
    let old = house.file("fees").unwrap();
    let upload = next(base);
    let putting = begin(configs, upload.clone());
    let ended = async || (is_dead(pid) || putting.is_finished()).then_some(());
    until_async("killed, or done", PATIENCE, ended).await.unwrap();

    let killed = is_dead(pid);
    let stands = house.file("fees").unwrap_or_else(|| panic!("{call} {n}: there is no file"));
    assert!(stands == old || stands == upload.content, "{call} {n}: the file is no version: {stands:?}");
    house.service.signal(Signal::SIGCONT).unwrap();
    if killed {
        tracer.ended().unwrap();
        house.service.succeeded("writer", pid).await.unwrap();
    } else {
        tracer.detach().unwrap();
    }
    // The caller has not even noticed; and whoever asks again is told the same.
    let reply = putting.await.unwrap();
    assert_eq!((reply.version.version, reply.unchanged), (base + 1, false), "{call} {n}");
    let again = house.service.configs().put(&upload).await.unwrap();
    assert_eq!((again.version, again.published), (reply.version, true), "{call} {n}");
    let current = house.service.configs().get(&Get { kind: "fees".to_owned(), version: None }).await.unwrap();
    assert_eq!(current.content, upload.content, "{call} {n}");
    assert_eq!(house.file("fees").as_ref(), Some(&upload.content), "{call} {n}: file and store differ");
    let left = names(&house.service.path().join("published"));
    assert_eq!(left, ["fees.yml", "fees.yml.meta.json"], "{call} {n}: something was left behind");
    Some(killed)
}

/// The kinds of call that a put makes, each with the most that one thread makes of it.
async fn points(house: &House, base: i64) -> Option<BTreeMap<&'static str, usize>> {
    let calls = traced(house, base).await?;
    let mut points = BTreeMap::new();
    for name in CALLS {
        let mut by_thread = BTreeMap::<&str, usize>::new();
        for call in calls.iter().filter(|call| call.is(name)) {
            *by_thread.entry(&call.thread).or_default() += 1;
        }
        points.extend(by_thread.into_values().max().map(|most| (name, most)));
    }
    Some(points)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_system_call_of_a_publication_it_leaves_a_whole_version_and_the_caller_gets_the_one_answer() {
    let house = House::start().await;
    let mut base = 0;
    for _ in 0..2 {
        base = house.service.configs().put(&next(base)).await.unwrap().version.version;
    }
    let Some(counted) = points(&house, base).await else { return };
    base += 1;
    let mut left: Vec<(&str, usize)> =
        counted.iter().flat_map(|(call, most)| (1..=*most).map(move |n| (*call, n))).collect();
    let all = left.len();
    let mut dice = Dice::of(seed("killed at any system call"));
    // The first of each kind, and then any.
    let mut chosen: Vec<(&str, usize)> = counted.keys().map(|call| (*call, 1)).collect();
    left.retain(|point| !chosen.contains(point));
    while !left.is_empty() && chosen.len() < number("NATRIUM_POINTS", 24) {
        chosen.push(left.swap_remove(dice.below(left.len())));
    }

    let (mut reached, mut kinds) = (0, BTreeSet::new());
    for (call, n) in &chosen {
        let Some(killed) = killed_at(&house, call, *n, base).await else { return };
        base += 1;
        if killed {
            reached += 1;
            kinds.insert(*call);
        }
    }
    println!("{counted:?}: killed at {reached} of {} points out of {all}", chosen.len());
    assert_eq!(kinds, counted.keys().copied().collect(), "it was killed at each kind of call");
    assert!(reached * 2 > chosen.len(), "only {reached} of {} points were reached", chosen.len());
    let history = history(&house.service, "fees").await;
    assert_eq!(i64::try_from(history.len()).unwrap(), base, "each document is there once");
    agree(&house.service, "fees", &history);
    house.end().await;
}
