//! What somebody may have meant who wrote something else.

/// The candidate that looks most like `word`, if any looks like it at all. Case does not count.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| strsim::jaro_winkler(&word, &candidate.to_lowercase());
    let alike = candidates.into_iter().map(|candidate| (likeness(candidate), candidate));
    let found = alike.filter(|(likeness, _)| *likeness >= 0.8).max_by(|(a, _), (b, _)| a.total_cmp(b));
    found.map(|(_, candidate)| candidate)
}

/// The same as the end of a sentence: “; did you mean `x`?”, or nothing.
pub(crate) fn meant<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
