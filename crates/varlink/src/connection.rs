//! The server's side of one connection: its calls in order, each cancelled when the caller hangs up.
//!
//! While a call is under way one more is read ahead, because reading is how a hang-up shows. After that, or when the caller
//! has finished sending, only the hang-up is watched for.

use std::any::Any;
use std::future::poll_fn;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_util::{FutureExt, StreamExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::time::{Duration, Instant, Sleep};
use tokio_util::codec::FramedRead;
use tokio_util::sync::CancellationToken;

use crate::error::WireError;
use crate::frame::{Frames, ReadError, SMALL};
use crate::hangup::hung_up;
use crate::server::Offer;
use crate::{Call, CallEnd, Failure, Limits, Peer, Replier};

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
pub(crate) async fn serve(stream: UnixStream, offer: Arc<Offer>, limits: Limits, stop: CancellationToken) {
    let peer = match stream.peer_cred() {
        Ok(peer) => Peer { pid: peer.pid().unwrap_or(0), uid: peer.uid(), gid: peer.gid() },
        Err(error) => return tracing::warn!(%error, "cannot tell who connected"),
    };
    let (reader, writer) = stream.into_split();
    let mut connection = Connection {
        incoming: Incoming {
            frames: FramedRead::with_capacity(reader, Frames::new(limits.request_bytes), SMALL),
            ahead: None,
            alarm: Alarm::new(limits.idle),
            limits,
        },
        replier: Replier::new(writer, peer, limits.reply_bytes, limits.patience, stop.clone()),
        offer,
        peer,
    };
    let ended = connection.run_until(stop).await;
    match ended {
        Ended::Finished | Ended::HungUp | Ended::Idle => tracing::debug!(pid = peer.pid, %ended, "connection closed"),
        Ended::Panicked | Ended::Unanswered => {} // logged where the method is known
        _ => tracing::info!(
            pid = peer.pid,
            uid = peer.uid,
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
}

impl Connection {
    async fn run_until(&mut self, stop: CancellationToken) -> Ended {
        let socket = std::os::fd::AsRawFd::as_raw_fd(self.incoming.stream());
        let mut run = pin!(self.run());
        tokio::select! { biased;
            ended = &mut run => return ended,
            () = stop.cancelled() => {}
        }
        // From now on the caller's sends fail, so that it knows they were not executed. What it has sent before can still
        // be read, and is answered, and then comes the end of file.
        if let Err(error) = nix::sys::socket::shutdown(socket, nix::sys::socket::Shutdown::Read) {
            tracing::debug!(%error, "the caller was gone before the stop");
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
        let Self { incoming, replier, offer, peer } = self;
        // Nobody could ever tell such a call that it failed, nor would a hang-up end it.
        if call.is_oneway() && (call.wants_more() || call.wants_upgrade()) {
            return Err(Ended::NotACall);
        }
        replier.begin(call.wants_more(), call.is_oneway());
        let result = {
            let handler = AssertUnwindSafe(offer.answer(*peer, call, replier)).catch_unwind();
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
            Err(panic) => {
                report_panic(call, &*panic);
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
    tracing::debug!(method = call.full_method(), %error, "no way to answer");
    Ended::Reply(error)
}

fn report_panic(call: &Call, _panic: &(dyn Any + Send)) {
    // What it said may quote parameters; the panic hook decides about that, and has been called.
    tracing::error!(method = call.full_method(), "the service panicked; its caller is disconnected");
}

struct Incoming {
    frames: FramedRead<OwnedReadHalf, Frames>,
    /// What was read while a call was under way: a request, or that there will be none.
    ahead: Option<Result<BytesMut, Ended>>,
    alarm: Alarm,
    limits: Limits,
}

impl Incoming {
    fn stream(&self) -> &UnixStream {
        self.frames.get_ref().as_ref()
    }

    /// The next request, within the idle and the half-sent deadline.
    async fn next(&mut self) -> Result<BytesMut, Ended> {
        if let Some(ahead) = self.ahead.take() {
            return ahead;
        }
        let Self { frames, alarm, limits, .. } = self;
        let waiting_since = Instant::now();
        let mut half_sent_since = None;
        poll_fn(|cx| {
            if let Poll::Ready(read) = frames.poll_next_unpin(cx) {
                return Poll::Ready(read.map_or(Err(Ended::Finished), |read| read.map_err(Ended::from)));
            }
            if frames.read_buffer().is_empty() {
                alarm.poll(cx, waiting_since + limits.idle).map(|()| Err(Ended::Idle))
            } else {
                let since = *half_sent_since.get_or_insert_with(Instant::now);
                alarm.poll(cx, since + limits.half_sent).map(|()| Err(Ended::HalfSent))
            }
        })
        .await
    }

    /// Ends when the caller has hung up. Reads one request ahead meanwhile.
    async fn watch(&mut self) -> Ended {
        if self.ahead.is_none() {
            self.ahead = Some(match self.frames.next().await {
                Some(Ok(message)) => Ok(message),
                Some(Err(ReadError::Io(error))) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Ended::HungUp;
                }
                Some(Err(error)) => Err(error.into()),
                None => Err(Ended::Finished),
            });
        }
        hung_up(self.stream()).await;
        Ended::HungUp
    }
}

/// One timer for all deadlines of a connection. Arming a timer for each request costs more than it is worth when
/// practically none ever rings, so this one is only moved when it rings too early or would ring too late.
struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    fn new(after: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(after)))
    }

    fn poll(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if deadline < self.0.deadline() {
            self.0.as_mut().reset(deadline);
        }
        loop {
            std::task::ready!(self.0.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(deadline);
        }
    }
}
