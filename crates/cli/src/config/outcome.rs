//! What became of a call that was to make a version: saved, found to be there already, or proposed to a second admin.

use interfaces::configs::{Error, Kind, Kinds, Proposal, Propose, PutReply};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::refusal::problems_of;
use crate::text::{complain, json, line, print};
use crate::writer::No;

/// What became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Outcome {
    Saved(PutReply),
    Unchanged(PutReply),
    Proposed { proposal: Proposal },
}

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    request_id: &'a str,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

impl From<PutReply> for Outcome {
    fn from(reply: PutReply) -> Self {
        if reply.unchanged { Self::Unchanged(reply) } else { Self::Saved(reply) }
    }
}

impl Outcome {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Saved(reply) if !reply.published => Exit::Degraded,
            Self::Saved(_) => Exit::Success,
            Self::Unchanged(_) => Exit::Unchanged,
            Self::Proposed { .. } => Exit::Proposed,
        }
    }

    /// For people, on one line.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Saved(PutReply { version, published: true, .. }) => {
                format!("{}: version {} is saved and published", line(&version.kind), version.version)
            }
            Self::Saved(PutReply { version, .. }) => format!(
                "{}: version {} is saved, but its file is not in place yet; that is tried again by itself",
                line(&version.kind),
                version.version
            ),
            Self::Unchanged(PutReply { version, published, .. }) => {
                let (kind, number) = (line(&version.kind), version.version);
                let but = if *published {
                    ""
                } else {
                    "; but another file stands in its place: it was changed by hand, or this version could not be put there yet"
                };
                format!("{kind}: it equals version {number}, the current one; none was made{but}")
            }
            Self::Proposed { proposal } => {
                let (kind, id) = (line(&proposal.kind), proposal.id);
                format!(
                    "{kind}: proposed, as number {id}: somebody else has to approve it (natrium config approve {id})"
                )
            }
        }
    }

    /// Tells it, and ends so.
    pub(super) fn tell(&self, order: &Order, as_json: bool) -> Exit {
        match self {
            _ if as_json => print(&json(&Json { request_id: &order.request, outcome: self })),
            Self::Saved(PutReply { published: false, .. }) => complain(&self.line()),
            _ => print(&(self.line() + "\n")),
        }
        self.exit()
    }
}

/// What is proposed where a second admin has to approve it.
pub(super) struct Draft<'a> {
    pub(super) kind: &'a str,
    pub(super) content: String,
    pub(super) base: i64,
    pub(super) restores: Option<i64>,
}

/// How a call is spoken of where it failed.
pub(super) struct Words<'a> {
    /// How to find out what became of it.
    pub(super) again: &'a str,
    /// What was to be saved.
    pub(super) document: &'a str,
}

impl Words<'_> {
    fn failure(&self, no: No<Error>) -> Failure {
        match no {
            No::Said(error) => match &*error {
                Error::Invalid { problems, .. } => {
                    Failure::said(&error, Exit::Invalid, problems_of(self.document, problems))
                }
                _ => No::Said(error).failure(self.again),
            },
            no => no.failure(self.again),
        }
    }
}

/// How often the writer may say that a second admin is needed after all.
const TURNS: usize = 3;

/// Has a version of a kind made by `save`, or the draft proposed where the kind wants a second admin.
pub(super) fn outcome<'a>(
    order: &Order,
    (kind, request_id): (&str, &str),
    words: &Words<'_>,
    save: impl Fn() -> Result<PutReply, No<Error>>,
    draft: impl Fn(&Kind) -> Result<Option<Draft<'a>>, No<Error>>,
) -> Result<Outcome, Failure> {
    made(order, (kind, request_id), save, draft).map_err(|no| words.failure(no))
}

/// The same, with the writer's own answer where none was made. What is the current version already cannot be proposed, and what there
/// is no draft of neither: `save` tells that, and the writer records what it refuses.
pub(super) fn made<'a>(
    order: &Order,
    (kind, request_id): (&str, &str),
    save: impl Fn() -> Result<PutReply, No<Error>>,
    draft: impl Fn(&Kind) -> Result<Option<Draft<'a>>, No<Error>>,
) -> Result<Outcome, No<Error>> {
    // What was saved before its kind wanted a second admin is the answer of the same request ever after: that is asked first.
    let mut proposes = !order.is_repeated;
    let mut turns = 0;
    loop {
        if proposes {
            let kinds = order.writer.change(async || order.writer.configs.kinds(&Kinds {}).await)?.kinds;
            let known = kinds.iter().find(|known| known.name == kind && known.approval);
            if let Some(draft) = known.map(&draft).transpose()?.flatten() {
                match propose(order, request_id, draft) {
                    Err(No::Said(error)) if matches!(*error, Error::Unchanged { .. }) => {}
                    answer => return answer,
                }
            }
        }
        turns += 1;
        match save() {
            // The settings, or the current version, changed in between.
            Err(No::Said(error)) if matches!(*error, Error::ApprovalRequired { .. }) && turns < TURNS => {
                proposes = true
            }
            answer => return answer.map(Outcome::from),
        }
    }
}

fn propose(order: &Order, request_id: &str, draft: Draft<'_>) -> Result<Outcome, No<Error>> {
    let Draft { kind, content, base, restores } = draft;
    let call = Propose {
        kind: kind.to_owned(),
        content,
        base,
        restores,
        author: order.author.clone(),
        // Another one than that of saving, which is asked for where it cannot be proposed.
        request_id: format!("{request_id}/propose"),
        settles: None,
    };
    let reply = order.writer.change(async || order.writer.configs.propose(&call).await);
    reply.map(|reply| Outcome::Proposed { proposal: reply.proposal })
}
