//! Codes that give a role: 40 bits of the kernel's randomness, as people read and type them.

use std::{fmt, io};

use rustix::rand::{GetRandomFlags, getrandom};

/// Crockford's Base32: no letter that is taken for a digit or another letter.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a code.
const LENGTH: usize = 8;

/// A code, as it is compared. Whoever knows one may take the role: it is never shown to who debugs.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Code(String);

impl Code {
    /// One that nobody can guess.
    ///
    /// # Errors
    /// Where the kernel has no randomness.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = [0; 5];
        // Up to 256 bytes come whole or not at all (getrandom(2)).
        getrandom(&mut bytes, GetRandomFlags::empty())?;
        Ok(Self::of(bytes))
    }

    /// The code that these bits make.
    pub(crate) fn of(bytes: [u8; 5]) -> Self {
        let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let symbol = |index: usize| {
            let number = usize::try_from(bits >> (5 * (LENGTH - 1 - index)) & 31).unwrap_or(0);
            char::from(SYMBOLS.get(number).copied().unwrap_or(b'0'))
        };
        Self((0..LENGTH).map(symbol).collect())
    }

    /// What somebody typed or pasted; nothing where it cannot be a code.
    pub(crate) fn typed(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for letter in text.chars().filter(|letter| !is_between(*letter)) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == LENGTH || !letter.is_ascii() || !SYMBOLS.iter().any(|it| char::from(*it) == letter) {
                return None;
            }
            code.push(letter);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// As it stands in the store.
    pub(crate) fn compared(&self) -> &str {
        &self.0
    }

    /// As people read it: `K7QF-9M2X`.
    pub(crate) fn shown(&self) -> String {
        let (head, tail) = self.0.split_at(LENGTH / 2);
        format!("{head}-{tail}")
    }
}

/// Spaces, and all that a keyboard makes of a dash.
fn is_between(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}')
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_become_symbols() {
        assert_eq!(Code::of([0; 5]).shown(), "0000-0000");
        assert_eq!(Code::of([0xff; 5]).shown(), "ZZZZ-ZZZZ");
        assert_eq!(Code::of([0x00, 0x44, 0x32, 0x14, 0xc7]).compared(), "01234567");
    }

    #[test]
    fn no_two_are_the_same_and_nobody_sees_one_by_accident() {
        let codes: std::collections::BTreeSet<String> =
            (0..1000).map(|_| Code::random().unwrap().compared().to_owned()).collect();
        assert_eq!(codes.len(), 1000);
        assert_eq!(format!("{:?}", Code::of([1; 5])), "[code]");
    }

    #[test]
    fn what_is_typed_need_not_look_like_what_is_shown() {
        let code = Code::typed("K7QF-9M2X").unwrap();
        for text in ["k7qf9m2x", " k7qf 9m2x\n", "K7QF\u{2013}9M2X", "K-7-Q-F-9-M-2-X", "k7qf\u{2212}9m2x"] {
            assert_eq!(Code::typed(text), Some(code.clone()), "{text}");
        }
        assert_eq!(Code::typed("oO-iI-lL-00"), Code::typed("0011-1100"));
        for text in ["", "-", "K7QF-9M2", "K7QF-9M2XX", "U7QF-9M2X", "K7QF_9M2X", "К7QF-9M2X", "K7QF-9M2\u{0}"] {
            assert_eq!(Code::typed(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_compared(bytes: [u8; 5]) {
            let code = Code::of(bytes);
            prop_assert_eq!(Code::typed(&code.shown()), Some(code.clone()));
            prop_assert_eq!(Code::typed(&code.shown().to_lowercase()), Some(code));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            if let Some(code) = Code::typed(&text) {
                prop_assert_eq!(code.compared().len(), LENGTH);
            }
        }
    }
}
