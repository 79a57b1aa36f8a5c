//! `natrium config export`: the configs as files, and what they are in `export.json`, which is written last.

use std::path::{Path, PathBuf};

use interfaces::configs::{Get, Kinds, Version};
use serde::{Deserialize, Serialize};
use settings::Environment;

use super::arguments::Export;
use super::document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::{json, line, print};
use crate::view::now_ms;
use crate::writer::Writer;

/// What the list of an export is called.
pub(super) const LIST: &str = "export.json";
/// The form of the list.
pub(super) const FORMAT: u32 = 1;

/// The list.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct List {
    pub(super) format: u32,
    pub(super) exported_ms: i64,
    pub(super) kinds: Vec<Exported>,
}

/// A kind of it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Exported {
    pub(super) kind: String,
    /// The current version's file; absent where the settings no longer declare the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<PathBuf>,
    /// The current version.
    pub(super) version: Version,
    /// Where each older version was written, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) history: Vec<Older>,
}

/// A version of a history.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Older {
    pub(super) file: PathBuf,
    pub(super) version: Version,
}

pub(super) fn run(words: &Export, environment: &Environment) -> Result<Exit, Failure> {
    let writer = super::reach(&words.asking, environment)?;
    let wanted = wanted(words, &writer)?;
    document::directory(&words.directory)?;
    let list_path = words.directory.join(LIST);
    if !words.force && list_path.symlink_metadata().is_ok() {
        let text = format!("{} is there already; --force replaces it", document::name(&list_path));
        return Err(Failure::local(Exit::Degraded, text));
    }
    let mut list = List { format: FORMAT, exported_ms: now_ms(), kinds: Vec::new() };
    for (kind, file) in wanted {
        list.kinds.extend(exported(words, &kind, file, &writer)?);
    }
    let text = json(&list);
    document::write(&list_path, text.as_bytes(), words.force)?;
    print(&if words.asking.json { text } else { told(&list, &words.directory) });
    Ok(Exit::Success)
}

/// The kinds that are meant, and how the file of each is called where the settings say so.
fn wanted(words: &Export, writer: &Writer) -> Result<Vec<(String, Option<String>)>, Failure> {
    let reply = writer.read(writer.configs.kinds(&Kinds {}))?;
    let declared = reply.kinds.into_iter().map(|kind| (kind.name, Some(kind.file)));
    let retired = reply.retired.into_iter().map(|name| (name, None));
    let all: Vec<_> = if words.history { declared.chain(retired).collect() } else { declared.collect() };
    if words.kinds.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| {
        let found = all.iter().find(|(kind, _)| kind == name).cloned();
        let nearest = kinds::nearest(name, all.iter().map(|(kind, _)| kind.as_str()));
        found.ok_or_else(|| super::no_such_kind(name, nearest))
    };
    words.kinds.iter().map(find).collect()
}

/// Writes what there is of a kind; nothing where it has no version.
fn exported(words: &Export, kind: &str, file: Option<String>, writer: &Writer) -> Result<Option<Exported>, Failure> {
    let Some(newest) = super::current_of(writer, kind)? else { return Ok(None) };
    // By its number: what is saved meanwhile is not this export's.
    let write = |version: &Version, to: &Path| {
        let call = Get { kind: kind.to_owned(), version: Some(version.version) };
        let content = writer.read(writer.configs.get(&call))?.content;
        document::write(&words.directory.join(to), content.as_bytes(), words.force)
    };
    let file = file.map(PathBuf::from);
    if let Some(file) = &file {
        write(&newest, file)?;
    }
    let mut history = Vec::new();
    if words.history {
        let within = Path::new("history").join(kind);
        document::directory(&words.directory.join(&within))?;
        let before = newest.version.checked_add(1);
        for version in super::versions_of(writer, kind, before, u32::MAX)? {
            let file = within.join(format!("{:06}.yml", version.version));
            write(&version, &file)?;
            history.push(Older { file, version });
        }
    }
    Ok(Some(Exported { kind: kind.to_owned(), file, version: newest, history }))
}

fn told(list: &List, directory: &Path) -> String {
    let one = |exported: &Exported| {
        let file = exported.file.as_ref().map(|file| format!(" in {}", document::name(&directory.join(file))));
        let history = match exported.history.len() {
            0 => String::new(),
            count => {
                format!(", {count} versions in {}", document::name(&directory.join("history").join(&exported.kind)))
            }
        };
        format!("{}: version {}{}{history}\n", line(&exported.kind), exported.version.version, file.unwrap_or_default())
    };
    let lines: String = list.kinds.iter().map(one).collect();
    if lines.is_empty() { "there are no versions yet\n".to_owned() } else { lines }
}
