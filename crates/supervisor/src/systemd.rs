//! What the supervisor says to systemd, or to whoever started it with a `NOTIFY_SOCKET`. It never waits for the other side:
//! what cannot be sent now is sent later, in order.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use sd_notify::NotifyState;

use crate::timing::Moment;

/// How long to wait before something that could not be sent is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// The status line changes at most this often: a worker that chatters must not make systemd work.
const STATUS_EVERY: Duration = Duration::from_millis(200);

/// The line upwards. Without a `NOTIFY_SOCKET` it takes everything and says nothing.
pub(crate) struct Systemd {
    socket: Option<UnixDatagram>,
    unsent: VecDeque<String>,
    retry_at: Option<Moment>,
    /// How often systemd wants to hear from us.
    watchdog: Option<Duration>,
    ping_at: Moment,
    told: String,
    told_at: Option<Moment>,
    news: Option<String>,
}

impl Systemd {
    /// `socket`: the value of `NOTIFY_SOCKET`. `watchdog`: what `sd_watchdog_enabled(3)` answers.
    ///
    /// # Errors
    /// When the socket cannot be reached.
    pub(crate) fn connect(socket: Option<&OsStr>, watchdog: Option<Duration>) -> io::Result<Self> {
        let socket = socket.filter(|path| !path.is_empty()).map(connect).transpose()?;
        Ok(Self {
            watchdog: watchdog.filter(|_| socket.is_some()),
            socket,
            unsent: VecDeque::new(),
            retry_at: None,
            ping_at: Moment::default(),
            told: String::new(),
            told_at: None,
            news: None,
        })
    }

    /// Says something, now or as soon as it can be heard.
    pub(crate) fn say(&mut self, states: &[NotifyState<'_>], now: Moment) {
        if self.socket.is_some() {
            self.unsent.push_back(states.iter().map(|state| format!("{state}\n")).collect());
            self.flush(now);
        }
    }

    /// Says something that the status line changes with: whoever sees the one sees the other.
    pub(crate) fn announce(&mut self, state: NotifyState<'_>, line: &str, now: Moment) {
        self.say(&[state, NotifyState::Status(line)], now);
        (self.told, self.told_at, self.news) = (line.to_owned(), Some(now), None);
    }

    /// The last that is said: how it ended. Whoever is told that late is told that anyway.
    pub(crate) fn end(&mut self, line: &str, now: Moment) {
        if line != self.told {
            self.say(&[NotifyState::Status(line)], now);
        }
    }

    /// The status line is this from now on.
    pub(crate) fn status(&mut self, line: String, now: Moment) {
        self.news = (line != self.told).then_some(line);
        self.turn(now);
    }

    /// Does what is due: the watchdog's ping, a changed status line, what could not be sent before.
    pub(crate) fn turn(&mut self, now: Moment) {
        if self.socket.is_none() {
            self.news = None;
            return;
        }
        if self.retry_at.is_some_and(|at| at <= now) {
            self.flush(now);
        }
        // Behind what is unsent a line would be stale when it arrives, and a ping would not speak for now.
        if self.unsent.is_empty() {
            if self.told_at.is_none_or(|at| at + STATUS_EVERY <= now)
                && let Some(line) = self.news.take()
            {
                self.say(&[NotifyState::Status(&line)], now);
                self.told = line;
                self.told_at = Some(now);
            }
            if let Some(watchdog) = self.watchdog
                && self.ping_at <= now
            {
                self.ping_at = now + watchdog / 2;
                self.say(&[NotifyState::Watchdog], now);
            }
        }
    }

    /// When [`turn`](Self::turn) is due next.
    pub(crate) fn due(&self) -> Option<Moment> {
        self.socket.as_ref()?;
        let status = self.news.as_ref().and(self.told_at).map(|at| at + STATUS_EVERY);
        let ping = self.watchdog.map(|_| self.ping_at);
        match self.retry_at {
            Some(at) => Some(at),
            None => status.into_iter().chain(ping).min(),
        }
    }

    fn flush(&mut self, now: Moment) {
        let Some(socket) = &self.socket else { return };
        self.retry_at = None;
        while let Some(text) = self.unsent.front() {
            match socket.send(text.as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.retry_at = Some(now + RETRY);
                    return;
                }
                Err(error) => tracing::warn!("telling systemd: {error}"),
                Ok(_) => {}
            }
            self.unsent.pop_front();
        }
    }
}

fn connect(path: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    // A leading @ names an abstract socket (sd_notify(3)).
    let address = match path.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(path)?,
    };
    socket.connect_addr(&address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::after_start(Duration::from_millis(ms))
    }

    struct Above {
        socket: UnixDatagram,
        _directory: tempfile::TempDir,
    }

    impl Above {
        fn heard(&self) -> Vec<String> {
            let mut bytes = [0; 4096];
            std::iter::from_fn(|| {
                self.socket.recv(&mut bytes).ok().map(|n| String::from_utf8_lossy(&bytes[..n]).into())
            })
            .collect()
        }
    }

    fn connected(watchdog: Option<Duration>) -> (Systemd, Above) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("systemd");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        (Systemd::connect(Some(path.as_os_str()), watchdog).unwrap(), Above { socket, _directory: directory })
    }

    #[test]
    fn the_status_line_is_told_once_and_not_too_often() {
        let (mut systemd, above) = connected(None);
        systemd.status("starting".into(), at(0));
        assert_eq!(above.heard(), ["STATUS=starting\n"]);
        systemd.status("a".into(), at(10));
        systemd.status("b".into(), at(20));
        assert_eq!(above.heard(), [""; 0]);
        assert_eq!(systemd.due(), Some(at(200)));
        systemd.turn(at(200));
        assert_eq!(above.heard(), ["STATUS=b\n"]);
        systemd.status("b".into(), at(1000));
        assert_eq!(above.heard(), [""; 0]);
        assert_eq!(systemd.due(), None);
    }

    #[test]
    fn who_is_told_of_readiness_is_told_the_line_that_goes_with_it() {
        let (mut systemd, above) = connected(None);
        systemd.status("starting".into(), at(0));
        systemd.status("nearly".into(), at(10));
        systemd.announce(NotifyState::Ready, "ready", at(20));
        systemd.status("ready".into(), at(30));
        systemd.turn(at(1000));
        assert_eq!(above.heard(), ["STATUS=starting\n", "READY=1\nSTATUS=ready\n"]);
    }

    #[test]
    fn it_pings_at_half_the_watchdog() {
        let (mut systemd, above) = connected(Some(Duration::from_secs(2)));
        systemd.turn(at(0));
        systemd.turn(at(999));
        assert_eq!(above.heard(), ["WATCHDOG=1\n"]);
        assert_eq!(systemd.due(), Some(at(1000)));
        systemd.turn(at(1000));
        assert_eq!(above.heard(), ["WATCHDOG=1\n"]);
    }

    #[test]
    fn a_deaf_systemd_is_told_later_in_order() {
        let (mut systemd, above) = connected(Some(Duration::from_secs(1)));
        for n in 0..1000 {
            systemd.say(&[NotifyState::Status(&n.to_string())], at(0));
        }
        systemd.turn(at(1));
        let due = systemd.due().unwrap();
        assert_eq!(due, at(100));
        let mut heard = above.heard();
        assert!(heard.len() < 1000, "the queue was never full");
        while systemd.retry_at.is_some() {
            systemd.turn(due);
            heard.extend(above.heard());
            if let Some(at) = &mut systemd.retry_at {
                *at = due;
            }
        }
        assert_eq!(heard[..1000], (0..1000).map(|n| format!("STATUS={n}\n")).collect::<Vec<_>>());
    }

    #[test]
    fn without_a_socket_nothing_is_ever_due() {
        let mut systemd = Systemd::connect(None, Some(Duration::from_secs(1))).unwrap();
        systemd.status("x".into(), at(0));
        systemd.say(&[NotifyState::Ready], at(0));
        assert_eq!(systemd.due(), None);
    }
}
