//! What is to be imported: which file is of which kind, on top of which version, and whether it can be.

use std::path::{Path, PathBuf};

use interfaces::configs::{ByHand, History, Kind, Kinds, Version};
use sha2::{Digest, Sha256};

use super::report::Became;
use crate::archive::hex;
use crate::config::arguments::Import;
use crate::config::export::{FORMAT, LIST, List};
use crate::config::{check, current_of, document};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::writer::Writer;

/// What is to be imported.
pub(super) struct Plan {
    pub(super) candidates: Vec<Candidate>,
}

/// A file, and what is known of it.
pub(super) struct Candidate {
    /// Absent: of no kind that there is.
    pub(super) kind: Option<String>,
    pub(super) path: PathBuf,
    pub(super) content: String,
    pub(super) base: i64,
    pub(super) current: Option<Version>,
    pub(super) by_hand: Option<ByHand>,
    pub(super) approval: bool,
    /// Why it cannot be imported.
    pub(super) wrong: Option<Became>,
}

impl Candidate {
    pub(super) fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.content))
    }
}

/// A file that is named, and the version that export had written there.
struct Named {
    path: PathBuf,
    kind: Option<String>,
    exported: Option<Version>,
}

impl Plan {
    /// Reads and checks everything; nothing is changed.
    pub(super) fn of(words: &Import, writer: &Writer) -> Result<Self, Failure> {
        let kinds = writer.read(writer.configs.kinds(&Kinds {}))?.kinds;
        let mut named = Vec::new();
        for path in &words.from {
            if path.is_dir() {
                named.extend(listed(path, &kinds)?);
            } else {
                named.push(Named { path: path.clone(), kind: None, exported: None });
            }
        }
        if named.is_empty() {
            return Err(Failure::local(Exit::Degraded, "there is no file of any kind to import"));
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for named in named {
            let candidate = candidate(named, &kinds, words, writer)?;
            let twice = candidates.iter().find(|other| other.kind.is_some() && other.kind == candidate.kind);
            if let Some(other) = twice {
                let text = format!(
                    "{} and {} are both of {}; nothing was saved",
                    document::name(&other.path),
                    document::name(&candidate.path),
                    candidate.kind.as_deref().unwrap_or_default()
                );
                return Err(Failure::local(Exit::Usage, text));
            }
            candidates.push(candidate);
        }
        Ok(Self { candidates })
    }
}

/// The files of a directory: those that export lists there, else those that are called as a kind's file.
fn listed(directory: &Path, kinds: &[Kind]) -> Result<Vec<Named>, Failure> {
    let path = directory.join(LIST);
    if !path.exists() {
        let files = kinds.iter().map(|kind| (kind, directory.join(&kind.file))).filter(|(_, path)| path.exists());
        return Ok(files.map(|(kind, path)| Named { path, kind: Some(kind.name.clone()), exported: None }).collect());
    }
    let list: List = serde_json::from_str(&document::text(&path)?).map_err(|error| {
        Failure::local(
            Exit::Degraded,
            format!("{}: natrium config export has not written this: {error}", path.display()),
        )
    })?;
    if list.format != FORMAT {
        let text = format!("{} has format {}, and this program knows {FORMAT}", path.display(), list.format);
        return Err(Failure::local(Exit::Degraded, text));
    }
    let named = list.kinds.into_iter().filter_map(|exported| {
        // Only beside the list: a list from somebody else names no file of this host.
        let name = exported.file?.file_name()?.to_owned();
        Some(Named { path: directory.join(name), kind: Some(exported.kind), exported: Some(exported.version) })
    });
    Ok(named.collect())
}

fn candidate(named: Named, kinds: &[Kind], words: &Import, writer: &Writer) -> Result<Candidate, Failure> {
    let Named { path, kind, exported } = named;
    let is_it = |one: &&Kind| match &kind {
        Some(kind) => one.name == *kind,
        None => path.file_name().is_some_and(|name| *one.file == *name),
    };
    let mut candidate = Candidate {
        kind: None,
        path: path.clone(),
        content: String::new(),
        base: 0,
        current: None,
        by_hand: None,
        approval: false,
        wrong: None,
    };
    let Some(found) = kinds.iter().find(is_it) else {
        candidate.wrong = Some(Became::NoSuchKind { kind });
        return Ok(candidate);
    };
    candidate.kind = Some(found.name.clone());
    candidate.approval = found.approval;
    candidate.by_hand = found.by_hand.clone().filter(|_| !words.overwrite);
    candidate.current = current_of(writer, &found.name)?;
    match document::text(&path) {
        Ok(content) => candidate.content = content,
        Err(failure) => {
            candidate.wrong = Some(failure.into());
            return Ok(candidate);
        }
    }
    let problems = check::problems(&check::validator(found.clone())?, candidate.content.as_bytes());
    if !problems.is_empty() {
        candidate.wrong = Some(Became::Invalid { problems });
        return Ok(candidate);
    }
    let current = candidate.current.as_ref().map_or(0, |current| current.version);
    candidate.base = match exported.filter(|_| !words.onto_current) {
        None => current,
        Some(exported) if is_here(&exported, &found.name, writer)? => exported.version,
        // It was written from somewhere else, or from another life of this store.
        Some(_) if current == 0 => 0,
        Some(_) if candidate.current.as_ref().is_some_and(|current| current.sha256 == candidate.sha256()) => current,
        Some(_) => {
            candidate.wrong = Some(Became::Elsewhere { current });
            current
        }
    };
    Ok(candidate)
}

/// Whether the version that export had written is one of this service.
fn is_here(exported: &Version, kind: &str, writer: &Writer) -> Result<bool, Failure> {
    let Some(before) = exported.version.checked_add(1) else { return Ok(false) };
    let call = History { kind: kind.to_owned(), before: Some(before), limit: 1 };
    let found = writer.read(writer.configs.history(&call))?.versions.into_iter().next();
    Ok(found.is_some_and(|found| found.version == exported.version && found.sha256 == exported.sha256))
}
