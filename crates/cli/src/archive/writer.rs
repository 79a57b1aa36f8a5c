//! Writing a backup's file, in one go and without turning back: it may be a pipe.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use super::{MANIFEST, Manifest, SEAL, hex, ustar};

/// Writes the whole file. `content` gives the members' bytes one after the other; they must be what the manifest says.
pub(crate) fn write(output: &mut dyn Write, manifest: &Manifest, content: &mut dyn Read) -> io::Result<()> {
    let mut sealed = Sealed { output, hash: Sha256::new() };
    let modified_s = manifest.taken_s();
    let text = serde_json::to_vec_pretty(manifest)?;
    entry(&mut sealed, MANIFEST, text.len() as u64, modified_s, &mut text.as_slice(), None)?;
    for member in &manifest.members {
        let bytes = u64::try_from(member.bytes).unwrap_or(u64::MAX);
        entry(&mut sealed, &member.name, bytes, modified_s, content, Some(&member.sha256))?;
    }
    let seal = hex(&sealed.hash.finalize()) + "\n";
    let mut rest = Sealed { output: sealed.output, hash: Sha256::new() };
    entry(&mut rest, SEAL, seal.len() as u64, modified_s, &mut seal.as_bytes(), None)?;
    rest.write_all(&[0; 2 * ustar::BLOCK])?;
    rest.flush()
}

fn entry(
    output: &mut Sealed<'_>,
    name: &str,
    bytes: u64,
    modified_s: u64,
    content: &mut dyn Read,
    sha256: Option<&str>,
) -> io::Result<()> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("{name} is too large for a tar file"));
    output.write_all(&ustar::header(name, bytes, modified_s).ok_or_else(too_large)?)?;
    let mut hash = Sha256::new();
    let (mut left, mut buffer) = (bytes, vec![0; 64 << 10]);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..most).unwrap_or_default();
        let read = content.read(part)?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the backup broke off"));
        }
        let part = part.get(..read).unwrap_or_default();
        hash.update(part);
        output.write_all(part)?;
        left = left.saturating_sub(read as u64);
    }
    if sha256.is_some_and(|expected| hex(&hash.finalize()) != expected) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{name} did not arrive as it was sent")));
    }
    output.write_all(&vec![0; ustar::padding(bytes)])
}

/// Everything written so far, and its hash.
struct Sealed<'a> {
    output: &'a mut dyn Write,
    hash: Sha256,
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
