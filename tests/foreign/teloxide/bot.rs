//! An ordinary teloxide bot. Only the API root is not Telegram's: it is told by $API_ROOT, the token by $BOT_TOKEN.
//!
//! It repeats what it is told, and notes what goes wrong as the library knows it. It ends with whoever started it.

use std::env;
use std::io::{Write as _, stderr};
use std::sync::Arc;

use anyhow::Context as _;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use teloxide::RequestError;
use teloxide::prelude::*;
use teloxide::update_listeners::polling_default;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    set_pdeathsig(Signal::SIGKILL)?;
    let variable = |name| env::var(name).with_context(|| format!("${name} is not set"));
    let bot = Bot::new(variable("BOT_TOKEN")?).set_api_url(variable("API_ROOT")?.parse().context("$API_ROOT")?);
    let handler = Update::filter_message().endpoint(echo);
    // What `dispatch` does, but that it would note errors in a log of the crate `log`.
    let listener = polling_default(bot.clone()).await;
    let noted = |error: RequestError| async move { drop(writeln!(stderr(), "{error:?}: {error}")) };
    Dispatcher::builder(bot, handler).build().dispatch_with_listener(listener, Arc::new(noted)).await;
    Ok(())
}

async fn echo(bot: Bot, message: Message) -> Result<(), RequestError> {
    if let Some(text) = message.text() {
        let kind = if message.chat.is_private() { "private" } else { "shared" };
        bot.send_message(message.chat.id, format!("{kind}: {text}")).await?;
    }
    Ok(())
}
