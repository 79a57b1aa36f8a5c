//! The worker that makes load: it takes the bot's place under `natriumd`, so that its calls pass every gate that the bot's do.
//!
//! It does what it is asked over a control socket, one JSON line each way.

use std::{
    cell::Cell,
    path::PathBuf,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use interfaces::dialogues;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sd_notify::NotifyState;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    task::LocalSet,
};
use varlink::{Pool, PoolLimits};

use super::runtime;
use crate::sample::Summary;

/// The bot that the dialogues are with.
const BOT: i64 = 4_200_000_001;

/// How long callers have been writing when the writer is killed.
const BEFORE_THE_KILL: Duration = Duration::from_millis(30);

/// Makes load as asked over `control`.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Load {
    pub(crate) control: PathBuf,
}

/// What is asked.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Order {
    /// Set dialogues, a new one with each call, `first` being the key of the first: `callers` at once over as many
    /// connections as `connections` allows, for `seconds`.
    Write { callers: usize, connections: usize, seconds: f64, first: i64 },
    /// Kill the writer, this process, while `callers` set dialogues without a pause (0: one does, but only right after the
    /// kill), and go on until the successor has answered each of them. `first` is the key of the first dialogue.
    Outlive { writer: i32, callers: usize, first: i64 },
    /// Read these dialogues back.
    Verify { keys: Vec<i64> },
}

/// What was done.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Done {
    /// All keys from the first one on, so many, have been acknowledged.
    Wrote {
        acknowledged: i64,
        seconds: f64,
        call: Summary,
    },
    /// How long each caller had to wait, in seconds from the kill to its acknowledgement. All keys from the first one on, so
    /// many, have been acknowledged.
    Outlived {
        waits: Vec<f64>,
        acknowledged: i64,
    },
    /// So many were there as they had been written.
    Verified {
        found: usize,
    },
    Failed(String),
}

impl Load {
    pub(super) fn run(self) -> Result<()> {
        let runtime = runtime()?;
        LocalSet::new().block_on(&runtime, async {
            tokio::task::spawn_local(ping());
            let stream = UnixStream::connect(&self.control).await.context("connecting to the control socket")?;
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("making load")]).context("saying READY=1")?;
            let (orders, mut done) = stream.into_split();
            let mut orders = BufReader::new(orders).lines();
            while let Some(order) = orders.next_line().await? {
                let result = match serde_json::from_str(&order)? {
                    Order::Write { callers, connections, seconds, first } => {
                        write(callers, connections, Duration::from_secs_f64(seconds), first).await
                    }
                    Order::Outlive { writer, callers, first } => outlive(writer, callers, first).await,
                    Order::Verify { keys } => verify(&keys).await,
                };
                let result = result.unwrap_or_else(|error| Done::Failed(format!("{error:#}")));
                done.write_all(format!("{}\n", serde_json::to_string(&result)?).as_bytes()).await?;
            }
            // Told to stop by a signal as a rule; the bench is gone otherwise, and nothing is left to do.
            std::future::pending().await
        })
    }
}

async fn ping() {
    let Some(interval) = sd_notify::watchdog_enabled() else { return };
    let mut turn = tokio::time::interval(interval / 2);
    loop {
        turn.tick().await;
        // If nobody listens the supervisor has gone, and this process goes with it.
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
    }
}

fn client(connections: usize) -> Result<dialogues::Client> {
    let runtime = std::env::var_os("RUNTIME_DIRECTORY").context("RUNTIME_DIRECTORY is not set")?;
    let limits = PoolLimits { connections, ..PoolLimits::default() };
    let pool = Pool::new(PathBuf::from(runtime).join("writer.sock"), limits);
    Ok(dialogues::Client::new(pool, limits.deadline))
}

async fn write(callers: usize, connections: usize, time: Duration, first: i64) -> Result<Done> {
    let client = client(connections)?;
    let next = Rc::new(Cell::new(first));
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (client, next) = (client.clone(), next.clone());
            tokio::task::spawn_local(async move {
                let mut times = Vec::new();
                while start.elapsed() < time {
                    let call = set(next.replace(next.get() + 1));
                    let begun = Instant::now();
                    client.set(&call).await?;
                    times.push(begun.elapsed().as_secs_f64());
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    // Each caller's last call ended after the time was over, so the time is what it took, not what was asked for.
    let seconds = start.elapsed().as_secs_f64();
    let acknowledged = next.get() - first;
    anyhow::ensure!(usize::try_from(acknowledged)? == times.len(), "calls made and calls answered differ");
    let call = Summary::of(&times).context("no call was answered")?;
    Ok(Done::Wrote { acknowledged, seconds, call })
}

/// A dialogue of its own for each key.
fn set(key: i64) -> dialogues::Set {
    dialogues::Set { bot: BOT, chat: key, user: key, state: state(key), request_id: request_id(key), settles: None }
}

async fn outlive(writer: i32, callers: usize, first: i64) -> Result<Done> {
    let client = client(callers.max(1))?;
    let next = Rc::new(Cell::new(first));
    let killed = Rc::new(Cell::new(None));
    // What is connected already is what a caller has who has been there for a while.
    client.set(&set(next.replace(next.get() + 1))).await?;
    let tasks: Vec<_> = (0..callers)
        .map(|_| tokio::task::spawn_local(wait_out(client.clone(), next.clone(), killed.clone())))
        .collect();
    tokio::time::sleep(BEFORE_THE_KILL).await;
    killed.set(Some(Instant::now()));
    kill(Pid::from_raw(writer), Signal::SIGKILL).context("killing the writer")?;
    let mut waits = Vec::new();
    if callers == 0 {
        waits.push(wait_out(client, next.clone(), killed).await?);
    }
    for task in tasks {
        waits.push(task.await??);
    }
    Ok(Done::Outlived { waits, acknowledged: next.get() - first })
}

/// Sets dialogues until one has been acknowledged that was begun after the kill: by the successor, that is. Of the calls
/// acknowledged after the kill, that one counts which was waited for longest since: the one before, unless the writer had
/// just answered it. Answers when it was acknowledged, in seconds from the kill.
async fn wait_out(client: dialogues::Client, next: Rc<Cell<i64>>, killed: Rc<Cell<Option<Instant>>>) -> Result<f64> {
    let (mut longest, mut wait) = (Duration::ZERO, 0.0);
    loop {
        let call = set(next.replace(next.get() + 1));
        let begun = Instant::now();
        client.set(&call).await?;
        let Some(killed) = killed.get() else { continue };
        let waited = begun.max(killed).elapsed();
        if waited > longest {
            (longest, wait) = (waited, killed.elapsed().as_secs_f64());
        }
        if begun >= killed {
            return Ok(wait);
        }
    }
}

async fn verify(keys: &[i64]) -> Result<Done> {
    let client = client(1)?;
    let mut found = 0;
    for key in keys {
        let reply = client.get(&dialogues::Get { bot: BOT, chat: *key, user: *key }).await?;
        found += usize::from(reply.dialogue.is_some_and(|dialogue| dialogue.state == state(*key)));
    }
    Ok(Done::Verified { found })
}

/// What the bot keeps of somebody who is about to send a file.
pub(crate) fn state(key: i64) -> Value {
    json!({ "step": "awaiting_document", "kind": "fees", "base": 41, "prompt": key })
}

/// What the bot calls an effect of a Telegram update.
pub(crate) fn request_id(key: i64) -> String {
    format!("tg:{BOT}:{key}:ask")
}
