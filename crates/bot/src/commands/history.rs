//! `/history`: who saved which version, and when, a page at a time.

use interfaces::admins::Role;
use interfaces::configs::History;

use super::answers::{kind_of, misunderstood, newest, permitted, refused, show};
use super::arguments;
use super::press::Press;
use crate::buttons::Tag;
use crate::pages::history;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    let registry = &talk.desk.registry;
    match arguments::past(registry, |kinds| arguments::at_most_a_kind(words, kinds)) {
        Ok(kind) => page(talk, None, kind, None).await,
        Err(wrong) => misunderstood(talk, wrong, "/history", "").await,
    }
}

pub(super) async fn press(talk: &Talk<'_>, press: &Press, tag: &Tag, before: i64) -> Result<(), Stopping> {
    let retired = talk.desk.registry.retired().iter().find(|kind| tag.is_for(&kind.name));
    let kind = match retired {
        Some(kind) => Some(kind),
        None => kind_of(talk, press, tag, None).await?,
    };
    match kind {
        Some(kind) => page(talk, Some(press), kind, Some(before)).await,
        None => Ok(()),
    }
}

async fn page(talk: &Talk<'_>, press: Option<&Press>, kind: &Known, before: Option<i64>) -> Result<(), Stopping> {
    if !permitted(talk, press, Needs::Of(kind, Role::Viewer), "history").await? {
        return Ok(());
    }
    let newest = match newest(talk, kind, None).await? {
        Ok(newest) => newest.map_or(0, |version| version.version),
        Err(no) => return refused(talk, press, kind, no).await,
    };
    let storage = &talk.desk.storage;
    let call = History { kind: kind.name.clone(), before, limit: history::VERSIONS };
    match storage.ask("asking for older versions", || storage.configs.history(&call)).await? {
        Ok(reply) => show(talk, press, &history::page(kind, &reply.versions, newest, talk.language)).await,
        Err(no) => refused(talk, press, kind, no).await,
    }
}
