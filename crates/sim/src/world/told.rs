//! What people are told of calls and webhooks: all but the bots' tokens, which some bots write into their webhook's address.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::world::World;

/// What stands for a secret.
pub(crate) const SECRET: &str = "…";
/// Digits of the longest id of a bot.
const DIGITS: usize = 17;

impl World {
    /// A text with `…` in place of the tokens of the bots that there are.
    pub(crate) fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut told = String::new();
        let mut rest = 0;
        for (colon, _) in text.match_indices([':', '%']) {
            if let Some((start, end)) = self.token_around(text, colon).filter(|(start, _)| *start >= rest) {
                told.push_str(&text[rest..start]);
                told.push_str(SECRET);
                rest = end;
            }
        }
        if rest == 0 {
            return Cow::Borrowed(text);
        }
        told.push_str(&text[rest..]);
        Cow::Owned(told)
    }

    /// Where the token begins and ends whose colon, as it is or as `%3A`, stands here, if one does.
    fn token_around(&self, text: &str, colon: usize) -> Option<(usize, usize)> {
        let after = &text[colon..];
        let behind =
            after.strip_prefix(':').or_else(|| after.strip_prefix("%3A")).or_else(|| after.strip_prefix("%3a"))?;
        let secret = text.len() - behind.len();
        let digits = text[..colon].bytes().rev().take(DIGITS).take_while(u8::is_ascii_digit).count();
        (colon - digits..colon).find_map(|start| {
            let bot = self.bots.get(&text[start..colon].parse().ok()?)?;
            let token = bot.token.as_ref()?.secret();
            behind.starts_with(token).then_some((start, secret + token.len()))
        })
    }

    /// The same of all texts in a value.
    pub(crate) fn told_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.told(&text).into_owned().into(),
            Value::Array(values) => values.into_iter().map(|value| self.told_value(value)).collect(),
            Value::Object(members) => Value::Object(self.told_members(members)),
            other => other,
        }
    }

    /// The same of an object.
    pub(crate) fn told_members(&self, members: Map<String, Value>) -> Map<String, Value> {
        members.into_iter().map(|(name, value)| (self.told(&name).into_owned(), self.told_value(value))).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{self, ApiCall, Parameters};
    use crate::control::Millis;
    use crate::world::token::Token;

    fn world() -> World {
        let mut world = World::new(7);
        for token in ["77:abc-d", "1277:xyz"] {
            world.add_bot(&Token::parse(token).unwrap(), None, None);
        }
        world
    }

    #[test]
    fn tokens_of_bots_that_are_there_are_not_told() {
        let world = world();
        for (text, told) in [
            ("77:abc-d", "…"),
            ("http://a:1/77:abc-d/1277:xyz?77%3Aabc-d&77%3aabc-d#x", "http://a:1/…/…?…&…#x"),
            ("x577:abc-dé", "x5…é"),
            ("1277:abc-d", "12…"),
            ("77:abc-d77:abc-d", "……"),
            ("99999999999999999999999999999977:abc-d", "999999999999999999999999999999…"),
        ] {
            assert_eq!(world.told(text), told, "{text}");
        }
        for text in ["", "77:abc", "78:abc-d", "abc-d", "77 abc-d", "77::abc-d", "é:%:7", "{\"a\":1,\"b\":\"12:30\"}"]
        {
            assert_eq!(world.told(text), text);
        }
        let value = json!({ "77:abc-d": ["77:abc-d", 77, { "a": null }] });
        assert_eq!(world.told_value(value), json!({ "…": ["…", 77, { "a": null }] }));
    }

    #[test]
    fn debug_shows_neither_tokens_nor_what_a_webhook_was_set_with() {
        let mut world = world();
        let mut parameters = Parameters::default();
        for (name, value) in [("url", "http://127.0.0.1:1/77:abc-d"), ("secret_token", "s-e_C3")] {
            parameters.add(name.to_owned(), value.to_owned());
        }
        let call = ApiCall::new(77, &parameters, Millis(1));
        api::perform(&mut world, &api::find("setWebhook").unwrap(), &call).unwrap();
        world.push_update(77, "message", &json!({ "chat": { "id": 1 } }), Millis(9_000), Millis(2));
        assert_eq!(world.deliveries.len(), 1);
        let shown = format!("{world:?} {call:?}");
        assert!(shown.contains("\"secret_token\"") && shown.contains("http://127.0.0.1:1/…"), "{shown}");
        for secret in ["abc-d", "xyz", "s-e_C3"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    #[test]
    fn a_revoked_token_is_a_secret_no_more() {
        let mut world = world();
        world.revoke(Some(77), None).unwrap();
        assert_eq!(world.told("77:abc-d"), "77:abc-d");
    }
}
