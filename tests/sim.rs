//! The program natrium-sim itself: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::{fs, io};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natrium-sim"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running simulator, killed if a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> (Running, String) {
    announced(sim(arguments).spawn().unwrap())
}

/// A simulator that has been started, and the address that it says.
fn announced(mut child: Child) -> (Running, String) {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address =
        line.trim_end().strip_prefix("listening on http://").expect("the first line is for programs").to_owned();
    (Running(child), address)
}

fn get(address: &str, path: &str) -> String {
    try_get(address, path).unwrap()
}

fn try_get(address: &str, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn post(address: &str, path: &str, json: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = json.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json");
    write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n{json}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_where_it_listens_and_ends_cleanly() {
    let directory = tempfile::tempdir().unwrap();
    let port_file = directory.path().join("port");
    let (mut running, address) = start(&["--bot", "77:secret", "--port-file", port_file.to_str().unwrap()]);
    assert!(get(&address, "/bot77:secret/getMe").contains(r#""ok":true"#));
    assert!(get(&address, "/").contains("<title>natrium-sim</title>"));
    let state = get(&address, "/control/state");
    assert!(state.contains("Anna") && !state.contains("secret"), "people are there, and no token is told");
    let port = fs::read_to_string(&port_file).unwrap();
    assert_eq!(address, format!("127.0.0.1:{}", port.trim()));

    kill(Pid::from_raw(running.0.id().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
    assert!(!port_file.exists());
}

#[test]
fn what_it_cannot_do_it_says_without_showing_the_token() {
    let (_running, address) = start(&[]);
    for (arguments, code, words) in [
        (vec!["--bot", "not-a-token"], 64, "natrium-sim: token number 1 is not of the form <number>:<secret>\n"),
        (vec!["--samples", "/nowhere"], 64, "natrium-sim: reading samples from /nowhere: No such file or directory"),
        (vec!["--listen", &address], 75, "Address already in use"),
        (vec!["--no-such-thing"], 64, "unexpected argument"),
    ] {
        let output = sim(&arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("not-a-token"));
    }
}

#[test]
fn whatever_is_logged_no_token_and_no_secret_is() {
    let directory = tempfile::tempdir().unwrap();
    for level in ["debug", "trace"] {
        let log = directory.path().join(level);
        let mut command = sim(&["--bot", "77:first-token"]);
        command.env("NATRIUM_LOG", level).stderr(fs::File::create(&log).unwrap());
        let (running, address) = announced(command.spawn().unwrap());
        for call in [
            "bot77:first-token/getMe",
            "bot77:first-token/setWebhook?url=http://127.0.0.1:1/77:first-token&secret_token=shared-with-the-bot",
            "bot77:first-token/getWebhookInfo",
            "bot77:first-token/77:first-token",
            "bot77:first-token/sendPoll?chat_id=1001&question=77:first-token",
            "bot78:nobodys-token/getMe",
            "file/bot77:first-token/77:first-token",
        ] {
            get(&address, &format!("/{call}"));
        }
        let renewed = post(&address, "/control/revoke", r#"{"token":"77:second-token"}"#);
        assert!(renewed.starts_with("HTTP/1.1 204"), "{renewed}");
        let refused = post(&address, "/control/bots", r#"{"token":"no:token-at-all"}"#);
        assert!(refused.starts_with("HTTP/1.1 400") && !refused.contains("no:token-at-all"), "{refused}");
        let hook =
            "setWebhook?url=http://127.0.0.1:1/77:second-token&secret_token=shared-with-the-bot&max_connections=1";
        assert!(get(&address, &format!("/bot77:second-token/{hook}")).contains("429"), "within a second of the first");
        post(&address, "/control/clock", r#"{"millis":1000}"#);
        assert!(get(&address, &format!("/bot77:second-token/{hook}")).contains("Webhook was set"));
        post(&address, "/control/users/1001/messages", r#"{"text":"hello"}"#);
        let twice = post(&address, "/control/wait", r#"{"for":"calls","method":"webhook","at_least":2}"#);
        assert!(twice.starts_with("HTTP/1.1 200"), "a delivery has failed and is tried again: {twice}");
        drop(running);
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains("getMe") && log.contains("sendPoll"), "calls are logged: {log}");
        for secret in ["first-token", "second-token", "nobodys-token", "token-at-all", "shared-with-the-bot"] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

/// Runs a scenario from a directory of its own, with what it prints.
struct Played {
    running: Running,
    output: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Played {
    fn begin(directory: &Path, steps: &str) -> Self {
        let file = directory.join("talk.yml");
        fs::write(&file, format!("people: [{{id: 1001, name: Anna}}]\nsteps:\n{steps}")).unwrap();
        let mut child = sim(&["scenario", "--bot", TOKEN, file.to_str().unwrap()]).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect("where the bot finds it").to_owned();
        Self { running: Running(child), output, address }
    }

    /// The exit code, and all that was printed.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut told, mut error) = (String::new(), String::new());
        self.output.read_to_string(&mut told).unwrap();
        self.running.0.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        (self.running.0.wait().unwrap().code(), told, error)
    }
}

const TOKEN: &str = "77:secret";

/// A bot that says hello to whatever it is sent, until its Telegram goes.
fn polite_bot(address: String) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut offset = 0;
        while let Ok(answer) = try_get(&address, &format!("/bot{TOKEN}/getUpdates?timeout=20&offset={offset}")) {
            // It may go while it answers.
            let Some((_, body)) = answer.split_once("\r\n\r\n") else { break };
            let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else { break };
            let Some(updates) = body["result"].as_array() else { break };
            for update in updates {
                offset = update["update_id"].as_i64().unwrap() + 1;
                // The scenario may be over by now.
                let _ = try_get(&address, &format!("/bot{TOKEN}/sendMessage?chat_id=1001&text=Hello%20there"));
            }
        }
    })
}

#[test]
fn a_scenario_is_played_with_whatever_bot_comes() {
    let directory = tempfile::tempdir().unwrap();
    let played = Played::begin(directory.path(), "  - anna says: hi\n  - anna sees: Hello\n");
    let bot = polite_bot(played.address.clone());
    let (code, told, error) = played.end();
    assert_eq!(code, Some(0), "{told}{error}");
    assert!(told.contains("    3  anna says: hi  (") && told.contains("    4  anna sees: Hello  ("), "{told}");
    assert!(told.ends_with("talk.yml: all 2 steps as expected, with seed 1\n"), "{told}");
    bot.join().unwrap();
}

#[test]
fn what_is_not_as_expected_is_told_with_the_conversation_and_ends_with_1() {
    let directory = tempfile::tempdir().unwrap();
    let played = Played::begin(directory.path(), "  - anna says: hi\n  - {anna sees: Goodbye, within: 500ms}\n");
    let bot = polite_bot(played.address.clone());
    let (code, told, error) = played.end();
    assert_eq!(code, Some(1), "{told}{error}");
    let file = directory.path().join("talk.yml").display().to_string();
    assert!(
        error.starts_with(&format!("natrium-sim: {file}:4: anna sees: Goodbye\n  Anna did not see “Goodbye”")),
        "{error}"
    );
    assert!(error.contains("\nAnna and the bot:\n  user 1: hi\n  bot  2: Hello there\n"), "{error}");
    assert!(error.ends_with(&format!("seed 1; again: natrium-sim scenario --seed 1 {file}\n")), "{error}");
    bot.join().unwrap();
}

#[test]
fn a_scenario_is_played_with_a_simulator_that_runs_already() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, address) = start(&["--bot", TOKEN]);
    let file = directory.path().join("talk.yml");
    fs::write(&file, "people: [{id: 1001, name: Anna}]\nsteps: [anna says: hi, anna sees: Hello]\n").unwrap();
    let _bot = polite_bot(address.clone());
    let output = sim(&["scenario", "--url", &format!("http://{address}"), file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(get(&address, "/control/users/1001/messages").contains("Hello there"), "it was this one");
}

#[test]
fn how_a_scenario_cannot_be_played_is_told_by_the_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = directory.path().join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let good = write("good.yml", "seed: 9\nsteps: [wait: 1ms to 2s, clock: +1h]\n");
    let bad = write("bad.yml", "steps:\n  - wiat: 5s\n");
    let flaw = format!("natrium-sim: {bad}:2: `wiat` is no step; did you mean `wait`?\n");
    let checked = format!("{good}: 2 steps with seed 9\n");
    for (arguments, code, words) in [
        (vec!["--check", &good], 0, checked.as_str()),
        (vec!["--check", &bad], 65, &flaw),
        (vec![&bad], 65, &flaw),
        (vec!["--check", "/nowhere.yml"], 66, "natrium-sim: reading /nowhere.yml: No such file or directory"),
        (vec![], 64, "the following required arguments were not provided"),
        (vec![&good, "--url", "http://127.0.0.1:1", "--listen", "127.0.0.1:0"], 64, "cannot be used with"),
        (vec![&good, "--url", "http://127.0.0.1:1"], 69, "there is no simulator at http://127.0.0.1:1; start one"),
        (
            vec![&good, "--bot-timeout", "1"],
            69,
            "no bot asked for updates within 1 s; start one with http://127.0.0.1:",
        ),
        (vec![&good, "--bot", "not-a-token"], 64, "natrium-sim: token number 1 is not of the form"),
    ] {
        let output = sim(&[&["scenario"], &arguments[..]].concat()).output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
        assert!(!told.contains("not-a-token"));
    }
}

#[test]
fn a_plan_is_the_same_for_the_same_seed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("wild.yml");
    fs::write(&file, "steps:\n  - repeat: 20\n    steps: [wait: 1ms to 9s]\n").unwrap();
    let plan = |seed| {
        let output = sim(&["scenario", "--plan", "--seed", seed, file.to_str().unwrap()]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(plan("3").lines().count(), 20);
    assert_eq!(plan("3"), plan("3"));
    assert_ne!(plan("3"), plan("4"));
}
