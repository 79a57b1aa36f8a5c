//! Several `natriumd` start at once on one runtime directory, again and again after a `kill -9`: exactly one becomes ready.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use harness::until;

use crate::house::{HEALTHY, House, PATIENCE};

const STARTERS: usize = 4;
const ROUNDS: usize = 25;

/// One `natriumd`, with a systemd of its own to speak to.
struct Starter {
    process: Child,
    notified: UnixDatagram,
    at: PathBuf,
    ready: bool,
}

impl Starter {
    fn start(house: &House, at: PathBuf) -> Self {
        let notified = UnixDatagram::bind(&at).unwrap();
        notified.set_nonblocking(true).unwrap();
        let mut natriumd = house.instance.command("natriumd");
        natriumd.arg("--settings").arg(house.instance.settings()).env("NOTIFY_SOCKET", &at);
        let process = natriumd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Self { process, notified, at, ready: false }
    }

    /// Whether it has come to something: it is ready, or has ended.
    fn is_decided(&mut self) -> bool {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.notified.recv(&mut buffer) {
            self.ready |= buffer[..length].split(|byte| *byte == b'\n').any(|line| line == b"READY=1");
        }
        self.process.try_wait().unwrap().is_some() || self.ready
    }

    /// What the loser was told: whose PID it is that runs, whatever its number.
    fn refusal(&mut self) -> i32 {
        let mut told = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(1), "{told}");
        let pid = told.strip_prefix("natriumd: another instance of natrium is running, PID ");
        let pid = pid.unwrap_or_else(|| panic!("it was told something else: {told}"));
        pid.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        // A loser has ended long ago.
        let _ = self.process.kill();
        let _ = self.process.wait();
        fs::remove_file(&self.at).unwrap();
    }
}

#[test]
fn of_four_that_start_at_once_exactly_one_becomes_ready_after_every_kill() {
    // What they write to standard error must fit into the pipe.
    let house = House::new(HEALTHY, HEALTHY);
    let file = house.instance.runtime().join("natrium.pid");
    // Before the very first winner has written its number there is none to name; from then on there always is.
    fs::write(&file, "4194305\n").unwrap();
    let mut inode = None;
    let mut named = 0;
    for round in 0..ROUNDS {
        let at = |number: usize| house.instance.path().join(format!("systemd.{number}"));
        let mut starters: Vec<Starter> = (0..STARTERS).map(|number| Starter::start(&house, at(number))).collect();
        until("all have come to something", PATIENCE, || starters.iter_mut().all(Starter::is_decided).then_some(()))
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        let (mut ready, refused): (Vec<_>, Vec<_>) = starters.into_iter().partition(|starter| starter.ready);
        assert_eq!((ready.len(), refused.len()), (1, STARTERS - 1), "round {round}");
        let winner = &mut ready[0];
        let pid = i32::try_from(winner.process.id()).unwrap();
        for mut loser in refused {
            named += usize::from(loser.refusal() == pid);
        }
        assert!(winner.process.try_wait().unwrap().is_none(), "round {round}: the winner is gone");
        assert_eq!(house.status().pid, pid, "round {round}: it does not answer, so somebody took its socket");
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{pid}\n"));
        let found = fs::metadata(&file).unwrap().ino();
        assert_eq!(*inode.get_or_insert(found), found, "round {round}: the file is another one");
        winner.process.kill().unwrap();
        winner.process.wait().unwrap();
    }
    let refusals = ROUNDS * (STARTERS - 1);
    // A number is looked for until it is that of a process that lives: whoever refuses names the winner.
    assert_eq!(named, refusals, "of {refusals} refusals so many named the winner");
    assert!(leftovers(&house.instance.runtime()).contains(&"writer.sock".to_owned()), "nobody cleaned up");
}

fn leftovers(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
