//! One of several processes that contend for the instance's lock, again and again, until they are killed.
//!
//! usage: contender DIRECTORY PLACE STRATEGY
//!
//! Whoever wins writes a number that nobody else writes into `witness`, and looks a little later whether it still stands
//! there. If not, another one owned the instance at the same time. This does not depend on the lock, and a process that is
//! killed claims nothing.
//!
//! What it counts stands in `count.PLACE`, so that its successor goes on counting: how often it won, was refused, found
//! another owner, and found the PID file not as it should be.
//!
//! The strategy is `keep`, which is the product's, or `unlink`: the file is removed after its release. That one is wrong, and
//! stands only here, so that whoever judges can show that two owners are noticed.

use std::env;
use std::fs::{self, File};
use std::hint::spin_loop;
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::yield_now;

use anyhow::{Context, bail, ensure};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use supervisor::pidfile::{self, PidFile, PidFileError};

fn main() -> anyhow::Result<()> {
    set_pdeathsig(Signal::SIGKILL)?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [directory, place, strategy] = arguments.as_slice() else { bail!("usage: contender DIRECTORY PLACE STRATEGY") };
    let directory = Path::new(directory);
    let file =
        |name: &str| File::options().read(true).write(true).create(true).truncate(false).open(directory.join(name));
    let mut contender = Contender {
        path: directory.join("natrium.pid"),
        unlinks: strategy == "unlink",
        witness: file("witness")?,
        count: Count::resumed(file(&format!("count.{place}"))?)?,
        inode: None,
    };
    loop {
        contender.contend().context(format!("the contender at place {place}"))?;
    }
}

struct Contender {
    path: PathBuf,
    unlinks: bool,
    witness: File,
    count: Count,
    /// That of the PID file when it was first seen.
    inode: Option<u64>,
}

impl Contender {
    fn contend(&mut self) -> anyhow::Result<()> {
        let lock = match PidFile::acquire(&self.path) {
            Ok(lock) => lock,
            Err(PidFileError::Held { .. }) => {
                yield_now();
                return self.count.add(REFUSED);
            }
            Err(error) => return Err(error.into()),
        };
        let own = std::process::id();
        let number = (u64::from(own) << 32 | self.count.numbers[WON] & 0xffff_ffff).to_ne_bytes();
        self.witness.write_all_at(&number, 0)?;
        linger();
        let mut stands = [0; 8];
        self.witness.read_exact_at(&mut stands, 0)?;
        if stands != number {
            self.count.add(TWO_OWNERS)?;
        }
        if self.unlinks {
            self.count.add(WON)?;
            drop(lock);
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let inode = fs::metadata(&self.path)?.ino();
        let is_ours = pidfile::read(&self.path)?.and_then(|pid| u32::try_from(pid).ok()) == Some(own);
        if !is_ours || inode != *self.inode.get_or_insert(inode) {
            self.count.add(WRONG_FILE)?;
        }
        self.count.add(WON)
    }
}

/// A moment of ownership: nothing, a little, or as long as the others have their turn, which is long on a busy machine.
fn linger() {
    match harness::any_below(16) {
        0 => yield_now(),
        1..4 => {}
        _ => (0..harness::any_below(2000)).for_each(|_| spin_loop()),
    }
}

const WON: usize = 0;
const REFUSED: usize = 1;
const TWO_OWNERS: usize = 2;
const WRONG_FILE: usize = 3;

/// Numbers that outlive the process.
struct Count {
    file: File,
    numbers: [u64; 4],
}

impl Count {
    fn resumed(file: File) -> anyhow::Result<Self> {
        let mut count = Self { file, numbers: [0; 4] };
        for (place, number) in count.numbers.iter_mut().enumerate() {
            let mut bytes = [0; 8];
            match count.file.read_at(&mut bytes, offset(place)?)? {
                // Nobody counted before.
                0 => {}
                length => ensure!(length == 8, "the count is cut"),
            }
            *number = u64::from_ne_bytes(bytes);
        }
        Ok(count)
    }

    fn add(&mut self, place: usize) -> anyhow::Result<()> {
        self.numbers[place] += 1;
        Ok(self.file.write_all_at(&self.numbers[place].to_ne_bytes(), offset(place)?)?)
    }
}

fn offset(place: usize) -> anyhow::Result<u64> {
    Ok(u64::try_from(place)? * 8)
}
