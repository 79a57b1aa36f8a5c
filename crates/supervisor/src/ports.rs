//! Where `natrium-web` is reached by TCP: the listeners that systemd handed down under the names `api` and `page`, and in the
//! place of those it did not, listeners on the addresses of the settings.
//!
//! They stay open here while the worker comes and goes, so that who connects in between waits in the backlog instead of being
//! refused. What systemd handed down is its own: it stays open there, too, and no setting changes it. Nothing is accepted or
//! read here.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};

use listenfd::ListenFd;
use nix::errno::Errno;
use nix::sys::socket::{Backlog, getsockopt, listen, sockopt};
use settings::Web;

/// The names, in the order in which the listeners are handed down.
const NAMES: [&str; 2] = ["api", "page"];

/// Why an address is not listened on.
#[derive(Debug, thiserror::Error)]
#[error("listening on {address} ({name}): {}", errno.desc())]
pub(crate) struct PortError {
    name: &'static str,
    address: SocketAddr,
    pub(crate) errno: Errno,
}

/// What systemd handed down (`sd_listen_fds(3)`).
#[derive(Debug, Default)]
pub(crate) struct HandedDown {
    listeners: Vec<(&'static str, TcpListener)>,
    /// What of it cannot be used. There is no log yet when this is found out.
    pub(crate) complaints: Vec<String>,
}

impl HandedDown {
    /// Takes what was handed down to this very process. To be called before any descriptor is opened and any process started:
    /// the numbers of the descriptors are all that says which they are.
    pub(crate) fn take() -> Self {
        let mut taken = Self::default();
        let named: Vec<_> = match sd_notify::listen_fds_with_names() {
            Ok(named) => named.map(|(_, name)| name).collect(),
            Err(error) => {
                taken.complaints.push(format!("what LISTEN_FDS and LISTEN_FDNAMES say cannot be used: {error}"));
                return taken;
            }
        };
        let mut descriptors = ListenFd::from_env();
        for (place, name) in named.iter().enumerate() {
            let Some(known) = NAMES.into_iter().find(|known| known == name) else {
                taken.complaints.push(format!(
                    "a descriptor with the name {name:?} was handed down, and its use is not known; known are {}",
                    NAMES.join(" and ")
                ));
                continue;
            };
            match descriptors.take_tcp_listener(place).and_then(listening) {
                Ok(listener) => taken.listeners.push((known, listener)),
                Err(error) => taken.complaints.push(format!("what was handed down as {name} cannot be used: {error}")),
            }
        }
        taken
    }

    /// Complains where nobody is to serve what was handed down.
    pub(crate) fn check(&mut self, web: &Web) {
        if !web.enabled && !self.listeners.is_empty() {
            let sentence =
                "sockets were handed down, and web is switched off in the settings: who connects there waits in vain";
            self.complaints.push(sentence.to_owned());
        }
    }
}

/// The same, if it listens.
fn listening(listener: Option<TcpListener>) -> io::Result<TcpListener> {
    let listener = listener.ok_or(io::ErrorKind::NotFound)?;
    if getsockopt(&listener, sockopt::AcceptConn)? {
        Ok(listener)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it does not listen"))
    }
}

#[derive(Debug)]
enum Port {
    /// By systemd: one socket unit may listen on several addresses.
    HandedDown(Vec<TcpListener>),
    Own {
        address: SocketAddr,
        listener: Option<TcpListener>,
    },
}

/// The listeners, as far as there are any.
#[derive(Debug)]
pub(crate) struct Ports {
    ports: [Port; 2],
    enabled: bool,
}

impl Ports {
    /// Nothing is bound yet.
    pub(crate) fn new(handed_down: HandedDown, web: &Web) -> Self {
        let mut given: [Vec<_>; 2] = Default::default();
        for (name, listener) in handed_down.listeners {
            let place = usize::from(name != NAMES[0]);
            given[place].push(listener);
        }
        let port = |(given, address): (Vec<_>, _)| {
            if given.is_empty() { Port::Own { address, listener: None } } else { Port::HandedDown(given) }
        };
        let [api, page] = given;
        Self { ports: [port((api, web.api)), port((page, web.page))], enabled: web.enabled }
    }

    /// The name of each listener that is handed on, in order.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let names = NAMES.iter().zip(&self.ports).flat_map(|(name, port)| {
            let count = if let Port::HandedDown(listeners) = port { listeners.len() } else { 1 };
            std::iter::repeat_n(*name, count)
        });
        names.collect()
    }

    /// Listens where it does not yet. If that fails, what was bound just now is closed again: who connected there would wait
    /// for somebody who does not come.
    ///
    /// # Errors
    /// When an address cannot be listened on.
    pub(crate) fn open(&mut self) -> Result<(), PortError> {
        let mut bound = [None, None];
        for ((name, port), bound) in NAMES.into_iter().zip(&self.ports).zip(&mut bound) {
            if let Port::Own { address, listener: None } = port {
                *bound = Some(bind(name, *address)?);
            }
        }
        for (port, bound) in self.ports.iter_mut().zip(bound) {
            if let (Port::Own { listener, .. }, Some(bound)) = (port, bound) {
                *listener = Some(bound);
            }
        }
        Ok(())
    }

    /// The listeners, as [`names`](Self::names) calls them; to be opened before.
    pub(crate) fn listeners(&self) -> Vec<BorrowedFd<'_>> {
        let listeners = self.ports.iter().flat_map(|port| match port {
            Port::HandedDown(listeners) => listeners.as_slice(),
            Port::Own { listener, .. } => listener.as_slice(),
        });
        listeners.map(AsFd::as_fd).collect()
    }

    /// Listens where new settings say. An address that did not change keeps its listener, and with it who waits there.
    ///
    /// # Errors
    /// When a new address cannot be listened on; then nothing has changed.
    pub(crate) fn reconfigure(&mut self, web: &Web) -> Result<(), PortError> {
        let mut fresh = [None, None];
        for (place, wanted) in [web.api, web.page].into_iter().enumerate() {
            let Port::Own { address, .. } = &self.ports[place] else { continue };
            if web.enabled && (*address != wanted || !self.enabled) {
                fresh[place] = match bind(NAMES[place], wanted) {
                    // One of ours is in the way, and the worker that goes still has it: it is bound for its successor.
                    Err(error) if error.errno == Errno::EADDRINUSE && self.has(wanted.port()) => None,
                    bound => Some(bound?),
                };
            }
        }
        for ((port, wanted), fresh) in self.ports.iter_mut().zip([web.api, web.page]).zip(fresh) {
            if let Port::Own { address, listener } = port
                && (*address != wanted || web.enabled != self.enabled)
            {
                (*address, *listener) = (wanted, fresh);
            }
        }
        self.enabled = web.enabled;
        Ok(())
    }

    /// Whether one of our own listeners has this port.
    fn has(&self, number: u16) -> bool {
        let own = self.ports.iter().filter_map(|port| match port {
            Port::Own { listener, .. } => listener.as_ref(),
            Port::HandedDown(_) => None,
        });
        own.filter_map(|listener| listener.local_addr().ok()).any(|address| address.port() == number)
    }
}

/// A listener that a restart need not wait for, with the longest backlog that the system allows.
fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener, PortError> {
    let failed =
        |error: io::Error| PortError { name, address, errno: error.raw_os_error().map_or(Errno::EIO, Errno::from_raw) };
    // The standard library sets SO_REUSEADDR, but a backlog of 128.
    let listener = TcpListener::bind(address).map_err(failed)?;
    listen(&listener, Backlog::MAXALLOWABLE).map_err(|errno| PortError { name, address, errno })?;
    Ok(listener)
}

#[cfg(test)]
#[path = "ports_tests.rs"]
mod tests;
