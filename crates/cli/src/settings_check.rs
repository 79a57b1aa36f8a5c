//! `natrium settings check`: everything that is wrong with a settings file, or what it says.

use std::fmt::Write;
use std::path::PathBuf;

use settings::{Environment, Role, Settings, SettingsError};

use crate::exit::Exit;
use crate::text::{complain, print};

pub(crate) fn run(file: Option<PathBuf>, environment: &Environment) -> Exit {
    let path = environment.settings_path(file);
    match Settings::load(&path, environment) {
        Ok(settings) => {
            print(&format!("{}: ok\n{}", path.display(), summary(&settings)));
            for warning in settings.warnings(environment) {
                complain(&format!("{}: warning: {warning}", path.display()));
            }
            Exit::Success
        }
        Err(error) => {
            complain(&error.to_string());
            if let SettingsError::Invalid { problems, .. } = &error {
                let count = problems.len();
                complain(&format!("{}: {count} problem{}", path.display(), if count == 1 { "" } else { "s" }));
            }
            Exit::Configuration
        }
    }
}

/// What the settings say, a line each.
pub(crate) fn summary(settings: &Settings) -> String {
    let join = |items: Vec<String>| items.join(", ");
    let directories = &settings.directories;
    let rows = [
        ("instance", settings.instance.clone()),
        ("language", settings.language.to_string()),
        ("log", settings.log.as_str().to_owned()),
        ("state", directories.state.display().to_string()),
        ("runtime", directories.runtime.display().to_string()),
        ("published", directories.published.display().to_string()),
        ("api", settings.telegram.api_url.clone()),
        ("token", format!("from {}", settings.telegram.token)),
        ("admins", admins(settings)),
        (
            "configs",
            join(
                settings.configs.iter().map(|config| format!("{} ({})", config.kind.name, config.kind.file)).collect(),
            ),
        ),
    ];
    rows.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "  {name:<10} {value}");
        text
    })
}

/// Those who are named, with their roles where these are not the owner's.
fn admins(settings: &Settings) -> String {
    if settings.admins.is_empty() {
        return "none; the bot takes the first owner's code, which natrium pair shows".to_owned();
    }
    let one = |admin: &settings::Admin| {
        let general = admin.role.filter(|role| *role != Role::Owner).map(|role| role.as_str().to_owned());
        let single = admin.kinds.iter().map(|one| format!("{} of {}", one.role.as_str(), one.kind));
        let roles: Vec<String> = [admin.id.to_string()].into_iter().chain(general).chain(single).collect();
        format!("{} ({})", admin.name, roles.join(", "))
    };
    settings.admins.iter().map(one).collect::<Vec<_>>().join(", ")
}
