//! `natrium preflight`: whether the service could be started with these programs and settings, asked while another release
//! still serves. It changes nothing and disturbs nobody.

use std::path::PathBuf;

use settings::Environment;

use crate::exit::Exit;
use crate::findings::{all_well, lines, report};
use crate::looks;
use crate::text::print;

pub(crate) fn run(settings: Option<PathBuf>, json: bool, environment: &Environment) -> Exit {
    let path = environment.settings_path(settings);
    let (mut findings, settings) = looks::settings(&path, environment);
    // What is allowed but probably not meant, `settings check` and `doctor` tell; it must not stop a deploy.
    findings.truncate(1);
    findings.push(looks::programs(environment));
    if let Some(settings) = settings {
        findings.push(looks::token(&settings, &path, environment).0);
        findings.extend(looks::api_hash(&settings, &path, environment));
        findings.extend(looks::directories(&settings));
        let (schema, bytes) = looks::schema(&looks::store_facts(&settings, environment));
        findings.push(schema);
        findings.extend(looks::space(&settings, bytes));
    }
    print(&if json { report(&findings) } else { lines(&findings) });
    if all_well(&findings) { Exit::Success } else { Exit::Configuration }
}
