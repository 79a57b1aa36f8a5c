//! The files that were ever sent: bytes, ids, paths.
//!
//! A file has one `file_unique_id`, and for each bot its own `file_id`, as on Telegram.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::control::FileView;
use crate::world::thumbnail;

/// Largest file that a bot may download, in bytes.
pub(crate) const DOWNLOAD_BYTES: usize = 20 << 20;
/// Largest file that a bot may send, in bytes.
pub(crate) const UPLOAD_BYTES: usize = 50 << 20;

/// What all files together may take, in bytes.
pub(crate) const KEPT_BYTES: usize = 2 << 30;
/// What each of them takes beside what is in it, in bytes: itself, and where it is found by its key and by bots' paths.
const FILE_BYTES: usize = size_of::<StoredFile>() + 256;

/// A file's key within the simulator.
pub(crate) type FileKey = u64;

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) key: FileKey,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
    /// Width and height in pixels, if it was sent as a photo.
    pub(crate) photo: Option<(u32, u32)>,
    /// The photo of which this is a smaller size; otherwise the file itself.
    pub(crate) whole: FileKey,
    /// Smaller sizes of a photo, the smallest one first.
    pub(crate) sizes: Vec<FileKey>,
}

impl StoredFile {
    /// What people see of it.
    pub(crate) fn view(&self) -> FileView {
        FileView {
            key: self.key,
            name: self.name.clone(),
            mime: self.mime.clone(),
            size: self.bytes.len(),
            photo: self.photo,
        }
    }

    /// The same for every bot and every time that it is sent.
    pub(crate) fn unique_id(&self) -> String {
        format!("AgAD{}", letters(self.key ^ 0x5eed_f11e, 11))
    }

    /// What one bot calls it.
    pub(crate) fn id_for(&self, bot: i64) -> String {
        let prefix = if self.photo.is_some() { "AgACAgIAAxkBAA" } else { "BQACAgIAAxkBAA" };
        let seed = scramble(self.key).wrapping_add(bot.unsigned_abs());
        format!("{prefix}{}{}", letters(seed, 29), spelled(self.key ^ hidden(bot)))
    }
}

/// A file that is not kept yet.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    name: String,
    mime: String,
    bytes: Bytes,
    photo: Option<(u32, u32)>,
}

impl NewFile {
    /// A document; its type is guessed from its name if it is not given.
    pub(crate) fn document(name: String, mime: Option<String>, bytes: Bytes) -> Self {
        let mime = mime.unwrap_or_else(|| guess_mime(&name).to_owned());
        Self { name, mime, bytes, photo: None }
    }

    /// A photo of so many pixels; it has no name of its own.
    pub(crate) fn photo(bytes: Bytes, size: (u32, u32)) -> Self {
        Self { photo: Some(size), ..Self::document("photo.jpg".to_owned(), None, bytes) }
    }

    /// Whether it is a photo.
    pub(crate) fn is_photo(&self) -> bool {
        self.photo.is_some()
    }

    /// The smaller sizes that it will have.
    fn smaller(&self) -> Vec<(u32, u32)> {
        self.photo.map_or_else(Vec::new, |(width, height)| thumbnail::sizes(width, height))
    }

    /// About what it takes once it is kept, with its smaller sizes, in bytes.
    pub(crate) fn takes(&self) -> usize {
        let each = |bytes: usize| bytes + self.name.len() + self.mime.len() + FILE_BYTES;
        let smaller = self.smaller().into_iter().map(|(width, height)| each(thumbnail::length(width, height)));
        each(self.bytes.len()) + smaller.sum::<usize>()
    }
}

/// What a key is mixed with in the ids that a bot sees.
fn hidden(bot: i64) -> u64 {
    scramble(bot.unsigned_abs())
}

/// All files, and where each bot may download which.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    files: BTreeMap<FileKey, StoredFile>,
    paths: BTreeMap<(i64, String), FileKey>,
    /// The same the other way round.
    known_paths: BTreeMap<(i64, FileKey), String>,
    /// What all of them take together.
    bytes: usize,
    /// How many paths each bot was given.
    given: BTreeMap<i64, usize>,
}

impl Files {
    /// Keeps a file and gives it a key.
    pub(crate) fn add(&mut self, new: NewFile) -> FileKey {
        self.bytes += new.takes();
        let key = self.files.len() as FileKey + 1;
        let smaller = new.smaller();
        let NewFile { name, mime, bytes, photo } = new;
        let sizes = (1..).map(|number| key + number).take(smaller.len()).collect();
        for (size, number) in smaller.into_iter().zip(1..) {
            let file = StoredFile {
                key: key + number,
                name: name.clone(),
                mime: mime.clone(),
                bytes: thumbnail::grey(size.0, size.1),
                photo: Some(size),
                whole: key,
                sizes: Vec::new(),
            };
            self.files.insert(file.key, file);
        }
        self.files.insert(key, StoredFile { key, name, mime, bytes, photo, whole: key, sizes });
        key
    }

    /// Whether so many bytes can be kept beside the others; see [`NewFile::takes`].
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.bytes + bytes <= KEPT_BYTES
    }

    /// The file with this key.
    pub(crate) fn get(&self, key: FileKey) -> Option<&StoredFile> {
        self.files.get(&key)
    }

    /// The file that a bot knows under this `file_id`.
    pub(crate) fn by_id(&self, bot: i64, file_id: &str) -> Option<&StoredFile> {
        let key = unspelled(file_id.get(file_id.len().checked_sub(SPELLED)?..)?)? ^ hidden(bot);
        self.files.get(&key).filter(|file| file.id_for(bot) == file_id)
    }

    /// Makes a file ready for download and returns its path; the same path every time.
    pub(crate) fn path_for(&mut self, bot: i64, key: FileKey) -> Option<String> {
        if let Some(path) = self.known_paths.get(&(bot, key)) {
            return Some(path.clone());
        }
        let file = self.files.get(&key)?;
        let given = self.given.entry(bot).or_default();
        let number = std::mem::replace(given, *given + 1);
        let folder = if file.photo.is_some() { "photos" } else { "documents" };
        let path = format!("{folder}/file_{number}{}", extension(&file.name));
        self.paths.insert((bot, path.clone()), key);
        self.known_paths.insert((bot, key), path.clone());
        Some(path)
    }

    /// The file at a path that `path_for` gave out.
    pub(crate) fn at_path(&self, bot: i64, path: &str) -> Option<&StoredFile> {
        self.files.get(self.paths.get(&(bot, path.to_owned()))?)
    }
}

fn extension(name: &str) -> String {
    let plain = |extension: &str| {
        (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match name.rsplit_once('.') {
        Some((_, extension)) if plain(extension) => format!(".{extension}"),
        _ => String::new(),
    }
}

fn guess_mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("yml" | "yaml") => "application/x-yaml",
        Some("txt" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

/// Width and height of a PNG or JPEG picture; nothing if it is neither.
pub(crate) fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let be16 = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let be32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be32(16)?, be32(20)?));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    while *bytes.get(at)? == 0xff {
        let marker = *bytes.get(at + 1)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((be16(at + 7)?, be16(at + 5)?));
        }
        at += 2 + usize::try_from(be16(at + 2)?).ok()?;
    }
    None
}

/// Spreads a number over 64 bits (the finalizer of SplitMix64).
pub(crate) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The URL-safe alphabet of Base64.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Letters that a number takes.
const SPELLED: usize = 11;

/// A number in letters.
fn spelled(number: u64) -> String {
    (0..SPELLED).map(|place| char::from(ALPHABET[(number >> (6 * place) & 63) as usize])).collect()
}

/// The number that was spelled so.
fn unspelled(text: &str) -> Option<u64> {
    let digit = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte);
    text.bytes().zip(0..).try_fold(0, |number, (byte, place)| Some(number | (digit(byte)? as u64) << (6 * place)))
}

/// Letters made from a number.
pub(crate) fn letters(seed: u64, count: usize) -> String {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = scramble(state);
            char::from(ALPHABET[(state & 63) as usize])
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;

    fn named(name: &str) -> NewFile {
        NewFile::document(name.to_owned(), None, Bytes::from_static(b"a"))
    }

    #[test]
    fn ids_are_per_bot_and_unique_ids_are_not() {
        let mut files = Files::default();
        let first = files.add(named("fees.yml"));
        let second = files.add(named("fees.yml"));
        let (first, second) = (files.get(first).unwrap(), files.get(second).unwrap());
        assert_ne!(first.id_for(1), first.id_for(2));
        assert_ne!(first.id_for(1), second.id_for(1));
        assert_ne!(first.unique_id(), second.unique_id());
        assert_eq!(files.by_id(1, &first.id_for(1)).unwrap().key, first.key);
        assert!(files.by_id(2, &first.id_for(1)).is_none(), "another bot's id");
        assert_eq!(first.mime, "application/x-yaml");
    }

    #[test]
    fn paths_are_numbered_and_stay() {
        let mut files = Files::default();
        let document = files.add(named("Прайс.csv"));
        let photo = files.add(NewFile::photo(Bytes::from_static(b"a"), (1, 1)));
        assert_eq!(files.path_for(1, document).unwrap(), "documents/file_0.csv");
        assert_eq!(files.path_for(1, photo).unwrap(), "photos/file_1.jpg");
        assert_eq!(files.path_for(1, document).unwrap(), "documents/file_0.csv");
        assert_eq!(files.at_path(1, "documents/file_0.csv").unwrap().key, document);
        assert_eq!(files.path_for(2, photo).unwrap(), "photos/file_0.jpg", "every bot counts for itself");
        assert!(files.at_path(2, "documents/file_0.csv").is_none());
        let odd = files.add(named("a.not-an-extension"));
        assert_eq!(files.path_for(1, odd).unwrap(), "documents/file_2");
        let long = files.add(named("a.verylongone"));
        assert_eq!(files.path_for(1, long).unwrap(), "documents/file_3");
        assert_eq!(files.get(document).unwrap().mime, "text/csv");
    }

    #[test]
    fn a_photo_has_smaller_sizes_with_ids_of_their_own() {
        let mut files = Files::default();
        let key = files.add(NewFile::photo(Bytes::from_static(b"a"), (480, 320)));
        let after = files.add(named("a.txt"));
        let photo = files.get(key).unwrap();
        let sizes: Vec<_> = photo.sizes.iter().map(|key| files.get(*key).unwrap()).collect();
        assert_eq!(sizes.iter().map(|size| size.photo.unwrap()).collect::<Vec<_>>(), [(90, 60), (320, 213)]);
        let ids: std::collections::BTreeSet<String> = sizes.iter().chain([&photo]).map(|size| size.id_for(1)).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(files.by_id(1, &sizes[0].id_for(1)).unwrap().whole, key);
        assert_eq!(files.get(after).unwrap().name, "a.txt");
    }

    /// What is really there of a file and its smaller sizes.
    fn there(files: &Files) -> usize {
        let one = |file: &StoredFile| file.bytes.len() + file.name.len() + file.mime.len() + size_of::<StoredFile>();
        files.files.values().map(one).sum()
    }

    #[test]
    fn all_that_a_file_takes_counts() {
        let mut files = Files::default();
        assert!(files.has_room(KEPT_BYTES) && !files.has_room(KEPT_BYTES + 1));
        let long = named(&"x".repeat(1 << 20));
        let pictures = [(5_000, 5_000), (1_000, 1_000), (90, 91), (1, 4_000_000_000), (7, 321)];
        let pictures = pictures.map(|size| NewFile::photo(Bytes::from_static(b"a"), size));
        for new in [long].into_iter().chain(pictures) {
            let (before, takes) = (there(&files), new.takes());
            let key = files.add(new);
            let smaller = files.get(key).unwrap().sizes.len();
            assert_eq!(takes, there(&files) - before + (smaller + 1) * 256, "{:?}", files.get(key).unwrap().photo);
        }
        assert!(there(&files) > (1 << 20) + 300_000, "{}", there(&files));
        assert!(files.has_room(KEPT_BYTES - files.bytes) && !files.has_room(KEPT_BYTES - files.bytes + 1));
    }

    #[test]
    fn sizes_of_pictures() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 1, 0, 0, 0, 0, 200]);
        assert_eq!(picture_size(&png), Some((256, 200)));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 50, 0, 80, 1, 1, 17, 0];
        assert_eq!(picture_size(&jpeg), Some((80, 50)));
        let mut tables_first = jpeg[..8].to_vec();
        tables_first.extend([0xff, 0xc4, 0, 8, 0, 0, 1, 0, 2, 0]);
        tables_first.extend(&jpeg[8..]);
        assert_eq!(picture_size(&tables_first), Some((80, 50)), "what is no frame is passed over");
        assert_eq!(picture_size(b"fees: []"), None);
        assert_eq!(picture_size(&[0xff, 0xd8, 0xff]), None);
    }
}
