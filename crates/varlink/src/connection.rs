//! The server's side of one connection: its calls in order, each cancelled when the caller hangs up.
//!
//! Here is decided what becomes of a call and when a connection ends; reading is [`Incoming`]'s, writing [`Replier`]'s.

use std::io;
use std::os::fd::AsRawFd;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt;
use nix::sys::socket::{Shutdown, shutdown};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::error::WireError;
use crate::frame::ReadError;
use crate::incoming::Incoming;
use crate::server::Offer;
use crate::{Call, CallEnd, Failure, Guest, Limits, Peer, Replier};

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("the caller finished")]
    Finished,
    #[error("the caller hung up during a call")]
    HungUp,
    #[error("no call for too long")]
    Idle,
    #[error("a request took too long from its first byte to its last")]
    HalfSent,
    #[error("a request was not a call")]
    NotACall,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the service panicked")]
    Panicked,
    #[error("the service ended a call without its last reply")]
    Unanswered,
    #[error("replying")]
    Reply(#[source] io::Error),
}

/// Serves one connection until it ends. Cancelling `stop` lets it end after the calls that were sent before.
pub(crate) async fn serve(stream: UnixStream, peer: Peer, offer: Arc<Offer>, limits: Limits, stop: CancellationToken) {
    let (reader, writer) = stream.into_split();
    let mut connection = Connection {
        incoming: Incoming::new(reader, limits),
        replier: Replier::new(writer, peer, limits.reply_bytes, limits.patience, stop.clone()),
        offer,
        peer,
        guest: None,
    };
    let ended = connection.run_until(stop).await;
    match ended {
        Ended::Finished | Ended::HungUp | Ended::Idle => {
            tracing::debug!(peer_pid = peer.pid, %ended, "connection closed")
        }
        Ended::Panicked | Ended::Unanswered => {} // logged where the method is known
        _ => tracing::info!(
            peer_pid = peer.pid,
            peer_uid = peer.uid,
            error = &ended as &dyn std::error::Error,
            "connection closed"
        ),
    }
}

struct Connection {
    incoming: Incoming,
    replier: Replier,
    offer: Arc<Offer>,
    peer: Peer,
    guest: Option<Box<dyn Guest>>,
}

impl Connection {
    async fn run_until(&mut self, stop: CancellationToken) -> Ended {
        let socket = self.incoming.stream().as_raw_fd();
        let mut run = pin!(self.run());
        tokio::select! { biased;
            ended = &mut run => return ended,
            () = stop.cancelled() => {}
        }
        // From now on the caller's sends fail, so that it knows they were not executed. What it has sent before can still
        // be read, and is answered, and then comes the end of file.
        if let Err(error) = shutdown(socket, Shutdown::Read) {
            tracing::debug!("the caller was gone before the stop: {error}");
        }
        run.await
    }

    async fn run(&mut self) -> Ended {
        loop {
            let step = match self.incoming.next().await {
                Ok(message) => match Call::from_message(message) {
                    Ok(call) => self.answer(&call).await,
                    Err(error) => self.refuse(&error.into(), Ended::NotACall).await,
                },
                Err(Ended::Read(ReadError::TooLong { limit })) => {
                    let error = WireError::RequestTooLarge { limit };
                    self.refuse(&error.into(), Ended::Read(ReadError::TooLong { limit })).await
                }
                Err(ended) => Err(ended),
            };
            if let Err(ended) = step {
                return ended;
            }
        }
    }

    /// Says why the connection ends. There is no telling what the caller meant, so nothing more is read from it.
    async fn refuse(&mut self, failure: &Failure, ended: Ended) -> Result<(), Ended> {
        self.replier.begin(false, false);
        match self.replier.fail(failure).await {
            Ok(()) | Err(CallEnd::Failure(_)) => Err(ended),
            Err(CallEnd::Gone(error)) => Err(Ended::Reply(error)),
        }
    }

    async fn answer(&mut self, call: &Call) -> Result<(), Ended> {
        let Self { incoming, replier, offer, peer, guest } = self;
        // Nobody could ever tell such a call that it failed, nor would a hang-up end it.
        if call.is_oneway() && (call.wants_more() || call.wants_upgrade()) {
            return Err(Ended::NotACall);
        }
        replier.begin(call.wants_more(), call.is_oneway());
        let result = {
            let handler = AssertUnwindSafe(offer.answer(*peer, guest, call, replier)).catch_unwind();
            if call.is_oneway() {
                // The caller may well be gone already: it did not want to wait.
                handler.await
            } else {
                tokio::select! { biased;
                    result = handler => result,
                    ended = incoming.watch() => return Err(ended),
                }
            }
        };
        match result {
            Ok(Ok(())) => {}
            Ok(Err(CallEnd::Failure(failure))) => replier.fail(&failure).await.map_err(|end| gone(call, end))?,
            Ok(Err(CallEnd::Gone(error))) => return Err(gone(call, error.into())),
            Err(_) => {
                // What it said may quote parameters. The panic hook decides about that, and has been called.
                tracing::error!(method = call.full_method(), "the service panicked; its caller is disconnected");
                return Err(Ended::Panicked);
            }
        }
        if !replier.is_finished() {
            tracing::error!(method = call.full_method(), "call ended without its last reply");
            return Err(Ended::Unanswered);
        }
        replier.flush().await.map_err(Ended::Reply)
    }
}

fn gone(call: &Call, end: CallEnd) -> Ended {
    let error = match end {
        CallEnd::Gone(error) => error,
        CallEnd::Failure(failure) => io::Error::other(format!("{} is itself too long to be sent", failure.name())),
    };
    tracing::debug!(method = call.full_method(), "no way to answer: {error}");
    Ended::Reply(error)
}
