//! How fast the writer is by itself: durable single-row writes with 64 callers in flight, in the process and over Varlink,
//! and the locked section of uploads beside the least that replacing a file can cost. `scripts/bench` measures the service.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "an example")]

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use interfaces::configs::{Author, Origin, Put};
use interfaces::{configs, dialogues};
use natrium_writer::configs::KindSpec;
use natrium_writer::store::{Store, StoreError};
use natrium_writer::{Declared, Directories, Writer};
use tracing::field::{Field, Visit};
use varlink::{Pool, PoolLimits, Product, Server};

const CALLERS: usize = 64;
const FOR: Duration = Duration::from_secs(3);
const UPLOADS: i64 = 300;
const DEADLINE: Duration = Duration::from_secs(10);

fn main() {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let directory = tempfile::tempdir_in(place).unwrap();
    let held = Held::default();
    tracing::subscriber::set_global_default(Listener(held.clone())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        in_process(directory.path()).await;
        over_varlink(directory.path(), &held).await;
    });
    println!("memory: {}", memory());
}

async fn in_process(directory: &Path) {
    let store = Store::open(&directory.join("alone.sqlite")).unwrap();
    let rate = calls(|user| {
        let store = store.clone();
        async move {
            let sql =
                "INSERT INTO dialogues (bot, chat, user, state, version, updated_ms) VALUES (1, 1, ?1, '{}', 1, 0)";
            store.write::<_, StoreError, _>(move |transaction| transaction.execute(sql, [user])).await.unwrap();
        }
    })
    .await;
    println!("in process, one row: {rate:.0}/s");
    store.close().await;
}

async fn over_varlink(directory: &Path, held: &Held) {
    let (state, published) = (directory.join("state"), directory.join("published"));
    let kind = KindSpec {
        name: "fees".to_owned(),
        file: "fees.yml".to_owned(),
        schema: "{}".to_owned(),
        rules: None,
        approval: false,
        hook: false,
        validate: Arc::new(|_| Vec::new()),
    };
    let writer = Writer::open(
        Directories::open(&state, &published).unwrap(),
        Declared { kinds: vec![kind], ..Declared::default() },
    )
    .await
    .unwrap();
    let socket = directory.join("writer.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let product = Product { vendor: "", product: "", version: "", url: "" };
    let server = writer.offer(Server::new(product));
    tokio::spawn(server.serve(listener, std::future::pending()));

    let limits = PoolLimits { connections: CALLERS, ..PoolLimits::default() };
    let pool = Pool::new(&socket, limits);
    // The callers are another process in real life: here another thread.
    let clients = pool.clone();
    let rate = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(calls(|user| {
            let client = dialogues::Client::new(clients.clone(), DEADLINE);
            async move {
                let call = dialogues::Set {
                    bot: 1,
                    chat: user,
                    user,
                    state: serde_json::json!({"awaits": "fees"}),
                    request_id: format!("bench:{user}"),
                    settles: None,
                };
                client.set(&call).await.unwrap();
            }
        }))
    });
    while !rate.is_finished() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("over Varlink, Dialogues.Set: {:.0}/s", rate.join().unwrap());

    let client = configs::Client::new(Pool::new(&socket, PoolLimits::default()), DEADLINE);
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for base in 0..UPLOADS {
        let content = format!("# {base:08}\n{}", "x: 1 # a line of a config file\n".repeat(130));
        let begun = Instant::now();
        replace(directory, content.as_bytes());
        bare.push(begun.elapsed().as_secs_f64() * 1e3);
        let author = Author { origin: Origin::Operator, id: 0, name: "bench".to_owned() };
        let request_id = format!("upload:{base}");
        let call = Put { kind: "fees".to_owned(), content, base, over: None, author, request_id, settles: None };
        let begun = Instant::now();
        assert!(client.put(&call).await.unwrap().published);
        whole.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let mut locked = std::mem::take(&mut *held.0.lock().unwrap());
    let (bare, whole, locked) = (median(&mut bare), median(&mut whole), median(&mut locked));
    println!(
        "locked section p50 {locked:.3} ms, bare replace {bare:.3} ms, ratio {:.2}; whole call {whole:.3} ms",
        locked / bare
    );
    writer.close().await;
}

/// Calls a second with [`CALLERS`] in flight.
async fn calls<F: Future<Output = ()> + Send + 'static>(call: impl Fn(i64) -> F) -> f64 {
    let next = AtomicI64::new(0);
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|_| async {
        while begun.elapsed() < FOR {
            call(next.fetch_add(1, Ordering::Relaxed)).await;
        }
    });
    futures_util::future::join_all(callers).await;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred thousand")]
    let done = next.load(Ordering::Relaxed) as f64;
    done / begun.elapsed().as_secs_f64()
}

fn replace(directory: &Path, content: &[u8]) {
    use std::io::Write;
    let (draft, path) = (directory.join("bare.tmp"), directory.join("bare.yml"));
    let mut file = std::fs::File::create(&draft).unwrap();
    file.write_all(content).unwrap();
    file.sync_all().unwrap();
    std::fs::rename(draft, path).unwrap();
    std::fs::File::open(directory).unwrap().sync_all().unwrap();
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn memory() -> String {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    rollup.lines().filter(|line| line.starts_with("Pss:") || line.starts_with("Pss_Anon")).collect::<Vec<_>>().join(" ")
}

/// How long each upload held its lock, in milliseconds, as the events say.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Vec<f64>>>);

struct Listener(Held);

#[derive(Default)]
struct Released {
    duration_ms: f64,
    is: bool,
}

impl Visit for Released {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "duration_ms" {
            self.duration_ms = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.is = format!("{value:?}") == "config_upload_lock_released";
        }
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= tracing::Level::INFO
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut released = Released::default();
        event.record(&mut released);
        if released.is {
            self.0.0.lock().unwrap().push(released.duration_ms);
        }
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
