//! How a moment is to be written: the letters of `date_time_format`.

/// The letters of `tg-time` and `tg://time` as Telegram gives them back. Of two precisions the short one counts.
/// Nothing if they mean nothing.
pub(crate) fn of_markup(format: &str) -> Option<String> {
    ordered(format, |letters, short, long| if letters.contains(short) { short } else { long })
}

/// The letters of an entity that a bot gives itself. Of two precisions the last one counts.
pub(crate) fn of_entity(format: &str) -> Option<String> {
    ordered(format, |letters, short, long| if letters.rfind(short) > letters.rfind(long) { short } else { long })
}

fn ordered(format: &str, choose: impl Fn(&str, char, char) -> char) -> Option<String> {
    if format.eq_ignore_ascii_case("r") {
        return Some("r".to_owned());
    }
    if !format.chars().all(|letter| matches!(letter, 't' | 'T' | 'd' | 'D' | 'w' | 'W')) {
        return None;
    }
    let weekday = format.contains(['w', 'W']).then_some('w');
    let date = format.contains(['d', 'D']).then(|| choose(format, 'd', 'D'));
    let time = format.contains(['t', 'T']).then(|| choose(format, 't', 'T'));
    Some([weekday, date, time].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_back_in_telegrams_order() {
        for (format, markup, entity) in [
            ("", Some(""), Some("")),
            ("R", Some("r"), Some("r")),
            ("TDW", Some("wDT"), Some("wDT")),
            ("tw", Some("wt"), Some("wt")),
            ("tT", Some("t"), Some("T")),
            ("Dd", Some("d"), Some("d")),
            ("rt", None, None),
            ("x", None, None),
        ] {
            assert_eq!((of_markup(format).as_deref(), of_entity(format).as_deref()), (markup, entity), "{format}");
        }
    }
}
