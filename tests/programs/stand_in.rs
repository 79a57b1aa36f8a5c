//! A worker that does as it is told, for the tests of the supervisor.
//!
//! Its environment is what is tested, so it is told by a file beside the name it was started by: `natrium-writer.does`, a step
//! per line.
//!
//! ```text
//! append FILE      one line with its pid and the monotonic time in microseconds
//! say TEXT         a notification; \n separates its lines
//! send N           a notification of N bytes
//! garble           a notification that is not UTF-8
//! flood            a status every time round, for ever, in the background
//! ping MS          WATCHDOG=1 that often, in the background
//! fork             leaves a process behind, in its own process group
//! deaf             SIGTERM is ignored from now on
//! polite MS FILE   on SIGTERM: STOPPING=1, a line to FILE after MS milliseconds, exit 0
//! exit CODE        ends
//! serve            answers on its listener with its pid, for ever
//! ```

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio, exit};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context, bail};
use listenfd::ListenFd;
use signal_hook::consts::SIGTERM;

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
        "send" => notify(&vec![b'x'; rest.parse()?])?,
        "garble" => notify(b"STATUS=\xff\xfe")?,
        "flood" => {
            thread::spawn(|| {
                for count in 0_u64.. {
                    // The queue may be full; that is the point.
                    let _ = notify(format!("STATUS=flood {count}").as_bytes());
                }
            });
        }
        "ping" => {
            let pause = Duration::from_millis(rest.parse()?);
            thread::spawn(move || {
                while notify(b"WATCHDOG=1").is_ok() {
                    thread::sleep(pause);
                }
            });
        }
        "fork" => drop(Command::new("/bin/sleep").arg("1000").stdin(Stdio::null()).spawn()?),
        "deaf" => drop(signal_hook::flag::register(SIGTERM, Arc::new(AtomicBool::new(false)))?),
        "polite" => polite(rest)?,
        "exit" => exit(rest.parse()?),
        "serve" => serve()?,
        _ => bail!("it is not known"),
    }
    Ok(())
}

fn notify(message: &[u8]) -> anyhow::Result<()> {
    let path = env::var_os("NOTIFY_SOCKET").context("no NOTIFY_SOCKET")?;
    UnixDatagram::unbound()?.send_to(message, path)?;
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

fn serve() -> anyhow::Result<()> {
    let listener = ListenFd::from_env().take_unix_listener(0)?.context("no listener was handed down")?;
    listener.set_nonblocking(false)?;
    loop {
        let (mut caller, _) = listener.accept()?;
        // A caller that has gone needs no answer.
        let _ = writeln!(caller, "{}", std::process::id());
    }
}
