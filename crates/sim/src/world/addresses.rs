//! Where the pictures and videos of preview pages can be fetched, and what stands there.

use std::time::Duration;

use bytes::Bytes;

use crate::control::Millis;
use crate::world::World;
use crate::world::files::{letters, scramble};

/// The address of a video holds so long, and at most twice as long.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// Marks the number of a file that somebody sent…
pub(crate) const STORED: char = 's';
/// …and one that stands for made up bytes.
pub(crate) const MADE_UP: char = 'm';

/// Where a file can be fetched: a long name that cannot be guessed from another one.
pub(crate) fn address(base: &str, kind: char, number: u64, extension: &str) -> String {
    format!("{base}/file/{}.{extension}", file_name(kind, number))
}

fn file_name(kind: char, number: u64) -> String {
    format!("{kind}{number:016x}{}", letters(scramble(number) ^ u64::from(kind), 40))
}

/// What beside the name lets a video be fetched, today and tomorrow.
pub(crate) fn token(number: u64, now: Millis) -> String {
    let lifetime = u64::try_from(TOKEN_LIFETIME.as_millis()).unwrap_or(u64::MAX);
    letters(scramble(number) ^ (now.0 / lifetime), 60)
}

/// What stands at `/file/<name>`; nothing if there is no such file, or its token is wrong or too old.
pub(crate) fn at(world: &World, name: &str, given: Option<&str>, now: Millis) -> Option<(Bytes, &'static str)> {
    let (stem, extension) = name.rsplit_once('.')?;
    let kind = stem.chars().next()?;
    let number = u64::from_str_radix(stem.get(1..17)?, 16).ok()?;
    if stem != file_name(kind, number) {
        return None;
    }
    if kind == STORED {
        let file = world.files.get(number).filter(|file| file.photo.is_some())?;
        let kind = if file.bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
        return Some((file.bytes.clone(), kind));
    }
    let earlier = Millis(now.0.saturating_sub(u64::try_from(TOKEN_LIFETIME.as_millis()).unwrap_or_default()));
    let is_fresh = |given: &str| [now, earlier].iter().any(|at| token(number, *at) == given);
    if extension != "jpg" && !given.is_some_and(is_fresh) {
        return None;
    }
    let (bytes, kind): (&'static [u8], _) = match extension {
        "jpg" => (include_bytes!("../../samples/photo.png"), "image/png"),
        "mp4" => (b"simulated video", "video/mp4"),
        "webm" => (b"simulated video sticker", "video/webm"),
        "ogg" => (b"simulated voice message", "audio/ogg"),
        "webp" => (b"simulated sticker", "image/webp"),
        _ => (b"simulated animated sticker", "application/x-tgsticker"),
    };
    Some((Bytes::from_static(bytes), kind))
}
