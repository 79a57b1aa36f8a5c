//! Bytes as somebody may leave them in `natrium.yml`.
//!
//! Holds that nothing panics, that a file is either accepted or blamed at a place inside it, that what is accepted can be handed
//! down as JSON unchanged, and that no message holds anything that looks like a bot token.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use settings::{Environment, HookRun, Settings, redacted};

fuzz_target!(|bytes: &[u8]| {
    // Schemas are looked for where there are none: what is fuzzed is the file itself.
    match Settings::parse(bytes, Path::new("/nonexistent"), &Environment::default()) {
        Ok(settings) => {
            let json = serde_json::to_vec(&settings).expect("plain data");
            assert_eq!(serde_json::from_slice::<Settings>(&json).expect("our own JSON"), settings);
            assert!(!settings.configs.is_empty());
            for (index, config) in settings.configs.iter().enumerate() {
                let kind = &config.kind;
                assert!(!kind.file.contains('/') && !kind.file.starts_with('.') && !kind.name.is_empty());
                assert!(!kind.file.ends_with(".meta.json"));
                assert!(settings.configs.iter().skip(index + 1).all(|other| other.kind.file != kind.file));
                if let Some(hook) = &config.after_publish {
                    assert!((1..=600).contains(&hook.timeout_s));
                    match &hook.run {
                        HookRun::Command(words) => assert!(words[0].starts_with('/')),
                        HookRun::Unit(name) => assert!(name.ends_with(".service") && !name.starts_with('-')),
                    }
                }
            }
            for admin in &settings.admins {
                assert!(admin.role.is_some() || !admin.kinds.is_empty());
                assert!(admin.kinds.iter().all(|one| settings.configs.iter().any(|it| it.kind.name == one.kind)));
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
