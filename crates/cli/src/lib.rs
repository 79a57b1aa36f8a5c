//! `natrium`: the operator's command line.
//!
//! One module per subcommand, called like it. It owns nothing: it reads settings, asks the supervisor over
//! `io.natrium.Supervisor` and the writer over its interfaces, and says what it found, in words for people and in an exit code
//! for scripts.
#![allow(clippy::print_stdout, reason = "printing is what a command line does")]

mod admins;
mod archive;
mod arguments;
mod audit;
mod author;
mod backup;
mod change;
mod config;
mod death;
mod deaths;
mod diagnosis;
mod doctor;
mod draft;
mod exit;
mod failure;
mod findings;
mod follower;
mod init;
mod interrupted;
mod lock;
mod looks;
mod offline;
mod order;
mod pair;
mod preflight;
mod programs;
mod prompt;
mod record;
mod refusal;
mod reload;
mod restart;
mod restore;
mod screen;
mod service;
mod settings_check;
mod settings_sample;
mod settings_show;
mod source;
mod status;
mod successor;
mod table;
mod terminal;
mod text;
mod token;
mod view;
mod watch;
mod writer;

use std::process::ExitCode;

use clap::Parser;
use settings::Environment;

use arguments::{Arguments, Command, SettingsCommand};
use exit::Exit;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` are errors too, for clap.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            // Nobody is left to be told.
            let _ = error.print();
            return exit.into();
        }
    };
    let environment = Environment::from_process();
    let exit = match arguments.command {
        Command::Settings { command: SettingsCommand::Check { file } } => settings_check::run(file, &environment),
        Command::Settings { command: SettingsCommand::Show { json, file } } => {
            settings_show::run(file, json, &environment)
        }
        Command::Settings { command: SettingsCommand::Sample } => settings_sample::run(),
        Command::Status { deaths, json, service } => status::run(&service, deaths, json, &environment),
        Command::Deaths { worker, json, service } => deaths::run(&service, worker, json, &environment),
        Command::Watch { wait, json, service } => watch::run(&service, wait, json, &environment),
        Command::Reload { service } => reload::run(&service, &environment),
        Command::Config { command } => config::run(&command, &environment),
        Command::Audit(words) => audit::run(&words, &environment),
        Command::Admins { command, asking } => admins::run(command.as_ref(), &asking, &environment),
        Command::Pair { asking } => pair::run(&asking, &environment),
        Command::Init(words) => init::run(&words, &environment),
        Command::Doctor { settings, json } => doctor::run(settings, json, &environment),
        Command::Preflight { settings, json } => preflight::run(settings, json, &environment),
        Command::Backup { file, check, force, service } => backup::run(&file, check, force, &service, &environment),
        Command::Restore { file, settings } => restore::run(&file, settings, &environment),
        Command::Restart { worker, no_wait, service } => restart::run(&service, &worker, no_wait, &environment),
    };
    exit.into()
}
