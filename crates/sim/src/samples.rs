//! Sample files that the page sends with one click: good ones, and every kind of bad one.

use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use thiserror::Error;

use crate::control::SampleView;

/// The size of the file that is too big for a bot, in bytes.
const BIG: usize = 30 << 20;

/// Why the samples cannot be read.
#[derive(Debug, Error)]
#[error("reading samples from {path}")]
pub struct SamplesError {
    /// The directory or the file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// One sample.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    about: String,
    content: Content,
    pub(crate) photo: bool,
}

#[derive(Debug, Clone)]
enum Content {
    Bytes(Bytes),
    /// Comment lines up to this size, made when they are asked for.
    Big(usize),
}

impl Sample {
    pub(crate) fn bytes(&self) -> Bytes {
        match &self.content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Big(size) => {
                let line = b"# this file is too big for a bot to download\n";
                line.iter().copied().cycle().take(*size).collect::<Vec<u8>>().into()
            }
        }
    }

    fn size(&self) -> usize {
        match &self.content {
            Content::Bytes(bytes) => bytes.len(),
            Content::Big(size) => *size,
        }
    }
}

/// All samples with their names, in the order in which they are offered.
#[derive(Debug, Clone)]
pub(crate) struct Samples(Vec<(String, Sample)>);

impl Samples {
    /// Those that are always there.
    pub(crate) fn built_in() -> Self {
        Self(built_in())
    }

    /// The built-in samples and those of a directory, whose names win.
    ///
    /// # Errors
    ///
    /// If the directory or a file in it cannot be read.
    pub(crate) fn load(directory: Option<&Path>) -> Result<Self, SamplesError> {
        let mut samples = built_in();
        let Some(directory) = directory else { return Ok(Self(samples)) };
        let mut found = Vec::new();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SamplesError { path, source }
        };
        for entry in fs::read_dir(directory).map_err(failed(directory))? {
            let path = entry.map_err(failed(directory))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) else {
                continue;
            };
            let bytes = Bytes::from(fs::read(&path).map_err(failed(&path))?);
            let photo = crate::world::files::picture_size(&bytes).is_some();
            let about = if photo { "a picture" } else { "as it is on disk" }.to_owned();
            samples.retain(|(known, _)| known != name);
            found.push((name.to_owned(), Sample { about, content: Content::Bytes(bytes), photo }));
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.append(&mut samples);
        Ok(Self(found))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Sample> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, sample)| sample)
    }

    pub(crate) fn views(&self) -> Vec<SampleView> {
        let view = |(name, sample): &(String, Sample)| SampleView {
            name: name.clone(),
            about: sample.about.clone(),
            size: sample.size(),
            photo: sample.photo,
        };
        self.0.iter().map(view).collect()
    }
}

fn built_in() -> Vec<(String, Sample)> {
    let valid = include_str!("../../kinds/samples/fees.yml");
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(valid.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let bytes = |bytes: &'static [u8]| Content::Bytes(Bytes::from_static(bytes));
    [
        ("fees.yml", "valid", bytes(valid.as_bytes()), false),
        ("rates.yml", "valid", bytes(include_bytes!("../../kinds/samples/rates.yml")), false),
        (
            "fees-broken.yml",
            "brackets overlap, a percentage is out of range",
            bytes(include_bytes!("../samples/fees-broken.yml")),
            false,
        ),
        ("fees-syntax.yml", "not YAML", bytes(include_bytes!("../samples/fees-syntax.yml")), false),
        ("fees-utf16.yml", "UTF-16, as some editors save", Content::Bytes(utf16.into()), false),
        ("fees-30MiB.yml", "too big for a bot", Content::Big(BIG), false),
        ("photo.png", "a photo, not a document", bytes(include_bytes!("../samples/photo.png")), true),
    ]
    .into_iter()
    .map(|(name, about, content, photo)| (name.to_owned(), Sample { about: about.to_owned(), content, photo }))
    .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing sample fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_directory_comes_first_and_its_names_win() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("rates.yml"), "mine").unwrap();
        fs::write(directory.path().join("a.yml"), "a").unwrap();
        let samples = Samples::load(Some(directory.path())).unwrap();
        let views = samples.views();
        let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(&names[..3], ["a.yml", "rates.yml", "fees.yml"]);
        assert_eq!(names.iter().filter(|name| **name == "rates.yml").count(), 1);
        assert_eq!(samples.get("rates.yml").unwrap().bytes(), "mine");
        assert!(Samples::load(Some(&directory.path().join("nowhere"))).is_err());
    }

    #[test]
    fn the_built_in_ones_are_what_they_say() {
        let samples = Samples::load(None).unwrap();
        let bytes = |name: &str| samples.get(name).unwrap().bytes();
        assert!(bytes("fees-utf16.yml").starts_with(&[0xff, 0xfe, b'#', 0]));
        assert_eq!(bytes("fees-30MiB.yml").len(), 30 << 20);
        assert!(crate::world::files::picture_size(&bytes("photo.png")).is_some());
        assert!(samples.views().iter().all(|view| view.size == bytes(&view.name).len()));
    }
}
