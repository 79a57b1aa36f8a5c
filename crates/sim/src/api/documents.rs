//! Documents up, files down.

use super::{ApiCall, ApiError, Reply, messages, objects};
use crate::world::World;
use crate::world::files::{DOWNLOAD_BYTES, FileKey};
use crate::world::people::CAPTION_LENGTH;

pub(super) fn send_document(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let caption = messages::formatted(call.parameters.text("caption"), call.parameters, "caption_entities")?;
    if caption.text.chars().count() > CAPTION_LENGTH {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    let file = document(world, call)?;
    messages::post(world, call, caption, Some(file))
}

/// The part `document`, the part that `attach://` names, or a file that Telegram has already.
fn document(world: &mut World, call: &ApiCall<'_>) -> Result<FileKey, ApiError> {
    let missing = || ApiError::bad_request("there is no document in the request");
    let named = call.parameters.text("document");
    let part = match named.strip_prefix("attach://") {
        Some(part) => Some(call.parameters.file(part).ok_or_else(missing)?),
        None => call.parameters.file("document"),
    };
    if let Some(part) = part {
        if part.bytes.is_empty() {
            return Err(ApiError::bad_request("file must be non-empty"));
        }
        return Ok(world.files.add(part.name.clone(), None, part.bytes.clone(), None));
    }
    if named.is_empty() {
        return Err(missing());
    }
    if named.contains("://") {
        return Err(ApiError::not_simulated("documents from a URL"));
    }
    let known = world.files.by_id(call.bot, named).map(|file| (file.key, file.photo.is_some()));
    match known {
        Some((key, false)) => Ok(key),
        Some((_, true)) => Err(ApiError::bad_request("can't use file of type Photo as Document")),
        None => Err(ApiError::bad_request("wrong file identifier/HTTP URL specified")),
    }
}

pub(super) fn get_file(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let Some(file_id) = call.parameters.non_empty("file_id") else {
        return Err(ApiError::bad_request("file_id not specified"));
    };
    let looks_like_one =
        file_id.len() >= 20 && file_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !looks_like_one {
        return Err(ApiError::bad_request("invalid file_id"));
    }
    let unavailable = || ApiError::bad_request("wrong file_id or the file is temporarily unavailable");
    let file = world.files.by_id(call.bot, file_id).ok_or_else(unavailable)?.clone();
    if file.bytes.len() > DOWNLOAD_BYTES {
        return Err(ApiError::bad_request("file is too big"));
    }
    let path = world.files.path_for(call.bot, file.key).ok_or_else(unavailable)?;
    Ok(objects::file(&file, call.bot, &path).into())
}
