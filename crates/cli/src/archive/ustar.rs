//! Headers of tar files, as POSIX has them for plain files (`ustar`, pax(1)).
//!
//! Written here rather than by a library, because the reader needs the one spelling of a header and not all that are
//! readable: extensions, links, other bases and signed checksums are what a reader of foreign archives has to fear.

/// Everything in a tar file stands in blocks of so many bytes.
pub(crate) const BLOCK: usize = 512;
/// The longest content whose length can be written, in bytes.
pub(crate) const LONGEST: u64 = 0o77_777_777_777;
/// The longest name.
pub(crate) const NAME: usize = 100;

pub(crate) type Block = [u8; BLOCK];

/// The header of a plain file that only its owner may read. `None`: it cannot be written so.
pub(crate) fn header(name: &str, bytes: u64, modified_s: u64) -> Option<Block> {
    if name.is_empty() || name.len() > NAME || bytes > LONGEST || modified_s > LONGEST {
        return None;
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{bytes:011o}"));
    put(136, &format!("{modified_s:011o}"));
    // The checksum counts its own place as spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    put(329, "0000000");
    put(337, "0000000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    block[154] = 0;
    Some(block)
}

/// What a header says of length and time, if that can be read at all. It proves nothing: compare with [`header`].
pub(crate) fn claims(block: &Block) -> Option<(u64, u64)> {
    let octal = |field: &[u8]| u64::from_str_radix(std::str::from_utf8(field).ok()?, 8).ok();
    Some((octal(&block[124..135])?, octal(&block[136..147])?))
}

/// How many zeros follow a content of so many bytes.
pub(crate) fn padding(bytes: u64) -> usize {
    let rest = usize::try_from(bytes % BLOCK as u64).unwrap_or_default();
    if rest == 0 { 0 } else { BLOCK - rest }
}
