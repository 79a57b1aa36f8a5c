//! How a death is said: in one place, so that all commands say it alike. Pure.

use std::io;

use interfaces::supervisor::Death;

use crate::text::{brief, line, span};

/// How the process ended: `exited with 75`, `hung, killed by SIGABRT`.
pub(crate) fn how(death: &Death) -> String {
    let end = match (death.code, death.signal, death.errno) {
        (Some(code), _, _) => format!("exited with {code}"),
        (_, Some(signal), _) => match signal_hook::low_level::signal_name(signal) {
            Some(name) => format!("killed by {name}"),
            None => format!("killed by signal {signal}"),
        },
        (_, _, Some(errno)) => format!("not started: {}", reason(errno)),
        (None, None, None) => "ended".to_owned(),
    };
    let asked = if death.asked { "asked to stop, " } else { "" };
    let hung = if death.hung { "hung, " } else { "" };
    format!("{asked}{hung}{end}")
}

/// Which process it was, how it ended, and how long it had lived: `process 77 killed by SIGKILL after 3 s`.
pub(crate) fn whole(death: &Death) -> String {
    if death.pid == 0 {
        return how(death);
    }
    format!("process {} {} after {}", death.pid, how(death), lived(death))
}

/// The same, with when it was.
pub(crate) fn when(death: &Death, now_ms: i64) -> String {
    let ago = now_ms - death.at_ms;
    let ago = if ago < 1000 { "just now".to_owned() } else { format!("{} ago", span(ago)) };
    format!("{}, {ago}", whole(death))
}

/// How long the process had lived.
pub(crate) fn lived(death: &Death) -> String {
    brief(i64::try_from(death.uptime_ms).unwrap_or(i64::MAX))
}

/// What it had last said of itself, and the last line that it logged: what there is of both.
pub(crate) fn words(death: &Death) -> Vec<String> {
    let words = [("status", line(&death.status)), ("log", line(&death.log))];
    words.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| format!("{what}: {text}")).collect()
}

/// What the C library says of an errno.
fn reason(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The bot's process 77, which exited with 75 after 3.4 seconds.
    pub(crate) fn death(at_ms: i64) -> Death {
        Death {
            worker: "bot".to_owned(),
            at_ms,
            pid: 77,
            generation: 3,
            uptime_ms: 3400,
            ready_ms: Some(3000),
            code: Some(75),
            signal: None,
            errno: None,
            hung: false,
            asked: false,
            status: String::new(),
            log: String::new(),
        }
    }

    #[test]
    fn every_end_has_its_words() {
        let exited = death(0);
        let signalled = |signal| Death { code: None, signal: Some(signal), ..death(0) };
        let refused = Death { code: None, errno: Some(11), pid: 0, uptime_ms: 0, ..death(0) };
        let cases = [
            (exited.clone(), "exited with 75"),
            (signalled(9), "killed by SIGKILL"),
            (signalled(40), "killed by signal 40"),
            (Death { hung: true, ..signalled(6) }, "hung, killed by SIGABRT"),
            (Death { asked: true, code: Some(0), ..death(0) }, "asked to stop, exited with 0"),
            (Death { asked: true, ..signalled(9) }, "asked to stop, killed by SIGKILL"),
            (refused.clone(), "not started: Resource temporarily unavailable"),
            (Death { code: None, ..death(0) }, "ended"),
        ];
        for (death, words) in cases {
            assert_eq!(how(&death), words);
        }
        assert_eq!(whole(&refused), "not started: Resource temporarily unavailable");
        assert_eq!(when(&exited, 2000), "process 77 exited with 75 after 3 s, 2 s ago");
        assert_eq!(when(&exited, 200), "process 77 exited with 75 after 3 s, just now");
        assert_eq!(when(&Death { uptime_ms: 20, ..exited }, 2000), "process 77 exited with 75 after 20 ms, 2 s ago");
    }

    #[test]
    fn words_are_told_where_there_are_some_and_cannot_move_the_cursor() {
        assert_eq!(words(&death(0)), Vec::<String>::new());
        let told = Death { status: "connecting\u{1b}[31m".to_owned(), log: "a\nb".to_owned(), ..death(0) };
        assert_eq!(words(&told), ["status: connecting [31m", "log: a b"]);
    }
}
