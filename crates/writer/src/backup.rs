//! A copy of everything that counts, as of one moment: the store, and the published files that belong to it.
//!
//! The store's copy is a temporary file in the state directory. As soon as it is whole it loses its name, so that nothing is
//! left of it whoever ends when; what a crash leaves before that, the next start removes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use interfaces::offline::PublishedKind;
use interfaces::store::{BackupReply, Contents, Error, Member, STORE};
use interfaces::{Fault, Replies};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::audit::Trail;
use crate::clock::unix_ms;
use crate::configs::current_members;
use crate::store::{OpenError, Store, StoreError, Whole, free_bytes, hex};

/// Copies that are made or taken away at the same time. More would only take the disk from each other.
const AT_ONCE: usize = 2;
/// Bytes that must be left beside a copy, so that uploads go on.
const LEFT: u64 = 4 << 20;
/// Bytes in one reply: a multiple of three, so that base64 has no padding inside, and small enough that others have their turn.
const CHUNK: usize = 192 << 10;

/// How temporary copies are called.
const START: &str = ".backup-";
const END: &str = ".tmp";

/// Makes copies while the writer works.
pub(crate) struct Backups {
    store: Store,
    trail: Trail,
    state: PathBuf,
    kinds: Vec<PublishedKind>,
    turns: Arc<Semaphore>,
}

impl Backups {
    pub(crate) fn new(store: Store, trail: Trail, state: PathBuf, kinds: Vec<PublishedKind>) -> Self {
        Self { store, trail, state, kinds, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Makes a copy, and answers its contents and bytes as the caller takes them.
    pub(crate) async fn stream(&self) -> Result<Replies<BackupReply>, Fault<Error>> {
        let turn = Arc::clone(&self.turns).try_acquire_owned().map_err(|_| Error::Busy {})?;
        let (state, kinds) = (self.state.clone(), self.kinds.clone());
        // A copy that finds space finds more than this needs.
        if let Err(error) = self.trail.fold().await {
            tracing::warn!("{error}; the backup is without them");
        }
        let copy = self.store.whole(move |whole| Copy::make(whole, &state, &kinds)).await.map_err(CopyError::told)?;
        tracing::info!(members = copy.contents.members.len(), "a backup is being taken");
        let first = BackupReply { contents: Some(copy.contents.clone()), chunk: None };
        let state = Some((Some(first), copy, turn));
        Ok(Box::pin(stream::unfold(state, |state| async {
            let (first, copy, turn) = state?;
            match first {
                Some(first) => Some((first, Some((None, copy, turn)))),
                None => next(copy, turn).await,
            }
        })))
    }
}

type State = Option<(Option<BackupReply>, Copy, OwnedSemaphorePermit)>;

/// The next bytes of a copy; the stream ends early where they cannot be read.
async fn next(mut copy: Copy, turn: OwnedSemaphorePermit) -> Option<(BackupReply, State)> {
    let reading = tokio::task::spawn_blocking(move || (copy.next(), copy));
    match reading.await {
        Ok((Ok(Some(reply)), copy)) => Some((reply, Some((None, copy, turn)))),
        Ok((Ok(None), _)) | Err(_) => None,
        Ok((Err(error), _)) => {
            tracing::error!(%error, "a backup broke off");
            None
        }
    }
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    #[error("no space for a copy of the store: it takes {needed} bytes for a while, and {free} are left")]
    NoSpace { needed: u64, free: u64 },
    #[error("copying the store: {0}")]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl CopyError {
    fn told(self) -> Fault<Error> {
        tracing::warn!(error = %self, "no backup was made");
        let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        match self {
            Self::NoSpace { needed, free } => Error::NoSpace { needed: number(needed), free: number(free) },
            other => Error::Unavailable { reason: other.to_string() },
        }
        .into()
    }
}

/// A copy, and how far it has been read.
pub(crate) struct Copy {
    pub(crate) contents: Contents,
    store: File,
    published: Vec<u8>,
    read: usize,
}

impl Copy {
    /// Copies the store into `state`. Blocks for as long as that takes.
    pub(crate) fn make(whole: &Whole, state: &Path, kinds: &[PublishedKind]) -> Result<Self, CopyError> {
        let (needed, free) = (whole.bytes()?.saturating_add(LEFT), free_bytes(state)?);
        if free < needed {
            return Err(CopyError::NoSpace { needed, free });
        }
        let temporary = Temporary::make(state)?;
        let taken_ms = unix_ms();
        whole.copy_into(&temporary.0).map_err(|error| match error {
            StoreError::Full => CopyError::NoSpace { needed, free: free_bytes(state).unwrap_or(0) },
            error => error.into(),
        })?;
        let copied = Whole::beside(&temporary.0)?;
        let schema = copied.schema(&temporary.0)?;
        let current = current_members(&copied.snapshot(), kinds)?;
        drop(copied);
        let mut store = File::open(&temporary.0)?;
        drop(temporary);
        let (bytes, sha256) = digest(&mut store)?;
        store.rewind()?;
        let member = Member { name: STORE.to_owned(), bytes, sha256, kind: None, version: None };
        let (mut members, mut published) = (vec![member], Vec::new());
        for (member, content) in current {
            members.push(member);
            published.extend(content);
        }
        Ok(Self { contents: Contents { schema, taken_ms, members }, store, published, read: 0 })
    }

    /// The next part after the contents; none after the last one. Blocks.
    pub(crate) fn next(&mut self) -> io::Result<Option<BackupReply>> {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&self.store).take(CHUNK as u64).read_to_end(&mut chunk)?;
        let rest = self.published.get(self.read..).unwrap_or_default();
        let rest = rest.get(..(CHUNK - chunk.len()).min(rest.len())).unwrap_or_default();
        chunk.extend_from_slice(rest);
        self.read += rest.len();
        let reply = || BackupReply { contents: None, chunk: Some(STANDARD.encode(&chunk)) };
        Ok((!chunk.is_empty()).then(reply))
    }
}

/// A file's length and SHA-256.
fn digest(file: &mut File) -> io::Result<(i64, String)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        bytes += i64::try_from(read).unwrap_or_default();
    }
}

/// A file whose name goes when this does.
struct Temporary(PathBuf);

impl Temporary {
    fn make(state: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = state.join(format!("{START}{}-{number}{END}", std::process::id()));
        // SQLite takes an empty file for its copy, and keeps its mode.
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "cannot remove a temporary copy; the next start will");
        }
    }
}

/// Whether a name in the state directory is that of a copy which a crash left behind.
pub(crate) fn is_left(name: &str) -> bool {
    // SQLite may have put a journal beside it.
    let name = name.strip_suffix("-journal").unwrap_or(name);
    name.starts_with(START) && name.ends_with(END)
}
