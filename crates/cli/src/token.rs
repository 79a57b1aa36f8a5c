//! The bot's token, looked at and asked about, and never shown. Only `natrium-bot` speaks with Telegram: we run one.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use interfaces::offline::{AskTelegram, TelegramAnswer};
use settings::{BotToken, Environment, SecretSource};

use crate::programs;

/// Where a secret lies for somebody who looks from a shell: systemd hands credentials to the service only, from files whose
/// usual places beside the settings are known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// There it can be read.
    Here(SecretSource),
    /// Only systemd knows.
    Elsewhere { name: String },
}

/// Where to look for `source`; `exists` tells whether there is a file.
pub(crate) fn place(
    source: &SecretSource,
    settings: &Path,
    environment: &Environment,
    exists: impl Fn(&Path) -> bool,
) -> Place {
    let SecretSource::Credential(name) = source else { return Place::Here(source.clone()) };
    if environment.get("CREDENTIALS_DIRECTORY").is_some() {
        return Place::Here(source.clone());
    }
    let stem = settings.file_stem().unwrap_or_default().to_string_lossy();
    let usual: [PathBuf; 2] = if stem == "natrium" {
        [settings.with_file_name(name), settings.with_file_name(format!("natrium.{name}"))]
    } else {
        [settings.with_file_name(format!("{stem}.{name}")), settings.with_file_name(name)]
    };
    match usual.into_iter().find(|path| exists(path)) {
        Some(path) => Place::Here(SecretSource::File(path)),
        None => Place::Elsewhere { name: name.clone() },
    }
}

/// Asks Telegram about a token. Takes some seconds at most.
pub(crate) fn ask(token: &BotToken, api_url: &str, environment: &Environment) -> TelegramAnswer {
    let unreachable = |reason: String| TelegramAnswer::Unreachable { reason };
    let question = AskTelegram { api_url: api_url.to_owned(), token: token.expose().to_owned() };
    let asked = || -> std::io::Result<String> {
        let mut command = programs::command(&programs::directory(environment)?, "natrium-bot", environment);
        for name in [
            "https_proxy",
            "HTTPS_PROXY",
            "http_proxy",
            "all_proxy",
            "ALL_PROXY",
            "no_proxy",
            "NO_PROXY",
            "SSL_CERT_FILE",
        ] {
            command.envs(environment.get(name).map(|value| (name, value)));
        }
        let mut child = command.arg("--ask").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // One that has ended already is seen by its missing answer.
            let _ = input.write_all(&serde_json::to_vec(&question)?);
        }
        let mut answer = String::new();
        if let Some(mut output) = child.stdout.take() {
            output.read_to_string(&mut answer)?;
        }
        child.wait()?;
        Ok(answer)
    };
    match asked() {
        Ok(answer) => serde_json::from_str(&answer)
            .unwrap_or_else(|_| unreachable("natrium-bot ended without an answer".to_owned())),
        Err(error) => unreachable(format!("running natrium-bot: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_looked_for_where_the_units_take_it_from() {
        let credential = SecretSource::Credential("bot-token".to_owned());
        let look = |settings: &str, there: &str, environment: &Environment| {
            place(&credential, Path::new(settings), environment, |path| path == Path::new(there))
        };
        let here = |path: &str| Place::Here(SecretSource::File(path.into()));
        let none = Environment::default();
        let (usual, second) = ("/etc/natrium/natrium.yml", "/etc/natrium/shop.yml");
        assert_eq!(look(usual, "/etc/natrium/bot-token", &none), here("/etc/natrium/bot-token"));
        assert_eq!(look(second, "/etc/natrium/shop.bot-token", &none), here("/etc/natrium/shop.bot-token"));
        assert_eq!(look(usual, "/elsewhere", &none), Place::Elsewhere { name: "bot-token".to_owned() });
        let service: Environment = [("CREDENTIALS_DIRECTORY", "/run/credentials/x")].into_iter().collect();
        assert_eq!(look(usual, "/etc/natrium/bot-token", &service), Place::Here(credential.clone()));
        let file = SecretSource::File("/token".into());
        assert_eq!(place(&file, Path::new(usual), &none, |_| false), Place::Here(file));
    }
}
