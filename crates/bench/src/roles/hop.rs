//! Both ends of a round trip over a Unix socket: a bare byte, and a Varlink call. Client and servers share one processor.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    time::Instant,
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};
use varlink::{BoxFuture, Call, CallEnd, Interface, Pool, PoolLimits, Product, Replier, Service};

use super::{end_with_parent, pin, runtime};

/// Length of a call with its NUL, in bytes: that of the prototype's `Put` call, which earlier figures are about.
const CALL_BYTES: usize = 178;
/// What the raw ends read into. A read that does not fill its buffer tells tokio that there is nothing left to read; with room
/// for just the one byte each hop would take another system call to find that out.
const ROOM: usize = 64;
const METHOD: &str = "io.natrium.bench.Store.Put";

/// One end that answers, on a processor of its own choice.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Server {
    pub(crate) socket: PathBuf,
    pub(crate) processor: usize,
}

impl Server {
    /// Answers each byte with the same byte.
    pub(super) fn serve_raw(self) -> Result<()> {
        self.prepare()?;
        runtime()?.block_on(async {
            let listener = UnixListener::bind(&self.socket)?;
            loop {
                let (mut stream, _) = listener.accept().await?;
                tokio::spawn(async move {
                    let mut buffer = [0; ROOM];
                    while let Ok(1..) = stream.read(&mut buffer).await
                        && stream.write_all(&buffer[..1]).await.is_ok()
                    {}
                });
            }
        })
    }

    /// Answers each Put with a version.
    pub(super) fn serve_varlink(self) -> Result<()> {
        self.prepare()?;
        runtime()?.block_on(async {
            let listener = UnixListener::bind(&self.socket)?;
            let product = Product { vendor: "Natrium", product: "bench", version: env!("CARGO_PKG_VERSION"), url: "" };
            varlink::Server::new(product).service(Store).serve(listener, std::future::pending()).await;
            Ok(())
        })
    }

    fn prepare(&self) -> Result<()> {
        end_with_parent();
        pin(self.processor)
    }
}

static STORE: Interface = Interface {
    name: "io.natrium.bench.Store",
    description: "interface io.natrium.bench.Store\n\nmethod Put(kind: string, expected_version: int, content: string, \
                  request_id: string) -> (version: int)\n",
    methods: &["Put"],
};

struct Store;

#[derive(Debug, Deserialize, Serialize)]
struct Put {
    kind: String,
    expected_version: i64,
    content: String,
    request_id: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct PutReply {
    version: i64,
}

impl Service for Store {
    fn interface(&self) -> &'static Interface {
        &STORE
    }

    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>> {
        Box::pin(async move {
            let put: Put = call.parameters()?;
            replier.reply(&PutReply { version: put.expected_version + 1 }).await
        })
    }
}

impl Put {
    /// A call of [`CALL_BYTES`] altogether.
    fn sized(expected_version: i64) -> Self {
        let request_id = "0197c0de-0000-7000-8000-000000000042".to_owned();
        let mut put = Self { kind: "fees".to_owned(), expected_version, content: String::new(), request_id };
        put.content = "x".repeat(CALL_BYTES.saturating_sub(put.wire_bytes()));
        put
    }

    /// The length of the call on the wire.
    fn wire_bytes(&self) -> usize {
        serde_json::json!({ "method": METHOD, "parameters": self }).to_string().len() + 1
    }
}

/// The end that asks both servers in turns and writes [`Times`] to standard output.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Client {
    pub(crate) raw: PathBuf,
    pub(crate) varlink: PathBuf,
    pub(crate) processor: usize,
    pub(crate) rounds: usize,
    /// Calls of each kind in a round.
    pub(crate) calls: usize,
}

/// Seconds that each round trip took, by round.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Times {
    pub(crate) raw: Vec<Vec<f64>>,
    pub(crate) varlink: Vec<Vec<f64>>,
}

impl Client {
    pub(super) fn run(self) -> Result<()> {
        pin(self.processor)?;
        let times = runtime()?.block_on(self.measure())?;
        serde_json::to_writer(stdout().lock(), &times)?;
        Ok(stdout().flush()?)
    }

    async fn measure(&self) -> Result<Times> {
        let mut stream = UnixStream::connect(&self.raw).await.context("connecting to the raw server")?;
        let pool = Pool::new(&self.varlink, PoolLimits::default());
        // The first round warms up.
        self.raw(&mut stream).await?;
        self.varlink(&pool).await?;
        let mut times = Times::default();
        for round in 0..self.rounds {
            // Whoever comes second in one round comes first in the next.
            if round % 2 == 0 {
                times.raw.push(self.raw(&mut stream).await?);
                times.varlink.push(self.varlink(&pool).await?);
            } else {
                times.varlink.push(self.varlink(&pool).await?);
                times.raw.push(self.raw(&mut stream).await?);
            }
        }
        Ok(times)
    }

    async fn raw(&self, stream: &mut UnixStream) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(self.calls);
        let mut buffer = [7; ROOM];
        for _ in 0..self.calls {
            let start = Instant::now();
            stream.write_all(&buffer[..1]).await?;
            let length = stream.read(&mut buffer).await?;
            times.push(start.elapsed().as_secs_f64());
            anyhow::ensure!(length == 1, "{length} bytes came back instead of one");
        }
        Ok(times)
    }

    async fn varlink(&self, pool: &Pool) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(self.calls);
        for version in 0..self.calls {
            let put = Put::sized(i64::try_from(version)?);
            let start = Instant::now();
            // What the typed clients of the interfaces do.
            let reply: PutReply =
                pool.call_idempotent::<_, _, serde_json::Value>(PoolLimits::default().deadline, METHOD, &put).await?;
            times.push(start.elapsed().as_secs_f64());
            anyhow::ensure!(reply.version == put.expected_version + 1, "another call's reply: {reply:?}");
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_as_long_as_it_says() {
        for version in [0, 7, 1999, 123_456] {
            assert_eq!(Put::sized(version).wire_bytes(), CALL_BYTES);
        }
    }
}
