//! HTTP connections: how many there may be, how long each may take for what, and how they end. What is answered it does not
//! know.
//!
//! Whoever connects is a stranger. A connection that says nothing, too little, too much or nonsense costs a little memory for a
//! few seconds; when all places are taken, others wait in the listener's backlog until one is free.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many connections one port may have at once.
const CONNECTIONS: usize = 128;
/// How long the head of a request may take, the silence before it included.
const HEAD: Duration = Duration::from_secs(10);
/// How much of a request's head is read.
const HEAD_BYTES: usize = 16 * 1024;
const HEAD_FIELDS: usize = 64;
/// How long an answer may take to be found.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a connection may last, however lively it is: one that never takes its answer must not last for ever.
const LIFE: Duration = Duration::from_secs(120);
/// How long a connection that has to end, and asked for nothing yet, may take.
const QUIET: Duration = Duration::from_millis(250);
/// The same for one whose answer is on its way.
const DRAIN: Duration = Duration::from_secs(3);
/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// One port, on one or several listeners.
pub(crate) struct Server {
    name: &'static str,
    listeners: Vec<TcpListener>,
    router: Router,
}

impl Server {
    /// To be made inside the runtime.
    ///
    /// # Errors
    /// When a listener cannot be used.
    pub(crate) fn new(name: &'static str, listeners: Vec<std::net::TcpListener>, router: Router) -> io::Result<Self> {
        let listener = |listener: std::net::TcpListener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        };
        metrics::describe_counter!("http_requests_total", "HTTP requests answered, by port and status code");
        metrics::describe_gauge!("http_connections", "HTTP connections open just now, by port");
        Ok(Self { name, listeners: listeners.into_iter().map(listener).collect::<Result<_, _>>()?, router })
    }

    /// Serves until `stop`, and then until what was begun is finished, [`DRAIN`] at most.
    pub(crate) async fn serve(self, stop: CancellationToken) {
        let door = Door {
            name: self.name,
            router: self.router,
            room: Arc::new(Semaphore::new(CONNECTIONS)),
            connections: TaskTracker::new(),
            stop,
        };
        futures_util::future::join_all(self.listeners.into_iter().map(|listener| door.accept(listener))).await;
        door.connections.close();
        door.connections.wait().await;
    }
}

struct Door {
    name: &'static str,
    router: Router,
    room: Arc<Semaphore>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Door {
    async fn accept(&self, listener: TcpListener) {
        let accepting = async {
            loop {
                // The semaphore is never closed.
                let Ok(place) = self.room.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let (name, router, stop) = (self.name, self.router.clone(), self.stop.clone());
                        self.connections.spawn(connection(name, stream, router, stop, place));
                    }
                    // It gave up while it waited.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Err(error) => {
                        tracing::warn!(port = self.name, %error, "accepting a connection");
                        sleep(NO_ROOM).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = self.stop.cancelled() => {}
        }
    }
}

/// One connection, from its first byte to its end.
async fn connection(
    name: &'static str,
    stream: TcpStream,
    router: Router,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    let _counted = Counted::new(name);
    // Answers are small, and must not wait for each other.
    let _ = stream.set_nodelay(true);
    let asked = AtomicBool::new(false);
    let inner = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        let (answer, asked) = (inner.call(request), &asked);
        async move {
            let answer = in_time(answer).await;
            metrics::counter!("http_requests_total", "port" => name, "code" => answer.status().as_str().to_owned())
                .increment(1);
            asked.store(false, Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS)
        // Who has nothing more to say may wait for the answer all the same.
        .half_close(true);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(port = name, %error, "a connection ended");
            }
            return;
        }
        () = stop.cancelled() => {}
        () = sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = patience(&asked) => tracing::debug!(port = name, "a connection was cut"),
    }
}

/// How long a connection that has to end is waited for.
async fn patience(asked: &AtomicBool) {
    sleep(QUIET).await;
    if asked.load(Ordering::Relaxed) {
        sleep(DRAIN.saturating_sub(QUIET)).await;
    }
}

async fn in_time(answer: impl Future<Output = Result<Response, Infallible>>) -> Response<Body> {
    match timeout(ANSWER, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(never)) => match never {},
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the answer took too long\n").into_response(),
    }
}

/// Counts a connection for as long as there is one.
struct Counted(metrics::Gauge);

impl Counted {
    fn new(name: &'static str) -> Self {
        let gauge = metrics::gauge!("http_connections", "port" => name);
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
