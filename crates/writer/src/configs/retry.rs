//! A publication that failed is tried again by itself, until it succeeds.

use std::sync::Arc;
use std::time::Duration;

use worker::events::CONFIG_PUBLISHED;

use super::Configs;
use super::reconcile::Agreed;

/// Before the first attempt.
const FIRST: Duration = Duration::from_millis(500);
/// Between attempts at most.
const LONGEST: Duration = Duration::from_secs(60);

impl Configs {
    /// Waits for publications to fail and makes up for them. Never ends; sleeps while all is well.
    pub(crate) async fn keep_publishing(self) {
        let mut unpublished = self.unpublished();
        loop {
            // Fails only when the sender is gone, which `self` holds.
            let _changed = unpublished.wait_for(|unpublished| !unpublished.is_empty()).await.map(drop);
            let mut delay = FIRST;
            loop {
                tokio::time::sleep(delay).await;
                let names: Vec<String> = unpublished.borrow_and_update().keys().cloned().collect();
                if names.is_empty() {
                    break;
                }
                for name in names {
                    self.try_again(&name).await;
                }
                delay = (delay * 2).min(LONGEST);
            }
        }
    }

    async fn try_again(&self, name: &str) {
        let Some(kind) = self.inner.kind(name).cloned() else { return };
        let mut place = Arc::clone(&kind.place).lock_owned().await;
        // An upload may have made up for it meanwhile.
        if !self.inner.unpublished.borrow().contains_key(name) {
            return;
        }
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            if let Ok(Agreed::Published { .. }) = inner.reconcile(&kind, &mut place) {
                worker::event!(
                    info,
                    CONFIG_PUBLISHED,
                    config_type = kind.spec.name,
                    "{} is published again",
                    kind.spec.file
                );
            }
        });
        if let Err(error) = done.await {
            tracing::error!("publishing again failed by a bug: {error}");
        }
    }
}
