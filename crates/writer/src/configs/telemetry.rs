//! What uploads tell to metrics and the log; refusals are counted where they are recorded. The names are fixed by those who already have dashboards for them.

use std::time::Duration;

use interfaces::configs::{CancelReply, PutReply, Version};
use worker::events::{CONFIG_PUBLISHED, CONFIG_UPLOAD_LOCK_ACQUIRED, CONFIG_UPLOAD_LOCK_RELEASED};

/// Says what the metrics mean.
pub(super) fn describe() {
    metrics::describe_histogram!(
        "config_upload_duration_seconds",
        metrics::Unit::Seconds,
        "How long the stages of config uploads took: validation, lock_wait, locked_section"
    );
    metrics::describe_counter!("config_uploads_total", "Config uploads by what became of them");
    metrics::describe_counter!("config_refusals_total", "Calls that were to change a config and were refused, by why");
    metrics::describe_counter!("config_conflicts_total", "Uploads based on another version than the current one");
    metrics::describe_counter!("config_cancellations_total", "Cancelled uploads by what had become of them");
    metrics::describe_counter!("config_changes_by_hand_total", "Published files that somebody changed on the disk");
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

pub(super) fn cancelled(kind: &str, reply: &CancelReply) {
    let result = match reply {
        CancelReply { cancelled: true, .. } => "cancelled",
        CancelReply { proposed: Some(_), .. } => "proposed",
        CancelReply { unchanged: true, .. } => "unchanged",
        _ => "saved",
    };
    metrics::counter!("config_cancellations_total", "config_type" => kind.to_owned(), "result" => result).increment(1);
}

pub(super) fn changed_by_hand(kind: &str) {
    metrics::counter!("config_changes_by_hand_total", "config_type" => kind.to_owned()).increment(1);
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

/// Milliseconds with microseconds behind the point, as the events give them.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
