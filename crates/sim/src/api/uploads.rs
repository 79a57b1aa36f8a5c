//! Files of calls: parts, parts that `attach://` names, and files that Telegram has already.
//!
//! A part is kept once all else of the call is known to be good: what is refused takes no room.

use super::{ApiCall, ApiError, Parameters, UploadedFile};
use crate::world::World;
use crate::world::files::{FileKey, NewFile, picture_size};

/// Largest photo, in bytes.
const PHOTO_BYTES: usize = 10 << 20;
/// Largest sum of a photo's width and height…
const PHOTO_SIDES: u32 = 10_000;
/// …and how many times as long as the other one a side may be.
const PHOTO_RATIO: u32 = 20;

/// As what a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Photo,
    Document,
}

/// The file of a message to be.
#[derive(Debug, Clone)]
pub(super) enum Attached {
    /// Telegram has it.
    Known(FileKey),
    /// It came with the call, and is not kept yet.
    New(NewFile),
}

impl Attached {
    pub(super) fn is_photo(&self, world: &World) -> bool {
        match self {
            Self::Known(key) => world.files.get(*key).is_some_and(|file| file.photo.is_some()),
            Self::New(file) => file.is_photo(),
        }
    }

    /// Keeps it, if it is new.
    pub(super) fn kept(self, world: &mut World) -> FileKey {
        match self {
            Self::Known(key) => key,
            Self::New(file) => world.files.add(file),
        }
    }
}

/// Whether all of these can be kept.
pub(super) fn check_room<'a>(world: &World, files: impl IntoIterator<Item = &'a Attached>) -> Result<(), ApiError> {
    let takes = |file: &Attached| match file {
        Attached::Known(_) => 0,
        Attached::New(file) => file.takes(),
    };
    match world.files.has_room(files.into_iter().map(takes).sum()) {
        true => Ok(()),
        false => Err(ApiError::not_simulated("more than 2 GiB of files")),
    }
}

/// The file that the parameter of this name means.
pub(super) fn named(world: &World, call: &ApiCall<'_>, name: &str, shape: Shape) -> Result<Attached, ApiError> {
    resolve(world, call, call.parameters.text(name), Some(name), shape)
}

/// The file that a text means, or else the part of the given name.
pub(super) fn resolve(
    world: &World,
    call: &ApiCall<'_>,
    source: &str,
    part: Option<&str>,
    shape: Shape,
) -> Result<Attached, ApiError> {
    let attached = source.strip_prefix("attach://");
    let missing = match shape {
        Shape::Photo => "there is no photo in the request",
        Shape::Document => "there is no document in the request",
    };
    let part = match (attached, source) {
        (Some(name), _) => Some(name),
        (None, "") => part,
        (None, _) => None,
    };
    if let Some(name) = part {
        let part = call.parameters.file(name).ok_or_else(|| ApiError::bad_request(missing))?;
        return new_file(part, shape).map(Attached::New);
    }
    if source.contains("://") {
        return Err(ApiError::not_simulated("files from a URL"));
    }
    known(world, call.bot, source, shape).map(Attached::Known)
}

/// Refuses a part of the call that is to be a document and that Telegram, which looks into it, would make something else of. The
/// text is the one that means the file.
pub(super) fn check_stays_document(parameters: &Parameters, source: &str) -> Result<(), ApiError> {
    let part = source.strip_prefix("attach://").or_else(|| source.is_empty().then_some("document"));
    let Some(kind) = part.and_then(|name| parameters.file(name)).and_then(kind_of) else { return Ok(()) };
    Err(ApiError::not_simulated(&format!(
        "the {kind} that Telegram makes of such a document; with disable_content_type_detection it stays one"
    )))
}

/// What Telegram makes of a file by itself, as far as that is known.
fn kind_of(file: &UploadedFile) -> Option<&'static str> {
    let (bytes, name) = (&file.bytes[..], file.name.to_ascii_lowercase());
    // An MP3 without tags begins like much else.
    let is_frame = matches!(bytes, [0xff, second, ..] if second & 0xe6 == 0xe2) && name.ends_with(".mp3");
    match bytes {
        [b'G', b'I', b'F', b'8', ..] => Some("animation"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_mp4(brand) => Some("video"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A', ..] => Some("audio"),
        [b'I', b'D', b'3', ..] => Some("audio"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("sticker"),
        _ if is_frame => Some("audio"),
        _ => None,
    }
}

fn is_mp4(brand: &[u8]) -> bool {
    [&b"iso"[..], b"mp4", b"avc1", b"M4V", b"MSNV"].iter().any(|known| brand.starts_with(known))
}

/// A file that the bot has seen before.
fn known(world: &World, bot: i64, file_id: &str, shape: Shape) -> Result<FileKey, ApiError> {
    let wrong = || ApiError::bad_request("wrong file identifier/HTTP URL specified");
    let file = world.files.by_id(bot, file_id).ok_or_else(wrong)?;
    match (shape, file.photo.is_some()) {
        (Shape::Photo, true) | (Shape::Document, false) => Ok(file.whole),
        (Shape::Photo, false) => Err(ApiError::bad_request("can't use file of type Document as Photo")),
        (Shape::Document, true) => Err(ApiError::bad_request("can't use file of type Photo as Document")),
    }
}

/// The file that a part is.
fn new_file(part: &UploadedFile, shape: Shape) -> Result<NewFile, ApiError> {
    let size = part.bytes.len();
    if size == 0 {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    if shape == Shape::Document {
        return Ok(NewFile::document(part.name.clone(), None, part.bytes.clone()));
    }
    if size > PHOTO_BYTES {
        let text = format!("file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes");
        return Err(ApiError::bad_request(&text));
    }
    let Some((width, height)) = picture_size(&part.bytes) else {
        let other = [&b"GIF8"[..], b"BM", b"RIFF", b"II*\0", b"MM\0*"];
        if other.iter().any(|magic| part.bytes.starts_with(magic)) {
            return Err(ApiError::not_simulated("photos that are neither PNG nor JPEG"));
        }
        return Err(ApiError::bad_request("IMAGE_PROCESS_FAILED"));
    };
    let (long, short) = (width.max(height), width.min(height));
    if short == 0 || width.saturating_add(height) > PHOTO_SIDES || long.div_ceil(short) > PHOTO_RATIO {
        return Err(ApiError::bad_request("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(NewFile::photo(part.bytes.clone(), (width, height)))
}
