//! What the writer answers instead of doing something, for people: what, where, what to do; and as an exit code.

use std::fmt::Display;

use interfaces::{admins, audit, configs};
use serde::Serialize;

use crate::author;
use crate::exit::Exit;
use crate::text::line;
use crate::view::View;

/// An interface's error.
pub(crate) trait Refusal: Serialize + Display + std::fmt::Debug {
    fn exit(&self) -> Exit;

    /// Whether asking again may get another answer, and nothing is known until then.
    fn is_passing(&self) -> bool;

    /// All of it, perhaps over several lines.
    fn told(&self, view: &View) -> String;
}

impl Refusal for configs::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::NoSuchKind { .. }
            | Self::NoSuchVersion { .. }
            | Self::NoSuchProposal { .. }
            | Self::NotAdoptable { .. }
            | Self::RequestReused { .. }
            | Self::Cancelled { .. } => Exit::Degraded,
            Self::Invalid { .. } => Exit::Invalid,
            Self::Conflict { .. } | Self::ChangedByHand { .. } | Self::NotByHand { .. } | Self::Decided { .. } => {
                Exit::Conflict
            }
            Self::NotSaved { .. } | Self::Unavailable { .. } => Exit::TryAgain,
            Self::Forbidden { .. } | Self::OwnProposal { .. } => Exit::Forbidden,
            Self::ApprovalRequired { .. } => Exit::Proposed,
            Self::Unchanged { .. } => Exit::Unchanged,
        }
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    fn told(&self, view: &View) -> String {
        let what = line(&self.to_string());
        match self {
            Self::NoSuchKind { .. } => format!("{what}\nwhich there are: natrium config list"),
            Self::NoSuchVersion { kind, version: 0 } => format!("{} has no version yet", line(kind)),
            Self::NoSuchVersion { kind, .. } => {
                format!("{what}\nwhich there are: natrium config history {}", line(kind))
            }
            Self::Invalid { kind, problems } => problems_of(&line(kind), problems),
            Self::Conflict { kind, current } => conflict(&line(kind), current, view),
            Self::ChangedByHand { kind, by_hand } => changed_by_hand(&line(kind), by_hand),
            Self::NotByHand { kind, by_hand } => not_by_hand(&line(kind), by_hand.as_ref()),
            Self::NotAdoptable { kind, .. } => {
                format!("{what}\nnatrium config restore {} puts the stored version back", line(kind))
            }
            Self::Decided { proposal } => decided(proposal, view),
            Self::Unchanged { .. } => format!("{what}; none was made"),
            Self::NoSuchProposal { .. } => format!("{what}\nwhich are open: natrium config proposals"),
            Self::OwnProposal { id } => {
                format!("{what}\nnobody approves what he proposed himself; natrium config decline {id} withdraws it")
            }
            Self::NotSaved { .. } => {
                format!("{what}\nnothing was changed; ask again when that is mended: natrium doctor")
            }
            Self::RequestReused { .. } => {
                format!("{what}\nnothing was changed; leave out --request, or repeat exactly what was asked then")
            }
            _ => what,
        }
    }
}

/// What is wrong with a document, a line each, as compilers write it.
pub(crate) fn problems_of(file: &str, problems: &[configs::Problem]) -> String {
    let told = problems.iter().map(|problem| {
        let place = match problem.line {
            0 => String::new(),
            at => format!("{at}:{}: ", problem.column),
        };
        let path = if problem.path.is_empty() { String::new() } else { format!("{}: ", line(&problem.path)) };
        format!("{file}:{}{place}{path}{}", if place.is_empty() { " " } else { "" }, line(&problem.reason))
    });
    told.collect::<Vec<_>>().join("\n")
}

fn conflict(kind: &str, current: &configs::Version, view: &View) -> String {
    let (number, by, at) = (current.version, author::shown(&current.author), view.short(current.saved_ms));
    format!(
        "{kind}: nothing was saved, because it is at version {number} by now: {by}, {at}\n\
         what changed: natrium config diff {kind}; against yours: natrium config diff {kind} --file FILE\n\
         if yours is to come on top of that one, ask again with --base {number}"
    )
}

fn changed_by_hand(kind: &str, by_hand: &configs::ByHand) -> String {
    let over = if by_hand.sha256.is_empty() {
        "or ask again with --overwrite: what stands there is kept beside the backups".to_owned()
    } else {
        format!("or ask again with --over {}: what stands there is kept beside the backups", line(&by_hand.sha256))
    };
    format!(
        "{kind}: nothing was saved, because the published file was changed by hand\n\
         how: natrium config diff {kind} --by-hand\n\
         make a version of it: natrium config adopt {kind}; put the stored one back: natrium config restore {kind}\n\
         {over}"
    )
}

fn not_by_hand(kind: &str, by_hand: Option<&configs::ByHand>) -> String {
    match by_hand {
        None => format!("{kind}: nothing was changed, because the published file is what it should be"),
        Some(_) => format!(
            "{kind}: nothing was changed, because the published file has another content by now\n\
             how: natrium config diff {kind} --by-hand"
        ),
    }
}

fn decided(proposal: &configs::Proposal, view: &View) -> String {
    let how = match proposal.state {
        configs::ProposalState::Open => "open",
        configs::ProposalState::Approved => "approved",
        configs::ProposalState::Declined => "declined",
        configs::ProposalState::Withdrawn => "withdrawn",
    };
    let by = proposal.by.as_ref().map(|by| format!(" by {}", author::shown(by))).unwrap_or_default();
    let at = proposal.decided_ms.map(|at| format!(", {}", view.short(at))).unwrap_or_default();
    let became = proposal.version.map(|version| format!("; it became version {version}")).unwrap_or_default();
    format!("proposal {} of {} is {how} already{by}{at}{became}", proposal.id, line(&proposal.kind))
}

impl Refusal for admins::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::Forbidden { .. } | Self::Fixed { .. } | Self::LastOwner { .. } => Exit::Forbidden,
            Self::NoSuchKind { .. } | Self::RequestReused { .. } | Self::WrongCode {} => Exit::Degraded,
            Self::TooManyCodes { .. } | Self::NotSaved { .. } | Self::Unavailable { .. } => Exit::TryAgain,
        }
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    fn told(&self, _: &View) -> String {
        let what = line(&self.to_string());
        match self {
            Self::Fixed { .. } => {
                format!("{what}\nchange admins: in the settings, then natrium reload")
            }
            Self::LastOwner { .. } => format!("{what}\nmake somebody else owner first: natrium admins invite owner"),
            Self::NoSuchKind { .. } => format!("{what}\nwhich there are: natrium config list"),
            Self::NotSaved { .. } => {
                format!("{what}\nnothing was changed; ask again when that is mended: natrium doctor")
            }
            _ => what,
        }
    }
}

impl Refusal for audit::Error {
    fn exit(&self) -> Exit {
        Exit::TryAgain
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    fn told(&self, _: &View) -> String {
        line(&self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_as_compilers_do() {
        let problem = |line, column, path: &str, reason: &str| configs::Problem {
            line,
            column,
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let problems = [problem(3, 5, "a.b", "no\u{1b}[2J"), problem(4, 1, "", "odd"), problem(0, 0, "", "and 3 more")];
        let told = "f.yml:3:5: a.b: no [2J\nf.yml:4:1: odd\nf.yml: and 3 more";
        assert_eq!(problems_of("f.yml", &problems), told);
    }
}
