//! Keyset pages: the place of a row in an order is its sort key and its id, so that a page costs the same at any depth
//! and rows that come or go in between neither repeat nor hide others.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use store::{PageRequest, StoreError};

use crate::dialect::Dialect;
use crate::value::Value;

/// Most rows of a page.
const MOST: u32 = 500;

/// The place of a row in an order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// The sort key; [`Value::Null`] where the id alone gives the order.
    pub(crate) key: Value,
    pub(crate) id: [u8; 16],
}

impl Place {
    /// The opaque text of the place: kind of key, id, key; hexadecimal.
    pub(crate) fn to_cursor(&self) -> String {
        let (kind, key): (u8, &[u8]) = match &self.key {
            Value::Null => (0, &[]),
            Value::Int(number) => (1, &number.to_be_bytes()),
            Value::Text(text) => (2, text.as_bytes()),
            Value::Bytes(bytes) => (3, bytes),
        };
        hex::encode([&[kind], self.id.as_slice(), key].concat())
    }

    /// How the database sorts the two.
    fn compare(&self, other: &Self, dialect: Dialect) -> Ordering {
        match (&self.key, &other.key) {
            (Value::Text(one), Value::Text(two)) => dialect.compare(one, two).then(self.id.cmp(&other.id)),
            _ => self.cmp(other),
        }
    }

    /// From the opaque text; a text of another order or from elsewhere is refused.
    fn from_cursor(text: &str) -> Option<Self> {
        let bytes = hex::decode(text).ok()?;
        let (kind, rest) = bytes.split_first()?;
        let (id, key) = rest.split_at_checked(16)?;
        let key = match kind {
            0 if key.is_empty() => Value::Null,
            1 => Value::Int(i64::from_be_bytes(key.try_into().ok()?)),
            2 => Value::Text(String::from_utf8(key.to_vec()).ok()?),
            3 => Value::Bytes(key.to_vec()),
            _ => return None,
        };
        Some(Self { key, id: id.try_into().ok()? })
    }
}

/// What kind of key an order has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyKind {
    /// Ordered by id alone.
    None,
    Int,
    Text,
}

/// Where a page begins and how long it may be.
pub(crate) struct Bounds {
    pub(crate) after: Option<Place>,
    pub(crate) limit: usize,
}

impl Bounds {
    /// Reads a request for an order with keys of this kind.
    pub(crate) fn read(page: &PageRequest, kind: KeyKind) -> Result<Self, StoreError> {
        let after = match page.after.as_deref() {
            None => None,
            Some(text) => Some(
                Place::from_cursor(text)
                    .filter(|place| kind_of(&place.key) == Some(kind))
                    .ok_or(StoreError::Stale { what: "the order of the list" })?,
            ),
        };
        Ok(Self { after, limit: page.limit.clamp(1, MOST) as usize })
    }

    /// One row more than wanted, to see whether there is another page.
    pub(crate) fn fetch(&self) -> Value {
        Value::Int(i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1))
    }

    /// Cuts the surplus row off; answers the cursor of the next page.
    pub(crate) fn cut(&self, places: &mut Vec<Place>) -> Option<String> {
        if places.len() <= self.limit {
            return None;
        }
        places.truncate(self.limit);
        places.last().map(Place::to_cursor)
    }

    /// The page of a set that is wholly in memory, in the order of the database: another page may be walked there.
    pub(crate) fn pick(&self, set: BTreeSet<Place>, dialect: Dialect, descending: bool) -> Vec<Place> {
        let order = |one: &Place, two: &Place| {
            if descending { two.compare(one, dialect) } else { one.compare(two, dialect) }
        };
        let mut places: Vec<Place> = set.into_iter().collect();
        places.sort_unstable_by(order);
        if let Some(after) = &self.after {
            places.retain(|place| order(place, after).is_gt());
        }
        places.truncate(self.limit.saturating_add(1));
        places
    }
}

fn kind_of(key: &Value) -> Option<KeyKind> {
    match key {
        Value::Null => Some(KeyKind::None),
        Value::Int(_) => Some(KeyKind::Int),
        Value::Text(_) => Some(KeyKind::Text),
        Value::Bytes(_) => None,
    }
}

/// All texts with a common beginning, as a half-open range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Prefix {
    pub(crate) from: String,
    /// `None` when nothing sorts behind all continuations.
    pub(crate) until: Option<String>,
}

impl Prefix {
    /// The range of a search text, letter case aside; `None` for an empty one, which excludes nothing.
    pub(crate) fn of(search: &str) -> Option<Self> {
        let from = search.trim().to_lowercase();
        if from.is_empty() {
            return None;
        }
        Some(Self { until: behind(&from), from })
    }

    /// `column >= ? AND column < ?` and its parameters.
    pub(crate) fn condition(&self, column: &str) -> (String, Vec<Value>) {
        match &self.until {
            Some(until) => (
                format!("({column} >= ? AND {column} < ?)"),
                vec![Value::from(&self.from), Value::from(until)],
            ),
            None => (format!("({column} >= ?)"), vec![Value::from(&self.from)]),
        }
    }
}

/// The first text behind all that begin with `prefix`, in order of code points.
fn behind(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_cursor() {
        for key in [Value::Null, Value::Int(-7), Value::Text("zoë".into())] {
            let place = Place { key, id: [9; 16] };
            assert_eq!(Place::from_cursor(&place.to_cursor()), Some(place));
        }
    }

    #[test]
    fn a_page_is_picked_in_the_order_of_the_database() {
        let names = ["f", "\u{ff46}", "\u{1f600}"];
        let set: BTreeSet<Place> =
            names.iter().map(|name| Place { key: Value::from(*name), id: [9; 16] }).collect();
        let picked = |after: Option<&Place>, dialect, descending| -> Vec<String> {
            let bounds = Bounds { after: after.cloned(), limit: 5 };
            let text = |place: Place| {
                let Value::Text(text) = place.key else { panic!("no text") };
                text
            };
            bounds.pick(set.clone(), dialect, descending).into_iter().map(text).collect()
        };
        let grin = Place { key: Value::from(names[2]), id: [9; 16] };
        for dialect in [Dialect::Sqlite, Dialect::MySql] {
            assert_eq!(picked(None, dialect, false), names);
            assert_eq!(picked(Some(&grin), dialect, false), [""; 0]);
            assert_eq!(picked(Some(&grin), dialect, true), ["\u{ff46}", "f"]);
        }
        assert_eq!(picked(None, Dialect::SqlServer, false), ["f", "\u{1f600}", "\u{ff46}"]);
        assert_eq!(picked(Some(&grin), Dialect::SqlServer, false), ["\u{ff46}"]);
        assert_eq!(picked(Some(&grin), Dialect::SqlServer, true), ["f"]);
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let cursor = Place { key: Value::Int(1), id: [0; 16] }.to_cursor();
        for text in [cursor.as_str(), "", "zz", "00", "05ff"] {
            let page = PageRequest { after: Some(text.to_owned()), limit: 10 };
            assert!(matches!(Bounds::read(&page, KeyKind::Text), Err(StoreError::Stale { .. })), "{text}");
        }
    }

    #[test]
    fn a_prefix_ends_before_the_next_text_that_does_not_have_it() {
        let prefix = Prefix::of(" AnnA ").unwrap();
        assert_eq!((prefix.from.as_str(), prefix.until.as_deref()), ("anna", Some("annb")));
        assert_eq!(behind("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind("\u{d7ff}").as_deref(), Some("\u{e000}"), "surrogates are no characters");
        assert_eq!(behind("\u{10ffff}"), None);
        assert_eq!(Prefix::of("  "), None);
    }
}
