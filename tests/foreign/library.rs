//! The libraries: how a bot written with each is started, and what each calls Telegram's errors.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use sim::client::{Client, User};
use sim::{Options, Simulator};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Interpreters take their time on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    Aiogram,
    Grammy,
    /// A crate like any other, and built by cargo.
    Teloxide,
}

impl Library {
    fn command(self) -> Command {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign");
        let (installed, program, bot) = match self {
            Self::Aiogram => {
                let python = place.join("aiogram/.venv/bin/python");
                (python.clone(), python, place.join("aiogram/bot.py"))
            }
            Self::Grammy => (place.join("grammy/node_modules/grammy"), "node".into(), place.join("grammy/bot.mjs")),
            Self::Teloxide => {
                let bot = Path::new(env!("CARGO_BIN_EXE_natriumd")).with_file_name("examples").join("teloxide-bot");
                assert!(bot.exists(), "{} is missing: run cargo build --workspace --all-targets", bot.display());
                return Command::new(bot);
            }
        };
        assert!(installed.exists(), "{} is missing: run scripts/foreign-clients", installed.display());
        let mut command = Command::new(program);
        command.arg(bot);
        command
    }

    /// What a bot author catches when Telegram answers with an error.
    pub(crate) fn caught(self, code: u16, description: &str) -> String {
        let class = match code {
            400 => "TelegramBadRequest",
            401 => "TelegramUnauthorizedError",
            403 => "TelegramForbiddenError",
            409 => "TelegramConflictError",
            _ => "TelegramAPIError",
        };
        match self {
            Self::Aiogram => format!("{class}: {description}"),
            Self::Grammy => format!("GrammyError {code}: {description}"),
            Self::Teloxide => format!("A Telegram's error: {description}"),
        }
    }

    /// How the library itself notes that it was refused updates: with words of its own between class and description.
    pub(crate) fn noted(self, code: u16, description: &str) -> String {
        let caught = self.caught(code, description);
        match self {
            Self::Aiogram => caught.replacen(": ", ": Telegram server says - ", 1),
            Self::Grammy | Self::Teloxide => caught,
        }
    }
}

/// A bot that runs. It is killed in the end, and had no child processes.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    directory: TempDir,
}

impl Running {
    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    /// Waits until it has logged this so often.
    pub(crate) async fn logs(&self, text: &str, times: usize) {
        let enough = async || (self.log().matches(text).count() >= times).then_some(());
        if let Err(error) = harness::until_async(text, PATIENCE, enough).await {
            panic!("{error}; its log:\n{}", self.log());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "the bot's log:\n{}", self.log());
        }
    }
}

/// A simulated Telegram with a person in it.
pub(crate) struct Telegram {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) anna: User,
}

impl Telegram {
    pub(crate) async fn start() -> Self {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        let client = simulator.client().patient(PATIENCE);
        let anna = client.user(1001, "Anna").await.unwrap();
        Self { simulator, client, anna }
    }

    /// Starts a bot without waiting for anything.
    pub(crate) fn bot(&self, library: Library) -> Running {
        self.bot_with(library, None)
    }

    /// Starts a bot that listens to a webhook with this secret, and waits until it has set it. Returns where.
    pub(crate) async fn listening_bot(&self, library: Library, secret: &str) -> (Running, String) {
        let bot = self.bot_with(library, Some(secret));
        let set = async || self.client.state().await.unwrap().bots.remove(0).webhook;
        let webhook = harness::until_async("a webhook", PATIENCE, set).await;
        let webhook = webhook.unwrap_or_else(|error| panic!("{error}; its log:\n{}", bot.log()));
        assert!(webhook.has_secret);
        (bot, webhook.url)
    }

    fn bot_with(&self, library: Library, secret: Option<&str>) -> Running {
        let directory = tempfile::tempdir().unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        let mut command = library.command();
        command.env("API_ROOT", self.simulator.url()).env("BOT_TOKEN", self.simulator.token());
        command.envs(secret.map(|secret| ("WEBHOOK_SECRET", secret)));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Running { process: command.spawn().unwrap(), directory }
    }

    /// Starts a bot and waits until it waits for updates.
    pub(crate) async fn polling_bot(&self, library: Library) -> Running {
        let bot = self.bot(library);
        self.client.polling().await.unwrap();
        bot
    }

    /// Calls the Bot API as the bot, beside it, and returns the whole answer.
    pub(crate) async fn call(&self, method: &str) -> String {
        let mut stream = TcpStream::connect(self.simulator.address()).await.unwrap();
        let token = self.simulator.token();
        let request = format!("GET /bot{token}/{method} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
