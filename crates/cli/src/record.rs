//! The remembered deaths as a table. Pure: what is shown depends only on what is handed in.

use interfaces::supervisor::Death;

use crate::death::{how, lived, words};
use crate::table::{Row, table};
use crate::text::line;
use crate::view::View;

/// The deaths, the newest last; a sentence if there are none.
pub(crate) fn record(deaths: &[Death], worker: Option<&str>, view: &View) -> String {
    if deaths.is_empty() {
        return match worker {
            Some(worker) => format!("{}: none of its processes has died\n", line(worker)),
            None => "no worker has died\n".to_owned(),
        };
    }
    let mut deaths: Vec<&Death> = deaths.iter().collect();
    deaths.sort_by_key(|death| death.at_ms);
    let rows: Vec<_> = deaths.into_iter().map(|death| row(death, view)).collect();
    table(["DIED", "WORKER", "NO.", "PID", "LIVED", "READY", "HOW"], &rows, view)
}

fn row(death: &Death, view: &View) -> Row<7> {
    let had_process = death.pid != 0;
    let or_dash = |text: String| if had_process { text } else { "-".to_owned() };
    Row {
        cells: [
            view.short(death.at_ms),
            line(&death.worker),
            death.generation.to_string(),
            or_dash(death.pid.to_string()),
            or_dash(lived(death)),
            if death.ready_ms.is_some() { "yes" } else { "never" }.to_owned(),
            how(death),
        ],
        below: words(death),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::death::tests::death;

    const NOW: i64 = 1_763_640_000_000;

    #[test]
    fn the_newest_stands_last_with_its_last_words() {
        let view = View { now_ms: NOW, zone: TimeZone::UTC, width: Some(80) };
        let killed = Death {
            status: "polling".to_owned(),
            log: format!("update {}", "9".repeat(100)),
            code: None,
            signal: Some(9),
            ..death(NOW - 1000)
        };
        let stopped = Death { asked: true, code: Some(0), worker: "writer".to_owned(), ..death(NOW - 86_400_000) };
        let refused = Death { pid: 0, uptime_ms: 0, ready_ms: None, code: None, errno: Some(11), ..death(NOW - 2000) };
        assert_eq!(
            record(&[killed, refused, stopped], None, &view),
            format!(
                "\
DIED             WORKER  NO.  PID  LIVED  READY  HOW
Nov 19 12:00:00  writer  3    77   3 s    yes    asked to stop, exited with 0
11:59:58         bot     3    -    -      never  not started: Resource temporarily unavailable
11:59:59         bot     3    77   3 s    yes    killed by SIGKILL
        status: polling
        log: update {}…
",
                "9".repeat(59)
            )
        );
    }

    #[test]
    fn nothing_is_a_sentence() {
        let view = View { now_ms: NOW, zone: TimeZone::UTC, width: None };
        assert_eq!(record(&[], None, &view), "no worker has died\n");
        assert_eq!(record(&[], Some("bot"), &view), "bot: none of its processes has died\n");
    }
}
