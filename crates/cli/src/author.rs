//! Who asks, as it is written down with every change: the operator's user id, and the name to show.
//!
//! The number is the kernel's word. Names are labels for people to read: the login name as this host knows it, and beside it who
//! `sudo` says has become this user. Whoever is root can make that up, so nothing is decided by it.

use interfaces::configs::{Author, Origin};
use nix::unistd::{Uid, User};
use settings::Environment;

use crate::text::line;

/// The longest name that is taken over from `sudo`: Linux knows none that is longer.
const LONGEST: usize = 32;

/// Who runs this command.
pub(crate) fn operator(environment: &Environment) -> Author {
    let uid = Uid::effective();
    let login = User::from_uid(uid).ok().flatten().map(|user| user.name);
    let login = login.unwrap_or_else(|| format!("user {uid}"));
    Author { origin: Origin::Operator, id: i64::from(uid.as_raw()), name: named(&login, environment.get("SUDO_USER")) }
}

fn named(login: &str, sudo: Option<&str>) -> String {
    let is_name = |name: &str| {
        name.len() <= LONGEST && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '\\'))
    };
    match sudo.filter(|name| *name != login && is_name(name)) {
        Some(sudo) => format!("{login} (sudo by {sudo})"),
        None => login.to_owned(),
    }
}

/// The same as a line of the audit trail has it: a file does something by its name.
pub(crate) fn actor(author: &Author) -> String {
    match author.origin {
        Origin::File => format!("the file {}", line(&author.name)),
        Origin::Telegram | Origin::Operator => shown(author),
    }
}

/// An author for people: the name, and what the name cannot be trusted for.
pub(crate) fn shown(author: &Author) -> String {
    let name = line(&author.name);
    match author.origin {
        Origin::Telegram => format!("{name} [{}]", author.id),
        Origin::Operator => format!("{name} [uid {}]", author.id),
        Origin::File => "found as a file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sudo_names_stands_beside_who_it_is() {
        assert_eq!(named("root", None), "root");
        assert_eq!(named("root", Some("anna")), "root (sudo by anna)");
        assert_eq!(named("root", Some("root")), "root");
        for odd in ["", "anna)\u{1b}[2J", "a b", &"x".repeat(33), "x\ny"] {
            let told = named("root", Some(odd).filter(|name| !name.is_empty()));
            assert_eq!(told, "root", "{odd:?}");
        }
        let author = |origin, name: &str| Author { origin, id: 7, name: name.to_owned() };
        assert_eq!(shown(&author(Origin::Telegram, "Anna\u{202e}")), "Anna [7]");
        assert_eq!(shown(&author(Origin::Operator, "root")), "root [uid 7]");
        assert_eq!(shown(&author(Origin::File, "x.yml")), "found as a file");
        assert_eq!(actor(&author(Origin::File, "x.yml")), "the file x.yml");
        assert_eq!(actor(&author(Origin::Operator, "root")), "root [uid 7]");
    }
}
