//! What Telegram finds in a text by itself: commands, mentions, hashtags, addresses.
//!
//! Follows the expressions in TDLib's `MessageEntity.cpp`. Phone numbers, bank cards and cashtags are not looked for.

use crate::control::{Entity, EntityKind};
use crate::world::text::utf16_len;

/// Top-level domains that make a bare `name.tld` an address; two letters always do if they are a country's.
const DOMAINS: &[&str] = &[
    "com", "org", "net", "info", "biz", "edu", "gov", "mil", "int", "name", "pro", "app", "dev", "xyz", "online",
    "site", "store", "tech", "cloud", "blog", "shop", "news", "wiki", "page", "link", "live", "team", "zip", "mov",
];
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt \
    bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj \
    fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is \
    it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo \
    mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py \
    qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr st su sv sx sy sz tc td tf tg th tj tk tl tm tn to \
    tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Finds entities in a text, in their order, none overlapping another.
pub(crate) fn entities(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut units = 0;
    let mut counted = 0;
    let mut position = 0;
    let mut before = None;
    while let Some(character) = text[position..].chars().next() {
        let rest = &text[position..];
        let hit = match character {
            '/' => command(rest, before).map(|bytes| (bytes, EntityKind::BotCommand)),
            '@' => mention(rest, before).map(|bytes| (bytes, EntityKind::Mention)),
            '#' => hashtag(rest, before).map(|bytes| (bytes, EntityKind::Hashtag)),
            _ if before.is_none_or(|before| !is_word(before) && before != '@' && before != '/') => address(rest),
            _ => None,
        };
        let bytes = match hit {
            Some((bytes, kind)) => {
                units += utf16_len(&text[counted..position]);
                counted = position;
                found.push(Entity { offset: units, length: utf16_len(&rest[..bytes]), kind });
                bytes
            }
            None => character.len_utf8(),
        };
        position += bytes;
        before = text[..position].chars().next_back();
    }
    found
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

fn count_name(text: &str) -> usize {
    text.bytes().take_while(is_name).count()
}

/// `/command` or `/command@bot`, not glued to other words or slashes.
fn command(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|before| is_word(before) || matches!(before, '/' | '<' | '>')) {
        return None;
    }
    let name = count_name(&text[1..]);
    if !(1..=64).contains(&name) {
        return None;
    }
    let mut end = 1 + name;
    if let Some(bot) = text[end..].strip_prefix('@').map(count_name)
        && (3..=32).contains(&bot)
    {
        end += 1 + bot;
    }
    let glued = text[end..].chars().next().is_some_and(|next| is_word(next) || matches!(next, '/' | '<' | '>'));
    (!glued).then_some(end)
}

fn mention(text: &str, before: Option<char>) -> Option<usize> {
    let name = count_name(&text[1..]);
    let glued = before.is_some_and(is_word) || text[1 + name..].chars().next().is_some_and(is_word);
    (!glued && (5..=32).contains(&name)).then_some(1 + name)
}

fn hashtag(text: &str, before: Option<char>) -> Option<usize> {
    let tag: &str = &text[1..];
    let end = tag.find(|next| !is_word(next)).unwrap_or(tag.len());
    let letters = tag[..end].chars().count();
    let only_digits = tag[..end].chars().all(|character| character.is_numeric());
    (before.is_none_or(|before| !is_word(before) && before != '&') && (1..=256).contains(&letters) && !only_digits)
        .then_some(1 + end)
}

/// `http://…`, `name.tld/…` or `name@name.tld` at the start of the text.
fn address(text: &str) -> Option<(usize, EntityKind)> {
    let end = text
        .find(|next: char| next.is_whitespace() || matches!(next, '<' | '>' | '"' | '«' | '»'))
        .unwrap_or(text.len());
    let token = text[..end].trim_end_matches(['.', ',', ':', ';', '!', '?', ')', ']', '}', '\'']);
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|scheme| token.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let rest = &token[scheme.map_or(0, str::len)..];
    let host_end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    let host = &rest[..host_end];
    if let (None, Some((name, domain))) = (scheme, host.split_once('@')) {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        let is_mail = !name.is_empty() && name.chars().all(plain) && is_host(domain);
        return is_mail.then_some((host_end, EntityKind::Email));
    }
    is_host(host).then_some((token.len(), EntityKind::Url))
}

fn is_host(host: &str) -> bool {
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let labels = |label: &str| !label.is_empty() && label.chars().all(|c| is_word(c) || c == '-');
    let top = top.to_ascii_lowercase();
    name.split('.').all(labels)
        && (DOMAINS.contains(&top.as_str()) || (top.len() == 2 && COUNTRIES.split_ascii_whitespace().any(|c| c == top)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, EntityKind)> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let texts = entities(text).into_iter();
        texts.map(|e| (String::from_utf16_lossy(&units[e.offset..e.end()]), e.kind)).collect()
    }

    #[test]
    fn commands() {
        for (text, command) in [
            ("/set_fees", Some("/set_fees")),
            ("/start@natrium_bot now", Some("/start@natrium_bot")),
            ("please /help.", Some("/help")),
            ("и/или", None),
            ("a/b", None),
            ("/a/b", None),
            ("//start", None),
            ("/", None),
            ("/файл", None),
        ] {
            let expected: Vec<_> =
                command.into_iter().map(|command| (command.to_owned(), EntityKind::BotCommand)).collect();
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn mentions_tags_and_addresses() {
        assert_eq!(found("hi @anna_b, x@ann"), [("@anna_b".to_owned(), EntityKind::Mention)]);
        assert_eq!(
            found("#fees #12 #a1"),
            [("#fees".to_owned(), EntityKind::Hashtag), ("#a1".to_owned(), EntityKind::Hashtag)]
        );
        assert_eq!(found("see t.me/news, ok"), [("t.me/news".to_owned(), EntityKind::Url)]);
        assert_eq!(found("(https://example.org/a?b=1)"), [("https://example.org/a?b=1".to_owned(), EntityKind::Url)]);
        assert_eq!(found("anna@example.org!"), [("anna@example.org".to_owned(), EntityKind::Email)]);
        assert_eq!(found("fees.yml is v1.2 of 3.14"), []);
        assert_eq!(found("main.rs README.md").len(), 2, "Serbia and Moldova, as on Telegram");
    }
}
