//! Bytes as somebody may leave them in `natrium.yml`.
//!
//! Holds that nothing panics, that a file is either accepted or blamed at a place inside it, that what is accepted can be handed
//! down as JSON unchanged, and that no message holds anything that looks like a bot token.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use settings::{Environment, Settings, redacted};

fuzz_target!(|bytes: &[u8]| {
    // Schemas are looked for where there are none: what is fuzzed is the file itself.
    match Settings::parse(bytes, Path::new("/nonexistent"), &Environment::default()) {
        Ok(settings) => {
            let json = serde_json::to_vec(&settings).expect("plain data");
            assert_eq!(serde_json::from_slice::<Settings>(&json).expect("our own JSON"), settings);
            assert!(!settings.admins.is_empty() && !settings.configs.is_empty());
            for (index, kind) in settings.configs.iter().enumerate() {
                assert!(!kind.file.contains('/') && !kind.file.starts_with('.') && !kind.name.is_empty());
                assert!(settings.configs.iter().skip(index + 1).all(|other| other.file != kind.file));
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            for problem in problems {
                assert!(problem.line as usize <= lines + 1, "{problem}");
                let told = format!("{problem} {problem:?}");
                assert_eq!(redacted(&told), told);
            }
        }
    }
});
