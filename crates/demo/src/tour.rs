//! The tour without a person: every step says what it saw, and the first thing that is not as it should be ends it.

use std::{fs, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use harness::{memory, until, until_async};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sim::client::{Client, User};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::stage::{ANNA, BORIS, Stage};

/// How long a person would wait for the bot before thinking that it is dead. Restarts are included.
const PATIENCE: Duration = Duration::from_secs(30);

/// The people of the tour.
struct People {
    anna: User,
    boris: User,
    sam: User,
}

/// Makes the tour.
pub(crate) async fn make() -> Result<()> {
    let mut stage = Stage::set()?;
    let telegram = Client::new(&stage.telegram.url).patient(PATIENCE);
    let people = People {
        anna: telegram.user(ANNA.id, ANNA.name).await?,
        boris: telegram.put_user(russian()).await?,
        sam: telegram.user(1003, "Sam").await?,
    };
    let result = steps(&mut stage, &people).await;
    println!("\nWhat was said");
    for (name, person) in [("Anna", &people.anna), ("Boris", &people.boris), ("Sam", &people.sam)] {
        println!("\n{name}\n{}", person.transcript().await?);
    }
    if result.is_err() {
        println!("What was logged\n\n{}", stage.service.log());
    }
    result
}

fn russian() -> sim::control::NewUser {
    sim::control::NewUser {
        id: BORIS.id,
        first_name: BORIS.name.to_owned(),
        last_name: None,
        username: None,
        language_code: Some("ru".to_owned()),
        started: false,
        note: None,
    }
}

async fn steps(stage: &mut Stage, people: &People) -> Result<()> {
    stage.service.start()?;
    said("the service is ready");

    people.anna.says("/start").await?;
    people.anna.sees("Hello, Anna").await?;
    people.sam.says("/set_fees").await?;
    people.sam.sees("administrators only").await?;
    said("admins are greeted, and a stranger is refused");

    let sample = kinds::sample("fees").context("no sample of fees")?;
    upload(stage, &people.anna, sample).await?;
    said("Anna's fees.yml stands as she sent it");

    people.anna.says("/set_fees").await?;
    people.anna.sees("Send me the new fees.yml").await?;
    people.anna.sends("fees.yml", "brackets: [\n").await?;
    people.anna.sees("was not saved").await?;
    ensure!(fs::read_to_string(stage.service.published("fees.yml"))? == sample, "a wrong file changed fees.yml");
    people.anna.says("/cancel").await?;
    people.anna.sees("Nothing was saved").await?;
    said("a wrong file is refused, and the old one stands");

    let rates = kinds::sample("rates").context("no sample of rates")?;
    people.boris.says("/set_rates").await?;
    people.boris.sees("rates.yml").await?;
    people.boris.sends("rates.yml", rates).await?;
    people.boris.sees("✅ rates.yml").await?;
    ensure!(fs::read_to_string(stage.service.published("rates.yml"))? == rates, "rates.yml is not what Boris sent");
    said("Boris's rates.yml stands; he was answered in Russian");

    for (turn, victim) in ["bot", "writer", "web", "natriumd"].into_iter().enumerate() {
        kill_and_go_on(stage, &people.anna, victim, &variant(sample, turn)).await?;
    }

    contested(stage, people, sample).await?;
    gone_back(stage, &people.anna, sample).await?;

    let bytes = people.boris_gets("fees.yml").await?;
    ensure!(bytes == fs::read(stage.service.published("fees.yml"))?, "/get_fees sent something else than stands");
    said("/get_fees sends what stands");

    let service = &stage.service;
    let address = until_async("web says where it is", PATIENCE, async || service.address("api").await.ok()).await?;
    let (ready, metrics) = (answer(address, "/readyz").await?, answer(address, "/metrics").await?);
    ensure!(ready.starts_with("HTTP/1.1 200 "), "/readyz answered {ready}");
    ensure!(metrics.contains("\nnatrium_worker_up{worker=\"writer\"} 1\n"), "/metrics answered {metrics}");
    said("/readyz says that the service is ready, and /metrics tells of every worker");

    println!("\nMemory (PSS), MB");
    let mut all = 0;
    for (pid, name) in stage.service.processes() {
        let bytes = memory(pid).with_context(|| format!("reading the memory of {name}"))?;
        all += bytes;
        println!("  {name:16} {:6.1}", megabytes(bytes));
    }
    println!("  {:16} {:6.1}", "together", megabytes(all));
    let simulator = memory(i32::try_from(stage.telegram.pid())?).unwrap_or_default();
    println!("  {:16} {:6.1}  (not part of the service)", "natrium-sim", megabytes(simulator));

    println!("\nnatrium status");
    let mut status = stage.service.command("natrium");
    let output = status.arg("status").arg("--runtime-directory").arg(stage.service.runtime()).output()?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    ensure!(output.status.success(), "natrium status: {}", String::from_utf8_lossy(&output.stderr));

    let ended = stage.service.stop()?;
    ensure!(ended.success(), "natriumd ended with {ended}");
    ensure!(stage.service.processes().is_empty(), "left behind: {:?}", stage.service.processes());
    said("stopped in order; nothing is left behind");
    Ok(())
}

impl People {
    async fn boris_gets(&self, file: &str) -> Result<Vec<u8>> {
        self.boris.says("/get_fees").await?;
        Ok(self.boris.gets(file).await?.to_vec())
    }
}

/// Sends `content` as fees.yml and checks what stands.
async fn upload(stage: &Stage, admin: &User, content: &str) -> Result<()> {
    admin.says("/set_fees").await?;
    admin.sees("Send me").await?;
    admin.sends("fees.yml", content.to_owned()).await?;
    admin.sees("✅ fees.yml updated successfully!").await?;
    stands(stage, content)
}

fn stands(stage: &Stage, content: &str) -> Result<()> {
    let published = fs::read_to_string(stage.service.published("fees.yml")).context("reading fees.yml")?;
    ensure!(published == content, "fees.yml is not what was confirmed");
    Ok(())
}

/// Boris saves a version while Anna is about to send hers. Nothing is overwritten before she has seen what differs.
async fn contested(stage: &Stage, people: &People, sample: &str) -> Result<()> {
    let (hers, his) = (format!("# Anna's\n{sample}"), format!("# Boris's\n{sample}"));
    people.anna.says("/set_fees").await?;
    people.anna.sees("Send me").await?;
    people.boris.says("/set_fees").await?;
    people.boris.sees("fees.yml").await?;
    people.boris.sends("fees.yml", his.clone()).await?;
    people.boris.sees("✅ fees.yml").await?;
    people.anna.sends("fees.yml", hers.clone()).await?;
    people.anna.sees_now("Boris saved version").await?;
    stands(stage, &his)?;
    people.anna.presses("Overwrite").await?;
    people.anna.sees_now("✅ fees.yml updated successfully!").await?;
    stands(stage, &hers)?;
    said("Boris was faster: Anna was shown what differs, and overwrote it knowingly");
    Ok(())
}

/// The first version comes back, as a new one.
async fn gone_back(stage: &Stage, admin: &User, first: &str) -> Result<()> {
    admin.says("/rollback fees 1").await?;
    admin.sees("Roll fees.yml back to version 1?").await?;
    admin.presses("Roll back").await?;
    admin.sees_now("fees.yml is rolled back").await?;
    stands(stage, first)?;
    said("/rollback showed what it would change, and brought the first version back");
    Ok(())
}

/// Kills a process just after a file was sent. The admin is told the outcome all the same, once, and it is true.
async fn kill_and_go_on(stage: &mut Stage, admin: &User, victim: &str, content: &str) -> Result<()> {
    admin.says("/set_fees").await?;
    admin.sees("Send me").await?;
    admin.sends("fees.yml", content.to_owned()).await?;
    if victim == "natriumd" {
        stage.service.signal(Signal::SIGKILL)?;
        stage.service.wait_ended()?;
        until("its workers are gone", PATIENCE, || stage.service.processes().is_empty().then_some(()))?;
        stage.service.start()?;
    } else {
        let before = stage.service.worker(victim).await?;
        kill(Pid::from_raw(before), Signal::SIGKILL)?;
        let service = &stage.service;
        until_async("a successor", PATIENCE, async || service.worker(victim).await.ok().filter(|pid| *pid != before))
            .await?;
    }
    admin.sees("✅ fees.yml updated successfully!").await?;
    stands(stage, content)?;
    let told = admin.chat().await?.iter().filter(|m| m.text.text.contains("updated successfully")).count();
    said(&format!("kill -9 {victim} in the middle of an upload: confirmed, it stands ({told} confirmations so far)"));
    Ok(())
}

/// What is answered to a question by HTTP.
async fn answer(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// The same document with something to tell it by.
fn variant(sample: &str, turn: usize) -> String {
    format!("# change {turn}\n{sample}")
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn said(what: &str) {
    println!("ok  {what}");
}
