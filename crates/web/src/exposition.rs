//! Prometheus's text format, version 0.0.4, read leniently and written strictly. Pure.
//!
//! Source: Prometheus documentation, "Exposition formats", "Text-based format".

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::families::{Family, Kind, Labels, Part, Sample};

/// What a text says, line by line.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) kinds: BTreeMap<String, Kind>,
    pub(crate) help: BTreeMap<String, String>,
    pub(crate) samples: Vec<Sample>,
    /// How many lines are none of these, or say what was said before.
    pub(crate) rejected: usize,
}

impl Said {
    /// The family that a sample of this name belongs to, and as what.
    pub(crate) fn family_of<'n>(&self, name: &'n str) -> (&'n str, Part) {
        for part in [Part::Bucket, Part::Sum, Part::Count] {
            let Some(family) = name.strip_suffix(part.suffix()) else { continue };
            match (self.kinds.get(family), part) {
                (Some(Kind::Histogram), _) | (Some(Kind::Summary), Part::Sum | Part::Count) => return (family, part),
                _ => {}
            }
        }
        (name, Part::Whole)
    }
}

/// Reads a text as far as it can be read.
pub(crate) fn read(text: &str) -> Said {
    let mut said = Said::default();
    for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        let understood = match line.strip_prefix('#') {
            Some(comment) => said.comment(comment),
            None => sample(line).map(|sample| said.samples.push(sample)),
        };
        said.rejected += usize::from(understood.is_none());
    }
    said
}

impl Said {
    /// A comment that is none of ours says nothing, which is no mistake.
    fn comment(&mut self, comment: &str) -> Option<()> {
        let mut words = comment.trim_start().splitn(3, [' ', '\t']);
        let (verb, name, rest) = (words.next()?, words.next().unwrap_or(""), words.next().unwrap_or("").trim());
        match verb {
            "TYPE" => {
                let kind = Kind::of_word(rest).filter(|_| is_name(name))?;
                let known = *self.kinds.entry(name.to_owned()).or_insert(kind);
                (known == kind).then_some(())
            }
            "HELP" if !is_name(name) => None,
            "HELP" => {
                let help = plain(&unescaped(rest, false)?);
                let known = self.help.entry(name.to_owned()).or_insert_with(|| help.clone());
                (*known == help).then_some(())
            }
            _ => Some(()),
        }
    }
}

/// `name{label="value",…} value [timestamp]`.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| !is_of_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let (labels, rest) = labels(rest.trim_start())?;
    let mut words = rest.split_ascii_whitespace();
    let value = number(words.next()?)?;
    // Nobody here tells older values; a timestamp is read over.
    if let Some(timestamp) = words.next() {
        timestamp.parse::<i64>().ok()?;
    }
    (is_name(name) && words.next().is_none()).then(|| Sample { name: name.to_owned(), labels, value })
}

/// The labels, and what stands behind them.
fn labels(text: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    let Some(mut rest) = text.strip_prefix('{') else { return Some((labels, text)) };
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim_end();
        let value = behind.trim_start().strip_prefix('"')?;
        let end = closing_quote(value)?;
        let known = labels.insert(name.to_owned(), plain(&unescaped(&value[..end], true)?));
        if !is_label(name) || known.is_some() {
            return None;
        }
        rest = value[end + 1..].trim_start();
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
}

/// Where the text ends: at the first quote that no backslash stands before.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(place, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(place)
    })
}

/// What an escaped text says. `quoted`: it stood in quotes, where no other escapes are allowed than those that there are.
fn unescaped(text: &str, quoted: bool) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('\\') => plain.push('\\'),
            Some('n') => plain.push('\n'),
            Some('"') if quoted => plain.push('"'),
            _ if quoted => return None,
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Some(plain)
}

/// The text without control characters, which have no escape but for the newline.
pub(crate) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().map(shown).collect()
}

/// A number as the format has it.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn shown(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        number.to_string()
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn is_name(text: &str) -> bool {
    text.chars().all(is_of_name) && text.starts_with(|first: char| !first.is_ascii_digit())
}

/// Names that begin with two underscores are Prometheus's own.
fn is_label(text: &str) -> bool {
    is_name(text) && !text.contains(':') && !text.starts_with("__")
}

/// Writes a family: what it is, then its samples.
pub(crate) fn write(text: &mut String, name: &str, family: &Family) {
    let help = match family.help.trim() {
        "" => "Nothing is said of what this is.".to_owned(),
        help => help.replace('\\', "\\\\").replace('\n', "\\n"),
    };
    // Writing into a text cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {}", family.kind.word());
    let samples =
        family.groups.iter().flat_map(|(labels, group)| group.iter().map(move |(key, value)| (labels, key, value)));
    for (labels, (part, rank), value) in samples {
        text.push_str(name);
        text.push_str(part.suffix());
        let rank = family.kind.rank_label(*part).map(|label| (label, shown(rank.number())));
        let all = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = all.chain(rank.as_ref().map(|(label, value)| (*label, value.as_str())));
        let mut before = '{';
        for (label, value) in all {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(text, "{before}{label}=\"{value}\"");
            before = ',';
        }
        if before == ',' {
            text.push('}');
        }
        let _ = writeln!(text, " {}", shown(*value));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_line_is_a_sample_or_nothing() {
        let read = |line: &str| {
            sample(line).map(|sample| (sample.name, sample.labels.into_iter().collect::<Vec<_>>(), sample.value))
        };
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("a 1").unwrap(), ("a".to_owned(), vec![], 1.0));
        assert_eq!(read("a{} -.5e3 123").unwrap(), ("a".to_owned(), vec![], -500.0));
        let told = read("a:b_1 { x = \"1\" , y=\"a\\\\\\\"\\nж\", }+Inf").unwrap();
        assert_eq!(told, ("a:b_1".to_owned(), vec![label("x", "1"), label("y", "a\\\"\nж")], f64::INFINITY));
        assert!(read("a NaN").unwrap().2.is_nan());
        for wrong in [
            "a",
            "1a 1",
            "a 1 2 3",
            "a 1 x",
            "a x",
            "{x=\"1\"} 1",
            "a{x=\"1\" 1",
            "a{x=1} 1",
            "a{x=\"1\",x=\"2\"} 1",
            "a{1x=\"1\"} 1",
            "a{__name__=\"b\"} 1",
            "a{x=\"\\t\"} 1",
            "a{x=\"1\"y=\"2\"} 1",
            "a{x:y=\"1\"} 1",
            "a{,} 1",
            "ж 1",
            "a-b 1",
            "a{x=\"1\\\"} 1",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_a_text_says_twice_or_wrongly_is_counted() {
        let said = read(
            "# TYPE a counter\n# TYPE a gauge\n# TYPE b nonsense\n# HELP a x\\ny\\z\n# HELP a other\n# any word\n\na 1\n?\n",
        );
        assert_eq!(said.rejected, 4);
        assert_eq!((said.kinds["a"], said.help["a"].as_str(), said.samples.len()), (Kind::Counter, "x\ny\\z", 1));
    }

    #[test]
    fn numbers_are_written_as_every_reader_expects() {
        let numbers = [0.0, -1.5, 1e21, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        assert_eq!(numbers.map(shown), ["0", "-1.5", "1000000000000000000000", "+Inf", "-Inf", "NaN"]);
    }
}
