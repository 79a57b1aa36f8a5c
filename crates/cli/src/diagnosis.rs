//! What `natrium doctor` makes of what it finds. Pure.

use std::path::Path;

use interfaces::admins::Admin;
use interfaces::configs::Kind;
use interfaces::offline::TelegramAnswer;
use interfaces::supervisor::{StatusReply, Worker, WorkerState};

use crate::findings::Finding;
use crate::lock::Lock;
use crate::service::ServiceError;
use crate::text::line;

/// The mode of the file with the token.
pub(crate) fn secret_file(path: &Path, mode: u32) -> Finding {
    const WHAT: &str = "token file";
    let (name, mode) = (path.display(), mode & 0o7777);
    if mode & 0o027 == 0 {
        return Finding::ok(WHAT, format!("{name}, mode {mode:o}"));
    }
    Finding::problem(
        WHAT,
        format!("{name} has mode {mode:o}: others can read or change it"),
        format!("chmod 600 {name}"),
    )
}

/// The mode of the directory with the settings: who may write there decides what the service does.
pub(crate) fn settings_directory(path: &Path, mode: u32) -> Finding {
    const WHAT: &str = "settings directory";
    let (name, mode) = (path.display(), mode & 0o7777);
    // In a directory such as /tmp nobody can replace what is another's.
    if mode & 0o022 == 0 || mode & 0o1000 != 0 {
        return Finding::ok(WHAT, format!("{name}, mode {mode:o}"));
    }
    Finding::problem(WHAT, format!("{name} has mode {mode:o}: others can change it"), format!("chmod go-w {name}"))
}

/// Who holds the instance's lock, and whether that process answers.
pub(crate) fn instance(lock: Lock, status: &Result<StatusReply, ServiceError>) -> Finding {
    const WHAT: &str = "instance";
    match (lock, status) {
        (Lock::Held { pid }, Ok(status)) if pid == status.pid => {
            Finding::ok(WHAT, format!("process {pid} holds the lock: {}", line(&status.status)))
        }
        (Lock::Held { pid }, Ok(status)) => Finding::problem(
            WHAT,
            format!("process {pid} holds the lock, and process {} answers", status.pid),
            "find out what process holds it; if it is no part of the service, end it",
        ),
        (_, Ok(status)) => Finding::ok(WHAT, format!("process {} answers: {}", status.pid, line(&status.status))),
        (Lock::Held { pid }, Err(ServiceError::NotRunning { .. })) => Finding::problem(
            WHAT,
            format!(
                "process {pid} holds the lock and does not listen: it starts just now, restores a backup, or hangs"
            ),
            format!("ask again in a moment; if it stays so, look at process {pid}"),
        ),
        (Lock::Left { pid, .. }, Err(ServiceError::NotRunning { died: true })) => Finding::problem(
            WHAT,
            format!("process {pid}, the last one, died; nothing has to be deleted"),
            "systemctl start natrium; journalctl -u natrium tells why it died",
        ),
        (Lock::Left { pid, .. }, Err(ServiceError::NotRunning { .. })) => {
            Finding::unknown(WHAT, format!("it does not run; the last process was {pid}"))
        }
        (Lock::Unknown, Err(ServiceError::NotRunning { .. })) => Finding::unknown(WHAT, "it does not run"),
        (_, Err(error)) => Finding::problem(WHAT, error.to_string(), "run this as root; else journalctl -u natrium"),
    }
}

/// Whether the published files are what was saved.
pub(crate) fn configs(kinds: &[Kind]) -> Vec<Finding> {
    const WHAT: &str = "configs";
    let by_hand = |kind: &Kind| {
        let name = line(&kind.name);
        kind.by_hand.as_ref()?;
        Some(Finding::problem(
            WHAT,
            format!("{} was changed by hand, and is not the current version of {name}", line(&kind.file)),
            format!("natrium config diff {name} --by-hand; then natrium config adopt {name}, or restore {name}"),
        ))
    };
    let found: Vec<_> = kinds.iter().filter_map(by_hand).collect();
    if !found.is_empty() {
        return found;
    }
    let all: Vec<_> = kinds.iter().map(|kind| format!("{} {}", line(&kind.name), kind.current)).collect();
    vec![Finding::ok(WHAT, format!("nobody changed a published file by hand: {}", all.join(", ")))]
}

/// Whether anybody says who may do what.
pub(crate) fn owner(admins: &[Admin]) -> Finding {
    const WHAT: &str = "owner";
    let owners: Vec<_> = admins.iter().filter(|admin| admin.is_owner()).map(|admin| line(&admin.name)).collect();
    if owners.is_empty() {
        return Finding::problem(WHAT, "there is no owner", "natrium pair, and send the bot the code that it shows");
    }
    Finding::ok(WHAT, owners.join(", "))
}

/// One worker's state.
pub(crate) fn worker(worker: &Worker) -> Finding {
    const WHAT: &str = "worker";
    let said = line(&worker.status);
    let name = line(&worker.name);
    match worker.state {
        WorkerState::Ready => Finding::ok(WHAT, format!("{name}: {said}")),
        WorkerState::Failed | WorkerState::Backoff => Finding::problem(
            WHAT,
            format!("{name} does not run: {said}"),
            format!("natrium deaths {name} tells how it ended; natrium restart {name} tries at once"),
        ),
        _ => Finding::unknown(WHAT, format!("{name} is on its way: {said}")),
    }
}

/// What looking through the store came to. The error with whether it lasts.
pub(crate) fn soundness(problems: Result<Vec<String>, (String, bool)>, state: &Path) -> Vec<Finding> {
    const WHAT: &str = "store";
    match problems {
        Ok(problems) if problems.is_empty() => {
            vec![Finding::ok(WHAT, "every page, reference, content and published file is as it should be")]
        }
        Ok(problems) => problems.into_iter().map(|problem| Finding::problem(WHAT, &*problem, mend(&problem))).collect(),
        Err((error, true)) if error.starts_with("there is no store") => vec![Finding::unknown(WHAT, error)],
        Err((error, true)) => vec![Finding::problem(WHAT, &*error, mend(&error))],
        Err((error, false)) => vec![Finding::unknown(WHAT, format!("{}: {error}", state.display()))],
    }
}

fn mend(problem: &str) -> &'static str {
    if problem.contains("should stand there") {
        "natrium restart writer puts the right one there, and keeps what it finds"
    } else {
        "stop the service, keep a copy of the state directory, and natrium restore the last backup"
    }
}

/// What confines the workers.
pub(crate) fn sandbox(status: Option<&StatusReply>, writer: Option<&str>) -> Finding {
    const WHAT: &str = "sandbox";
    let told = status.into_iter().flat_map(|status| &status.workers).map(|worker| worker.sandbox.as_str());
    let words: Vec<&str> = told.filter(|words| !words.is_empty()).chain(writer).collect();
    match words.iter().find(|words| !words.starts_with("landlock")) {
        Some(none) => Finding::problem(
            WHAT,
            line(none),
            "the service works without, less confined; Linux 5.13 or newer with landlock among lsm= enforces it",
        ),
        None => match words.iter().find(|words| words.starts_with("landlock,")).or(words.first()) {
            Some(words) => Finding::ok(WHAT, line(words.split(':').next().unwrap_or_default())),
            None => Finding::unknown(WHAT, "no worker has told"),
        },
    }
}

/// What Telegram said about the token.
pub(crate) fn telegram(url: &str, answer: TelegramAnswer) -> Finding {
    const WHAT: &str = "telegram";
    match answer {
        TelegramAnswer::Known { username, webhook: false } => {
            Finding::ok(WHAT, format!("{url} knows the bot @{}", line(&username)))
        }
        TelegramAnswer::Known { username, webhook: true } => Finding::problem(
            WHAT,
            format!("a webhook is set for @{}: as long as it is, nobody gets updates by asking", line(&username)),
            "the bot removes it when it polls; if it comes back, find who sets it, and give this bot a token of its own",
        ),
        TelegramAnswer::Refused { reason } => Finding::problem(
            WHAT,
            format!("{url} does not know the token: {reason}"),
            "put the bot's present token where telegram.token points; @BotFather shows it",
        ),
        TelegramAnswer::Unreachable { reason } => Finding::problem(
            WHAT,
            format!("{url} cannot be asked: {reason}"),
            "look at the network, a proxy and telegram.api_url; the service goes on by itself once it is reached",
        ),
    }
}

/// The year of a clock that was never set is 1970 or that of the machine's making.
pub(crate) fn clock(now_ms: i64, synchronized: Option<bool>) -> Finding {
    const WHAT: &str = "clock";
    const EARLIEST_MS: i64 = 1_735_689_600_000;
    const LATEST_MS: i64 = 4_102_444_800_000;
    if !(EARLIEST_MS..LATEST_MS).contains(&now_ms) {
        return Finding::problem(
            WHAT,
            "it shows a year that cannot be",
            "set it, and have it kept: timedatectl set-ntp true",
        );
    }
    match synchronized {
        Some(true) => Finding::ok(WHAT, "it is kept by a time service"),
        Some(false) => Finding::problem(WHAT, "nobody keeps it", "timedatectl set-ntp true, or what keeps clocks here"),
        None => Finding::unknown(WHAT, "its year is plausible; whether somebody keeps it, nobody here tells"),
    }
}

/// The version of systemd: what the units ask for works from 247 on, credentials among it.
pub(crate) fn systemd(version: &str) -> Finding {
    const WHAT: &str = "systemd";
    const OLDEST: u32 = 247;
    let number: Option<u32> =
        version.split_whitespace().nth(1).and_then(|number| number.split(['.', '~', '-']).next()?.parse().ok());
    match number {
        Some(number) if number >= OLDEST => Finding::ok(WHAT, format!("version {number}")),
        Some(number) => Finding::problem(
            WHAT,
            format!("version {number} knows no LoadCredential="),
            format!("update it to {OLDEST} or newer, or use telegram.token: {{ file: … }}"),
        ),
        None => Finding::unknown(WHAT, "its version cannot be told"),
    }
}

/// What `systemctl show` says of the unit.
pub(crate) fn unit(unit: &str, shown: &str) -> Finding {
    const WHAT: &str = "unit";
    let value =
        |name: &str| shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let (active, result, restarts) = (value("ActiveState"), value("Result"), value("NRestarts"));
    match value("LoadState") {
        "loaded" => {}
        "" => return Finding::unknown(WHAT, format!("systemd does not tell about {unit}")),
        "not-found" => return Finding::unknown(WHAT, format!("{unit} is not installed")),
        other => return Finding::problem(WHAT, format!("{unit} is {other}"), format!("systemctl cat {unit}")),
    }
    if active == "failed" {
        return Finding::problem(
            WHAT,
            format!("{unit} has failed: {result}"),
            format!("journalctl -u {unit} tells why; then systemctl start {unit}"),
        );
    }
    if matches!(value("WatchdogUSec"), "0" | "infinity") {
        return Finding::problem(WHAT, format!("{unit} has no watchdog"), "put WatchdogSec= back into the unit");
    }
    if value("UnitFileState") == "disabled" {
        return Finding::problem(WHAT, format!("{unit} is not started at boot"), format!("systemctl enable {unit}"));
    }
    Finding::ok(WHAT, format!("{unit} is {active}, restarted {restarts} times"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::State::{self, Ok as Well, Problem, Unknown};

    fn reply(pid: i32) -> StatusReply {
        StatusReply {
            instance: "natrium".into(),
            version: "1".into(),
            pid,
            started_ms: 0,
            phase: interfaces::supervisor::Phase::Ready,
            ready: true,
            status: "ready".into(),
            memory_bytes: None,
            workers: vec![of(WorkerState::Ready)],
        }
    }

    fn of(state: WorkerState) -> Worker {
        Worker {
            name: "bot".into(),
            state,
            since_ms: 0,
            next_start_ms: None,
            pid: None,
            generation: 1,
            restarts: 0,
            status: "polling".into(),
            sandbox: "landlock: writes nothing, no TCP".into(),
            memory_bytes: None,
            last_death: None,
        }
    }

    #[test]
    fn the_lock_and_who_answers_belong_together() {
        let judge = |lock, status| instance(lock, &status).state;
        let gone = |died| Err(ServiceError::NotRunning { died });
        let left = Lock::Left { pid: 7, started_ms: 0 };
        assert_eq!(judge(Lock::Held { pid: 7 }, Ok(reply(7))), Well);
        assert_eq!(judge(Lock::Held { pid: 8 }, Ok(reply(7))), Problem);
        assert_eq!(judge(Lock::Unknown, Ok(reply(7))), Well);
        assert_eq!(judge(Lock::Held { pid: 7 }, gone(false)), Problem);
        assert_eq!(judge(left, gone(true)), Problem);
        assert_eq!(judge(left, gone(false)), Unknown);
        assert_eq!(judge(Lock::Unknown, gone(false)), Unknown);
        assert_eq!(judge(Lock::Held { pid: 7 }, Err(ServiceError::Call("late".into()))), Problem);
    }

    #[test]
    fn workers_that_cannot_run_are_problems() {
        let judge = |state| worker(&of(state)).state;
        assert_eq!(judge(WorkerState::Ready), Well);
        assert_eq!(judge(WorkerState::Starting), Unknown);
        assert_eq!([judge(WorkerState::Failed), judge(WorkerState::Backoff)], [Problem, Problem]);
    }

    #[test]
    fn modes() {
        let file = |mode| secret_file(Path::new("/t"), mode).state;
        assert_eq!(
            [file(0o100_600), file(0o100_640), file(0o100_644), file(0o100_660)],
            [Well, Well, Problem, Problem]
        );
        let directory = |mode| settings_directory(Path::new("/d"), mode).state;
        assert_eq!(
            [directory(0o750), directory(0o755), directory(0o775), directory(0o1777)],
            [Well, Well, Problem, Well]
        );
    }

    #[test]
    fn what_telegram_says_is_told_apart() {
        let judge = |answer| telegram("https://api", answer);
        let known = |webhook| TelegramAnswer::Known { username: "bot".into(), webhook };
        assert_eq!(judge(known(false)).state, Well);
        assert!(judge(known(true)).found.contains("webhook"));
        assert!(judge(TelegramAnswer::Refused { reason: "401".into() }).found.contains("does not know the token"));
        assert!(judge(TelegramAnswer::Unreachable { reason: "no".into() }).found.contains("cannot be asked"));
    }

    #[test]
    fn clocks() {
        let judge = |now_ms, kept| clock(now_ms, kept).state;
        assert_eq!(judge(0, Some(true)), Problem);
        assert_eq!(judge(1_763_632_675_123, Some(true)), Well);
        assert_eq!(judge(1_763_632_675_123, Some(false)), Problem);
        assert_eq!(judge(1_763_632_675_123, None), Unknown);
    }

    #[test]
    fn the_unit_is_read_from_what_systemctl_shows() {
        let good = "LoadState=loaded\nActiveState=active\nResult=success\nNRestarts=2\nUnitFileState=enabled\nWatchdogUSec=30s\n";
        let judge = |from: &str, to: &str| unit("natrium.service", &good.replace(from, to)).state;
        assert_eq!(judge("", ""), Well);
        assert_eq!(judge("active\n", "failed\n"), Problem);
        assert_eq!(judge("loaded", "not-found"), Unknown);
        assert_eq!(judge("loaded", "masked"), Problem);
        assert_eq!(judge("enabled", "disabled"), Problem);
        assert_eq!(judge("30s", "0"), Problem);
        assert_eq!(unit("natrium.service", "").state, Unknown);
        let version = |text: &str| systemd(text).state;
        assert_eq!(
            [version("systemd 252 (252.1)\n+PAM"), version("systemd 241"), version("")],
            [Well, Problem, Unknown]
        );
        assert_eq!(version("systemd 257~rc1 (x)"), Well);
    }

    #[test]
    fn sandboxes_and_stores() {
        let state = |status: Option<&StatusReply>, writer| sandbox(status, writer).state;
        assert_eq!(state(Some(&reply(1)), None), Well);
        assert_eq!(state(None, Some("none: this kernel has no landlock: writes nothing")), Problem);
        assert_eq!(state(None, None), Unknown);
        let store =
            |problems| soundness(problems, Path::new("/s")).into_iter().map(|it| it.state).collect::<Vec<State>>();
        assert_eq!(store(Ok(vec![])), [Well]);
        assert_eq!(store(Ok(vec!["a".into(), "b".into()])), [Problem, Problem]);
        assert_eq!(store(Err(("there is no store x".into(), true))), [Unknown]);
        assert_eq!(store(Err(("not a store".into(), true))), [Problem]);
        assert_eq!(store(Err(("later".into(), false))), [Unknown]);
    }
}
