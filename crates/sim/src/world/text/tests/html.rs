use super::{accepts, refuses};
use crate::world::text::html::parse;

#[test]
fn tags() {
    accepts(
        parse,
        &[
            ("", "", ""),
            ("plain > text *_`[", "plain > text *_`[", ""),
            ("<b>a</b>", "a", "bold@0+1"),
            ("<strong>a</strong>", "a", "bold@0+1"),
            ("<i>a</i><em>b</em>", "ab", "italic@0+1 italic@1+1"),
            ("<u>a</u><ins>b</ins>", "ab", "underline@0+1 underline@1+1"),
            ("<s>a</s><strike>b</strike><del>c</del>", "abc", "strikethrough@0+1 strikethrough@1+1 strikethrough@2+1"),
            ("<tg-spoiler>a</tg-spoiler>", "a", "spoiler@0+1"),
            ("<span class=\"tg-spoiler\">a</span>", "a", "spoiler@0+1"),
            ("<span class=tg-spoiler>a</span>", "a", "spoiler@0+1"),
            ("<span id=x class='tg-spoiler'>a</span>", "a", "spoiler@0+1"),
            ("<code>a</code>", "a", "code@0+1"),
            ("<pre>a</pre>", "a", "pre@0+1"),
            ("<blockquote>a</blockquote>", "a", "blockquote@0+1"),
            ("<blockquote expandable>a</blockquote>", "a", "expandable_blockquote@0+1"),
            ("<blockquote expandable=\"\">a</blockquote>", "a", "expandable_blockquote@0+1"),
            ("<blockquote expand>a</blockquote>", "a", "blockquote@0+1"),
            ("<B>a</b><I\n>b</I >", "ab", "bold@0+1 italic@1+1"),
            ("<b>a</>", "a", "bold@0+1"),
            ("<b>a</ >", "a", "bold@0+1"),
            ("<b></b>", "", ""),
            ("<b style='x' hidden>a</b>", "a", "bold@0+1"),
            ("<b>a <i>b</i> c</b>", "a b c", "bold@0+5 italic@2+1"),
            ("<b><i>a</i></b>", "a", "bold@0+1 italic@0+1"),
            ("😀<b>жир</b>😀", "😀жир😀", "bold@2+3"),
            ("<b>e\u{301}</b>e\u{301}<i>x</i>", "e\u{301}e\u{301}x", "bold@0+2 italic@4+1"),
            ("a\n <b>b</b>\n", "a\n b\n", "bold@3+1"),
        ],
    );
}

#[test]
fn code_with_its_language() {
    accepts(
        parse,
        &[
            ("<pre><code class=\"language-rust\">a</code></pre>", "a", "pre(rust)@0+1"),
            ("<code class=\"language-rust\"><pre>a</pre></code>", "a", "pre(rust)@0+1"),
            ("<pre><code class=language-C.1>a</code></pre>", "a", "pre(c.1)@0+1"),
            ("<pre><code class=\"rust\">a</code></pre>", "a", "pre@0+1 code@0+1"),
            ("<pre><code>a</code></pre>", "a", "pre@0+1 code@0+1"),
            ("<pre><code class=\"language-rust\">a</code> b</pre>", "a b", "pre@0+3 code@0+1"),
            ("<pre> <code class=\"language-rust\">a</code></pre>", " a", "pre@0+2 code@1+1"),
            ("<code class=\"language-rust\">a</code>", "a", "code@0+1"),
            ("<pre language=\"rust\">a</pre>", "a", "pre@0+1"),
        ],
    );
}

#[test]
fn links() {
    accepts(
        parse,
        &[
            ("<a href=\"http://example.org/a?b=1&amp;c\">x</a>", "x", "text_link(http://example.org/a?b=1&c)@0+1"),
            ("<a href='example.org'>x</a>", "x", "text_link(http://example.org/)@0+1"),
            ("<a href=example.org>x</a>", "x", "text_link(http://example.org/)@0+1"),
            ("<a href=\"https://Example.ORG#X\">x</a>", "x", "text_link(https://example.org/#X)@0+1"),
            ("<a>example.org</a>", "example.org", "text_link(http://example.org/)@0+11"),
            ("<a href=\"\">example.org</a>", "example.org", "text_link(http://example.org/)@0+11"),
            ("<a href=\"nowhere\">x</a>", "x", ""),
            ("<a HREF=\"example.org\">x</a>", "x", ""),
            ("<a href=\"tg://user?id=1001\">x</a>", "x", "text_mention(1001)@0+1"),
            ("<a href=\"tg://user?id=x\">x</a>", "x", "text_link(tg://user?id=x)@0+1"),
            ("<a href=\"ftp://example.org\">x</a>", "x", ""),
            ("<a href=\"mailto:a@example.org\">x</a>", "x", "text_link(http://mailto:a@example.org/)@0+1"),
            ("<a href=\"a.org\" href=\"b.org\">x</a>", "x", "text_link(http://b.org/)@0+1"),
            ("<a href=\"a.org\">x <b>y</b></a>", "x y", "text_link(http://a.org/)@0+3 bold@2+1"),
            ("<a href=\"a.org/>\">x</a>", "x", "text_link(http://a.org/>)@0+1"),
        ],
    );
}

#[test]
fn emoji_and_moments() {
    accepts(
        parse,
        &[
            ("<tg-emoji emoji-id=\"5368324170671202286\">👍</tg-emoji>", "👍", "custom_emoji(5368324170671202286)@0+2"),
            ("<tg-emoji emoji-id=\"x\"></tg-emoji>", "", ""),
            ("<tg-time unix=\"1647531900\" format=\"wDT\">x</tg-time>", "x", "date_time(1647531900 wDT)@0+1"),
            ("<tg-time unix=1>x</tg-time>", "x", "date_time(1 )@0+1"),
            ("<tg-time unix=\"1x\" format=r>x</tg-time>", "x", "date_time(1 r)@0+1"),
            ("<tg-time>x</tg-time>", "x", ""),
            ("<tg-time unix=-1>x</tg-time>", "x", ""),
        ],
    );
    refuses(
        parse,
        &[
            ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
            ("<tg-emoji emoji-id=0>x</tg-emoji>", "Invalid custom emoji identifier specified"),
            ("<tg-emoji emoji-id=07>x</tg-emoji>", "Invalid custom emoji identifier specified"),
            ("<tg-emoji emoji-id=x>x</tg-emoji>", "Invalid custom emoji identifier specified"),
            ("<tg-time unix=1 format=q>x</tg-time>", "Invalid date format used"),
            ("<tg-time format=q>x</tg-time>", "Invalid date format used"),
        ],
    );
}

#[test]
fn escapes() {
    accepts(
        parse,
        &[
            ("&lt;b&gt; &amp; &quot;", "<b> & \"", ""),
            ("&lt &amp&gt", "< &>", ""),
            ("&#33;&#x41;&#x1F600; &#233", "!A😀 é", ""),
            (
                "&copy; &nbsp; &LT; & &; &#; &#x; &#0; &#x110000;",
                "&copy; &nbsp; &LT; & &; &#; &#x; &#0; &#x110000;",
                "",
            ),
            ("&#00000065; &#0000065;", "&#00000065; A", ""),
            ("&ltx &lt1", "&ltx <1", ""),
            ("<b>&#x1F600;</b>", "😀", "bold@0+2"),
            ("&amp;lt;", "&lt;", ""),
        ],
    );
    refuses(
        parse,
        &[
            (
                "&#xD83D;",
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code \
                 units",
            ),
            ("a\0b", "Text must not contain null bytes"),
        ],
    );
}

#[test]
fn what_is_wrong_with_tags() {
    refuses(
        parse,
        &[
            ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
            ("1 <> 2", "Unsupported start tag \"\" at byte offset 2"),
            ("é<P>", "Unsupported start tag \"p\" at byte offset 2"),
            ("😀a<br>", "Unsupported start tag \"br\" at byte offset 5"),
            ("<br/>", "Unsupported start tag \"br/\" at byte offset 0"),
            ("<h1 x>", "Unsupported start tag \"h1\" at byte offset 0"),
            ("a <b", "Unclosed start tag at byte offset 2"),
            ("<", "Unclosed start tag at byte offset 0"),
            ("<zzz", "Unclosed start tag at byte offset 0"),
            ("<a href", "Unclosed start tag \"a\" at byte offset 0"),
            ("é<a href=", "Unclosed start tag \"a\" at byte offset 2"),
            ("<a href=x", "Unclosed start tag \"a\" at byte offset 0"),
            ("<a href=\"x", "Unclosed start tag \"a\" at byte offset 0"),
            ("<a href=\"x\"", "Unclosed start tag \"a\" at byte offset 0"),
            ("<a href=\"x\" ", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("é<b ", "Empty attribute name in the tag \"b\" at byte offset 2"),
            ("<a =1>", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("<b / >", "Empty attribute name in the tag \"b\" at byte offset 0"),
            ("<a \"href\">", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
            ("é<a href=ж>z</a>", "Unexpected end of name token at byte offset 10"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("é<span class=\"spoiler\">", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 2"),
            ("<span class=\"tg-spoiler x\">", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("é<b>x</b></b>", "Unexpected end tag at byte offset 10"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<b>x</b x>", "Unclosed end tag at byte offset 4"),
            ("<b>x</", "Unclosed end tag at byte offset 4"),
            ("<b>é</i>", "Unmatched end tag at byte offset 5, expected \"</b>\", found \"</i>\""),
            ("<b><i>x</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""),
            ("<b>x</strong>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</strong>\""),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<b><I>x", "Can't find end tag corresponding to start tag \"i\""),
        ],
    );
}
