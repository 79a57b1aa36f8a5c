//! The machine that is measured on: what it is, and whether anybody else uses it meanwhile.

use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::sys::resource::{UsageWho, getrusage};
use serde::Serialize;

use crate::process::kernel_threads;

/// An idle machine's processors do at most this share of what they could.
const IDLE: f64 = 0.07;
/// What others may use while a row is measured before the row says so.
const QUIET: f64 = 0.07;
/// How long the machine is watched to tell whether it is idle.
const WINDOW: Duration = Duration::from_secs(1);
/// How long is waited for an idle machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the machine is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) kernel: String,
    pub(crate) memory_bytes: u64,
}

impl Machine {
    /// Asks the kernel.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub(crate) fn look() -> io::Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
        let meminfo = fs::read_to_string("/proc/meminfo")?;
        Ok(Self {
            cores: thread::available_parallelism()?.get(),
            cpu: field(&cpuinfo, "model name").unwrap_or("unknown").to_owned(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            memory_bytes: field(&meminfo, "MemTotal").and_then(kilobytes).unwrap_or(0),
        })
    }
}

/// The value of the first `name: value` line (procfs(5)).
pub(crate) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

/// Bytes from what the kernel writes as `1234 kB` and means as KiB.
pub(crate) fn kilobytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The file system that a directory lies on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct FileSystem {
    pub(crate) kind: String,
    pub(crate) source: String,
    /// `major:minor`.
    pub(crate) device: String,
}

impl FileSystem {
    /// The file system of `directory`, which must exist.
    ///
    /// # Errors
    /// When it does not exist, or `/proc` cannot be read.
    pub(crate) fn of(directory: &Path) -> Result<Self> {
        let directory = fs::canonicalize(directory).with_context(|| format!("looking at {}", directory.display()))?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").context("reading /proc/self/mountinfo")?;
        find_mount(&mounts, &directory).with_context(|| format!("{} lies on no mount", directory.display()))
    }

    /// Whether what is written here ever reaches a disk.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.kind.as_str(), "tmpfs" | "ramfs" | "devtmpfs")
    }

    /// How often the device has been told to empty its cache onto the medium; `None` where the kernel does not say.
    /// The 16th field of the kernel's `Documentation/admin-guide/iostats.rst`.
    pub(crate) fn flushes(&self) -> Option<u64> {
        let text = fs::read_to_string(format!("/sys/dev/block/{}/stat", self.device)).ok()?;
        text.split_whitespace().nth(15)?.parse().ok()
    }
}

/// The mount with the longest path that holds `directory`; of several on one path the last, which hides the others.
/// The fields are those of `/proc/pid/mountinfo` in procfs(5).
fn find_mount(mounts: &str, directory: &Path) -> Option<FileSystem> {
    mounts
        .lines()
        .filter_map(|line| {
            let (left, right) = line.split_once(" - ")?;
            let mut left = left.split(' ');
            let (device, point) = (left.nth(2)?, left.nth(1)?.replace("\\040", " "));
            let mut right = right.split(' ');
            let (kind, source) = (right.next()?.to_owned(), right.next()?.to_owned());
            let holds = directory.starts_with(&point);
            holds.then(|| (point.len(), FileSystem { kind, source, device: device.to_owned() }))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, found)| found)
}

/// What all processors have done so far, in ticks.
#[derive(Clone, Copy, Debug, Default)]
struct Ticks {
    busy: u64,
    all: u64,
}

impl Ticks {
    fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("reading /proc/stat")?;
        Self::parse(&stat).context("/proc/stat has no line for all processors")
    }

    /// user, nice, system, idle, iowait, irq, softirq, steal (procfs(5)); what guests use is part of user and nice.
    fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = line.split_whitespace().take(8).filter_map(|ticks| ticks.parse().ok()).collect();
        let all = ticks.iter().sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Self { busy: all - idle, all })
    }

    /// The share of what the processors could have done since `before` that they did.
    fn busy_since(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all);
        if all == 0 { 0.0 } else { self.busy.saturating_sub(before.busy) as f64 / all as f64 }
    }
}

/// Waits until the machine is idle. Answers what to say if it did not become so.
///
/// # Errors
/// When `/proc` cannot be read, or `go_on` says no.
pub(crate) fn wait_until_idle(go_on: impl Fn() -> Result<()>) -> Result<Option<String>> {
    let start = Instant::now();
    loop {
        let before = Ticks::now()?;
        thread::sleep(WINDOW);
        go_on()?;
        let busy = Ticks::now()?.busy_since(before);
        if busy <= IDLE {
            return Ok(None);
        }
        if start.elapsed() > PATIENCE {
            return Ok(Some(format!(
                "the machine was not idle before this row: {:.0} % busy after waiting {} s",
                busy * 100.0,
                PATIENCE.as_secs()
            )));
        }
    }
}

/// Tells what others did while a row was measured: what the processors did, less what this process and those of its children
/// that have ended did, and less what the kernel's own threads did, which write to the disk on our behalf.
#[derive(Debug)]
pub(crate) struct Others {
    start: Instant,
    ticks: Ticks,
    own: Duration,
    kernel: HashMap<u32, u64>,
    cores: usize,
}

impl Others {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub(crate) fn watch(cores: usize) -> Result<Self> {
        Ok(Self { start: Instant::now(), ticks: Ticks::now()?, own: own_time()?, kernel: kernel_threads()?, cores })
    }

    /// What to say about others, if there is something.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub(crate) fn disturbance(&self) -> Result<Option<String>> {
        let could = self.start.elapsed().as_secs_f64() * self.cores as f64;
        let own = (own_time()? - self.own).as_secs_f64() / could;
        let now = Ticks::now()?;
        let kernel: u64 = kernel_threads()?
            .into_iter()
            .map(|(pid, ticks)| ticks.saturating_sub(self.kernel.get(&pid).copied().unwrap_or_default()))
            .sum();
        let kernel = kernel as f64 / now.all.saturating_sub(self.ticks.all).max(1) as f64;
        let others = now.busy_since(self.ticks) - own - kernel;
        let told = format!("others used {:.0} % of the processors while this row was measured", others * 100.0);
        Ok((others > QUIET).then_some(told))
    }
}

/// Processor time of this process and of its children that have been waited for, theirs included.
fn own_time() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who).context("asking for the processor time used")?;
        for time in [usage.user_time(), usage.system_time()] {
            let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
            sum +=
                Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or_default());
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / /tmp rw,nosuid shared:3 - tmpfs tmpfs rw
24 22 259:1 / /srv/my\\040disk rw - xfs /dev/nvme0n1p1 rw";

    #[test]
    fn the_deepest_mount_counts() {
        let kind = |path: &str| find_mount(MOUNTS, Path::new(path)).unwrap().kind;
        assert_eq!(kind("/home/a"), "ext4");
        assert_eq!(kind("/tmp/a"), "tmpfs");
        assert_eq!(kind("/tmpfile"), "ext4");
        assert_eq!(kind("/srv/my disk/x"), "xfs");
        assert!(find_mount(MOUNTS, Path::new("/tmp")).unwrap().is_in_memory());
    }

    #[test]
    fn the_root_is_on_something() {
        assert!(!FileSystem::of(Path::new("/")).unwrap().kind.is_empty());
        assert!(FileSystem::of(Path::new("/nowhere at all")).is_err());
    }

    #[test]
    fn waiting_for_the_disk_is_idle_and_stolen_time_is_not() {
        let before = Ticks::parse("cpu  100 0 100 1000 50 0 0 0 0 0\ncpu0 1 2 3").unwrap();
        let after = Ticks::parse("cpu  100 0 120 1050 100 0 0 30 0 0\n").unwrap();
        assert!((after.busy_since(before) - 50.0 / 150.0).abs() < 1e-9);
        assert!(before.busy_since(before) < 1e-9);
    }

    #[test]
    fn reads_fields_of_proc() {
        assert_eq!(
            field("MemTotal:   24685000 kB\nMemFree: 1 kB", "MemTotal").and_then(kilobytes),
            Some(25_277_440_000)
        );
        assert_eq!(field("Pss_Dirty: 8 kB\nPss:  4 kB\n", "Pss").and_then(kilobytes), Some(4096));
        assert_eq!(field("", "Pss"), None);
    }

    #[test]
    fn this_machine_says_what_it_is() {
        let machine = Machine::look().unwrap();
        assert!(machine.cores > 0 && machine.memory_bytes > 0 && !machine.kernel.is_empty());
    }
}
