//! The programs beside this one, and as whom they are run.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use settings::Environment;

/// Where the service's programs lie: `$NATRIUM_LIBEXEC`, or beside this program, as `natriumd` has it.
pub(crate) fn directory(environment: &Environment) -> io::Result<PathBuf> {
    if let Some(directory) = environment.get("NATRIUM_LIBEXEC") {
        return std::path::absolute(directory);
    }
    let own = std::env::current_exe()?;
    Ok(own.parent().unwrap_or(Path::new("/")).to_owned())
}

/// A user and a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Owner {
    /// Who this process is.
    pub(crate) fn own() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
    }

    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { uid: metadata.uid(), gid: metadata.gid() })
    }

    /// The user of this name on this host.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::in_passwd(&fs::read_to_string("/etc/passwd").ok()?, name)
    }

    fn in_passwd(passwd: &str, name: &str) -> Option<Self> {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }

    /// Who the service runs as, so that nothing of it comes to belong to somebody else: the owner of its state directory.
    /// Only root can choose; anybody else is who he is.
    pub(crate) fn of_service(state: &Path) -> Self {
        let own = Self::own();
        if own.uid != 0 {
            return own;
        }
        Self::of(state).ok().or_else(|| Self::named("natrium")).unwrap_or(own)
    }

    /// Runs a command as this user.
    pub(crate) fn run_as(self, command: &mut Command) {
        if Self::own().uid == 0 && self.uid != 0 {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Gives a file or directory that we made as root to this user.
    pub(crate) fn give(self, path: &Path) -> io::Result<()> {
        if Self::own().uid == 0 && self.uid != 0 {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }
}

/// A command of one of our programs, which is given nothing of our environment but where programs are.
pub(crate) fn command(directory: &Path, program: &str, environment: &Environment) -> Command {
    let mut command = Command::new(directory.join(program));
    // A group of its own: what is typed at the terminal is for us, who decide what becomes of its work.
    command.env_clear().current_dir("/").process_group(0);
    for name in ["PATH", "LANG", "TZ"] {
        if let Some(value) = environment.get(name) {
            command.env(name, OsString::from(value));
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\nnatrium2:x:7:8::/:/bin/false\nnatrium:x:990:991::/:/usr/sbin/nologin\n";
        assert_eq!(Owner::in_passwd(passwd, "natrium"), Some(Owner { uid: 990, gid: 991 }));
        assert_eq!(Owner::in_passwd(passwd, "natr"), None);
        assert_eq!(Owner::in_passwd("natrium:x", "natrium"), None);
    }
}
