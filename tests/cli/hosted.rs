//! `natrium` beside a real service, whose Telegram is simulated.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};

use harness::{Admin, Instance, Programs};
use sim::Simulator;

/// A service that has not been started. It goes before its Telegram.
pub(crate) struct Host {
    pub(crate) service: Instance,
    pub(crate) token: String,
    pub(crate) url: String,
    _simulator: Simulator,
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with(&Programs::beside_this_one().unwrap()).await
    }

    pub(crate) async fn with(programs: &Programs) -> Self {
        // A token of its own: bots with the same one keep each other from running, across all tests of this machine.
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let id = 5_000_000_000 + i64::from(std::process::id()) * 100 + NEXT.fetch_add(1, Ordering::Relaxed);
        let token = format!("{id}:SIMULATED-not-a-secret-0123456789abcd");
        let options = sim::Options { tokens: vec![token.clone().into()], ..sim::Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let url = simulator.url();
        let service = Instance::new(programs, &url, &token, &[Admin { id: 1001, name: "Anna" }]).unwrap();
        fs::set_permissions(service.path().join("run"), fs::Permissions::from_mode(0o750)).unwrap();
        Self { service, token, url, _simulator: simulator }
    }

    /// Runs `natrium` with these words; standard input is `typed`. Whatever it says, it does not say the token.
    pub(crate) fn natrium_typed(&self, words: &[&str], typed: &str) -> (String, i32) {
        let mut command = self.service.command("natrium");
        command.args(words).env("NATRIUM_SETTINGS", self.service.settings()).env("TMPDIR", self.service.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // One that asks nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        self.said(&child.wait_with_output().unwrap())
    }

    pub(crate) fn natrium(&self, words: &[&str]) -> (String, i32) {
        self.natrium_typed(words, "")
    }

    fn said(&self, output: &Output) -> (String, i32) {
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let secret = self.token.split_once(':').unwrap().1;
        assert!(!text.contains(secret), "the token was told: {text}");
        (text, output.status.code().expect("no signal"))
    }

    /// What was found about `what`, and how it is.
    #[track_caller]
    pub(crate) fn finding(&self, words: &[&str], what: &str) -> (String, String) {
        let (text, code) = self.natrium(&[words, &["--json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let findings = report["findings"].as_array().unwrap();
        let problems = findings.iter().any(|finding| finding["state"] == "problem");
        assert_eq!((code == 0, &report["ok"]), (!problems, &serde_json::Value::from(!problems)), "{code}: {text}");
        let all: Vec<_> = findings.iter().filter(|finding| finding["what"] == what).collect();
        let worst = all.iter().find(|finding| finding["state"] == "problem").or(all.first());
        let worst = worst.unwrap_or_else(|| panic!("nothing about {what}: {text}"));
        let advised = worst.get("advice").is_some();
        assert_eq!(advised, worst["state"] == "problem", "a problem says what to do: {worst}");
        (worst["state"].as_str().unwrap().to_owned(), worst["found"].as_str().unwrap().to_owned())
    }

    /// Changes the settings' text.
    pub(crate) fn settings(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.service.settings()).unwrap();
        assert!(text.contains(from), "{text}");
        self.service.write_settings(&text.replace(from, to)).unwrap();
    }
}
