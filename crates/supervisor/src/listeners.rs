//! The Unix sockets in the runtime directory. They are bound once and stay open while workers come and go, so that who
//! connects in between waits in the backlog instead of being refused.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use instance::pidfile::PidFile;
use nix::sys::stat::{Mode, umask};

/// Why a socket is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("{} is in the way: it is no socket", .0.display())]
    InTheWay(PathBuf),
    #[error("removing the stale socket {}: {source}", .path.display())]
    Remove { path: PathBuf, source: io::Error },
    #[error("binding {}: {source}", .path.display())]
    Bind { path: PathBuf, source: io::Error },
}

/// The sockets that were bound, to be removed in the end.
#[derive(Debug)]
pub(crate) struct Sockets<'a> {
    directory: &'a Path,
    /// Only the instance may replace a socket that lies there; having this proves that we are it.
    _lock: &'a PidFile,
    bound: Vec<PathBuf>,
}

impl<'a> Sockets<'a> {
    pub(crate) fn new(directory: &'a Path, lock: &'a PidFile) -> Self {
        Self { directory, _lock: lock, bound: Vec::new() }
    }

    /// A listening socket, with the longest backlog that the system allows.
    pub(crate) fn listener(&mut self, name: &str) -> Result<UnixListener, BindError> {
        self.bind(name, |path| UnixListener::bind(path))
    }

    /// A socket for datagrams.
    pub(crate) fn datagram(&mut self, name: &str) -> Result<UnixDatagram, BindError> {
        self.bind(name, |path| UnixDatagram::bind(path))
    }

    fn bind<T>(&mut self, name: &str, bind: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, BindError> {
        let path = self.directory.join(name);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_socket() => {
                fs::remove_file(&path).map_err(|source| BindError::Remove { path: path.clone(), source })?;
            }
            Ok(_) => return Err(BindError::InTheWay(path)),
            // What else is wrong, binding will say.
            Err(_) => {}
        }
        // The mode a socket is born with is all but this: 0660. Setting it later would leave it open for a moment.
        let before = umask(Mode::from_bits_truncate(0o117));
        let bound = bind(&path);
        umask(before);
        let socket = bound.map_err(|source| BindError::Bind { path: path.clone(), source })?;
        self.bound.push(path);
        Ok(socket)
    }
}

impl Drop for Sockets<'_> {
    fn drop(&mut self) {
        for path in &self.bound {
            if let Err(error) = fs::remove_file(path) {
                tracing::warn!(path = %path.display(), "removing a socket: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn stale_sockets_are_replaced_and_other_files_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let lock = PidFile::acquire(&directory.path().join("natrium.pid")).unwrap();
        let path = directory.path().join("writer.sock");
        drop(UnixListener::bind(&path).unwrap());
        fs::write(directory.path().join("bot.sock"), "precious").unwrap();

        let mut sockets = Sockets::new(directory.path(), &lock);
        let listener = sockets.listener("writer.sock").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        UnixStream::connect(&path).unwrap();
        assert!(matches!(sockets.listener("bot.sock"), Err(BindError::InTheWay(_))));
        assert!(matches!(sockets.datagram("no/such"), Err(BindError::Bind { .. })));

        drop(listener);
        drop(sockets);
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(directory.path().join("bot.sock")).unwrap(), "precious");
    }
}
