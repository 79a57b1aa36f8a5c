//! A disk that fails in the middle of a commit: what is told then holds, over a crash as well.
//!
//! Only a process of its own can be given such a disk, so the writer under test is this program, started again. A limit on
//! the length of files lets the log grow no further (setrlimit(2), `EFBIG`), and strace(1) lets one fsync of it fail, after
//! all that it was to make durable has been written.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use interfaces::CallError;
use interfaces::configs::{self, Author, Error, Get, History, Origin, Put, PutReply};
use interfaces::{dialogues, inbox};
use natrium_writer::configs::KindSpec;
use natrium_writer::{Declared, Directories, Writer};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;
use varlink::{Pool, PoolLimits, Product, Server};

const ROOM: &str = "WRITER_TEST_ROOM";
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes that one page takes in the log: itself and a header (SQLite's file format, "WAL frame").
const FRAME: u64 = 4096 + 24;

/// Not a test by itself: the writer that the tests below run, which is this program.
#[test]
fn writer_program() {
    let Some(room) = std::env::var_os(ROOM).map(PathBuf::from) else { return };
    // Writing beyond the limit is then an error of that write, and not the end of the process. Threads inherit it.
    SigSet::from(Signal::SIGXFSZ).thread_block().unwrap();
    // The end of its standard input is the end of its parent.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let kind = KindSpec {
        name: "fees".to_owned(),
        file: "fees.yml".to_owned(),
        schema: "{}".to_owned(),
        rules: None,
        approval: false,
        hook: false,
        validate: Arc::new(|_| Vec::new()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let directories = Directories::open(&room.join("state"), &room.join("published")).unwrap();
        let writer = Writer::open(directories, Declared { kinds: vec![kind], ..Declared::default() }).await.unwrap();
        let socket = room.join("writer.sock");
        let _of_one_who_was_killed = fs::remove_file(&socket);
        let listener = tokio::net::UnixListener::bind(socket).unwrap();
        fs::write(room.join("pid"), std::process::id().to_string()).unwrap();
        let product = Product { vendor: "", product: "", version: "", url: "" };
        let serving = writer.offer(Server::new(product)).serve(listener, std::future::pending());
        tokio::join!(serving, writer.upkeep());
    });
}

/// A directory, and the writer at work in it.
struct Room {
    directory: TempDir,
    child: Option<Child>,
}

impl Room {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), child: None }
    }

    /// Starts the writer as an argument of `within`, or by itself where that is empty.
    fn start(&mut self, within: &[&str]) {
        let this = std::env::current_exe().unwrap();
        let mut command = match within {
            [] => Command::new(&this),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&this);
                command
            }
        };
        command.args(["--exact", "writer_program"]).env(ROOM, self.directory.path());
        let _of_one_who_was_killed = fs::remove_file(self.path("pid"));
        self.child = Some(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
    }

    /// Kills the writer, wherever it stands.
    fn kill(&mut self) {
        let pid: i32 = fs::read_to_string(self.path("pid")).unwrap().parse().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        self.child.take().unwrap().wait().unwrap();
    }

    /// Lets no file become longer than this. The log's end is told apart from shorter files, which is all the others.
    fn limit(&self, bytes: &str) {
        let pid = fs::read_to_string(self.path("pid")).unwrap();
        let set =
            Command::new("prlimit").arg(format!("--pid={pid}")).arg(format!("--fsize={bytes}:unlimited")).status();
        assert!(set.unwrap().success());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("state/store.sqlite-wal")
    }

    fn pool(&self) -> Pool {
        Pool::new(self.path("writer.sock"), PoolLimits::default())
    }

    fn configs(&self) -> configs::Client {
        configs::Client::new(self.pool(), PATIENCE)
    }

    async fn put(&self, base: i64, content: &str) -> Result<PutReply, CallError<Error>> {
        let put = Put {
            kind: "fees".to_owned(),
            content: content.to_owned(),
            base,
            over: None,
            author: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
            request_id: format!("to follow {base}"),
            settles: None,
        };
        self.configs().put(&put).await
    }

    /// Waits until the first version is noted to be in place, which is the last that the writer writes for it.
    async fn is_quiet(&self) {
        let store = self.path("state/store.sqlite");
        let noted = async || {
            let store =
                rusqlite::Connection::open_with_flags(&store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
            store.query_row("SELECT version FROM placed WHERE version = 1", [], |_| Ok(())).ok()
        };
        harness::until_async("it is noted", PATIENCE, noted).await.unwrap();
    }

    /// All contents, oldest first.
    async fn contents(&self) -> Vec<String> {
        let configs = self.configs();
        let history = configs.history(&History { kind: "fees".to_owned(), before: None, limit: 100 }).await.unwrap();
        let mut contents = Vec::new();
        for version in history.versions.iter().rev() {
            let get = Get { kind: "fees".to_owned(), version: Some(version.version) };
            contents.push(configs.get(&get).await.unwrap().content);
        }
        contents
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Its standard input ends here, and it with that.
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).unwrap().len()
}

fn unavailable(answer: &Result<PutReply, CallError<Error>>) -> bool {
    matches!(answer, Err(CallError::Reply(Error::Unavailable { reason })) if reason.contains("in the middle of a commit"))
}

fn not_saved(answer: &Result<PutReply, CallError<Error>>) -> bool {
    matches!(answer, Err(CallError::Reply(Error::NotSaved { reason, .. })) if reason.contains("disk I/O error"))
}

#[tokio::test]
async fn while_it_is_not_known_what_a_commit_came_to_nothing_is_claimed() {
    let mut room = Room::new();
    room.start(&[]);
    room.put(0, "a: 1").await.unwrap();
    room.is_quiet().await;
    // Neither the upload's frames nor one that would end them find a place.
    room.limit(&length(&room.log()).to_string());
    for _ in 0..3 {
        let answer = room.put(1, "a: 2").await;
        assert!(unavailable(&answer), "{answer:?}");
    }
    let inbox = inbox::Client::new(room.pool(), PATIENCE);
    let receive = inbox::Receive { bot: 1, updates: vec![inbox::Update { id: 7, payload: json!({ "update_id": 7 }) }] };
    let answer = inbox.receive(&receive).await;
    assert!(matches!(answer, Err(CallError::Reply(inbox::Error::Unavailable { .. }))), "{answer:?}");
    let dialogues = dialogues::Client::new(room.pool(), PATIENCE);
    let set =
        dialogues::Set { bot: 1, chat: 2, user: 3, state: json!({}), request_id: "set".to_owned(), settles: None };
    let answer = dialogues.set(&set).await;
    assert!(matches!(answer, Err(CallError::Reply(dialogues::Error::Unavailable { .. }))), "{answer:?}");
    assert_eq!(room.contents().await, ["a: 1"], "what is committed can be read");
    assert_eq!(fs::read_to_string(room.path("published/fees.yml")).unwrap(), "a: 1");

    room.limit("unlimited");
    assert_eq!(room.put(1, "a: 2").await.unwrap().version.version, 2);
    assert_eq!(inbox.receive(&receive).await.unwrap().fresh, [7]);
    assert_eq!(dialogues.set(&set).await.unwrap().version, 1);
    room.kill();
    room.start(&[]);
    assert_eq!(room.contents().await, ["a: 1", "a: 2"]);
}

#[tokio::test]
async fn an_upload_that_a_failed_commit_did_not_save_is_not_found_after_a_crash() {
    let mut room = Room::new();
    room.start(&[]);
    room.put(0, "a: 1").await.unwrap();
    room.is_quiet().await;
    room.limit(&(length(&room.log()) + 3 * FRAME).to_string());
    let large = "a: 2\n".repeat(5_000);
    let answer = room.put(1, &large).await;
    assert!(not_saved(&answer), "{answer:?}");
    assert_eq!(fs::read_to_string(room.path("published/fees.yml")).unwrap(), "a: 1");
    room.kill();
    room.start(&[]);
    assert_eq!(room.contents().await, ["a: 1"]);
    assert_eq!(room.put(1, &large).await.unwrap().version.version, 2);
}

/// The worst case: the commit is whole in the log, and only making it durable failed. Whoever looks after a crash would find it.
#[tokio::test]
async fn an_upload_whose_fsync_failed_is_not_found_after_a_crash() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        harness::skip("letting an fsync fail takes strace").unwrap();
        return;
    }
    let mut room = Room::new();
    room.start(&[]);
    room.put(0, "a: 1").await.unwrap();
    room.is_quiet().await;
    room.kill();
    let log = room.log().display().to_string();
    let first_fsync_fails = "inject=fsync,fdatasync:error=EIO:when=1";
    room.start(&["strace", "--follow-forks", "--output=/dev/null", "-P", &log, "-e", first_fsync_fails]);
    let mark = "a: marked";
    let answer = room.put(1, &format!("{mark}\n").repeat(2000)).await;
    assert!(not_saved(&answer), "{answer:?}");
    let written = fs::read(room.log()).unwrap();
    assert!(written.windows(mark.len()).any(|window| window == mark.as_bytes()), "it was to be in the log");
    room.kill();
    room.start(&[]);
    assert_eq!(room.contents().await, ["a: 1"]);
}
