//! What is run after a version was published.

use std::path::Path as FilePath;

use super::Checker;
use crate::problem::Fault;
use crate::raw::{HookRaw, Located};
use crate::settings::{Hook, HookRun};

/// The longest time that a hook may be given, in seconds.
const MOST_S: u64 = 600;

impl Checker<'_> {
    pub(super) fn hook(&mut self, raw: &Located<HookRaw>) -> Option<Hook> {
        let timeout_s = self.timeout(raw.value.timeout.as_ref());
        let run = match (&raw.value.command, &raw.value.unit) {
            (Some(command), None) => self.command(command),
            // One that is no text has been reported.
            (None, Some(unit)) => unit.as_ref().and_then(|unit| self.unit(unit)),
            _ => {
                self.report(raw, &Fault::HookRun);
                None
            }
        };
        Some(Hook { run: run?, timeout_s: timeout_s? })
    }

    fn timeout(&mut self, raw: Option<&Located<String>>) -> Option<u64> {
        let Some(raw) = raw else { return Some(Hook::TIMEOUT_S) };
        let seconds = raw.value.parse().ok().filter(|seconds| (1..=MOST_S).contains(seconds));
        if seconds.is_none() {
            self.report(raw, &Fault::Timeout);
        }
        seconds
    }

    fn command(&mut self, words: &[Located<String>]) -> Option<HookRun> {
        for word in words.iter().filter(|word| word.value.contains('\0')) {
            self.report(word, &Fault::Nul);
        }
        let program = words.first()?;
        if !FilePath::new(&program.value).is_absolute() {
            self.report(program, &Fault::NotAbsolute("/usr/local/bin/reload-prices"));
        }
        Some(HookRun::Command(words.iter().map(|word| word.value.clone()).collect()))
    }

    fn unit(&mut self, raw: &Located<String>) -> Option<HookRun> {
        if !is_service(&raw.value) {
            self.report(raw, &Fault::Unit);
            return None;
        }
        Some(HookRun::Unit(raw.value.clone()))
    }
}

/// Names as systemd allows them (systemd.unit(5)), and none that systemctl could take for an option or a pattern.
fn is_service(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'.' | b'\\' | b'@' | b'-');
    name.len() <= 255
        && name.strip_suffix(".service").is_some_and(|stem| !stem.is_empty())
        && !name.starts_with(['-', '.', '@'])
        && name.bytes().all(is_plain)
}
