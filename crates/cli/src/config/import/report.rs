//! What became of each file of an import, and how the command ends by that. Pure but for the printing.

use std::path::PathBuf;

use interfaces::configs::Problem;
use serde::Serialize;

use crate::config::document;
use crate::exit::Exit;
use crate::refusal::problems_of;
use crate::text::{complain, json, line, print};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Became {
    Saved {
        version: i64,
        published: bool,
    },
    Unchanged {
        version: i64,
    },
    Proposed {
        proposal: i64,
    },
    /// It would be; nothing was asked for.
    WouldSave {
        base: i64,
    },
    WouldPropose {
        base: i64,
    },
    /// It is valid, and was not saved because another file is not.
    Held,
    Invalid {
        problems: Vec<Problem>,
    },
    Conflict {
        current: i64,
    },
    ChangedByHand,
    /// Export had written it from another service.
    Elsewhere {
        current: i64,
    },
    Forbidden {
        needed: String,
    },
    NoSuchKind {
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
    },
    NotSaved {
        reason: String,
        #[serde(skip)]
        exit: Exit,
    },
    NotKnown {
        reason: String,
        again: String,
    },
}

/// A file of it.
#[derive(Debug, Serialize)]
pub(super) struct Result {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    pub(super) file: PathBuf,
    #[serde(flatten)]
    pub(super) became: Became,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) dry_run: bool,
    pub(super) results: Vec<Result>,
}

/// The order in which one file's end becomes the command's.
const WORST: [Exit; 7] =
    [Exit::TryAgain, Exit::Degraded, Exit::Invalid, Exit::Conflict, Exit::Forbidden, Exit::Proposed, Exit::Success];

impl Became {
    fn exit(&self) -> Exit {
        match self {
            Self::Saved { published: true, .. } | Self::WouldSave { .. } | Self::Held => Exit::Success,
            Self::Unchanged { .. } => Exit::Unchanged,
            Self::Proposed { .. } | Self::WouldPropose { .. } => Exit::Proposed,
            Self::Invalid { .. } => Exit::Invalid,
            Self::Conflict { .. } | Self::ChangedByHand | Self::Elsewhere { .. } => Exit::Conflict,
            Self::Forbidden { .. } => Exit::Forbidden,
            Self::Saved { .. } | Self::NoSuchKind { .. } => Exit::Degraded,
            Self::NotSaved { exit, .. } => *exit,
            Self::NotKnown { .. } => Exit::TryAgain,
        }
    }

    /// For people; `kind` is the name of its kind, `file` that of the file.
    fn told(&self, kind: &str, file: &str) -> String {
        match self {
            Self::Saved { version, published: true } => format!("{kind}: saved as version {version}"),
            Self::Saved { version, .. } => {
                format!(
                    "{kind}: saved as version {version}, but its file is not in place yet; that is tried again by itself"
                )
            }
            Self::Unchanged { version } => format!("{kind}: unchanged, it equals version {version}"),
            Self::Proposed { proposal } => {
                format!("{kind}: proposed, as number {proposal}: somebody else has to approve it")
            }
            Self::WouldSave { base } => format!("{kind}: would be saved on top of version {base}"),
            Self::WouldPropose { base } => format!("{kind}: would be proposed on top of version {base}"),
            Self::Held => format!("{kind}: not saved, because not every file can be; it is valid"),
            Self::Invalid { problems } => {
                format!("{kind}: invalid, not saved\n{}", problems_of(file, problems))
            }
            Self::Conflict { current } => format!(
                "{kind}: conflict, not saved: it is at version {current} by now\n\
                 what differs: natrium config diff {kind} --file {file}; on top of that one all the same: --onto-current"
            ),
            Self::ChangedByHand => format!(
                "{kind}: conflict, not saved: the published file was changed by hand\n\
                 how: natrium config diff {kind} --by-hand; replace it all the same: --overwrite"
            ),
            Self::Elsewhere { current } => format!(
                "{kind}: conflict, not saved: it was exported from another service, and here is version {current}\n\
                 what differs: natrium config diff {kind} --file {file}; on top of that one all the same: --onto-current"
            ),
            Self::Forbidden { needed } => format!("{kind}: not saved: only {} may do that", line(needed)),
            Self::NoSuchKind { kind: Some(kind) } => {
                format!("{file}: there is no kind \"{}\" here; not saved", line(kind))
            }
            Self::NoSuchKind { kind: None } => format!("{file}: no kind has a file of this name; not saved"),
            Self::NotSaved { reason, .. } => format!("{kind}: not saved: {reason}"),
            Self::NotKnown { reason, again } => format!(
                "{kind}: it is not known whether it was saved: {}\nto find out, ask again, which never does it twice:\n  {again}",
                line(reason)
            ),
        }
    }

    /// Whether nothing else is saved because of it.
    pub(super) fn holds(&self) -> bool {
        matches!(
            self,
            Self::Invalid { .. }
                | Self::Conflict { .. }
                | Self::ChangedByHand
                | Self::Elsewhere { .. }
                | Self::NoSuchKind { .. }
                | Self::NotSaved { .. }
        )
    }

    /// Why it is refused, as the writer words it in the audit trail; nothing where it is not, or where it cannot even be read.
    pub(super) fn foreseen_reason(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { .. } => Some("invalid"),
            Self::Conflict { .. } | Self::Elsewhere { .. } => Some("conflict"),
            Self::ChangedByHand => Some("changed by hand"),
            Self::NoSuchKind { .. } => Some("no such kind"),
            Self::NotSaved { exit: Exit::Invalid, .. } => Some("document"),
            _ => None,
        }
    }

    /// Whether it is what was hoped for.
    fn is_good(&self) -> bool {
        matches!(
            self,
            Self::Saved { published: true, .. }
                | Self::Unchanged { .. }
                | Self::Proposed { .. }
                | Self::WouldSave { .. }
                | Self::WouldPropose { .. }
        )
    }
}

impl Report {
    /// Tells it, and ends as the worst of it.
    pub(super) fn tell(&self, as_json: bool) -> Exit {
        if as_json {
            print(&json(self));
        }
        for Result { kind, file, became } in self.results.iter().filter(|_| !as_json) {
            let text = became.told(&line(kind.as_deref().unwrap_or_default()), &document::name(file));
            if became.is_good() { print(&(text + "\n")) } else { complain(&text) }
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        let ends: Vec<_> = self.results.iter().map(|result| result.became.exit()).collect();
        WORST.into_iter().find(|worst| ends.contains(worst)).unwrap_or(Exit::Unchanged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_ends_as_the_worst_of_its_files() {
        let report = |all: &[Became]| {
            let result = |became: &Became| Result { kind: None, file: PathBuf::new(), became: became.clone() };
            Report { dry_run: false, results: all.iter().map(result).collect() }.exit()
        };
        let (saved, same) = (Became::Saved { version: 2, published: true }, Became::Unchanged { version: 1 });
        let conflict = Became::Conflict { current: 3 };
        let invalid = Became::Invalid { problems: Vec::new() };
        let unknown = Became::NotKnown { reason: String::new(), again: String::new() };
        let proposed = Became::Proposed { proposal: 1 };
        let cases = [
            (vec![same.clone(), same.clone()], Exit::Unchanged),
            (vec![same.clone(), saved.clone()], Exit::Success),
            (vec![saved.clone(), proposed.clone()], Exit::Proposed),
            (vec![conflict.clone(), proposed, saved.clone()], Exit::Conflict),
            (vec![conflict, invalid.clone(), Became::Held], Exit::Invalid),
            (vec![invalid, unknown, saved], Exit::TryAgain),
            (vec![same, Became::NotSaved { reason: String::new(), exit: Exit::Degraded }], Exit::Degraded),
        ];
        for (all, exit) in cases {
            assert_eq!(report(&all), exit, "{all:?}");
        }
    }
}
