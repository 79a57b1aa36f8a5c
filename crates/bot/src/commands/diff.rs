//! `/diff`: what differs between two versions.

use interfaces::admins::Role;

use super::answers::{content, misunderstood, newest, permitted, refused, show};
use super::arguments::{self, Compared};
use crate::pages::Page;
use crate::pages::difference::{self, Side};
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::{Language, Text};

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
    let head = Text::diff_head(&kind.file, from, to);
    let name = format!("{}.v{from}-v{to}.diff", kind.name);
    let (old, new) = (Side { label: label(kind, from), content: old }, Side { label: label(kind, to), content: new });
    show(talk, None, &differs(&head, old, new, name, talk.language).await).await
}

/// `head`, and what differs between the two. That takes a while, so it is found beside the runtime's thread.
pub(crate) async fn differs(head: &Text, old: Side, new: Side, name: String, language: Language) -> Page {
    let said = head.say(language);
    let comparing = tokio::task::spawn_blocking(move || difference::page(&said, &old, &new, &name, language));
    comparing.await.unwrap_or_else(|error| {
        tracing::error!("comparing: {error}");
        Page::saying(head, language)
    })
}

/// How a version is called in a difference.
pub(crate) fn label(kind: &Known, version: i64) -> String {
    format!("{} v{version}", kind.file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use std::sync::mpsc;

    use super::*;

    fn side(content: &str) -> Side {
        Side { label: "fees.yml".to_owned(), content: content.to_owned() }
    }

    #[test]
    fn what_differs_is_found_beside_the_runtimes_thread() {
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            // Nothing can be found there while the only other thread has something else to do.
            let (gate, opened) = mpsc::channel::<()>();
            let waiting = tokio::task::spawn_blocking(move || opened.recv());
            let head = Text::diff_head("fees.yml", 1_i64, 2_i64);
            let differs = differs(&head, side("a: 1\n"), side("a: 2\n"), "a.diff".to_owned(), Language::English);
            let mut differs = std::pin::pin!(differs);
            assert!(futures_util::poll!(&mut differs).is_pending());
            drop(gate);
            assert!(differs.await.text.contains("-a: 1\n+a: 2"));
            waiting.await.unwrap().unwrap_err();
        });
    }
}
