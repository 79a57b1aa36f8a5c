//! A host of its own: the distribution's systemd as PID 1 of namespaces of its own, over a view of this machine's root that is
//! thrown away. `tests/lab/boot` says how; this module starts it, runs commands in it, and ends it.
//!
//! It knows systemd, and nothing of what is installed in a lab.

use std::{
    fs::{self, File, Permissions},
    io::{BufRead, BufReader, Read as _},
    marker::PhantomData,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use nix::sched::{CloneFlags, setns};

use crate::{Programs, skip, until};

/// How many labs of this process run at once.
const AT_ONCE: usize = 2;

/// How long anything in a lab may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where root finds programs on Debian.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How `boot` ends where labs cannot be.
const NOT_HERE: i32 = 77;

/// Where a lab sees the project's checkout.
pub const CHECKOUT: &str = "/lab/checkout";
/// Where a lab sees the programs under test.
pub const PROGRAMS: &str = "/lab/programs";

/// A running lab. It ends, with all that was started and written in it, when it is dropped.
#[derive(Debug)]
pub struct Lab {
    /// Its PID 1, as this machine sees it.
    init: i32,
    boot: Child,
    said: BufReader<ChildStdout>,
    _turn: Turn,
}

impl Lab {
    /// Boots one, with the programs under test at [`PROGRAMS`] and the checkout at [`CHECKOUT`], both read-only. `None`, after
    /// saying that the test is skipped, where that is not allowed: it takes root.
    ///
    /// # Errors
    /// When it does not boot, with what it said; or when it cannot although `NATRIUM_NO_SKIP` is set.
    pub fn boot() -> anyhow::Result<Option<Self>> {
        let programs = Programs::beside_this_one()?;
        let turn = Turn::wait();
        let mut boot = Command::new(script("boot"))
            .arg(format!("{}:{CHECKOUT}", checkout().display()))
            .arg(format!("{}:{PROGRAMS}", programs.directory().canonicalize()?.display()))
            // It lives as long as this end is open, so it goes with this process whatever becomes of it.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting tests/lab/boot")?;
        let mut said = BufReader::new(boot.stdout.take().context("boot has no output")?);
        let mut line = String::new();
        said.read_line(&mut line)?;
        let init = line.trim_end().rsplit(' ').next().and_then(|number| number.parse().ok());
        let Some(init) = init else {
            drop(boot.stdin.take());
            let output = boot.wait_with_output()?;
            if output.status.code() == Some(NOT_HERE) {
                skip(String::from_utf8_lossy(&output.stderr).trim_end())?;
                return Ok(None);
            }
            bail!("the lab did not boot: {line}{}", String::from_utf8_lossy(&output.stderr));
        };
        Ok(Some(Self { init, boot, said, _turn: turn }))
    }

    /// Runs a command in the lab, as root, and answers what it printed.
    ///
    /// # Errors
    /// When it fails, with all that it said.
    pub fn run<const N: usize>(&self, command: [&str; N]) -> anyhow::Result<String> {
        let output = self.tries(command)?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{}: {}\n{printed}{said}", command.join(" "), output.status);
        }
        Ok(printed)
    }

    /// Runs a command that may fail.
    ///
    /// # Errors
    /// When it cannot even be started.
    pub fn tries<const N: usize>(&self, command: [&str; N]) -> anyhow::Result<Output> {
        self.command(command).output().with_context(|| format!("running {}", command.join(" ")))
    }

    /// A command that would run in the lab, as root, with an environment of its own.
    #[must_use]
    pub fn command<const N: usize>(&self, command: [&str; N]) -> Command {
        let mut entering = Command::new(script("enter"));
        entering.arg(self.init.to_string()).args(command);
        entering.env_clear().env("PATH", PATH).env("LANG", "C.UTF-8").env("HOME", "/root");
        entering.stdin(Stdio::null());
        entering
    }

    /// Where this machine sees a file of the lab. A socket there can be connected to.
    #[must_use]
    pub fn path(&self, inside: &str) -> PathBuf {
        Path::new("/proc").join(self.init.to_string()).join("root").join(inside.trim_start_matches('/'))
    }

    /// What stands in a file of the lab; nothing if it is not there.
    #[must_use]
    pub fn read(&self, inside: &str) -> String {
        fs::read(self.path(inside)).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    /// Writes a file of the lab, and makes the directories above it. A file that is there keeps its owner and mode.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, inside: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path(inside);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("writing {inside} in the lab"))
    }

    /// Writes a file of the lab that only root may read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_secret(&self, inside: &str, text: &str) -> anyhow::Result<()> {
        self.write(inside, "")?;
        fs::set_permissions(self.path(inside), Permissions::from_mode(0o600))?;
        self.write(inside, text)
    }

    /// Adds settings to a unit, as `systemctl edit` does.
    ///
    /// # Errors
    /// When systemd does not take them.
    pub fn edit(&self, unit: &str, settings: &str) -> anyhow::Result<()> {
        self.write(&format!("/etc/systemd/system/{unit}.d/lab.conf"), settings)?;
        self.run(["systemctl", "daemon-reload"]).map(drop)
    }

    /// What the journal has of a unit: the messages, a line each, the oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn journal(&self, unit: &str) -> anyhow::Result<String> {
        // What was sent a moment ago may still be on its way.
        self.run(["journalctl", "--sync"])?;
        self.run(["journalctl", "--quiet", "--no-pager", "--output=cat", "--unit", unit])
    }

    /// A property of a unit, as `systemctl show` has it.
    ///
    /// # Errors
    /// When systemd does not answer.
    pub fn property(&self, unit: &str, name: &str) -> anyhow::Result<String> {
        Ok(self.run(["systemctl", "show", "--value", "--property", name, unit])?.trim_end().to_owned())
    }

    /// The number of a unit's main process, as the lab counts; 0 if it has none.
    ///
    /// # Errors
    /// When systemd does not answer.
    pub fn main_pid(&self, unit: &str) -> anyhow::Result<i32> {
        self.property(unit, "MainPID")?.parse().context("systemd names no process")
    }

    /// The processes of a unit: their numbers, as the lab counts, and names.
    ///
    /// # Errors
    /// When the lab cannot be asked.
    pub fn processes(&self, unit: &str) -> anyhow::Result<Vec<(i32, String)>> {
        // A file of a control group shows the numbers as they are for whoever reads it, so it is read inside.
        let list = format!(
            "cat /sys/fs/cgroup/system.slice/{unit}/cgroup.procs 2>/dev/null | \
             while read -r pid; do echo $pid $(cat /proc/$pid/comm); done"
        );
        let listed = self.run(["sh", "-c", &list])?;
        let processes = listed.lines().filter_map(|line| line.split_once(' '));
        Ok(processes.filter_map(|(pid, name)| Some((pid.parse().ok()?, name.to_owned()))).collect())
    }

    /// Waits until systemd says this of a unit: `active`, `inactive`, `failed` …
    ///
    /// # Errors
    /// When it never does, with what the unit's journal has.
    pub fn until_state(&self, unit: &str, state: &str) -> anyhow::Result<()> {
        let mut last = String::new();
        let reached = until(&format!("{unit} is {state}"), PATIENCE, || {
            last = self.property(unit, "ActiveState").unwrap_or_default();
            (last == state).then_some(())
        });
        reached.with_context(|| format!("it is {last}; its journal:\n{}", self.journal(unit).unwrap_or_default()))
    }

    /// Until the answer is dropped, the sockets that the calling thread makes, and the threads that it starts, are in the lab's
    /// network, where there is nothing but a loopback.
    ///
    /// # Errors
    /// When the kernel does not let it in.
    pub fn enter_network(&self) -> anyhow::Result<InNetwork> {
        let before = File::open("/proc/thread-self/ns/net")?;
        let network = File::open(format!("/proc/{}/ns/net", self.init))?;
        setns(network, CloneFlags::CLONE_NEWNET).context("entering the lab's network")?;
        Ok(InNetwork { before, _of_this_thread: PhantomData })
    }

    fn end(&mut self) -> anyhow::Result<()> {
        drop(self.boot.stdin.take());
        let mut complaints = String::new();
        self.said.read_to_string(&mut complaints)?;
        if let Some(mut errors) = self.boot.stderr.take() {
            errors.read_to_string(&mut complaints)?;
        }
        let status = self.boot.wait()?;
        if !status.success() || !complaints.is_empty() {
            bail!("tests/lab/boot ended with {status}: {complaints}");
        }
        Ok(())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let failing = std::thread::panicking();
        if failing {
            // Why it failed is to be read there, and nowhere else after this.
            say(&self.run(["journalctl", "--no-pager", "--lines=100"]).unwrap_or_default());
        }
        let ended = self.end();
        assert!(failing || ended.is_ok(), "the lab left something behind: {ended:?}");
    }
}

/// The calling thread's stay in the network of a lab. It is back in its own when this is dropped.
#[derive(Debug)]
pub struct InNetwork {
    before: File,
    _of_this_thread: PhantomData<*const ()>,
}

impl Drop for InNetwork {
    fn drop(&mut self) {
        let back = setns(&self.before, CloneFlags::CLONE_NEWNET);
        assert!(back.is_ok() || std::thread::panicking(), "the thread stays in the lab's network: {back:?}");
    }
}

/// By the macro, so that it is shown with the test that fails, and only then.
#[allow(clippy::print_stderr, reason = "for the person who reads why a test failed")]
fn say(text: &str) {
    eprint!("{text}");
}

fn checkout() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

fn script(name: &str) -> PathBuf {
    checkout().join("tests/lab").join(name)
}

/// One of the places for labs that run at once.
#[derive(Debug)]
struct Turn;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

impl Turn {
    fn wait() -> Self {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running =
            ENDED.wait_while(running, |running| *running >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}
