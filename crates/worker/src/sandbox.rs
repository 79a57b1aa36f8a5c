//! What a worker may touch, enforced by the kernel (Landlock, `landlock(7)`).
//!
//! A worker closes its sandbox before it reads the first byte that a stranger could have written. Older kernels enforce less;
//! what is really enforced is told to the supervisor and shown in `natrium status`.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The newest set of rights that we ask for. Later ones would also forbid to connect to sockets in the file system, which is
/// how workers reach each other.
const RIGHTS: ABI = ABI::V6;

/// What resolving names and trusting certificates reads. Missing ones are left out.
const NAMES_AND_CERTIFICATES: &[&str] = &[
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/ca-certificates",
];

/// What every program reads sooner or later: local time, randomness.
const EVERYBODY: &[&str] = &["/dev/null", "/dev/urandom", "/etc/localtime", "/usr/share/zoneinfo"];

/// What a worker may touch. Everything else is refused.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sandbox {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    connect: Vec<u16>,
}

/// Why the sandbox could not be closed.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A directory that the worker lives from cannot be opened.
    #[error("opening {}", path.display())]
    Path {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: landlock::PathFdError,
    },
    /// The kernel refused the rules.
    #[error("asking the kernel to enforce the sandbox")]
    Rules(#[from] RulesetError),
}

impl Sandbox {
    /// Nothing but what every program reads: no files, no network.
    #[must_use]
    pub fn closed() -> Self {
        Self::default()
    }

    /// Everything at and below `path` may be read and written. It must exist.
    #[must_use]
    pub fn write(mut self, path: impl Into<PathBuf>) -> Self {
        self.write.push(path.into());
        self
    }

    /// TCP connections to `port` may be made, and what resolving names and trusting certificates reads may be read.
    #[must_use]
    pub fn connect(mut self, port: u16) -> Self {
        // Long answers of name servers come over TCP.
        self.connect.extend([port, 53]);
        self.read.extend(NAMES_AND_CERTIFICATES.iter().map(PathBuf::from));
        self
    }

    /// Closes the sandbox around the calling thread and all that it starts from now on; answers what is enforced, in words.
    ///
    /// # Errors
    /// See [`SandboxError`]. A kernel without Landlock is no error: the answer says so.
    pub fn close(&self) -> Result<String, SandboxError> {
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(RIGHTS))?
            .handle_access(AccessNet::from_all(RIGHTS))?
            .scope(Scope::AbstractUnixSocket | Scope::Signal)?
            .create()?;
        for path in self.read.iter().map(PathBuf::as_path).chain(EVERYBODY.iter().map(Path::new)) {
            // Which of these files a host has differs; what is missing cannot be read anyway.
            if let Ok(file) = PathFd::new(path) {
                let rights = AccessFs::from_read(RIGHTS) & possible(path);
                rules = rules.add_rule(PathBeneath::new(file, rights))?;
            }
        }
        for path in &self.write {
            let file = PathFd::new(path).map_err(|source| SandboxError::Path { path: path.clone(), source })?;
            let rights = (AccessFs::from_all(RIGHTS) & !AccessFs::Execute) & possible(path);
            rules = rules.add_rule(PathBeneath::new(file, rights))?;
        }
        for port in &self.connect {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
        let status = rules.restrict_self()?;
        Ok(self.words(status.ruleset, &status.landlock))
    }

    fn words(&self, enforced: RulesetStatus, kernel: &LandlockStatus) -> String {
        let how = match (enforced, kernel) {
            (RulesetStatus::FullyEnforced, _) => "landlock",
            (RulesetStatus::PartiallyEnforced, _) => "landlock, as far as this kernel can",
            (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => "none: landlock is not enabled in this kernel",
            (RulesetStatus::NotEnforced, _) => "none: this kernel has no landlock",
        };
        let write = match self.write.as_slice() {
            [] => "writes nothing".to_owned(),
            paths => {
                let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
                format!("writes {}", names.join(" and "))
            }
        };
        let connect = match self.connect.first() {
            None => "no TCP".to_owned(),
            Some(port) => format!("TCP to port {port}"),
        };
        format!("{how}: {write}, {connect}")
    }
}

/// The rights that make sense for what stands at `path`: the kernel refuses rules for directories on a plain file.
fn possible(path: &Path) -> landlock::BitFlags<AccessFs> {
    if path.is_dir() { AccessFs::from_all(RIGHTS) } else { AccessFs::from_file(RIGHTS) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
    use std::{fs, io::ErrorKind, net::TcpStream, thread};

    use super::*;

    /// Closes a sandbox in a thread of its own, which is what Landlock restricts, and tries things inside.
    fn inside<T: Send>(sandbox: &Sandbox, attempt: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                let told = sandbox.close().unwrap();
                assert!(told.starts_with("landlock"), "these tests need a kernel with landlock: {told}");
                attempt()
            });
            inside.join().expect("the attempt does not panic")
        })
    }

    #[test]
    fn only_the_directories_named_may_be_touched() {
        let ours = tempfile::tempdir().unwrap();
        let theirs = tempfile::tempdir().unwrap();
        fs::write(theirs.path().join("store"), "secret").unwrap();
        inside(&Sandbox::closed().write(ours.path()), || {
            fs::write(ours.path().join("file"), "ours").unwrap();
            fs::rename(ours.path().join("file"), ours.path().join("renamed")).unwrap();
            let refused = fs::read(theirs.path().join("store")).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
            let refused = fs::write(theirs.path().join("new"), "").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        });
    }

    #[test]
    fn only_the_port_named_may_be_reached() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let refused = inside(&Sandbox::closed(), || TcpStream::connect(address).unwrap_err());
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        inside(&Sandbox::closed().connect(address.port()), || TcpStream::connect(address).unwrap());
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = Sandbox::closed().write("/nowhere/at/all").close().unwrap_err();
        assert_eq!(error.to_string(), "opening /nowhere/at/all");
    }
}
