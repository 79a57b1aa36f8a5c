//! What every test here needs: a simulated Telegram, a service that talks with it, and people.

use std::fs;
use std::process::id as process_id;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use harness::{Admin, Instance, Programs, until_async};
use interfaces::audit;
use interfaces::configs::{Author, History, Origin, Put};
use interfaces::supervisor::Worker;
use sim::Simulator;
use sim::client::{Client, User};
use sim::control::{MessageView, NewUser};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const ANNA: Admin = Admin { id: 1001, name: "Anna" };
pub(crate) const BORIS: Admin = Admin { id: 1002, name: "Boris" };

/// Debug builds on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const VALIDATING: &str = "⏳ Downloading and validating…";
pub(crate) const SAVING: &str = "🔒 Acquiring lock and saving…";
pub(crate) const SAVED: &str = "✅ fees.yml updated successfully!";

/// The service goes before the Telegram that it talks with.
pub(crate) struct Stage {
    pub(crate) service: Instance,
    pub(crate) telegram: Client,
    pub(crate) token: String,
    /// The address of the Bot API.
    pub(crate) url: String,
    _simulator: Simulator,
}

impl Stage {
    /// A simulator, and a service that has not been started.
    pub(crate) async fn set() -> Self {
        // A token of its own: bots with the same one keep each other from running, across all tests of this machine.
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let id = 6_000_000_000 + i64::from(process_id()) * 100 + NEXT.fetch_add(1, Ordering::Relaxed);
        let token = format!("{id}:SIMULATED-not-a-secret-0123456789abcd");
        let options =
            sim::Options { tokens: vec![token.clone().into()], flood_limits: true, ..sim::Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let programs = Programs::beside_this_one().unwrap();
        let service = Instance::new(&programs, &simulator.url(), &token, &[ANNA, BORIS]).unwrap();
        let telegram = simulator.client().patient(PATIENCE);
        Self { service, telegram, token, url: simulator.url(), _simulator: simulator }
    }

    /// The same, started.
    pub(crate) async fn start() -> Self {
        let mut stage = Self::set().await;
        stage.service.start().unwrap();
        stage
    }

    /// The same, with other settings.
    pub(crate) async fn with(change: impl FnOnce(String) -> String) -> Self {
        let mut stage = Self::set().await;
        let text = fs::read_to_string(stage.service.settings()).unwrap();
        stage.service.write_settings(&change(text)).unwrap();
        stage.service.start().unwrap();
        stage
    }

    pub(crate) async fn anna(&self) -> User {
        self.telegram.user(ANNA.id, "Anna").await.unwrap()
    }

    /// Speaks Russian.
    pub(crate) async fn boris(&self) -> User {
        self.telegram.put_user(person(BORIS.id, "Борис", Some("ru"))).await.unwrap()
    }

    /// A new version of fees, on top of what stands, that somebody saves without the bot; gives its number.
    pub(crate) async fn saves(&self, author: Author, content: &str) -> i64 {
        static REQUESTS: AtomicI64 = AtomicI64::new(0);
        let configs = self.service.configs();
        let history = configs.history(&History { kind: "fees".to_owned(), before: None, limit: 1 }).await.unwrap();
        let put = Put {
            kind: "fees".to_owned(),
            content: content.to_owned(),
            base: history.versions.first().map_or(0, |version| version.version),
            over: None,
            author,
            request_id: format!("aside-{}-{}", process_id(), REQUESTS.fetch_add(1, Ordering::Relaxed)),
            settles: None,
        };
        configs.put(&put).await.unwrap().version.version
    }

    /// Versions of fees, one on top of the other, that Anna saves without the bot.
    pub(crate) async fn has<const N: usize>(&self, marks: [&str; N]) {
        for mark in marks {
            self.saves(by(ANNA), &fees(mark)).await;
        }
    }

    /// How many versions of fees there are.
    pub(crate) async fn versions(&self) -> i64 {
        let history = History { kind: "fees".to_owned(), before: None, limit: 1 };
        let reply = self.service.configs().history(&history).await.unwrap();
        reply.versions.first().map_or(0, |version| version.version)
    }

    /// What the audit trail says, the newest first: who, what, which kind, and why not where it was refused.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let audit = audit::Client::new(self.service.pool("writer"), PATIENCE);
        let list = audit::List { before: None, limit: 100, kind: None, user: None };
        let entries = audit.list(&list).await.unwrap().entries;
        let line = |entry: &audit::Entry| {
            let said = [Some(&entry.actor.name), Some(&entry.action), entry.kind.as_ref(), entry.reason.as_ref()];
            said.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
        };
        entries.iter().map(line).collect()
    }

    /// Waits until a refusal is in the trail: who, action, kind, reason.
    pub(crate) async fn refused(&self, line: &str) {
        let found = async || self.audit().await.iter().any(|said| said == line).then_some(());
        harness::until_async(line, PATIENCE, found).await.unwrap();
    }

    /// The published fees.
    pub(crate) fn fees(&self) -> String {
        fs::read_to_string(self.service.published("fees.yml")).unwrap_or_default()
    }

    /// What the supervisor says about a worker.
    pub(crate) async fn worker(&self, name: &str) -> Worker {
        let status = self.service.supervisor().status(&interfaces::supervisor::Status {}).await.unwrap();
        status.workers.into_iter().find(|worker| worker.name == name).unwrap()
    }

    /// Waits until the bot's status contains `text`.
    pub(crate) async fn bot_says(&self, text: &str) -> String {
        let mut last = String::new();
        let found = until_async(text, PATIENCE, async || {
            last = self.worker("bot").await.status;
            last.contains(text).then_some(())
        })
        .await;
        assert!(found.is_ok(), "the bot's status is {last:?} and not {text:?}; log:\n{}", self.service.log());
        last
    }

    /// Kills a worker's process and waits for its successor.
    pub(crate) async fn kill(&self, name: &str) {
        self.service.kill(name).await.unwrap();
    }

    /// Calls a Bot API method as somebody else who has the token; gives the whole answer.
    pub(crate) async fn calls(&self, method: &str) -> String {
        let address = self.url.trim_start_matches("http://");
        let mut server = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET /bot{}/{method} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n", self.token);
        server.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        server.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Stops the service; nothing was asked of Telegram that the simulator does not know, and the token is in no log line.
    pub(crate) async fn strike(mut self) {
        assert!(self.service.stop().unwrap().success(), "{}", self.service.log());
        let unsimulated = self.telegram.unsimulated().await.unwrap();
        assert!(unsimulated.is_empty(), "{unsimulated:?}");
        self.no_secret_was_told();
    }

    pub(crate) fn no_secret_was_told(&self) {
        let secret = self.token.split_once(':').unwrap().1;
        assert!(!self.service.log().contains(secret), "the token is in the log:\n{}", self.service.log());
    }
}

/// An author at Telegram.
pub(crate) fn by(admin: Admin) -> Author {
    Author { origin: Origin::Telegram, id: admin.id, name: admin.name.to_owned() }
}

/// An author at the command line.
pub(crate) fn operator() -> Author {
    Author { origin: Origin::Operator, id: 0, name: "root".to_owned() }
}

pub(crate) fn person(id: i64, first_name: &str, language_code: Option<&str>) -> NewUser {
    serde_json::from_value(serde_json::json!({ "id": id, "first_name": first_name, "language_code": language_code }))
        .unwrap()
}

/// A valid fees.yml, told from others by `mark`.
pub(crate) fn fees(mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample("fees").unwrap())
}

/// Everything that a message of the bot's has said, in order.
pub(crate) fn said(message: &MessageView) -> Vec<&str> {
    message.history.iter().map(|revision| revision.text.text.as_str()).collect()
}

/// How often the bot has said this, edits included.
pub(crate) async fn times(person: &User, text: &str) -> usize {
    person.chat().await.unwrap().iter().flat_map(|message| said(message)).filter(|said| said.contains(text)).count()
}

/// Begins to talk with the bot: before that, Telegram lets it tell nobody anything.
pub(crate) async fn greets(person: &User) {
    person.says("/help").await.unwrap();
    person.sees("/cancel").await.unwrap();
}

/// Opens the dialogue and sends a document.
pub(crate) async fn uploads(person: &User, content: impl Into<Vec<u8>>) {
    person.says("/set_fees").await.unwrap();
    person.sees("fees.yml").await.unwrap();
    person.sends("fees.yml", content.into()).await.unwrap();
}
