//! The last line that a worker logged: a page of memory that the worker writes and that outlives it, like an aircraft's flight
//! recorder. So the record of a death has it whatever killed the process, and while it lives the supervisor is not even woken.

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc::off_t;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::ftruncate;
use worker::recorder::CAPACITY;

/// A recorder for one process, empty, of a size that cannot be changed (`memfd_create(2)`).
///
/// # Errors
/// When the kernel makes no such file.
pub(crate) fn blank() -> Result<File, Errno> {
    let file = File::from(memfd_create(c"natrium-recorder", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?);
    ftruncate(&file, CAPACITY as off_t)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file)
}

/// The line, whatever the worker wrote there: it is shown on terminals and in logs.
pub(crate) fn read(file: &File) -> String {
    let mut bytes = [0; CAPACITY];
    if let Err(error) = file.read_exact_at(&mut bytes, 0) {
        tracing::warn!("reading the last line that a worker logged: {error}");
        return String::new();
    }
    let line = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(line).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn whatever_is_written_is_read_as_one_line() {
        let file = blank().unwrap();
        assert_eq!(read(&file), "");
        for (written, line) in [
            (&b"WARN the disk is full\0"[..], "WARN the disk is full"),
            (b"two\nlines \x1b[2J\0", "two lines  [2J"),
            (b"cut \xd0\0", "cut \u{fffd}"),
            (b"\0nothing", ""),
        ] {
            file.write_all_at(written, 0).unwrap();
            assert_eq!(read(&file), line);
        }
        file.write_all_at(&[b'x'; CAPACITY], 0).unwrap();
        assert_eq!(read(&file), "x".repeat(CAPACITY));
    }

    #[test]
    fn its_size_is_fixed() {
        let file = blank().unwrap();
        assert!(file.set_len(0).is_err());
        assert!(file.write_all_at(b"x", CAPACITY as u64).is_err());
    }
}
