//! A service with three kinds of config and eight admins, and a simulated Telegram for them.

use std::fs;
use std::process::id as process_id;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use harness::{Admin, Instance, Programs};
use sim::Simulator;
use sim::client::{Client, User};

/// Debug builds on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const ADMINS: [Admin; 8] = [
    Admin { id: 1001, name: "Anna" },
    Admin { id: 1002, name: "Boris" },
    Admin { id: 1003, name: "Clara" },
    Admin { id: 1004, name: "Dmitri" },
    Admin { id: 1005, name: "Elena" },
    Admin { id: 1006, name: "Fyodor" },
    Admin { id: 1007, name: "Galina" },
    Admin { id: 1008, name: "Hans" },
];

pub(crate) const KINDS: [&str; 3] = ["fees", "rates", "limits"];

/// Where the kinds stand in the settings.
pub(crate) const DECLARED: &str = "configs:
  fees: { file: fees.yml, schema: builtin }
  rates: { file: rates.yml, schema: builtin }
";
/// The third kind; it is not there by itself.
pub(crate) const LIMITS: &str = "  limits: { file: limits.yml, schema: limits.schema.json }\n";

/// The service goes before the Telegram that it talks with.
pub(crate) struct House {
    pub(crate) service: Instance,
    pub(crate) telegram: Client,
    /// Where Telegram is simulated.
    pub(crate) url: String,
    /// The settings without the kinds.
    settings: String,
    _simulator: Simulator,
}

impl House {
    /// Everything, with the service not started.
    pub(crate) async fn set() -> Self {
        // A token of its own: bots with the same one keep each other from running, across all tests of this machine.
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let id = 8_000_000_000 + i64::from(process_id()) * 100 + NEXT.fetch_add(1, Ordering::Relaxed);
        let token = format!("{id}:SIMULATED-not-a-secret-0123456789abcd");
        let options = sim::Options { tokens: vec![token.clone().into()], ..sim::Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let programs = Programs::beside_this_one().unwrap();
        let service = Instance::new(&programs, &simulator.url(), &token, &ADMINS).unwrap();
        fs::write(service.path().join("limits.schema.json"), r#"{ "type": "object" }"#).unwrap();
        let settings = fs::read_to_string(service.settings()).unwrap();
        let telegram = simulator.client().patient(PATIENCE);
        let house = Self { service, telegram, url: simulator.url(), settings, _simulator: simulator };
        house.declare(&format!("{DECLARED}{LIMITS}"));
        house
    }

    /// The same, started.
    pub(crate) async fn start() -> Self {
        let mut house = Self::set().await;
        house.service.start().unwrap();
        house
    }

    /// Replaces what the settings say about kinds.
    pub(crate) fn declare(&self, configs: &str) {
        self.service.write_settings(&format!("{}{configs}", self.settings)).unwrap();
    }

    pub(crate) async fn admin(&self, number: usize) -> User {
        let Admin { id, name } = ADMINS[number];
        self.telegram.user(id, name).await.unwrap()
    }

    /// A published file, as it is just now.
    pub(crate) fn file(&self, kind: &str) -> Option<String> {
        fs::read_to_string(self.service.published(&format!("{kind}.yml"))).ok()
    }

    /// Stops the service. It asked nothing of Telegram that the simulator does not know.
    pub(crate) async fn end(mut self) {
        assert!(self.service.stop().unwrap().success(), "{}", self.service.log());
        let unsimulated = self.telegram.unsimulated().await.unwrap();
        assert!(unsimulated.is_empty(), "{unsimulated:?}");
    }
}

/// A valid document, told from others by `mark`.
pub(crate) fn document(kind: &str, mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample(kind).unwrap_or("most: 10\n"))
}
