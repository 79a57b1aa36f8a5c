//! Faults: put in force, listed, ended.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refuse;
use crate::control::{FaultView, NewFault, Refusal};
use crate::http::asked::{Json, Path};
use crate::http::shared::Shared;
use crate::world::faults::checked;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(faults, add_fault, clear_faults)).routes(routes!(clear_fault))
}

/// The faults in force.
#[utoipa::path(
    get,
    path = "/faults",
    tag = "faults",
    responses((status = 200, description = "Done", body = Vec<FaultView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn faults(State(shared): State<Shared>) -> Json<Vec<FaultView>> {
    Json(shared.read(|world, _| world.faults.list()))
}

/// Puts a fault in force, and answers with all that are.
#[utoipa::path(
    post,
    path = "/faults",
    tag = "faults",
    request_body(content = NewFault, description = "`chat` may also be a @username, a person's name or a chat's title"),
    responses((status = 200, description = "Done", body = Vec<FaultView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn add_fault(State(shared): State<Shared>, Json(mut written): Json<serde_json::Value>) -> Response {
    if let Some(name) = written.get("chat").and_then(serde_json::Value::as_str) {
        match shared.read(|world, _| world.chat_called(name)) {
            Ok(id) => written["chat"] = id.into(),
            Err(mistake) => return refuse(StatusCode::BAD_REQUEST, mistake),
        }
    }
    let fault = match checked(&written) {
        Ok(fault) => fault,
        Err(mistake) => return refuse(StatusCode::BAD_REQUEST, mistake),
    };
    let list = shared.with(|world, now| {
        world.faults.add(fault, now);
        world.tell_faults();
        world.faults.list()
    });
    Json(list).into_response()
}

/// Ends all faults.
#[utoipa::path(
    delete,
    path = "/faults",
    tag = "faults",
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn clear_faults(State(shared): State<Shared>) -> StatusCode {
    shared.with(|world, _| {
        world.faults.clear(None);
        world.tell_faults();
    });
    StatusCode::NO_CONTENT
}

/// Ends one fault.
#[utoipa::path(
    delete,
    path = "/faults/{id}",
    tag = "faults",
    params(("id" = u64, Path, description = "The fault's id")),
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn clear_fault(State(shared): State<Shared>, Path(id): Path<u64>) -> Response {
    let cleared = shared.with(|world, _| {
        let cleared = world.faults.clear(Some(id));
        world.tell_faults();
        cleared
    });
    if cleared {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refuse(
            StatusCode::NOT_FOUND,
            format!("there is no fault {id} in force; GET /control/faults lists those that are"),
        )
    }
}
