//! Backups taken while everybody works, while nobody does, and of what is broken; and stores put back from them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use harness::{Admin, Instance, Programs, SmallDisk, any_below, until, until_async};
use interfaces::configs::Version;
use interfaces::store::{Backup, Check, Client, GetInfo};

use crate::disk_full::on;
use crate::operators::{KINDS, Operators, PATIENCE, agree, document, history, names, service, upload};

type Histories = BTreeMap<&'static str, Vec<(Version, String)>>;

/// `natrium` with these words, about this service.
fn natrium(service: &Instance, words: &[&str]) -> Output {
    let mut command = service.command("natrium");
    command.args(words).env("NATRIUM_SETTINGS", service.settings()).env("TMPDIR", service.path());
    command.stdin(Stdio::null()).output().unwrap()
}

fn start(service: &Instance, words: &[&str]) -> Child {
    let mut command = service.command("natrium");
    command.args(words).env("NATRIUM_SETTINGS", service.settings()).env("TMPDIR", service.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What it said, and its exit code.
fn said(output: &Output) -> (String, i32) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.code().unwrap())
}

#[track_caller]
fn done(service: &Instance, words: &[&str]) -> String {
    let (text, code) = said(&natrium(service, words));
    assert_eq!(code, 0, "{words:?}: {text}");
    text
}

#[track_caller]
fn refused(service: &Instance, words: &[&str], code: i32, part: &str) -> String {
    let (text, found) = said(&natrium(service, words));
    assert!(found == code && text.contains(part), "{words:?}: {found}, not {code} with {part:?}: {text}");
    text
}

fn at(service: &Instance, name: &str) -> PathBuf {
    service.path().join(name)
}

fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn store(service: &Instance) -> Client {
    Client::new(service.pool("writer"), PATIENCE)
}

async fn histories(service: &Instance) -> Histories {
    let mut all = Histories::new();
    for kind in KINDS {
        all.insert(kind, history(service, kind).await);
    }
    all
}

/// Nothing is left of backups and restores but what is meant to stay.
#[track_caller]
fn nothing_is_left(service: &Instance) {
    nothing_is_left_in(&[service.state(), service.path().to_owned()]);
}

#[track_caller]
fn nothing_is_left_in(directories: &[PathBuf]) {
    for directory in directories {
        let left: Vec<_> =
            names(directory).into_iter().filter(|name| name.contains(".tmp") || name.starts_with("natrium-")).collect();
        assert!(left.is_empty(), "{}: {left:?}", directory.display());
    }
}

/// Starts it, and looks at all that must agree with the histories.
async fn starts_with(service: &mut Instance, expected: &Histories) {
    service.start().unwrap();
    let found = histories(service).await;
    assert_eq!(&found, expected, "{}", service.log());
    for (kind, history) in &found {
        agree(service, kind, history);
    }
    assert_eq!(store(service).check(&Check {}).await.unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_whole_and_restores_to_the_exact_history_of_its_moment() {
    let mut service = service();
    service.start().unwrap();
    let mut operators = Operators::at_work(&service, 2, 60);
    let mut files = Vec::new();
    for number in 0..4 {
        operators.go_on(10).await;
        assert!(!operators.are_done(), "it was not backed up under load");
        let file = at(&service, &format!("{number}.backup"));
        done(&service, &["backup", word(&file)]);
        files.push((file, operators.acknowledged()));
    }
    operators.done(&service).await;
    let after = histories(&service).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());

    let mut before = 0;
    for (file, acknowledged) in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        done(&service, &["backup", "--check", word(&file)]);
        done(&service, &["restore", word(&file)]);
        // In place without a start.
        service.start().unwrap();
        let restored = histories(&service).await;
        let mut versions = 0;
        for (kind, history) in &restored {
            assert_eq!(
                *history,
                after[kind][..history.len()],
                "{kind}: what was restored is a beginning of the history"
            );
            agree(&service, kind, history);
            versions += history.len();
        }
        assert!(versions > before && versions <= acknowledged + 4, "{versions} of {acknowledged}");
        before = versions;
        assert_eq!(store(&service).check(&Check {}).await.unwrap().problems, [""; 0]);
        assert!(service.stop().unwrap().success(), "{}", service.log());
    }
    nothing_is_left(&service);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_service_is_backed_up_and_restored_and_what_was_newer_is_kept() {
    let mut service = service();
    service.start().unwrap();
    for base in 0..3 {
        upload(&service, "fees", base, &document("fees", &base.to_string())).await;
    }
    upload(&service, "rates", 0, &document("rates", "only")).await;
    let expected = histories(&service).await;
    // Killed, so that there is a log beside the store.
    service.signal(nix::sys::signal::Signal::SIGKILL).unwrap();
    service.wait_ended().unwrap();
    // One that ends has no memory any more and may still hold the socket for a moment.
    let socket = service.runtime().join("writer.sock");
    let is_over = || service.processes().is_empty() && UnixStream::connect(&socket).is_err();
    until("all have ended", PATIENCE, || is_over().then_some(())).unwrap();

    let file = at(&service, "b");
    let text = done(&service, &["backup", word(&file)]);
    assert!(text.contains("version 3 of fees") && text.contains("version 1 of rates"), "{text}");
    refused(&service, &["backup", word(&file)], 1, "--force replaces it");
    done(&service, &["backup", "--force", word(&file)]);

    service.start().unwrap();
    let newer = document("fees", "newer");
    upload(&service, "fees", 3, &newer).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    done(&service, &["restore", word(&file)]);
    // The file is in place before the service starts, and the newer one is not lost.
    assert_eq!(fs::read_to_string(service.published("fees.yml")).unwrap(), document("fees", "2"));
    let backups = service.state().join("backups");
    let found = names(&backups).into_iter().find(|name| name.starts_with("fees.yml.found-")).unwrap();
    assert_eq!(fs::read_to_string(backups.join(found)).unwrap(), newer);
    starts_with(&mut service, &expected).await;
    // A version whose number was given before has its own backup.
    for base in 3..5 {
        upload(&service, "fees", base, &document("fees", &format!("again {base}"))).await;
    }
    agree(&service, "fees", &history(&service, "fees").await);
    assert!(service.stop().unwrap().success(), "{}", service.log());

    let kept: Vec<_> = names(&service.state()).into_iter().filter(|name| name.contains("before-restore")).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    nothing_is_left(&service);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_refused_while_the_service_runs_and_a_start_while_it_restores() {
    let mut service = service();
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    let file = at(&service, "b");
    done(&service, &["backup", word(&file)]);
    let expected = histories(&service).await;
    let pid = service.pid().unwrap();
    let text =
        refused(&service, &["restore", word(&file)], 1, &format!("another instance of natrium is running, PID {pid}"));
    assert!(text.contains(&format!("to stop it: kill {pid}")), "{text}");
    assert_eq!(histories(&service).await, expected);
    assert!(service.stop().unwrap().success(), "{}", service.log());

    // A restore that is held up: its backup comes through a pipe from which nothing comes.
    let pipe = at(&service, "pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut restoring = start(&service, &["restore", word(&pipe)]);
    let pid_file = service.runtime().join("natrium.pid");
    let own = format!("{}\n", restoring.id());
    until("it holds the lock", PATIENCE, || (fs::read_to_string(&pid_file).ok()? == own).then_some(())).unwrap();
    service.spawn().unwrap();
    let ended = service.wait_ended().unwrap();
    assert_eq!(ended.code(), Some(1), "{}", service.log());
    assert!(service.log().contains(&format!("is running, PID {}", restoring.id())), "{}", service.log());
    restoring.kill().unwrap();
    restoring.wait().unwrap();
    starts_with(&mut service, &expected).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_killed_at_any_moment_leaves_the_old_store_or_the_new_one_whole() {
    let mut service = service();
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "old")).await;
    let file = at(&service, "b");
    done(&service, &["backup", word(&file)]);
    let old = histories(&service).await;
    for base in 1..4 {
        upload(&service, "fees", base, &document("fees", &format!("new {base}"))).await;
    }
    let newer = at(&service, "newer");
    done(&service, &["backup", word(&newer)]);
    let new = histories(&service).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());

    let (mut olds, mut news) = (0, 0);
    for round in 0..24 {
        let (from, to) = if round % 2 == 0 { (&new, &old) } else { (&old, &new) };
        done(&service, &["restore", word(if round % 2 == 0 { &newer } else { &file })]);
        let mut restoring = start(&service, &["restore", word(if round % 2 == 0 { &file } else { &newer })]);
        // Both its processes, as when the machine goes: at once, or when the new store has come some way.
        let moment = Duration::from_micros(u64::try_from(any_below(120_000)).unwrap());
        let began = std::time::Instant::now();
        until("its moment", PATIENCE, || (began.elapsed() >= moment).then_some(())).unwrap();
        for (pid, name) in offline_writers(&service) {
            assert_eq!(name, "natrium-writer");
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
        let _ = restoring.kill();
        restoring.wait().unwrap();
        until("no writer is left", PATIENCE, || offline_writers(&service).is_empty().then_some(())).unwrap();
        service.start().unwrap();
        let found = histories(&service).await;
        assert!(found == *from || found == *to, "round {round}: neither the old nor the new: {found:?}");
        if found == *from {
            olds += 1
        } else {
            news += 1
        }
        for (kind, history) in &found {
            agree(&service, kind, history);
        }
        assert!(service.stop().unwrap().success(), "{}", service.log());
    }
    println!("{olds} times the old one, {news} times the new one");
    // `natrium` itself, killed, leaves its directory for temporary files.
    nothing_is_left_in(&[service.state()]);
}

/// Writers that `natrium` runs itself on this state directory.
fn offline_writers(service: &Instance) -> Vec<(i32, String)> {
    let lock = service.state().join("lock");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(descriptors) = fs::read_dir(entry.path().join("fd")) else { continue };
        if descriptors.flatten().any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|target| target == lock)) {
            found.push((pid, fs::read_to_string(entry.path().join("comm")).unwrap_or_default().trim().to_owned()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_that_was_changed_anywhere_is_found_and_such_a_backup_is_not_restored() {
    let mut service = service();
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    let file = at(&service, "b");
    done(&service, &["backup", word(&file)]);
    upload(&service, "fees", 1, &document("fees", "second")).await;
    let expected = histories(&service).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    let good = fs::read(&file).unwrap();
    let bad = at(&service, "bad");
    for round in 0..24 {
        let mut bytes = good.clone();
        // The first bytes, the last ones, and some of those between.
        let place = match round {
            0 => 0,
            1 => bytes.len() - 1,
            2 => 600,
            _ => any_below(bytes.len()),
        };
        bytes[place] ^= 1 << (round % 8);
        fs::write(&bad, &bytes).unwrap();
        refused(&service, &["backup", "--check", word(&bad)], 1, word(&bad));
        if round < 4 {
            refused(&service, &["restore", word(&bad)], 1, word(&bad));
        }
    }
    fs::write(&bad, &good[..good.len() / 2]).unwrap();
    refused(&service, &["restore", word(&bad)], 1, "it ends too early");
    starts_with(&mut service, &expected).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_space_a_backup_says_so_and_leaves_nothing_and_uploads_go_on() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    let (state, file) = (disk.path().join("state"), at(&service, "b"));
    disk.fill().unwrap();
    // No space for the copy of the store.
    let (text, code) = said(&natrium(&service, &["backup", word(&file)]));
    assert!(code == 75 && text.contains("no space for a copy of the store"), "{code}: {text}");
    assert!(!file.exists());
    disk.relieve().unwrap();
    upload(&service, "fees", 1, &document("fees", "second")).await;

    // No space for the file itself.
    let Some(other) = SmallDisk::mount().unwrap() else { return };
    other.fill().unwrap();
    let (text, code) = said(&natrium(&service, &["backup", word(&other.path().join("b"))]));
    assert!(code == 75 && text.to_lowercase().contains("no space left on device"), "{code}: {text}");
    assert_eq!(names(other.path()), ["filler"]);
    let left: Vec<_> = names(&state).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
    done(&service, &["backup", word(&file)]);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_or_reads_slowly_hurts_nobody_and_leaves_nothing() {
    let mut service = service();
    service.start().unwrap();
    // More than fits into a socket.
    for base in 0..8 {
        upload(
            &service,
            "fees",
            base,
            &document("fees", &format!("{base}{}", "large ".repeat(20_000 + usize::try_from(base).unwrap()))),
        )
        .await;
    }
    let client = store(&service);
    // Two who do not read on, and a third.
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut replies = client.backup(&Backup {}).await.unwrap();
        assert!(replies.next().await.unwrap().unwrap().contents.is_some());
        slow.push(replies);
    }
    let mut third = client.backup(&Backup {}).await.unwrap();
    let busy = third.next().await.unwrap().unwrap_err();
    assert!(matches!(&busy, interfaces::CallError::Reply(interfaces::store::Error::Busy {})), "{busy:?}");
    // The others go on meanwhile, and no copy has a name.
    upload(&service, "rates", 0, &document("rates", "meanwhile")).await;
    assert_eq!(client.check(&Check {}).await.unwrap().problems, [""; 0]);
    nothing_is_left(&service);
    // Slow ones are given up after a while, those who hang up at once.
    drop(slow.pop());
    let again = until_async("a turn", PATIENCE, async || {
        let mut replies = client.backup(&Backup {}).await.unwrap();
        replies.next().await?.ok()?.contents
    });
    again.await.unwrap();
    let given_up = until_async("the slow one is given up", PATIENCE, async || {
        let (mut one, mut two) = (client.backup(&Backup {}).await.unwrap(), client.backup(&Backup {}).await.unwrap());
        let both = (one.next().await?, two.next().await?);
        (both.0.is_ok() && both.1.is_ok()).then_some(())
    });
    given_up.await.unwrap();
    // Whoever hangs up before the copy is made leaves none either.
    for _ in 0..10 {
        let mut replies = client.backup(&Backup {}).await.unwrap();
        let within = Duration::from_micros(u64::try_from(any_below(3000)).unwrap());
        let _ = tokio::time::timeout(within, replies.next()).await;
    }
    until("no copy has a name", PATIENCE, || {
        names(&service.state()).iter().all(|name| !name.starts_with(".backup-")).then_some(())
    })
    .unwrap();
    drop(slow);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_backup_left_is_removed_at_the_next_start() {
    let mut service = service();
    fs::write(service.state().join(".backup-1-0.tmp"), "half").unwrap();
    fs::write(service.state().join(".restore.tmp"), "half").unwrap();
    service.start().unwrap();
    nothing_is_left(&service);
    upload(&service, "fees", 0, &document("fees", "first")).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_tells_what_is_wrong_with_published_files_and_changes_nothing() {
    let mut service = service();
    service.start().unwrap();
    for kind in KINDS {
        upload(&service, kind, 0, &document(kind, "first")).await;
    }
    let client = store(&service);
    assert_eq!(client.check(&Check {}).await.unwrap().problems, [""; 0]);
    fs::write(service.published("fees.yml"), "by hand").unwrap();
    fs::remove_file(service.published("rates.yml")).unwrap();
    let problems = client.check(&Check {}).await.unwrap().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].contains("fees.yml was changed by somebody else: version 1 of fees should stand there"),
        "{problems:?}"
    );
    assert!(problems[1].contains("rates.yml is missing"), "{problems:?}");
    assert_eq!(fs::read_to_string(service.published("fees.yml")).unwrap(), "by hand");
    let info = client.get_info(&GetInfo {}).await.unwrap();
    assert_eq!((info.schema, info.since, info.known), (5, 1, 5));
    assert!(info.bytes > 0 && info.free_bytes > 0, "{info:?}");
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_through_a_pipe_and_any_tar_takes_it_apart() {
    let mut service = service();
    service.start().unwrap();
    let content = document("fees", "first");
    upload(&service, "fees", 0, &content).await;
    let output = natrium(&service, &["backup", "-"]);
    assert!(output.status.success(), "{}", said(&output).0);
    let file = at(&service, "b.tar");
    fs::write(&file, &output.stdout).unwrap();
    done(&service, &["backup", "--check", word(&file)]);
    let there = at(&service, "there");
    fs::create_dir(&there).unwrap();
    let tar = std::process::Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(&there).output().unwrap();
    assert!(tar.status.success() && tar.stderr.is_empty(), "{tar:?}");
    assert_eq!(names(&there), ["manifest.json", "published", "settings.json", "sha256", "store.sqlite"]);
    assert_eq!(fs::read_to_string(there.join("published/fees.yml")).unwrap(), content);
    // No secret is in it.
    let token = fs::read_to_string(at(&service, "token")).unwrap();
    let secret = token.split_once(':').unwrap().1;
    assert!(!output.stdout.windows(secret.len()).any(|part| part == secret.as_bytes()));
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restored_by_root_nothing_belongs_to_root() {
    // Where they were built only their owner may enter.
    let (programs, _directory) = Programs::beside_this_one().unwrap().for_everybody().unwrap();
    let admin = Admin { id: 1001, name: "Anna" };
    let token = format!("{}:SIMULATED", 7_900_000_000_u64 + u64::from(std::process::id()));
    let mut service = Instance::new(&programs, "http://127.0.0.1:9", &token, &[admin]).unwrap();
    if !nix::unistd::geteuid().is_root() {
        harness::skip("giving files away takes root").unwrap();
        return;
    }
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    let file = at(&service, "b");
    done(&service, &["backup", word(&file)]);
    upload(&service, "fees", 1, &document("fees", "second")).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    fs::set_permissions(service.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // As a stopped service leaves it: systemd takes the runtime directory away.
    fs::remove_dir_all(service.runtime()).unwrap();
    // The programs of the instance as nobody, this one as root.
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    give(&service.state(), nobody.uid.as_raw());
    give(&service.path().join("published"), nobody.uid.as_raw());
    done(&service, &["restore", word(&file)]);
    for directory in
        [service.state(), service.state().join("backups"), service.path().join("published"), service.runtime()]
    {
        for name in names(&directory) {
            let path = directory.join(name);
            assert_eq!(path.symlink_metadata().unwrap().uid(), nobody.uid.as_raw(), "{}", path.display());
        }
        assert_eq!(directory.metadata().unwrap().uid(), nobody.uid.as_raw(), "{}", directory.display());
    }
    assert_eq!(service.state().join("store.sqlite").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(service.state().metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        for name in names(path) {
            give(&path.join(name), user);
        }
    }
}
