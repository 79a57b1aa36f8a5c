//! What somebody may have meant by a misspelt word.

/// The candidate that is most like `word`, if one is like it enough to be worth a question.
///
/// ```
/// use natrium_kinds::nearest;
/// assert_eq!(nearest("percnt", ["percent", "fixed"]), Some("percent"));
/// assert_eq!(nearest("colour", ["percent", "fixed"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| strsim::jaro_winkler(&word, &candidate.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
