//! Files on their way to their names: written beside what they are to replace, and durable before they do.
//!
//! Every call here blocks.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use interfaces::configs::Version;

use super::disk::Disk;
use super::kind::KindSpec;
use super::present::Identity;
use super::publication::Publisher;
use super::{PublishError, meta};

const DRAFT_MARK: &str = ".natrium-";
const DRAFT_END: &str = ".tmp";

fn draft_start(name: &str) -> String {
    format!(".{name}{DRAFT_MARK}")
}

/// A version's file and what is said beside it, on their way to their names.
pub(crate) struct Drafts {
    pub(crate) file: Draft,
    pub(crate) meta: Draft,
}

impl Drafts {
    /// Removes them, now.
    pub(crate) fn discard(self) {
        self.file.discard();
        self.meta.discard();
    }
}

impl Publisher {
    /// Writes `content` and what is said of it as this version beside the published file, durably. A full disk is found here,
    /// before anything is saved.
    pub(crate) fn drafts(&self, spec: &KindSpec, content: &[u8], version: &Version) -> Result<Drafts, PublishError> {
        let failed = |path: PathBuf| move |source| PublishError::disk("writing", &path, source);
        let file = self.draft_in(&self.published, &spec.file, content).map_err(failed(self.path(spec)))?;
        match self.draft_in(&self.published, &meta::name(&spec.file), &meta::content(version)) {
            Ok(meta) => Ok(Drafts { file, meta }),
            Err(source) => {
                file.discard();
                Err(failed(self.meta_path(spec))(source))
            }
        }
    }

    /// A durable file of this content, beside the one that it is to replace.
    pub(super) fn draft_in(&self, directory: &Path, name: &str, content: &[u8]) -> io::Result<Draft> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{}{}-{number}{DRAFT_END}", draft_start(name), std::process::id()));
        let file = self.disk.create(&path)?;
        let draft = Draft { file, path: Some(path), disk: Arc::clone(&self.disk) };
        match draft.fill(content) {
            Ok(()) => Ok(draft),
            Err(error) => {
                draft.discard();
                Err(error)
            }
        }
    }

    /// Removes drafts that a predecessor left behind.
    pub(crate) fn sweep(&self, specs: &[&KindSpec]) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.published)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let ours = |spec: &&KindSpec| {
                let starts = [draft_start(&spec.file), draft_start(&meta::name(&spec.file))];
                name.ends_with(DRAFT_END) && starts.iter().any(|start| name.starts_with(start))
            };
            if specs.iter().any(ours) {
                self.disk.remove(&self.published.join(name))?;
            }
        }
        // The backups are ours alone, whatever kinds there are by now.
        for entry in std::fs::read_dir(&self.backups)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with('.') && name.contains(DRAFT_MARK) && name.ends_with(DRAFT_END) {
                self.disk.remove(&self.backups.join(name))?;
            }
        }
        Ok(())
    }
}

/// A file on its way to its name. Dropped before, it is removed.
pub(crate) struct Draft {
    file: File,
    path: Option<PathBuf>,
    disk: Arc<dyn Disk>,
}

impl Draft {
    /// Writes the content and makes it durable.
    fn fill(&self, content: &[u8]) -> io::Result<()> {
        self.disk.write(&self.file, content)?;
        self.disk.sync(&self.file)
    }

    /// Gives it its name, and tells how to know it again; where that fails it is removed.
    pub(super) fn rename(mut self, to: &Path) -> io::Result<Option<Identity>> {
        let Some(path) = self.path.take() else { return Ok(None) };
        self.disk.rename(&path, to).inspect_err(|_| remove(self.disk.as_ref(), &path))?;
        Ok(self.file.metadata().ok().map(|metadata| Identity::of(&metadata)))
    }

    /// Removes it, now.
    pub(crate) fn discard(mut self) {
        if let Some(path) = self.path.take() {
            remove(self.disk.as_ref(), &path);
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(path) = self.path.take() else { return };
        let disk = Arc::clone(&self.disk);
        // A caller who left drops it on the runtime's thread, which must not wait for the disk.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remove(disk.as_ref(), &path))),
            Err(_) => remove(disk.as_ref(), &path),
        }
    }
}

fn remove(disk: &dyn Disk, path: &Path) {
    if let Err(error) = disk.remove(path) {
        tracing::warn!(path = %path.display(), "cannot remove a temporary file ({error}); the next start will");
    }
}
