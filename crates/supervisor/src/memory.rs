//! How much memory a process holds, asked only when somebody wants to know.

use std::fs;
use std::path::Path;

/// The proportional set size of a process, in bytes: what it holds alone, and its part of what it shares (`proc(5)`). Where
/// the kernel does not tell that, its resident size. `None` when the process is gone.
pub(crate) fn bytes(pid: i32) -> Option<u64> {
    let process = Path::new("/proc").join(pid.to_string());
    let proportional = fs::read_to_string(process.join("smaps_rollup")).ok();
    proportional
        .and_then(|text| kilobytes(&text, "Pss:"))
        .or_else(|| kilobytes(&fs::read_to_string(process.join("status")).ok()?, "VmRSS:"))
}

fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(field))?;
    value.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_holds_some_and_a_dead_one_none() {
        let own = i32::try_from(std::process::id()).ok().and_then(bytes);
        assert!(own.is_some_and(|bytes| bytes > 100_000), "{own:?}");
        assert_eq!(bytes(i32::MAX), None);
    }

    #[test]
    fn the_field_is_found_whole() {
        assert_eq!(kilobytes("Rss:  9 kB\nPss:      2 kB\nPss_Dirty: 1 kB\n", "Pss:"), Some(2048));
        assert_eq!(kilobytes("Pss_Dirty: 1 kB\n", "Pss:"), None);
    }
}
