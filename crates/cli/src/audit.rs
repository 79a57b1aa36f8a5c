//! `natrium audit`: who changed what, and what was refused.

use interfaces::audit::{Entry, List, Outcome};
use serde::Serialize;
use settings::Environment;

use crate::arguments::Audit;
use crate::author::actor;
use crate::exit::Exit;
use crate::failure::{Failure, ended};
use crate::table::{Row, table};
use crate::text::{json, line, print};
use crate::view::View;
use crate::writer::{PATIENCE, Writer};

/// Entries that are asked for at once at most.
const PAGE: i64 = 100;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    entries: &'a [Entry],
    /// For `--before`; absent where there are no older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_before: Option<i64>,
}

pub(crate) fn run(words: &Audit, environment: &Environment) -> Exit {
    ended(show(words, environment), words.asking.json)
}

fn show(words: &Audit, environment: &Environment) -> Result<Exit, Failure> {
    let writer = Writer::reach(&words.asking.service, PATIENCE, environment)?;
    let limit = usize::try_from(words.limit).unwrap_or(usize::MAX);
    let mut entries: Vec<Entry> = Vec::new();
    let mut more = true;
    // One more than is shown tells whether there are older ones.
    while more && entries.len() <= limit {
        let left = i64::try_from(limit + 1 - entries.len()).unwrap_or(PAGE).min(PAGE);
        let before = entries.last().map(|entry| entry.seq).or(words.before);
        let call = List { before, limit: left, kind: words.kind.clone(), user: words.user };
        let page = writer.read(writer.audit.list(&call))?.entries;
        more = i64::try_from(page.len()).is_ok_and(|count| count == left);
        entries.extend(page);
    }
    let next_before = (entries.len() > limit).then(|| entries.get(limit - 1).map(|entry| entry.seq)).flatten();
    entries.truncate(limit);
    if words.asking.json {
        print(&json(&Json { entries: &entries, next_before }));
    } else if entries.is_empty() {
        print("there are no entries\n");
    } else {
        let view = View::now();
        let rows: Vec<_> = entries.iter().map(|entry| row(entry, &view)).collect();
        print(&table(["NUMBER", "WHEN", "WHO", "WHAT", "OUTCOME"], &rows, &view));
        if let Some(before) = next_before {
            print(&format!("older ones: natrium audit --before {before}\n"));
        }
    }
    Ok(Exit::Success)
}

fn row(entry: &Entry, view: &View) -> Row<5> {
    let outcome = match (entry.outcome, &entry.reason) {
        (Outcome::Done, _) => "done".to_owned(),
        (Outcome::Refused, Some(reason)) => format!("refused: {}", line(reason)),
        (Outcome::Refused, None) => "refused".to_owned(),
    };
    let since = entry.first_ms.map(|first_ms| format!(" since {}", view.short(first_ms))).unwrap_or_default();
    let times = if entry.times > 1 { format!(", {} times{since}", entry.times) } else { String::new() };
    Row {
        cells: [entry.seq.to_string(), view.short(entry.at_ms), actor(&entry.actor), what(entry), outcome + &times],
        below: Vec::new(),
    }
}

fn what(entry: &Entry) -> String {
    let kind = entry.kind.as_ref().map(|kind| format!(" {}", line(kind)));
    let version = entry.version.map(|version| format!(" version {version}"));
    let about = entry.about.as_ref().map(|about| format!(" ({})", line(about)));
    let rest = [kind, version, about].into_iter().flatten().collect::<String>();
    line(&entry.action) + &rest
}
