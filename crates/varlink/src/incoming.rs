//! What a server reads from one connection, within its deadlines.
//!
//! While a call is under way one more is read ahead, because reading is how a hang-up shows. After that, or when the caller
//! has finished sending, only the hang-up is watched for.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_util::StreamExt;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::time::{Duration, Instant, Sleep};
use tokio_util::codec::FramedRead;

use crate::Limits;
use crate::connection::Ended;
use crate::frame::{Frames, ReadError, SMALL};
use crate::hangup::hung_up;
use crate::limits::deadline;

/// What the caller sends.
pub(crate) struct Incoming {
    frames: FramedRead<OwnedReadHalf, Frames>,
    /// What was read while a call was under way: a request, or that there will be none.
    ahead: Option<Result<BytesMut, Ended>>,
    alarm: Alarm,
    limits: Limits,
}

impl Incoming {
    pub(crate) fn new(half: OwnedReadHalf, limits: Limits) -> Self {
        let frames = FramedRead::with_capacity(half, Frames::new(limits.request_bytes), SMALL);
        Self { frames, ahead: None, alarm: Alarm::new(limits.idle), limits }
    }

    pub(crate) fn stream(&self) -> &UnixStream {
        self.frames.get_ref().as_ref()
    }

    /// The next request, within the idle and the half-sent deadline.
    pub(crate) async fn next(&mut self) -> Result<BytesMut, Ended> {
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
                alarm.poll(cx, deadline(waiting_since, limits.idle)).map(|()| Err(Ended::Idle))
            } else {
                let since = *half_sent_since.get_or_insert_with(Instant::now);
                alarm.poll(cx, deadline(since, limits.half_sent)).map(|()| Err(Ended::HalfSent))
            }
        })
        .await
    }

    /// Ends when the caller has hung up. Reads one request ahead meanwhile.
    pub(crate) async fn watch(&mut self) -> Ended {
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
