//! `natrium config`: one module per subcommand, called like it, and what several of them share.

mod ack;
mod adopt;
mod approve;
mod arguments;
mod check;
mod consumers;
mod decline;
mod diff;
mod document;
mod export;
mod get;
mod history;
mod import;
mod list;
mod outcome;
mod over;
mod proposals;
mod put;
mod restore;
mod rollback;
mod trail;

use interfaces::configs::{Error, History as Page, Kind, Kinds, Version};
use settings::Environment;

pub(crate) use arguments::ConfigCommand;

use self::trail::Refusal;
use crate::arguments::Asking;
use crate::exit::Exit;
use crate::failure::{Failure, ended};
use crate::order::Order;
use crate::refusal::Refusal as _;
use crate::text::line;
use crate::view::View;
use crate::writer::{PATIENCE, Writer};

/// Versions that are asked for at once at most.
const PAGE: i64 = 100;

pub(crate) fn run(command: &ConfigCommand, environment: &Environment) -> Exit {
    use ConfigCommand as Command;
    let (done, json) = match command {
        Command::List { asking } => (list::run(asking, environment), asking.json),
        Command::Get(words) => (get::run(words, environment), false),
        Command::Put(words) => (put::run(words, environment), words.changing.asking.json),
        Command::Diff(words) => (diff::run(words, environment), words.asking.json),
        Command::History(words) => (history::run(words, environment), words.asking.json),
        Command::Rollback(words) => (rollback::run(words, environment), words.changing.asking.json),
        Command::Check(words) => (check::run(words, environment), words.json),
        Command::Export(words) => (export::run(words, environment), words.asking.json),
        Command::Import(words) => (import::run(words, environment), words.changing.asking.json),
        Command::Proposals { kind, asking } => (proposals::run(kind.as_deref(), asking, environment), asking.json),
        Command::Approve(words) => (approve::run(words, environment), words.changing.asking.json),
        Command::Decline { id, changing } => (decline::run(*id, changing, environment), changing.asking.json),
        Command::Adopt(words) => (adopt::run(words, environment), words.changing.asking.json),
        Command::Restore(words) => (restore::run(words, environment), words.changing.asking.json),
        Command::Ack { kind, version, consumer, asking } => {
            (ack::run(kind, *version, consumer, asking, environment), asking.json)
        }
        Command::Consumers { kind, asking } => (consumers::run(kind, asking, environment), asking.json),
    };
    ended(done, json)
}

/// The writer of the service that is asked.
fn reach(asking: &Asking, environment: &Environment) -> Result<Writer, Failure> {
    Writer::reach(&asking.service, PATIENCE, environment)
}

/// A kind that the settings declare.
fn kind_of(writer: &Writer, name: &str) -> Result<Kind, Failure> {
    found(writer.read(writer.configs.kinds(&Kinds {}))?.kinds, name)
}

/// The one of this name.
fn found(kinds: Vec<Kind>, name: &str) -> Result<Kind, Failure> {
    let nearest = kinds::nearest(name, kinds.iter().map(|kind| kind.name.as_str())).map(str::to_owned);
    kinds.into_iter().find(|kind| kind.name == name).ok_or_else(|| no_such_kind(name, nearest.as_deref()))
}

fn no_such_kind(name: &str, nearest: Option<&str>) -> Failure {
    let error = Error::NoSuchKind { kind: name.to_owned() };
    let meant = nearest.map(|nearest| format!("; is {} meant?", line(nearest))).unwrap_or_default();
    let text = format!("there is no kind \"{}\"{meant}\nwhich there are: natrium config list", line(name));
    Failure::said(&error, error.exit(), text)
}

/// The current version of a kind, if it has one.
fn current_of(writer: &Writer, kind: &str) -> Result<Option<Version>, Failure> {
    let call = Page { kind: kind.to_owned(), before: None, limit: 1 };
    Ok(writer.read(writer.configs.history(&call))?.versions.into_iter().next())
}

/// At most so many versions below one, the newest first.
fn versions_of(writer: &Writer, kind: &str, before: Option<i64>, limit: u32) -> Result<Vec<Version>, Failure> {
    let mut versions: Vec<Version> = Vec::new();
    loop {
        let left = i64::from(limit) - i64::try_from(versions.len()).unwrap_or(i64::MAX);
        let before = versions.last().map(|version| version.version).or(before);
        if left <= 0 || before.is_some_and(|before| before <= 1) && !versions.is_empty() {
            return Ok(versions);
        }
        let call = Page { kind: kind.to_owned(), before, limit: left.min(PAGE) };
        let page = writer.read(writer.configs.history(&call))?.versions;
        if page.is_empty() {
            return Ok(versions);
        }
        versions.extend(page);
    }
}

/// A version in words: who and when.
fn of_version(version: &Version, view: &View) -> String {
    format!(
        "version {} by {}, {}",
        version.version,
        crate::author::shown(&version.author),
        view.short(version.saved_ms)
    )
}

/// What a change is based on: what was named, or the current version of just now. Where there is no such kind to change, that is
/// recorded: the writer, who would, is not asked for the change.
fn base(order: &Order, action: &'static str, kind: &str, named: Option<i64>) -> Result<i64, Failure> {
    match named {
        Some(base) if base < 0 => Err(Failure::local(Exit::Usage, "a base is 0 or a version")),
        Some(base) => Ok(base),
        None => {
            let kinds = order.writer.read(order.writer.configs.kinds(&Kinds {}))?.kinds;
            let found = found(kinds, kind)
                .inspect_err(|_| trail::record(order, [Refusal::of(order, action, kind, "no such kind")]));
            Ok(found?.current)
        }
    }
}

fn based(kind: &str, base: i64) -> String {
    match base {
        0 => format!("{}: as the first version", line(kind)),
        base => format!("{}: on top of version {base}, the current one", line(kind)),
    }
}
