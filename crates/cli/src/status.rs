//! `natrium status`: whether the service runs, and how its workers are.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use interfaces::supervisor::{Status, StatusReply};
use jiff::tz::TimeZone;
use serde::Serialize;
use settings::Environment;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::lock::{self, Lock};
use crate::screen::{is_healthy, screen};
use crate::service::{ServiceError, runtime_directory, supervisor, talk};
use crate::text::{complain, print};

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    running: bool,
    healthy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    status: Option<&'a StatusReply>,
}

pub(crate) fn run(service: &Service, json: bool, environment: &Environment) -> Exit {
    let directory = match runtime_directory(service, environment) {
        Ok(directory) => directory,
        Err(error) => return fail(&error, None, json),
    };
    let status = supervisor(&directory)
        .and_then(|client| talk(async move { client.status(&Status {}).await.map_err(ServiceError::from) }));
    match status {
        Ok(status) => {
            if json {
                print_json(&Json { running: true, healthy: is_healthy(&status), error: None, status: Some(&status) });
            } else {
                print(&screen(&status, now_ms(), &TimeZone::system()));
            }
            if is_healthy(&status) { Exit::Success } else { Exit::Degraded }
        }
        Err(error) => fail(&error, Some(&directory), json),
    }
}

fn fail(error: &ServiceError, directory: Option<&Path>, json: bool) -> Exit {
    let lock = directory.map_or(Lock::Unknown, lock::look);
    let (text, exit) = match (error, lock) {
        (ServiceError::NotRunning, Lock::Held { pid }) => (
            format!("natrium is starting or stopping: process {pid} holds its lock, but does not answer yet"),
            Exit::Unknown,
        ),
        (ServiceError::NotRunning, Lock::Left { pid }) => (
            format!(
                "natrium is not running; its PID file is left from process {pid}, which is gone: nothing needs to be deleted"
            ),
            Exit::NotRunning,
        ),
        (ServiceError::NotRunning, Lock::Unknown) => (error.to_string(), Exit::NotRunning),
        (ServiceError::Settings(_), _) => (error.to_string(), Exit::Configuration),
        (_, Lock::Held { pid }) => (format!("{error}\nprocess {pid} holds its lock"), Exit::Unknown),
        _ => (error.to_string(), Exit::Unknown),
    };
    if json {
        print_json(&Json { running: false, healthy: false, error: Some(text), status: None });
    } else if exit == Exit::NotRunning {
        print(&format!("{text}\n"));
    } else {
        complain(&text);
    }
    exit
}

fn print_json(json: &Json<'_>) {
    // Plain data with string keys: there is nothing that could fail.
    print(&(serde_json::to_string_pretty(json).unwrap_or_default() + "\n"));
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
