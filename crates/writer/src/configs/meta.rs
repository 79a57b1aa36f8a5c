//! `<file>.meta.json`: what stands beside a published file, so that the file itself carries nothing extra.

use interfaces::configs::{Author, Version};
use jiff::Timestamp;
use serde::Serialize;

/// What the name of a kind's file is followed by. No kind's file may end so.
const END: &str = ".meta.json";

/// How it is called beside `file`.
pub(crate) fn name(file: &str) -> String {
    format!("{file}{END}")
}

#[derive(Serialize)]
struct Meta<'a> {
    kind: &'a str,
    version: i64,
    sha256: &'a str,
    bytes: i64,
    author: &'a Author,
    /// RFC 3339, UTC.
    saved: String,
    base: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    restores: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_by: Option<&'a Author>,
}

/// What it says of a version: the same of the same one.
pub(crate) fn content(version: &Version) -> Vec<u8> {
    let meta = Meta {
        kind: &version.kind,
        version: version.version,
        sha256: &version.sha256,
        bytes: version.bytes,
        author: &version.author,
        saved: Timestamp::from_millisecond(version.saved_ms).unwrap_or_default().to_string(),
        base: version.base,
        restores: version.restores,
        approved_by: version.approved_by.as_ref(),
    };
    // Numbers and strings alone: that cannot fail.
    let mut text = serde_json::to_vec_pretty(&meta).unwrap_or_default();
    text.push(b'\n');
    text
}
