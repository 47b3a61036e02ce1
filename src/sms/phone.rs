//! Phone numbers in E.164.

use std::fmt;
use std::sync::LazyLock;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region, ValidationError};
use serde::{Deserialize, Serialize};

use super::recent::Recent;

/// Bytes of lately read numbers that are remembered: each webhook and each turn reads the same ones again.
const REMEMBERED_BYTES: usize = 128 * 1024;

static PARSED: LazyLock<Recent<Result<Phone, PhoneError>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// A phone number in E.164: `+` and 7 to 15 digits. Its `Debug` is redacted; `Display` is the whole number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why something is not a phone number. The number itself is left out: errors reach logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was written.
    #[error("the phone number is empty; write it with its country code, such as +1 303 555 0142")]
    Empty,
    /// It is not a number that can be dialled.
    #[error("this is not a phone number ({digits} digits); write it with its country code, such as +1 303 555 0142")]
    Invalid {
        /// How many digits it has.
        digits: usize,
    },
    /// No phone of its country has such a number.
    #[error("no phone can have this number: {why}; look for a digit that is missing, doubled or mistyped")]
    Impossible {
        /// What shows it.
        why: &'static str,
    },
}

impl Phone {
    /// Reads a number as people and systems write it; without a country code it is taken as one of the US.
    ///
    /// What already has the form of E.164 is taken even when the numbering plan does not know it: Close is the
    /// authority on what can be texted, and test and fictional numbers must work.
    ///
    /// # Errors
    /// [`PhoneError`] when it is empty or cannot be a phone number.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        PARSED.recall(text, Self::parse_anew)
    }

    fn parse_anew(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if let Ok(number) = PHONE_NUMBER_UTIL.parse(text, Some(Region::US))
            && PHONE_NUMBER_UTIL.is_valid_number(&number)
        {
            return Ok(Self(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned()));
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let rest_separates = text.chars().skip(1).all(|c| c.is_ascii_digit() || " -.()/\u{a0}".contains(c));
        if text.starts_with('+') && rest_separates && (7..=15).contains(&digits.len()) && !digits.starts_with('0') {
            return Ok(Self(format!("+{digits}")));
        }
        Err(PhoneError::Invalid { digits: digits.len() })
    }

    /// [`Phone::parse`] for what a person types in, and nobody else knows: what cannot exist by its length, calling code or area
    /// code was mistyped. Fictional numbers may exist.
    ///
    /// # Errors
    /// [`PhoneError`], as [`Phone::parse`] and when no phone can have the number.
    pub fn parse_typed(text: &str) -> Result<Self, PhoneError> {
        let phone = Self::parse(text)?;
        match phone.impossibility() {
            Some(why) => Err(PhoneError::Impossible { why }),
            None => Ok(phone),
        }
    }

    fn impossibility(&self) -> Option<&'static str> {
        let Ok(number) = PHONE_NUMBER_UTIL.parse(&self.0, None) else { return Some("no country has its calling code") };
        let is_american = self.0.starts_with("+1");
        match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
            Ok(NumberLengthType::IsPossible) => {}
            _ if is_american => return Some("after +1 come ten digits"),
            Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
                return Some("it has too few digits for its country");
            }
            Err(ValidationError::TooLong) => return Some("it has too many digits for its country"),
            Err(ValidationError::InvalidLength) => return Some("its country has no numbers of that many digits"),
            Err(_) => return Some("no country has its calling code"),
        }
        // NXX-NXX-XXXX, where N is 2 to 9: https://www.nanpa.com/numbering/numbering-plan.
        let begins_low = |at: usize| matches!(self.0.as_bytes().get(at), Some(b'0' | b'1'));
        (is_american && (begins_low(2) || begins_low(5)))
            .then_some("after +1, the area code and the three digits after it each begin with 2 to 9")
    }

    /// The number, `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for logs and metrics: its beginning and its last four digits, as in `+1…0142`.
    #[must_use]
    pub fn redacted(&self) -> String {
        let shown = if self.0.starts_with("+1") || self.0.starts_with("+7") { 2 } else { 3 };
        format!("{}…{}", &self.0[..shown], &self.0[self.0.len() - 4..])
    }

    /// The area code of a number of the North American Numbering Plan; none for any other.
    #[must_use]
    pub fn area_code(&self) -> Option<u16> {
        let national = self.0.strip_prefix("+1").filter(|national| national.len() == 10)?;
        national[..3].parse().ok()
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.redacted())
    }
}

impl std::str::FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for written in
            ["+13035550142", "303-555-0142", "(303) 555-0142", "1 303 555 0142", "+1 (303) 555-0142", " 303.555.0142 "]
        {
            assert_eq!(Phone::parse(written).expect(written).as_str(), "+13035550142", "{written}");
        }
        assert_eq!(Phone::parse("+44 1632 960001").expect("fictional UK").as_str(), "+441632960001");
        assert_eq!(Phone::parse("+15005550006").expect("a test number").as_str(), "+15005550006");
        assert_eq!(Phone::parse("+10005550142").expect("E.164 outside the plan").as_str(), "+10005550142");
    }

    #[test]
    fn what_is_no_number_is_refused_without_being_repeated() {
        assert_eq!(Phone::parse("  "), Err(PhoneError::Empty));
        for written in ["hello", "12345", "+12", "+0123456789", "555-0142", "+1234567890123456"] {
            let error = Phone::parse(written).expect_err(written);
            assert!(!error.to_string().contains(written), "{error}");
        }
    }

    #[test]
    fn a_typed_number_that_no_phone_can_have_is_refused_by_what_is_wrong_with_it() {
        for (typed, why) in [
            ("+1 303 555 014", "ten digits"),
            ("+1 303 555 01422", "ten digits"),
            ("+1 555 0142", "ten digits"),
            ("+1 000 555 0142", "begin with 2 to 9"),
            ("+1 303 155 0142", "begin with 2 to 9"),
            ("+44 1632 96", "too few digits"),
            ("+33 1 23 45 67 89 01", "too many digits"),
            ("+999 303 555 0142", "calling code"),
        ] {
            let told = Phone::parse_typed(typed).expect_err(typed).to_string();
            assert!(told.contains(why), "{typed}: {told}");
            assert!(Phone::parse(typed).is_ok(), "whatever Close has, it has: {typed}");
        }
        for typed in ["303-555-0142", "+1 520 555 0199", "+44 1632 960001", "+1 500 555 0006", "+49 1512 3456789"] {
            assert_eq!(Phone::parse_typed(typed), Phone::parse(typed), "{typed}");
        }
    }

    #[test]
    fn logs_see_only_the_ends_of_a_number() {
        let phone = Phone::parse("+13035550142").expect("valid");
        assert_eq!(phone.redacted(), "+1…0142");
        assert_eq!(format!("{phone:?}"), "Phone(+1…0142)");
        assert_eq!(phone.area_code(), Some(303));
        assert_eq!(Phone::parse("+441632960001").expect("valid").area_code(), None);
    }

    #[test]
    fn it_is_a_plain_string_in_json() {
        let phone = Phone::parse("+13035550142").expect("valid");
        let json = serde_json::to_string(&phone).expect("serialises");
        assert_eq!(json, "\"+13035550142\"");
        assert_eq!(serde_json::from_str::<Phone>(&json).expect("parses"), phone);
        assert!(serde_json::from_str::<Phone>("\"nobody\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_becomes_e164_that_reads_back(text in "\\PC{0,20}|\\+?[0-9 ().-]{5,18}") {
            if let Ok(phone) = Phone::parse(&text) {
                let digits = phone.as_str().strip_prefix('+').expect("a plus");
                prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
            }
        }
    }
}
