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

/// The same, and after it what there is: “; did you mean `x`? There are `x`, `y`”, or “; there are `x`, `y`”.
pub(crate) fn meant_among<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>, all: &str) -> String {
    let question = meant(word, candidates);
    if question.is_empty() {
        return format!("; {all}");
    }
    let (first, rest) = all.split_at(all.chars().next().map_or(0, char::len_utf8));
    format!("{question} {}{rest}", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_follows_a_question_as_a_sentence_of_its_own() {
        let among = |word| meant_among(word, ["hang", "drop"], "there are `hang`, `drop`");
        assert_eq!(among("drob"), "; did you mean `drop`? There are `hang`, `drop`");
        assert_eq!(among("xyzzy"), "; there are `hang`, `drop`");
    }
}
