//! What the writer's log says about the locks of kinds, by the request that each was about.

use std::collections::HashMap;

/// How many seconds each request held the lock.
pub(crate) fn released(log: &str) -> HashMap<String, f64> {
    durations(log, "config_upload_lock_released")
}

/// How many seconds each request waited for the lock.
pub(crate) fn acquired(log: &str) -> HashMap<String, f64> {
    durations(log, "config_upload_lock_acquired")
}

fn durations(log: &str, event: &str) -> HashMap<String, f64> {
    log.lines()
        .filter(|line| line.contains(event))
        .filter_map(|line| {
            let milliseconds: f64 = value(line, "duration_ms")?.parse().ok()?;
            // The request stands with the call that the line belongs to.
            let (_, request) = line.split_once("natrium_request=\"")?;
            Some((request.split('"').next()?.to_owned(), milliseconds / 1e3))
        })
        .collect()
}

/// The value of `name=value` in a log line, without its quotes. Values here hold no spaces.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let pair = |word: &'a str| word.split_once('=').filter(|(key, _)| *key == name);
    line.split(' ').find_map(pair).map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_long_the_lock_was_waited_for_and_held() {
        let log = "\
2026-01-01T00:00:00Z  INFO call{natrium_request=\"bench-1-2\"}: config_upload_lock_acquired config_type=\"fees\" user_id=0 duration_ms=0.001
2026-01-01T00:00:00Z  INFO call{natrium_request=\"bench-1-2\"}: config_upload_lock_released config_type=\"fees\" user_id=0 duration_ms=0.412
2026-01-01T00:00:00Z  INFO something else";
        let (waited, held) = (acquired(log), released(log));
        assert_eq!((waited.len(), held.len()), (1, 1));
        assert_eq!((waited.get("bench-1-2"), held.get("bench-1-2")), (Some(&0.000_001), Some(&0.000_412)));
    }
}
