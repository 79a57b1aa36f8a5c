//! How a hook ended, in words, in the log and in a metric.

use interfaces::supervisor::{HookEnd, RunHookReply};

/// Characters of a reason at most.
const REASON: usize = 500;

/// Why it failed, and the last line that it wrote.
pub(super) fn reason(reply: &RunHookReply) -> String {
    let how = match (reply.end, reply.code, reply.signal) {
        (HookEnd::Succeeded, ..) => String::new(),
        (HookEnd::TimedOut, ..) => format!("ended after {} ms, because it took too long", reply.took_ms),
        (HookEnd::NotStarted, ..) => {
            format!("not started: {}", reply.reason.as_deref().unwrap_or("nobody knows why"))
        }
        (HookEnd::Failed, Some(code), _) => format!("exit status {code}"),
        (HookEnd::Failed, None, Some(signal)) => format!("ended by signal {signal}"),
        (HookEnd::Failed, None, None) => reply.reason.clone().unwrap_or_else(|| "failed".to_owned()),
    };
    let log = reply.log.trim();
    let text = if log.is_empty() { how } else { format!("{how}: {log}") };
    text.chars().take(REASON).collect()
}

/// The word for it in the trail and in the metric.
pub(super) fn word(end: HookEnd) -> &'static str {
    match end {
        HookEnd::Succeeded => "succeeded",
        HookEnd::Failed => "failed",
        HookEnd::TimedOut => "timed out",
        HookEnd::NotStarted => "not started",
    }
}

/// Logs and counts it.
pub(super) fn tell(kind: &str, version: i64, reply: &RunHookReply) {
    let result = word(reply.end);
    metrics::counter!("config_hooks_total", "config_type" => kind.to_owned(), "result" => result).increment(1);
    let duration_ms = reply.took_ms;
    if reply.end == HookEnd::Succeeded {
        tracing::info!(config_type = kind, version, duration_ms, "what was run after publishing succeeded");
    } else {
        let reason = reason(reply);
        tracing::warn!(config_type = kind, version, duration_ms, "what was run after publishing failed: {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(end: HookEnd, code: Option<i64>, signal: Option<i64>, log: &str) -> RunHookReply {
        RunHookReply {
            end,
            code,
            signal,
            took_ms: 30_007,
            log: log.to_owned(),
            reason: Some("no such file".to_owned()),
        }
    }

    #[test]
    fn why_it_failed_is_said_with_its_last_line() {
        let cases = [
            (reply(HookEnd::Failed, Some(3), None, " cannot reload\n"), "exit status 3: cannot reload"),
            (reply(HookEnd::Failed, None, Some(9), ""), "ended by signal 9"),
            (
                reply(HookEnd::TimedOut, None, Some(15), "waiting"),
                "ended after 30007 ms, because it took too long: waiting",
            ),
            (reply(HookEnd::NotStarted, None, None, ""), "not started: no such file"),
        ];
        for (reply, text) in cases {
            assert_eq!(reason(&reply), text);
        }
        let long = reason(&reply(HookEnd::Failed, Some(1), None, &"я".repeat(10_000)));
        assert_eq!(long.chars().count(), REASON);
    }
}
