//! A journal to log to, which can be stopped.

use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::TempDir;

/// One entry: what its fields say.
#[derive(Clone, Debug)]
pub(crate) struct Entry(BTreeMap<String, String>);

impl Entry {
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// By <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>: `NAME=value`, or a name, the length as eight bytes, and the value.
    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut fields = BTreeMap::new();
        while !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == b'\n')?;
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            let (name, value, rest) = match line.iter().position(|byte| *byte == b'=') {
                Some(equals) => (&line[..equals], &line[equals + 1..], rest),
                None => {
                    let (length, rest) = rest.split_first_chunk::<8>()?;
                    let (value, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
                    (line, value, rest.strip_prefix(b"\n")?)
                }
            };
            fields.insert(String::from_utf8(name.into()).ok()?, String::from_utf8_lossy(value).into_owned());
            bytes = rest;
        }
        Some(Self(fields))
    }
}

/// Reads whatever is sent to its socket, until it is stopped.
pub(crate) struct Journal {
    directory: TempDir,
    entries: Arc<Mutex<Vec<Entry>>>,
    stopped: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(directory.path().join("socket")).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let entries = Arc::new(Mutex::new(Vec::new()));
        let (stopped, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (kept, paused, over) = (entries.clone(), stopped.clone(), ended.clone());
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 20];
            while !over.load(Ordering::Relaxed) {
                if paused.load(Ordering::Relaxed) {
                    std::thread::park_timeout(Duration::from_millis(20));
                } else if let Ok(length @ 1..) = socket.recv(&mut buffer) {
                    let entry = Entry::parse(&buffer[..length]);
                    let entry = entry.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&buffer[..length])));
                    kept.lock().unwrap().push(entry);
                }
            }
        });
        Self { directory, entries, stopped, ended, reader: Some(reader) }
    }

    /// Where its socket lies.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn go_on(&self) {
        self.stopped.store(false, Ordering::Relaxed);
    }

    /// The last entry of this sort, if there is one.
    pub(crate) fn look(&self, is_it: impl Fn(&Entry) -> bool) -> Option<Entry> {
        self.entries.lock().unwrap().iter().rev().find(|entry| is_it(entry)).cloned()
    }

    /// Waits for one.
    pub(crate) async fn find(&self, is_it: impl Fn(&Entry) -> bool) -> Entry {
        let found = harness::until_async("an entry comes", Duration::from_secs(20), async || self.look(&is_it)).await;
        found.unwrap_or_else(|error| panic!("{error}: {:#?}", self.entries.lock().unwrap()))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let read = self.reader.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            read.unwrap().unwrap();
        }
    }
}
