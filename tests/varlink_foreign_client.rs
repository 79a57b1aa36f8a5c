//! Our server, called by a client that nobody here wrote: PyPI's `varlink`, in the virtual environment of `scripts/venv`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::Duration;

use harness::until;
use serde_json::{Value, json};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The server program `notes`, built from the example of crate `varlink`. It ends with this value.
struct Notes {
    program: Child,
    _stdin: ChildStdin,
    directory: TempDir,
}

impl Notes {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut program =
            Command::new(example("notes")).arg(directory.path().join("s")).stdin(Stdio::piped()).spawn().unwrap();
        let notes = Self { _stdin: program.stdin.take().unwrap(), program, directory };
        until("the server listens", Duration::from_secs(10), || UnixStream::connect(notes.socket()).ok()).unwrap();
        notes
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("s")
    }

    /// The foreign client's command line, with the arguments given. `@` at the start of one stands for the address.
    fn client(&self, arguments: &[&str]) -> Command {
        let python = Path::new(ROOT).join(".venv/bin/python");
        assert!(python.exists(), "{} is missing: run scripts/venv", python.display());
        let address = format!("unix:{}", self.socket().display());
        let mut command = Command::new(python);
        command.args(["-u", "-m", "varlink.cli"]);
        command.args(arguments.iter().map(|argument| match argument.strip_prefix('@') {
            Some(rest) => format!("{address}{rest}"),
            None => (*argument).to_owned(),
        }));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.client(arguments).output().unwrap()
    }

    /// Calls a method, given by its bare name; the answer is a reply or an error.
    fn call(&self, method: &str, parameters: &Value) -> Result<Value, String> {
        let output = self.run(&["call", &format!("@/org.example.Notes.{method}"), &parameters.to_string()]);
        let (told, complaint) = (text(&output.stdout), text(&output.stderr));
        if told.is_empty() { Err(complaint) } else { Ok(serde_json::from_str(&told).expect(&told)) }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Builds an example program of crate `varlink`, or finds it built. Returns its path.
fn example(name: &str) -> PathBuf {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--locked", "--package", "natrium-varlink", "--message-format", "json"])
        .args(["--example", name])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|message| message["target"]["name"] == name)
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo says where it is")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[test]
fn info() {
    let notes = Notes::start();
    let told = text(&notes.run(&["info", "@"]).stdout);
    for part in ["Vendor: Example", "Product: notes", "URL: https://example.org/notes", "org.varlink.service"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(told.contains("org.example.Notes"), "{told}");
}

#[test]
fn introspection() {
    let notes = Notes::start();
    for (interface, definition) in [
        ("org.example.Notes", include_str!("../crates/varlink/examples/org.example.Notes.varlink")),
        ("org.varlink.service", varlink::SERVICE.description),
    ] {
        assert_eq!(text(&notes.run(&["help", &format!("@/{interface}")]).stdout), definition.trim());
    }
}

#[test]
fn calls_and_errors() {
    let notes = Notes::start();
    let note = "milk \"é\"\n\u{1F600}\u{1}";
    assert_eq!(notes.call("Add", &json!({ "text": note })), Ok(json!({ "id": 1 })));
    assert_eq!(notes.call("Get", &json!({ "id": 1 })), Ok(json!({ "note": { "id": 1, "text": note } })));
    let long = "x".repeat(100_000);
    assert_eq!(notes.call("Add", &json!({ "text": long })), Ok(json!({ "id": 2 })));
    assert_eq!(notes.call("Get", &json!({ "id": 2 })), Ok(json!({ "note": { "id": 2, "text": long } })));

    // The foreign client prints errors as Python does.
    let error = |name: &str, parameters: &str| Err(format!("{{'error': '{name}', 'parameters': {parameters}}}"));
    assert_eq!(notes.call("Get", &json!({ "id": 7 })), error("org.example.Notes.NoSuchNote", "{'id': 7}"));
    assert_eq!(
        notes.call("Get", &json!({ "id": "x" })),
        error("org.varlink.service.InvalidParameter", "{'parameter': 'id'}")
    );
    assert_eq!(
        notes.call("Nope", &json!({})),
        error("org.varlink.service.MethodNotFound", "{'method': 'org.example.Notes.Nope'}")
    );
    assert_eq!(notes.call("Follow", &json!({ "until": 1 })), error("org.varlink.service.ExpectedMore", "{}"));
}

#[test]
fn a_stream_tells_what_happens_when_it_happens() {
    let notes = Notes::start();
    notes.call("Add", &json!({ "text": "one" })).unwrap();
    let mut follower = notes
        .client(&["call", "--more", "@/org.example.Notes.Follow", &json!({ "until": 3 }).to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines().map(Result::unwrap);
    // Each reply is an object printed over several lines, the last of which is a lone brace.
    let mut next = || {
        let mut object = String::new();
        for line in lines.by_ref() {
            object.push_str(&line);
            if line == "}" {
                return Some(serde_json::from_str::<Value>(&object).expect(&object));
            }
        }
        None
    };
    let note = |id: u32, text: &str| Some(json!({ "note": { "id": id, "text": text } }));
    assert_eq!(next(), note(1, "one"));
    notes.call("Add", &json!({ "text": "two" })).unwrap();
    assert_eq!(next(), note(2, "two"));
    notes.call("Add", &json!({ "text": "three" })).unwrap();
    assert_eq!(next(), note(3, "three"));
    assert_eq!(next(), None);
    assert!(follower.wait().unwrap().success());
}
