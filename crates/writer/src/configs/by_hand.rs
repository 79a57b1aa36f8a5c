//! Published files that somebody changed on the disk: noticed, told once for each content, and replaced only by who has seen
//! them.
//!
//! What stands there is judged under the kind's lock, but nothing slow is done under it, and it is not taken where nothing
//! changed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use interfaces::admins::Role;
use interfaces::configs::{Author, ByHand, Origin};
use interfaces::notices::Event;
use worker::events::CONFIG_CHANGED_BY_HAND;

use super::present::{Identity, Present, Seen};
use super::publication::{Place, Standing};
use super::versions::{self, Saved};
use super::{Configs, Inner, KindState, PublishError, Refused, telemetry};
use crate::admins::Admins;
use crate::clock::unix_ms;
use crate::store::{Snapshot, StoreError, Transaction, hex};
use crate::{audit, notices};

/// Kinds whose file somebody changed, and how.
pub(crate) type ByHands = BTreeMap<String, ByHand>;

/// What stands there, where it was changed by hand; whether it is valid is not looked at.
pub(super) fn seen(standing: &Standing) -> Option<ByHand> {
    standing.by_hand.then(|| named(&standing.present))
}

fn named(present: &Present) -> ByHand {
    let (sha256, bytes) = match present {
        Present::File { content, hash } => (hex(hash), versions::bytes(content)),
        Present::Foreign { bytes } => (String::new(), i64::try_from(*bytes).unwrap_or(i64::MAX)),
        Present::Nothing | Present::Ours(_) | Present::Special | Present::Directory => (String::new(), 0),
    };
    ByHand { sha256, bytes, valid: false, noticed_ms: unix_ms() }
}

/// Why it cannot be a version.
pub(super) fn why_not(present: &Present) -> &'static str {
    match present {
        Present::Foreign { .. } => "it is too large, or not for the service to read",
        _ => "it is no regular file",
    }
}

/// A version may replace this content: somebody has seen it and said so. Kept until it has, over a crash as well.
pub(super) fn may_replace(
    transaction: &Transaction<'_>,
    kind: &str,
    sha256: &str,
    version: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO replacements (kind, sha256, version) VALUES (?1, ?2, ?3) ON CONFLICT (kind) DO UPDATE
        SET sha256 = excluded.sha256, version = excluded.version";
    transaction.execute(sql, (kind, sha256, version)).map(drop)
}

/// Whether somebody said that `current` may replace this.
fn is_replaced(view: &Snapshot<'_>, current: &Saved, by_hand: &ByHand) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM replacements WHERE kind = ?1 AND sha256 = ?2 AND version = ?3";
    let params = (&current.version.kind, &by_hand.sha256, current.version.version);
    Ok(view.first(sql, params, |_| Ok(()))?.is_some())
}

/// What a look without the lock came to.
enum Glance {
    /// It is what we put there.
    Ours,
    /// It is something else, or nothing.
    Other { identity: Option<Identity>, by_hand: ByHand },
}

impl Configs {
    /// Looks at what stands where a kind is published, and does about it what is to be done.
    pub(super) async fn look(&self, kind: &Arc<KindState>) {
        let (inner, glanced) = (Arc::clone(&self.inner), Arc::clone(kind));
        let glance = tokio::task::spawn_blocking(move || inner.glance(&glanced)).await;
        let glance = match glance {
            Ok(Ok(glance)) => glance,
            Ok(Err(error)) => return tracing::warn!(config_type = kind.spec.name, "cannot look at the file: {error}"),
            Err(error) => return tracing::error!("looking at a file failed by a bug: {error}"),
        };
        if matches!(glance, Glance::Ours) && !self.inner.by_hand.borrow().contains_key(&kind.spec.name) {
            return;
        }
        let mut place = Arc::clone(&kind.place).lock_owned().await;
        let (inner, kind) = (Arc::clone(&self.inner), Arc::clone(kind));
        let done = tokio::task::spawn_blocking(move || {
            if let Err(error) = inner.judge(&kind, &mut place, glance) {
                tracing::warn!(config_type = kind.spec.name, "cannot see to the file: {error}");
            }
        });
        if let Err(error) = done.await {
            tracing::error!("seeing to a file failed by a bug: {error}");
        }
    }

    /// What stands where a kind is published, where somebody changed it, and its content where that is text.
    pub(crate) async fn get_by_hand(&self, kind: String) -> Result<Option<(ByHand, Option<String>)>, Refused> {
        let state = Arc::clone(self.inner.kind(&kind).ok_or(Refused::NoSuchKind(kind))?);
        let inner = Arc::clone(&self.inner);
        super::upload::blocking(move || {
            let standing = {
                let _place = inner.hold(&state)?;
                inner.publisher.standing(&state)?
            };
            if !standing.by_hand {
                return Ok(None);
            }
            let by_hand = inner.described(&state, &standing.present);
            let content = match standing.present {
                Present::File { content, .. } => String::from_utf8(content).ok(),
                _ => None,
            };
            Ok(Some((by_hand, content)))
        })
        .await
    }
}

impl Inner {
    /// Looks without the kind's lock; reads only what is not known again.
    fn glance(&self, kind: &KindState) -> Result<Glance, PublishError> {
        let path = self.publisher.path(&kind.spec);
        let failed = |source| PublishError::disk("reading", &path, source);
        let seen = kind.seen();
        let identity = Identity::at(&path).map_err(failed)?;
        if let Some(seen) = seen
            && seen.settled
            && seen.identity == identity
        {
            return Ok(Glance::Ours);
        }
        let present = Present::at(&path).map_err(failed)?;
        if let Some(seen) = seen
            && present.is(&seen.hash)
            && Identity::at(&path).map_err(failed)? == identity
        {
            // Where its file system's clock has not moved on since, the next change might not show.
            let settled = identity.is_some_and(|identity| identity.is_settled());
            kind.still(seen, Seen { identity, settled, ..seen });
            return Ok(Glance::Ours);
        }
        Ok(Glance::Other { identity, by_hand: self.described(kind, &present) })
    }

    /// What stands there, with its validity, and since when it is known.
    pub(super) fn described(&self, kind: &KindState, present: &Present) -> ByHand {
        let mut by_hand = named(present);
        if let Present::File { content, .. } = present {
            by_hand.valid = std::str::from_utf8(content).is_ok() && (kind.spec.validate)(content).is_empty();
        }
        let known = self.by_hand.borrow().get(&kind.spec.name).filter(|known| known.sha256 == by_hand.sha256).cloned();
        by_hand.noticed_ms = known.map_or(by_hand.noticed_ms, |known| known.noticed_ms);
        by_hand
    }

    /// Does about it what is to be done, for a kind whose lock the caller holds.
    fn judge(&self, kind: &KindState, place: &mut Place, glance: Glance) -> Result<(), PublishError> {
        let Some(current) = self.store.read_blocking(|view| versions::current(view, &kind.spec.name))? else {
            // Before there is a version, the file is its owner's own.
            return Ok(());
        };
        if place.published == 0 {
            // It has not been there yet, so nobody has changed anything; that it gets there is tried again by itself.
            return Ok(());
        }
        let standing = self.publisher.standing(kind)?;
        if standing.by_hand {
            let by_hand = match glance {
                Glance::Other { identity, by_hand } if identity == standing.identity => by_hand,
                _ => self.described(kind, &standing.present),
            };
            self.changed_by_hand(kind, by_hand);
        } else if let Present::Nothing = standing.present {
            if !self.replaces(&current, &standing.present)? {
                self.removed_by_hand(kind);
            }
            let outcome = self.publisher.publish(kind, place, &standing, &current);
            if self.put(kind, &current, outcome) {
                self.as_it_should_be(kind);
            }
        } else {
            self.as_it_should_be(kind);
        }
        Ok(())
    }

    /// Whether somebody who had seen what stands there said that the current version may replace it.
    pub(super) fn replaces(&self, current: &Saved, present: &Present) -> Result<bool, StoreError> {
        let by_hand = named(present);
        self.store.read_blocking(|view| is_replaced(view, current, &by_hand))
    }

    /// Whether it is known that somebody put there what stands there, since the current version was saved.
    pub(super) fn is_noticed(&self, current: &Saved, present: &Present) -> Result<bool, StoreError> {
        if let Present::Nothing = present {
            return Ok(false);
        }
        let sql = "SELECT 1 FROM changed_by_hand WHERE kind = ?1 AND sha256 = ?2 AND noticed_ms >= ?3";
        let params = (&current.version.kind, named(present).sha256, current.version.saved_ms);
        self.store.read_blocking(|view| Ok(view.first(sql, params, |_| Ok(()))?.is_some()))
    }

    /// Somebody changed the file: recorded and told, once for each content.
    pub(super) fn changed_by_hand(&self, kind: &KindState, by_hand: ByHand) -> ByHand {
        let (name, admins, noticed) = (kind.spec.name.clone(), self.admins.clone(), by_hand.clone());
        let owner = owner(&self.publisher.path(&kind.spec), &kind.spec.file);
        let recorded = self
            .store
            .submit(move |transaction| record(transaction, &admins, &name, &owner, noticed))
            .and_then(crate::store::Reply::wait);
        let (by_hand, is_new) = recorded.unwrap_or_else(|error| {
            tracing::warn!(config_type = kind.spec.name, "cannot record that the file was changed by hand: {error}");
            (by_hand, true)
        });
        let known = self.by_hand.borrow().get(&kind.spec.name) == Some(&by_hand);
        if is_new && !known {
            telemetry::changed_by_hand(&kind.spec.name);
            worker::event!(
                warn,
                CONFIG_CHANGED_BY_HAND,
                config_type = kind.spec.name,
                sha256 = by_hand.sha256,
                valid = by_hand.valid,
                "{} was changed by hand; it is left alone until somebody adopts it or restores the version",
                kind.spec.file
            );
        }
        if !known {
            self.by_hand.send_modify(|all| drop(all.insert(kind.spec.name.clone(), by_hand.clone())));
        }
        by_hand
    }

    /// Somebody removed the file: noted before it is published again, so that it is told once it is, over a crash as well.
    pub(super) fn removed_by_hand(&self, kind: &KindState) {
        let (name, owned) = (&kind.spec.name, kind.spec.name.clone());
        let noting = self.store.submit(move |transaction| {
            transaction.execute("INSERT INTO removed (kind) VALUES (?1) ON CONFLICT DO NOTHING", [owned])
        });
        let is_new = noting.and_then(crate::store::Reply::wait).unwrap_or_else(|error| {
            tracing::warn!(config_type = name, "cannot note that the file was removed: {error}");
            1
        });
        if is_new > 0 {
            telemetry::changed_by_hand(name);
            worker::event!(
                warn,
                CONFIG_CHANGED_BY_HAND,
                config_type = name,
                "{} was removed by hand; it is published again",
                kind.spec.file
            );
        }
    }

    /// What stands there is what should: what it was before is told where it is not yet, and forgotten.
    pub(super) fn as_it_should_be(&self, kind: &KindState) {
        let name = &kind.spec.name;
        let known = self.store.read_blocking(|view| {
            let sql =
                "SELECT 1 FROM changed_by_hand WHERE kind = ?1 UNION ALL SELECT 1 FROM replacements WHERE kind = ?1
                UNION ALL SELECT 1 FROM removed WHERE kind = ?1";
            Ok::<_, StoreError>(view.first(sql, [name], |_| Ok(()))?.is_some())
        });
        let forgotten = known.and_then(|is_known| if is_known { self.forget(kind) } else { Ok(()) });
        if let Err(error) = forgotten {
            tracing::warn!(config_type = name, "cannot record that the file is as it should be: {error}");
        }
        self.by_hand.send_if_modified(|all| all.remove(name).is_some());
    }

    fn forget(&self, kind: &KindState) -> Result<(), StoreError> {
        let (name, owner, admins) = (kind.spec.name.clone(), nobody(&kind.spec.file), self.admins.clone());
        let forgetting = self.store.submit(move |transaction| {
            transaction.execute("DELETE FROM changed_by_hand WHERE kind = ?1", [&name])?;
            transaction.execute("DELETE FROM replacements WHERE kind = ?1", [&name])?;
            let is_removed = transaction.execute("DELETE FROM removed WHERE kind = ?1", [&name])? > 0;
            if let Some(current) = versions::current(transaction, &name)?.filter(|_| is_removed) {
                let version = current.version.version;
                tell(transaction, &admins, &name, &Event::RemovedByHand { kind: name.clone(), version })?;
                note(transaction, &owner, "removed by hand", &name, Some(version))?;
            }
            Ok::<_, StoreError>(())
        })?;
        forgetting.wait()
    }

    /// After the lock: what a refusal says of the file is recorded and told, and what was replaced is forgotten. over: the
    /// call named a content to replace.
    pub(super) fn after<T>(&self, kind: &KindState, over: bool, result: Result<T, Refused>) -> Result<T, Refused> {
        match &result {
            Ok(_) if over || self.by_hand.borrow().contains_key(&kind.spec.name) => {
                let Ok(place) = self.hold(kind) else { return result };
                let is_ours = self.publisher.standing(kind).is_ok_and(|standing| !standing.by_hand);
                if is_ours && place.published > 0 {
                    self.as_it_should_be(kind);
                }
                result
            }
            Err(Refused::ChangedByHand { kind: name, .. } | Refused::NotByHand { kind: name, by_hand: Some(_) }) => {
                let standing = self.hold(kind).map(|_place| self.publisher.standing(kind));
                let Ok(Ok(standing)) = standing else { return result };
                if !standing.by_hand {
                    return result;
                }
                let by_hand = self.changed_by_hand(kind, self.described(kind, &standing.present));
                Err(match &result {
                    Err(Refused::ChangedByHand { .. }) => Refused::ChangedByHand { kind: name.clone(), by_hand },
                    _ => Refused::NotByHand { kind: name.clone(), by_hand: Some(by_hand) },
                })
            }
            _ => result,
        }
    }
}

/// Whose file it is, for the audit trail: who changed it is not known.
fn owner(path: &Path, file: &str) -> Author {
    let id = path.symlink_metadata().map_or(0, |metadata| i64::from(metadata.uid()));
    Author { origin: Origin::File, id, name: file.to_owned() }
}

fn nobody(file: &str) -> Author {
    Author { origin: Origin::File, id: 0, name: file.to_owned() }
}

/// True: it is another content than the one that was recorded before.
fn record(
    transaction: &Transaction<'_>,
    admins: &Admins,
    kind: &str,
    owner: &Author,
    by_hand: ByHand,
) -> Result<(ByHand, bool), StoreError> {
    let sql = "SELECT sha256, bytes, noticed_ms FROM changed_by_hand WHERE kind = ?1";
    let before: Option<(String, i64, i64)> =
        transaction.first(sql, [kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if let Some((sha256, bytes, noticed_ms)) = before
        && (&sha256, bytes) == (&by_hand.sha256, by_hand.bytes)
    {
        return Ok((ByHand { noticed_ms, ..by_hand }, false));
    }
    let sql = "INSERT INTO changed_by_hand (kind, sha256, bytes, valid, noticed_ms) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (kind) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes, valid = excluded.valid,
        noticed_ms = excluded.noticed_ms";
    transaction.execute(sql, (kind, &by_hand.sha256, by_hand.bytes, by_hand.valid, by_hand.noticed_ms))?;
    let event = Event::ChangedByHand { kind: kind.to_owned(), by_hand: by_hand.clone() };
    tell(transaction, admins, kind, &event)?;
    note(transaction, owner, "changed by hand", kind, None)?;
    Ok((by_hand, true))
}

/// Everybody who may change the kind is told.
fn tell(transaction: &Transaction<'_>, admins: &Admins, kind: &str, event: &Event) -> Result<(), StoreError> {
    for user in admins.with_role(transaction, Role::Admin, kind)? {
        notices::tell(transaction, user, event, unix_ms())?;
    }
    Ok(())
}

fn note(
    transaction: &Transaction<'_>,
    actor: &Author,
    about: &str,
    kind: &str,
    version: Option<i64>,
) -> Result<(), StoreError> {
    let line = audit::Line {
        actor,
        action: "change_file",
        kind: Some(kind),
        version,
        about: Some(about),
        outcome: Ok(()),
        request_id: None,
    };
    audit::record(transaction, &line, unix_ms())
}
