//! Processes that a row starts, and their memory. None outlives its handle.

use std::{
    collections::HashMap,
    fs, io,
    process::{Child, ChildStdout, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::machine::{field, kilobytes};

/// How long a process may take to end in order before it is killed.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_micros(500);

/// A running process. Dropping it ends it, and waits for the end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: String,
    stop: Signal,
}

impl Process {
    /// Starts `command`. `stop` is the signal that ends it in order.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(name: &str, command: &mut Command, stop: Signal) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned(), stop })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output, if it was piped and nobody has taken it yet.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Fails if it has ended, which it was not to do.
    ///
    /// # Errors
    /// Says how it ended.
    pub(crate) fn must_run(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("{} ended too early: {status}", self.name),
        }
    }

    /// Ends it in order, by force if it takes too long.
    ///
    /// # Errors
    /// When it had to be forced, or did not end with success.
    pub(crate) fn stop(self) -> Result<()> {
        self.stop_timed().map(drop)
    }

    /// Ends it in order, by force if it takes too long. Answers how long that took, from the signal on.
    ///
    /// # Errors
    /// When it had to be forced, or did not end with success.
    pub(crate) fn stop_timed(mut self) -> Result<Duration> {
        let start = Instant::now();
        let status = self.end()?.with_context(|| format!("{} did not stop within {PATIENCE:?}", self.name))?;
        let took = start.elapsed();
        anyhow::ensure!(status.success(), "{} did not stop in order: {status}", self.name);
        Ok(took)
    }

    /// `None` where it had to be killed.
    fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(Some(status));
        }
        // It has not been waited for, so its number is still its own.
        let pid = i32::try_from(self.child.id()).map_err(io::Error::other)?;
        kill(Pid::from_raw(pid), self.stop)?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            thread::sleep(LOOK);
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(None)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to tell; what could go wrong is that it has ended already.
        let _ = self.end();
    }
}

/// A process as the kernel lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) pid: u32,
    pub(crate) name: String,
    parent: u32,
    /// Processor time used so far, in ticks.
    pub(crate) ticks: u64,
}

impl Listed {
    /// From `/proc/pid/stat` (procfs(5)). The name may hold spaces and parentheses, so its end is the last parenthesis.
    fn parse(stat: &str) -> Option<Self> {
        let (pid, rest) = stat.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            pid: pid.parse().ok()?,
            name: name.to_owned(),
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
        })
    }
}

/// The process `root` and all its descendants that live just now, parents first.
///
/// # Errors
/// When `/proc` cannot be read.
pub(crate) fn tree(root: u32) -> Result<Vec<Listed>> {
    let mut children: HashMap<u32, Vec<Listed>> = HashMap::new();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("listing /proc")? {
        // A process that ends while it is looked at is not there.
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else { continue };
        match Listed::parse(&stat) {
            Some(listed) if listed.pid == root => found.push(listed),
            Some(listed) => children.entry(listed.parent).or_default().push(listed),
            None => {}
        }
    }
    let mut next = 0;
    while let Some(pid) = found.get(next).map(|listed| listed.pid) {
        found.extend(children.remove(&pid).unwrap_or_default());
        next += 1;
    }
    Ok(found)
}

/// Processor time of the kernel's own threads that live just now, in ticks by process id. They are the children of the second
/// process (kthreadd).
///
/// # Errors
/// When `/proc` cannot be read.
pub(crate) fn kernel_threads() -> Result<HashMap<u32, u64>> {
    const KTHREADD: u32 = 2;
    Ok(tree(KTHREADD)?.into_iter().map(|listed| (listed.pid, listed.ticks)).collect())
}

/// A process's proportional share of the memory it maps, in bytes: pages that several processes map count once, shared out
/// among them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pss {
    pub(crate) all: f64,
    /// Of these what backs heap and stack; the rest are mapped files, above all the program itself.
    pub(crate) anonymous: f64,
}

impl Pss {
    /// The memory of process `pid`.
    ///
    /// # Errors
    /// When the process is gone, or not ours to look at.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(path).with_context(|| format!("the memory of process {pid}"))?;
        let bytes =
            |name| field(&text, name).and_then(kilobytes).with_context(|| format!("process {pid} has no {name}"));
        Ok(Self { all: bytes("Pss")? as f64, anonymous: bytes("Pss_Anon")? as f64 })
    }
}

/// The memory of process `pid` by what it maps, largest first: the name (a file's without its directory; empty for
/// anonymous memory) and its share in bytes (`/proc/pid/smaps` in procfs(5)). What is anonymous belongs to it alone: its
/// children have programs of their own.
///
/// # Errors
/// When the process is gone, or not ours to look at.
pub(crate) fn mappings(pid: u32) -> Result<Vec<(String, Pss)>> {
    let path = format!("/proc/{pid}/smaps");
    let text = fs::read_to_string(path).with_context(|| format!("the memory of process {pid}"))?;
    let mut mappings: Vec<(String, Pss)> = by_name(&text).into_iter().collect();
    mappings.sort_by(|(_, one), (_, other)| other.all.total_cmp(&one.all));
    Ok(mappings)
}

fn by_name(smaps: &str) -> HashMap<String, Pss> {
    let mut sums: HashMap<String, Pss> = HashMap::new();
    let mut name = String::new();
    for line in smaps.lines() {
        let bytes =
            |field| line.strip_prefix(field).and_then(|value| kilobytes(value.trim())).map(|bytes| bytes as f64);
        if let Some(bytes) = bytes("Pss:") {
            sums.entry(name.clone()).or_default().all += bytes;
        } else if let Some(bytes) = bytes("Anonymous:") {
            sums.entry(name.clone()).or_default().anonymous += bytes;
        } else if !line.split(' ').next().unwrap_or_default().ends_with(':') {
            // After address, permissions, offset, device and inode comes the path, if there is one. A name with blanks in it is
            // cut, which makes no difference to sums.
            let last = line.split_whitespace().skip(5).last().unwrap_or_default();
            last.rsplit('/').next().unwrap_or_default().clone_into(&mut name);
        }
    }
    sums
}

/// What a process and all its threads have used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time.
    pub(crate) time: Duration,
    /// How often a thread gave the processor up, or had it taken away.
    pub(crate) switches: u64,
}

impl Used {
    /// What process `pid` and those of its threads that live have used.
    ///
    /// # Errors
    /// When the process is gone, or the kernel does not say.
    pub(crate) fn by(pid: u32) -> Result<Self> {
        let mut used = Self::default();
        for thread in fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("the threads of {pid}"))? {
            let thread = thread?.path();
            // A thread that ends while it is looked at is not there.
            let read = |name: &str| fs::read_to_string(thread.join(name));
            let (Ok(schedstat), Ok(status)) = (read("schedstat"), read("status")) else { continue };
            // Time on a processor in nanoseconds comes first (the kernel's Documentation/scheduler/sched-stats.rst).
            let time = schedstat.split(' ').next().and_then(|time| time.parse().ok());
            let switches = |name| field(&status, name).and_then(|count| count.parse::<u64>().ok());
            used.time += Duration::from_nanos(time.context("no time in schedstat")?);
            used.switches += switches("voluntary_ctxt_switches").context("no voluntary switches")?
                + switches("nonvoluntary_ctxt_switches").context("no involuntary switches")?;
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_name_may_look_like_the_end_of_a_name() {
        let stat = "42 (a) b (c)) S 7 42 42 0 -1 4194560 100 0 0 0 11 22 0 0 20 0 1 0 5 6 7";
        let listed = Listed { pid: 42, name: "a) b (c)".into(), parent: 7, ticks: 33 };
        assert_eq!(Listed::parse(stat), Some(listed));
        assert_eq!(Listed::parse("nonsense"), None);
    }

    #[test]
    fn memory_is_summed_up_by_what_is_mapped() {
        let smaps = "\
55d0-55d1 r--p 00000000 fe:00 123                        /opt/a b/natriumd
Size:                 40 kB
Pss:                   8 kB
Anonymous:             0 kB
55d1-55d2 rw-p 00010000 fe:00 123                        /opt/natriumd
Pss:                   4 kB
Pss_Dirty:             4 kB
Anonymous:             4 kB
VmFlags: rd wr mr mw me ac
7f00-7f01 rw-p 00000000 00:00 0
Pss:                  12 kB
Anonymous:            12 kB
";
        let sums = by_name(smaps);
        assert_eq!(sums.get("natriumd"), Some(&Pss { all: 12_288.0, anonymous: 4096.0 }));
        assert_eq!(sums.get(""), Some(&Pss { all: 12_288.0, anonymous: 12_288.0 }));
    }

    #[test]
    fn who_works_uses_time_and_who_waits_switches() {
        let before = Used::by(std::process::id()).unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        for _ in 0..50 {
            thread::sleep(LOOK);
        }
        let after = Used::by(std::process::id()).unwrap();
        assert!(after.time > before.time && after.switches >= before.switches + 50, "{before:?} {after:?}");
    }

    #[test]
    fn a_child_belongs_to_the_tree_and_has_memory() {
        let child =
            Process::start("cat", Command::new("cat").stdin(std::process::Stdio::piped()), Signal::SIGTERM).unwrap();
        let tree = tree(std::process::id()).unwrap();
        assert_eq!(tree.first().unwrap().pid, std::process::id());
        assert!(tree.iter().any(|listed| listed.pid == child.pid()));
        // A program that has only just been executed has touched nothing yet.
        let start = Instant::now();
        while !Pss::of(child.pid()).is_ok_and(|memory| memory.all > memory.anonymous && memory.anonymous > 0.0) {
            assert!(start.elapsed() < PATIENCE, "{:?}", Pss::of(child.pid()));
            thread::sleep(LOOK);
        }
        let pid = child.pid();
        drop(child);
        assert!(Pss::of(pid).is_err());
    }

    #[test]
    fn an_early_end_is_told() {
        let mut child = Process::start("false", &mut Command::new("false"), Signal::SIGTERM).unwrap();
        let start = Instant::now();
        let error = loop {
            match child.must_run() {
                Err(error) => break error,
                Ok(()) => assert!(start.elapsed() < PATIENCE),
            }
        };
        assert_eq!(error.to_string(), "false ended too early: exit status: 1");
        assert!(child.stop().is_err());
    }
}
