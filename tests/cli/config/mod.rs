//! `natrium config`, `audit`, `admins` and `pair` beside a real service, whose Telegram cannot be reached, which is only a status.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};

use harness::{Admin, Instance, Programs};
use interfaces::configs::{Author, Origin, Put};
use serde_json::Value;

use crate::running::Run;

mod approval;
mod by_hand;
mod check;
mod consumers;
mod diff;
mod export;
mod get;
mod history;
mod import;
mod people;
mod put;
mod rollback;
mod trail;
mod unanswered;

/// An operator's desk: a service, and files of his own.
pub(crate) struct Desk {
    pub(crate) service: Instance,
}

impl Desk {
    /// Beside a service that runs.
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// The same, with more in its settings.
    pub(crate) fn with(more: &str) -> Self {
        let mut desk = Self::idle(&[Admin { id: 1001, name: "Anna" }], more);
        desk.service.start().unwrap();
        desk
    }

    /// Beside a service that has not been started.
    pub(crate) fn idle(admins: &[Admin], more: &str) -> Self {
        // A token of its own: bots with the same one keep each other from running, across all tests of this machine.
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let id = 8_000_000_000 + i64::from(std::process::id()) * 100 + NEXT.fetch_add(1, Ordering::Relaxed);
        let programs = Programs::beside_this_one().unwrap();
        // Port 9 (discard) is served nowhere any more.
        let service = Instance::new(&programs, "http://127.0.0.1:9", &format!("{id}:SIMULATED"), admins).unwrap();
        let text = fs::read_to_string(service.settings()).unwrap();
        let text = if admins.is_empty() { text.replace("admins:\n", "") } else { text };
        service.write_settings(&(text + more)).unwrap();
        Self { service }
    }

    /// A file of the operator's.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.service.path().join("desk").join(name)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.service.command("natrium");
        command.args(words).env("TZ", "UTC").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn natrium(&self, words: &[&str]) -> Run {
        run(self.command(words).output().unwrap())
    }

    /// With this as its standard input.
    pub(crate) fn typed(&self, words: &[&str], input: &str) -> Run {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        // One that asks nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        ended(child)
    }

    /// What it prints with `--json`, and how it ends.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> (Value, i32) {
        let run = self.natrium(&[words, &["--json"]].concat());
        let value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        (value, run.code)
    }

    /// Ends so, and says all this on one of both outputs.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str], code: i32, parts: &[&str]) -> Run {
        let run = self.natrium(words);
        assert_eq!(run.code, code, "{words:?}: {run:?}");
        for part in parts {
            assert!(run.out.contains(part) || run.err.contains(part), "{part:?} is not in {run:?}");
        }
        run
    }

    /// Saves a version of which it is known that nobody else does meanwhile.
    pub(crate) async fn save(&self, kind: &str, base: i64, content: &str) {
        let put = Put {
            kind: kind.to_owned(),
            content: content.to_owned(),
            base,
            over: None,
            author: anna(),
            request_id: format!("{kind}.{base}"),
            settles: None,
        };
        assert!(!self.service.configs().put(&put).await.unwrap().unchanged);
    }

    /// The numbers of all versions, the newest first.
    #[track_caller]
    pub(crate) fn versions(&self, kind: &str) -> Vec<i64> {
        let (history, code) = self.json(&["config", "history", kind, "--limit", "1000"]);
        assert_eq!(code, 0, "{history}");
        history["versions"].as_array().unwrap().iter().map(|version| version["version"].as_i64().unwrap()).collect()
    }

    /// What was refused, the oldest first: what, the kind or what else it is about, why, and the request.
    #[track_caller]
    pub(crate) fn refusals(&self) -> Vec<String> {
        let (trail, code) = self.json(&["audit", "--limit", "1000"]);
        assert_eq!(code, 0, "{trail}");
        let line = |entry: &Value| {
            let said = ["action", "kind", "about", "reason", "request_id"].map(|name| entry[name].as_str());
            said.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let entries = trail["entries"].as_array().unwrap().iter().rev();
        entries.filter(|entry| entry["outcome"] == "refused").map(line).collect()
    }

    pub(crate) fn published(&self, file: &str) -> String {
        fs::read_to_string(self.service.published(file)).unwrap()
    }

    #[track_caller]
    pub(crate) fn stop(mut self) {
        assert!(self.service.stop().unwrap().success(), "{}", self.service.log());
    }
}

/// A person in Telegram.
pub(crate) fn anna() -> Author {
    Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() }
}

/// A valid document, told from others by `mark`.
pub(crate) fn document(kind: &str, mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample(kind).unwrap())
}

pub(crate) fn run(output: Output) -> Run {
    Run {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn ended(child: Child) -> Run {
    run(child.wait_with_output().unwrap())
}
