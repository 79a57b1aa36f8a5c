//! The command menu that Telegram shows: people with a role see what it lets them do, everybody else only `/start` and `/help`.

use std::collections::BTreeMap;

use interfaces::admins::{Admin, List, Role};
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use tokio::sync::mpsc;

use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::desk::Desk;
use crate::registry::Known;
use crate::roles::{self, Needs};
use crate::send::Stopping;
use crate::telegram::Failure;
use crate::texts::{Language, Text};

/// Between attempts. Nobody waits for the menu.
const AGAIN: Growth = Growth { first: std::time::Duration::from_secs(2), most: std::time::Duration::from_secs(120) };

/// Longest description that Telegram takes, in characters.
const DESCRIPTION: usize = 256;

/// Commands that Telegram takes; it refuses the whole menu otherwise.
const MOST: usize = 100;

/// Sets the menus of everybody and of each who has a role, and then of those whose role has changed.
///
/// # Errors
/// When the worker stops.
pub(crate) async fn publish(desk: &Desk, mut asked: mpsc::UnboundedReceiver<i64>) -> Result<(), Stopping> {
    set(desk, BotCommandScope::Default, everybody).await?;
    match desk.storage.ask("asking who may do what", || desk.storage.admins.list(&List {})).await? {
        Ok(reply) => {
            for person in &reply.admins {
                publish_to(desk, person).await?;
            }
        }
        Err(no) => tracing::error!("it is not known who has which menu: {no:?}"),
    }
    while let Some(user) = asked.recv().await {
        match desk.person(user).await? {
            Ok(person) => publish_to(desk, &person.unwrap_or_else(|| roles::nobody(user, ""))).await?,
            Err(no) => tracing::error!(user_id = user, "it is not known which menu somebody has: {no:?}"),
        }
    }
    Ok(())
}

/// Sets the menu of a person's private chat, whose id is the person's own. Telegram refuses it before they have ever written
/// to the bot.
async fn publish_to(desk: &Desk, person: &Admin) -> Result<(), Stopping> {
    let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(person.user)) };
    if set(desk, scope, |language| of(desk.registry.kinds(), person, language)).await? {
        desk.people.has_menu(person);
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

fn of(kinds: &[Known], person: &Admin, language: Language) -> Menu {
    let may = |kind: &&Known, role| Needs::Of(kind, role).met_by(person);
    let sees: Vec<&Known> = kinds.iter().filter(|kind| may(kind, Role::Viewer)).collect();
    let changes = sees.iter().any(|kind| may(kind, Role::Admin));
    let (audits, owns) = (Needs::General(Role::Admin).met_by(person), Needs::General(Role::Owner).met_by(person));
    if sees.is_empty() && !audits {
        return everybody(language);
    }
    let of_kinds = sees.iter().flat_map(|kind| {
        let set = may(kind, Role::Admin).then(|| (format!("set_{}", kind.command), Text::menu_set(&kind.file)));
        set.into_iter().chain([(format!("get_{}", kind.command), Text::menu_get(&kind.file))])
    });
    let others = [
        (!sees.is_empty(), "history", Text::menu_history()),
        (!sees.is_empty(), "diff", Text::menu_diff()),
        (changes, "rollback", Text::menu_rollback()),
        (changes, "proposals", Text::menu_proposals()),
        (!sees.is_empty(), "page", Text::menu_page()),
        (audits, "audit", Text::menu_audit()),
        (owns, "admins", Text::menu_admins()),
        (true, "cancel", Text::menu_cancel()),
        (true, "help", Text::menu_help()),
    ];
    // Telegram takes a hundred commands; those of kinds give way.
    let others: Vec<_> =
        others.into_iter().filter(|(may, ..)| *may).map(|(_, name, text)| (name.to_owned(), text)).collect();
    entries(of_kinds.take(MOST - others.len()).chain(others), language)
}

fn entries(entries: impl IntoIterator<Item = (String, Text)>, language: Language) -> Menu {
    let mut seen = BTreeMap::new();
    entries
        .into_iter()
        .filter(|(name, _)| seen.insert(name.clone(), ()).is_none())
        .take(MOST)
        .map(|(name, text)| (name, text.say(language).chars().take(DESCRIPTION).collect()))
        .collect()
}
