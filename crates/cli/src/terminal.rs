//! The terminal, or whatever else stands in its place: how wide it is, whether somebody still reads, and Ctrl-C.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdUnixStream;

use settings::Environment;
use signal_hook::consts::SIGINT;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Sender;

/// Columns of the terminal that standard output goes to; nothing if it goes elsewhere.
pub(crate) fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    // A terminal that does not know its size says 0.
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Whether standard output goes to a terminal.
pub(crate) fn is_output() -> bool {
    io::stdout().is_terminal()
}

/// Whether that terminal is to be sent colours: <https://no-color.org>, and those that know none.
pub(crate) fn takes_colour(environment: &Environment) -> bool {
    is_output() && environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb")
}

/// Ends when nobody can read standard output any more. Of a file nobody can tell: then it never ends.
pub(crate) async fn reader_gone() {
    // A descriptor of its own, which may be waited for without changing how the real one is written to.
    let Ok(output) = io::stdout().as_fd().try_clone_to_owned() else { return std::future::pending().await };
    // Unchecked: it may as well be a terminal or a socket, and must stay as blocking as it is. Nothing is written through it.
    let Ok(output) = Sender::from_owned_fd_unchecked(output) else { return std::future::pending().await };
    match output.ready(Interest::ERROR).await {
        Ok(_) => {}
        Err(_) => std::future::pending().await,
    }
}

/// Ctrl-C, as something to wait for.
pub(crate) struct Interrupt(UnixStream);

impl Interrupt {
    /// Handles `SIGINT` from now on. Needs a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        let (read, write) = StdUnixStream::pair()?;
        read.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(SIGINT, write)?;
        Ok(Self(UnixStream::from_std(read)?))
    }

    /// Waits for it.
    pub(crate) async fn came(&self) {
        if self.0.readable().await.is_err() {
            std::future::pending().await
        }
    }
}
