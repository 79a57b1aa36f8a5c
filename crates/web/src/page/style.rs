//! The style sheet. Its address is made of what is in it, so a browser may keep it for ever.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

const SHEET: &str = include_str!("../../templates/page.css");

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let mut address = "/page-".to_owned();
    for byte in &Sha256::digest(SHEET)[..8] {
        let _ = write!(address, "{byte:02x}");
    }
    address + ".css"
});

/// Where it is.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

pub(crate) fn sheet() -> Response {
    let kept = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), kept], SHEET).into_response()
}
