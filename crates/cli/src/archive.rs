//! The file of a backup: a plain tar file (ustar, `tar -x` takes it apart) of which every byte is accounted for.
//!
//! `manifest.json` comes first and names what follows, with lengths and hashes; `sha256` comes last and is the hash of
//! everything before it. There is exactly one way to write a given backup, and the reader accepts nothing else: so a byte that
//! was changed anywhere is found, and there are no paths to escape, no links to follow and no lengths to believe.

pub(crate) mod manifest;
mod reader;
mod ustar;
mod writer;

pub(crate) use manifest::Manifest;
pub(crate) use reader::{ArchiveError, Reader};
pub(crate) use writer::write;

/// How the first entry is called.
const MANIFEST: &str = "manifest.json";
/// How the last entry is called.
const SEAL: &str = "sha256";

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
