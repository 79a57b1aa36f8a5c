//! The trail, as it is read and as refusals get into it: in a transaction of their own, because what is refused has none; and
//! where the store has no room for them or does not take them, first beside it ([`Aside`]) and later into it.

use std::sync::Arc;
use std::time::Duration;

use interfaces::audit::{Entry, Record};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::aside::Aside;
use super::counted::Counted;
use super::{Refusal, list};
use crate::clock::unix_ms;
use crate::store::{Store, StoreError, Transaction, Whole};

/// Between looks whether the store has room for what is beside it.
const AGAIN: Duration = Duration::from_secs(2);
/// Between attempts to make the file.
const MADE_AGAIN: Duration = Duration::from_secs(60);
/// Who reads the trail waits for refusals to get into it for so long at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// The trail. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    pub(super) store: Store,
    aside: Arc<Mutex<Aside>>,
    /// There are refusals beside the store.
    pending: Arc<watch::Sender<bool>>,
    counted: Counted,
}

impl Trail {
    /// That of `store`. Blocks.
    pub(crate) fn new(store: Store) -> Self {
        let aside = Aside::beside(store.path());
        let pending = Arc::new(watch::Sender::new(!aside.is_empty()));
        Self { store, aside: Arc::new(Mutex::new(aside)), pending, counted: Counted::default() }
    }

    /// The same, with refusals counted that are about one of these kinds.
    pub(crate) fn counting(self, declared: Vec<String>) -> Self {
        Self { counted: Counted::of(declared), ..self }
    }

    /// At most `limit` entries below `before`, newest first, of that kind and that Telegram user where they are named. Refusals
    /// that are still beside the store are not among them: they have no number yet.
    pub(crate) async fn list(
        &self,
        before: i64,
        limit: i64,
        kind: Option<String>,
        user: Option<i64>,
    ) -> Result<Vec<Entry>, StoreError> {
        let _ = tokio::time::timeout(PATIENCE, self.fold()).await;
        self.store.read(move |view| list(view, before, limit, kind.as_deref(), user)).await
    }

    /// Records and counts a refusal, once for a request and a reason; beside the store where that does not take it. An error means
    /// that it is nowhere.
    pub(crate) async fn record(&self, record: Record) -> Result<(), StoreError> {
        let refusal = Refusal { at_ms: unix_ms(), record };
        let kept = refusal.clone();
        match self.store.write(move |transaction| refusal.keep(transaction)).await {
            Ok(is_new) => {
                if is_new {
                    self.counted.count(&kept.record);
                }
                Ok(())
            }
            // A bug of ours, which would last.
            Err(error @ (StoreError::Refused(_) | StoreError::Panicked)) => Err(error),
            Err(error) => self.put_aside(kept, error).await,
        }
    }

    /// The same for what was refused for want of space: it takes none from those whose words must be kept.
    pub(crate) async fn record_without_space(&self, record: Record) -> Result<(), StoreError> {
        self.put_aside(Refusal { at_ms: unix_ms(), record }, StoreError::Full).await
    }

    async fn put_aside(&self, refusal: Refusal, why: StoreError) -> Result<(), StoreError> {
        self.counted.count(&refusal.record);
        let mut aside = self.locked().await;
        let put = tokio::task::spawn_blocking(move || {
            let put = aside.put(refusal);
            (put, aside.is_empty())
        });
        let (put, is_empty) = put.await.map_err(|_| StoreError::Panicked)?;
        self.pending.send_if_modified(|pending| std::mem::replace(pending, !is_empty) == is_empty);
        put.map_err(|error| {
            tracing::warn!("a refusal is written nowhere: {error}");
            why
        })
    }

    /// Takes into the store what is beside it, if there is room. Answers how many are still there, and why.
    pub(crate) async fn fold(&self) -> Result<(), Unfolded> {
        if !*self.pending.borrow() {
            return Ok(());
        }
        let (mut aside, trail) = (self.locked().await, self.clone());
        // To its end, though who waits for it leaves: what is in the store must not stay beside it.
        tokio::task::spawn_blocking(move || trail.fold_all(&mut aside)).await.map_err(|_| StoreError::Panicked)?
    }

    fn fold_all(&self, aside: &mut Aside) -> Result<(), Unfolded> {
        if !aside.is_empty() {
            self.store.has_room()?;
            let refusals = aside.refusals();
            self.store.submit(move |transaction| keep_all(&refusals, transaction))?.wait()?;
            taken(aside);
        }
        self.pending.send_replace(false);
        Ok(())
    }

    /// Takes into the store what is beside it as soon as there is room, and makes the file where there was no space for it. Never
    /// ends; sleeps while nothing is beside it.
    pub(crate) async fn keep_folding(self) {
        while !self.is_made().await {
            tokio::time::sleep(MADE_AGAIN).await;
        }
        let mut pending = self.pending.subscribe();
        loop {
            // Fails only when the sender is gone, which `self` holds.
            let _changed = pending.wait_for(|pending| *pending).await.map(drop);
            if self.fold().await.is_err() {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    async fn is_made(&self) -> bool {
        let mut aside = self.locked().await;
        let making = tokio::task::spawn_blocking(move || {
            let was_made = aside.is_made();
            let is_made = aside.make().is_ok();
            if is_made && !was_made {
                tracing::info!("there is a place for refusals for want of space");
            }
            is_made
        });
        making.await.unwrap_or(false)
    }

    async fn locked(&self) -> OwnedMutexGuard<Aside> {
        Arc::clone(&self.aside).lock_owned().await
    }
}

/// Why refusals are still beside the store.
#[derive(Debug, thiserror::Error)]
#[error("refusals are still beside the store: {0}")]
pub(crate) struct Unfolded(#[from] StoreError);

/// Takes into a store that is ours alone what is beside it. Blocks.
pub(crate) fn fold_alone(whole: &Whole, store: &std::path::Path) -> Result<(), Unfolded> {
    let mut aside = Aside::found(store);
    if !aside.is_empty() {
        let refusals = aside.refusals();
        whole.write(|transaction| keep_all(&refusals, transaction))?;
        taken(&mut aside);
    }
    Ok(())
}

fn keep_all(refusals: &[Refusal], transaction: &Transaction<'_>) -> Result<(), StoreError> {
    refusals.iter().try_for_each(|refusal| refusal.keep(transaction).map(drop))
}

fn taken(aside: &mut Aside) {
    let count = aside.refusals().len();
    match aside.clear() {
        Ok(()) => tracing::info!(count, "refusals that were beside the store are in the audit trail"),
        // Taken in once more by the next start, they add nothing.
        Err(error) => tracing::warn!(count, "cannot empty the file of refusals: {error}"),
    }
}
