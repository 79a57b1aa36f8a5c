//! What uploads tell to metrics and the log. The names are fixed by those who already have dashboards for them.

use std::time::Duration;

use interfaces::configs::{PutReply, Version};
use worker::events::{CONFIG_PUBLISHED, CONFIG_UPLOAD_LOCK_ACQUIRED, CONFIG_UPLOAD_LOCK_RELEASED};

use super::upload::{PutError, milliseconds};
use crate::requests::RequestError;

/// Says what the metrics mean.
pub(super) fn describe() {
    metrics::describe_histogram!(
        "config_upload_duration_seconds",
        metrics::Unit::Seconds,
        "How long the stages of config uploads took: validation, lock_wait, locked_section"
    );
    metrics::describe_counter!("config_uploads_total", "Config uploads by what became of them");
    metrics::describe_counter!(
        "config_publications_failed_total",
        "Saved versions whose file could not be put in place"
    );
}

pub(super) fn stage(kind: &str, stage: &'static str, took: Duration) {
    metrics::histogram!("config_upload_duration_seconds", "config_type" => kind.to_owned(), "stage" => stage)
        .record(took.as_secs_f64());
}

pub(super) fn uploaded(kind: &str, result: &'static str) {
    metrics::counter!("config_uploads_total", "config_type" => kind.to_owned(), "result" => result).increment(1);
}

pub(super) fn publication_failed(kind: &str) {
    metrics::counter!("config_publications_failed_total", "config_type" => kind.to_owned()).increment(1);
}

pub(super) fn success(reply: &PutReply) -> &'static str {
    if reply.unchanged { "unchanged" } else { "saved" }
}

pub(super) fn result(error: &PutError) -> &'static str {
    match error {
        PutError::NoSuchKind => "no such kind",
        PutError::Invalid(_) => "invalid",
        PutError::Conflict(_) | PutError::NoSuchBase => "conflict",
        PutError::Request(RequestError::Store(error)) if !error.is_certain() => "unknown",
        PutError::Unknown(_) => "unknown",
        PutError::Disk(_) | PutError::Request(RequestError::Store(_)) => "not saved",
        PutError::Request(RequestError::Reused(_) | RequestError::Malformed) => "bad request id",
    }
}

/// `duration_ms`: how long the upload had waited for the lock.
pub(super) fn lock_acquired(kind: &str, user: i64, waited: Duration) {
    worker::event!(
        info,
        CONFIG_UPLOAD_LOCK_ACQUIRED,
        config_type = kind,
        user_id = user,
        duration_ms = milliseconds(waited),
        "config_upload_lock_acquired"
    );
}

/// `duration_ms`: how long the upload held the lock.
pub(super) fn lock_released(kind: &str, user: i64, held: Duration) {
    worker::event!(
        info,
        CONFIG_UPLOAD_LOCK_RELEASED,
        config_type = kind,
        user_id = user,
        duration_ms = milliseconds(held),
        "config_upload_lock_released"
    );
}

/// An upload's file is in place.
pub(super) fn published(version: &Version, file: &str) {
    worker::event!(
        info,
        CONFIG_PUBLISHED,
        config_type = version.kind,
        user_id = version.author.id,
        version = version.version,
        "{file} is published"
    );
}
