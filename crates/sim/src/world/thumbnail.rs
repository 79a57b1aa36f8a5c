//! Smaller sizes of photos. The simulator cannot scale pictures: a smaller size is grey, but as large as it says.

use bytes::Bytes;

/// The longer side of each size that Telegram makes.
const BOXES: [u32; 4] = [90, 320, 800, 1280];
/// Most bytes of a block that is not compressed.
const BLOCK: usize = 65_535;

/// Widths and heights of the sizes that are smaller than the photo, the smallest one first.
pub(crate) fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
    let long = width.max(height);
    let scaled = |side: u32, to: u32| {
        let scaled = u64::from(side) * u64::from(to) / u64::from(long);
        u32::try_from(scaled).unwrap_or(to).max(1)
    };
    BOXES.iter().filter(|to| **to < long).map(|to| (scaled(width, *to), scaled(height, *to))).collect()
}

/// How long the grey PNG of this size is, in bytes.
pub(crate) fn length(width: u32, height: u32) -> usize {
    let rows = height as usize * (1 + width.div_ceil(8) as usize);
    let data = 2 + rows + 5 * rows.div_ceil(BLOCK) + 4;
    // The signature, then IHDR, IDAT and IEND.
    8 + (12 + 13) + (12 + data) + 12
}

/// A grey PNG of this size: black and white points side by side.
pub(crate) fn grey(width: u32, height: u32) -> Bytes {
    let mut rows = Vec::new();
    for row in 0..height {
        rows.push(0);
        rows.extend(std::iter::repeat_n(if row % 2 == 0 { 0xaa } else { 0x55 }, width.div_ceil(8) as usize));
    }
    let mut data = vec![0x78, 0x01];
    let mut blocks = rows.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend_from_slice(block);
    }
    data.extend(adler32(&rows).to_be_bytes());
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // One bit a point, shades of grey, nothing interlaced.
    header.extend([1, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &data);
    chunk(&mut png, *b"IEND", &[]);
    png.into()
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend_from_slice(data);
    let sum = crc32(&png[start..]);
    png.extend(sum.to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::files::picture_size;

    #[test]
    fn smaller_sizes_keep_the_shape() {
        assert_eq!(sizes(480, 320), [(90, 60), (320, 213)]);
        assert_eq!(sizes(1000, 4000), [(22, 90), (80, 320), (200, 800), (320, 1280)]);
        assert_eq!(sizes(90, 1), []);
    }

    #[test]
    fn a_grey_picture_is_a_png_with_right_sums() {
        assert_eq!(picture_size(&grey(320, 213)), Some((320, 213)));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
