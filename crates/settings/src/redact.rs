//! Keeps what looks like a secret out of messages.

/// What stands in place of a secret.
pub(crate) const SECRET: &str = "[secret]";

/// Fewer characters after the colon than any bot token has: a message may have cut it short.
const LEAST: usize = 10;

/// `text` with everything that looks like a bot token (`123456789:AAE…`) replaced.
///
/// ```
/// let text = natrium_settings::redacted("found 123456789:AAEabcdefghijklmnopqrstuvwxyz-_12345 here");
/// assert_eq!(text, "found [secret] here");
/// ```
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(colon) = rest.find(':') {
        let (before, after) = rest.split_at(colon);
        let after = after.get(1..).unwrap_or_default();
        let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let secret =
            after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
        if digits > 0 && secret >= LEAST {
            clean.push_str(before.get(..before.len() - digits).unwrap_or_default());
            clean.push_str(SECRET);
            rest = after.get(secret..).unwrap_or_default();
        } else {
            clean.push_str(before);
            clean.push(':');
            rest = after;
        }
    }
    clean.push_str(rest);
    clean
}

/// Whether a value belongs to a key that is meant for secrets.
pub(crate) fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["token", "secret", "password", "hash", "passphrase"].iter().any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

    #[test]
    fn tokens_vanish_wherever_they_stand() {
        assert_eq!(redacted(TOKEN), SECRET);
        assert_eq!(
            redacted(&format!("https://host/bot{TOKEN}/getMe: {TOKEN}.")),
            "https://host/bot[secret]/getMe: [secret]."
        );
        assert_eq!(redacted(&format!("1:{}…", &TOKEN[10..25])), "[secret]…");
        assert_eq!(redacted(&format!("я:{TOKEN}:{TOKEN}")), "я:[secret]:[secret]");
    }

    #[test]
    fn other_text_stays() {
        for text in
            ["", ":", "a: b", "http://127.0.0.1:8081/x", "natrium.yml:3:5: log: must be", "10:30", "::1", "id 5: bad"]
        {
            assert_eq!(redacted(text), text);
        }
    }
}
