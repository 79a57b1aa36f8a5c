//! What a rendering depends on beside the facts: the time, its zone, and how wide a line may be. Pure once it is made.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::terminal;

/// Who looks, and when.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Unix milliseconds.
    pub(crate) now_ms: i64,
    /// Of the times of day.
    pub(crate) zone: TimeZone,
    /// Columns of the terminal; nothing where a program or a file reads.
    pub(crate) width: Option<usize>,
}

impl View {
    /// Of whoever called this program, now.
    pub(crate) fn now() -> Self {
        Self { now_ms: now_ms(), zone: TimeZone::system(), width: terminal::width() }
    }

    /// A moment in full: `2025-11-20 10:57:55 CET`.
    pub(crate) fn moment(&self, milliseconds: i64) -> String {
        self.format(milliseconds, "%Y-%m-%d %H:%M:%S %Z")
    }

    /// A moment in short: `10:57:55`, with the date if it is not today, with the year if it is not this year.
    pub(crate) fn short(&self, milliseconds: i64) -> String {
        let (date, today) = (self.date(milliseconds), self.date(self.now_ms));
        let year = |date: Option<Date>| date.map(Date::year);
        let format = match () {
            () if date == today => "%H:%M:%S",
            () if year(date) == year(today) => "%b %e %H:%M:%S",
            () => "%Y-%m-%d %H:%M:%S",
        };
        self.format(milliseconds, format)
    }

    /// The day of a moment.
    pub(crate) fn date(&self, milliseconds: i64) -> Option<Date> {
        let time = Timestamp::from_millisecond(milliseconds).ok()?;
        Some(time.to_zoned(self.zone.clone()).date())
    }

    /// The line as far as it fits, with a mark where it was cut.
    pub(crate) fn fit(&self, line: String) -> String {
        match self.width {
            Some(width) if line.chars().count() > width => {
                line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
            }
            _ => line,
        }
    }

    fn format(&self, milliseconds: i64, format: &str) -> String {
        match Timestamp::from_millisecond(milliseconds) {
            Ok(time) => time.to_zoned(self.zone.clone()).strftime(format).to_string(),
            Err(_) => "an unknown time".to_owned(),
        }
    }
}

/// Unix milliseconds.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_763_640_000_000;
    const DAY: i64 = 86_400_000;

    fn view(zone: TimeZone, width: Option<usize>) -> View {
        View { now_ms: NOW, zone, width }
    }

    #[test]
    fn the_date_is_told_where_it_is_not_today() {
        let utc = view(TimeZone::UTC, None);
        assert_eq!(utc.moment(NOW), "2025-11-20 12:00:00 UTC");
        assert_eq!(utc.short(NOW - 3_600_000), "11:00:00");
        assert_eq!(utc.short(NOW - DAY), "Nov 19 12:00:00");
        assert_eq!(utc.short(NOW - 15 * DAY), "Nov  5 12:00:00");
        assert_eq!(utc.short(NOW - 365 * DAY), "2024-11-20 12:00:00");
        assert_eq!(utc.short(i64::MAX), "an unknown time");
        // Eleven o'clock is tomorrow in the far east.
        let east = view(TimeZone::fixed(jiff::tz::offset(14)), None);
        assert_eq!(east.short(NOW - 3_600_000), "01:00:00");
        assert_eq!(east.short(NOW - 4 * 3_600_000), "Nov 20 22:00:00");
    }

    #[test]
    fn a_line_is_cut_for_a_terminal_only() {
        let text = || "жжжжжжжж".to_owned();
        assert_eq!(view(TimeZone::UTC, Some(8)).fit(text()), "жжжжжжжж");
        assert_eq!(view(TimeZone::UTC, Some(5)).fit(text()), "жжжж…");
        assert_eq!(view(TimeZone::UTC, None).fit(text()), "жжжжжжжж");
        assert_eq!(view(TimeZone::UTC, Some(0)).fit(text()), "…");
    }
}
