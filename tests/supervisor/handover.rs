//! What a worker is given, and that it is given nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};

use harness::until;

use crate::house::{HEALTHY, House, PATIENCE};

fn environment(pid: i32) -> BTreeMap<String, String> {
    let text = String::from_utf8(fs::read(format!("/proc/{pid}/environ")).unwrap()).unwrap();
    let entries = text.split('\0').filter(|entry| !entry.is_empty()).map(|entry| entry.split_once('=').unwrap());
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn expected(house: &House, worker: &str, pid: i32, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (runtime, pid) = (house.instance.runtime().display().to_string(), pid.to_string());
    let notify = format!("{runtime}/{worker}.notify");
    let all = [
        ("LANG", "C.UTF-8"),
        ("LISTEN_FDNAMES", "varlink:settings:recorder"),
        ("LISTEN_FDS", "3"),
        ("LISTEN_PID", &pid),
        ("NATRIUM_LOG", "debug"),
        ("NATRIUM_SUPERVISED", "1"),
        ("NOTIFY_SOCKET", &notify),
        ("PATH", "/usr/bin:/bin"),
        ("RUNTIME_DIRECTORY", &runtime),
        ("TZ", "Europe/Riga"),
        ("WATCHDOG_PID", &pid),
        ("WATCHDOG_USEC", "2000000"),
    ];
    all.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_environment_is_exact_and_the_secret_is_the_bots() {
    let mut house = House::new(HEALTHY, HEALTHY);
    for (name, value) in [
        ("TZ", "Europe/Riga"),
        ("NATRIUM_LOG", "debug"),
        ("CREDENTIALS_DIRECTORY", "/run/credentials/x"),
        ("NATRIUM_BOT_TOKEN", "1:secret"),
        ("HOME", "/root"),
        ("SSH_AUTH_SOCK", "/tmp/agent"),
    ] {
        house.instance.environment.push((name.into(), value.into()));
    }
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    let token = settings.lines().find(|line| line.trim_start().starts_with("token:")).unwrap();
    let settings = settings.replace(token, "  token: { environment: NATRIUM_BOT_TOKEN }");
    house.instance.write_settings(&settings).unwrap();
    house.instance.start().unwrap();

    let writer = house.worker("writer").pid.unwrap();
    let state = house.instance.state().display().to_string();
    assert_eq!(environment(writer), expected(&house, "writer", writer, &[("STATE_DIRECTORY", &state)]));
    let bot = house.worker("bot").pid.unwrap();
    let secrets = [("CREDENTIALS_DIRECTORY", "/run/credentials/x"), ("NATRIUM_BOT_TOKEN", "1:secret")];
    assert_eq!(environment(bot), expected(&house, "bot", bot, &secrets));
    house.stop();
}

/// A program that does nothing of its own: what it has, it was given. Started as the bot; answers its pid.
fn sleeper(house: &mut House) -> i32 {
    fs::remove_file(house.program("bot")).unwrap();
    fs::write(house.program("bot"), "#!/bin/sh\nexec /bin/sleep 1000\n").unwrap();
    fs::set_permissions(house.program("bot"), fs::Permissions::from_mode(0o755)).unwrap();
    house.instance.spawn().unwrap();
    let pid = house.wait("bot", "the bot runs", |worker| worker.pid.is_some()).pid.unwrap();
    let is_sleep = || fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sleep");
    until("it is sleep", PATIENCE, || is_sleep().then_some(())).unwrap();
    pid
}

#[test]
fn only_the_intended_descriptors_cross() {
    let mut house = House::new(HEALTHY, HEALTHY);
    let pid = sleeper(&mut house);
    let link = |fd: i32| fs::read_link(format!("/proc/{pid}/fd/{fd}")).unwrap().display().to_string();
    let open = || {
        let links = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
        let mut open: Vec<i32> = links.map(|link| link.file_name().to_str().unwrap().parse().unwrap()).collect();
        open.sort_unstable();
        open
    };
    // The program itself opens some files for a moment when it starts; what was left open to it would stay.
    let settled = until("only what was handed down is open", PATIENCE, || (open() == [0, 1, 2, 3, 4, 5]).then_some(()));
    settled.unwrap_or_else(|error| panic!("{error}: {:?}", open().into_iter().map(link).collect::<Vec<_>>()));
    assert_eq!(link(0), "/dev/null");
    assert!(link(3).starts_with("socket:"), "{}", link(3));
    assert_eq!(link(4), "/memfd:natrium-settings (deleted)");
    assert_eq!(link(5), "/memfd:natrium-recorder (deleted)");

    let settings = fs::File::options().read(true).write(true).open(format!("/proc/{pid}/fd/4")).unwrap();
    assert!(settings.write_all_at(b"x", 0).is_err(), "it is sealed");
    let text = fs::read(format!("/proc/{pid}/fd/4")).unwrap();
    let settings: settings::Settings = serde_json::from_slice(&text).unwrap();
    assert_eq!(settings.directories.runtime, house.instance.runtime());

    let group = nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(pid))).unwrap().as_raw();
    assert_eq!(group, pid, "it leads a process group of its own");
    house.stop();
}

#[test]
fn a_program_starts_with_signals_as_they_are_by_default() {
    // A Rust program ignores SIGPIPE, and natriumd is one.
    let mut house = House::new(HEALTHY, HEALTHY);
    let pid = sleeper(&mut house);
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(field("SigBlk:"), "0000000000000000");
    // Signals 32 and 33 are the C library's own.
    assert_eq!(u64::from_str_radix(&field("SigIgn:"), 16).unwrap() & !(0b11 << 31), 0);
    house.stop();
}

#[test]
fn sockets_are_for_the_group_and_the_supervisor_has_one_thread() {
    let mut house = House::healthy();
    for name in ["writer.sock", "bot.sock", "supervisor.sock", "writer.notify", "bot.notify", "web.notify"] {
        let path = house.instance.runtime().join(name);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o660, "{name}");
    }
    house.status();
    let threads = fs::read_dir(format!("/proc/{}/task", house.instance.pid().unwrap())).unwrap().count();
    assert_eq!(threads, 1);
    house.stop();
}

#[test]
fn memory_and_identity_are_told() {
    let mut house = House::healthy();
    let status = house.status();
    assert_eq!((status.instance.as_str(), status.pid), ("natrium", house.instance.pid().unwrap()));
    let supervisor = house.instance.supervisor();
    for worker in status.workers {
        assert!(worker.memory_bytes.is_some_and(|bytes| bytes > 10_000), "{worker:?}");
        let call = interfaces::supervisor::WhoIs { pid: worker.pid.unwrap() };
        let known = house.block_on(supervisor.who_is(&call)).unwrap();
        assert_eq!((known.worker, known.generation), (worker.name, worker.generation));
    }
    let own = interfaces::supervisor::WhoIs { pid: i32::try_from(std::process::id()).unwrap() };
    assert!(house.block_on(supervisor.who_is(&own)).is_err());
    house.stop();
}
