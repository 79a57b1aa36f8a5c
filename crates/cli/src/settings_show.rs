//! `natrium settings show`: what a settings file comes to. `natriumd` reads its settings through this.

use std::path::PathBuf;

use settings::{Environment, Settings};

use crate::exit::Exit;
use crate::settings_check::summary;
use crate::text::{complain, print};

pub(crate) fn run(file: Option<PathBuf>, json: bool, environment: &Environment) -> Exit {
    match Settings::load(&environment.settings_path(file), environment) {
        // Plain data with string keys: there is nothing that could fail.
        Ok(settings) if json => print(&(serde_json::to_string(&settings).unwrap_or_default() + "\n")),
        Ok(settings) => print(&summary(&settings)),
        Err(error) => {
            complain(&error.to_string());
            return Exit::Configuration;
        }
    }
    Exit::Success
}
