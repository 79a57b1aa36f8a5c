//! `natrium config history`: who saved which version.

use interfaces::configs::Version;
use serde::Serialize;
use settings::Environment;

use super::arguments::History;
use crate::author::shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Row, table};
use crate::text::{json, line, print};
use crate::view::View;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    versions: &'a [Version],
    /// For `--before`; absent where there are no older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_before: Option<i64>,
}

pub(super) fn run(words: &History, environment: &Environment) -> Result<Exit, Failure> {
    let writer = super::reach(&words.asking, environment)?;
    let kind = &words.kind;
    let versions = super::versions_of(&writer, kind, words.before, words.limit)?;
    // Versions have no gaps.
    let next_before = versions.last().map(|version| version.version).filter(|version| *version > 1);
    if words.asking.json {
        print(&json(&Json { kind, versions: &versions, next_before }));
    } else if versions.is_empty() {
        print(&format!(
            "{}: there are no {}versions\n",
            line(kind),
            if words.before.is_some() { "older " } else { "" }
        ));
    } else {
        let view = View::now();
        let rows: Vec<_> = versions.iter().map(|version| row(version, &view)).collect();
        print(&table(["VERSION", "SAVED", "BYTES", "AUTHOR"], &rows, &view));
        if let Some(before) = next_before {
            print(&format!("older ones: natrium config history {} --before {before}\n", line(kind)));
        }
    }
    Ok(Exit::Success)
}

fn row(version: &Version, view: &View) -> Row<4> {
    let restores = version.restores.map(|older| format!("a rollback to version {older}"));
    let approved = version.approved_by.as_ref().map(|by| format!("approved by {}", shown(by)));
    let cells =
        [version.version.to_string(), view.short(version.saved_ms), version.bytes.to_string(), shown(&version.author)];
    Row { cells, below: restores.into_iter().chain(approved).collect() }
}
