use super::{accepts, refuses};
use crate::world::text::markdown::parse;

#[test]
fn the_old_notation() {
    accepts(
        parse,
        &[
            ("", "", ""),
            ("plain. text! (1+1=2) > #~|{}-", "plain. text! (1+1=2) > #~|{}-", ""),
            ("*bold*", "bold", "bold@0+4"),
            ("_italic_", "italic", "italic@0+6"),
            ("`code`", "code", "code@0+4"),
            ("```block```", "block", "pre@0+5"),
            ("```rust\nfn\n```", "fn\n", "pre(rust)@0+3"),
            ("```\nblock```", "block", "pre@0+5"),
            ("```\r\nblock```", "block", "pre@0+5"),
            ("```\n\nblock```", "\nblock", "pre@0+6"),
            ("```a b```", " b", "pre(a)@0+2"),
            ("``` b```", " b", "pre@0+2"),
            ("```a`b```", "a`b", "pre@0+3"),
            ("[x](http://example.org/a)", "x", "text_link(http://example.org/a)@0+1"),
            ("[x](example.org)", "x", "text_link(http://example.org/)@0+1"),
            ("[example.org]", "example.org", "text_link(http://example.org/)@0+11"),
            ("[x](nowhere)", "x", ""),
            ("[x]", "x", ""),
            ("[x] (example.org)", "x (example.org)", ""),
            ("[x](tg://user?id=1001)", "x", "text_mention(1001)@0+1"),
            ("[x](example.org", "x", "text_link(http://example.org/)@0+1"),
            ("[](example.org)", "(example.org)", ""),
            ("** __ ``", "  ", ""),
            ("``````", "", ""),
            ("*a_b*", "a_b", "bold@0+3"),
            ("_a*b_", "a*b", "italic@0+3"),
            ("\\*a\\_b\\`c\\[d", "*a_b`c[d", ""),
            ("\\]a\\.b\\\\", "\\]a\\.b\\\\", ""),
            ("😀 *жир* x", "😀 жир x", "bold@3+3"),
            ("*😀*e\u{301}_e\u{301}_", "😀e\u{301}e\u{301}", "bold@0+2 italic@4+2"),
            ("*a\nb*", "a\nb", "bold@0+3"),
            ("![x](example.org)", "!x", "text_link(http://example.org/)@1+1"),
        ],
    );
}

#[test]
fn entities_do_not_nest_and_are_not_escaped_inside() {
    accepts(parse, &[("*a _b* c", "a _b c", "bold@0+4"), ("*a\\*b", "a\\b", "bold@0+2")]);
}

#[test]
fn every_entity_must_end() {
    refuses(
        parse,
        &[
            ("*a", "Can't find end of the entity starting at byte offset 0"),
            ("é_a", "Can't find end of the entity starting at byte offset 2"),
            ("*a* 😀`b", "Can't find end of the entity starting at byte offset 8"),
            ("```a``", "Can't find end of the entity starting at byte offset 0"),
            ("```", "Can't find end of the entity starting at byte offset 0"),
            ("``` ``", "Can't find end of the entity starting at byte offset 0"),
            ("x [a", "Can't find end of the entity starting at byte offset 2"),
            ("[a(b)", "Can't find end of the entity starting at byte offset 0"),
            ("snake_case", "Can't find end of the entity starting at byte offset 5"),
            ("*a _b* c_ d", "Can't find end of the entity starting at byte offset 8"),
            ("*a\\*b*", "Can't find end of the entity starting at byte offset 5"),
        ],
    );
}
