//! The kernel tells when something is done in the published directory (inotify(7)); then the files concerned are looked at, and
//! what is said beside them.
//!
//! What it tells is only a reason to look: our own publications are told as well, and are recognised at a glance.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

use super::{Configs, KindState, meta};

/// After the last word of the kernel: whoever writes in several steps is left to finish.
const QUIET: Duration = Duration::from_millis(100);
/// After the first one at most.
const LATEST: Duration = Duration::from_secs(1);
/// Between attempts to be told, and between looks while nobody tells.
const UNTOLD: Duration = Duration::from_secs(2);

struct Watch(Inotify);

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Which files something was done to.
#[derive(Debug, Default, Eq, PartialEq)]
struct Touched {
    names: BTreeSet<String>,
    /// The kernel has lost count.
    all: bool,
    /// The directory itself is gone.
    gone: bool,
}

impl Touched {
    fn add(&mut self, mask: AddWatchFlags, name: Option<&OsStr>, wanted: impl Fn(&str) -> bool) {
        let gone = AddWatchFlags::IN_IGNORED
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_UNMOUNT;
        self.gone |= mask.intersects(gone);
        self.all |= mask.intersects(AddWatchFlags::IN_Q_OVERFLOW);
        if let Some(name) = name.and_then(OsStr::to_str).filter(|name| wanted(name)) {
            self.names.insert(name.to_owned());
        }
    }

    fn is_nothing(&self) -> bool {
        self.names.is_empty() && !self.all && !self.gone
    }
}

impl Configs {
    /// Watches the published directory. Never ends; sleeps while nothing is done there.
    pub(crate) async fn watch_files(self) {
        let mut told = false;
        loop {
            match self.watch() {
                Ok(watch) => {
                    told = false;
                    // What was done before the kernel began to tell.
                    self.look_at(|_| true).await;
                    self.follow(&watch).await;
                }
                Err(error) if !told => {
                    tracing::warn!(%error, "cannot watch the published files; they are looked at from time to time");
                    told = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(UNTOLD).await;
            self.look_at(|_| true).await;
        }
    }

    fn watch(&self) -> std::io::Result<AsyncFd<Watch>> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let flags = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MODIFY
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        inotify.add_watch(self.inner.publisher.directory(), flags)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe; this descriptor is the watch's own for as long as it lives"
        )]
        AsyncFd::with_interest(Watch(inotify), Interest::READABLE)
    }

    /// Until the directory is gone.
    async fn follow(&self, watch: &AsyncFd<Watch>) {
        loop {
            let Some(mut touched) = self.next(watch).await else { return };
            let latest = Instant::now() + LATEST;
            while let Ok(more) = tokio::time::timeout_at(latest.min(Instant::now() + QUIET), self.next(watch)).await {
                let Some(more) = more else { return };
                touched.names.extend(more.names);
                touched.all |= more.all;
                touched.gone |= more.gone;
            }
            self.look_at(|file| touched.all || touched.gone || touched.names.contains(file)).await;
            if touched.gone {
                return;
            }
        }
    }

    /// What was done next; nothing where the kernel tells no more.
    async fn next(&self, watch: &AsyncFd<Watch>) -> Option<Touched> {
        loop {
            let mut ready = watch.readable().await.ok()?;
            let events: Vec<InotifyEvent> = match watch.get_ref().0.read_events() {
                Ok(events) => events,
                Err(Errno::EAGAIN) => {
                    ready.clear_ready();
                    continue;
                }
                Err(Errno::EINTR) => continue,
                Err(error) => {
                    tracing::warn!(%error, "the published files are not watched any more");
                    return None;
                }
            };
            let mut touched = Touched::default();
            for event in &events {
                let wanted = |name: &str| {
                    let ours = |kind: &Arc<KindState>| kind.spec.file == name || meta::name(&kind.spec.file) == name;
                    self.inner.kinds.iter().any(ours)
                };
                touched.add(event.mask, event.name.as_deref(), wanted);
            }
            if !touched.is_nothing() {
                return Some(touched);
            }
        }
    }

    async fn look_at(&self, concerned: impl Fn(&str) -> bool) {
        for kind in &self.inner.kinds {
            let (file, said) = (concerned(&kind.spec.file), concerned(&meta::name(&kind.spec.file)));
            if file {
                self.look(kind).await;
            }
            if file || said {
                self.hear(kind).await;
            }
        }
    }
}
