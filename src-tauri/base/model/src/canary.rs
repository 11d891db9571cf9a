//! Canary mails: what only the key on a device can read, and the person's word that it was read there.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::Entropy;
use crate::id::DeliveryId;
use crate::time::{Span, Timestamp};

/// How long a code is taken.
pub const CANARY_LASTS: Span = Span::days(30);

/// The last canary mail of a delivery, and whether it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canary {
    /// Whose hand-over it proves.
    pub delivery: DeliveryId,
    /// When the mail was written.
    pub made_at: Timestamp,
    /// From then on its code proves nothing.
    pub expires_at: Timestamp,
    /// The last time that one was read: this one, or one before it.
    pub confirmed: Option<CanaryConfirmation>,
}

impl Canary {
    /// Whether nobody has told the code of the last mail yet.
    pub fn waits(&self) -> bool {
        self.confirmed.as_ref().is_none_or(|confirmed| confirmed.at < self.made_at)
    }
}

/// That somebody who could read the mail told its code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanaryConfirmation {
    /// When it was told.
    pub at: Timestamp,
    /// Who entered the code: an actor as in the audit log.
    pub by: String,
    /// On which device it was read, in their words.
    pub device: Option<String>,
}

/// What stands in a canary mail: 60 random bits in Crockford's base 32, which nobody mistakes when it is read aloud.
#[derive(Clone, PartialEq, Eq)]
pub struct CanaryCode([u8; CanaryCode::LENGTH]);

impl std::fmt::Debug for CanaryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CanaryCode(…)")
    }
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl CanaryCode {
    const LENGTH: usize = 12;

    /// A new one.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut random = [0; Self::LENGTH];
        entropy.fill(&mut random);
        Self(random.map(|octet| octet % 32))
    }

    /// As a person typed it: in capitals or not, with hyphens or blanks anywhere, `O` for 0 and `I` or `L` for 1. `None` when
    /// it is no code, whatever was drawn.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = Vec::with_capacity(Self::LENGTH);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let digit = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
            digits.push(u8::try_from(digit).ok()?);
            if digits.len() > Self::LENGTH {
                return None;
            }
        }
        digits.try_into().ok().map(Self)
    }

    /// As it stands in the mail: `7KQ2-M9XD-0RTA`.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(Self::LENGTH + 2);
        for (place, digit) in self.0.iter().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            let letter = ALPHABET.get(usize::from(*digit)).copied().unwrap_or(b'0');
            let _ = text.write_char(char::from(letter));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rising;
    impl Entropy for Rising {
        fn fill(&self, out: &mut [u8]) {
            for (place, octet) in out.iter_mut().enumerate() {
                *octet = u8::try_from(place * 23 % 256).unwrap();
            }
        }
    }

    #[test]
    fn a_code_is_understood_however_it_is_typed() {
        let code = CanaryCode::draw(&Rising);
        let text = code.text();
        assert_eq!(text.len(), 14);
        assert_eq!(CanaryCode::parse(&text), Some(code.clone()));
        let typed = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(CanaryCode::parse(&typed), Some(code));
    }

    #[test]
    fn what_is_no_code_is_told_from_one() {
        for text in
            ["", "7KQ2-M9XD-0RT", "7KQ2-M9XD-0RTAA", "7KQ2-M9XD-0RT!", "ÄÖÜß-M9XD-0RTA", "UUUU-UUUU-UUUU"]
        {
            assert_eq!(CanaryCode::parse(text), None, "{text}");
        }
    }
}
