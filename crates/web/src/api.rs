//! What other programs may ask: whether the worker lives, whether the service is ready, and everybody's metrics. Nothing that
//! can be asked here changes anything.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use worker::Context;

use crate::readiness;
use crate::scrape::Scraper;

/// What this version of the text format is called (Prometheus, "Exposition formats").
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

pub(crate) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(nothing)
        .with_state(Arc::new(Scraper::new(context)))
}

/// That this is answered is all that it says.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(scraper): State<Arc<Scraper>>) -> Response {
    let (ready, body) = readiness::judge(scraper.status().await.as_ref());
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, fresh(JSON), format!("{body}\n")).into_response()
}

async fn metrics(State(scraper): State<Arc<Scraper>>) -> Response {
    (fresh(METRICS), scraper.metrics().await).into_response()
}

async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here; /healthz, /readyz and /metrics are\n").into_response()
}

/// An answer that is true just now, and of no use later.
fn fresh(kind: &'static str) -> [(header::HeaderName, &'static str); 2] {
    [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")]
}
