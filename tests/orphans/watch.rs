//! Looks all the time at the processes of one instance: who has the store open.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// What was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// How often was looked.
    pub(crate) looks: usize,
    /// How many processes had the store open at once, at most.
    pub(crate) writers_most: usize,
    /// How often two processes of the writer's program lived at once, whatever they were doing.
    pub(crate) two_processes: usize,
}

/// The watch, for as long as it lives.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    watching: Option<JoinHandle<Seen>>,
}

impl Watch {
    pub(crate) fn begin(runtime: PathBuf, state: &Path) -> Self {
        let (over, store) = (Arc::<AtomicBool>::default(), state.join("store.sqlite"));
        let watching = thread::spawn({
            let over = over.clone();
            move || {
                let mut seen = Seen::default();
                while !over.load(Ordering::Relaxed) {
                    look(&runtime, &store, &mut seen);
                }
                seen
            }
        });
        Self { over, watching: Some(watching) }
    }

    pub(crate) fn end(mut self) -> Seen {
        self.over.store(true, Ordering::Relaxed);
        self.watching.take().unwrap().join().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn look(runtime: &Path, store: &Path, seen: &mut Seen) {
    let processes = harness::processes_of(runtime);
    let writers: Vec<i32> =
        processes.iter().filter(|(_, name)| name == "natrium-writer").map(|(pid, _)| *pid).collect();
    let open = writers.iter().filter(|pid| has_open(**pid, store)).count();
    seen.looks += 1;
    seen.writers_most = seen.writers_most.max(open);
    seen.two_processes += usize::from(writers.len() > 1);
}

fn has_open(pid: i32, file: &Path) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file))
}
