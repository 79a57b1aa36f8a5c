//! Limits that the kernel really enforces on processes that already run: a control group (`cgroups(7)`), of either version.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::id as process_id,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::Context;

use crate::{skip, until};

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";

/// A control group of its own, gone when dropped; who is in it then is moved out.
#[derive(Debug)]
pub struct ControlGroup {
    parent: PathBuf,
    directory: PathBuf,
    limit: PathBuf,
}

impl ControlGroup {
    /// One that holds so many processes at most. `None`, after saying that the test is skipped, where that is not allowed: it
    /// takes root.
    ///
    /// # Errors
    /// When it cannot be made although `NATRIUM_NO_SKIP` is set, as it is where no test may be skipped.
    pub fn of_processes(most: u32) -> anyhow::Result<Option<Self>> {
        Self::new("pids", "pids.max", "pids.max", &most.to_string())
    }

    /// One that holds so many bytes of memory at most.
    ///
    /// # Errors
    /// As for [`of_processes`](Self::of_processes).
    pub fn of_memory(bytes: u64) -> anyhow::Result<Option<Self>> {
        Self::new("memory", "memory.limit_in_bytes", "memory.max", &bytes.to_string())
    }

    /// `old` and `new`: what the limit is called in either version.
    fn new(controller: &str, old: &str, new: &str, limit: &str) -> anyhow::Result<Option<Self>> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let parent = Path::new(ROOT).join(controller);
        let (parent, file) = if parent.is_dir() { (parent, old) } else { (PathBuf::from(ROOT), new) };
        let name = format!("natrium-test-{}-{}", process_id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = parent.join(name);
        if let Err(error) = fs::create_dir(&directory) {
            skip(&format!("no control group can be made here ({error})"))?;
            return Ok(None);
        }
        let group = Self { parent, limit: directory.join(file), directory };
        if let Err(error) = group.set(limit) {
            skip(&format!("the controller {controller} cannot be used here ({error})"))?;
            return Ok(None);
        }
        Ok(Some(group))
    }

    /// Puts a process under the limit. What it starts from then on is under it too.
    ///
    /// # Errors
    /// When the kernel does not move it.
    pub fn add(&self, pid: i32) -> anyhow::Result<()> {
        fs::write(self.directory.join("cgroup.procs"), pid.to_string()).context("moving a process into a control group")
    }

    /// Takes the limit away.
    ///
    /// # Errors
    /// When the kernel does not.
    pub fn lift(&self) -> io::Result<()> {
        self.set("max").or_else(|_| self.set("-1"))
    }

    fn set(&self, limit: &str) -> io::Result<()> {
        fs::write(&self.limit, limit)
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        let gone = until("the control group is empty", Duration::from_secs(20), || {
            let inside = fs::read_to_string(self.directory.join("cgroup.procs")).unwrap_or_default();
            for pid in inside.lines() {
                // It may be ending just now.
                let _ = fs::write(self.parent.join("cgroup.procs"), pid);
            }
            fs::remove_dir(&self.directory).ok()
        });
        if !std::thread::panicking() {
            assert!(gone.is_ok(), "{} was left behind", self.directory.display());
        }
    }
}
