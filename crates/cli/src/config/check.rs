//! `natrium config check`: everything that is wrong with a file, told without asking anybody to save it.

use std::path::Path;

use interfaces::configs::Problem;
use kinds::{Kind, Language, Rules};
use serde::Serialize;
use settings::{Environment, Settings};

use super::arguments::Check;
use super::document;
use crate::arguments::Service;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::refusal::problems_of;
use crate::service::ServiceError;
use crate::text::{complain, json, line, print};
use crate::writer::{PATIENCE, Writer};

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    valid: bool,
    problems: &'a [Problem],
}

pub(super) fn run(words: &Check, environment: &Environment) -> Result<Exit, Failure> {
    let kind = match &words.settings {
        Some(settings) => declared(&words.kind, settings, environment)?,
        None => {
            let service = Service { runtime_directory: words.runtime_directory.clone(), settings: None };
            let writer = Writer::reach(&service, PATIENCE, environment).map_err(without_service)?;
            validator(super::kind_of(&writer, &words.kind)?)?
        }
    };
    let content = document::bytes(&words.file)?;
    let problems = problems(&kind, &content);
    let name = document::name(&words.file);
    if words.json {
        print(&json(&Json { kind: &words.kind, valid: problems.is_empty(), problems: &problems }));
    } else if problems.is_empty() {
        print(&format!("{name}: ok, as {}\n", line(&words.kind)));
    } else {
        complain(&problems_of(&name, &problems));
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::Invalid })
}

/// Everything that is wrong, in English.
pub(super) fn problems(kind: &Kind, content: &[u8]) -> Vec<Problem> {
    let problem = |problem: kinds::Problem| Problem {
        line: i64::from(problem.line),
        column: i64::from(problem.column),
        reason: problem.sentence(Language::English),
        path: problem.path,
    };
    kind.validate(content).err().unwrap_or_default().into_iter().map(problem).collect()
}

/// A kind as the service has it, to validate by.
pub(super) fn validator(kind: interfaces::configs::Kind) -> Result<Kind, Failure> {
    let rules = kind.rules.map(|rules| serde_json::from_value::<Rules>(rules.into())).transpose();
    let rules = rules.map_err(|_| {
        let text = format!("{}: the service knows rules that this program does not; use its own release", kind.name);
        Failure::local(Exit::Degraded, text)
    })?;
    Ok(Kind { name: kind.name, file: kind.file, schema: kind.schema.into(), rules })
}

fn declared(name: &str, path: &Path, environment: &Environment) -> Result<Kind, Failure> {
    let settings = Settings::load(path, environment).map_err(ServiceError::Settings)?;
    let nearest = kinds::nearest(name, settings.configs.iter().map(|config| config.kind.name.as_str()));
    let nearest = nearest.map(str::to_owned);
    let config = settings.configs.into_iter().find(|config| config.kind.name == name);
    config.map(|config| config.kind).ok_or_else(|| super::no_such_kind(name, nearest.as_deref()))
}

fn without_service(mut failure: Failure) -> Failure {
    if failure.exit == Exit::NotRunning {
        failure.text.push_str("\nwithout it: natrium config check --settings FILE …");
    }
    failure
}
