//! What the PID file tells where the supervisor itself does not: whether somebody holds the instance's lock.
//!
//! It is only looked at. Trying the lock, even for a moment, could make a `natriumd` that starts just now believe that
//! another one runs; the kernel's list of locks (`proc_locks(5)`) tells without that.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// How much of the list is asked for at once: more than the kernel tells.
const PIECE: usize = 64 << 10;
/// How often it is looked at before nobody holds the lock.
const LOOKS: usize = 3;

/// What is known of the instance's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// A process holds it.
    Held { pid: i32 },
    /// Nobody does; the file is left from this process, which wrote it when it started (Unix milliseconds).
    Left { pid: i32, started_ms: i64 },
    /// There is no PID file, or it cannot be read, or there is no number in it.
    Unknown,
}

/// Looks at the instance's PID file.
pub(crate) fn look(directory: &Path) -> Lock {
    let path = directory.join("natrium.pid");
    let (Ok(text), Ok(metadata)) = (fs::read_to_string(&path), fs::metadata(&path)) else { return Lock::Unknown };
    let Ok(pid) = text.trim().parse() else { return Lock::Unknown };
    // A list longer than the kernel tells at once has gaps where others let go meanwhile: it is looked at again before that counts.
    let found = (0..LOOKS).find_map(|_| {
        let locks = fs::File::open("/proc/locks").and_then(listed).unwrap_or_default();
        holder(&locks, metadata.dev(), metadata.ino(), pid)
    });
    match found {
        Some(pid) => Lock::Held { pid },
        None => Lock::Left { pid, started_ms: written_ms(&metadata) },
    }
}

/// The kernel's list, in as few pieces as it is told in. Each piece is of one moment, and the next goes on at a position, not at a
/// lock: with the small pieces that `read_to_string` begins with, one that is held all the time is missed now and then.
fn listed(mut list: impl Read) -> io::Result<String> {
    let (mut text, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        match list.read(&mut piece) {
            Ok(0) => return Ok(String::from_utf8_lossy(&text).into_owned()),
            Ok(count) => text.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn written_ms(metadata: &fs::Metadata) -> i64 {
    let written = metadata.modified().unwrap_or(UNIX_EPOCH).duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(written.as_millis()).unwrap_or(i64::MAX)
}

/// Who holds the `flock` of the file, in the kernel's list: `1: FLOCK ADVISORY WRITE 4711 08:01:1234 0 EOF`.
///
/// Some file systems (overlayfs, btrfs) show another device there than in `stat`; then the number in the file must do.
fn holder(locks: &str, device: u64, inode: u64, written: i32) -> Option<i32> {
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff);
    let minor = (device & 0xff) | ((device >> 12) & !0xff);
    locks.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (kind, pid, file) = (fields.next()?, fields.nth(2)?, fields.next()?);
        let pid: i32 = pid.parse().ok()?;
        let mut parts = file.split(':');
        let mut hex = || u64::from_str_radix(parts.next()?, 16).ok();
        let (file_major, file_minor) = (hex()?, hex()?);
        let file_inode: u64 = file.rsplit(':').next()?.parse().ok()?;
        let same_device = (file_major, file_minor) == (major, minor);
        (kind == "FLOCK" && file_inode == inode && (same_device || pid == written)).then_some(pid)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const LOCKS: &str = "\
1: POSIX  ADVISORY  WRITE 99 08:01:1234 0 EOF
2: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF
2: -> FLOCK  ADVISORY  WRITE 5000 08:01:1234 0 EOF
3: FLOCK  ADVISORY  WRITE 4712 00:2a:77 0 EOF
garbage
";

    #[test]
    fn the_holder_is_found_by_device_and_inode() {
        assert_eq!(holder(LOCKS, 0x0801, 1234, 1), Some(4711));
        assert_eq!(holder(LOCKS, 0x0802, 1234, 1), None);
        assert_eq!(holder(LOCKS, 0x0801, 1235, 1), None);
        assert_eq!(holder(LOCKS, 0x0099, 77, 4712), Some(4712), "another device, but the process that wrote the file");
        assert_eq!(holder("", 0x0801, 1234, 1), None);
    }

    #[test]
    fn a_real_lock_is_seen_and_not_disturbed() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(look(directory.path()), Lock::Unknown);
        let path = directory.path().join("natrium.pid");
        let pid = i32::try_from(std::process::id()).unwrap();
        fs::write(&path, format!("{pid}\n")).unwrap();
        let left = Lock::Left { pid, started_ms: written_ms(&fs::metadata(&path).unwrap()) };
        assert_eq!(look(directory.path()), left);
        let file = fs::File::open(&path).unwrap();
        file.try_lock().unwrap();
        assert_eq!(look(directory.path()), Lock::Held { pid });
        drop(file);
        assert_eq!(look(directory.path()), left);
    }

    /// Tells its first piece whole or not at all, as the kernel does.
    struct List(Vec<&'static str>);

    impl Read for List {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let piece = self.0.remove(0).as_bytes();
            // What does not fit is lost, as a lock is that moves up meanwhile.
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            Ok(count)
        }
    }

    #[test]
    fn nothing_is_lost_between_small_pieces_of_the_list() {
        assert_eq!(listed(List(vec![LOCKS, "more\n"])).unwrap(), format!("{LOCKS}more\n"));
    }
}
