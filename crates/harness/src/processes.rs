//! The processes of an instance, as the kernel shows them in `proc(5)`.

use std::{fs, path::Path};

/// The processes, zombies excepted, that were started for the instance with this runtime directory: their numbers and names.
#[must_use]
pub fn of(runtime: &Path) -> Vec<(i32, String)> {
    let mark = format!("RUNTIME_DIRECTORY={}", runtime.display());
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    let mut found: Vec<_> = all
        .filter_map(|entry| {
            let directory = entry.ok()?.path();
            let pid = directory.file_name()?.to_str()?.parse().ok()?;
            let environment = fs::read(directory.join("environ")).ok()?;
            let ours = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
            let name = fs::read_to_string(directory.join("comm")).ok()?;
            ours.then(|| (pid, name.trim_end().to_owned()))
        })
        .collect();
    found.sort_unstable();
    found
}

/// A process's proportional share of memory (PSS), in bytes.
#[must_use]
pub fn memory(pid: i32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}
