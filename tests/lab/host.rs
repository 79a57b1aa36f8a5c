//! A host with the service installed as an operator would, and a Telegram that it can reach.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use harness::lab::{CHECKOUT, InNetwork, PROGRAMS};
use harness::{Lab, until};
use interfaces::configs;
use sim::Simulator;
use sim::client::{Client, User};
use tokio::runtime::{self, Runtime};
use tokio::task::JoinHandle;
use varlink::{Pool, PoolLimits};

/// Debug builds on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const UNIT: &str = "natrium.service";
pub(crate) const SAVED: &str = "✅ fees.yml updated successfully!";
/// Where the installed settings have the published files.
pub(crate) const PUBLISHED: &str = "/var/lib/natrium-published";

/// The simulator goes first, the lab last.
pub(crate) struct Host {
    pub(crate) telegram: Client,
    pub(crate) url: String,
    token: String,
    _simulator: Simulator,
    runtime: Runtime,
    _network: InNetwork,
    pub(crate) lab: Lab,
}

impl Host {
    /// A bare host, with a simulated Telegram on its loopback. None: the test is skipped.
    pub(crate) fn bare() -> Option<Self> {
        let lab = Lab::boot().unwrap()?;
        let network = lab.enter_network().unwrap();
        // Its threads are started in the lab's network.
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(sim::Options::default())).unwrap();
        let telegram = simulator.client().patient(PATIENCE);
        let (url, token) = (simulator.url(), simulator.token().to_owned());
        Some(Self { telegram, url, token, _simulator: simulator, runtime, _network: network, lab })
    }

    /// A host on which the service is installed, its settings and token are there, and nothing has been started.
    pub(crate) fn installed() -> Option<Self> {
        let host = Self::bare()?;
        host.install();
        host.configure();
        Some(host)
    }

    /// The same, started and ready.
    pub(crate) fn running() -> Option<Self> {
        let host = Self::installed()?;
        host.lab.run(["systemctl", "start", "natrium"]).unwrap();
        Some(host)
    }

    /// Runs `scripts/install`; answers what it said.
    pub(crate) fn install(&self) -> String {
        self.lab.run([&format!("{CHECKOUT}/scripts/install"), "--from", PROGRAMS]).unwrap()
    }

    /// From now on `systemctl --version` says that it is newer than it is.
    pub(crate) fn pretend_newer(&self) {
        let newer =
            "#!/bin/sh\n[ \"$1\" = --version ] && exec echo 'systemd 255 (255.4)'\nexec /usr/bin/systemctl \"$@\"\n";
        self.lab.write("/usr/local/sbin/systemctl", newer).unwrap();
        self.lab.run(["chmod", "755", "/usr/local/sbin/systemctl"]).unwrap();
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What is left to an operator after the installation: who may change configs, and the token. The Bot API is the simulator's.
    pub(crate) fn configure(&self) {
        let settings = self.settings(&self.lab.read("/etc/natrium/natrium.yml"));
        self.lab.write("/etc/natrium/natrium.yml", &settings).unwrap();
        self.lab.write_secret("/etc/natrium/bot-token", &self.token).unwrap();
    }

    /// Installed settings with this host's values.
    pub(crate) fn settings(&self, installed: &str) -> String {
        let admin = "#admins:\n#  - { id: 4503599627370495, name: Anna }";
        let api = "#api_url: https://api.telegram.org";
        assert!(installed.contains(admin) && installed.contains(api), "{installed}");
        installed
            .replace(admin, "admins:\n  - { id: 1001, name: Anna }")
            .replace(api, &format!("api_url: {}", self.url))
    }

    /// Lets a part of the test run that talks with Telegram or the service.
    pub(crate) fn plays<T>(&self, part: impl Future<Output = T>) -> T {
        self.runtime.block_on(part)
    }

    /// The same, beside the test.
    pub(crate) fn starts<T: Send + 'static>(&self, part: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(part)
    }

    pub(crate) async fn anna(&self) -> User {
        self.telegram.user(1001, "Anna").await.unwrap()
    }

    /// Anna sends fees that are told from others by `mark`, and is told that they are saved.
    pub(crate) fn anna_uploads(&self, mark: &str) {
        self.plays(async {
            let anna = self.anna().await;
            sends(&anna, mark).await;
            anna.sees_now(SAVED).await.unwrap();
        });
        assert_eq!(self.published("fees"), fees(mark));
    }

    /// The published file of a kind.
    pub(crate) fn published(&self, kind: &str) -> String {
        self.lab.read(&format!("{PUBLISHED}/{kind}.yml"))
    }

    /// Asks the writer, as root of this machine.
    pub(crate) fn configs(&self) -> configs::Client {
        let pool = Pool::new(self.lab.path("/run/natrium/writer.sock"), PoolLimits::default());
        configs::Client::new(pool, PATIENCE)
    }

    /// Waits until `systemctl status` shows a line with `text`.
    pub(crate) fn until_shown(&self, text: &str) {
        let mut shown = String::new();
        let found = until(text, PATIENCE, || {
            shown = self.lab.property(UNIT, "StatusText").unwrap();
            shown.contains(text).then_some(())
        });
        found.unwrap_or_else(|error| panic!("{error}: it is {shown:?}"));
    }

    /// Waits until another main process is ready than `before`.
    pub(crate) fn until_succeeded(&self, before: i32) -> i32 {
        let successor = || {
            let now = self.lab.main_pid(UNIT).unwrap();
            (now != 0 && now != before && self.lab.property(UNIT, "ActiveState").unwrap() == "active").then_some(now)
        };
        until("systemd starts it again", PATIENCE, successor)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.lab.journal(UNIT).unwrap()))
    }

    /// Of these processes, those that still live.
    pub(crate) fn alive(&self, processes: &[(i32, String)]) -> Vec<String> {
        let lives = |(pid, name): &&(i32, String)| self.lab.read(&format!("/proc/{pid}/comm")).trim_end() == *name;
        processes.iter().filter(lives).map(|(pid, name)| format!("{name} {pid}")).collect()
    }
}

/// A valid fees.yml, told from others by `mark`.
pub(crate) fn fees(mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample("fees").unwrap())
}

/// Opens the dialogue and sends fees.
pub(crate) async fn sends(person: &User, mark: &str) {
    person.says("/set_fees").await.unwrap();
    person.sees("fees.yml").await.unwrap();
    person.sends("fees.yml", fees(mark)).await.unwrap();
}

/// Owner's and group's numbers and the mode of a file.
pub(crate) fn rights(path: &Path) -> (u32, u32, u32) {
    let metadata = fs::metadata(path).unwrap();
    (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
}
