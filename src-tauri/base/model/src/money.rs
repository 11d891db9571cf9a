//! What certificates cost: amounts that are exact, and sums of them that never mix currencies.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Amounts count in ten-thousandths, so that a price of a fraction of a cent is exact.
const PARTS: u64 = 10_000;
/// Most digits after the point.
const DIGITS: usize = 4;
/// No certificate costs more, in whole units of any currency.
const MOST: u64 = 100_000_000;

/// A currency by its code of three letters (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An amount of one currency. `Display` and text in settings: `3.20 EUR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Ten-thousandths of the currency's unit.
    parts: u64,
    currency: Currency,
}

/// The text is no amount of money.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no price; write the amount with a point and the currency's code, such as `3.20 EUR`")]
pub struct NotMoney(String);

impl Currency {
    /// The code.
    pub fn code(self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

impl Money {
    /// Its currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is more than another amount. Of different currencies nobody knows that, so it counts as more.
    pub fn is_more_than(self, other: Self) -> bool {
        self.currency != other.currency || self.parts > other.parts
    }

    /// So many times the amount. An amount that cannot be counted any more stays at the largest that can.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self { parts: self.parts.saturating_mul(count), currency: self.currency }
    }
}

impl fmt::Display for Money {
    /// Two digits after the point at least, and no more than it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.parts / PARTS, self.parts % PARTS);
        let digits = format!("{rest:04}");
        let shown = digits.trim_end_matches('0').len().max(2);
        write!(f, "{whole}.{} {}", &digits[..shown], self.currency.code())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

impl FromStr for Money {
    type Err = NotMoney;
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        read(text).ok_or_else(|| NotMoney(crate::text::fitted(text, 40)))
    }
}

fn read(text: &str) -> Option<Money> {
    let (amount, code) = text.trim().split_once(' ')?;
    let code: [u8; 3] = code.trim().as_bytes().try_into().ok()?;
    if !code.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    let is_empty_after_point = amount.contains('.') && rest.is_empty();
    if whole.is_empty()
        || is_empty_after_point
        || rest.len() > DIGITS
        || !is_number(whole)
        || !is_number(rest)
    {
        return None;
    }
    let whole: u64 = whole.parse().ok().filter(|whole| *whole <= MOST)?;
    let rest: u64 = format!("{rest:0<DIGITS$}").parse().ok()?;
    Some(Money { parts: whole * PARTS + rest, currency: Currency(code) })
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What one certificate costs, by authority account and by template. Names are compared in any case.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Prices {
    /// By the authority account's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub authorities: BTreeMap<String, Money>,
    /// By the template's name; goes before the authority's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, Money>,
}

impl Prices {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.templates.is_empty()
    }

    /// What one certificate by this template costs at this authority; `None` when nobody wrote it down.
    pub fn of(&self, template: &str, authority: &str) -> Option<Money> {
        let find = |prices: &BTreeMap<String, Money>, name: &str| {
            let name = name.to_lowercase();
            prices.iter().find(|(known, _)| known.to_lowercase() == name).map(|(_, price)| *price)
        };
        find(&self.templates, template).or_else(|| find(&self.authorities, authority))
    }
}

/// What several certificates cost together: a sum for each currency, and how many have no price.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    sums: BTreeMap<Currency, Money>,
    unpriced: u64,
}

impl Cost {
    /// Adds so many certificates at this price.
    pub fn add(&mut self, price: Option<Money>, count: u64) {
        let Some(price) = price else {
            self.unpriced = self.unpriced.saturating_add(count);
            return;
        };
        let added = price.times(count);
        self.sums
            .entry(price.currency)
            .and_modify(|sum| sum.parts = sum.parts.saturating_add(added.parts))
            .or_insert(added);
    }

    /// The sums, by currency.
    pub fn sums(&self) -> impl Iterator<Item = Money> + '_ {
        self.sums.values().copied()
    }

    /// How many certificates nobody wrote a price down for.
    pub const fn unpriced(&self) -> u64 {
        self.unpriced
    }
}

impl fmt::Display for Cost {
    /// `160000.00 EUR, 12.00 USD, and 3 without a price`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums: Vec<String> = self.sums.values().map(ToString::to_string).collect();
        match (sums.is_empty(), self.unpriced) {
            (true, 0) => f.write_str("nothing"),
            (true, unpriced) => write!(f, "unknown: {unpriced} without a price"),
            (false, 0) => f.write_str(&sums.join(", ")),
            (false, unpriced) => write!(f, "{}, and {unpriced} without a price", sums.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_and_told_exactly() {
        for (text, told) in [
            ("3.20 EUR", "3.20 EUR"),
            ("3.2 EUR", "3.20 EUR"),
            ("0 CHF", "0.00 CHF"),
            ("0.0005 USD", "0.0005 USD"),
            ("1200 JPY", "1200.00 JPY"),
            (" 12.345  GBP ", "12.345 GBP"),
        ] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), told, "{text}");
        }
        for broken in [
            "",
            "3.20",
            "EUR 3.20",
            "3,20 EUR",
            "-1 EUR",
            "1. EUR",
            ".5 EUR",
            "1.00001 EUR",
            "3 eur",
            "3 EURO",
        ] {
            assert!(broken.parse::<Money>().is_err(), "{broken}");
        }
        assert!("100000001 EUR".parse::<Money>().is_err(), "no certificate costs so much");
    }

    #[test]
    fn a_template_goes_before_its_authority_and_names_are_compared_in_any_case() {
        let price = |text: &str| text.parse::<Money>().unwrap();
        let prices = Prices {
            authorities: BTreeMap::from([("Public CA".to_owned(), price("3.20 EUR"))]),
            templates: BTreeMap::from([("Signing".to_owned(), price("2.80 EUR"))]),
        };
        assert_eq!(prices.of("signing", "public ca"), Some(price("2.80 EUR")));
        assert_eq!(prices.of("Mail", "public ca"), Some(price("3.20 EUR")));
        assert_eq!(prices.of("Mail", "another"), None);
    }

    #[test]
    fn more_is_a_larger_amount_or_one_of_another_currency() {
        let price = |text: &str| text.parse::<Money>().unwrap();
        for (one, other, is_more) in [
            ("3.20 EUR", "3.20 EUR", false),
            ("3.2001 EUR", "3.20 EUR", true),
            ("3.10 EUR", "3.20 EUR", false),
            ("0 CHF", "3.20 EUR", true),
        ] {
            assert_eq!(price(one).is_more_than(price(other)), is_more, "{one} after {other}");
        }
    }

    #[test]
    fn sums_never_mix_currencies_and_never_hide_what_has_no_price() {
        let mut cost = Cost::default();
        assert_eq!(cost.to_string(), "nothing");
        cost.add(None, 3);
        assert_eq!(cost.to_string(), "unknown: 3 without a price");
        cost.add("3.20 EUR".parse().ok(), 50_000);
        cost.add("2 USD".parse().ok(), 6);
        cost.add("0.10 EUR".parse().ok(), 1);
        assert_eq!(cost.to_string(), "160000.10 EUR, 12.00 USD, and 3 without a price");
        cost.add("100000000 EUR".parse().ok(), u64::MAX);
        assert_eq!(cost.sums().next().unwrap().times(2), cost.sums().next().unwrap(), "it stays at the most");
    }
}
