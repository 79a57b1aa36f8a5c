//! A file that has its name only when it is whole: written beside it, made durable, and renamed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use crate::interrupted::Interrupted;

/// A file on its way to its name. Dropped before, it is removed.
pub(crate) struct Draft {
    file: File,
    path: Option<PathBuf>,
    interrupted: Option<Interrupted>,
}

impl Draft {
    /// Begins a file that is to be called `name`, with this mode whatever the umask.
    pub(crate) fn begin(name: &Path, mode: u32, interrupted: Option<Interrupted>) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let file_name = name.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let path = name.with_file_name(format!(".{file_name}.natrium-{}.tmp", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        let draft = Self { file, path: Some(path), interrupted };
        draft.file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        Ok(draft)
    }

    /// Where it is for now.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Makes the content durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives it its name, durably. Without `replace`, an existing file stands and the answer is `AlreadyExists`.
    pub(crate) fn rename(mut self, name: &Path, replace: bool) -> io::Result<()> {
        let Some(path) = self.path.clone() else { return Ok(()) };
        if replace {
            std::fs::rename(&path, name)?;
        } else {
            match rustix::fs::renameat_with(CWD, &path, CWD, name, RenameFlags::NOREPLACE) {
                Ok(()) => {}
                // Not every file system can; then the moment in between must do.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if name.symlink_metadata().is_err() => {
                    std::fs::rename(&path, name)?;
                }
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(error) => return Err(error.into()),
            }
        }
        self.path = None;
        let directory = name.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(interrupted) = &self.interrupted {
            interrupted.check()?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // What cannot be removed now bears a name that says what it is.
            let _ = std::fs::remove_file(path);
        }
    }
}
