//! What a hook's process is started with: its program, its arguments, its environment. Pure, and from the settings alone: nothing
//! here comes from who asks but which kind and version it is about.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use settings::{HookRun, Settings};

use crate::spawn::Program;

/// Where systemctl lies, the first that there is.
const SYSTEMCTL: [&str; 2] = ["/usr/bin/systemctl", "/bin/systemctl"];

/// What a hook inherits of the supervisor's own environment, if it is set.
const INHERITED: [&str; 2] = ["PATH", "LANG"];

/// What is to be run.
pub(super) struct Command {
    pub(super) program: Program,
    /// How long it may take.
    pub(super) limit: Duration,
    /// For messages.
    pub(super) path: PathBuf,
}

/// What the settings want run after this version was published; nothing if they want nothing. `variable` answers the
/// supervisor's own environment, `exists` whether there is such a file.
pub(super) fn command(
    settings: &Settings,
    kind: &str,
    version: i64,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> Option<Command> {
    let config = settings.configs.iter().find(|config| config.kind.name == kind)?;
    let hook = config.after_publish.as_ref()?;
    let words = match &hook.run {
        HookRun::Command(words) => words.clone(),
        HookRun::Unit(unit) => {
            let systemctl = SYSTEMCTL.iter().find(|path| exists(Path::new(path))).unwrap_or(&SYSTEMCTL[0]);
            [systemctl, "reload-or-restart", unit].map(str::to_owned).to_vec()
        }
    };
    let (path, arguments) = words.split_first()?;
    let file = settings.directories.published.join(&config.kind.file);
    let inherited = INHERITED.iter().filter_map(|name| Some((*name, variable(name)?)));
    let own = [
        ("NATRIUM_KIND", OsString::from(kind)),
        ("NATRIUM_FILE", file.into_os_string()),
        ("NATRIUM_VERSION", OsString::from(version.to_string())),
    ];
    let entry = |(name, value): (&str, OsString)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat());
    let program = Program {
        path: text(path.as_bytes()),
        arguments: arguments.iter().map(|word| text(word.as_bytes())).collect(),
        environment: inherited.chain(own).map(entry).collect(),
        own_pid: &[],
    };
    Some(Command { program, limit: hook.timeout(), path: PathBuf::from(path) })
}

/// Settings hold no NUL, and nor can an environment; one would end the text.
fn text(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    /// `after_publish` as the settings have it.
    fn settings(after_publish: serde_json::Value) -> Settings {
        let mut config = json!({"name": "fees", "file": "fees.yml", "schema": "{}"});
        if !after_publish.is_null() {
            config["after_publish"] = after_publish;
            config["after_publish"]["timeout"] = 7.into();
        }
        let settings = json!({
            "instance": "natrium", "language": "en", "log": "info", "admins": [], "configs": [config],
            "directories": {"state": "/s", "runtime": "/r", "published": "/p"},
            "telegram": {"api_url": "http://127.0.0.1:9", "token": {"file": "/t"}},
            "web": {"enabled": false, "api": "127.0.0.1:0", "page": "127.0.0.1:0"},
        });
        serde_json::from_value(settings).unwrap()
    }

    fn words(settings: &Settings, exists: impl Fn(&Path) -> bool) -> Vec<String> {
        let own = |name: &str| match name {
            "PATH" => Some(OsString::from("/usr/bin:/bin")),
            "HOME" | "NATRIUM_BOT_TOKEN" | "NOTIFY_SOCKET" => Some(OsString::from("secret")),
            _ => None,
        };
        let command = command(settings, "fees", 12, own, exists).unwrap();
        assert_eq!(command.limit, Duration::from_secs(7));
        let environment: Vec<_> = command.program.environment.iter().map(|entry| entry.to_str().unwrap()).collect();
        let expected = ["PATH=/usr/bin:/bin", "NATRIUM_KIND=fees", "NATRIUM_FILE=/p/fees.yml", "NATRIUM_VERSION=12"];
        assert_eq!(environment, expected);
        let words = [&command.program.path].into_iter().chain(&command.program.arguments);
        words.map(|word| word.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_command_is_run_as_it_stands_and_by_no_shell() {
        let settings = settings(json!({"command": ["/opt/reload", "$HOME; rm", "", "*"]}));
        assert_eq!(words(&settings, |_| false), ["/opt/reload", "$HOME; rm", "", "*"]);
    }

    #[test]
    fn a_unit_is_reloaded_by_the_hosts_own_systemctl() {
        let settings = settings(json!({"unit": "shop.service"}));
        let expected = |path: &str| [path, "reload-or-restart", "shop.service"].map(str::to_owned);
        assert_eq!(words(&settings, |_| true), expected("/usr/bin/systemctl"));
        assert_eq!(words(&settings, |path| path.starts_with("/bin")), expected("/bin/systemctl"));
        assert_eq!(words(&settings, |_| false), expected("/usr/bin/systemctl"));
    }

    #[test]
    fn where_the_settings_want_nothing_there_is_nothing() {
        assert!(command(&settings(json!(null)), "fees", 1, |_| None, |_| true).is_none());
        let settings = settings(json!({"command": ["/opt/reload"]}));
        assert!(command(&settings, "rates", 1, |_| None, |_| true).is_none());
    }
}
