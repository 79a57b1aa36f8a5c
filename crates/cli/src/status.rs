//! `natrium status`: whether the service runs, and how its workers are.

use std::path::Path;

use interfaces::supervisor::{Client, Death, Deaths, Status, StatusReply};
use serde::Serialize;
use settings::Environment;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::lock::{self, Lock};
use crate::record::record;
use crate::screen::{is_healthy, screen};
use crate::service::{ServiceError, runtime_directory, supervisor, talk};
use crate::text::{complain, json as as_json, print};
use crate::view::View;

/// What `--json` prints.
#[derive(Default, Serialize)]
struct Json<'a> {
    /// Null where that cannot be told.
    running: Option<bool>,
    healthy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid_file: Option<PidFile>,
    #[serde(flatten)]
    status: Option<&'a StatusReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deaths: Option<&'a [Death]>,
}

/// What the PID file tells of a service that does not answer.
#[derive(Serialize)]
struct PidFile {
    pid: i32,
    locked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_ms: Option<i64>,
}

pub(crate) fn run(service: &Service, deaths: bool, json: bool, environment: &Environment) -> Exit {
    let directory = match runtime_directory(service, environment) {
        Ok(directory) => directory,
        Err(error) => return fail(&error, None, json),
    };
    let (status, deaths) = match supervisor(&directory).and_then(|client| talk(ask(client, deaths))) {
        Ok(answers) => answers,
        Err(error) => return fail(&error, Some(&directory), json),
    };
    let healthy = is_healthy(&status);
    if json {
        let (status, deaths) = (Some(&status), deaths.as_deref());
        print(&as_json(&Json { running: Some(true), healthy, status, deaths, ..Json::default() }));
    } else {
        let view = View::now();
        print(&screen(&status, &view));
        if let Some(deaths) = deaths {
            print(&format!("\n{}", record(&deaths, None, &view)));
        }
    }
    if healthy { Exit::Success } else { Exit::Degraded }
}

async fn ask(client: Client, deaths: bool) -> Result<(StatusReply, Option<Vec<Death>>), ServiceError> {
    let status = client.status(&Status {}).await?;
    let deaths = if deaths { Some(client.deaths(&Deaths::default()).await?.deaths) } else { None };
    Ok((status, deaths))
}

fn fail(error: &ServiceError, directory: Option<&Path>, json: bool) -> Exit {
    let lock = directory.map_or(Lock::Unknown, lock::look);
    let (text, exit) = judged(error, lock, &View::now());
    if json {
        let pid_file = match lock {
            Lock::Held { pid } => Some(PidFile { pid, locked: true, started_ms: None }),
            Lock::Left { pid, started_ms } => Some(PidFile { pid, locked: false, started_ms: Some(started_ms) }),
            Lock::Unknown => None,
        };
        let running = (exit == Exit::NotRunning).then_some(false);
        print(&as_json(&Json { running, error: Some(&text), pid_file, ..Json::default() }));
    } else if exit == Exit::NotRunning {
        print(&format!("{text}\n"));
    } else {
        complain(&text);
    }
    exit
}

/// What a service that did not answer is, by what else there is to see.
fn judged(error: &ServiceError, lock: Lock, view: &View) -> (String, Exit) {
    match (error, lock) {
        (ServiceError::NotRunning { .. }, Lock::Held { pid }) => (
            format!("natrium is starting or stopping: process {pid} holds its lock, but does not answer yet"),
            Exit::Unknown,
        ),
        (ServiceError::NotRunning { died }, Lock::Left { pid, started_ms }) => {
            let end = if *died { "died: it was killed, or it crashed" } else { "has ended" };
            let since = view.moment(started_ms);
            let left = "its PID file is left; nothing has to be deleted";
            (format!("{error}\nprocess {pid}, started {since}, {end}\n{left}"), Exit::NotRunning)
        }
        (ServiceError::NotRunning { .. }, Lock::Unknown) => (error.to_string(), Exit::NotRunning),
        (ServiceError::Settings(_), _) => (error.to_string(), Exit::Configuration),
        (_, Lock::Held { pid }) => (format!("{error}\nprocess {pid} holds its lock"), Exit::Unknown),
        _ => (error.to_string(), Exit::Unknown),
    }
}
