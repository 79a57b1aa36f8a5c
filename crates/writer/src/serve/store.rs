//! `io.natrium.Store`.

use interfaces::{Fault, Peer, Replies, store};

use super::reason;
use crate::store::{KNOWN, OpenError, StoreError, free_bytes};
use crate::writer::WholeStore;

impl store::Store for WholeStore {
    async fn get_info(&self, _: Peer, _: store::GetInfo) -> Result<store::GetInfoReply, Fault<store::Error>> {
        let path = self.path.clone();
        let look = move |whole: &crate::store::Whole| {
            let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let free = path.parent().map_or(Ok(0), free_bytes).unwrap_or(0);
            let schema = whole.schema(&path).map_err(|error| match error {
                OpenError::Store { source, .. } => source,
                _ => StoreError::Unreadable("a schema"),
            })?;
            Ok((schema, whole.since(schema)?, number(whole.bytes()?), number(free)))
        };
        let (schema, since, bytes, free_bytes) =
            self.store.whole(look).await.map_err(|error: StoreError| store_unavailable(&error))?;
        Ok(store::GetInfoReply { schema, since, known: KNOWN, bytes, free_bytes })
    }

    async fn check(&self, _: Peer, _: store::Check) -> Result<store::CheckReply, Fault<store::Error>> {
        let _turn = self.looking.lock().await;
        let problems = self.store.whole(crate::store::Whole::problems).await;
        let mut problems: Vec<String> = problems.map_err(|error| store_unavailable(&error))?;
        problems.extend(self.configs.published_problems().await.map_err(|error| store_unavailable(&error))?);
        Ok(store::CheckReply { problems })
    }

    async fn backup(&self, _: Peer, _: store::Backup) -> Result<Replies<store::BackupReply>, Fault<store::Error>> {
        self.backups.stream().await
    }
}

fn store_unavailable(error: &StoreError) -> store::Error {
    store::Error::Unavailable { reason: reason(error) }
}
