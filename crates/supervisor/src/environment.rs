//! The exact environment of a worker: what is listed here, and nothing else of what the supervisor was started with. Pure.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use crate::topology::WorkerSpec;

/// Variables that every worker inherits if they are set.
const INHERITED: [&str; 7] = ["PATH", "LANG", "LC_ALL", "LC_MESSAGES", "TZ", "JOURNAL_STREAM", "NATRIUM_LOG"];

/// Variables that hold the worker's own pid (`sd_listen_fds(3)`, `sd_watchdog_enabled(3)`).
pub(crate) const OWN_PID: &[&str] = &["LISTEN_PID", "WATCHDOG_PID"];

/// What every worker is handed down, in this order from descriptor 3 on.
pub(crate) const HANDED: [&str; 3] = ["varlink", "settings", "recorder"];

/// Where things lie, and how long a worker may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) runtime: &'a Path,
    pub(crate) state: &'a Path,
    pub(crate) watchdog: Duration,
    /// The names of the TCP listeners, which follow on [`HANDED`].
    pub(crate) ports: &'a [&'static str],
    /// The variable that holds the bot token, if the settings say that one does.
    pub(crate) token_variable: Option<&'a str>,
}

/// The worker's environment, without the variables of [`OWN_PID`]. `variable` answers the supervisor's own.
pub(crate) fn compose(
    worker: &WorkerSpec,
    surroundings: &Surroundings<'_>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<CString> {
    let mut environment = Vec::new();
    let mut set = |name: &str, value: &[u8]| {
        // Neither the environment nor a path can hold a NUL.
        environment.extend(CString::new([name.as_bytes(), b"=", value].concat()));
    };
    let ports = if worker.given.ports { surroundings.ports } else { &[] };
    let handed = [&HANDED, ports].concat();
    set("LISTEN_FDS", handed.len().to_string().as_bytes());
    set("LISTEN_FDNAMES", handed.join(":").as_bytes());
    set("NOTIFY_SOCKET", surroundings.runtime.join(worker.notify_socket()).as_os_str().as_bytes());
    set("WATCHDOG_USEC", surroundings.watchdog.as_micros().to_string().as_bytes());
    set("RUNTIME_DIRECTORY", surroundings.runtime.as_os_str().as_bytes());
    set("NATRIUM_SUPERVISED", b"1");
    if worker.given.state_directory {
        set("STATE_DIRECTORY", surroundings.state.as_os_str().as_bytes());
    }
    let secret =
        worker.given.bot_token.then_some(["CREDENTIALS_DIRECTORY"].into_iter().chain(surroundings.token_variable));
    for name in INHERITED.into_iter().chain(secret.into_iter().flatten()) {
        if let Some(value) = variable(name) {
            set(name, value.as_bytes());
        }
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::TOPOLOGY;

    fn composed(worker: &str, own: &[(&str, &str)], token_variable: Option<&str>) -> Vec<String> {
        let surroundings = Surroundings {
            runtime: Path::new("/run/n"),
            state: Path::new("/var/lib/n"),
            watchdog: Duration::from_secs(10),
            ports: &["api", "page"],
            token_variable,
        };
        let variable =
            |name: &str| own.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        let spec = TOPOLOGY.iter().find(|spec| spec.name == worker);
        let mut environment: Vec<_> = spec
            .map(|spec| compose(spec, &surroundings, variable))
            .unwrap_or_default()
            .into_iter()
            .map(|entry| entry.to_string_lossy().into_owned())
            .collect();
        environment.sort();
        environment
    }

    const OWN: &[(&str, &str)] = &[
        ("PATH", "/bin"),
        ("TZ", "UTC"),
        ("HOME", "/root"),
        ("NOTIFY_SOCKET", "/run/systemd/notify"),
        ("LISTEN_FDS", "7"),
        ("CREDENTIALS_DIRECTORY", "/run/credentials/n"),
        ("NATRIUM_BOT_TOKEN", "1:secret"),
        ("NATRIUM_TIMING", "stop=1s"),
    ];

    #[test]
    fn the_writer_gets_the_state_directory_and_no_secret() {
        assert_eq!(
            composed("writer", OWN, Some("NATRIUM_BOT_TOKEN")),
            [
                "LISTEN_FDNAMES=varlink:settings:recorder",
                "LISTEN_FDS=3",
                "NATRIUM_SUPERVISED=1",
                "NOTIFY_SOCKET=/run/n/writer.notify",
                "PATH=/bin",
                "RUNTIME_DIRECTORY=/run/n",
                "STATE_DIRECTORY=/var/lib/n",
                "TZ=UTC",
                "WATCHDOG_USEC=10000000",
            ]
        );
    }

    #[test]
    fn the_bot_gets_its_secret_and_no_state_directory() {
        assert_eq!(
            composed("bot", OWN, Some("NATRIUM_BOT_TOKEN")),
            [
                "CREDENTIALS_DIRECTORY=/run/credentials/n",
                "LISTEN_FDNAMES=varlink:settings:recorder",
                "LISTEN_FDS=3",
                "NATRIUM_BOT_TOKEN=1:secret",
                "NATRIUM_SUPERVISED=1",
                "NOTIFY_SOCKET=/run/n/bot.notify",
                "PATH=/bin",
                "RUNTIME_DIRECTORY=/run/n",
                "TZ=UTC",
                "WATCHDOG_USEC=10000000",
            ]
        );
        assert!(!composed("bot", OWN, None).iter().any(|entry| entry.contains("secret")));
    }

    #[test]
    fn the_web_worker_gets_the_listeners_and_neither_secret_nor_state_directory() {
        assert_eq!(
            composed("web", OWN, Some("NATRIUM_BOT_TOKEN")),
            [
                "LISTEN_FDNAMES=varlink:settings:recorder:api:page",
                "LISTEN_FDS=5",
                "NATRIUM_SUPERVISED=1",
                "NOTIFY_SOCKET=/run/n/web.notify",
                "PATH=/bin",
                "RUNTIME_DIRECTORY=/run/n",
                "TZ=UTC",
                "WATCHDOG_USEC=10000000",
            ]
        );
    }
}
