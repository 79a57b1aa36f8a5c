//! What `preflight` and `doctor` both look at. Each look decides in a pure function; what it is told is gathered beside it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use interfaces::offline::{Answer, Job};
use interfaces::store::{Client, GetInfo};
use settings::{BotToken, Environment, SecretSource, Settings, SettingsError};

use crate::findings::Finding;
use crate::offline::{self, Offline, OfflineError};
use crate::programs::{self, Owner};
use crate::source;
use crate::text::bytes;
use crate::token::{self, Place};

/// The programs without which there is no service.
const PROGRAMS: [&str; 3] = ["natriumd", "natrium-writer", "natrium-bot"];
/// Those that are looked at where they are.
const MORE_PROGRAMS: [&str; 1] = ["natrium-web"];

/// The longest path of a socket (`sun_path` in unix(7), with its NUL).
const SOCKET_PATH: usize = 107;
/// The longest name of a socket in the runtime directory.
const LONGEST_SOCKET: &str = "supervisor.sock";

/// Bytes on the disk below which it is told: the writer's reserve, its log, and some uploads.
const SPARE: u64 = 64 << 20;

/// The settings, if they are right.
pub(crate) fn settings(path: &Path, environment: &Environment) -> (Vec<Finding>, Option<Settings>) {
    const WHAT: &str = "settings";
    match Settings::load(path, environment) {
        Ok(settings) => {
            let warnings = settings.warnings(environment);
            let mut findings = vec![Finding::ok(WHAT, path.display().to_string())];
            findings.extend(warnings.iter().map(|warning| {
                Finding::problem(WHAT, warning.to_string(), format!("change {} or what it names", path.display()))
            }));
            (findings, Some(settings))
        }
        Err(error) => {
            let advice = match &error {
                SettingsError::Missing { .. } => "natrium init".to_owned(),
                SettingsError::Read { .. } => "run this as root or as the service's user".to_owned(),
                SettingsError::Invalid { .. } => format!("mend it, and ask natrium settings check {}", path.display()),
            };
            (vec![Finding::problem(WHAT, error.to_string(), advice)], None)
        }
    }
}

/// The token, if there is one that has the form of one.
pub(crate) fn token(settings: &Settings, path: &Path, environment: &Environment) -> (Finding, Option<BotToken>) {
    const WHAT: &str = "token";
    let source = &settings.telegram.token;
    match token::place(source, path, environment, |path| path.exists()) {
        Place::Elsewhere { name } => {
            let found = format!("the credential {name} is systemd's to hand over, and not in its usual place");
            (Finding::unknown(WHAT, found), None)
        }
        Place::Here(SecretSource::Environment(name)) if environment.get(&name).is_none() => {
            (Finding::unknown(WHAT, format!("the variable {name} is set for the service only")), None)
        }
        Place::Here(place) => match place.read(environment) {
            Err(error) => {
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
                let advice = format!("put the bot's token there, readable for root or the service only ({source})");
                (Finding::problem(WHAT, format!("{error}{cause}"), advice), None)
            }
            Ok(secret) => match BotToken::new(secret) {
                Ok(token) => (Finding::ok(WHAT, format!("of bot {}, from {place}", token.id())), Some(token)),
                Err(error) => {
                    (Finding::problem(WHAT, format!("{error} ({place})"), "copy all of it from @BotFather"), None)
                }
            },
        },
    }
}

/// The other secret, where the settings name one.
pub(crate) fn api_hash(settings: &Settings, path: &Path, environment: &Environment) -> Option<Finding> {
    const WHAT: &str = "api hash";
    let source = settings.telegram.api_hash.as_ref()?;
    Some(match token::place(source, path, environment, |path| path.exists()) {
        Place::Here(place) => match place.read(environment) {
            Ok(_) => Finding::ok(WHAT, format!("from {place}")),
            Err(error) => {
                Finding::problem(WHAT, error.to_string(), "put it there, or take api_hash out of the settings")
            }
        },
        Place::Elsewhere { name } => Finding::unknown(WHAT, format!("the credential {name} is systemd's to hand over")),
    })
}

/// What is known of a directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Directory {
    Missing { parent: bool },
    NotOne,
    There { mode: u32, owner: Owner },
    Unseen(String),
}

impl Directory {
    pub(crate) fn look(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_dir() => Self::NotOne,
            Ok(metadata) => Self::There {
                mode: metadata.mode() & 0o7777,
                owner: Owner { uid: metadata.uid(), gid: metadata.gid() },
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Self::Missing { parent: path.ancestors().skip(1).any(Path::is_dir) }
            }
            Err(error) => Self::Unseen(error.to_string()),
        }
    }
}

/// What a directory is there for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    State,
    Runtime,
    Published,
}

/// Whether a directory serves its purpose. `nested`: published files lie in the state directory, which others then pass through.
pub(crate) fn judge_directory(path: &Path, purpose: Purpose, nested: bool, is: &Directory) -> Finding {
    let what = match purpose {
        Purpose::State => "state",
        Purpose::Runtime => "runtime",
        Purpose::Published => "published",
    };
    let name = path.display();
    let (ok, problem) = (|found| Finding::ok(what, found), |found, advice| Finding::problem(what, found, advice));
    if purpose == Purpose::Runtime {
        let length = path.join(LONGEST_SOCKET).as_os_str().len();
        if length > SOCKET_PATH {
            let found = format!(
                "{name} is too long for sockets: {length} bytes with {LONGEST_SOCKET}, of at most {SOCKET_PATH}"
            );
            return problem(found, "choose a shorter directories.runtime".to_owned());
        }
    }
    let allowed = match purpose {
        Purpose::State if nested => 0o711,
        Purpose::State => 0o700,
        Purpose::Runtime => 0o755,
        Purpose::Published => 0o7755,
    };
    match is {
        Directory::Missing { parent: true } => ok(format!("{name} is not there yet; the service makes it")),
        Directory::Missing { parent: false } | Directory::NotOne => {
            problem(format!("{name} is no directory"), "make it one, or name another in the settings".to_owned())
        }
        Directory::Unseen(error) => Finding::unknown(what, format!("{name}: {error}")),
        Directory::There { mode, .. } if mode & !allowed != 0 => problem(
            format!("{name} has mode {mode:o}, which lets others do more than {allowed:o}"),
            format!("chmod {:o} {name}", mode & allowed),
        ),
        Directory::There { mode, .. } => ok(format!("{name}, mode {mode:o}")),
    }
}

/// All three directories.
pub(crate) fn directories(settings: &Settings) -> Vec<Finding> {
    let directories = &settings.directories;
    let nested = directories.published.starts_with(&directories.state);
    [
        (Purpose::State, &directories.state),
        (Purpose::Runtime, &directories.runtime),
        (Purpose::Published, &directories.published),
    ]
    .map(|(purpose, path)| judge_directory(path, purpose, nested, &Directory::look(path)))
    .into()
}

/// What a program beside this one said to `--version`.
pub(crate) type Said = Result<String, String>;

/// Whether the programs belong together.
pub(crate) fn judge_programs(directory: &Path, said: &[(&'static str, Said)]) -> Finding {
    const WHAT: &str = "programs";
    let own = env!("CARGO_PKG_VERSION");
    let wrong: Vec<String> = said
        .iter()
        .filter_map(|(program, said)| match said {
            Ok(said) if *said == format!("{program} {own}") => None,
            Ok(said) => Some(format!("{program} is another version: {said:?}, and this is {own}")),
            Err(error) => Some(format!("{program} cannot be run: {error}")),
        })
        .collect();
    if wrong.is_empty() {
        let names: Vec<_> = said.iter().map(|(program, _)| *program).collect();
        return Finding::ok(WHAT, format!("{} {own} in {}", names.join(", "), directory.display()));
    }
    Finding::problem(WHAT, wrong.join("\n"), "install all programs of one release into one directory")
}

pub(crate) fn programs(environment: &Environment) -> Finding {
    let directory = match programs::directory(environment) {
        Ok(directory) => directory,
        Err(error) => return Finding::unknown("programs", format!("finding their directory: {error}")),
    };
    let more = MORE_PROGRAMS.into_iter().filter(|program| directory.join(program).exists());
    let said: Vec<_> =
        PROGRAMS.into_iter().chain(more).map(|program| (program, version(&directory, program, environment))).collect();
    judge_programs(&directory, &said)
}

fn version(directory: &Path, program: &str, environment: &Environment) -> Said {
    let output = programs::command(directory, program, environment)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{}", output.status))
    }
}

/// Whether there is space. `store`: how large the store is, of which a backup makes a copy for a while.
pub(crate) fn judge_space(path: &Path, free: u64, store: u64) -> Finding {
    let needed = store.saturating_add(SPARE);
    let found = format!("{} free in {}", bytes(free), path.display());
    if free >= needed {
        return Finding::ok("disk", found);
    }
    Finding::problem(
        "disk",
        format!("only {found}"),
        format!("make space: {} let uploads and backups go on", bytes(needed)),
    )
}

pub(crate) fn space(settings: &Settings, store: u64) -> Vec<Finding> {
    let directories = [&settings.directories.state, &settings.directories.published];
    let mut seen = Vec::new();
    let mut findings = Vec::new();
    for directory in directories {
        // One that is not there yet will lie on its parent's disk.
        let Some(place) = directory.ancestors().find(|place| place.is_dir()) else { continue };
        let disk = fs::metadata(place).map(|metadata| metadata.dev()).unwrap_or_default();
        if seen.contains(&disk) {
            continue;
        }
        seen.push(disk);
        findings.push(match rustix::fs::statvfs(place) {
            Ok(disk) => judge_space(place, disk.f_bavail.saturating_mul(disk.f_frsize), store),
            Err(error) => Finding::unknown("disk", format!("{}: {error}", place.display())),
        });
    }
    findings
}

/// What is known of the store without looking through it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StoreFacts {
    /// Its schema; nothing: there is no store yet.
    pub(crate) schema: Option<i64>,
    /// The oldest schema whose programs may work with it.
    pub(crate) since: Option<i64>,
    /// The newest schema that the writer beside us knows.
    pub(crate) known: i64,
    pub(crate) bytes: u64,
    /// What the kernel enforces on the writer, in words.
    pub(crate) sandbox: String,
    /// A writer that runs has told it.
    pub(crate) is_served: bool,
}

/// Asks the writer that runs, or else one of our own, which disturbs nobody.
pub(crate) fn store_facts(settings: &Settings, environment: &Environment) -> Result<StoreFacts, OfflineError> {
    let owner = Owner::of_service(&settings.directories.state);
    let mut request = offline::request(settings, Job::Info);
    let running = running_store(settings).ok();
    if running.is_some() {
        // Only what our writer knows is asked: the store is somebody's who is at work.
        request.state = PathBuf::from("/dev/null/nowhere");
    }
    let Answer::Info { schema, since, known, bytes, sandbox } = Offline::answer_to(&request, owner, environment)?
    else {
        return Err(OfflineError::OtherAnswer);
    };
    Ok(match running {
        Some((schema, since, bytes)) => {
            StoreFacts { schema: Some(schema), since: Some(since), known, bytes, sandbox, is_served: true }
        }
        None => StoreFacts { schema, since, known, bytes, sandbox, is_served: false },
    })
}

/// The schema of the store, the oldest that will do, and its size, of a service that runs and knows how to say so.
fn running_store(settings: &Settings) -> Result<(i64, i64, u64), ()> {
    let client: Client = source::store(&settings.directories.runtime).map_err(drop)?.ok_or(())?;
    let runtime = source::runtime().map_err(drop)?;
    let info = runtime.block_on(client.get_info(&GetInfo {})).map_err(drop)?;
    Ok((info.schema, info.since, u64::try_from(info.bytes).unwrap_or(0)))
}

/// Whether the programs beside this one can work on the store.
pub(crate) fn judge_schema(facts: &StoreFacts) -> Finding {
    const WHAT: &str = "schema";
    let known = facts.known;
    match facts.schema {
        None => Finding::ok(WHAT, format!("there is no store yet; it will have schema {known}")),
        Some(schema) if schema > known && facts.since.is_some_and(|since| since <= known) => Finding::ok(
            WHAT,
            format!("the store has schema {schema}, which only adds to what these programs know, {known}"),
        ),
        Some(schema) if schema > known => Finding::problem(
            WHAT,
            format!("the store has schema {schema}, and these programs know {known}"),
            "use the release that wrote it, or a newer one",
        ),
        Some(schema) if schema < known => {
            Finding::ok(WHAT, format!("the store has schema {schema}; the start brings it to {known}"))
        }
        Some(schema) => Finding::ok(WHAT, format!("the store has schema {schema}, as these programs")),
    }
}

pub(crate) fn schema(facts: &Result<StoreFacts, OfflineError>) -> (Finding, u64) {
    match facts {
        Ok(facts) => (judge_schema(facts), facts.bytes),
        Err(OfflineError::Failed { reason, lasting: true }) => (
            Finding::problem("schema", reason, "natrium doctor tells more; natrium restore puts a backup in its place"),
            0,
        ),
        Err(error) => (Finding::unknown("schema", error.to_string()), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::State;

    fn there(mode: u32) -> Directory {
        Directory::There { mode, owner: Owner { uid: 0, gid: 0 } }
    }

    #[test]
    fn directories_are_for_those_who_need_them() {
        let judge = |purpose, nested, is: &Directory| judge_directory(Path::new("/d"), purpose, nested, is);
        assert_eq!(judge(Purpose::State, false, &there(0o700)).state, State::Ok);
        let open = judge(Purpose::State, false, &there(0o711));
        assert_eq!((open.state, open.advice.as_deref()), (State::Problem, Some("chmod 700 /d")));
        assert_eq!(judge(Purpose::State, true, &there(0o711)).state, State::Ok);
        assert_eq!(judge(Purpose::State, true, &there(0o755)).state, State::Problem);
        assert_eq!(judge(Purpose::Runtime, false, &there(0o750)).state, State::Ok);
        assert_eq!(judge(Purpose::Runtime, false, &there(0o777)).state, State::Problem);
        assert_eq!(judge(Purpose::Published, false, &there(0o2750)).state, State::Ok);
        assert_eq!(judge(Purpose::Published, false, &there(0o777)).state, State::Problem);
        assert_eq!(judge(Purpose::State, false, &Directory::Missing { parent: true }).state, State::Ok);
        assert_eq!(judge(Purpose::State, false, &Directory::NotOne).state, State::Problem);
        assert_eq!(judge(Purpose::State, false, &Directory::Unseen("no".into())).state, State::Unknown);
        let long = PathBuf::from(format!("/{}", "d".repeat(91)));
        assert_eq!(judge_directory(&long, Purpose::Runtime, false, &there(0o750)).state, State::Problem);
        assert_eq!(judge_directory(&long, Purpose::State, false, &there(0o700)).state, State::Ok);
    }

    #[test]
    fn programs_are_of_one_version() {
        let own = env!("CARGO_PKG_VERSION");
        let good = ("natriumd", Ok(format!("natriumd {own}")));
        let judge = |said: &[(&'static str, Said)]| judge_programs(Path::new("/p"), said);
        assert_eq!(judge(std::slice::from_ref(&good)).state, State::Ok);
        let bad =
            judge(&[good, ("natrium-bot", Ok("natrium-bot 9.9.9".into())), ("natrium-writer", Err("gone".into()))]);
        assert_eq!(bad.state, State::Problem);
        assert!(
            bad.found.contains("natrium-bot is another version")
                && bad.found.contains("natrium-writer cannot be run: gone")
        );
    }

    #[test]
    fn only_a_newer_schema_that_does_more_than_add_is_a_problem() {
        let judge = |schema, since| {
            let sandbox = String::new();
            judge_schema(&StoreFacts { schema, since, known: 2, bytes: 0, sandbox, is_served: true }).state
        };
        assert_eq!(
            [judge(None, None), judge(Some(1), Some(1)), judge(Some(2), Some(1)), judge(Some(3), Some(2))],
            [State::Ok, State::Ok, State::Ok, State::Ok]
        );
        assert_eq!([judge(Some(3), Some(3)), judge(Some(3), None)], [State::Problem, State::Problem]);
    }

    #[test]
    fn space_is_for_a_copy_of_the_store_too() {
        let judge = |free, store| judge_space(Path::new("/"), free, store).state;
        assert_eq!(judge(SPARE, 0), State::Ok);
        assert_eq!(judge(SPARE - 1, 0), State::Problem);
        assert_eq!(judge(SPARE, 1), State::Problem);
    }
}
