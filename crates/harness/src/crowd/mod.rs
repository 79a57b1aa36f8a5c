//! A crowd that talks to a bot in a simulator, and the bot: it long-polls, and answers some of them.
//!
//! Every message says its own number, so that none can be lost, come twice, or overtake another of the same person unseen, and how
//! long each took is known. It knows an address and a token, and nothing of how the simulator was started.

mod connection;

use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::mpsc,
    task::{JoinSet, LocalSet},
    time::{sleep_until, timeout},
};

use self::connection::Connection;

/// Where they talk.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Of the simulator.
    pub address: SocketAddr,
    /// Of the bot that they talk to.
    pub token: String,
    /// Their ids are 1 to this.
    pub people: usize,
}

/// How they talk.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// Messages in all; each person says as many as the others, in turn.
    pub messages: usize,
    /// Messages a second; as fast as they are taken if there is none.
    pub rate: Option<f64>,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Heard {
    /// Seconds from the first message said to the last one delivered.
    pub seconds: f64,
    /// For each message, in seconds from the moment when it is said to the moment when the bot has it.
    pub waits: Vec<f64>,
    /// Messages that came more than once.
    pub doubled: usize,
    /// Messages that came after a later one of the same person.
    pub disordered: usize,
    /// Messages that the bot has answered.
    pub answered: usize,
    /// How often the bot has polled.
    pub polls: usize,
}

impl Heard {
    /// Adds what was heard in another run.
    pub fn add(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.waits.extend(other.waits);
        self.doubled += other.doubled;
        self.disordered += other.disordered;
        self.answered += other.answered;
        self.polls += other.polls;
    }
}

/// People who talk at once.
const TALKERS: usize = 32;
/// Answers that are under way at once.
const ANSWERERS: usize = 8;
/// One message in so many is answered.
const ANSWERED: usize = 4;
/// How long the bot may take for what is still to come.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
struct Answer {
    result: Vec<Update>,
}

#[derive(Deserialize)]
struct Update {
    update_id: i64,
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    text: String,
    chat: Chat,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

/// What talkers and bot write down.
#[derive(Debug)]
struct Notes {
    said: Vec<Option<Instant>>,
    heard: Vec<Option<Instant>>,
    /// The latest number that was heard of each person.
    latest: Vec<Option<usize>>,
    doubled: usize,
    disordered: usize,
}

impl Crowd {
    /// Makes the people, all at once.
    ///
    /// # Errors
    /// When the simulator does not.
    pub async fn gather(&self) -> Result<()> {
        let people: Vec<_> = (1..=self.people).map(|id| json!({ "id": id, "first_name": format!("P{id}") })).collect();
        let mut connection = Connection::open(self.address).await?;
        connection.post("/control/users/many", &json!(people).to_string()).await.map(drop)
    }

    /// Lets all of them talk, and the bot listen until it has heard everything.
    ///
    /// # Errors
    /// When something is refused, or never comes.
    pub async fn talk(&self, talk: Talk) -> Result<Heard> {
        let nothing = vec![None; talk.messages];
        let latest = vec![None; self.people];
        let notes = Notes { said: nothing.clone(), heard: nothing, latest, doubled: 0, disordered: 0 };
        let notes = Rc::new(RefCell::new(notes));
        let local = LocalSet::new();
        let (polls, answered) = local.run_until(self.run(talk, notes.clone())).await?;
        let notes = notes.borrow();
        let mut heard =
            Heard { doubled: notes.doubled, disordered: notes.disordered, answered, polls, ..Heard::default() };
        for (said, came) in notes.said.iter().zip(&notes.heard) {
            let (said, came) = (said.context("not said")?, came.context("not heard")?);
            heard.waits.push(came.saturating_duration_since(said).as_secs_f64());
        }
        let first = notes.said.iter().flatten().min().context("nothing was said")?;
        let last = notes.heard.iter().flatten().max().context("nothing was heard")?;
        heard.seconds = last.duration_since(*first).as_secs_f64();
        Ok(heard)
    }

    async fn run(&self, talk: Talk, notes: Rc<RefCell<Notes>>) -> Result<(usize, usize)> {
        let mut talkers = JoinSet::new();
        let start = Instant::now();
        for place in 0..TALKERS {
            let (crowd, notes) = (self.clone(), notes.clone());
            talkers.spawn_local(async move { crowd.talker(place, talk, start, &notes).await });
        }
        let (to_answer, questions) = mpsc::unbounded_channel();
        let questions = Rc::new(tokio::sync::Mutex::new(questions));
        let mut answerers = JoinSet::new();
        for _ in 0..ANSWERERS {
            let (crowd, questions) = (self.clone(), questions.clone());
            answerers.spawn_local(async move { crowd.answerer(&questions).await });
        }
        let longest =
            talk.rate.map_or(PATIENCE, |rate| PATIENCE + Duration::from_secs_f64(talk.messages as f64 / rate));
        let polls =
            timeout(longest, self.bot(talk.messages, &notes, to_answer)).await.context("not all was heard")??;
        while let Some(talker) = talkers.join_next().await {
            talker??;
        }
        let mut answered = 0;
        while let Some(answerer) = answerers.join_next().await {
            answered += answerer??;
        }
        Ok((polls, answered))
    }

    /// Says one message after the other, for every so manieth person: what one person says stays in order.
    async fn talker(&self, place: usize, talk: Talk, start: Instant, notes: &RefCell<Notes>) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        for number in (0..talk.messages).filter(|number| number % self.people % TALKERS == place) {
            if let Some(rate) = talk.rate {
                sleep_until((start + Duration::from_secs_f64(number as f64 / rate)).into()).await;
            }
            notes.borrow_mut().said[number] = Some(Instant::now());
            let person = number % self.people + 1;
            connection.post(&format!("/control/users/{person}/messages"), &format!(r#"{{"text":"{number}"}}"#)).await?;
        }
        Ok(())
    }

    /// Polls until everything has come.
    async fn bot(
        &self,
        messages: usize,
        notes: &RefCell<Notes>,
        to_answer: mpsc::UnboundedSender<(i64, usize)>,
    ) -> Result<usize> {
        let mut connection = Connection::open(self.address).await?;
        let path = format!("/bot{}/getUpdates", self.token);
        let (mut offset, mut polls, mut left) = (0, 0, messages);
        loop {
            // The last poll only confirms.
            let timeout = if left == 0 { 0 } else { 50 };
            let answer = connection.post(&path, &format!(r#"{{"offset":{offset},"timeout":{timeout}}}"#)).await?;
            polls += 1;
            if left == 0 {
                return Ok(polls);
            }
            let updates: Answer = serde_json::from_slice(&answer)?;
            let now = Instant::now();
            let mut notes = notes.borrow_mut();
            for update in updates.result {
                ensure!(offset == 0 || update.update_id == offset, "{} came in place of {offset}", update.update_id);
                offset = update.update_id + 1;
                let number: usize = update.message.text.parse()?;
                let heard = notes.heard.get_mut(number).context("nobody said this")?;
                if heard.replace(now).is_some() {
                    notes.doubled += 1;
                    continue;
                }
                if notes.latest[number % self.people].replace(number) > Some(number) {
                    notes.disordered += 1;
                }
                left -= 1;
                if number.is_multiple_of(ANSWERED) {
                    to_answer.send((update.message.chat.id, number)).ok();
                }
            }
        }
    }

    /// Answers until nobody asks any more.
    async fn answerer(&self, questions: &tokio::sync::Mutex<mpsc::UnboundedReceiver<(i64, usize)>>) -> Result<usize> {
        let mut connection = Connection::open(self.address).await?;
        let path = format!("/bot{}/sendMessage", self.token);
        let mut answered = 0;
        loop {
            let question = questions.lock().await.recv().await;
            let Some((chat, number)) = question else { return Ok(answered) };
            connection.post(&path, &format!(r#"{{"chat_id":{chat},"text":"you said {number}"}}"#)).await?;
            answered += 1;
        }
    }
}
