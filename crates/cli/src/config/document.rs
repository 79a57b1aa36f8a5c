//! Documents of people: read from a file or standard input, and written to standard output or whole into a file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::draft::Draft;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::line;

/// No config is longer.
const LONGEST: u64 = 1 << 20;

/// How a file is called in what is said.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { line(&path.to_string_lossy()) }
}

/// The bytes of a file, or of standard input.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::local(Exit::Degraded, format!("reading {}: {error}", name(path)));
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        let text = format!("{}: it is longer than {LONGEST} bytes, as no config may be", name(path));
        return Err(Failure::local(Exit::Invalid, text));
    }
    Ok(bytes)
}

/// The text of a file, or of standard input.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..at).unwrap_or_default();
        let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::local(Exit::Invalid, format!("{}:{number}: this is no UTF-8 text", name(path)))
    })
}

/// Writes it to standard output as it is. Whoever stops reading has what he wanted.
pub(super) fn print(content: &[u8]) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(content).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::local(Exit::Degraded, format!("writing to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes it into a file, whole or not at all. One that is there keeps its mode, and without `replace` its content.
pub(super) fn write(path: &Path, content: &[u8], replace: bool) -> Result<(), Failure> {
    let there = path.symlink_metadata().ok();
    if let Some(there) = &there {
        if !there.is_file() {
            let text = format!("{} is there and no regular file", name(path));
            return Err(Failure::local(Exit::Degraded, text));
        }
        if !replace {
            return Err(already(path));
        }
    }
    let mode = there.map_or_else(usual_mode, |there| there.permissions().mode() & 0o7777);
    let written = Draft::begin(path, mode, None).and_then(|mut draft| {
        draft.write_all(content)?;
        draft.sync()?;
        draft.rename(path, replace)
    });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => already(path),
        ErrorKind::StorageFull => failed("writing", path, &error, Exit::TryAgain),
        _ => failed("writing", path, &error, Exit::Degraded),
    })
}

/// Makes a directory with those above it.
pub(super) fn directory(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| failed("making", path, &error, Exit::Degraded))
}

fn failed(step: &str, path: &Path, error: &io::Error, exit: Exit) -> Failure {
    Failure::local(exit, format!("{step} {}: {error}", name(path)))
}

fn already(path: &Path) -> Failure {
    Failure::local(Exit::Degraded, format!("{} is there already; --force replaces it", name(path)))
}

/// As the umask has it.
fn usual_mode() -> u32 {
    let umask = rustix::process::umask(rustix::fs::Mode::empty());
    rustix::process::umask(umask);
    0o666 & !umask.bits()
}
