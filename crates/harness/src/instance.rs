//! One service in a directory of its own.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{PermissionsExt, lchown},
            net::UnixDatagram,
            process::CommandExt,
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use interfaces::{configs, supervisor};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User},
};
use tempfile::TempDir;
use varlink::{Pool, PoolLimits};

use crate::{Programs, processes, wait::until};

/// How long a start or a stop may take before something is wrong. Debug builds on a busy machine need some of it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Most tests are about something else, and ports belong to the whole machine.
const WITHOUT_WEB: &str = "web: { enabled: false }";

/// One who may change configs.
#[derive(Clone, Copy, Debug)]
pub struct Admin {
    /// The Telegram user's id.
    pub id: i64,
    /// The name to show.
    pub name: &'static str,
}

/// A service in a directory of its own.
#[derive(Debug)]
pub struct Instance {
    programs: Programs,
    directory: TempDir,
    /// Where systemd would listen.
    notified: UnixDatagram,
    supervisor: Option<Child>,
    /// What was last told to systemd for people to read.
    shown: String,
    user: Option<User>,
    /// Listeners that `natriumd` is handed as systemd would hand them, two at most, with their names. They stay open here.
    pub handed_down: Vec<(String, TcpListener)>,
    /// Variables that `natriumd` is started with beside the usual ones.
    pub environment: Vec<(String, String)>,
}

impl Instance {
    /// Prepares a service that talks with the Bot API at `api_url`, without pages. Nothing is started yet.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn new(programs: &Programs, api_url: &str, token: &str, admins: &[Admin]) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("natrium-").tempdir().context("making a directory")?;
        let at = directory.path();
        for name in ["state", "run", "published"] {
            fs::create_dir(at.join(name))?;
        }
        fs::set_permissions(at.join("state"), fs::Permissions::from_mode(0o700))?;
        fs::write(at.join("token"), token)?;
        fs::set_permissions(at.join("token"), fs::Permissions::from_mode(0o600))?;
        let notified = UnixDatagram::bind(at.join("systemd.sock"))?;
        let instance = Self {
            programs: programs.clone(),
            notified,
            supervisor: None,
            shown: String::new(),
            user: None,
            handed_down: Vec::new(),
            environment: Vec::new(),
            directory,
        };
        let admins: String =
            admins.iter().map(|admin| format!("  - {{ id: {}, name: {} }}\n", admin.id, admin.name)).collect();
        let path = instance.path().display();
        instance.write_settings(&format!(
            "instance: natrium\n\
             directories:\n  state: {path}/state\n  runtime: {path}/run\n  published: {path}/published\n\
             telegram:\n  api_url: {api_url}\n  token: {{ file: {path}/token }}\n\
             {WITHOUT_WEB}\n\
             admins:\n{admins}"
        ))?;
        Ok(instance)
    }

    /// Its directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the socket files and the PID file lie.
    #[must_use]
    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Where the store lies.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// A published file.
    #[must_use]
    pub fn published(&self, file: &str) -> PathBuf {
        self.path().join("published").join(file)
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.path().join("natrium.yml")
    }

    /// Replaces the settings file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_settings(&self, text: &str) -> io::Result<()> {
        fs::write(self.settings(), text)
    }

    /// From now on its programs run as this user, who owns all its files. It takes root.
    ///
    /// # Errors
    /// When there is no such user, or the files cannot be given away.
    pub fn give_to(&mut self, user: &str) -> anyhow::Result<()> {
        let user = User::from_name(user)?.with_context(|| format!("there is no user {user}"))?;
        give(self.path(), &user)?;
        self.user = Some(user);
        Ok(())
    }

    /// What the programs have logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.path().join("log")).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    /// Starts `natriumd` and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it ends instead, or does neither; with what it logged.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.spawn()?;
        self.wait_ready()
    }

    /// Starts `natriumd` without waiting for it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&mut self) -> anyhow::Result<()> {
        // What an earlier process said must not be taken for this one's.
        self.notified.set_nonblocking(true)?;
        while self.notified.recv(&mut [0; 4096]).is_ok() {}
        let log = File::options().create(true).append(true).open(self.path().join("log"))?;
        let mut natriumd = if self.handed_down.is_empty() {
            let mut command = self.command("natriumd");
            command.stdin(Stdio::null()).stdout(log.try_clone()?);
            command
        } else {
            self.handing_down()?
        };
        let child = natriumd
            .arg("--settings")
            .arg(self.settings())
            .env("NOTIFY_SOCKET", self.path().join("systemd.sock"))
            .stderr(log)
            .spawn()
            .context("starting natriumd")?;
        self.supervisor = Some(child);
        Ok(())
    }

    /// `natriumd` behind a shell that puts the descriptors and its number where `sd_listen_fds(3)` says, and becomes it.
    fn handing_down(&self) -> anyhow::Result<Command> {
        ensure!(self.handed_down.len() <= 2, "they come by standard input and output");
        let place = |place: usize| match self.handed_down.get(place) {
            Some((_, listener)) => anyhow::Ok(Stdio::from(OwnedFd::from(listener.try_clone()?))),
            None => Ok(Stdio::null()),
        };
        let names: Vec<_> = self.handed_down.iter().map(|(name, _)| name.as_str()).collect();
        let mut command = self.clad(Command::new("/bin/sh"));
        command
            .args(["-c", "exec 3<&0 4<&1 0</dev/null 1>&2; LISTEN_PID=$$ exec \"$0\" \"$@\""])
            .arg(self.programs.path("natriumd"))
            .env("LISTEN_FDS", names.len().to_string())
            .env("LISTEN_FDNAMES", names.join(":"))
            .stdin(place(0)?)
            .stdout(place(1)?);
        Ok(command)
    }

    /// A program with the environment that systemd would give it, and nothing else.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        self.clad(Command::new(self.programs.path(program)))
    }

    fn clad(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("RUNTIME_DIRECTORY", self.runtime())
            .env("STATE_DIRECTORY", self.state())
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Waits until `natriumd` says that it is ready.
    ///
    /// # Errors
    /// When it ends instead, or does neither; with what it logged.
    pub fn wait_ready(&mut self) -> anyhow::Result<()> {
        self.notified.set_nonblocking(false)?;
        self.notified.set_read_timeout(Some(Duration::from_millis(20)))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.hear() {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("hearing from natriumd"),
            }
            if let Some(status) = self.supervisor.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                self.supervisor = None;
                bail!("natriumd ended ({status}) before it was ready:\n{}", self.log());
            }
            if Instant::now() > deadline {
                bail!("natriumd was not ready after {PATIENCE:?}:\n{}", self.log());
            }
        }
    }

    /// What `systemctl status` would show of it: the line that was last told to systemd.
    ///
    /// # Errors
    /// When systemd's place cannot be taken.
    pub fn shown(&mut self) -> io::Result<&str> {
        self.notified.set_nonblocking(true)?;
        loop {
            match self.hear() {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(&self.shown),
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes one notification; answers whether it says `READY=1`.
    fn hear(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        let length = self.notified.recv(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..length]);
        if let Some(status) = text.lines().find_map(|line| line.strip_prefix("STATUS=")) {
            status.clone_into(&mut self.shown);
        }
        Ok(text.lines().any(|line| line == "READY=1"))
    }

    /// Waits until `natriumd` ends by itself.
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub fn wait_ended(&mut self) -> anyhow::Result<ExitStatus> {
        let mut child = self.supervisor.take().context("natriumd does not run")?;
        let ended = until("natriumd ends", PATIENCE, || child.try_wait().transpose());
        match ended {
            Ok(status) => Ok(status?),
            Err(error) => {
                self.supervisor = Some(child);
                Err(error.context(self.log()))
            }
        }
    }

    /// Stops the service as systemd does, and waits for its end.
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.signal(Signal::SIGTERM)?;
        self.wait_ended()
    }

    /// Sends a signal to `natriumd`.
    ///
    /// # Errors
    /// When it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        Ok(kill(Pid::from_raw(self.pid()?), signal)?)
    }

    /// The number of the process `natriumd`.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pid(&self) -> anyhow::Result<i32> {
        let child = self.supervisor.as_ref().context("natriumd does not run")?;
        Ok(i32::try_from(child.id())?)
    }

    /// The running processes of this instance: their numbers and names.
    #[must_use]
    pub fn processes(&self) -> Vec<(i32, String)> {
        processes::of(&self.runtime())
    }

    /// Asks the supervisor.
    #[must_use]
    pub fn supervisor(&self) -> supervisor::Client {
        supervisor::Client::new(self.pool("supervisor"), PATIENCE)
    }

    /// Asks the writer about configs.
    #[must_use]
    pub fn configs(&self) -> configs::Client {
        configs::Client::new(self.pool("writer"), PATIENCE)
    }

    /// Calls to a program's socket.
    #[must_use]
    pub fn pool(&self, program: &str) -> Pool {
        Pool::new(self.runtime().join(format!("{program}.sock")), PoolLimits::default())
    }
}

/// Gives a directory with all that is in it to a user.
fn give(path: &Path, user: &User) -> io::Result<()> {
    lchown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    if !path.is_symlink() && path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    Ok(())
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(mut child) = self.supervisor.take() {
            // It is killed without a word: its workers must not outlive it.
            let _ = child.kill();
            let _ = child.wait();
        }
        let failing = std::thread::panicking();
        // What a test that fails has left behind must not outlive it either.
        let patience = if failing { Duration::ZERO } else { PATIENCE };
        let left = until("all processes have ended", patience, || self.processes().is_empty().then_some(()));
        let rest = self.processes();
        for (pid, _) in &rest {
            let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
        }
        if failing {
            return;
        }
        assert!(left.is_ok(), "processes were left behind: {rest:?}");
    }
}
