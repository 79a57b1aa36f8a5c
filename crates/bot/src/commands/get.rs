//! `/get_<kind>`: sends the current file, with whose it is and since when.

use interfaces::configs::{Error, Get};

use crate::registry::Known;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Text, Value};

pub(super) async fn run(talk: &Talk<'_>, kind: &Known) -> Result<(), Stopping> {
    let storage = &talk.desk.storage;
    let call = Get { kind: kind.name.clone(), version: None };
    match storage.ask("asking for the current version", || storage.configs.get(&call)).await? {
        Ok(reply) => {
            let version = reply.version;
            let at = Value::at_ms(version.saved_ms);
            let caption = Text::get_caption(&kind.file, version.version, &version.author, at).say(talk.language);
            talk.desk.outgoing.document(talk.chat, &kind.file, reply.content.as_bytes(), &caption).await
        }
        Err(No::Said(Error::NoSuchVersion { .. })) => talk.say(&Text::get_none(&kind.file, &kind.command)).await,
        Err(No::Said(Error::NoSuchKind { .. })) => talk.say(&Text::no_such_kind(&kind.name)).await,
        Err(no) => talk.say_broken(&format!("{no:?}")).await,
    }
}
