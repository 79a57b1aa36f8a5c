//! `natrium config import`: several files become the newest versions of their kinds, after a look at all of them.
//!
//! If one cannot be saved as things stand, none is. But there is no transaction over several kinds: each is saved by itself, and
//! what became of each is told.

mod plan;
mod report;

use std::ffi::OsStr;

use interfaces::configs::{ANY, Error, Kind, Put};
use settings::Environment;

use self::plan::{Candidate, Plan};
use self::report::{Became, Report};
use super::arguments::Import;
use super::outcome::{Draft, Outcome, made};
use super::over;
use super::trail::{self, Refusal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::refusal::Refusal as _;
use crate::view::View;
use crate::writer::No;

pub(super) fn run(words: &Import, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(&words.changing, environment)?;
    let plan = Plan::of(words, &order.writer)?;
    let is_sound = plan.candidates.iter().all(|candidate| !foreseen(candidate).holds());
    let mut report = Report { dry_run: words.dry_run, results: Vec::new() };
    for candidate in plan.candidates {
        let became = match foreseen(&candidate) {
            foreseen if words.dry_run || foreseen.holds() => foreseen,
            unchanged @ Became::Unchanged { .. } if !is_sound => unchanged,
            _ if !is_sound => Became::Held,
            // It may be so because the same was asked before: then that is the answer.
            unchanged @ Became::Unchanged { .. } if words.changing.request.is_none() => unchanged,
            unchanged @ Became::Unchanged { .. } => match save(&candidate, words, &order) {
                saved @ (Became::Saved { .. } | Became::Proposed { .. }) => saved,
                _ => unchanged,
            },
            _ => save(&candidate, words, &order),
        };
        report.results.push(report::Result { kind: candidate.kind, file: candidate.path, became });
    }
    if !is_sound && !words.dry_run {
        trail::record(&order, report.results.iter().filter_map(|result| refusal(result, &order)));
    }
    Ok(report.tell(words.changing.asking.json))
}

/// A file that was foreseen to be refused, which the writer is not asked about.
fn refusal<'a>(result: &'a report::Result, order: &Order) -> Option<Refusal<'a>> {
    let report::Result { kind, file, became } = result;
    let reason = became.foreseen_reason()?;
    let kind = match became {
        Became::NoSuchKind { kind } => kind,
        _ => kind,
    };
    let name = file.file_name().and_then(OsStr::to_str).filter(|_| kind.is_none());
    let path = file.to_string_lossy();
    Some(Refusal {
        action: "put",
        kind: kind.as_deref(),
        about: name,
        reason,
        request_id: trail::request_of(&order.request, kind.as_deref().unwrap_or(&path)),
    })
}

/// What would become of it, as things stand.
fn foreseen(candidate: &Candidate) -> Became {
    let current = candidate.current.as_ref();
    let number = current.map_or(0, |current| current.version);
    match &candidate.wrong {
        Some(wrong) => wrong.clone(),
        None if current.is_some_and(|current| current.sha256 == candidate.sha256()) => {
            Became::Unchanged { version: number }
        }
        None if number != candidate.base => Became::Conflict { current: number },
        None if candidate.by_hand.is_some() => Became::ChangedByHand,
        None if candidate.approval => Became::WouldPropose { base: candidate.base },
        None => Became::WouldSave { base: candidate.base },
    }
}

impl From<Failure> for Became {
    fn from(failure: Failure) -> Self {
        Self::NotSaved { reason: failure.text, exit: failure.exit }
    }
}

/// Saves one.
fn save(candidate: &Candidate, words: &Import, order: &Order) -> Became {
    let kind = candidate.kind.as_deref().unwrap_or_default();
    let over = words.overwrite.then(|| ANY.to_owned());
    let (path, base) = (candidate.path.to_string_lossy(), candidate.base.to_string());
    // One id for all would be one id for different requests.
    let request_id = format!("{}/{kind}", order.request);
    let call = Put {
        kind: kind.to_owned(),
        content: candidate.content.clone(),
        base: candidate.base,
        over: over.clone(),
        author: order.author.clone(),
        request_id: request_id.clone(),
        settles: None,
    };
    let mut again = vec!["config", "put", kind, &path, "--base", &base];
    again.extend(over::words(over.as_deref()));
    let again = order.again_as(&request_id, &again);
    let put = || order.writer.change(async || order.writer.configs.put(&call).await);
    let (content, base) = (&candidate.content, candidate.base);
    let draft = |_: &Kind| Ok(Some(Draft { kind, content: content.clone(), base, restores: None }));
    match made(order, (kind, &request_id), put, draft) {
        Ok(Outcome::Saved(reply)) => Became::Saved { version: reply.version.version, published: reply.published },
        Ok(Outcome::Unchanged(reply)) => Became::Unchanged { version: reply.version.version },
        Ok(Outcome::Proposed { proposal }) => Became::Proposed { proposal: proposal.id },
        Err(No::Unknown(reason)) => Became::NotKnown { reason, again },
        Err(No::NotDone(reason)) => Became::NotSaved { reason, exit: Exit::TryAgain },
        Err(No::Said(error)) => refused(*error),
    }
}

fn refused(error: Error) -> Became {
    match error {
        Error::Conflict { current, .. } => Became::Conflict { current: current.version },
        Error::ChangedByHand { .. } => Became::ChangedByHand,
        Error::Invalid { problems, .. } => Became::Invalid { problems },
        Error::Forbidden { needed, .. } => Became::Forbidden { needed },
        error => Became::NotSaved { reason: error.told(&View::now()), exit: error.exit() },
    }
}
