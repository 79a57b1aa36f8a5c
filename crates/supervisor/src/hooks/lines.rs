//! What a hook writes, as lines: each bounded, no more of them logged than anybody reads, none that could do more than be read.
//! Pure; it must not know where the bytes come from.

use std::time::Duration;

/// The longest line, in bytes. What is longer is cut.
pub(super) const LONGEST: usize = 1024;
/// How many lines of one run are logged.
pub(super) const MOST: usize = 1000;
/// How much is taken at full speed, and then in a second. A hook that floods waits in its own write.
const AT_ONCE: u64 = 1 << 20;
const PER_SECOND: u64 = 1 << 20;

/// Puts lines together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What stands of the line that has no end yet.
    partial: Vec<u8>,
    is_cut: bool,
    last: String,
    logged: usize,
    /// How many lines were not logged.
    unlogged: u64,
    taken: u64,
}

impl Lines {
    /// Takes in what was written; `log` gets each line that is to be logged.
    pub(super) fn take(&mut self, bytes: &[u8], mut log: impl FnMut(&str)) {
        self.taken += bytes.len() as u64;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (content, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |content| (content, true));
            let room = LONGEST - self.partial.len();
            self.is_cut |= content.len() > room;
            self.partial.extend_from_slice(&content[..content.len().min(room)]);
            if ends {
                self.end_line(&mut log);
            }
        }
    }

    /// Nothing more will come: a line without an end is one as well.
    pub(super) fn finish(&mut self, mut log: impl FnMut(&str)) {
        self.end_line(&mut log);
        if self.unlogged > 0 {
            log(&format!("{} more lines of it were not logged", self.unlogged));
        }
    }

    /// The last line that was not empty.
    pub(super) fn last(&self) -> &str {
        &self.last
    }

    /// After which time since the start more may be taken.
    pub(super) fn rest_until(&self) -> Duration {
        Duration::from_millis(self.taken.saturating_sub(AT_ONCE) * 1000 / PER_SECOND)
    }

    fn end_line(&mut self, log: &mut impl FnMut(&str)) {
        let line = readable(&std::mem::take(&mut self.partial), std::mem::take(&mut self.is_cut));
        if line.is_empty() {
            return;
        }
        if self.logged < MOST {
            self.logged += 1;
            log(&line);
        } else {
            self.unlogged += 1;
        }
        self.last = line;
    }
}

fn readable(bytes: &[u8], is_cut: bool) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text: String = text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if is_cut { text + "…" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(pieces: &[&[u8]]) -> (Vec<String>, String) {
        let (mut lines, mut log) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.take(piece, |line| log.push(line.to_owned()));
        }
        lines.finish(|line| log.push(line.to_owned()));
        let last = lines.last().to_owned();
        (log, last)
    }

    #[test]
    fn lines_are_lines_however_they_come() {
        let (log, last) = logged(&[b"one\nt", b"", b"wo\r\n\n", b"thr", b"ee"]);
        assert_eq!((log, last.as_str()), (vec!["one".into(), "two".into(), "three".into()], "three"));
        assert_eq!(logged(&[]), (Vec::new(), String::new()));
        let (log, _) = logged(&[b"\x1b[2J\xff\0x\n"]);
        assert_eq!(log, [" [2J\u{fffd} x"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let (log, last) = logged(&[&[b'x'; 3000], &[b'y'; 100_000], b"z\nshort\n"]);
        assert_eq!(log, [format!("{}…", "x".repeat(LONGEST)), "short".into()]);
        assert_eq!(last, "short");
        let exact = [[b'x'; LONGEST].as_slice(), b"\n"].concat();
        assert_eq!(logged(&[&exact]).0, ["x".repeat(LONGEST)]);
    }

    #[test]
    fn of_a_flood_the_first_lines_are_logged_and_the_last_one_is_known() {
        let flood: Vec<u8> = (0..5000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let (log, last) = logged(&[&flood]);
        assert_eq!(log.len(), MOST + 1);
        assert_eq!(log[MOST - 1], "line 999");
        assert_eq!(log[MOST], "4000 more lines of it were not logged");
        assert_eq!(last, "line 4999");
    }

    #[test]
    fn a_flood_is_slowed_down() {
        let mut lines = Lines::default();
        let mebibyte = vec![b'\n'; 1 << 20];
        lines.take(&mebibyte, |_| ());
        assert_eq!(lines.rest_until(), Duration::ZERO);
        lines.take(&mebibyte, |_| ());
        assert_eq!(lines.rest_until(), Duration::from_secs(1));
    }
}
