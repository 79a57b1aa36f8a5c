//! What Telegram finds in a text by itself: commands, mentions, tags, bank cards, addresses.
//!
//! Follows the expressions in TDLib's `MessageEntity.cpp`. Phone numbers, which only Telegram's servers find, are not
//! looked for.

mod address;
mod card;
mod characters;
mod host;
mod word;

use std::ops::Range;

use crate::control::{Entity, EntityKind};
use crate::world::text::utf16_len;

type Found = Vec<(Range<usize>, EntityKind)>;

/// Finds entities in a text, in their order, none overlapping another: the one that starts first stays, then the
/// longer one.
pub(crate) fn entities(text: &str) -> Vec<Entity> {
    let mut found = Found::new();
    word::mentions(text, &mut found);
    word::commands(text, &mut found);
    word::hashtags(text, &mut found);
    word::cashtags(text, &mut found);
    card::numbers(text, &mut found);
    address::internal(text, &mut found);
    address::web_and_mail(text, &mut found);
    found.sort_by(|(a, _), (b, _)| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let (mut units, mut counted) = (0, 0);
    let mut entities = Vec::new();
    for (range, kind) in found {
        if range.start < counted {
            continue;
        }
        let offset = units + utf16_len(&text[counted..range.start]);
        let length = utf16_len(&text[range.clone()]);
        (units, counted) = (offset + length, range.end);
        entities.push(Entity { offset, length, kind });
    }
    entities
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntityKind::{BankCardNumber, BotCommand, Cashtag, Email, Hashtag, Mention, Url};

    fn check(text: &str, expected: &[(&str, EntityKind)]) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let found: Vec<(String, EntityKind)> =
            entities(text).into_iter().map(|e| (String::from_utf16_lossy(&units[e.offset..e.end()]), e.kind)).collect();
        let expected: Vec<(String, EntityKind)> =
            expected.iter().map(|(text, kind)| ((*text).to_owned(), kind.clone())).collect();
        assert_eq!(found, expected, "{text}");
    }

    fn each(kind: &EntityKind, cases: &[(&str, &[&str])]) {
        for (text, found) in cases {
            let expected: Vec<(&str, EntityKind)> = found.iter().map(|found| (*found, kind.clone())).collect();
            check(text, &expected);
        }
    }

    #[test]
    fn commands() {
        each(
            &BotCommand,
            &[
                ("/set_fees", &["/set_fees"]),
                ("/start@natrium_bot now", &["/start@natrium_bot"]),
                ("/start@ab", &[]),
                ("/start@natrium_bot_with_a_name_over__32_", &[]),
                ("please /help. (/a) /b, 😀/c", &["/help", "/a", "/b", "/c"]),
                ("и/или", &[]),
                ("a/b", &[]),
                ("/a/b", &[]),
                ("//start", &[]),
                ("/", &[]),
                ("/файл", &[]),
                ("/startфайл", &[]),
                ("</b> /c> /d<", &[]),
                ("/a-b /a'b", &["/a", "/a"]),
                (&format!("/{}", "x".repeat(64)), &[&format!("/{}", "x".repeat(64))]),
                (&format!("/{}", "x".repeat(65)), &[]),
            ],
        );
    }

    #[test]
    fn mentions() {
        each(
            &Mention,
            &[
                ("hi @anna_b, x@anna", &["@anna_b"]),
                ("@anna @ann @an @a", &["@anna"]),
                ("@gif @PIC @abc", &["@gif", "@PIC"]),
                ("@annaя я@anna", &[]),
                ("@@anna (@anna)", &["@anna", "@anna"]),
                (&format!("@{}", "a".repeat(33)), &[]),
                (&format!("@{}", "a".repeat(32)), &[&format!("@{}", "a".repeat(32))]),
            ],
        );
    }

    #[test]
    fn tags() {
        each(
            &Hashtag,
            &[
                ("#fees #12 #a1 #1a", &["#fees", "#a1", "#1a"]),
                ("#тариф_новый!", &["#тариф_новый"]),
                ("a#b #c#d ##e", &["#e"]),
                ("#fees@news #fees@ab", &["#fees@news", "#fees"]),
                ("&#tag", &["#tag"]),
                ("#½ #_ #_a", &["#_a"]),
                (&format!("#{}", "a".repeat(300)), &[&format!("#{}", "a".repeat(256))]),
            ],
        );
        each(
            &Cashtag,
            &[
                ("$USD, $1INCH $A", &["$USD", "$1INCH", "$A"]),
                ("$usd $ABCDEFGHI $USDt", &[]),
                ("a$USD $$USD $USD$", &[]),
                ("$USD@exchange", &["$USD@exchange"]),
            ],
        );
    }

    #[test]
    fn bank_cards() {
        each(
            &BankCardNumber,
            &[
                ("4242 4242 4242 4242", &["4242 4242 4242 4242"]),
                ("pay 4242-4242-4242-4242, please", &["4242-4242-4242-4242"]),
                ("4242424242424243", &[]),
                ("+4242424242424242", &[]),
                ("a4242424242424242", &[]),
                ("4242424242424242a", &[]),
                ("4242424242424242 1", &["4242424242424242"]),
                ("378282246310005", &["378282246310005"]),
                ("5105105105105100 2200000000000004", &["5105105105105100", "2200000000000004"]),
                ("123456789012", &[]),
            ],
        );
    }

    #[test]
    fn addresses() {
        each(
            &Url,
            &[
                ("see t.me/news, ok", &["t.me/news"]),
                ("(https://example.org/a?b=1)", &["https://example.org/a?b=1"]),
                ("https://en.wikipedia.org/wiki/A_(b) x", &["https://en.wikipedia.org/wiki/A_(b)"]),
                ("(see example.org/a(b))", &["example.org/a(b)"]),
                (
                    "example.org. Example.ORG! EXAMPLE.ORG, example.Org;",
                    &["example.org", "Example.ORG", "EXAMPLE.ORG", "example.Org"],
                ),
                ("example.oRG", &[]),
                ("fees.yml is v1.2 of 3.14", &[]),
                ("main.rs README.md", &["main.rs", "README.md"]),
                ("http://fees.yml http://localhost http://localhost.", &["http://fees.yml"]),
                ("HTTP://example.org:8080/x", &["HTTP://example.org:8080/x"]),
                ("example.org:99999/x", &["example.org"]),
                ("127.0.0.1 127.0.0.1:80/x 256.1.1.1 1.2.3 127.0.0.01", &["127.0.0.1", "127.0.0.1:80/x"]),
                ("пример.рф/путь?a=б", &["пример.рф/путь?a=б"]),
                (
                    "ftp://example.org sftp://example.org xhttp://example.org",
                    &["ftp://example.org", "http://example.org"],
                ),
                ("git://example.org", &[]),
                ("«example.org/x»", &["example.org/x"]),
                ("a_b.example.org a.b_c.org", &["a_b.example.org"]),
                ("-.org a-.org a..org", &[]),
                ("http://anna:x@example.org/y", &["http://anna:x@example.org/y"]),
                ("xn--e1afmkfd.xn--p1ai", &["xn--e1afmkfd.xn--p1ai"]),
                ("tg://resolve?domain=x ton://transfer/a, tg:x", &["tg://resolve?domain=x", "ton://transfer/a"]),
                ("tonsite://a.ton/x tonsite://a", &["tonsite://a.ton/x", "tonsite://a"]),
                ("example.org?", &["example.org"]),
                ("example.org/?a=1.", &["example.org/?a=1"]),
                ("example.org/a\nb", &["example.org/a"]),
                ("teiegram.org telegram.org", &["telegram.org"]),
                ("a.b.c.d.e", &[]),
                ("...example.org example.org...", &["example.org"]),
            ],
        );
    }

    #[test]
    fn mail() {
        each(
            &Email,
            &[
                ("anna@example.org!", &["anna@example.org"]),
                ("mailto:anna.b@mail.example.org", &["anna.b@mail.example.org"]),
                ("<anna@example.org>", &["anna@example.org"]),
                ("anna@localhost anna@example.x @org.", &[]),
            ],
        );
        check("http://anna@example.org", &[("http://anna@example.org", Url)]);
    }

    #[test]
    fn of_two_that_overlap_the_first_stays() {
        check("t.me/@anna_b", &[("t.me/@anna_b", Url)]);
        check("@anna_b.org", &[("@anna_b", Mention)]);
        check("#tag.org/x /a.org/x", &[("#tag", Hashtag), ("/a", BotCommand)]);
        check("@example.org", &[("@example", Mention)]);
        check("😀 @anna_b 😀 #a 😀", &[("@anna_b", Mention), ("#a", Hashtag)]);
    }
}
