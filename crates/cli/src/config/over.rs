//! What becomes of a published file that was changed by hand: replaced only by who has seen it, or wants it so.

use interfaces::configs::ANY;

use super::arguments::Over;

/// What may be replaced, if anything: a content by its SHA-256, or whatever stands there. The writer finds that out, so that the
/// same command is the same request also when it has been done.
pub(super) fn over(words: &Over) -> Option<String> {
    if words.overwrite { Some(ANY.to_owned()) } else { words.over.clone() }
}

/// The words that say the same once more.
pub(super) fn words(over: Option<&str>) -> Vec<&str> {
    match over {
        None => Vec::new(),
        Some(ANY) => vec!["--overwrite"],
        Some(sha256) => vec!["--over", sha256],
    }
}

/// The same of the file that is meant.
pub(super) fn meant(sha256: Option<&str>) -> Vec<&str> {
    sha256.map(|sha256| vec!["--sha256", sha256]).unwrap_or_default()
}
