//! Waiting for a condition with a deadline. There are no fixed sleeps in tests.

use std::time::{Duration, Instant};

use anyhow::bail;

/// How often a condition is looked at that cannot tell by itself.
const LOOK: Duration = Duration::from_millis(2);

/// Waits until `look` finds something, for `within` at most.
///
/// # Errors
/// When it never does; `what` says what was waited for.
pub fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("waited {within:?} in vain: {what}");
        }
        std::thread::sleep(LOOK);
    }
}

/// As [`until`], on a runtime.
///
/// # Errors
/// When it never does; `what` says what was waited for.
pub async fn until_async<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("waited {within:?} in vain: {what}");
        }
        tokio::time::sleep(LOOK).await;
    }
}
