//! Amounts of money, compared exactly.

use std::fmt;

use thiserror::Error;

/// Digits after the point that a [`Decimal`] keeps.
const PLACES: u32 = 18;
const ONE: i128 = 10_i128.pow(PLACES);

/// A decimal number as somebody wrote it: 0.1 is 0.1, not the nearest binary fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    /// The value times 10^18.
    units: i128,
}

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// Not `[+-]digits[.digits][e[+-]digits]`.
    #[error("not a decimal number")]
    NotDecimal,
    /// More than 18 digits after the point.
    #[error("too many digits after the point")]
    TooFine,
    /// More than 19 digits before the point.
    #[error("too large")]
    TooLarge,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { units: 0 };

    /// Reads a number as YAML 1.2 writes decimal ones.
    ///
    /// # Errors
    /// See [`DecimalError`]; nothing is ever rounded.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or_default()),
            Some(b'+') => (false, text.get(1..).unwrap_or_default()),
            _ => (false, text),
        };
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return Err(DecimalError::NotDecimal);
        }
        let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent_digits.is_empty() || !is_digits(exponent_digits) {
            return Err(DecimalError::NotDecimal);
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        let trailing = digits.len() - digits.trim_end_matches('0').len();
        // An exponent that i64 cannot hold is far out of bounds either way.
        let out_of_bounds = if exponent.starts_with('-') { DecimalError::TooFine } else { DecimalError::TooLarge };
        let exponent: i64 = exponent.parse().map_err(|_| out_of_bounds)?;
        let last = exponent
            .checked_add(i64::try_from(trailing).unwrap_or(i64::MAX))
            .and_then(|place| place.checked_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX)))
            .ok_or(out_of_bounds)?;
        let shift = last.checked_add(i64::from(PLACES)).ok_or(DecimalError::TooLarge)?;
        let shift =
            u32::try_from(shift).map_err(|_| if shift < 0 { DecimalError::TooFine } else { DecimalError::TooLarge })?;
        let units = significant
            .parse::<i128>()
            .ok()
            .zip(10_i128.checked_pow(shift))
            .and_then(|(value, power)| value.checked_mul(power))
            .filter(|units| *units < 10 * ONE * ONE)
            .ok_or(DecimalError::TooLarge)?;
        Ok(Self { units: if negative { -units } else { units } })
    }

    /// How many digits after the point it needs.
    pub fn places(self) -> u32 {
        let mut units = self.units;
        let mut places = PLACES;
        while places > 0 && units % 10 == 0 {
            units /= 10;
            places -= 1;
        }
        places
    }

    /// This many times as much, if it can still be held.
    pub fn times(self, factor: u32) -> Option<Self> {
        self.units.checked_mul(i128::from(factor)).map(|units| Self { units })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let (whole, fraction) =
            (self.units.unsigned_abs() / ONE.unsigned_abs(), self.units.unsigned_abs() % ONE.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:018}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn exact_where_binary_fractions_are_not() {
        assert_eq!(decimal("0.1"), decimal("0.10000"));
        assert!(decimal("0.1") < decimal("0.100000000000000001"));
        assert!(decimal("100.00000000000001") > decimal("100"));
        assert_eq!(decimal("1.5e+3"), decimal("1500"));
        assert_eq!(decimal("1500.0e-3"), decimal("1.5"));
        assert_eq!(decimal("-0.0"), Decimal::ZERO);
        assert_eq!(decimal("0e999999999999999999999"), Decimal::ZERO);
        assert_eq!(decimal(".5"), decimal("0.5"));
    }

    #[test]
    fn shown_without_what_is_not_needed() {
        for (text, shown) in
            [("1.50", "1.5"), ("100.", "100"), ("-0.25", "-0.25"), ("007", "7"), ("1e-18", "0.000000000000000001")]
        {
            assert_eq!(decimal(text).to_string(), shown);
        }
        assert_eq!(decimal("1.250").places(), 2);
        assert_eq!(decimal("1000").places(), 0);
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(Decimal::parse("1e-19"), Err(DecimalError::TooFine));
        assert_eq!(Decimal::parse("1e20"), Err(DecimalError::TooLarge));
        assert_eq!(Decimal::parse("1e99999999999999999999"), Err(DecimalError::TooLarge));
        assert_eq!(Decimal::parse("1e-99999999999999999999"), Err(DecimalError::TooFine));
        assert_eq!(Decimal::parse(&"9".repeat(50)), Err(DecimalError::TooLarge));
        for text in ["", ".", "-", "0x1F", "1e", "1.2.3", "ten", "--1", "1e+-2", "+", "١"] {
            assert_eq!(Decimal::parse(text), Err(DecimalError::NotDecimal), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_are_what_they_are(a in any::<i64>(), b in any::<i64>()) {
            let (x, y) = (decimal(&a.to_string()), decimal(&b.to_string()));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string(), a.to_string());
        }

        #[test]
        fn reading_what_is_shown_changes_nothing(text in "-?[0-9]{1,15}\\.[0-9]{1,18}") {
            let once = decimal(&text);
            prop_assert_eq!(decimal(&once.to_string()), once);
        }

        #[test]
        fn any_text_is_answered(text in "[0-9eE.+-]{0,40}") {
            let _ = Decimal::parse(&text);
        }
    }
}
