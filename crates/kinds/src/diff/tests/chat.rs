use super::*;

const LABELS: Labels<'_> = Labels { theirs: "Anna, version 7", mine: "your file", language: Language::English };

fn shown(base: &str, theirs: &str, mine: &str, limit: usize) -> String {
    render(&super::super::three_way(base, theirs, mine), &LABELS, limit)
}

const BASE: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

#[test]
fn each_change_says_where_whose_and_what() {
    let theirs = "0\n1\n2\n3!\n4\n5\n6\n7\n8\n9!\n";
    let mine = "1\n2\n3?\n4\n5\n7\n8\n9!\n";
    assert_eq!(
        shown(BASE, theirs, mine, 4096),
        "before line 1 — Anna, version 7\n+ 0\n\n\
         ⚠ line 3 — conflict\nbefore:\n- 3\nAnna, version 7:\n+ 3!\nyour file:\n+ 3?\n\n\
         line 6 — your file\n- 6\n\n\
         line 9 — both changed it to the same\n- 9\n+ 9!\n"
    );
    let russian = Labels { language: Language::Russian, theirs: "Анна", mine: "ваш файл" };
    let three = super::super::three_way(BASE, &BASE.replace("4\n5\n", ""), &BASE.replace("5", "V"));
    assert_eq!(
        render(&three, &russian, 4096),
        "⚠ строки 4–5 — конфликт\nбыло:\n- 4\n- 5\nАнна: ничего\nваш файл:\n+ 4\n+ V\n"
    );
}

#[test]
fn what_does_not_fit_is_counted() {
    let (theirs, mine) = (BASE.replace('1', "one").replace('5', "five"), BASE.replace('3', "three").replace('5', "V"));
    let whole = shown(BASE, &theirs, &mine, 4096);
    assert_eq!(shown(BASE, &theirs, &mine, whole.encode_utf16().count()), whole);
    let less = shown(BASE, &theirs, &mine, whole.encode_utf16().count() - 1);
    assert!(less.ends_with("+ three\n\n… and 1 more change, in conflict"), "{less}");
    let least = shown(BASE, &theirs, &mine, 60);
    assert_eq!(least, "\n… and 3 more changes, 1 of them in conflict");
}

#[test]
fn long_lines_and_long_changes_are_shortened_and_say_so() {
    let long = "x".repeat(500) + "\n" + &"y\n".repeat(20);
    let shown = shown("", &long, "", 4096);
    assert_eq!(
        shown,
        format!("before line 1 — Anna, version 7\n+ {}…\n{}+ … 13 more lines\n", "x".repeat(120), "+ y\n".repeat(7))
    );
}

#[test]
fn a_line_feed_at_the_end_is_told() {
    let shown = shown("a\n", "a", "a\n", 4096);
    assert_eq!(shown, "line 1 — Anna, version 7\n- a\n+ a\n\\ no line feed at the end of the file\n");
}

#[test]
fn nothing_misleads_who_reads_it() {
    assert_eq!(harmless("percent: 5\nимя: ✅\n"), "percent: 5\nимя: ✅\n");
    assert_eq!(harmless("a\r\n\t\u{1b}[2J\u{7f}\u{9b}"), "a␍\n␉␛[2J␡<U+009B>");
    assert_eq!(harmless("\u{202e}\u{2066}x\u{200b}\u{feff}\u{e0041}"), "<U+202E><U+2066>x<U+200B><U+FEFF><U+E0041>");
    let labels = Labels { theirs: "A\n\u{202e}", ..LABELS };
    let text = render(&super::super::three_way("", "\u{202e}a\r\n", ""), &labels, 4096);
    assert_eq!(text, "before line 1 — A <U+202E>\n+ <U+202E>a␍\n");
}

proptest! {
    #[test]
    fn the_limit_holds_and_every_change_is_shown_or_counted((base, theirs, mine) in family(), limit in 0_usize..400) {
        let three = super::super::three_way(&base, &theirs, &mine);
        let text = render(&three, &LABELS, limit);
        prop_assert!(text.encode_utf16().count() <= limit);
        if limit > 60 {
            let shown = text.lines().filter(|line| line.contains(" — ")).count();
            let counted = text.lines().find_map(|line| line.strip_prefix("… and ")?.split(' ').next()?.parse::<usize>().ok());
            prop_assert_eq!(shown + counted.unwrap_or(0), three.hunks.len());
        }
    }

    #[test]
    fn no_text_is_shown_that_misleads(theirs in "\\PC*|.*", language in prop::sample::select(Language::ALL.to_vec())) {
        let labels = Labels { theirs: &theirs, mine: &theirs, language };
        let text = render(&super::super::three_way("a", &theirs, "b"), &labels, 4096);
        let visible = |c: char| c == '\n' || !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(text.chars().all(visible), "{text:?}");
    }
}
