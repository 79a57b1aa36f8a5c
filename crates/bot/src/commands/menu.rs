//! The command menu that Telegram shows: admins see what they may do, everybody else only `/start` and `/help`.

use std::collections::BTreeMap;

use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use tokio::sync::mpsc;

use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::desk::Desk;
use crate::registry::Known;
use crate::send::Stopping;
use crate::telegram::Failure;
use crate::texts::{Language, Text};

/// Between attempts. Nobody waits for the menu.
const AGAIN: Growth = Growth { first: std::time::Duration::from_secs(2), most: std::time::Duration::from_secs(120) };

/// Longest description that Telegram takes, in characters.
const DESCRIPTION: usize = 256;

/// Sets the menus of everybody and of each admin, and then of those who ask for theirs.
///
/// # Errors
/// When the worker stops.
pub(crate) async fn publish(desk: &Desk, mut asked: mpsc::UnboundedReceiver<i64>) -> Result<(), Stopping> {
    set(desk, BotCommandScope::Default, everybody).await?;
    for admin in desk.admins.keys() {
        publish_to(desk, *admin).await?;
    }
    while let Some(admin) = asked.recv().await {
        publish_to(desk, admin).await?;
    }
    Ok(())
}

/// Sets the menu of one admin's private chat, whose id is the admin's own. Telegram refuses it before the admin has ever
/// written to the bot.
async fn publish_to(desk: &Desk, admin: i64) -> Result<(), Stopping> {
    let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(admin)) };
    if set(desk, scope, |language| admins(desk.registry.kinds(), language)).await? {
        desk.menu_is_set(admin);
    }
    Ok(())
}

/// The menu in the settings' language for everybody, and in the other language for those whose client has it. False when
/// Telegram refuses.
async fn set(desk: &Desk, scope: BotCommandScope, commands: impl Fn(Language) -> Menu) -> Result<bool, Stopping> {
    let other = match desk.language {
        Language::English => Language::Russian,
        Language::Russian => Language::English,
    };
    for (language, code) in [(desk.language, None), (other, Some(other.tag()))] {
        let mut backoff = Backoff::new(AGAIN, fresh_seed());
        loop {
            let commands = commands(language).into_iter().map(|(name, text)| BotCommand::new(name, text)).collect();
            let pause = match desk.outgoing.telegram().set_commands(commands, scope.clone(), code).await {
                Ok(()) | Err(Failure::DoneUnread | Failure::NotModified) => break,
                Err(Failure::Refused(why) | Failure::Forbidden(why)) => {
                    tracing::debug!(?scope, "the command menu was refused: {why}");
                    return Ok(false);
                }
                Err(Failure::Flood(wait)) => wait,
                Err(Failure::Token(_) | Failure::Conflict | Failure::Webhook | Failure::Unreachable(_)) => {
                    backoff.pause()
                }
            };
            desk.outgoing.sleep(pause).await?;
        }
    }
    Ok(true)
}

type Menu = Vec<(String, String)>;

fn everybody(language: Language) -> Menu {
    entries([("start".to_owned(), Text::menu_start()), ("help".to_owned(), Text::menu_help())], language)
}

fn admins(kinds: &[Known], language: Language) -> Menu {
    let of_kinds = kinds.iter().flat_map(|kind| {
        [
            (format!("set_{}", kind.command), Text::menu_set(&kind.file)),
            (format!("get_{}", kind.command), Text::menu_get(&kind.file)),
        ]
    });
    let others = [("cancel".to_owned(), Text::menu_cancel()), ("help".to_owned(), Text::menu_help())];
    entries(of_kinds.chain(others), language)
}

fn entries(entries: impl IntoIterator<Item = (String, Text)>, language: Language) -> Menu {
    let mut seen = BTreeMap::new();
    entries
        .into_iter()
        .filter(|(name, _)| seen.insert(name.clone(), ()).is_none())
        // Telegram takes a hundred commands and refuses the whole menu otherwise.
        .take(100)
        .map(|(name, text)| (name, text.say(language).chars().take(DESCRIPTION).collect()))
        .collect()
}
