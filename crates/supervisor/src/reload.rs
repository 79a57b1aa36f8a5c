//! New settings while the service runs: they are read in the background, one reading at a time, and then it is found out whom
//! they concern.

use std::time::Duration;

use settings::Settings;

use crate::control::Reloaded;
use crate::reader::{ReadError, Reader, Reading};
use crate::timing::Moment;
use crate::topology::WorkerSpec;

/// How long a reading may take. It takes milliseconds; a disk that hangs must not make a reload that never ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads settings again.
#[derive(Debug)]
pub(crate) struct Reload {
    reader: Reader,
    under_way: Option<(Reading, Moment)>,
    /// It was asked for once more after the reading had begun, which may have missed the newest change.
    again: bool,
    /// Who waits for the reading that is under way, and who for the one after it.
    askers: Vec<Reloaded>,
    later: Vec<Reloaded>,
    /// Readings that took too long, until their processes have ended.
    given_up: Vec<Reading>,
}

impl Reload {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, under_way: None, again: false, askers: Vec::new(), later: Vec::new(), given_up: Vec::new() }
    }

    /// Begins, or remembers to begin once more. Answers whether a reading has begun.
    ///
    /// # Errors
    /// When it cannot begin.
    pub(crate) fn request(&mut self, now: Moment) -> Result<bool, ReadError> {
        self.again = self.under_way.is_some();
        if !self.again {
            self.under_way = Some((self.reader.begin()?, now + PATIENCE));
        }
        Ok(!self.again)
    }

    /// Whoever asked waits for a reading that began after that.
    pub(crate) fn attend(&mut self, asker: Reloaded) {
        if self.again { self.later.push(asker) } else { self.askers.push(asker) }
    }

    /// Who waits for the reading that has ended, or could not begin. Those who come after it are next.
    pub(crate) fn askers(&mut self) -> Vec<Reloaded> {
        std::mem::replace(&mut self.askers, std::mem::take(&mut self.later))
    }

    /// What was read, once that is known, and whether it was asked for again meanwhile.
    pub(crate) fn poll(&mut self, now: Moment) -> Option<(Result<Settings, ReadError>, bool)> {
        self.given_up.retain_mut(|reading| reading.poll().is_none());
        let (mut reading, due) = self.under_way.take()?;
        let read = match reading.poll() {
            None if due <= now => {
                reading.give_up();
                self.given_up.push(reading);
                Err(ReadError::TooLong)
            }
            None => {
                self.under_way = Some((reading, due));
                return None;
            }
            Some(read) => read,
        };
        Some((read, std::mem::take(&mut self.again)))
    }

    /// When a reading will have taken too long.
    pub(crate) fn due(&self) -> Option<Moment> {
        self.under_way.as_ref().map(|(_, due)| *due)
    }
}

/// The workers that have to be started again to work with `new` as they did with `old`.
///
/// # Errors
/// When something changed that only a new start of the whole service can change.
pub(crate) fn concerned(specs: &[WorkerSpec], old: &Settings, new: &Settings) -> Result<Vec<usize>, String> {
    if old.directories != new.directories {
        return Err("directories changed: that takes a restart of the service".to_owned());
    }
    let of_store = |settings: &Settings| {
        (settings.configs.clone(), settings.admins.clone(), settings.instance.clone(), settings.log)
    };
    let writer = of_store(old) != of_store(new);
    let of_web = |settings: &Settings| (settings.web.clone(), settings.instance.clone(), settings.log);
    let web = of_web(old) != of_web(new);
    // Everybody else speaks with people or Telegram, which everything that is left is about.
    let others = *old != Settings { web: old.web.clone(), ..new.clone() };
    Ok(specs
        .iter()
        .enumerate()
        .filter(|(_, spec)| match spec.name {
            "writer" => writer,
            "web" => web,
            _ => others,
        })
        .map(|it| it.0)
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_reading_that_takes_too_long_is_given_up_and_buried_later() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("natrium");
        fs::write(&program, "#!/bin/sh\nexec sleep 1000\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut reload = Reload::new(Reader::new(directory.path(), None));
        let began = Moment::default();
        // Another test may be forking just now, and hold the script open for writing until it executes its own program.
        while reload.request(began).is_err() {}
        assert!(!reload.request(began).unwrap(), "one at a time");
        assert!(reload.poll(began + PATIENCE / 2).is_none());
        assert_eq!(reload.due(), Some(began + PATIENCE));
        let Some((Err(ReadError::TooLong), true)) = reload.poll(began + PATIENCE) else { panic!("it is waited for") };
        assert_eq!(reload.due(), None);
        let patience = Instant::now();
        while !reload.given_up.is_empty() {
            assert!(reload.poll(began + PATIENCE).is_none());
            assert!(patience.elapsed() < PATIENCE, "it is never reaped");
            std::thread::yield_now();
        }
    }
}
