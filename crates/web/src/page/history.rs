//! Who saved which version, and when, a page at a time.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use interfaces::admins::Role;
use interfaces::configs::Version;

use super::answer::{self, Frame, Or, Way};
use super::visit::{Known, Visit};
use crate::texts::{Text, Value};

/// Versions on a page.
const VERSIONS: i64 = 20;

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    frame: Frame,
    rows: Vec<Row>,
    none: String,
    older: Option<Way>,
    newer: Option<Way>,
}

/// What is told of a version.
#[derive(Debug, Eq, PartialEq)]
struct Row {
    version: String,
    /// The word for it, where it is the current one.
    current: Option<String>,
    about: Vec<String>,
    ways: Vec<Way>,
}

pub(crate) async fn show(visit: &Visit<'_>, kind: &str, before: Option<i64>) -> Or<Response> {
    let (kind, role) = visit.permitted(kind, Role::Viewer, "history").await?;
    let newest = visit.history(&kind, None, 1).await?.first().map_or(0, |version| version.version);
    let versions = visit.history(&kind, before, VERSIONS).await?;
    let none = if newest > 0 { Text::history_end(&kind.file) } else { Text::history_none(&kind.file) };
    let to = |name: &Text, before| visit.way(name, format!("/history/{}?before={before}", kind.in_path()));
    let (older, newer) = beside(&versions, newest);
    let may_roll_back = role >= Role::Admin && !kind.retired;
    let page = History {
        frame: visit.frame(&Text::history_title(&kind.file)),
        rows: versions.iter().map(|version| row(visit, &kind, version, newest, may_roll_back)).collect(),
        none: visit.say(&none),
        older: older.map(|before| to(&Text::older(), before)),
        newer: newer.map(|before| to(&Text::newer(), before)),
    };
    Ok(answer::html(StatusCode::OK, &page))
}

/// Before which versions the pages begin that are older, and newer, than these. Versions have no gaps, so their numbers say where
/// others are.
fn beside(versions: &[Version], newest: i64) -> (Option<i64>, Option<i64>) {
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
        return (None, (newest > 0).then_some(newest + 1));
    };
    let older = (last.version > 1).then_some(last.version);
    (older, (first.version < newest).then_some(first.version + 1 + VERSIONS))
}

fn row(visit: &Visit<'_>, kind: &Known, version: &Version, newest: i64, may_roll_back: bool) -> Row {
    let Version { version: number, author, saved_ms, bytes, restores, approved_by, .. } = version;
    let path = kind.in_path();
    let mut about =
        vec![visit.say(&Text::saved_by(author, Value::at_ms(*saved_ms))), visit.value(&Value::bytes(*bytes))];
    about.extend(restores.map(|version| visit.say(&Text::restores(version))));
    about.extend(approved_by.as_ref().map(|author| visit.say(&Text::approved(author))));
    let mut ways = vec![visit.way(&Text::get(), format!("/get/{path}/{number}"))];
    if *number > 1 {
        ways.push(visit.way(&Text::diff(), format!("/diff/{path}/{}/{number}", number - 1)));
    }
    if may_roll_back && *number != newest {
        ways.push(visit.way(&Text::rollback(), format!("/rollback/{path}/{number}")));
    }
    let current = (*number == newest).then(|| visit.say(&Text::current()));
    Row { version: visit.say(&Text::version(*number)), current, about, ways }
}

#[cfg(test)]
mod tests {
    use interfaces::configs::{Author, Origin};

    use super::*;

    fn versions(numbers: std::ops::RangeInclusive<i64>) -> Vec<Version> {
        let author = Author { origin: Origin::Telegram, id: 1, name: "Anna".to_owned() };
        let version = |version| Version {
            kind: "fees".to_owned(),
            version,
            base: version - 1,
            bytes: 1,
            sha256: String::new(),
            author: author.clone(),
            saved_ms: 0,
            restores: None,
            approved_by: None,
        };
        numbers.rev().map(version).collect()
    }

    #[test]
    fn links_lead_to_what_is_there_and_nowhere_else() {
        assert_eq!(beside(&versions(1..=3), 3), (None, None));
        assert_eq!(beside(&versions(26..=45), 45), (Some(26), None));
        assert_eq!(beside(&versions(6..=25), 45), (Some(6), Some(46)));
        assert_eq!(beside(&versions(1..=5), 45), (None, Some(26)));
        assert_eq!(beside(&[], 45), (None, Some(46)));
        assert_eq!(beside(&[], 0), (None, None));
    }
}
