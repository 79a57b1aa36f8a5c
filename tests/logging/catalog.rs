//! The table of events, the message catalog and the code hold together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use worker::events::{ALL, Event};

use super::sources;

/// By id and language (empty: English): the subject, and the explanation.
fn catalog() -> BTreeMap<(String, String), (String, String)> {
    let text = fs::read_to_string(sources::root().join("systemd/natrium.catalog")).unwrap();
    let mut entries = BTreeMap::new();
    for entry in format!("\n{text}").split("\n-- ").skip(1) {
        let (head, body) = entry.split_once("\n\n").unwrap_or_else(|| panic!("no explanation: {entry}"));
        let mut lines = head.lines();
        let (id, language) = lines.next().map(|line| line.split_once(' ').unwrap_or((line, ""))).unwrap();
        let subject = lines.find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_else(|| panic!("{head}"));
        assert!(head.contains("\nDefined-By: Natrium"), "{head}");
        let body = body.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let old = entries.insert((id.to_owned(), language.to_owned()), (subject.to_owned(), body.trim().to_owned()));
        assert!(old.is_none(), "{id} {language} is explained twice");
    }
    entries
}

#[test]
fn every_event_has_an_id_of_its_own_and_is_explained_in_both_languages() {
    let catalog = catalog();
    let ids: BTreeSet<_> = ALL.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), ALL.len(), "an id is used twice");
    assert_eq!(ALL.iter().map(|event| event.name).collect::<BTreeSet<_>>().len(), ALL.len());
    for Event { name, id } in ALL {
        assert!(id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{name}: {id}");
        for language in ["", "ru"] {
            let entry = catalog.get(&((*id).to_owned(), language.to_owned()));
            let (subject, body) = entry.unwrap_or_else(|| panic!("{name} is not explained in {language:?}"));
            assert!(!subject.is_empty() && body.len() > 20, "{name} {language:?}");
            let cyrillic = body.chars().any(|letter| ('а'..='я').contains(&letter));
            assert_eq!(cyrillic, language == "ru", "{name} {language:?}: {body}");
        }
    }
    for (id, language) in catalog.keys() {
        assert!(ids.contains(id.as_str()), "{id} {language} explains no event");
    }
}

#[test]
fn every_event_is_logged() {
    let sources = sources::all();
    for Event { name, .. } in ALL {
        let constant = name.to_uppercase();
        let used = sources.iter().any(|(path, text)| {
            let imports = text.split(';').filter(|part| part.trim_start().starts_with("use "));
            let imported: usize = imports.map(|part| words(part, &constant)).sum();
            !path.ends_with("worker/src/events.rs") && words(text, &constant) > imported
        });
        assert!(used, "{constant} is never logged");
    }
}

fn words(text: &str, word: &str) -> usize {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|found| *found == word).count()
}

#[test]
fn the_manual_lists_every_event() {
    let manual = fs::read_to_string(sources::root().join("docs/man/natriumd.8")).unwrap();
    for Event { name, id } in ALL {
        assert!(manual.contains(&format!("\n.TP\n.B {id}\n.IR {name} :\n")), "{name}");
    }
}

#[test]
fn the_journal_understands_the_catalog() {
    let root = tempfile::tempdir().unwrap();
    let (from, to) = (root.path().join("usr/lib/systemd/catalog"), root.path().join("var/lib/systemd/catalog"));
    fs::create_dir_all(&from).unwrap();
    fs::create_dir_all(to).unwrap();
    fs::copy(sources::root().join("systemd/natrium.catalog"), from.join("natrium.catalog")).unwrap();
    let journalctl = |what: &str| {
        Command::new("journalctl").arg(what).arg("--root").arg(root.path()).env("LC_ALL", "C.UTF-8").output()
    };
    let Ok(updated) = journalctl("--update-catalog") else {
        return harness::skip("it takes journalctl").unwrap();
    };
    assert!(updated.status.success() && updated.stderr.is_empty(), "{updated:?}");
    let listed = String::from_utf8(journalctl("--list-catalog").unwrap().stdout).unwrap();
    for Event { name, id } in ALL {
        assert!(listed.lines().any(|line| line.starts_with(&format!("{id} Natrium: "))), "{name}:\n{listed}");
    }
    assert_eq!(listed.lines().count(), ALL.len());
}
