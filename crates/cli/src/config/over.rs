//! What becomes of a published file that was changed by hand: replaced only by who has seen it, or wants it so.

use interfaces::configs::GetByHand;

use super::arguments::Over;
use crate::failure::Failure;
use crate::writer::Writer;

/// The SHA-256 of the content that may be replaced, if any.
pub(super) fn over(words: &Over, kind: &str, writer: &Writer) -> Result<Option<String>, Failure> {
    if words.overwrite { standing(kind, writer) } else { Ok(words.over.clone()) }
}

/// The SHA-256 of what stands where a kind is published, if somebody changed that.
pub(super) fn standing(kind: &str, writer: &Writer) -> Result<Option<String>, Failure> {
    let call = GetByHand { kind: kind.to_owned() };
    Ok(writer.read(writer.configs.get_by_hand(&call))?.by_hand.map(|by_hand| by_hand.sha256))
}

/// The words that say the same once more.
pub(super) fn words(over: Option<&str>) -> Vec<&str> {
    over.map(|sha256| vec!["--over", sha256]).unwrap_or_default()
}
