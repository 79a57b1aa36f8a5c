//! The writer as a program: from its settings to a listener that is served, and back.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use interfaces::admins::{Admin, KindRole, Role};
use interfaces::configs::Problem;
use worker::events::PAIRING_CODE;
use worker::{Context, Exit, Sandbox, Start, Worker};

mod hooks;

use crate::configs::KindSpec;
use crate::store::{OpenError, StoreError};
use crate::{Declared, Directories, Writer};

/// The program `natrium-writer`. With `--offline` it does one job for `natrium` and ends.
#[must_use]
pub fn main() -> ExitCode {
    if std::env::args_os().skip(1).eq(["--offline"]) {
        return crate::offline::main();
    }
    worker::run::<Process>()
}

/// What the writer may touch: the state and the published files, and no network.
#[must_use]
pub fn sandbox(start: &Start) -> Sandbox {
    let directories = &start.settings.directories;
    Sandbox::closed().write(&directories.state).write(&directories.published)
}

/// The status is told at most this often: uploads come faster than anybody reads.
const TOLD_EVERY: Duration = Duration::from_millis(200);

struct Process {
    directories: Directories,
}

impl Worker for Process {
    const NAME: &'static str = "writer";

    fn prepare(start: &Start) -> Result<Self, Exit> {
        let directories = &start.settings.directories;
        let directories = Directories::open(&directories.state, &directories.published).map_err(exit)?;
        Ok(Self { directories })
    }

    fn sandbox(start: &Start) -> Sandbox {
        sandbox(start)
    }

    async fn run(self, mut context: Context) -> Result<(), Exit> {
        let kinds = context.settings.configs.iter().map(spec).collect();
        let admins = context.settings.admins.iter().map(fixed).collect();
        // Handed down by a release that does not say it, nobody knows whose doing a difference is; the next start compares.
        let file = Some(context.settings.file.clone()).filter(|file| !file.is_empty());
        let writer = Writer::open(self.directories, Declared { kinds, admins, file }).await.map_err(exit)?;
        let alive = writer.pulse();
        context.alive_while(Box::new(move || Box::pin(alive.clone().beat())));
        let hooks = hooks::by_the_supervisor(&context);
        let mut served = context.serve(|server| writer.offer(server))?;
        tell_pairing(&writer).await;
        let mut status = writer.status();
        context.notify.ready(&status.text());
        let telling = async {
            loop {
                status.changed().await;
                context.notify.status(&status.text());
                tokio::time::sleep(TOLD_EVERY).await;
            }
        };
        let ended = tokio::select! {
            ended = &mut served => ended,
            () = writer.upkeep() => Ok(()),
            () = writer.hooks(hooks) => Ok(()),
            () = telling => Ok(()),
        };
        ended.context("serving").map_err(Exit::Software)?;
        writer.close().await;
        Ok(())
    }
}

/// Tells who reads the log how to become the first owner. The one secret that a log ever holds: it is of use only as long as nobody
/// owns the service, to nobody but who can read this log, and only together with the bot; `natrium pair` shows it as well.
async fn tell_pairing(writer: &Writer) {
    match writer.pairing().await {
        Ok(Some(code)) => {
            worker::event!(
                info,
                PAIRING_CODE,
                "nobody owns this service yet: who sends /pair {code} to the bot first will"
            );
        }
        Ok(None) => {}
        Err(error) => tracing::warn!("cannot tell whether anybody owns this service: {error}"),
    }
}

/// Somebody whom the settings name.
fn fixed(admin: &settings::Admin) -> Admin {
    let role = |role| match role {
        settings::Role::Viewer => Role::Viewer,
        settings::Role::Admin => Role::Admin,
        settings::Role::Owner => Role::Owner,
    };
    let kinds = admin.kinds.iter().map(|one| KindRole { kind: one.kind.clone(), role: role(one.role) }).collect();
    Admin { user: admin.id, name: admin.name.clone(), role: admin.role.map(role), kinds, fixed: true, since_ms: 0 }
}

/// A kind of the settings as the core needs it.
fn spec(config: &settings::Config) -> KindSpec {
    let kind = &config.kind;
    let rules = kind.rules.and_then(|rules| serde_json::to_value(rules).ok());
    let validated = kind.clone();
    KindSpec {
        name: kind.name.clone(),
        file: kind.file.clone(),
        schema: kind.schema.to_string(),
        rules: rules.and_then(|rules| rules.as_str().map(str::to_owned)),
        approval: config.approval,
        hook: config.after_publish.is_some(),
        validate: Arc::new(move |content| match validated.validate(content) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(problem).collect(),
        }),
    }
}

fn problem(problem: kinds::Problem) -> Problem {
    Problem {
        line: problem.line.into(),
        column: problem.column.into(),
        reason: problem.sentence(kinds::Language::English),
        path: problem.path,
    }
}

/// What a failed start means to the parent: whether trying again could help.
fn exit(error: OpenError) -> Exit {
    match &error {
        // The one before us may still be on its way out.
        OpenError::Locked { .. } => Exit::TryAgain(error.into()),
        OpenError::Newer { .. } | OpenError::Foreign { .. } => Exit::Configuration(error.into()),
        OpenError::Path { source, .. } => match source.kind() {
            std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::NotADirectory
            | std::io::ErrorKind::ReadOnlyFilesystem
            | std::io::ErrorKind::Unsupported => Exit::Configuration(error.into()),
            _ => Exit::TryAgain(error.into()),
        },
        OpenError::Store { source: StoreError::Refused(_) | StoreError::Panicked, .. } => Exit::Software(error.into()),
        OpenError::Store { .. } => Exit::TryAgain(error.into()),
    }
}
