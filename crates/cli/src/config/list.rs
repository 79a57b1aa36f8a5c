//! `natrium config list`: the kinds of config, and the current version of each.

use interfaces::configs::{ByHand, Kind, Kinds, Version};
use serde::Serialize;
use settings::Environment;

use crate::arguments::Asking;
use crate::author::shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Row, table};
use crate::text::{json, line, print};
use crate::view::View;

/// What `--json` prints.
#[derive(Serialize)]
struct Json {
    kinds: Vec<Listed>,
    retired: Vec<String>,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
}

pub(super) fn run(asking: &Asking, environment: &Environment) -> Result<Exit, Failure> {
    let writer = super::reach(asking, environment)?;
    let reply = writer.read(writer.configs.kinds(&Kinds {}))?;
    let mut kinds = Vec::new();
    for mut kind in reply.kinds {
        let version = super::current_of(&writer, &kind.name)?;
        // Saved meanwhile, perhaps: both are to be of one moment.
        kind.current = version.as_ref().map_or(0, |version| version.version);
        kinds.push(Listed { kind, version });
    }
    if asking.json {
        print(&json(&Json { kinds, retired: reply.retired }));
        return Ok(Exit::Success);
    }
    let view = View::now();
    let rows: Vec<_> = kinds.iter().map(|listed| row(listed, &view)).collect();
    print(&table(["KIND", "FILE", "VERSION", "SAVED", "AUTHOR"], &rows, &view));
    if !reply.retired.is_empty() {
        let names: Vec<_> = reply.retired.iter().map(|name| line(name)).collect();
        print(&format!("no longer in the settings, but with a history: {}\n", names.join(", ")));
    }
    Ok(Exit::Success)
}

fn row(listed: &Listed, view: &View) -> Row<5> {
    let Listed { kind, version } = listed;
    let (number, saved, author) = match version {
        Some(version) => (version.version.to_string(), view.short(version.saved_ms), shown(&version.author)),
        None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
    };
    let approval = kind.approval.then(|| "a second admin has to approve versions".to_owned());
    let below = approval.into_iter().chain(kind.by_hand.as_ref().map(|by_hand| by_hand_line(by_hand, view))).collect();
    Row { cells: [line(&kind.name), line(&kind.file), number, saved, author], below }
}

fn by_hand_line(by_hand: &ByHand, view: &View) -> String {
    let valid = if by_hand.valid { "" } else { ", and cannot become a version as it is" };
    format!("the file was changed by hand: {} bytes, noticed {}{valid}", by_hand.bytes, view.short(by_hand.noticed_ms))
}
