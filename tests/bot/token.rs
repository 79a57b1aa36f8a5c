//! One token, two who want it: on this host the kernel keeps the second one from asking, from another host Telegram does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use harness::{Instance, Programs, until_async};
use interfaces::supervisor::{Status, Worker, WorkerState};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sim::control::CallView;
use tempfile::TempDir;

use crate::stage::{ANNA, PATIENCE, Stage, times};

/// Another complete instance with the same token: its own directories, settings and user. The programs go after it.
/// `None`: it takes root, which has been told.
fn neighbour(stage: &Stage) -> Option<(Instance, TempDir)> {
    if !geteuid().is_root() {
        harness::skip("running a second service as another user takes root").unwrap();
        return None;
    }
    let (programs, lent) = Programs::beside_this_one().unwrap().for_everybody().unwrap();
    let mut neighbour = Instance::new(&programs, &stage.url, &stage.token, &[ANNA]).unwrap();
    let settings = std::fs::read_to_string(neighbour.settings()).unwrap();
    neighbour.write_settings(&settings.replace("instance: natrium", "instance: neighbour\nlanguage: ru")).unwrap();
    neighbour.give_to("nobody").unwrap();
    Some((neighbour, lent))
}

async fn bot(service: &Instance) -> Worker {
    let status = service.supervisor().status(&Status {}).await.unwrap();
    status.workers.into_iter().find(|worker| worker.name == "bot").unwrap()
}

/// Waits until the bot's status says this.
async fn says(service: &Instance, text: &str) {
    let said = until_async(text, PATIENCE, async || bot(service).await.status.contains(text).then_some(())).await;
    assert!(said.is_ok(), "{text:?} is not in {:?}; log:\n{}", bot(service).await, service.log());
}

/// The operator reads everywhere that this service does not poll, because of which process, and what to do.
async fn is_told_everywhere(refused: &mut Instance, holder: i32) {
    says(refused, "not polling since ").await;
    let reason = format!(
        "another program on this host (process {holder}) polls with this token; \
         stop it, or give one of the two a token of its own"
    );
    let worker = bot(refused).await;
    assert!(worker.status.ends_with(&reason), "{worker:?}");
    assert_eq!((worker.state, worker.restarts), (WorkerState::Ready, 0), "{}", refused.log());

    let screen = refused.command("natrium").arg("status").output().unwrap();
    let screen = String::from_utf8(screen.stdout).unwrap();
    assert!(screen.contains(&reason), "{screen}");
    let systemd = until_async("systemd is told", PATIENCE, async || {
        Some(refused.shown().unwrap().to_owned()).filter(|shown| shown.contains(&reason))
    });
    assert!(systemd.await.unwrap().starts_with("ready; "));
    let told = refused.log().lines().filter(|line| line.contains(&reason) && line.contains("WARN")).count();
    assert_eq!(told, 1, "{}", refused.log());
}

/// That only one has ever asked for updates, and nobody was refused.
async fn one_poller(stage: &Stage) {
    let counters = stage.telegram.counters().await.unwrap();
    assert_eq!((counters.pollers_max, counters.conflicts), (1, 0), "{counters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_users_service_with_the_same_token_does_not_poll_and_says_why_until_the_first_is_gone() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    let Some((mut second, _programs)) = neighbour(&stage) else { return stage.strike().await };
    stage.bot_says("polling as @").await;
    let first = bot(&stage.service).await.pid.unwrap();
    let asked = stage.telegram.calls(Some("getMe")).await.unwrap().len();

    second.start().unwrap();
    is_told_everywhere(&mut second, first).await;
    let owner = std::fs::metadata(format!("/proc/{}", second.pid().unwrap())).unwrap();
    assert_ne!(std::os::unix::fs::MetadataExt::uid(&owner), 0, "it runs as another user");
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert_eq!(stage.telegram.calls(Some("getMe")).await.unwrap().len(), asked, "the second one asked Telegram");
    one_poller(&stage).await;

    // The first stops in good order: the second goes on by itself, with its own settings.
    assert!(stage.service.stop().unwrap().success());
    says(&second, "polling as @").await;
    anna.says("/cancel").await.unwrap();
    anna.sees("Отменять нечего").await.unwrap();

    // Now the first one is refused, until the second is killed with all that belongs to it.
    stage.service.start().unwrap();
    let holder = bot(&second).await.pid.unwrap();
    let refused = format!("(process {holder}) polls with this token");
    stage.bot_says(&refused).await;
    second.signal(Signal::SIGKILL).unwrap();
    second.wait_ended().unwrap();
    stage.bot_says("polling as @").await;
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert_eq!((times(&anna, "What I understand").await, times(&anna, "Отменять нечего").await), (2, 1));
    assert_eq!(bot(&stage.service).await.restarts, 0, "{}", stage.service.log());
    one_poller(&stage).await;
    drop(second);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_had_the_token_and_crashes_has_it_again_and_the_one_who_waits_names_the_new_process() {
    let stage = Stage::start().await;
    let Some((mut second, _programs)) = neighbour(&stage) else { return stage.strike().await };
    stage.bot_says("polling as @").await;
    second.start().unwrap();
    is_told_everywhere(&mut second, bot(&stage.service).await.pid.unwrap()).await;
    kill(Pid::from_raw(bot(&stage.service).await.pid.unwrap()), Signal::SIGKILL).unwrap();
    stage.bot_says("polling as @").await;
    let successor = bot(&stage.service).await.pid.unwrap();
    says(&second, &format!("(process {successor}) polls with this token")).await;
    assert!(bot(&second).await.restarts <= 1, "it is no storm:\n{}", second.log());
    one_poller(&stage).await;
    assert!(second.stop().unwrap().success(), "{}", second.log());
    stage.strike().await;
}

/// How a program on another host asks: it knows nothing of our lock. It never confirms what it is given.
const FOREIGN: &str = "getUpdates?timeout=20";

fn is_foreign(call: &CallView) -> bool {
    call.encoding == "query"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poller_on_another_host_is_told_backed_off_from_and_outlasted() {
    let stage = Arc::new(Stage::start().await);
    let anna = stage.anna().await;
    stage.bot_says("polling as @").await;
    let (began, polls) = (Instant::now(), Arc::new(AtomicBool::new(true)));
    let foreign = tokio::spawn({
        let (stage, polls) = (stage.clone(), polls.clone());
        async move {
            while polls.load(Ordering::Relaxed) {
                stage.calls(FOREIGN).await;
            }
        }
    });
    stage.bot_says("another host or program polls with this token since ").await;
    let ours = async || {
        let calls = stage.telegram.calls(Some("getUpdates")).await.unwrap();
        calls.into_iter().filter(|call| !is_foreign(call)).collect::<Vec<_>>()
    };
    let refused = |calls: &[CallView]| calls.iter().filter(|call| call.status == Some(409)).count();
    until_async("four conflicts", PATIENCE * 2, async || (refused(&ours().await) >= 4).then_some(())).await.unwrap();
    for number in 0..5 {
        anna.says(&format!("/c{number}")).await.unwrap();
    }
    // The last question that was asked is the last one of the other host's.
    polls.store(false, Ordering::Relaxed);
    stage.bot_says("polling as @").await;
    anna.sees("/c4.").await.unwrap();
    foreign.await.unwrap();
    let lasted = began.elapsed();

    // From each refusal to the next question.
    let calls = ours().await;
    let pauses: Vec<u64> = calls
        .windows(2)
        .filter(|two| two[0].status == Some(409))
        .map(|two| two[1].at.0 - (two[0].at.0 + two[0].took.unwrap_or(0)))
        .collect();
    assert!(pauses[3] >= 7_000 && pauses[0] < pauses[3] / 2 && pauses[..3].is_sorted(), "{pauses:?}");
    let minutes = usize::try_from(lasted.as_secs() / 60).unwrap();
    let lines = stage.service.log().lines().filter(|line| line.contains("polls with this token")).count();
    assert!((1..=minutes + 1).contains(&lines), "{lines} lines in {lasted:?}:\n{}", stage.service.log());

    for number in 0..5 {
        assert_eq!(times(&anna, &format!("/c{number}.")).await, 1, "{}", anna.transcript().await.unwrap());
    }
    assert!(lasted < Duration::from_secs(300), "{lasted:?}");
    Arc::into_inner(stage).unwrap().strike().await;
}
