//! Four processes that contend for one PID file; whoever is killed has a successor.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs};

use harness::{any_below, until};
use tempfile::TempDir;

const CONTENDERS: usize = 4;

/// How long the next acquisitions may take. This machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all contenders of a contest have counted, the dead ones included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) won: u64,
    pub(crate) refused: u64,
    pub(crate) two_owners: u64,
    pub(crate) wrong_file: u64,
}

/// A contest, for as long as it lives.
pub(crate) struct Contest {
    directory: TempDir,
    strategy: &'static str,
    contenders: Vec<Child>,
}

impl Contest {
    pub(crate) fn begin(strategy: &'static str) -> Self {
        // In memory, as `/run` is: a disk would be written to at every acquisition, and the others would wait for that.
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        let directory = tempfile::Builder::new().prefix("natrium-contest-").tempdir_in(place).unwrap();
        let mut contest = Self { directory, strategy, contenders: Vec::new() };
        for place in 0..CONTENDERS {
            let contender = contest.contender(place);
            contest.contenders.push(contender);
        }
        contest
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.directory.path().join("natrium.pid")
    }

    pub(crate) fn count(&self) -> Count {
        (0..CONTENDERS).fold(Count::default(), |sum, place| {
            let bytes = fs::read(self.directory.path().join(format!("count.{place}"))).unwrap_or_default();
            let number = |place: usize| {
                bytes.get(place * 8..place * 8 + 8).map_or(0, |bytes| u64::from_ne_bytes(bytes.try_into().unwrap()))
            };
            Count {
                won: sum.won + number(0),
                refused: sum.refused + number(1),
                two_owners: sum.two_owners + number(2),
                wrong_file: sum.wrong_file + number(3),
            }
        })
    }

    /// Waits until the lock was won so many more times.
    pub(crate) fn go_on(&mut self, more: u64) {
        let enough = self.count().won + more;
        until("the lock is won again", PATIENCE, || {
            for contender in &mut self.contenders {
                assert!(contender.try_wait().unwrap().is_none(), "a contender ended by itself");
            }
            (self.count().won >= enough).then_some(())
        })
        .unwrap();
    }

    /// Kills one, whatever it is doing, and starts its successor: half the time the one whom the PID file names just then.
    /// Answers whether it owned the instance
    /// shortly before.
    pub(crate) fn kill_any(&mut self) -> bool {
        let named = self.named();
        let owner = self.contenders.iter().position(|contender| named == contender.id().to_string());
        let place = owner.filter(|_| any_below(2) == 0).unwrap_or_else(|| any_below(CONTENDERS));
        let victim = &mut self.contenders[place];
        victim.kill().unwrap();
        assert_eq!(victim.wait().unwrap().signal(), Some(9), "it ended by itself");
        let victim = victim.id().to_string();
        self.contenders[place] = self.contender(place);
        self.named() == victim || named == victim
    }

    fn named(&self) -> String {
        fs::read_to_string(self.pid_file()).unwrap_or_default().trim().to_owned()
    }

    /// Ends the contest. What it counted is complete by then.
    pub(crate) fn end(mut self) -> Count {
        self.kill_all();
        self.count()
    }

    fn contender(&self, place: usize) -> Child {
        let natriumd = PathBuf::from(env!("CARGO_BIN_EXE_natriumd"));
        let program = natriumd.with_file_name("examples").join("contender");
        let mut contender = Command::new(&program);
        contender.arg(self.directory.path()).arg(place.to_string()).arg(self.strategy);
        contender.spawn().unwrap_or_else(|error| {
            panic!("{}: {error}; build it first: cargo build --workspace --all-targets", program.display())
        })
    }

    fn kill_all(&mut self) {
        for contender in &mut self.contenders {
            // One that has ended by itself was complained about.
            let _ = contender.kill();
            let _ = contender.wait();
        }
    }
}

impl Drop for Contest {
    fn drop(&mut self) {
        self.kill_all();
    }
}
