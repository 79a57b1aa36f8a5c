//! The list of admins as callers have it: a request that is asked twice is done once, and what is refused is written down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use interfaces::admins::{
    Admin, DialogueOf, Invite, InviteReply, Pair, PairReply, Remove, RemoveReply, Set, SetReply, Settlement,
};
use interfaces::audit::Record;
use interfaces::configs::Author;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::code::Code;
use super::guesses::Guesses;
use super::invitations::{self, Fresh};
use super::{Admins, Refused};
use crate::audit::{self, Trail};
use crate::clock::unix_ms;
use crate::requests::{Request, RequestError};
use crate::store::{Store, StoreError, Transaction};
use crate::{dialogues, inbox};

/// Bytes of a name that nobody has checked, in the trail.
const NAME: usize = 64;

/// The list of admins, for callers.
pub(crate) struct People {
    store: Store,
    admins: Admins,
    trail: Trail,
    /// The kinds that the settings declare.
    declared: Arc<[String]>,
    guesses: Mutex<Guesses>,
    started: Instant,
    fresh: Fresh,
}

/// A call that changes something.
struct Call<'a> {
    method: &'static str,
    request_id: &'a str,
    by: Author,
    action: &'static str,
    kind: Option<&'a str>,
    settles: Option<Settlement>,
}

impl People {
    pub(crate) fn new(store: Store, admins: Admins, declared: Vec<String>, trail: Trail) -> Self {
        Self::with(store, admins, declared, trail, Code::random)
    }

    pub(super) fn with(store: Store, admins: Admins, declared: Vec<String>, trail: Trail, fresh: Fresh) -> Self {
        let guesses = Mutex::default();
        Self { store, admins, trail, declared: declared.into(), guesses, started: Instant::now(), fresh }
    }

    /// Where refusals are written down.
    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
    }

    #[cfg(test)]
    pub(super) fn admins(&self) -> Admins {
        self.admins.clone()
    }

    /// Everybody, by name.
    pub(crate) async fn list(&self) -> Result<Vec<Admin>, StoreError> {
        let admins = self.admins.clone();
        let mut all = self.store.read(move |view| admins.all(view)).await?;
        all.sort_by_cached_key(|admin| (admin.name.to_lowercase(), admin.user));
        Ok(all)
    }

    pub(crate) async fn get(&self, user: i64) -> Result<Option<Admin>, StoreError> {
        let admins = self.admins.clone();
        self.store.read(move |view| admins.one(view, user)).await
    }

    pub(crate) async fn set(&self, call: Set) -> Result<SetReply, Refused> {
        let (admins, declared, set) = (self.admins.clone(), Arc::clone(&self.declared), call.clone());
        let about = Call {
            method: "io.natrium.Admins.Set",
            request_id: &call.request_id,
            by: call.by.clone(),
            action: "set",
            kind: call.kind.as_deref(),
            settles: call.settles.clone(),
        };
        self.once(about, &call, move |transaction, now_ms| admins.set(transaction, &set, &declared, now_ms)).await
    }

    pub(crate) async fn remove(&self, call: Remove) -> Result<RemoveReply, Refused> {
        let (admins, remove) = (self.admins.clone(), call.clone());
        let about = Call {
            method: "io.natrium.Admins.Remove",
            request_id: &call.request_id,
            by: call.by.clone(),
            action: "remove",
            kind: call.kind.as_deref(),
            settles: call.settles.clone(),
        };
        self.once(about, &call, move |transaction, now_ms| admins.remove(transaction, &remove, now_ms)).await
    }

    pub(crate) async fn invite(&self, call: Invite) -> Result<InviteReply, Refused> {
        let (admins, declared, invite) = (self.admins.clone(), Arc::clone(&self.declared), call.clone());
        let fresh = self.fresh;
        let about = Call {
            method: "io.natrium.Admins.Invite",
            request_id: &call.request_id,
            by: call.by.clone(),
            action: "invite",
            kind: call.kind.as_deref(),
            settles: call.settles.clone(),
        };
        let effect =
            move |transaction: &Transaction<'_>, now_ms| admins.invite(transaction, &invite, &declared, fresh, now_ms);
        self.once(about, &call, effect).await
    }

    pub(crate) async fn pair(&self, call: Pair) -> Result<PairReply, Refused> {
        const METHOD: &str = "io.natrium.Admins.Pair";
        if call.user < 1 {
            return Err(Refused::Senseless("user"));
        }
        // Whose code was right once is not guessing.
        let request = Request::new(&call.request_id, METHOD, &call)?;
        let about = Call {
            method: METHOD,
            request_id: &call.request_id,
            by: invitations::who_pairs(&call),
            action: "pair",
            kind: None,
            settles: call.settles.clone(),
        };
        let answered: Result<Option<PairReply>, Refused> =
            self.store.read(move |view| Ok(request.answered(view)?)).await;
        match answered {
            Ok(Some(reply)) => return Ok(reply),
            Ok(None) => {}
            Err(refused) => {
                self.refused(about, &refused).await;
                return Err(refused);
            }
        }
        // Nor is asking again for what was refused, after a restart.
        let (by, id) = (about.by.clone(), call.request_id.clone());
        if self.store.read(move |view| audit::is_refused(view, (&by, &id), "pair", "wrong code")).await? {
            return Err(Refused::WrongCode);
        }
        let then = self.started.elapsed();
        let begun = self.guesses().begin(then).map_err(Refused::TooManyCodes);
        let (admins, pair, code) = (self.admins.clone(), call.clone(), Code::typed(&call.code));
        if let Err(refused) = begun {
            self.refused(about, &refused).await;
            return Err(refused);
        }
        let effect =
            move |transaction: &Transaction<'_>, now_ms| admins.pair(transaction, &pair, code.as_ref(), now_ms);
        let paired = self.once(about, &call, effect).await;
        let mut guesses = self.guesses();
        if !matches!(paired, Err(Refused::WrongCode)) {
            guesses.was_none(then);
        } else if guesses.is_full() {
            tracing::warn!(user_id = call.user, "many wrong codes came lately: none is looked at for a while");
        }
        paired
    }

    /// The code for the first owner; nothing where there is an owner.
    pub(crate) async fn pairing(&self) -> Result<Option<String>, StoreError> {
        let (admins, fresh) = (self.admins.clone(), self.fresh);
        self.store.write(move |transaction| admins.pairing(transaction, fresh, unix_ms())).await
    }

    fn guesses(&self) -> std::sync::MutexGuard<'_, Guesses> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out a call unless it was carried out before, and records it where it is refused.
    async fn once<R: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        call: Call<'_>,
        parameters: &(impl Serialize + Sync),
        effect: impl FnOnce(&Transaction<'_>, i64) -> Result<R, Refused> + Send + 'static,
    ) -> Result<R, Refused> {
        let request = Request::new(call.request_id, call.method, parameters)?;
        let (settles, now_ms) = (call.settles.clone(), unix_ms());
        let done = self
            .store
            .write(move |transaction| {
                if let Some(reply) = request.answered(transaction)? {
                    return Ok(reply);
                }
                let reply = effect(transaction, now_ms)?;
                request.remember(transaction, &reply, now_ms)?;
                if let Some(update) = settles {
                    inbox::settle(transaction, update.bot, update.update_id, request.id())?;
                    if let Some(DialogueOf { chat, user }) = update.ends {
                        dialogues::end(transaction, update.bot, chat, user)?;
                    }
                }
                Ok(reply)
            })
            .await;
        if let Err(refused) = &done {
            self.refused(call, refused).await;
        }
        done
    }

    /// Records a refusal, once for a request and a reason. Best effort: that it was refused holds in any case.
    async fn refused(&self, call: Call<'_>, refused: &Refused) {
        let Some(reason) = refused.reason() else { return };
        let refusal = Record {
            actor: call.by,
            action: call.action.to_owned(),
            kind: call.kind.map(|kind| kind[..kind.floor_char_boundary(NAME)].to_owned()),
            about: None,
            reason: reason.to_owned(),
            request_id: call.request_id.to_owned(),
        };
        let recorded = match refused {
            Refused::Request(RequestError::Store(StoreError::Full)) => self.trail.record_without_space(refusal).await,
            _ => self.trail.record(refusal).await,
        };
        if let Err(error) = recorded {
            tracing::warn!(reason, "cannot record a refusal: {error}");
        }
    }
}
