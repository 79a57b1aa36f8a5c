//! Accepting connections, and finding who answers a call.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::introspection::{self, SERVICE};
use crate::shares::{Share, Shares};
use crate::{Call, CallEnd, Gate, Guest, Limits, Peer, Replier, Service, ServiceError, connection};

/// What `org.varlink.service.GetInfo` says about the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Who makes it.
    pub vendor: &'static str,
    /// What it is called.
    pub product: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Where more can be read.
    pub url: &'static str,
}

/// What a server offers, to whom. Shared by all its connections.
pub(crate) struct Offer {
    product: Product,
    services: Vec<Box<dyn Service>>,
    gate: Option<Box<dyn Gate>>,
}

impl Offer {
    /// Finds who is to answer, asks the gate, and passes the call on.
    /// `guest` is who connected, once that is known.
    pub(crate) async fn answer(
        &self,
        peer: Peer,
        guest: &mut Option<Box<dyn Guest>>,
        call: &Call,
        replier: &mut Replier,
    ) -> Result<(), CallEnd> {
        if call.wants_upgrade() {
            return Err(ServiceError::InvalidParameter { parameter: "upgrade".to_owned() }.into());
        }
        let (interface, method) = (call.interface(), call.method());
        if interface.is_empty() {
            return Err(ServiceError::InvalidParameter { parameter: "method".to_owned() }.into());
        }
        if interface == SERVICE.name {
            let interfaces = self.services.iter().map(|service| service.interface());
            return introspection::answer(&self.product, interfaces, call, replier).await;
        }
        let Some(service) = self.services.iter().find(|service| service.interface().name == interface) else {
            return Err(ServiceError::InterfaceNotFound { interface: interface.to_owned() }.into());
        };
        if !service.interface().methods.contains(&method) {
            return Err(ServiceError::MethodNotFound { method: call.full_method().to_owned() }.into());
        }
        if let Some(gate) = &self.gate {
            if guest.is_none() {
                *guest = Some(gate.meet(peer).await?);
            }
            if let Some(guest) = guest {
                guest.admit(interface, method)?;
            }
        }
        service.call(call, replier).await
    }
}

/// A Varlink server.
pub struct Server {
    offer: Offer,
    limits: Limits,
}

impl Server {
    /// A server with no interface yet but `org.varlink.service`.
    pub fn new(product: Product) -> Self {
        Self { offer: Offer { product, services: Vec::new(), gate: None }, limits: Limits::default() }
    }

    /// Offers one more interface.
    ///
    /// # Panics
    /// If it is offered already.
    #[must_use]
    pub fn service(mut self, service: impl Service) -> Self {
        let name = service.interface().name;
        let taken = name == SERVICE.name || self.offer.services.iter().any(|other| other.interface().name == name);
        assert!(!taken, "interface {name} is offered twice");
        self.offer.services.push(Box::new(service));
        self
    }

    /// Asks `gate` before each call. Without one everybody who can connect may call.
    #[must_use]
    pub fn gate(mut self, gate: impl Gate) -> Self {
        self.offer.gate = Some(Box::new(gate));
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Serves until `stop` ends. Then nothing more is accepted (the listener is closed), calls sent before are answered,
    /// and what is not done within [`Limits::drain`] is dropped.
    ///
    /// Runs its connections as tasks of the current runtime; dropping the future drops them.
    pub async fn serve(self, listener: UnixListener, stop: impl Future<Output = ()>) {
        let Self { offer, limits } = self;
        let offer = Arc::new(offer);
        let stopping = CancellationToken::new();
        let mut connections = JoinSet::new();
        {
            let mut accepting = Accepting { listener, trouble: None };
            let mut door = Door { shares: Shares::default(), most: limits.connections_of_one, turned_away: None };
            let mut stop = std::pin::pin!(stop);
            loop {
                let full = connections.len() >= limits.connections.max(1);
                tokio::select! { biased;
                    () = &mut stop => break,
                    Some(_) = connections.join_next() => accepting.retry(),
                    stream = accepting.next(), if !full => {
                        let Some((peer, share)) = door.enter(&stream) else { continue };
                        let served = connection::serve(stream, peer, Arc::clone(&offer), limits, stopping.clone());
                        connections.spawn(async move {
                            served.await;
                            drop(share);
                        });
                    }
                }
            }
        }
        stopping.cancel();
        let drained =
            tokio::time::timeout(limits.drain, async { while connections.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!(connections = connections.len(), "calls still under way are dropped");
        }
        connections.shutdown().await;
    }
}

/// Lets callers in, each process up to its share.
struct Door {
    shares: Shares,
    most: usize,
    /// Who was turned away last, which is said once.
    turned_away: Option<i32>,
}

impl Door {
    /// `None`: the connection is to be closed.
    fn enter(&mut self, stream: &UnixStream) -> Option<(Peer, Share)> {
        let peer = match stream.peer_cred() {
            Ok(peer) => Peer { pid: peer.pid().unwrap_or(0), uid: peer.uid(), gid: peer.gid() },
            Err(error) => {
                tracing::warn!("cannot tell who connected: {error}");
                return None;
            }
        };
        match self.shares.take(peer.pid, self.most) {
            Some(share) => Some((peer, share)),
            None => {
                if self.turned_away.replace(peer.pid) != Some(peer.pid) {
                    let (peer_pid, peer_uid, most) = (peer.pid, peer.uid, self.most);
                    tracing::warn!(
                        peer_pid,
                        peer_uid,
                        most,
                        "a process has too many connections; more of it are closed"
                    );
                }
                None
            }
        }
    }
}

/// The listener, and how accepting has been going.
struct Accepting {
    listener: UnixListener,
    trouble: Option<Trouble>,
}

/// Connections cannot be accepted for want of something that will come back.
struct Trouble {
    pause: Duration,
    until: tokio::time::Instant,
}

impl Accepting {
    const FIRST_PAUSE: Duration = Duration::from_millis(10);
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);

    /// The next connection. May be dropped and called again at any time.
    async fn next(&mut self) -> UnixStream {
        loop {
            if let Some(trouble) = &self.trouble {
                tokio::time::sleep_until(trouble.until).await;
            }
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if self.trouble.take().is_some() {
                        tracing::info!("connections are accepted again");
                    }
                    return stream;
                }
                // The caller gave up while it waited.
                Err(error) if is(&error, &[Errno::ECONNABORTED, Errno::EINTR, Errno::EPROTO]) => {
                    tokio::task::yield_now().await;
                }
                Err(error) => self.pause(&error),
            }
        }
    }

    /// A connection has ended, and with it what was wanting may have come back.
    fn retry(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.until = tokio::time::Instant::now();
        }
    }

    fn pause(&mut self, error: &io::Error) {
        let pause = match &self.trouble {
            Some(trouble) => (trouble.pause * 2).min(Self::LONGEST_PAUSE),
            None => {
                tracing::warn!("cannot accept connections for now ({error}); callers wait");
                Self::FIRST_PAUSE
            }
        };
        self.trouble = Some(Trouble { pause, until: tokio::time::Instant::now() + pause });
    }
}

fn is(error: &io::Error, any: &[Errno]) -> bool {
    error.raw_os_error().is_some_and(|code| any.contains(&Errno::from_raw(code)))
}
