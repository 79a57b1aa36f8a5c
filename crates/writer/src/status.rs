//! How the writer is, in one line for people.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::store::StoreError;

/// Follows what troubles the store and the published files.
#[derive(Clone, Debug)]
pub struct Status {
    store: watch::Receiver<Option<StoreError>>,
    unpublished: watch::Receiver<BTreeMap<String, String>>,
}

impl Status {
    pub(crate) fn new(
        store: watch::Receiver<Option<StoreError>>,
        unpublished: watch::Receiver<BTreeMap<String, String>>,
    ) -> Self {
        Self { store, unpublished }
    }

    /// The line: `serving`, or what is wrong.
    #[must_use]
    pub fn text(&mut self) -> String {
        let store = self.store.borrow_and_update().as_ref().map(|error| format!("cannot save: {error}"));
        let unpublished = self.unpublished.borrow_and_update();
        let files = unpublished.iter().map(|(kind, reason)| format!("{kind} is not published: {reason}"));
        let wrong: Vec<String> = store.into_iter().chain(files).collect();
        if wrong.is_empty() { "serving".to_owned() } else { wrong.join("; ") }
    }

    /// Waits until [`Status::text`] may say something else.
    pub async fn changed(&mut self) {
        tokio::select! {
            Ok(()) = self.store.changed() => {}
            Ok(()) = self.unpublished.changed() => {}
            else => std::future::pending().await,
        }
    }
}
