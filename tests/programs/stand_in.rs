//! A worker that does as it is told, for the tests of the supervisor.
//!
//! Its environment is what is tested, so it is told by a file beside the name it was started by: `natrium-writer.does`, a step
//! per line.
//!
//! ```text
//! append FILE      one line with its pid and the monotonic time in microseconds
//! say TEXT         a notification; \n separates its lines
//! as NAME TEXT     the same on the socket of another worker
//! send N           a notification of N bytes
//! garble           a notification that is not UTF-8
//! flood            statuses as fast as the queue takes them, counted, for ever, in the background
//! push N           the same from N threads that do not wait in line: they try again at once; each is a sign of life, too
//! ping MS          WATCHDOG=1 that often, in the background
//! fork             leaves a process behind, in its own process group
//! child NAME       another stand-in, natrium-NAME, in its process group
//! daemon NAME      another stand-in that leaves the process group and the session, its parent gone
//! deaf             SIGTERM is ignored from now on
//! stubborn         SIGABRT is ignored from now on
//! polite MS FILE   on SIGTERM: STOPPING=1, a line to FILE after MS milliseconds, exit 0
//! exit CODE        ends
//! close            closes its listener
//! idle             does nothing, for ever
//! busy MS          WATCHDOG=1 for so long, from the main loop, which then does nothing but turn
//! eat              with its first caller it begins to take memory, far more than a test lets it have
//! serve            answers on its listener with its pid, for ever
//! relay            passes on to the supervisor what its callers say, and the answers back, for ever: so a test asks as this worker
//! ```

use std::fs::OpenOptions;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::{Command, Stdio, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use anyhow::{Context, bail};
use listenfd::ListenFd;
use signal_hook::consts::{SIGABRT, SIGTERM};

fn main() -> anyhow::Result<()> {
    let name = env::args().next().context("no name")?;
    let steps = fs::read_to_string(format!("{name}.does")).with_context(|| format!("reading {name}.does"))?;
    for step in steps.lines().filter(|step| !step.trim().is_empty()) {
        let (verb, rest) = step.trim().split_once(' ').unwrap_or((step.trim(), ""));
        take(verb, rest).with_context(|| format!("in the step {step:?}"))?;
    }
    Ok(())
}

fn take(verb: &str, rest: &str) -> anyhow::Result<()> {
    match verb {
        "append" => append(rest)?,
        "say" => notify(rest.replace("\\n", "\n").as_bytes())?,
        "as" => notify_as(rest)?,
        "send" => notify(&vec![b'x'; rest.parse()?])?,
        "garble" => notify(b"STATUS=\xff\xfe")?,
        "flood" => flood(1, true)?,
        "push" => flood(rest.parse()?, false)?,
        "ping" => {
            let pause = Duration::from_millis(rest.parse()?);
            thread::spawn(move || {
                while notify(b"WATCHDOG=1").is_ok() {
                    thread::sleep(pause);
                }
            });
        }
        "fork" => drop(Command::new("/bin/sleep").arg("1000").stdin(Stdio::null()).spawn()?),
        "child" => drop(Command::new(companion(rest)?).stdin(Stdio::null()).spawn()?),
        "daemon" => drop(Command::new("setsid").arg("--fork").arg(companion(rest)?).stdin(Stdio::null()).status()?),
        "deaf" => drop(signal_hook::flag::register(SIGTERM, Arc::new(AtomicBool::new(false)))?),
        "stubborn" => drop(signal_hook::flag::register(SIGABRT, Arc::new(AtomicBool::new(false)))?),
        "polite" => polite(rest)?,
        "exit" => exit(rest.parse()?),
        "close" => drop(listener()?),
        "idle" => loop {
            thread::park();
        },
        "busy" => busy(Duration::from_millis(rest.parse()?))?,
        "eat" => eat()?,
        "serve" => serve()?,
        "relay" => relay()?,
        _ => bail!("it is not known"),
    }
    Ok(())
}

fn notify(message: &[u8]) -> anyhow::Result<()> {
    let path = env::var_os("NOTIFY_SOCKET").context("no NOTIFY_SOCKET")?;
    UnixDatagram::unbound()?.send_to(message, path)?;
    Ok(())
}

/// What it says, it says where another worker is listened to.
fn notify_as(rest: &str) -> anyhow::Result<()> {
    let (worker, text) = rest.split_once(' ').context("as NAME TEXT")?;
    let own = env::var_os("NOTIFY_SOCKET").context("no NOTIFY_SOCKET")?;
    let path = std::path::Path::new(&own).with_file_name(format!("{worker}.notify"));
    UnixDatagram::unbound()?.send_to(text.as_bytes(), path)?;
    Ok(())
}

/// `in_line`: waits for room in the queue, which the kernel gives in order.
fn flood(threads: usize, in_line: bool) -> anyhow::Result<()> {
    let path = env::var_os("NOTIFY_SOCKET").context("no NOTIFY_SOCKET")?;
    let alive = if in_line { "" } else { "\nWATCHDOG=1" };
    let count = Arc::new(AtomicU64::new(0));
    for _ in 0..threads {
        let (socket, count) = (UnixDatagram::unbound()?, Arc::clone(&count));
        socket.connect(&path)?;
        socket.set_nonblocking(!in_line)?;
        thread::spawn(move || {
            loop {
                let message = format!("STATUS=flood {}{alive}", count.load(Ordering::Relaxed));
                if socket.send(message.as_bytes()).is_ok() {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    Ok(())
}

fn append(file: &str) -> anyhow::Result<()> {
    let line = format!("{} {} {}\n", program(), std::process::id(), monotonic_us()?);
    // One write: lines of several processes do not mix.
    Ok(OpenOptions::new().append(true).create(true).open(file)?.write_all(line.as_bytes())?)
}

fn program() -> String {
    env::args().next().and_then(|path| path.rsplit("natrium-").next().map(ToOwned::to_owned)).unwrap_or_default()
}

fn monotonic_us() -> anyhow::Result<u64> {
    let states = sd_notify::NotifyState::monotonic_usec_now()?.to_string();
    Ok(states.trim_start_matches("MONOTONIC_USEC=").parse()?)
}

fn polite(rest: &str) -> anyhow::Result<()> {
    let (pause, file) = rest.split_once(' ').context("polite MS FILE")?;
    let (pause, file) = (Duration::from_millis(pause.parse()?), file.to_owned());
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM])?;
    thread::spawn(move || {
        signals.forever().next();
        let _ = notify(b"STOPPING=1");
        thread::sleep(pause);
        let _ = append(&file);
        exit(0);
    });
    Ok(())
}

/// Another stand-in, beside this one.
fn companion(name: &str) -> anyhow::Result<String> {
    let own = env::args().next().context("no name")?;
    Ok(own.replace(&format!("natrium-{}", program()), &format!("natrium-{name}")))
}

fn busy(alive: Duration) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < alive {
        notify(b"WATCHDOG=1")?;
        thread::sleep(alive / 20);
    }
    loop {
        std::hint::spin_loop();
    }
}

fn eat() -> anyhow::Result<()> {
    let _caller = listener()?.accept()?;
    let mut eaten = Vec::new();
    // Not without end: where no limit holds, the machine has to survive.
    while eaten.len() < 512 {
        // Touched, so that it is really taken.
        eaten.push(vec![1_u8; 1 << 20]);
    }
    bail!("nobody kept it from eating")
}

fn listener() -> anyhow::Result<UnixListener> {
    let listener = ListenFd::from_env().take_unix_listener(0)?.context("no listener was handed down")?;
    listener.set_nonblocking(false)?;
    Ok(listener)
}

fn serve() -> anyhow::Result<()> {
    let listener = listener()?;
    loop {
        let (mut caller, _) = listener.accept()?;
        // A caller that has gone needs no answer.
        let _ = writeln!(caller, "{}", std::process::id());
    }
}

fn relay() -> anyhow::Result<()> {
    let listener = listener()?;
    let supervisor = std::path::PathBuf::from(env::var_os("RUNTIME_DIRECTORY").context("no RUNTIME_DIRECTORY")?);
    loop {
        let (caller, _) = listener.accept()?;
        let above = UnixStream::connect(supervisor.join("supervisor.sock"))?;
        for (mut from, mut to) in [(caller.try_clone()?, above.try_clone()?), (above, caller)] {
            thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                // Whoever of both has gone, the other one is told.
                let _ = to.shutdown(Shutdown::Both);
                let _ = from.shutdown(Shutdown::Both);
            });
        }
    }
}
