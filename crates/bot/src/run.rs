//! The worker's life: what it holds, what it may touch, and in which order it begins and stops.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use interfaces::configs::Kinds;
use interfaces::page;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;
use worker::{Context, Exit, Sandbox, Start};

use crate::commands::menu;
use crate::desk::Desk;
use crate::guard::{Claim, Guard};
use crate::poll::{End, Poller};
use crate::registry::Registry;
use crate::rival::Rival;
use crate::send::Outgoing;
use crate::status::Board;
use crate::storage::Storage;
use crate::telegram::Telegram;
use crate::{inbox, notices};

/// How long Telegram's first answer is waited for before the worker says that it is ready all the same.
const FIRST_ANSWER: Duration = Duration::from_secs(3);
/// How long a call that keeps updates may go on after the signal to stop.
const LAST_CALL: Duration = Duration::from_secs(2);

/// How long a link to the page is waited for, a restart of natrium-web included.
const PAGE: Duration = Duration::from_secs(5);

/// What the worker has before its sandbox closes.
#[derive(Debug)]
pub(crate) struct Bot {
    id: i64,
    telegram: Telegram,
    claim: Claim,
}

/// What the bot may touch: connections to the Bot API's port, and nothing on the disk but what those need.
#[must_use]
pub fn sandbox(start: &Start) -> Sandbox {
    let port = api_url(&start.settings.telegram.api_url).ok().and_then(|url| url.port_or_known_default());
    Sandbox::closed().connect(port.unwrap_or(443))
}

impl worker::Worker for Bot {
    const NAME: &'static str = "bot";

    /// Reads the token and takes its lock, if no other process has it.
    fn prepare(start: &Start) -> Result<Self, Exit> {
        let telegram = &start.settings.telegram;
        let token = telegram.token.read(&start.environment);
        let token = token.context("reading the bot's token").map_err(Exit::Configuration)?;
        let id = bot_id(token.expose()).map_err(Exit::Configuration)?;
        let url = api_url(&telegram.api_url).map_err(Exit::Configuration)?;
        let claim = Guard::claim(id).map_err(|error| Exit::TryAgain(error.into()))?;
        let telegram = Telegram::new(token.expose(), url)
            .map_err(|why| Exit::Software(anyhow!("setting up the HTTP client: {why}")))?;
        Ok(Self { id, telegram, claim })
    }

    fn sandbox(start: &Start) -> Sandbox {
        sandbox(start)
    }

    async fn run(self, mut context: Context) -> Result<(), Exit> {
        let serving = context.serve(|server| server)?;
        let ended = live(self, &context).await;
        context.stop.cancel();
        // Calls in flight are answered; the server has its own deadline for that.
        let _ = serving.await;
        match ended? {
            End::Stopping => Ok(()),
            End::Refused(why) => Err(Exit::Configuration(anyhow!(
                "Telegram refused the token ({why}): it is wrong or was revoked; put the bot's present token where telegram.token points"
            ))),
        }
    }
}

/// From the first question to Telegram until everything is handed over or stays in the inbox.
async fn live(bot: Bot, context: &Context) -> Result<End, Exit> {
    let stop = context.stop.clone();
    let board = Arc::new(Board::new(context.notify.clone(), bot.id));
    let guard = match bot.claim {
        Claim::Ours(guard) => Some(guard),
        Claim::Theirs(holder) => {
            let taken = Rival { bot: bot.id, holder }.succeed(&board, &stop).await;
            taken.map_err(|error| Exit::TryAgain(error.into()))?
        }
    };
    let Some(guard) = guard else { return Ok(End::Stopping) };
    let _answering = Stopped(tokio::spawn(guard.answer()));
    let storage = Storage::new(context.pool("writer"), board.clone(), stop.clone());
    let mut poller = Poller::new(bot.telegram.clone(), board.clone(), stop.clone());
    let me = match poller.greet(FIRST_ANSWER).await {
        Ok(me) => me,
        Err(end) => return Ok(end),
    };
    let Some(registry) = registry(&storage).await? else { return Ok(End::Stopping) };
    let settings = &context.settings;
    let (menu, asked) = mpsc::unbounded_channel();
    let desk = Arc::new(Desk::new(
        bot.id,
        me.username().to_owned(),
        settings.instance.clone(),
        settings.language,
        registry,
        Outgoing::new(bot.telegram, stop.clone()),
        storage.clone(),
        page::Client::new(context.pool("web"), PAGE),
        board,
        menu,
    ));
    let shown = desk.clone();
    let _menu = Stopped(tokio::spawn(async move { menu::publish(&shown, asked).await }));
    let telling = desk.clone();
    let _notices = Stopped(tokio::spawn(async move { notices::run(&telling).await }));

    let (intake, worker) = inbox::open(bot.id, storage, stop.clone());
    let mut working = Stopped(tokio::spawn(worker.run(desk)));
    let last_call = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_CALL).await;
    };
    let polling = async {
        match intake.recover().await {
            Ok(0) => {}
            Ok(found) => tracing::info!("{found} updates were left from before the start"),
            Err(stopping) => return stopping.into(),
        }
        poller.run(&intake).await
    };
    let end = tokio::select! {
        end = polling => Some(end),
        // Whether these updates were kept is not known, so Telegram is not told, and sends them again.
        () = last_call => Some(End::Stopping),
        _ = &mut working.0 => None,
    };
    match end {
        Some(end) => {
            stop.cancel();
            // It knows its deadline.
            let _ = (&mut working.0).await;
            Ok(end)
        }
        // It had nothing left to do when the signal to stop came, and was faster than the poll to hear of it.
        None if stop.is_cancelled() => Ok(End::Stopping),
        None => Err(Exit::Software(anyhow!("nobody works the inbox off any more"))),
    }
}

/// The kinds as the writer has them; none when the worker stops before it has answered.
async fn registry(storage: &Storage) -> Result<Option<Registry>, Exit> {
    let call = Kinds {};
    let Ok(answer) = storage.ask("asking for the kinds of config", || storage.configs.kinds(&call)).await else {
        return Ok(None);
    };
    let reply = answer.map_err(|no| Exit::TryAgain(anyhow!("the writer does not name the kinds of config: {no:?}")))?;
    Registry::new(reply.kinds, reply.retired).map(Some).map_err(|error| Exit::Configuration(error.into()))
}

/// The bot's id, which is the token's part before the colon.
fn bot_id(token: &str) -> anyhow::Result<i64> {
    // No part of the text goes into the error: it may be a secret in the wrong place.
    let well_formed =
        |secret: &str| !secret.is_empty() && secret.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let parts = token.split_once(':').filter(|(_, secret)| well_formed(secret));
    match parts.and_then(|(id, _)| id.parse().ok().filter(|id| *id > 0)) {
        Some(id) => Ok(id),
        None => bail!("the bot's token is not one: @BotFather's look like 123456789:AbC-dEf_35-characters"),
    }
}

fn api_url(text: &str) -> anyhow::Result<Url> {
    // A path with a slash at its end would become two slashes before the method.
    let url = Url::parse(text.trim_end_matches('/')).context("telegram.api_url")?;
    if url.cannot_be_a_base() || url.host_str().is_none() {
        bail!("telegram.api_url: {text} is not the address of a server");
    }
    Ok(url)
}

/// A task that ends with its owner.
struct Stopped<T>(JoinHandle<T>);

impl<T> Drop for Stopped<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use super::*;

    #[test]
    fn a_token_names_its_bot_and_is_never_repeated() {
        assert_eq!(bot_id("5550001111:SIMULATED-not_a-secret").unwrap(), 5_550_001_111);
        for wrong in
            ["", "secret", "12:", ":secret", "-5:secret", "0:secret", "12:se cret", "x:secret", "12:a/../secret"]
        {
            let told = bot_id(wrong).unwrap_err().to_string();
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn the_api_server_may_have_a_path_and_a_slash() {
        for (text, url) in [
            ("https://api.telegram.org", "https://api.telegram.org/"),
            ("http://127.0.0.1:8081/", "http://127.0.0.1:8081/"),
            ("http://host/telegram/", "http://host/telegram"),
        ] {
            assert_eq!(api_url(text).unwrap().as_str(), url);
        }
        assert!(api_url("api.telegram.org").is_err() && api_url("data:x").is_err());
    }
}
