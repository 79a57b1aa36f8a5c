//! What the parent handed down by `LISTEN_FDS` (see `sd_listen_fds(3)`): the listeners to serve on, the settings, and where
//! the last log line goes.
//!
//! The names are those of the protocol's `LISTEN_FDNAMES`: `varlink` is a listening Unix socket, `settings` a file with the
//! validated settings as JSON (which systemd's `OpenFile=` can hand down as well as the supervisor), `recorder` a file that
//! takes the last log line. A worker may serve TCP listeners beside, by names of its own.

use std::{fs::File, io, net::TcpListener, os::unix::net::UnixListener};

use crate::recorder::Recorder;

/// The name of the listener.
pub(crate) const LISTENER: &str = "varlink";
/// The name of the settings.
pub(crate) const SETTINGS: &str = "settings";
/// The name of the recorder.
pub(crate) const RECORDER: &str = "recorder";

/// What was handed down to this process.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    /// The listener to serve Varlink on.
    pub(crate) listener: Option<UnixListener>,
    /// The TCP listeners, each with its name.
    pub(crate) tcp: Vec<(&'static str, TcpListener)>,
    /// The validated settings as JSON. Read it from its start: its offset is this process's own.
    pub(crate) settings: Option<File>,
    /// Takes the last log line.
    pub(crate) recorder: Option<Recorder>,
}

impl Inherited {
    /// Takes what the environment says was handed down to this very process. Closes all of it on `exec`. `tcp`: the names of TCP
    /// listeners, of each of which there may be several.
    ///
    /// # Errors
    /// When the environment and the descriptors do not agree.
    pub(crate) fn take(tcp: &[&'static str]) -> io::Result<Self> {
        let mut inherited = Self::default();
        let named: Vec<_> = sd_notify::listen_fds_with_names()?.collect();
        // Takes the variables out of the environment: whatever this process might start must not believe in them.
        let mut descriptors = listenfd::ListenFd::from_env();
        for (index, (descriptor, name)) in named.into_iter().enumerate() {
            match name.as_str() {
                LISTENER => inherited.listener = descriptors.take_unix_listener(index)?,
                // Opened anew: processes that share a descriptor share its offset, too.
                SETTINGS => inherited.settings = Some(File::open(format!("/proc/self/fd/{descriptor}"))?),
                RECORDER => {
                    let file = File::options().write(true).open(format!("/proc/self/fd/{descriptor}"))?;
                    inherited.recorder = Some(Recorder::new(file));
                }
                other => match tcp.iter().find(|known| **known == other) {
                    Some(known) => {
                        let listener = descriptors.take_tcp_listener(index)?;
                        inherited.tcp.extend(listener.map(|listener| (*known, listener)));
                    }
                    None => tracing::warn!(name = other, "a descriptor of unknown use was handed down"),
                },
            }
        }
        Ok(inherited)
    }
}
