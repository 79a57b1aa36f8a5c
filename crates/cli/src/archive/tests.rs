#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use interfaces::store::Member;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

fn member(name: &str, kind: Option<&str>, content: &[u8]) -> Member {
    Member {
        name: name.to_owned(),
        bytes: i64::try_from(content.len()).unwrap(),
        sha256: hex(&Sha256::digest(content)),
        kind: kind.map(str::to_owned),
        version: kind.map(|_| 3),
    }
}

fn manifest(members: Vec<Member>) -> Manifest {
    let (instance, natrium) = ("natrium".to_owned(), "0.1.0".to_owned());
    Manifest { format: manifest::FORMAT, instance, natrium, schema: 1, taken_ms: 1_763_632_675_123, members }
}

fn small() -> (Manifest, Vec<u8>) {
    let contents: [&[u8]; 3] = [&[7; 1300], b"a: 1\n", b""];
    let names = [("store.sqlite", None), ("published/fees.yml", Some("fees")), ("settings.json", None)];
    let members = names.iter().zip(contents).map(|((name, kind), content)| member(name, *kind, content)).collect();
    (manifest(members), contents.concat())
}

fn written(manifest: &Manifest, content: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    write(&mut file, manifest, &mut &*content).unwrap();
    file
}

fn read(file: &[u8]) -> Result<(Manifest, Vec<u8>), ArchiveError> {
    let mut reader = Reader::open(file)?;
    let mut content = Vec::new();
    reader.rest(&mut |_, part| {
        content.extend_from_slice(part);
        Ok(())
    })?;
    Ok((reader.manifest, content))
}

#[test]
fn what_was_written_is_read() {
    let (manifest, content) = small();
    assert_eq!(read(&written(&manifest, &content)).unwrap(), (manifest, content));
}

#[test]
fn a_byte_that_was_changed_anywhere_is_found() {
    let (manifest, content) = small();
    let file = written(&manifest, &content);
    for place in 0..file.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = file.clone();
            changed[place] ^= change;
            assert!(read(&changed).is_err(), "byte {place} ^ {change:#x}");
        }
    }
}

#[test]
fn a_file_of_another_length_is_found() {
    let (manifest, content) = small();
    let file = written(&manifest, &content);
    for length in 0..file.len() {
        assert!(read(&file[..length]).is_err(), "{length} bytes of {}", file.len());
    }
    assert!(read(&[&file[..], b"x"].concat()).is_err());
    assert!(read(&[&file[..], &[0; 512]].concat()).is_err());
}

#[test]
fn what_tries_to_escape_or_to_be_believed_is_refused() {
    let refused = |change: &dyn Fn(&mut Manifest)| {
        let (mut manifest, content) = small();
        change(&mut manifest);
        let mut file = Vec::new();
        // Some cannot even be written.
        let readable = write(&mut file, &manifest, &mut content.as_slice()).is_ok() && read(&file).is_ok();
        assert!(!readable, "{manifest:?}");
    };
    for name in
        ["published/../../etc/passwd", "/etc/passwd", "published/.hidden", "published/a/b", "", "other", "store.sqlite"]
    {
        refused(&|manifest| manifest.members[1].name = name.to_owned());
    }
    refused(&|manifest| manifest.members[1].kind = None);
    refused(&|manifest| manifest.members[1].version = Some(0));
    refused(&|manifest| manifest.members[1].bytes = -1);
    refused(&|manifest| manifest.members[0].bytes = i64::MAX);
    refused(&|manifest| manifest.members.clear());
    refused(&|manifest| manifest.members.swap(0, 1));
    refused(&|manifest| manifest.members[2].sha256 = "A".repeat(64));
    refused(&|manifest| manifest.taken_ms = -1);
}

#[test]
fn a_format_to_come_is_told_from_damage() {
    let (mut manifest, content) = small();
    manifest.format = 2;
    assert!(matches!(read(&written(&manifest, &content)), Err(ArchiveError::Newer(2))));
}

#[test]
fn a_length_that_nothing_stands_behind_costs_no_memory() {
    let (mut manifest, content) = small();
    manifest.members[0].bytes = i64::try_from(ustar::LONGEST).unwrap();
    let mut file = Vec::new();
    write(&mut file, &manifest, &mut content.as_slice()).unwrap_err();
    assert!(matches!(read(&file), Err(ArchiveError::Short)));
    // A manifest of a length to be feared.
    let mut file = ustar::header(MANIFEST, ustar::LONGEST, 0).unwrap().to_vec();
    file.extend([0; 512]);
    assert!(matches!(read(&file), Err(ArchiveError::NotABackup)));
}

#[test]
fn what_arrives_otherwise_than_announced_is_not_written_to_its_end() {
    let (manifest, mut content) = small();
    content[0] ^= 1;
    assert!(write(&mut Vec::new(), &manifest, &mut content.as_slice()).is_err());
    assert!(write(&mut Vec::new(), &manifest, &mut content[1..100].as_ref()).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert!(read(&bytes).is_err());
    }

    /// Behind a valid header, so that the manifest is looked at.
    #[test]
    fn no_manifest_makes_the_reader_panic(text in "\\PC{0,400}", places in proptest::collection::vec((0..4000usize, any::<u8>()), 1..6)) {
        let mut file = ustar::header(MANIFEST, text.len() as u64, 0).unwrap().to_vec();
        file.extend(text.as_bytes());
        file.extend([0; 2048]);
        prop_assert!(read(&file).is_err());
        // And several changes at once to a good one.
        let (manifest, content) = small();
        let good = written(&manifest, &content);
        let mut changed = good.clone();
        for (place, byte) in places {
            let length = changed.len();
            changed[place % length] = byte;
        }
        prop_assert_eq!(read(&changed).is_ok(), changed == good);
    }
}
