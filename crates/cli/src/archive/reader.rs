//! Reading a backup's file as anybody's bytes: nothing of it is believed before it agrees with the one way to write it.

use std::io::{self, Read};

use interfaces::store::Member;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::manifest::FORMAT;
use super::{MANIFEST, Manifest, SEAL, hex, ustar};

/// The longest manifest, in bytes.
const LONGEST_MANIFEST: u64 = 1 << 20;

/// Why a file is not a backup, or not one any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("it is not a backup made by natrium backup, or its beginning is damaged")]
    NotABackup,
    #[error(
        "it is a backup of format {0}, and this natrium knows format {FORMAT}: use the natrium that made it, or a newer one"
    )]
    Newer(u64),
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("it ends too early")]
    Short,
    #[error("reading it: {0}")]
    Read(io::Error),
    /// Whoever was to have the contents could not take them.
    #[error("{0}")]
    Taken(io::Error),
}

/// A backup whose manifest has been read.
pub(crate) struct Reader<R> {
    input: Hashed<R>,
    pub(crate) manifest: Manifest,
}

#[derive(Deserialize)]
struct Format {
    format: u64,
}

impl<R: Read> Reader<R> {
    /// Reads the manifest.
    pub(crate) fn open(input: R) -> Result<Self, ArchiveError> {
        let mut input = Hashed { input, hash: Sha256::new() };
        let block = input.block().map_err(|error| match error {
            ArchiveError::Short => ArchiveError::NotABackup,
            error => error,
        })?;
        let (bytes, modified_s) = ustar::claims(&block).ok_or(ArchiveError::NotABackup)?;
        let is_ours = ustar::header(MANIFEST, bytes, modified_s) == Some(block);
        if !is_ours || bytes > LONGEST_MANIFEST {
            return Err(ArchiveError::NotABackup);
        }
        let mut text = vec![0; usize::try_from(bytes).unwrap_or_default()];
        input.exactly(&mut text)?;
        input.padding(bytes)?;
        let damaged = |why: String| ArchiveError::Damaged(format!("its manifest: {why}"));
        let Format { format } = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if format != FORMAT {
            return Err(ArchiveError::Newer(format));
        }
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        let is_same = serde_json::to_vec_pretty(&manifest).is_ok_and(|again| again == text);
        if !is_same || manifest.taken_s() != modified_s {
            return Err(damaged("it is not as it was written".to_owned()));
        }
        match manifest.fault() {
            None => Ok(Self { input, manifest }),
            Some(fault) => Err(damaged(fault)),
        }
    }

    /// Reads everything else; `take` gets the members' bytes as they come. Only an `Ok` says that they are what was backed up.
    pub(crate) fn rest(&mut self, take: &mut dyn FnMut(&Member, &[u8]) -> io::Result<()>) -> Result<(), ArchiveError> {
        let modified_s = self.manifest.taken_s();
        for member in &self.manifest.members {
            let bytes = u64::try_from(member.bytes).unwrap_or(u64::MAX);
            self.input.header(&member.name, bytes, modified_s)?;
            let hash = self.input.content(bytes, &mut |part| take(member, part))?;
            self.input.padding(bytes)?;
            if hash != member.sha256 {
                return Err(ArchiveError::Damaged(format!("{} is not what it was", member.name)));
            }
        }
        let seal = hex(&self.input.hash.clone().finalize()) + "\n";
        self.input.header(SEAL, seal.len() as u64, modified_s)?;
        let mut written = vec![0; seal.len()];
        self.input.exactly(&mut written)?;
        self.input.padding(seal.len() as u64)?;
        if written != seal.as_bytes() {
            return Err(ArchiveError::Damaged("it is not what its last entry says".to_owned()));
        }
        for _ in 0..2 {
            if self.input.block()? != [0; ustar::BLOCK] {
                return Err(ArchiveError::Damaged("its end is not one".to_owned()));
            }
        }
        match self.input.input.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(ArchiveError::Damaged("something follows its end".to_owned())),
            Err(error) => Err(ArchiveError::Read(error)),
        }
    }
}

/// What is read, and the hash of all of it.
struct Hashed<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    fn exactly(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveError> {
        self.input.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ArchiveError::Short,
            _ => ArchiveError::Read(error),
        })?;
        self.hash.update(buffer);
        Ok(())
    }

    fn block(&mut self) -> Result<ustar::Block, ArchiveError> {
        let mut block = [0; ustar::BLOCK];
        self.exactly(&mut block)?;
        Ok(block)
    }

    fn header(&mut self, name: &str, bytes: u64, modified_s: u64) -> Result<(), ArchiveError> {
        if ustar::header(name, bytes, modified_s) == Some(self.block()?) {
            return Ok(());
        }
        Err(ArchiveError::Damaged(format!("what stands before {name} is not as it was written")))
    }

    /// Passes so many bytes on, and answers their hash.
    fn content(&mut self, bytes: u64, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<String, ArchiveError> {
        let (mut left, mut buffer, mut hash) = (bytes, vec![0; 64 << 10], Sha256::new());
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let part = buffer.get_mut(..most).unwrap_or_default();
            self.exactly(part)?;
            hash.update(&*part);
            take(part).map_err(ArchiveError::Taken)?;
            left = left.saturating_sub(most as u64);
        }
        Ok(hex(&hash.finalize()))
    }

    fn padding(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        let mut zeros = vec![0; ustar::padding(bytes)];
        self.exactly(&mut zeros)?;
        if zeros.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        Err(ArchiveError::Damaged("what fills it up is not as it was written".to_owned()))
    }
}
