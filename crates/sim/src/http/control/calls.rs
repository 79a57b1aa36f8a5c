//! The record of Bot API calls.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::control::{CallView, Counters, Refusal};
use crate::http::asked::{Json, Query};
use crate::http::shared::Shared;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(calls)).routes(routes!(counters))
}

/// Which calls are asked for.
#[derive(Deserialize, IntoParams)]
struct CallFilter {
    method: Option<String>,
    /// Only calls with a higher number.
    #[serde(default)]
    after: u64,
    /// Only calls with a lower number.
    before: Option<u64>,
    /// At most so many, the latest ones.
    limit: Option<usize>,
    /// Only calls of what is not simulated.
    #[serde(default)]
    unsimulated: bool,
}

/// The calls of the Bot API, as they were and as they were answered.
#[utoipa::path(
    get,
    path = "/calls",
    tag = "calls",
    params(CallFilter),
    responses((status = 200, description = "Done", body = Vec<CallView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn calls(State(shared): State<Shared>, Query(filter): Query<CallFilter>) -> Json<Vec<CallView>> {
    let matching = |call: &&CallView| {
        call.number > filter.after
            && filter.before.is_none_or(|before| call.number < before)
            && filter.method.as_ref().is_none_or(|method| call.method.eq_ignore_ascii_case(method))
            && (!filter.unsimulated || call.unsimulated)
    };
    Json(shared.read(|world, _| {
        let found: Vec<&CallView> = world.calls.iter().filter(matching).collect();
        let first = found.len().saturating_sub(filter.limit.unwrap_or(usize::MAX));
        found[first..].iter().map(|call| (*call).clone()).collect()
    }))
}

/// What was counted since the start or the last reset.
#[utoipa::path(
    get,
    path = "/counters",
    tag = "calls",
    responses((status = 200, description = "Done", body = Counters), (status = "default", description = "Why not", body = Refusal))
)]
async fn counters(State(shared): State<Shared>) -> Json<Counters> {
    Json(shared.read(|world, _| world.counters()))
}
