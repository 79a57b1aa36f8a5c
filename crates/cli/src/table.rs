//! A table of text: columns as wide as they need, and lines that belong to a row below it. Pure.

use crate::view::View;

/// One row.
pub(crate) struct Row<const N: usize> {
    /// A cell for each column.
    pub(crate) cells: [String; N],
    /// What is to be said besides, a line each. On a terminal a line is cut at its edge.
    pub(crate) below: Vec<String>,
}

/// Where the lines below a row begin.
const INDENT: &str = "        ";

/// The table, each line with its end.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[Row<N>], view: &View) -> String {
    let head = head.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows.iter().map(|row| &row.cells));
    let mut widths = [0; N];
    for cells in all() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |cells: &[String; N]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&head);
    for row in rows {
        text.push_str(&line(&row.cells));
        for below in &row.below {
            text.push_str(&(view.fit(format!("{INDENT}{below}")) + "\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_need() {
        let row = |cells: [&str; 3], below: &[&str]| Row {
            cells: cells.map(str::to_owned),
            below: below.iter().map(|line| (*line).to_owned()).collect(),
        };
        let rows = [row(["бот", "", "1"], &["polling Telegram"]), row(["writer", "two", "22"], &[])];
        let view = |width| View { now_ms: 0, zone: TimeZone::UTC, width };
        let drawn = "A       B    C\nбот          1\n        polling Telegram\nwriter  two  22\n";
        assert_eq!(table(["A", "B", "C"], &rows, &view(None)), drawn);
        assert_eq!(
            table(["A", "B", "C"], &rows, &view(Some(16))),
            drawn.replace("polling Telegram", "polling…"),
            "only what stands below is cut"
        );
    }
}
