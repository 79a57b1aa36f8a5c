//! `natrium doctor`: everything that may be wrong around the service, a line each, with what to do. It changes nothing.
//!
//! What is looked at is gathered here; what it means is decided in pure functions (`diagnosis`, `looks`).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use interfaces::admins::List;
use interfaces::configs::Kinds;
use interfaces::offline::{Answer, Job};
use interfaces::store::{Check, Client};
use interfaces::supervisor::{Status, StatusReply};
use settings::{BotToken, Environment, SecretSource, Settings};
use varlink::{Pool, PoolLimits};

use crate::diagnosis as judge;
use crate::exit::Exit;
use crate::findings::{Finding, all_well, lines, report};
use crate::lock;
use crate::looks;
use crate::offline::{self, Offline, OfflineError};
use crate::programs::Owner;
use crate::service::{ServiceError, supervisor, talk};
use crate::source::{self, SourceError};
use crate::text::print;
use crate::token::{self, Place};
use crate::view::now_ms;
use crate::writer::Writer;

/// How long looking through a store may take.
const LOOKING: Duration = Duration::from_secs(600);

pub(crate) fn run(settings: Option<PathBuf>, json: bool, environment: &Environment) -> Exit {
    let path = environment.settings_path(settings);
    let (mut findings, settings) = looks::settings(&path, environment);
    findings.push(looks::programs(environment));
    if let Some(settings) = &settings {
        of_service(settings, &path, environment, &mut findings);
    }
    findings.push(judge::clock(now_ms(), synchronized()));
    findings.extend(systemd(&path));
    print(&if json { report(&findings) } else { lines(&findings) });
    if all_well(&findings) { Exit::Success } else { Exit::Degraded }
}

fn of_service(settings: &Settings, path: &Path, environment: &Environment, findings: &mut Vec<Finding>) {
    let (found, token) = looks::token(settings, path, environment);
    findings.push(found);
    findings.extend(looks::api_hash(settings, path, environment));
    if let Place::Here(SecretSource::File(file)) =
        token::place(&settings.telegram.token, path, environment, |path| path.exists())
    {
        findings.extend(fs::metadata(&file).ok().map(|is| judge::secret_file(&file, is.mode())));
    }
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        findings.extend(fs::metadata(directory).ok().map(|is| judge::settings_directory(directory, is.mode())));
    }
    findings.extend(looks::directories(settings));
    let status = asked(&settings.directories.runtime);
    findings.push(judge::instance(lock::look(&settings.directories.runtime), &status));
    if let Ok(status) = &status {
        findings.extend(status.workers.iter().map(judge::worker));
    }
    let facts = looks::store_facts(settings, environment);
    let (schema, bytes) = looks::schema(&facts);
    findings.push(schema);
    let is_served = facts.as_ref().is_ok_and(|facts| facts.is_served);
    findings.extend(soundness(settings, is_served, environment));
    if is_served {
        findings.extend(asked_of_writer(&settings.directories.runtime));
    }
    findings.extend(looks::space(settings, bytes));
    findings.push(judge::sandbox(status.as_ref().ok(), facts.as_ref().ok().map(|facts| facts.sandbox.as_str())));
    findings.push(telegram(token.as_ref(), settings, environment));
}

fn asked(runtime: &Path) -> Result<StatusReply, ServiceError> {
    let client = supervisor(runtime)?;
    talk(async { Ok(client.status(&Status {}).await?) })
}

/// Has the store looked through: by the writer that runs, if one answers, else by one of our own, which needs no lock.
fn soundness(settings: &Settings, is_served: bool, environment: &Environment) -> Vec<Finding> {
    let problems = if is_served {
        running_check(&settings.directories.runtime)
    } else {
        let owner = Owner::of_service(&settings.directories.state);
        match Offline::answer_to(&offline::request(settings, Job::Check), owner, environment) {
            Ok(Answer::Checked { problems }) => Ok(problems),
            Ok(_) => Err(OfflineError::OtherAnswer.into()),
            Err(error) => Err(error.into()),
        }
    };
    judge::soundness(problems.map_err(|error| (error.to_string(), error.lasts())), &settings.directories.state)
}

/// What only the writer that runs knows: published files that somebody changed, and whether there is an owner.
fn asked_of_writer(runtime: &Path) -> Vec<Finding> {
    let writer = match Writer::at(runtime, source::DEADLINE) {
        Ok(writer) => writer,
        Err(error) => return vec![Finding::unknown("configs", error.to_string())],
    };
    let kinds = writer.read(writer.configs.kinds(&Kinds {}));
    let people = writer.read(writer.admins.list(&List {}));
    let configs = match kinds {
        Ok(reply) => judge::configs(&reply.kinds),
        Err(failure) => vec![Finding::unknown("configs", failure.text)],
    };
    let owner =
        people.map_or_else(|failure| Finding::unknown("owner", failure.text), |reply| judge::owner(&reply.admins));
    configs.into_iter().chain([owner]).collect()
}

fn running_check(runtime: &Path) -> Result<Vec<String>, SourceError> {
    let limits = PoolLimits { connections: 1, ..PoolLimits::default() };
    let client = Client::new(Pool::new(runtime.join("writer.sock"), limits), LOOKING);
    let checking = source::runtime().map_err(SourceError::Runtime)?;
    Ok(checking.block_on(client.check(&Check {}))?.problems)
}

fn telegram(token: Option<&BotToken>, settings: &Settings, environment: &Environment) -> Finding {
    let url = &settings.telegram.api_url;
    match token {
        Some(token) => judge::telegram(url, token::ask(token, url, environment)),
        None => Finding::unknown("telegram", format!("without a token {url} is not asked")),
    }
}

/// Whether the clock is kept by somebody; nothing where nobody tells.
fn synchronized() -> Option<bool> {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Some(true);
    }
    match output("timedatectl", &["show", "--property=NTPSynchronized", "--value"])?.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn systemd(settings: &Path) -> Vec<Finding> {
    if !Path::new("/run/systemd/system").exists() {
        return vec![Finding::unknown("systemd", "this host was not started by systemd")];
    }
    let stem = settings.file_stem().unwrap_or_default().to_string_lossy();
    let unit = if stem == "natrium" { "natrium.service".to_owned() } else { format!("natrium@{stem}.service") };
    let version = output("systemctl", &["--version"]).unwrap_or_default();
    let properties = "--property=LoadState,ActiveState,Result,NRestarts,UnitFileState,WatchdogUSec,Type";
    let shown = output("systemctl", &["show", properties, &unit]).unwrap_or_default();
    vec![judge::systemd(&version), judge::unit(&unit, &shown)]
}

/// What a program of the host prints, if it can be run.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stderr(Stdio::null()).output();
    Some(String::from_utf8_lossy(&output.ok()?.stdout).into_owned())
}
