//! The settings as a file that nobody can change and that has no name: a sealed memfd. A worker that is started again gets
//! the very settings that its predecessor had, whatever has become of natrium.yml.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

/// A file with this content, sealed for good (`memfd_create(2)`, `fcntl(2)`).
///
/// # Errors
/// When the kernel makes no such file.
pub(crate) fn sealed(content: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(c"natrium-settings", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?);
    file.write_all(content)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SEAL;
    fcntl(file.as_fd(), FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn it_can_be_read_and_never_written() {
        let file = File::from(sealed(b"{}").unwrap());
        let mut content = [0; 2];
        file.read_exact_at(&mut content, 0).unwrap();
        assert_eq!(&content, b"{}");
        assert!(file.write_all_at(b"[]", 0).is_err());
        assert!(file.set_len(0).is_err());
        assert!(file.set_len(9).is_err());
    }
}
