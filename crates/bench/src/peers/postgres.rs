//! PostgreSQL: a private cluster with default settings, reached by its Unix socket only, and its own benchmark, `pgbench`.

use std::{
    env, fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::Signal,
    unistd::{User, geteuid},
};
use tempfile::TempDir;

use crate::{
    bench::{Bench, lets_all_through},
    process::Process,
};

/// Where Debian installs it.
const DEBIAN: &str = "/usr/lib/postgresql";
/// How long the server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(30);
/// Threads of `pgbench`. Of 1, 2, 4 and 16 this was the fastest on two processors.
const THREADS: usize = 4;

/// An installed PostgreSQL.
#[derive(Debug)]
pub(crate) struct Installed {
    programs: PathBuf,
}

impl Installed {
    /// The newest one that is complete, Debian's or one on `PATH`.
    pub(crate) fn find() -> Option<Self> {
        let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let mut debian: Vec<(u32, PathBuf)> = versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        debian.sort();
        let path = env::var_os("PATH").unwrap_or_default();
        let elsewhere = env::split_paths(&path).collect::<Vec<_>>();
        let mut all = debian.into_iter().rev().map(|(_, programs)| programs).chain(elsewhere);
        let complete = |programs: &PathBuf| {
            ["initdb", "postgres", "psql", "pgbench"].iter().all(|program| programs.join(program).is_file())
        };
        all.find(complete).map(|programs| Self { programs })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }

    /// The name with its version.
    fn version(&self) -> Result<String> {
        let text = output(self.command("postgres").arg("--version"))?;
        let number = text.split_whitespace().nth(2).context("no version")?;
        Ok(format!("PostgreSQL {}", number.split('.').next().unwrap_or(number)))
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    installed: Installed,
    /// Its name with the version.
    pub(crate) name: String,
    // Fields are dropped in this order: first the server, then what it writes to.
    server: Process,
    sockets: TempDir,
    data: TempDir,
    script: PathBuf,
}

impl Postgres {
    /// Makes a cluster on the disk that is measured and starts it. It refuses to run as root, so root starts it as somebody
    /// else.
    ///
    /// # Errors
    /// When it cannot be made or started, or is not durable by default.
    pub(crate) fn start(bench: &Bench, installed: Installed, table: &str, insert: &str) -> Result<Self> {
        let name = installed.version()?;
        let (data, sockets) = (bench.room("pg")?, bench.sockets("pg")?);
        let user = other_user()?;
        if let Some(user) = &user {
            anyhow::ensure!(
                lets_all_through(bench.disk()),
                "{} is closed to {}: name another directory with --dir",
                bench.disk().display(),
                user.name
            );
            for place in [data.path(), sockets.path()] {
                chown(place, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            }
        }
        let cluster = data.path().join("cluster");
        let mut initdb = installed.command("initdb");
        initdb.args(["--auth=trust", "--username=bench", "--encoding=UTF8", "--no-locale", "--pgdata"]).arg(&cluster);
        output(become_user(&mut initdb, user.as_ref()).current_dir(data.path())).context("making a cluster")?;

        let log = fs::File::create(bench.disk().join("postgres.log"))?;
        let mut postgres = installed.command("postgres");
        postgres.arg("-D").arg(&cluster).arg("-k").arg(sockets.path()).args(["-c", "listen_addresses="]);
        postgres.stdout(log.try_clone()?).stderr(log).current_dir(data.path());
        // SIGINT: fast shutdown (server-shutdown in PostgreSQL's manual).
        let server = Process::start("postgres", become_user(&mut postgres, user.as_ref()), Signal::SIGINT)?;

        let script = bench.disk().join("insert.sql");
        fs::write(&script, insert)?;
        let mut postgres = Self { installed, name, server, sockets, data, script };
        bench.until("PostgreSQL answers", PATIENCE, || {
            postgres.server.must_run()?;
            Ok(postgres.query("SELECT 1").ok())
        })?;
        for (setting, expected) in [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")] {
            let found = postgres.query(&format!("SHOW {setting}"))?;
            anyhow::ensure!(found == expected, "{setting} is {found} by default, not {expected}");
        }
        postgres.query(table)?;
        Ok(postgres)
    }

    /// Runs the insert by so many clients at once for a while. Answers commits a second, connecting not counted.
    ///
    /// # Errors
    /// When a client fails.
    pub(crate) fn run(&self, clients: usize, time: Duration) -> Result<Rate> {
        let mut pgbench = self.installed.command("pgbench");
        pgbench
            .arg("-h")
            .arg(self.sockets.path())
            .args(["-U", "bench", "-n", "-M", "prepared"])
            .args(["-c", &clients.to_string(), "-j", &THREADS.to_string(), "-T", &time.as_secs().to_string()])
            .arg("-f")
            .arg(&self.script)
            .arg("postgres")
            .current_dir(self.data.path());
        Rate::parse(&output(&mut pgbench)?).context("pgbench says something else than expected")
    }

    /// Runs one statement; answers what it returns.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) fn query(&self, statement: &str) -> Result<String> {
        let mut psql = self.installed.command("psql");
        psql.arg("-h")
            .arg(self.sockets.path())
            .args(["-U", "bench", "-X", "-A", "-t", "-q", "-c", statement, "postgres"]);
        Ok(output(psql.current_dir(self.data.path()))?.trim().to_owned())
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it does not stop in order.
    pub(crate) fn stop(self) -> Result<()> {
        self.server.stop()
    }
}

/// What `pgbench` reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) commits: u64,
    pub(crate) per_second: f64,
}

impl Rate {
    fn parse(report: &str) -> Option<Self> {
        let after = |start: &str| report.lines().find_map(|line| line.strip_prefix(start))?.split_whitespace().next();
        if after("number of failed transactions: ").is_some_and(|failed| failed != "0") {
            return None;
        }
        Some(Self {
            commits: after("number of transactions actually processed: ")?.parse().ok()?,
            per_second: after("tps = ")?.parse().ok()?,
        })
    }
}

/// Whom the server is to run as instead of root; `None` where we are not root.
fn other_user() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    anyhow::bail!("PostgreSQL does not run as root, and there is no user \"postgres\" or \"nobody\"")
}

fn become_user<'a>(command: &'a mut Command, user: Option<&User>) -> &'a mut Command {
    match user {
        Some(user) => command.uid(user.uid.as_raw()).gid(user.gid.as_raw()),
        None => command,
    }
}

/// What a command writes to its standard output.
fn output(command: &mut Command) -> Result<String> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.stderr(Stdio::piped()).output().with_context(|| format!("starting {program}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{program}: {}: {}", output.status, errors.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{program} does not write UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
pgbench (15.13 (Debian 15.13-0+deb12u1))
transaction type: insert.sql
number of clients: 16
number of transactions actually processed: 73214
number of failed transactions: 0 (0.000%)
latency average = 0.655 ms
initial connection time = 14.051 ms
tps = 24421.908765 (without initial connection time)
";

    #[test]
    fn reads_what_pgbench_reports() {
        assert_eq!(Rate::parse(REPORT), Some(Rate { commits: 73_214, per_second: 24_421.908_765 }));
    }

    #[test]
    fn a_failed_commit_spoils_the_round() {
        assert_eq!(Rate::parse(&REPORT.replace("transactions: 0", "transactions: 3")), None);
        assert_eq!(Rate::parse(""), None);
    }
}
