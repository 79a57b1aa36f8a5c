//! `/diff`: what differs between two versions.

use interfaces::admins::Role;

use super::answers::{content, misunderstood, newest, permitted, refused, show};
use super::arguments::{self, Compared};
use crate::pages::difference::{self, Side};
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    let (kind, compared) = match arguments::past(&talk.desk.registry, |kinds| arguments::diff(words, kinds)) {
        Ok(meant) => meant,
        Err(wrong) => return misunderstood(talk, wrong, "/diff", " 3 7").await,
    };
    if !permitted(talk, None, Needs::Of(kind, Role::Viewer), "diff").await? {
        return Ok(());
    }
    if let Compared::Both(from, to) = compared {
        return compare(talk, kind, from, to).await;
    }
    let newest = match newest(talk, kind, None).await? {
        Ok(newest) => newest.map_or(0, |version| version.version),
        Err(no) => return refused(talk, None, kind, no).await,
    };
    match (compared, newest) {
        (_, 0) => talk.say(&Text::history_none(&kind.file)).await,
        (Compared::Newest, 1) => talk.say(&Text::diff_only_one(&kind.file)).await,
        (Compared::Newest | Compared::Both(..), to) => compare(talk, kind, to - 1, to).await,
        (Compared::WithCurrent(from), to) => compare(talk, kind, from, to).await,
    }
}

async fn compare(talk: &Talk<'_>, kind: &Known, from: i64, to: i64) -> Result<(), Stopping> {
    let old = match content(talk.desk, kind, Some(from)).await? {
        Ok(reply) => reply.content,
        Err(no) => return refused(talk, None, kind, no).await,
    };
    let new = match content(talk.desk, kind, Some(to)).await? {
        Ok(reply) => reply.content,
        Err(no) => return refused(talk, None, kind, no).await,
    };
    if old == new {
        return talk.say(&Text::diff_same(from, to, &kind.file)).await;
    }
    let [old_label, new_label] = [from, to].map(|version| label(kind, version));
    let head = Text::diff_head(&kind.file, from, to);
    let name = format!("{}.v{from}-v{to}.diff", kind.name);
    let (old, new) = (Side { label: &old_label, content: &old }, Side { label: &new_label, content: &new });
    show(talk, None, &difference::page(&head, old, new, &name, talk.language)).await
}

/// How a version is called in a difference.
pub(crate) fn label(kind: &Known, version: i64) -> String {
    format!("{} v{version}", kind.file)
}
