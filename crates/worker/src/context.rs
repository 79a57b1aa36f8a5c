//! What a worker is given to live with, once its sandbox is closed and its runtime turns.

use std::{
    net::TcpListener,
    os::unix::net::UnixListener,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use interfaces::{Fault, Peer, supervisor, worker};
use settings::Settings;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use varlink::{BoxFuture, Pool, Server};

use crate::{Exit, access::Access, metrics::Metrics, notify::Notify};

/// How long a call to another worker may take, the time in which that worker is restarted included.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Proves that the worker does its work, not only that its runtime turns. Never answering means that it does not.
pub type Probe = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What a worker lives with.
pub struct Context {
    /// The worker's name, such as `writer`.
    pub name: &'static str,
    /// The validated settings.
    pub settings: Arc<Settings>,
    /// The way to the supervisor, or to systemd.
    pub notify: Notify,
    /// Cancelled when the worker is to stop.
    pub stop: CancellationToken,
    pub(crate) supervised: bool,
    pub(crate) listener: Option<UnixListener>,
    pub(crate) tcp: Vec<(&'static str, TcpListener)>,
    pub(crate) metrics: Metrics,
    pub(crate) sandbox: String,
    pub(crate) probe: Arc<Mutex<Option<Probe>>>,
}

impl Context {
    /// A way to call `worker`, or `supervisor`. Connects when it is first used.
    #[must_use]
    pub fn pool(&self, worker: &str) -> Pool {
        let path = self.settings.directories.runtime.join(format!("{worker}.sock"));
        Pool::new(path, varlink::PoolLimits { deadline: DEADLINE, ..varlink::PoolLimits::default() })
    }

    /// From now on the worker counts as alive only while `probe` answers.
    pub fn alive_while(&self, probe: Probe) {
        *self.probe.lock().unwrap_or_else(PoisonError::into_inner) = Some(probe);
    }

    /// Takes the TCP listeners that were handed down under this name, one of [`LISTENERS`](crate::Worker::LISTENERS).
    pub fn tcp_listeners(&mut self, name: &str) -> Vec<TcpListener> {
        self.tcp.extract_if(.., |(known, _)| *known == name).map(|(_, listener)| listener).collect()
    }

    /// Serves what `offer` adds, and `io.natrium.Worker`, on the listener that was handed down. The task ends when the worker
    /// is to stop and the calls in flight have been answered.
    ///
    /// # Errors
    /// When the listener cannot be used, or was taken before.
    pub fn serve(&mut self, offer: impl FnOnce(Server) -> Server) -> Result<JoinHandle<()>, Exit> {
        let listener = self.listener.take().ok_or_else(|| {
            Exit::Configuration(anyhow::anyhow!(
                "no listener was handed down: start natriumd, or give this service a socket unit with FileDescriptorName=varlink"
            ))
        })?;
        let listener = listener
            .set_nonblocking(true)
            .and_then(|()| tokio::net::UnixListener::from_std(listener))
            .map_err(|error| Exit::Software(anyhow::Error::new(error).context("serving the inherited listener")))?;
        let about = About {
            name: self.name,
            started_ms: now_ms(),
            notify: self.notify.clone(),
            metrics: self.metrics.clone(),
            sandbox: self.sandbox.clone(),
        };
        let product =
            varlink::Product { vendor: "Natrium", product: self.name, version: env!("CARGO_PKG_VERSION"), url: "" };
        let supervisor = self.supervised.then(|| supervisor::Client::new(self.pool("supervisor"), DEADLINE));
        let server = offer(Server::new(product).service(worker::Serve(Arc::new(about)))).gate(Access::new(supervisor));
        let stop = self.stop.clone();
        Ok(tokio::spawn(async move { server.serve(listener, stop.cancelled_owned()).await }))
    }
}

/// Answers `io.natrium.Worker`.
struct About {
    name: &'static str,
    started_ms: i64,
    notify: Notify,
    metrics: Metrics,
    sandbox: String,
}

impl worker::Worker for About {
    async fn get_info(&self, _: Peer, _: worker::GetInfo) -> Result<worker::GetInfoReply, Fault<worker::Error>> {
        Ok(worker::GetInfoReply {
            name: self.name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: nix::unistd::getpid().as_raw(),
            started_ms: self.started_ms,
            status: self.notify.last_status(),
            sandbox: self.sandbox.clone(),
        })
    }

    async fn get_metrics(
        &self,
        _: Peer,
        _: worker::GetMetrics,
    ) -> Result<worker::GetMetricsReply, Fault<worker::Error>> {
        Ok(worker::GetMetricsReply { text: self.metrics.render() })
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
