//! Signals to the supervisor, as something to wait for. The handlers only set a flag and write a byte into a pipe.

use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use tokio::net::UnixStream;

/// The signals that came since they were last asked for. Several of a kind count as one, as the kernel does it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Came {
    pub(crate) child: bool,
    pub(crate) stop: bool,
    pub(crate) reload: bool,
}

/// The receiving end.
pub(crate) struct Signals {
    pipe: UnixStream,
    child: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// Handles `SIGCHLD`, `SIGTERM`, `SIGINT` and `SIGHUP` from now on. Needs a runtime.
    ///
    /// # Errors
    /// When the kernel gives no pipe.
    pub(crate) fn listen() -> io::Result<Self> {
        let (read, write) = StdUnixStream::pair()?;
        read.set_nonblocking(true)?;
        let flags: [Arc<AtomicBool>; 3] = Default::default();
        let [child, stop, reload] = flags;
        for (signal, flag) in [(SIGCHLD, &child), (SIGTERM, &stop), (SIGINT, &stop), (SIGHUP, &reload)] {
            // The flag before the byte: whoever is woken by the byte must find the flag.
            signal_hook::flag::register(signal, Arc::clone(flag))?;
            signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
        }
        Ok(Self { pipe: UnixStream::from_std(read)?, child, stop, reload })
    }

    /// Waits for a signal. Dropping the future loses none.
    pub(crate) async fn recv(&self) -> Came {
        loop {
            let mut bytes = [0; 64];
            match self.pipe.try_read(&mut bytes) {
                Ok(count) if count == bytes.len() => continue,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    tracing::error!("reading the pipe of signals: {error}");
                }
                _ => {}
            }
            let came = self.take();
            if came != Came::default() {
                return came;
            }
            if let Err(error) = self.pipe.readable().await {
                tracing::error!("waiting for signals: {error}");
                std::future::pending::<()>().await;
            }
        }
    }

    fn take(&self) -> Came {
        let take = |flag: &AtomicBool| flag.swap(false, Ordering::SeqCst);
        Came { child: take(&self.child), stop: take(&self.stop), reload: take(&self.reload) }
    }
}
