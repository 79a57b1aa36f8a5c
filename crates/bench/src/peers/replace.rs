//! The least that replacing a file durably can cost: write, fsync, rename, fsync of the directory.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

/// Replaces `directory`/`name` by `content` and answers how long it took. Whoever reads it meanwhile sees the old or the new
/// content; after a power cut one of the two is there (open(2), fsync(2), rename(2)).
///
/// # Errors
/// Those of the system calls.
pub(crate) fn replace(directory: &Path, name: &str, content: &[u8]) -> io::Result<Duration> {
    let new = directory.join(format!(".{name}.new"));
    let start = Instant::now();
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, directory.join(name))?;
    File::open(directory)?.sync_all()?;
    Ok(start.elapsed())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        replace(place.path(), "fees.yml", b"old and longer").unwrap();
        assert!(replace(place.path(), "fees.yml", b"new").unwrap() > Duration::ZERO);
        assert_eq!(fs::read(place.path().join("fees.yml")).unwrap(), b"new");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
