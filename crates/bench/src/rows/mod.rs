//! The rows, in the order of the table. A new one is a file here and a line in [`ROWS`].

mod idle;
mod kinds;
mod locked_section;
mod memory;
mod restart;
mod second_admin;
mod second_start;
mod sim_load;
mod start;
mod stop;
mod supervisor_memory;
mod upload;
mod varlink;
mod writer_crash;
mod writes;

use crate::row::Row;

/// All rows.
pub(crate) const ROWS: &[&dyn Row] = &[
    &memory::Memory,
    &varlink::Varlink,
    &writes::Writes,
    &locked_section::LockedSection,
    &second_admin::SecondAdmin,
    &kinds::Kinds,
    &upload::Upload,
    &start::Start,
    &restart::Restart,
    &restart::RestartAtStart,
    &writer_crash::WriterCrash,
    &stop::Stop,
    &supervisor_memory::SupervisorMemory,
    &second_start::SecondStart,
    &idle::Switches,
    &idle::Busy,
    &sim_load::SimLoad,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_differ() {
        let mut names: Vec<_> = ROWS.iter().map(|row| row.name()).collect();
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROWS.len());
    }
}
