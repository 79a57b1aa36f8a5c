//! `natrium init`: from a token, an owner if one is named, and a directory to settings and a credential with the right modes.
//!
//! What is asked is asked first; only then is anything written, each file whole or not at all.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use interfaces::offline::TelegramAnswer;
use settings::{BotToken, Environment, SecretSource, Settings};

use crate::arguments::Init;
use crate::draft::Draft;
use crate::exit::Exit;
use crate::interrupted::Interrupted;
use crate::programs::Owner;
use crate::prompt::{self, PromptError};
use crate::text::{complain, line, print};
use crate::token;

/// Telegram's own server.
const API: &str = "https://api.telegram.org";
/// Where packages put the settings, and where the units take the credential from.
const DIRECTORY: &str = "/etc/natrium";
/// Where published files go unless somebody wants them elsewhere.
const PUBLISHED: &str = "/var/lib/natrium-published";
/// The admin of the sample, whom Telegram does not know.
const NOBODY: i64 = 4_503_599_627_370_495;
/// How often somebody may give a token that is none.
const ATTEMPTS: usize = 5;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum InitError {
    #[error("{} is there already; --force replaces it", .0.display())]
    Exists(PathBuf),
    #[error("{0}")]
    Prompt(#[from] PromptError),
    #[error("{0}")]
    Token(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0} makes no admin; give ID:NAME, with the number that Telegram knows the person by")]
    Admin(String),
    #[error("{step} {}: {source}", path.display())]
    Disk { step: &'static str, path: PathBuf, source: io::Error },
    #[error("what would be written is not right:\n{0}")]
    Settings(String),
}

impl InitError {
    fn at(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { step, path, source }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Unreachable(_) => Exit::TryAgain,
            Self::Token(_) | Self::Settings(_) => Exit::Configuration,
            Self::Admin(_) => Exit::Usage,
            _ => Exit::Degraded,
        }
    }
}

/// What was answered.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Answers {
    admins: Vec<(i64, String)>,
    published: PathBuf,
    api_url: String,
    token: SecretSource,
}

pub(crate) fn run(words: &Init, environment: &Environment) -> Exit {
    match init(words, environment) {
        Ok(text) => {
            print(&text);
            Exit::Success
        }
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

fn init(words: &Init, environment: &Environment) -> Result<String, InitError> {
    let directory = words.directory.clone().unwrap_or_else(|| PathBuf::from(DIRECTORY));
    let directory = std::path::absolute(&directory).map_err(InitError::at("finding", &directory))?;
    let (settings, secret) = (directory.join("natrium.yml"), directory.join("bot-token"));
    // What a package or `scripts/install` puts there is for reading, until somebody makes it his own.
    let sample = is_sample(&settings, environment);
    if !words.force {
        for path in [&settings, &secret] {
            if path.symlink_metadata().is_ok() && !(sample && path == &settings) {
                return Err(InitError::Exists(path.clone()));
            }
        }
    }
    let api_url = words.api_url.clone().unwrap_or_else(|| API.to_owned());
    let (token, bot) = token_for(words, &api_url, environment)?;
    let admins = admins(words)?;
    let published = match &words.published {
        Some(published) => published.clone(),
        None if words.yes => PathBuf::from(PUBLISHED),
        None => PathBuf::from(prompt::line("Where to publish config files", Some(PUBLISHED))?),
    };
    // systemd hands the file over as a credential; somewhere else it is read from where it is.
    let is_usual = directory == Path::new(DIRECTORY);
    let source =
        if is_usual { SecretSource::Credential("bot-token".to_owned()) } else { SecretSource::File(secret.clone()) };
    let answers = Answers { admins, published, api_url, token: source };
    let text = text(&answers);
    let wrong = |problems: Vec<settings::Problem>| {
        problems.iter().map(|problem| format!("{}:{problem}", settings.display())).collect::<Vec<_>>().join("\n")
    };
    Settings::parse(text.as_bytes(), &directory, environment)
        .map_err(|problems| InitError::Settings(wrong(problems)))?;
    if sample {
        let kept = settings.with_extension("yml.sample");
        fs::rename(&settings, &kept).map_err(InitError::at("moving the sample to", &kept))?;
    }
    write(&directory, (&settings, &text), (&secret, token.expose()), words.force, is_usual)?;
    // As `settings check` reads it, from where it is now.
    Settings::load(&settings, environment).map_err(|error| InitError::Settings(error.to_string()))?;
    Ok(said(&settings, &secret, bot.as_deref(), is_usual, answers.admins.is_empty()))
}

/// Whether these settings are nobody's: the sample, as it is shipped or as an installation has adapted it, or an older one, whose
/// only admin there is not.
fn is_sample(path: &Path, environment: &Environment) -> bool {
    let is_nobodys =
        |settings: Settings| !settings.admins.is_empty() && settings.admins.iter().all(|admin| admin.id == NOBODY);
    fs::read_to_string(path).is_ok_and(|text| lines(&text).eq(lines(settings::SAMPLE)))
        || Settings::load(path, environment).is_ok_and(is_nobodys)
}

/// The lines of settings, whether they are commented out or not; an installation says where it publishes.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.trim_start_matches(['#', ' ']).trim_end());
    lines.map(|line| if line.starts_with("published:") { "published:" } else { line })
}

/// What to do next. Whom nobody has named becomes owner by a code.
fn said(settings: &Path, secret: &Path, bot: Option<&str>, is_usual: bool, is_nobodys: bool) -> String {
    let of = bot.map(|bot| format!(" of @{}", line(bot))).unwrap_or_default();
    let next = if is_usual {
        "systemctl enable --now natrium".to_owned()
    } else {
        format!("natriumd --settings {}", settings.display())
    };
    let which = if is_usual { String::new() } else { format!(" --settings {}", settings.display()) };
    let then = if is_nobodys {
        format!("natrium pair{which}\n  and send the bot the code that it shows: that makes you the owner")
    } else {
        "and send /help to the bot".to_owned()
    };
    format!(
        "{}: written and checked\n{}: the token{of}\n\nnext:\n  {next}\n  natrium status{which}\n  {then}\n",
        settings.display(),
        secret.display()
    )
}

/// The token, which Telegram knows, and the bot's name.
fn token_for(words: &Init, api_url: &str, environment: &Environment) -> Result<(BotToken, Option<String>), InitError> {
    for _ in 0..ATTEMPTS {
        let (given, is_asked) = match &words.token_file {
            Some(path) => (
                SecretSource::File(path.clone()).read(environment).map_err(|error| {
                    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
                    InitError::Token(format!("{error}{cause}"))
                })?,
                false,
            ),
            None if words.yes => return Err(InitError::Token("--yes needs --token-file".to_owned())),
            None => (prompt::secret("The bot's token, from @BotFather (it is not shown)")?, true),
        };
        let refusal = match BotToken::new(given) {
            Err(error) => error.to_string(),
            Ok(token) => match token::ask(&token, api_url, environment) {
                TelegramAnswer::Known { username, .. } => return Ok((token, Some(username))),
                TelegramAnswer::Refused { reason } => format!("Telegram does not know this token: {reason}"),
                TelegramAnswer::Unreachable { reason } => {
                    let text = format!("{api_url} cannot be asked about the token: {reason}");
                    if is_asked && prompt::yes(&format!("{text}. Take it all the same?"))? {
                        return Ok((token, None));
                    }
                    return Err(InitError::Unreachable(text));
                }
            },
        };
        if !is_asked {
            return Err(InitError::Token(refusal));
        }
        complain(&refusal);
    }
    Err(InitError::Token("that was no token of a bot; nothing was written".to_owned()))
}

/// Those who are named; nobody: the first owner comes by a code.
fn admins(words: &Init) -> Result<Vec<(i64, String)>, InitError> {
    if !words.admin.is_empty() {
        return words.admin.iter().map(|text| admin(text).ok_or_else(|| InitError::Admin(text.clone()))).collect();
    }
    // Nobody need be named: the bot takes a code for the first owner.
    if words.yes {
        return Ok(Vec::new());
    }
    loop {
        let question =
            "The owner's Telegram id, a number, or nothing to become owner by a code (@userinfobot tells it)";
        let id = prompt::line(question, None)?;
        if id.is_empty() {
            return Ok(Vec::new());
        }
        let name = prompt::line("The owner's name, for the others to see", None)?;
        match admin(&format!("{id}:{name}")) {
            Some(admin) => return Ok(vec![admin]),
            None => complain("the id is a number greater than 0, and the name is not empty"),
        }
    }
}

/// `ID:NAME`.
fn admin(text: &str) -> Option<(i64, String)> {
    let (id, name) = text.split_once(':')?;
    let (id, name) = (id.trim().parse().ok()?, name.trim());
    (id > 0 && !name.is_empty()).then(|| (id, name.to_owned()))
}

/// The settings file.
fn text(answers: &Answers) -> String {
    // A JSON string is a YAML string.
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let token = match &answers.token {
        SecretSource::File(path) => format!("{{ file: {} }}", quoted(&path.to_string_lossy())),
        SecretSource::Credential(name) | SecretSource::Environment(name) => format!("{{ credential: {name} }}"),
    };
    let admins: String =
        answers.admins.iter().map(|(id, name)| format!("  - {{ id: {id}, name: {} }}\n", quoted(name))).collect();
    let admins = if admins.is_empty() {
        "# Nobody is named: natrium pair shows the code that makes the first owner.\n".to_owned()
    } else {
        format!("admins:\n{admins}")
    };
    let api = if answers.api_url == API { String::new() } else { format!("  api_url: {}\n", quoted(&answers.api_url)) };
    format!(
        "# Settings of Natrium, written by natrium init. All there is: natrium settings sample; natrium.yml(5).\n\
         # After a change: natrium settings check, then systemctl reload natrium.\n\n\
         directories:\n  published: {}\n\n\
         telegram:\n  token: {token}\n{api}\n\
         {admins}",
        quoted(&answers.published.to_string_lossy()),
    )
}

/// Writes both files, and names them when both are whole.
fn write(
    directory: &Path,
    (settings, text): (&Path, &str),
    (secret, token): (&Path, &str),
    force: bool,
    is_usual: bool,
) -> Result<(), InitError> {
    // Root's alone but for the service's group, which reads the settings. The credential systemd reads as root.
    let group =
        if is_usual { Owner::named("natrium").filter(|_| Owner::own().uid == 0).map(|owner| owner.gid) } else { None };
    let give = |path: &Path| match group {
        Some(group) => std::os::unix::fs::lchown(path, None, Some(group)).map_err(InitError::at("giving away", path)),
        None => Ok(()),
    };
    let interrupted = Interrupted::listen().map_err(InitError::at("listening for signals before writing", settings))?;
    if !directory.is_dir() {
        let made = DirBuilder::new().recursive(true).mode(0o750).create(directory);
        made.map_err(InitError::at("making", directory))?;
        give(directory)?;
    }
    let begin = |path: &Path, mode, content: &str| {
        let written = Draft::begin(path, mode, Some(interrupted.clone())).and_then(|mut draft| {
            draft.write_all(content.as_bytes())?;
            draft.sync()?;
            Ok(draft)
        });
        written.map_err(InitError::at("writing", path))
    };
    let secret_draft = begin(secret, 0o600, &format!("{token}\n"))?;
    let settings_draft = begin(settings, if group.is_some() || !is_usual { 0o640 } else { 0o644 }, text)?;
    if let Some(path) = settings_draft.path() {
        give(path)?;
    }
    let name = |draft: Draft, path: &Path| {
        draft.rename(path, force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => InitError::Exists(path.to_owned()),
            _ => InitError::at("naming", path)(error),
        })
    };
    interrupted.check().map_err(InitError::at("writing", settings))?;
    // From here on signals are only noted: both names come.
    name(secret_draft, secret)?;
    name(settings_draft, settings).inspect_err(|_| {
        // Without settings the secret is nobody's.
        if !force {
            let _ = fs::remove_file(secret);
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_is_written_is_what_was_answered() {
        let odd = "O'Neil \"x\": #1 \\ Ж";
        let mut answers = Answers {
            admins: vec![(1, odd.to_owned()), (2, "Boris".to_owned())],
            published: PathBuf::from("/srv/with space: and #"),
            api_url: API.to_owned(),
            token: SecretSource::Credential("bot-token".to_owned()),
        };
        let read = |answers: &Answers| {
            Settings::parse(text(answers).as_bytes(), Path::new("/"), &Environment::default()).unwrap()
        };
        let settings = read(&answers);
        assert_eq!(settings.directories.published, answers.published);
        assert_eq!(settings.telegram.api_url, API);
        assert_eq!(settings.telegram.token, answers.token);
        assert_eq!(settings.admins[0].name, odd);
        assert_eq!(settings.admins.len(), 2);
        answers.admins.clear();
        assert_eq!(read(&answers).admins, [], "nobody need be named");
        answers.token = SecretSource::File(PathBuf::from("/d/bot-token"));
        answers.api_url = "http://127.0.0.1:8081".to_owned();
        let settings = read(&answers);
        assert_eq!(settings.telegram.token, answers.token);
        assert_eq!(settings.telegram.api_url, answers.api_url);
        answers.admins.clear();
        assert!(read(&answers).admins.is_empty());
    }

    #[test]
    fn who_named_nobody_is_told_how_to_become_owner() {
        let (settings, secret) = (Path::new("/d/natrium.yml"), Path::new("/d/bot-token"));
        let told = said(settings, secret, Some("x_bot"), false, true);
        assert!(told.contains("\n  natrium pair --settings /d/natrium.yml\n"), "{told}");
        assert!(told.ends_with("that makes you the owner\n"), "{told}");
        assert!(!said(settings, secret, None, true, false).contains("pair"));
    }

    #[test]
    fn admins_are_a_number_and_a_name() {
        assert_eq!(admin("7: Anna B"), Some((7, "Anna B".to_owned())));
        assert_eq!(admin("7:a:b"), Some((7, "a:b".to_owned())));
        for wrong in ["", "7", "7:", "0:Anna", "-1:Anna", "Anna:7", "7: "] {
            assert_eq!(admin(wrong), None, "{wrong}");
        }
    }
}
