//! Problems of a document as the admin reads them: one message, as many of them as fit.

use interfaces::configs;

use crate::texts::{Language, Text};

/// One thing wrong with a document, in the admin's language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Problem {
    /// The line, from 1; 0 where no place can be named.
    pub(crate) line: i64,
    /// The column in characters, from 1; 0 where no place can be named.
    pub(crate) column: i64,
    /// The value, such as `brackets[2].percent`; may be empty.
    pub(crate) path: String,
    /// What is wrong.
    pub(crate) reason: String,
}

/// Everything wrong with a document.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Problems {
    /// In the order of the document.
    pub(crate) listed: Vec<Problem>,
    /// How many more there are, which nobody listed.
    pub(crate) hidden: usize,
}

impl Problems {
    /// How many there are.
    fn total(&self) -> usize {
        self.listed.len().saturating_add(self.hidden)
    }
}

/// Problems that the writer found; its words are English.
impl From<Vec<configs::Problem>> for Problems {
    fn from(found: Vec<configs::Problem>) -> Self {
        let listed = found
            .into_iter()
            .map(|configs::Problem { line, column, path, reason }| Problem { line, column, path, reason })
            .collect();
        Self { listed, hidden: 0 }
    }
}

/// The most that a Telegram message may hold. Telegram counts code points after entity parsing; UTF-16 units are never fewer.
pub(crate) const MESSAGE_LIMIT: usize = 4096;

/// The longest line that one problem may take, so that one cannot push out all others.
const LINE_LIMIT: usize = 400;

impl Problem {
    fn line(&self, language: Language) -> String {
        let reason = self.reason.as_str();
        let text = match (self.line > 0, self.path.is_empty()) {
            (true, false) => Text::problem_at_path(self.line, self.column, &self.path, reason),
            (true, true) => Text::problem_at(self.line, self.column, reason),
            (false, false) => Text::problem_of_path(&self.path, reason),
            (false, true) => Text::problem(reason),
        };
        cut(&text.say(language), LINE_LIMIT)
    }
}

/// The message that refuses `file` because of `problems`.
pub(crate) fn message(file: &str, problems: &Problems, language: Language) -> String {
    between(&Text::problems(file, problems.total()), problems, &Text::problems_next(), language)
}

/// The message about content of `file` that was valid when it was saved or proposed, and is not by now.
pub(crate) fn outdated(file: &str, problems: &Problems, language: Language) -> String {
    between(&Text::problems_now(file, problems.total()), problems, &Text::problems_now_next(), language)
}

fn between(head: &Text, problems: &Problems, foot: &Text, language: Language) -> String {
    let total = problems.total();
    let (head, foot) = (head.say(language), foot.say(language));
    // Room for the longest "… and N more" and the line breaks.
    let mut room = MESSAGE_LIMIT.saturating_sub(length(&head) + length(&foot) + 64);
    let mut lines = vec![head, String::new()];
    let mut shown = 0;
    for problem in &problems.listed {
        let line = problem.line(language);
        let Some(left) = room.checked_sub(length(&line) + 1) else { break };
        room = left;
        lines.push(line);
        shown += 1;
    }
    if shown < total {
        lines.push(Text::problems_more(total - shown).say(language));
    }
    lines.extend([String::new(), foot]);
    lines.join("\n")
}

/// The text, cut at the end to `limit` UTF-16 units.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut units = 1;
    for c in text.chars() {
        units += c.len_utf16();
        if units > limit {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// How long Telegram may find a text to be.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(number: usize) -> Problem {
        let line = i64::try_from(number).unwrap_or(1);
        Problem {
            line,
            column: 3,
            path: format!("brackets[{number}].percent"),
            reason: "must be at most 100".to_owned(),
        }
    }

    #[test]
    fn few_problems_are_all_there_with_place_path_and_reason() {
        let odd = Problem { line: 0, column: 0, path: String::new(), reason: "not UTF-8".to_owned() };
        let problems = Problems { listed: vec![problem(7), odd], hidden: 0 };
        let said = message("fees.yml", &problems, Language::English);
        assert_eq!(
            said,
            "❌ fees.yml was not saved, there are 2 problems in it:\n\n\
             • line 7, column 3, brackets[7].percent: must be at most 100\n• not UTF-8\n\n\
             The current version stands. Correct the file and send it again, or /cancel."
        );
    }

    #[test]
    fn many_problems_are_cut_and_counted() {
        let problems = Problems { listed: (1..=20).map(problem).collect(), hidden: 35 };
        let said = message("fees.yml", &problems, Language::English);
        assert!(said.contains("there are 55 problems") && said.contains("… and 35 more."), "{said}");
        assert!(message("fees.yml", &problems, Language::Russian).contains("… и ещё 35 ошибок."));

        let mut long = problem(1);
        long.reason = "r".repeat(1000);
        let problems = Problems { listed: vec![long; 20], hidden: 1 };
        let said = message("fees.yml", &problems, Language::English);
        assert!(length(&said) > MESSAGE_LIMIT * 3 / 4 && said.contains("… and 12 more."), "{said}");
    }

    proptest! {
        #[test]
        fn no_list_exceeds_what_telegram_takes(
            listed in proptest::collection::vec((0_i64..9, ".{0,900}", ".{0,900}"), 0..30), hidden: usize, russian: bool,
        ) {
            let listed: Vec<_> =
                listed.into_iter().map(|(line, path, reason)| Problem { line, column: line, path, reason }).collect();
            let problems = Problems { listed, hidden: hidden / 2 };
            let language = if russian { Language::Russian } else { Language::English };
            prop_assert!(length(&message("fees.yml", &problems, language)) <= MESSAGE_LIMIT);
        }

        #[test]
        fn cutting_keeps_the_beginning(text in ".{0,60}", limit in 1_usize..40) {
            let kept = cut(&text, limit);
            prop_assert!(length(&kept) <= limit.max(1));
            prop_assert!(kept == text || text.starts_with(kept.trim_end_matches('…')));
        }
    }
}
