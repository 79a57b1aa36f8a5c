use super::{accepts, refuses};
use crate::world::text::markdown_v2::parse;

#[test]
fn marks() {
    accepts(
        parse,
        &[
            ("", "", ""),
            (
                "plain text: 1, 2; 3? \"x\" 'y' $5 50% @a /b & <c",
                "plain text: 1, 2; 3? \"x\" 'y' $5 50% @a /b & <c",
                "",
            ),
            ("*bold*", "bold", "bold@0+4"),
            ("_italic_", "italic", "italic@0+6"),
            ("__under__", "under", "underline@0+5"),
            ("~strike~", "strike", "strikethrough@0+6"),
            ("||spoiler||", "spoiler", "spoiler@0+7"),
            ("`code`", "code", "code@0+4"),
            (
                "*a* _b_ __c__ ~d~ ||e|| `f`",
                "a b c d e f",
                "bold@0+1 italic@2+1 underline@4+1 strikethrough@6+1 spoiler@8+1 code@10+1",
            ),
            ("** ____ ~~ |||| ``", "    ", ""),
            ("😀*жир*😀", "😀жир😀", "bold@2+3"),
            ("e\u{301}*e\u{301}*", "e\u{301}e\u{301}", "bold@2+2"),
            ("*👩‍👩‍👧*", "👩‍👩‍👧", "bold@0+8"),
            ("*a\nb*", "a\nb", "bold@0+3"),
        ],
    );
}

#[test]
fn marks_within_marks() {
    accepts(
        parse,
        &[
            ("*a _b_ c*", "a b c", "bold@0+5 italic@2+1"),
            ("*_a_*", "a", "bold@0+1 italic@0+1"),
            ("_*a*_", "a", "bold@0+1 italic@0+1"),
            ("*a _b ~c ||d|| e~ f_ g*", "a b c d e f g", "bold@0+13 italic@2+9 strikethrough@4+5 spoiler@6+1"),
            ("__a _b_ c__", "a b c", "underline@0+5 italic@2+1"),
            ("_a __b__ c_", "a b c", "italic@0+5 underline@2+1"),
            ("_a__b__ c_", "ab c", "italic@0+4 underline@1+1"),
            ("___a_ b__", "a b", "underline@0+3 italic@0+1"),
            ("_a __b___", "a b", "italic@0+3 underline@2+1"),
            ("__a _b_**__", "a b", "underline@0+3 italic@2+1"),
            ("*a `b` c*", "a b c", "bold@0+5 code@2+1"),
            ("*a [b](example.org) c*", "a b c", "bold@0+5 text_link(http://example.org/)@2+1"),
            ("[a *b* c](example.org)", "a b c", "text_link(http://example.org/)@0+5 bold@2+1"),
            ("*a **b*", "a b", "bold@0+2 bold@2+1"),
        ],
    );
    refuses(
        parse,
        &[
            ("__a _b___", "Can't find end of Italic entity at byte offset 8"),
            ("___a___", "Can't find end of Italic entity at byte offset 6"),
            ("*a _b* c_", "Can't find end of Italic entity at byte offset 8"),
        ],
    );
}

#[test]
fn escapes() {
    accepts(
        parse,
        &[
            ("\\_\\*\\[\\]\\(\\)\\~\\`\\>\\#\\+\\-\\=\\|\\{\\}\\.\\!", "_*[]()~`>#+-=|{}.!", ""),
            ("\\\\", "\\", ""),
            ("\\a\\1\\ ", "a1 ", ""),
            ("\\ж\\😀\\", "\\ж\\😀\\", ""),
            ("*a\\*b*", "a*b", "bold@0+3"),
            ("`a\\`b`", "a`b", "code@0+3"),
            ("`a\\\\`", "a\\", "code@0+2"),
            ("`*_[]()~>#+-=|{}.!`", "*_[]()~>#+-=|{}.!", "code@0+17"),
            ("[a\\]b](http://example.org/\\(x\\)\\\\)", "a]b", "text_link(http://example.org/(x)\\)@0+3"),
            ("\\\n>a", "\na", "blockquote@1+1"),
        ],
    );
}

#[test]
fn code_blocks() {
    accepts(
        parse,
        &[
            ("```block```", "block", "pre@0+5"),
            ("```rust\nfn x(){}\n```", "fn x(){}\n", "pre(rust)@0+9"),
            ("```c++ x```", " x", "pre(c++)@0+2"),
            ("```\nblock```", "block", "pre@0+5"),
            ("```\r\nblock```", "block", "pre@0+5"),
            ("```\n\nblock```", "\nblock", "pre@0+6"),
            ("```a\\`b```", "a`b", "pre@0+3"),
            ("```*a*\n_b_```", "_b_", "pre(*a*)@0+3"),
            ("``````", "", ""),
            ("```a``````b```", "ab", "pre@0+1 pre@1+1"),
            ("a```\nb```c", "abc", "pre@1+1"),
            ("```ж\nя```", "я", "pre(ж)@0+1"),
        ],
    );
    refuses(
        parse,
        &[
            ("```a", "Can't find end of Pre entity at byte offset 0"),
            ("é```a b", "Can't find end of PreCode entity at byte offset 2"),
            ("```a``", "Can't find end of Pre entity at byte offset 0"),
            ("```a`b```", "Can't find end of Pre entity at byte offset 0"),
            ("`a", "Can't find end of Code entity at byte offset 0"),
        ],
    );
}

#[test]
fn links() {
    accepts(
        parse,
        &[
            ("[x](http://example.org/a)", "x", "text_link(http://example.org/a)@0+1"),
            ("[x](example.org?a=1)", "x", "text_link(http://example.org/?a=1)@0+1"),
            ("[x](HTTPS://Example.ORG/Path)", "x", "text_link(https://example.org/Path)@0+1"),
            ("[example\\.org]", "example.org", "text_link(http://example.org/)@0+11"),
            ("[*example*\\.org]", "example.org", "text_link(http://example.org/)@0+11 bold@0+7"),
            ("[x](nowhere)", "x", ""),
            ("[x]()", "x", ""),
            ("[x]", "x", ""),
            ("[](example.org)", "", ""),
            ("[x](tg://user?id=1001)", "x", "text_mention(1001)@0+1"),
            ("[x](tg://user?id=0)", "x", "text_link(tg://user?id=0)@0+1"),
            ("[x](tg://resolve?domain=a)", "x", "text_link(tg://resolve?domain=a)@0+1"),
            ("[x](example.org/a_b*c[d])", "x", "text_link(http://example.org/a_b*c[d])@0+1"),
            ("😀[я](пример.рф)", "😀я", "text_link(http://пример.рф/)@2+1"),
        ],
    );
    refuses(
        parse,
        &[
            ("[x](example.org", "Can't find end of a URL at byte offset 4"),
            ("é[я](", "Can't find end of a URL at byte offset 7"),
            ("[x", "Can't find end of TextUrl entity at byte offset 0"),
            ("[x(example.org)", "Character '(' is reserved and must be escaped with the preceding '\\'"),
            ("[x](a\\)", "Can't find end of a URL at byte offset 4"),
        ],
    );
}

#[test]
fn emoji_and_moments() {
    accepts(
        parse,
        &[
            ("![👍](tg://emoji?id=5368324170671202286)", "👍", "custom_emoji(5368324170671202286)@0+2"),
            ("a ![x](tg:emoji?id=7) b", "a x b", "custom_emoji(7)@2+1"),
            (
                "![22:45 tomorrow](tg://time?unix=1647531900&format=wDT)",
                "22:45 tomorrow",
                "date_time(1647531900 wDT)@0+14",
            ),
            ("![x](tg://time?unix=1)", "x", "date_time(1 )@0+1"),
            ("![x](tg://time?unix=1&format=R)", "x", "date_time(1 r)@0+1"),
            ("![](tg://emoji?id=7)", "", ""),
        ],
    );
    refuses(
        parse,
        &[
            ("![x]", "The entity must contain a tg://emoji or tg://time URL"),
            ("![x](http://example.org)", "Invalid tg://emoji or tg://time URL specified"),
            ("![x](tg://emoji?id=0)", "Invalid tg://emoji or tg://time URL specified"),
            ("![x](tg://time?unix=-1)", "Invalid tg://emoji or tg://time URL specified"),
            ("![x](tg://time?unix=1&format=q)", "Invalid date format used"),
            ("![x](tg://emoji?id=1", "Can't find end of a URL at byte offset 5"),
            ("![x", "Can't find end of CustomEmoji entity at byte offset 0"),
            ("a!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ],
    );
}

#[test]
fn quotations() {
    accepts(
        parse,
        &[
            (">a", "a", "blockquote@0+1"),
            (">a\n>b\nc", "a\nb\nc", "blockquote@0+4"),
            (">a\n>b\n", "a\nb\n", "blockquote@0+4"),
            ("x\n>a\ny", "x\na\ny", "blockquote@2+2"),
            (">a\n\n>b", "a\n\nb", "blockquote@0+2 blockquote@3+1"),
            (">a\n**>b", "a\nb", "blockquote@0+2 blockquote@2+1"),
            (">a\n>b||\nc", "a\nb\nc", "expandable_blockquote@0+4"),
            (">a||", "a", "expandable_blockquote@0+1"),
            ("**>a\n>b||", "a\nb", "expandable_blockquote@0+3"),
            (">a\r\n>b||\r\nc", "a\r\nb\r\nc", "expandable_blockquote@0+6"),
            (">*a* b\n>`c`\nd", "a b\nc\nd", "blockquote@0+6 bold@0+1 code@4+1"),
            (">*a\n>b*\n", "a\nb\n", "blockquote@0+4 bold@0+3"),
            (">>a", "a", "blockquote@0+1"),
            (">||a|| b||\nc", "a b\nc", "expandable_blockquote@0+4 spoiler@0+1"),
            ("*a\n>b\nc*", "a\nb\nc", "bold@0+5 blockquote@2+2"),
            (">", "", ""),
            (">\nx", "\nx", "blockquote@0+1"),
            (">[a](example.org)\n", "a\n", "blockquote@0+2 text_link(http://example.org/)@0+1"),
            ("> a", " a", "blockquote@0+2"),
            ("\\>a", ">a", ""),
            (">```\na\n>b```\nc", "a\n>b\nc", "blockquote@0+5 pre@0+4"),
        ],
    );
    refuses(
        parse,
        &[
            ("a >b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
            (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
            (">*a||\nb*", "Can't find end of Bold entity at byte offset 1"),
            (">||a\nb", "Can't find end of Spoiler entity at byte offset 1"),
            (">a ||b", "Can't find end of Spoiler entity at byte offset 3"),
            ("x\n>_é", "Can't find end of Italic entity at byte offset 3"),
        ],
    );
}

#[test]
fn every_mark_must_end_and_every_other_must_be_escaped() {
    refuses(
        parse,
        &[
            ("é*a", "Can't find end of Bold entity at byte offset 2"),
            ("😀_a", "Can't find end of Italic entity at byte offset 4"),
            ("__a", "Can't find end of Underline entity at byte offset 0"),
            ("~a", "Can't find end of Strikethrough entity at byte offset 0"),
            ("a ||b", "Can't find end of Spoiler entity at byte offset 2"),
            ("*a _b", "Can't find end of Italic entity at byte offset 3"),
            ("snake_case", "Can't find end of Italic entity at byte offset 5"),
            ("*a\\*", "Can't find end of Bold entity at byte offset 0"),
        ],
    );
    for reserved in "])#+-={}.!|>()".chars() {
        let error = format!("Character '{reserved}' is reserved and must be escaped with the preceding '\\'");
        refuses(
            parse,
            &[(&format!("a {reserved}b"), &error), (&format!("*a {reserved}b*"), &error)]
                .map(|(source, error)| (source.as_str(), error.as_str())),
        );
    }
}
