//! The log lines that an operator filters by and sets alarms on: a fixed `MESSAGE_ID` each, explained by the journal's message
//! catalog (`journalctl -x`, `systemd/natrium.catalog`). Ids never change and are never used again; an event that goes takes
//! its id with it.
//!
//! They are logged through [`event!`](crate::event!) and by nothing else. A field has the same name everywhere, in the journal
//! in capitals, so none may be called what the journal or the system's own lines use for something else: see [`RESERVED`].

/// One of those lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Event {
    /// What it is called in the manual.
    pub name: &'static str,
    /// Its `MESSAGE_ID`: 128 random bits, made once.
    pub id: &'static str,
}

macro_rules! table {
    ($($(#[$about:meta])* $event:ident $name:literal $id:literal)+) => {
        $($(#[$about])* pub const $event: Event = Event { name: $name, id: $id };)+
        /// All of them.
        pub const ALL: &[Event] = &[$($event),+];
    };
}

table! {
    /// All workers are ready for the first time.
    SERVICE_READY "service_ready" "a3a99a4455f04472b199915c522ff093"
    /// The service begins to stop.
    SERVICE_STOPPING "service_stopping" "dd6d30b101c14c719bba6a5d696b3272"
    /// It has stopped.
    SERVICE_STOPPED "service_stopped" "09e8b1d3cdc94e7a9e037b6134416889"
    /// It ends because it cannot do its work.
    SERVICE_FAILED "service_failed" "181804abe3a248c2a98ca09e27c78aa6"
    /// A second start met one that runs.
    SECOND_START_REFUSED "second_start_refused" "f4f964e4c2fc431ea49410671d71c695"
    /// New settings are in force.
    SETTINGS_RELOADED "settings_reloaded" "7e2458b2f59644a3b4a06e91be20a13b"
    /// New settings were wrong; the old ones stay.
    SETTINGS_REFUSED "settings_refused" "e3f30e82dd7f4a24b61381ccd6639b86"
    /// A worker's process ended without being asked to.
    WORKER_DIED "worker_died" "c3011296f45649b1949b88a44b6e8480"
    /// A worker showed no sign of life in time, or said that it hangs.
    WORKER_HUNG "worker_hung" "79b52170f6e44300a04f719d3bc67d8c"
    /// A worker is not started again: it would fail again.
    WORKER_FAILED "worker_failed" "072b052338954d279d2ee2542bf66993"
    /// An upload has the lock of its kind.
    CONFIG_UPLOAD_LOCK_ACQUIRED "config_upload_lock_acquired" "e33e814de0d74101a6a1f2dc49230b15"
    /// An upload has given it back.
    CONFIG_UPLOAD_LOCK_RELEASED "config_upload_lock_released" "351c6865374b46df852f4e5ef92964ef"
    /// A version's file is in place.
    CONFIG_PUBLISHED "config_published" "0a5642c41f0b429781a3a18508d139ab"
    /// A saved version's file could not be put in place.
    CONFIG_NOT_PUBLISHED "config_not_published" "7124aacd19934d328020775bec625163"
    /// Somebody changed or removed a published file on the disk.
    CONFIG_CHANGED_BY_HAND "config_changed_by_hand" "bbb459eddd5148bb96b1cad80ba76269"
    /// Nobody owns the service: the code for the first owner.
    PAIRING_CODE "pairing_code" "d1c2afd484d548608b7512079a010fb2"
    /// Somebody else polls with the bot's token.
    TOKEN_TAKEN "token_taken" "6ca84f442a7049f1864004ea678dddc0"
    /// Nobody else does any more.
    TOKEN_FREE "token_free" "9d14d5d57b2e487f9ffc88ee9bd19d88"
    /// Telegram cannot be reached.
    TELEGRAM_UNREACHABLE "telegram_unreachable" "88f313557f7447b2bc8a220aaf255e0b"
    /// It answers again.
    TELEGRAM_REACHED "telegram_reached" "a5c7fb27a6df4cff98c82d1c831765f4"
    /// The store cannot be written.
    STORE_FAILS "store_fails" "4967268e463043a2bda4dfedc75dd575"
    /// It can again.
    STORE_WORKS "store_works" "9edd32993b344fe691303def4f7f3034"
    /// Somebody set the wall clock.
    CLOCK_SET "clock_set" "c5eaa8871b314562af44a922d166bbbf"
    /// The journal, or who reads the log, did not take log lines.
    LINES_LOST "lines_lost" "97868d5f79d544e881b27e092b0d0fb7"
}

/// Fields for the journal alone. Where people read lines as they come, these would only be in the way.
pub const FOR_THE_JOURNAL: [&str; 2] = ["message_id", "code_func"];

/// What no field may be called but `message` and those of [`FOR_THE_JOURNAL`]: `systemd.journal-fields(7)`, what the service
/// manager's own lines say, and what is added to every line.
pub const RESERVED: &[&str] = &[
    "code",
    "code_file",
    "code_line",
    "documentation",
    "errno",
    "exit_code",
    "invocation_id",
    "job_id",
    "job_result",
    "job_type",
    "natrium_worker",
    "object_pid",
    "pid",
    "priority",
    "span_name",
    "status",
    "syslog_facility",
    "syslog_identifier",
    "syslog_pid",
    "syslog_raw",
    "syslog_timestamp",
    "target",
    "tid",
    "uid",
    "unit",
    "user_invocation_id",
    "user_unit",
];

/// Logs an [`Event`]: the level, the event, and the rest as in `tracing`'s macros.
///
/// ```
/// # use natrium_worker as worker;
/// worker::event!(info, worker::events::SERVICE_STOPPED, exit_status = 0, "stopped");
/// ```
#[macro_export]
macro_rules! event {
    ($level:ident, $event:expr, $($rest:tt)+) => {{
        fn here() {}
        ::tracing::$level!(
            message_id = $event.id,
            code_func = $crate::events::function(::std::any::type_name_of_val(&here)),
            $($rest)+
        )
    }};
}

/// The function in which the one called `inner` stands.
#[doc(hidden)]
#[must_use]
pub fn function(inner: &'static str) -> &'static str {
    let mut outer = inner.rsplit_once("::").map_or(inner, |(outer, _)| outer);
    while let Some(around) = outer.strip_suffix("::{{closure}}") {
        outer = around;
    }
    outer
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_function_is_named_as_it_is_written() {
        fn here() {}
        let name = "worker::events::tests::a_function_is_named_as_it_is_written";
        assert!(function(std::any::type_name_of_val(&here)).ends_with(name.trim_start_matches("worker::")));
        let inside = || {
            fn here() {}
            function(std::any::type_name_of_val(&here))
        };
        assert_eq!(inside(), function(std::any::type_name_of_val(&here)));
        assert_eq!(function("main"), "main");
    }
}
