//! Fetching a document from Telegram into memory.

use std::time::Duration;

use teloxide::types::FileId;
use tokio::time::Instant;

use super::document::{LIMIT, Refusal};
use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::send::{Outgoing, Stopping};
use crate::telegram::{Downloaded, Failure};

/// Between attempts.
const AGAIN: Growth = Growth { first: Duration::from_millis(300), most: Duration::from_secs(15) };
/// A path that Telegram gave out may have expired, so a refusal is believed only when it repeats.
const REFUSALS: u32 = 3;
/// After this time the admin may as well send the document again.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The same where it only says more about what is shown all the same.
const LITTLE_PATIENCE: Duration = Duration::from_secs(10);

/// Fetches a file. `name` is for refusing it.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn fetch(
    outgoing: &Outgoing,
    file: &FileId,
    name: String,
) -> Result<Result<Vec<u8>, Refusal>, Stopping> {
    fetch_within(outgoing, file, name, PATIENCE).await
}

/// Fetches a file, if it comes soon.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn soon(outgoing: &Outgoing, file: &FileId) -> Result<Option<Vec<u8>>, Stopping> {
    let fetched = fetch_within(outgoing, file, String::new(), LITTLE_PATIENCE);
    match tokio::time::timeout(LITTLE_PATIENCE, fetched).await {
        Ok(fetched) => Ok(fetched?.ok()),
        Err(_) => Ok(None),
    }
}

async fn fetch_within(
    outgoing: &Outgoing,
    file: &FileId,
    name: String,
    patience: Duration,
) -> Result<Result<Vec<u8>, Refusal>, Stopping> {
    let until = Instant::now() + patience;
    let mut backoff = Backoff::new(AGAIN, fresh_seed());
    let mut refusals = 0;
    loop {
        let (pause, reason) = match outgoing.telegram().download(file, LIMIT).await {
            Ok(Downloaded::Whole(content)) if content.is_empty() => return Ok(Err(Refusal::Empty { name })),
            Ok(Downloaded::Whole(content)) => return Ok(Ok(content)),
            Ok(Downloaded::TooLarge(size)) => return Ok(Err(Refusal::TooLarge { name, size })),
            Err(Failure::Flood(wait)) => (wait, "429 Too Many Requests".to_owned()),
            Err(Failure::Unreachable(why)) => (backoff.pause(), why),
            Err(failure) => {
                refusals += 1;
                let reason = match failure {
                    Failure::Refused(why) | Failure::Forbidden(why) | Failure::Token(why) => why,
                    other => format!("{other:?}"),
                };
                if refusals >= REFUSALS {
                    return Ok(Err(Refusal::NotDelivered { reason }));
                }
                (backoff.pause(), reason)
            }
        };
        if Instant::now() + pause > until {
            return Ok(Err(Refusal::NotDelivered { reason }));
        }
        tracing::debug!("a document did not come and is asked for again: {reason}");
        outgoing.sleep(pause).await?;
    }
}
