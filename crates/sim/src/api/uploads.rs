//! Files of calls: parts, parts that `attach://` names, and files that Telegram has already.

use super::{ApiCall, ApiError, UploadedFile};
use crate::world::World;
use crate::world::files::{FileKey, picture_size};

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

/// The file that the parameter of this name means.
pub(super) fn named(world: &mut World, call: &ApiCall<'_>, name: &str, shape: Shape) -> Result<FileKey, ApiError> {
    resolve(world, call, call.parameters.text(name), Some(name), shape)
}

/// The file that a text means, or else the part of the given name.
pub(super) fn resolve(
    world: &mut World,
    call: &ApiCall<'_>,
    source: &str,
    part: Option<&str>,
    shape: Shape,
) -> Result<FileKey, ApiError> {
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
        return store(world, part, shape);
    }
    if source.contains("://") {
        return Err(ApiError::not_simulated("files from a URL"));
    }
    known(world, call.bot, source, shape)
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

fn store(world: &mut World, part: &UploadedFile, shape: Shape) -> Result<FileKey, ApiError> {
    let size = part.bytes.len();
    if size == 0 {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    if !world.files.has_room(size) {
        return Err(ApiError::not_simulated("more than 2 GiB of files"));
    }
    if shape == Shape::Document {
        return Ok(world.files.add(part.name.clone(), None, part.bytes.clone(), None));
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
    Ok(world.files.add("photo.jpg".to_owned(), None, part.bytes.clone(), Some((width, height))))
}
