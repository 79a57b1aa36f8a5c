//! `natrium pair`: the code that makes somebody the first owner, and where to send it.

use interfaces::admins::Pairing;
use interfaces::supervisor::{Status, StatusReply};
use serde::Serialize;
use settings::Environment;

use crate::arguments::{Asking, Service};
use crate::exit::Exit;
use crate::failure::{Failure, ended};
use crate::service::{reach, talk};
use crate::text::{complain, json, line, print};
use crate::writer::{PATIENCE, Writer};

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

pub(crate) fn run(asking: &Asking, environment: &Environment) -> Exit {
    ended(pair(asking, environment), asking.json)
}

fn pair(asking: &Asking, environment: &Environment) -> Result<Exit, Failure> {
    let writer = Writer::reach(&asking.service, PATIENCE, environment)?;
    let code = writer.read(writer.admins.pairing(&Pairing {}))?.code;
    let bot = code.as_ref().and_then(|_| bot(&asking.service, environment));
    if asking.json {
        let link = code.as_deref().zip(bot.as_deref()).map(|(code, bot)| link(bot, code));
        print(&json(&Json { code: code.as_deref(), link }));
    }
    let Some(code) = code else {
        if !asking.json {
            complain("there is an owner already\nwho: natrium admins; make more: natrium admins invite owner");
        }
        return Ok(Exit::Unchanged);
    };
    if !asking.json {
        print(&format!("{code}\n{}", to_send(&code, bot.as_deref())));
    }
    Ok(Exit::Success)
}

/// What to do with a code.
pub(crate) fn to_send(code: &str, bot: Option<&str>) -> String {
    match bot {
        Some(bot) => format!("open {}\nor send @{bot} the message /pair {code}\n", link(bot, code)),
        None => format!("send the bot the message /pair {code}\n"),
    }
}

/// The link that opens a chat with the bot and sends the code.
pub(crate) fn link(bot: &str, code: &str) -> String {
    format!("https://t.me/{bot}?start={}", line(code))
}

/// What the bot is called in Telegram, as it says itself.
pub(crate) fn bot(service: &Service, environment: &Environment) -> Option<String> {
    let client = reach(service, environment).ok()?;
    named(&talk(async { Ok(client.status(&Status {}).await?) }).ok()?)
}

fn named(status: &StatusReply) -> Option<String> {
    let said = &status.workers.iter().find(|worker| worker.name == "bot")?.status;
    let (_, name) = said.split_once("polling as @")?;
    let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    Some(name).filter(|name| !name.is_empty())
}
