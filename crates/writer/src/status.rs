//! How the writer is, in one line for people.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::watch;

use crate::configs::{ByHands, Configs, Published};
use crate::store::StoreError;

/// How many kinds the line names.
const NAMED: usize = 6;

/// Follows what troubles the store and the published files, and which versions these are.
#[derive(Clone, Debug)]
pub struct Status {
    store: watch::Receiver<Option<StoreError>>,
    unpublished: watch::Receiver<BTreeMap<String, String>>,
    by_hand: watch::Receiver<ByHands>,
    published: watch::Receiver<Published>,
}

impl Status {
    pub(crate) fn new(store: watch::Receiver<Option<StoreError>>, configs: &Configs) -> Self {
        Self { store, unpublished: configs.unpublished(), by_hand: configs.by_hand(), published: configs.published() }
    }

    /// The line: what is wrong, then the published versions.
    #[must_use]
    pub fn text(&mut self) -> String {
        let store = self.store.borrow_and_update().as_ref().map(|error| format!("cannot save: {error}"));
        let unpublished = self.unpublished.borrow_and_update();
        let files = unpublished.iter().map(|(kind, reason)| format!("{kind} is not published: {reason}"));
        let by_hand = self.by_hand.borrow_and_update();
        let changed = by_hand.keys().map(|kind| format!("the file of {kind} was changed by hand"));
        let versions = versions(&self.published.borrow_and_update(), &TimeZone::try_system().unwrap_or(TimeZone::UTC));
        store.into_iter().chain(files).chain(changed).chain([versions]).collect::<Vec<_>>().join("; ")
    }

    /// Waits until [`Status::text`] may say something else.
    pub async fn changed(&mut self) {
        tokio::select! {
            Ok(()) = self.store.changed() => {}
            Ok(()) = self.unpublished.changed() => {}
            Ok(()) = self.by_hand.changed() => {}
            Ok(()) = self.published.changed() => {}
            else => std::future::pending().await,
        }
    }
}

/// The versions, and when the last one was put in place. With its date: nobody says the line again at midnight.
fn versions(published: &Published, zone: &TimeZone) -> String {
    let Some((last, (_, at_ms))) = published.iter().max_by_key(|(_, (_, at_ms))| *at_ms) else {
        return "no config has a version yet".to_owned();
    };
    let named: Vec<_> = published.iter().take(NAMED).map(|(kind, (version, _))| format!("{kind} {version}")).collect();
    let more = published.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let at = Timestamp::from_millisecond(*at_ms).unwrap_or_default().to_zoned(zone.clone());
    format!("{}{more}, last published: {last} {}", named.join(", "), at.strftime("%F %T"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_and_the_newest_of_them_are_named() {
        let utc = TimeZone::UTC;
        assert_eq!(versions(&Published::new(), &utc), "no config has a version yet");
        let two = Published::from([("fees".to_owned(), (12, 86_400_000)), ("rates".to_owned(), (3, 86_399_000))]);
        assert_eq!(versions(&two, &utc), "fees 12, rates 3, last published: fees 1970-01-02 00:00:00");
        let many: Published = (0..9).map(|n| (format!("k{n}"), (n, n * 1000))).collect();
        let line = versions(&many, &utc);
        assert_eq!(line, "k0 0, k1 1, k2 2, k3 3, k4 4, k5 5 and 3 more, last published: k8 1970-01-01 00:00:08");
    }
}
