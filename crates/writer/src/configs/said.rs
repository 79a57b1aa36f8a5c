//! What is said beside a published file is derived from it: where somebody changed or removed it, it is said again.

use std::sync::Arc;

use super::present::Present;
use super::publication::Place;
use super::versions::{self, Saved};
use super::{Configs, Inner, KindState, PublishError, meta};

impl Configs {
    /// Looks at what is said beside the file of a kind. What we said ourselves is recognised without the lock, so that our own
    /// rename ends here.
    pub(super) async fn hear(&self, kind: &Arc<KindState>) {
        let (inner, heard) = (Arc::clone(&self.inner), Arc::clone(kind));
        let glance = tokio::task::spawn_blocking(move || inner.is_said(&heard)).await;
        if matches!(glance, Ok(Ok(true))) {
            return;
        }
        let mut place = Arc::clone(&kind.place).lock_owned().await;
        let (inner, heard) = (Arc::clone(&self.inner), Arc::clone(kind));
        match tokio::task::spawn_blocking(move || inner.say_again(&heard, &mut place)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(config_type = kind.spec.name, "cannot put right what is said of the file: {error}");
            }
            Err(error) => tracing::error!("looking at what is said of a file failed by a bug: {error}"),
        }
    }
}

impl Inner {
    /// Whether nothing is to be done about it.
    fn is_said(&self, kind: &KindState) -> Result<bool, PublishError> {
        let published = self.published.borrow().get(&kind.spec.name).map(|(version, _)| *version);
        match self.sayable(kind, published.unwrap_or_default())? {
            Some(saved) => Ok(self.says(kind, &saved)),
            None => Ok(true),
        }
    }

    /// For a kind whose lock the caller holds.
    fn say_again(&self, kind: &KindState, place: &mut Place) -> Result<(), PublishError> {
        let Some(saved) = self.sayable(kind, place.published)? else { return Ok(()) };
        if self.says(kind, &saved) {
            return Ok(());
        }
        self.publisher.say(&kind.spec, &saved)?;
        let name = meta::name(&kind.spec.file);
        tracing::warn!(
            config_type = kind.spec.name,
            version = saved.version.version,
            "{name} was changed or removed by hand; it says again what is true"
        );
        Ok(())
    }

    /// The version that the file is. Nothing of a file that was changed by hand or could not be put in place: what is said of it is
    /// put right with it.
    fn sayable(&self, kind: &KindState, published: i64) -> Result<Option<Saved>, PublishError> {
        let name = &kind.spec.name;
        if published == 0 || self.by_hand.borrow().contains_key(name) || self.unpublished.borrow().contains_key(name) {
            return Ok(None);
        }
        Ok(self.store.read_blocking(|view| versions::one(view, name, published))?)
    }

    fn says(&self, kind: &KindState, saved: &Saved) -> bool {
        let said = Present::at(&self.publisher.meta_path(&kind.spec));
        said.is_ok_and(|said| said.is(&versions::hash(&meta::content(&saved.version))))
    }
}
