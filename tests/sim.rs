//! The program natrium-sim itself: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

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
    let mut child = sim(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address =
        line.trim_end().strip_prefix("listening on http://").expect("the first line is for programs").to_owned();
    (Running(child), address)
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
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
    let port = std::fs::read_to_string(&port_file).unwrap();
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
