//! The file-system calls that publication is made of, one by one, so that a test can fail or stop at each of them.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Mode of published files and their backups: everybody may read them.
const MODE: u32 = 0o644;

/// What publication asks of the file system. All of it blocks.
pub trait Disk: Send + Sync + 'static {
    /// Makes a file that was not there, readable by everybody.
    ///
    /// # Errors
    /// Those of open(2) and fchmod(2).
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Writes all of `content`.
    ///
    /// # Errors
    /// Those of write(2); part may have been written.
    fn write(&self, file: &File, content: &[u8]) -> io::Result<()>;

    /// Makes a file's content durable.
    ///
    /// # Errors
    /// Those of fsync(2).
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Gives what is at `from` (a symbolic link itself, not what it points to) a second name that was free.
    ///
    /// # Errors
    /// Those of link(2).
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Moves a name, replacing what had it.
    ///
    /// # Errors
    /// Those of rename(2).
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// Those of open(2) and fsync(2).
    fn sync_directory(&self, path: &Path) -> io::Result<()>;

    /// Removes a name.
    ///
    /// # Errors
    /// Those of unlink(2).
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The kernel's.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
        // Whatever the umask is.
        file.set_permissions(Permissions::from_mode(MODE))?;
        Ok(file)
    }

    fn write(&self, mut file: &File, content: &[u8]) -> io::Result<()> {
        file.write_all(content)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}
