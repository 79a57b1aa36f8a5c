//! `/get_<kind>`: sends the current file, or an older version, with whose it is and since when. With the current one: which
//! programs run which version, and whether the file on the disk is another one by now.

use interfaces::admins::Role;
use interfaces::configs::{Consumer, Consumers, Error, Version};

use super::answers::{content, permitted, refused};
use super::{arguments, by_hand};
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Language, Text, Value};
use crate::upload::problems::cut;

/// The most that Telegram shows below a file, in characters (Bot API, `sendDocument`).
const CAPTION: usize = 1024;
/// Programs that are named; more do not fit.
const NAMED: usize = 8;

pub(super) async fn run(talk: &Talk<'_>, kind: &Known, words: &[String]) -> Result<(), Stopping> {
    let version = match arguments::at_most_a_version(words) {
        Ok(version) => version,
        Err(_) => return talk.say(&Text::usage(format!("/get_{} 3", kind.command))).await,
    };
    if !permitted(talk, None, Needs::Of(kind, Role::Viewer), "get").await? {
        return Ok(());
    }
    let reply = match content(talk.desk, kind, version).await? {
        Ok(reply) => reply,
        Err(No::Said(Error::NoSuchVersion { .. })) if version.is_none() => {
            return talk.say(&Text::get_none(&kind.file, &kind.command)).await;
        }
        Err(no) => return refused(talk, None, kind, no).await,
    };
    let (consumers, by_hand) = match version {
        None => about_the_current(talk, kind).await?,
        Some(_) => (Vec::new(), false),
    };
    let caption = caption(kind, &reply.version, &consumers, by_hand, talk.language);
    talk.desk.outgoing.document(talk.chat, &kind.file, reply.content.as_bytes(), &caption).await
}

/// Who runs which version, and whether the file on the disk is another one. The file is sent without it where it is not known.
async fn about_the_current(talk: &Talk<'_>, kind: &Known) -> Result<(Vec<Consumer>, bool), Stopping> {
    let storage = &talk.desk.storage;
    let call = Consumers { kind: kind.name.clone() };
    let consumers = storage.ask("asking who runs which version", || storage.configs.consumers(&call)).await?;
    let consumers = consumers.map(|reply| reply.consumers).unwrap_or_else(|no| {
        tracing::error!("a file is sent without all that is to be said: {no:?}");
        Vec::new()
    });
    Ok((consumers, by_hand::stands(talk, kind).await?))
}

fn caption(kind: &Known, version: &Version, consumers: &[Consumer], by_hand: bool, language: Language) -> String {
    let at = Value::at_ms(version.saved_ms);
    let mut lines = vec![Text::get_caption(&kind.file, version.version, &version.author, at)];
    lines.extend(by_hand.then(Text::get_by_hand));
    lines.extend((!consumers.is_empty()).then(Text::get_consumers));
    lines.extend(consumers.iter().take(NAMED).map(|consumer| {
        let Consumer { name, version, acknowledged_ms } = consumer;
        Text::get_consumer(cut(name, 60), *version, Value::at_ms(*acknowledged_ms))
    }));
    let lines: Vec<_> = lines.iter().map(|line| line.say(language)).collect();
    cut(&lines.join("\n"), CAPTION)
}
