//! How long a call takes, beside the least that any two programs on tokio can do: pass one byte there and back.
//!
//! Server and client are two processes with a `current_thread` runtime each, pinned to the same processor, because waking
//! another one costs more than all that is measured. Blocks of both kinds alternate, so that a noisy moment hits both.
//! Prints one JSON object: microseconds, medians over all round trips.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use natrium_varlink::{
    BoxFuture, Call, CallEnd, Connection, Interface, Limits, Pool, PoolLimits, Product, Replier, Server, Service,
};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const BLOCKS: usize = 40;
const ROUND_TRIPS: usize = 1000;

const STORE: Interface = Interface {
    name: "org.example.Store",
    description: "interface org.example.Store\nmethod Put(kind: string, base: int, content: string, request_id: string) -> (version: int)\n",
    methods: &["Put"],
};

#[derive(Serialize, Deserialize)]
struct Put {
    kind: String,
    base: i64,
    content: String,
    request_id: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: i64,
}

struct Store;

impl Service for Store {
    fn interface(&self) -> &'static Interface {
        &STORE
    }

    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>> {
        Box::pin(async move {
            let put: Put = call.parameters()?;
            replier.reply(&Stored { version: put.base + 1 }).await
        })
    }
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.get(1).map(String::as_str) {
        Some("serve-bytes") => runtime.block_on(serve_bytes(Path::new(&arguments[2]))),
        Some("serve-varlink") => runtime.block_on(serve_varlink(Path::new(&arguments[2]))),
        _ => {
            let mut processor = CpuSet::new();
            processor.set(0)?;
            sched_setaffinity(Pid::from_raw(0), &processor)?;
            runtime.block_on(measure())
        }
    }
}

async fn serve_bytes(path: &Path) -> Outcome {
    let (mut stream, _) = UnixListener::bind(path)?.accept().await?;
    let mut byte = [0];
    while stream.read(&mut byte).await? == 1 {
        stream.write_all(&byte).await?;
    }
    Ok(())
}

async fn serve_varlink(path: &Path) -> Outcome {
    let product = Product { vendor: "", product: "", version: "", url: "" };
    let listener = UnixListener::bind(path)?;
    Server::new(product).service(Store).limits(Limits::default()).serve(listener, std::future::pending()).await;
    Ok(())
}

struct Program(Child);

impl Program {
    fn start(role: &str, path: &Path) -> io::Result<Self> {
        let child = Command::new(std::env::current_exe()?).arg(role).arg(path).stdin(Stdio::null()).spawn()?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while !path.exists() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Self(child))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

async fn measure() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (bytes, varlink) = (directory.path().join("bytes"), directory.path().join("varlink"));
    let _servers = [Program::start("serve-bytes", &bytes)?, Program::start("serve-varlink", &varlink)?];
    let mut stream = UnixStream::connect(&bytes).await?;
    let mut connection = Connection::connect(&varlink).await?;
    let pool = Pool::new(&varlink, PoolLimits::default());
    let put = Put {
        kind: "fees".to_owned(),
        base: 41,
        content: "brackets: [1, 2, 3]\n".to_owned(),
        request_id: "0198c0de-0000-7000-8000-000000000000".to_owned(),
    };
    let (mut raw, mut one, mut pooled) = (Vec::new(), Vec::new(), Vec::new());
    for block in 0..=BLOCKS {
        if block == 1 {
            // The first block warmed everything up.
            [&mut raw, &mut one, &mut pooled].into_iter().for_each(Vec::clear);
        }
        for _ in 0..ROUND_TRIPS {
            let began = Instant::now();
            stream.write_all(b"x").await?;
            stream.read_exact(&mut [0]).await?;
            raw.push(began.elapsed());
        }
        for _ in 0..ROUND_TRIPS {
            let began = Instant::now();
            connection.call::<_, Stored, serde_json::Value>("org.example.Store.Put", &put).await?;
            one.push(began.elapsed());
        }
        for _ in 0..ROUND_TRIPS {
            let began = Instant::now();
            pool.call::<_, Stored, serde_json::Value>("org.example.Store.Put", &put).await?;
            pooled.push(began.elapsed());
        }
    }
    let [raw, one, pooled] = [raw, one, pooled].map(median);
    let report = serde_json::json!({
        "raw_us": raw, "connection_us": one, "pool_us": pooled, "connection_ratio": one / raw, "pool_ratio": pooled / raw,
    });
    #[expect(clippy::print_stdout, reason = "it is what the program is for")]
    {
        println!("{report}");
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
