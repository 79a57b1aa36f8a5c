//! `/audit`: what was changed and refused, a page at a time. For admins; who is one for a single kind sees that kind's.

use interfaces::admins::Role;
use interfaces::audit::List;

use super::answers::{broken, kind_of, misunderstood, permitted, show};
use super::arguments;
use super::press::Press;
use crate::buttons::Tag;
use crate::pages::audit;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    if words.is_empty() {
        return page(talk, None, None, None).await;
    }
    match arguments::at_most_a_kind(words, talk.desk.registry.kinds()) {
        Ok(kind) => page(talk, None, Some(kind), None).await,
        Err(wrong) => misunderstood(talk, wrong, "/audit", "").await,
    }
}

pub(super) async fn press(talk: &Talk<'_>, press: &Press, before: i64, tag: Option<&Tag>) -> Result<(), Stopping> {
    let kind = match tag {
        None => None,
        Some(tag) => match kind_of(talk, press, tag, None).await? {
            Some(kind) => Some(kind),
            None => return Ok(()),
        },
    };
    page(talk, Some(press), kind, Some(before)).await
}

async fn page(
    talk: &Talk<'_>,
    press: Option<&Press>,
    kind: Option<&Known>,
    before: Option<i64>,
) -> Result<(), Stopping> {
    let needs = kind.map_or(Needs::General(Role::Admin), |kind| Needs::Of(kind, Role::Admin));
    if !permitted(talk, press, needs, "audit").await? {
        return Ok(());
    }
    let storage = &talk.desk.storage;
    // One more than is looked at tells whether there are older ones.
    let limit = i64::try_from(audit::ENTRIES).unwrap_or(i64::MAX).saturating_add(1);
    let call = List { before, limit, kind: kind.map(|kind| kind.name.clone()), user: None };
    match storage.ask("asking for the audit trail", || storage.audit.list(&call)).await? {
        Ok(reply) => show(talk, press, &audit::page(kind, &reply.entries, before.is_none(), talk.language)).await,
        Err(no) => broken(talk, press, &format!("{no:?}")).await,
    }
}
