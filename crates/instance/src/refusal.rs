//! What a second start is told: that an instance runs, which process it is, and how to stop it, in the caller's language.

use std::fs;
use std::path::Path;

/// The languages that are spoken at the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// English, and whatever we do not speak.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// The language of messages by `LC_ALL`, else `LC_MESSAGES`, else `LANG`, as `locale(7)` has it.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale =
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| variable(name).filter(|it| !it.is_empty()));
        match locale {
            Some(locale) if locale.split(['_', '.', '@']).next() == Some("ru") => Self::Russian,
            _ => Self::English,
        }
    }
}

/// The systemd unit whose main process is the instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unit {
    name: String,
    /// It belongs to a user's own systemd.
    of_user: bool,
}

/// The unit that runs `pid` as its main process, if one does.
#[must_use]
pub fn unit_of(pid: i32) -> Option<Unit> {
    let process = Path::new("/proc").join(pid.to_string());
    let unit = unit_in_cgroup(&fs::read_to_string(process.join("cgroup")).ok()?)?;
    // Whatever a service starts lies in its cgroup, a natriumd started by a cron job too: stopping cron would be bad advice.
    // systemd names the process that it started itself (systemd.exec(5), SYSTEMD_EXEC_PID); of a foreign one we see no more
    // than its parent.
    let is_main = match fs::read(process.join("environ")) {
        Ok(environ) => {
            environ.split(|byte| *byte == 0).any(|entry| entry == format!("SYSTEMD_EXEC_PID={pid}").as_bytes())
        }
        Err(_) => parent_in_status(&fs::read_to_string(process.join("status")).ok()?) == Some(1),
    };
    is_main.then_some(unit)
}

fn unit_in_cgroup(text: &str) -> Option<Unit> {
    // `0::/…` is the unified hierarchy, `1:name=systemd:/…` systemd's own in the old layout. Both may be there while only one is
    // in use: the other says `/`.
    text.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        matches!(controllers, "" | "name=systemd").then(|| unit_in_path(path))?
    })
}

fn unit_in_path(path: &str) -> Option<Unit> {
    // A delegated service may have made cgroups of its own below.
    let name = path.rsplit('/').find(|part| part.ends_with(".service") && !part.starts_with("user@"))?;
    Some(Unit { name: name.to_owned(), of_user: path.contains("/user@") })
}

fn parent_in_status(text: &str) -> Option<i32> {
    text.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// The message. `holder`: the instance that runs, if it is known.
#[must_use]
pub fn message(language: Language, instance: &str, holder: Option<i32>, unit: Option<&Unit>) -> String {
    let stop = match (unit, holder) {
        (Some(Unit { name, of_user: false }), _) => Some(format!("systemctl stop {name}")),
        (Some(Unit { name, of_user: true }), _) => Some(format!("systemctl --user stop {name}")),
        (None, Some(pid)) => Some(format!("kill {pid}")),
        (None, None) => None,
    };
    let mut text = match (language, holder) {
        (Language::English, Some(pid)) => format!("another instance of {instance} is running, PID {pid}"),
        (Language::English, None) => format!("another instance of {instance} is running, PID unknown"),
        (Language::Russian, Some(pid)) => format!("уже работает другой экземпляр {instance}, PID {pid}"),
        (Language::Russian, None) => format!("уже работает другой экземпляр {instance}, PID неизвестен"),
    };
    if let Some(stop) = stop {
        text.push_str(match language {
            Language::English => "\nto stop it: ",
            Language::Russian => "\nостановить его: ",
        });
        text.push_str(&stop);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(variables: &[(&str, &str)]) -> Language {
        Language::of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_language_is_that_of_messages() {
        assert_eq!(language(&[]), Language::English);
        assert_eq!(language(&[("LANG", "ru_RU.UTF-8")]), Language::Russian);
        assert_eq!(language(&[("LANG", "ru")]), Language::Russian);
        assert_eq!(language(&[("LANG", "run")]), Language::English);
        assert_eq!(language(&[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "C.UTF-8")]), Language::English);
        assert_eq!(language(&[("LANG", "C"), ("LC_ALL", ""), ("LC_MESSAGES", "ru_UA")]), Language::Russian);
    }

    #[test]
    fn the_unit_is_read_from_either_cgroup_layout() {
        let unit = |text| unit_in_cgroup(text).map(|unit| (unit.name, unit.of_user));
        assert_eq!(unit("0::/system.slice/natrium.service\n"), Some(("natrium.service".into(), false)));
        assert_eq!(unit("0::/system.slice/natrium.service/workers\n"), Some(("natrium.service".into(), false)));
        let hybrid = "12:pids:/x.service\n1:name=systemd:/system.slice/system-n.slice/n@a.service\n";
        assert_eq!(unit(hybrid), Some(("n@a.service".into(), false)));
        let both = "1:name=systemd:/\n0::/system.slice/natrium.service\n";
        assert_eq!(unit(both), Some(("natrium.service".into(), false)));
        let user = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/natrium.service\n";
        assert_eq!(unit(user), Some(("natrium.service".into(), true)));
        assert_eq!(unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.scope\n"), None);
        assert_eq!(unit("0::/user.slice/user-0.slice/session-3.scope\n"), None);
        assert_eq!(unit("0::/\n"), None);
        assert_eq!(unit("nonsense"), None);
    }

    #[test]
    fn this_test_is_no_unit_of_its_own() {
        assert_eq!(unit_of(i32::try_from(std::process::id()).unwrap_or(0)), None);
    }

    #[test]
    fn it_says_how_to_stop_the_other() {
        let system = Unit { name: "natrium.service".into(), of_user: false };
        let user = Unit { of_user: true, ..system.clone() };
        let say = message;
        assert_eq!(
            say(Language::English, "natrium", Some(17), None),
            "another instance of natrium is running, PID 17\nto stop it: kill 17"
        );
        assert_eq!(
            say(Language::Russian, "natrium", Some(17), Some(&system)),
            "уже работает другой экземпляр natrium, PID 17\nостановить его: systemctl stop natrium.service"
        );
        assert!(
            say(Language::English, "natrium", Some(17), Some(&user)).ends_with("systemctl --user stop natrium.service")
        );
        assert_eq!(say(Language::English, "n", None, None), "another instance of n is running, PID unknown");
    }
}
