//! Documents up, files down.

use super::messages::{self, Draft};
use super::uploads::{self, Shape};
use super::{ApiCall, ApiError, Reply, objects};
use crate::world::World;
use crate::world::chat::Extra;
use crate::world::files::DOWNLOAD_BYTES;

pub(super) fn send_document(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    if parameters.text("document").is_empty() && parameters.file("document").is_none() {
        return Err(ApiError::bad_request("there is no document in the request"));
    }
    let text = messages::caption(parameters)?;
    if !parameters.flag("disable_content_type_detection") {
        uploads::check_stays_document(parameters, parameters.text("document"))?;
    }
    let file = uploads::named(world, call, "document", Shape::Document)?;
    messages::post(world, call, Draft { text, file: Some(file), extra: Extra::default() })
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
