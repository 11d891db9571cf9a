//! How lists of byte values are written on the wire. Microsoft does not say which way `Set-Mailbox` takes; several are known from
//! other parameters, and which one a tenant takes is found by writing and reading back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How a list of values is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Values {
    /// `[{"Data":[48,130]}]`, as Exchange's own module does.
    Data,
    /// The same with the type's name in each.
    TypedData,
    /// `[[48,130]]`.
    Integers,
    /// `["MII="]`.
    Base64,
}

impl Values {
    const ALL: [Self; 4] = [Self::Data, Self::TypedData, Self::Integers, Self::Base64];

    const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::TypedData => "typed-data",
            Self::Integers => "integers",
            Self::Base64 => "base64",
        }
    }

    fn one(self, value: &[u8]) -> Value {
        match self {
            Self::Data => json!({ "Data": value }),
            Self::TypedData => json!({ "@odata.type": "#Exchange.ByteArrayType", "Data": value }),
            Self::Integers => json!(value),
            Self::Base64 => json!(STANDARD.encode(value)),
        }
    }
}

/// How a list is emptied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Emptying {
    /// An empty table, as other lists are emptied.
    Table,
    /// `[]`.
    List,
}

impl Emptying {
    const ALL: [Self; 2] = [Self::Table, Self::List];

    const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::List => "list",
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Table => json!({ "@odata.type": "#Exchange.GenericHashTable" }),
            Self::List => json!([]),
        }
    }
}

/// One way of writing lists. Its name is the habit that is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Way {
    values: Values,
    emptying: Emptying,
}

impl Way {
    pub(crate) fn name(self) -> String {
        format!("{} {}", self.values.name(), self.emptying.name())
    }

    fn all() -> impl Iterator<Item = Self> {
        Values::ALL
            .into_iter()
            .flat_map(|values| Emptying::ALL.into_iter().map(move |emptying| Self { values, emptying }))
    }

    /// The way of this name; `None` for one that this program does not know.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().find(|way| way.name() == name)
    }

    /// The ways that differ for these lists, the known one first.
    pub(crate) fn to_try(known: Option<Self>, lists: &[&[Vec<u8>]]) -> Vec<Self> {
        let mut ways: Vec<Self> = Vec::new();
        for way in known.into_iter().chain(Self::all()) {
            let writes_alike = |one: &&Self| lists.iter().all(|list| one.list(list) == way.list(list));
            if !ways.iter().any(|one| writes_alike(&one)) {
                ways.push(way);
            }
        }
        ways
    }

    pub(crate) fn list(self, list: &[Vec<u8>]) -> Value {
        if list.is_empty() {
            return self.emptying.value();
        }
        list.iter().map(|value| self.values.one(value)).collect()
    }

    /// What is known after lists were taken in this way: of an emptied one only how it is emptied, of a filled one only how values
    /// are written.
    pub(crate) fn learned(self, known: Option<Self>, lists: &[&[Vec<u8>]]) -> Option<Self> {
        let filled = lists.iter().any(|list| !list.is_empty());
        let emptied = lists.iter().any(|list| list.is_empty());
        match (known, filled) {
            (None, false) => None,
            (None, true) => Some(self),
            (Some(known), _) => Some(Self {
                values: if filled { self.values } else { known.values },
                emptying: if emptied { self.emptying } else { known.emptying },
            }),
        }
    }
}

/// Reads a list of byte values in any of the spellings. `None` when it is none.
pub(crate) fn read(value: &Value) -> Option<Vec<Vec<u8>>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(values) => values.iter().map(bytes).collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
    }
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Object(fields) => bytes(fields.get("Data")?),
        Value::String(text) => STANDARD.decode(text).ok(),
        Value::Array(numbers) => numbers
            .iter()
            .map(|number| number.as_u64().and_then(|number| u8::try_from(number).ok()))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_read_as_it_was_written() {
        let list = vec![vec![48, 130, 0, 255], vec![1]];
        for way in Way::all() {
            assert_eq!(read(&way.list(&list)), Some(list.clone()), "{way:?}");
            assert_eq!(Way::named(&way.name()), Some(way));
        }
        for damaged in [json!([256]), json!([[256]]), json!([{ "Date": [1] }]), json!("AA=="), json!([null])]
        {
            assert_eq!(read(&damaged), None, "{damaged}");
        }
        assert_eq!(read(&Value::Null), Some(Vec::new()));
    }

    #[test]
    fn only_ways_that_differ_are_tried_and_the_known_one_first() {
        let (some, none): (&[Vec<u8>], &[Vec<u8>]) = (&[vec![1]], &[]);
        let names = |ways: Vec<Way>| ways.into_iter().map(Way::name).collect::<Vec<_>>();
        assert_eq!(names(Way::to_try(None, &[none])), ["data table", "data list"]);
        let known = Way::named("integers list");
        assert_eq!(
            names(Way::to_try(known, &[some])),
            ["integers list", "data table", "typed-data table", "base64 table"]
        );
        assert_eq!(Way::to_try(None, &[some, none]).len(), 8);
    }

    #[test]
    fn what_was_not_tried_is_not_learned() {
        let (some, none): (&[Vec<u8>], &[Vec<u8>]) = (&[vec![1]], &[]);
        let way = Way::named("base64 list").unwrap();
        assert_eq!(way.learned(None, &[none]), None, "an emptied list says nothing about values");
        assert_eq!(way.learned(Way::named("data table"), &[none]), Way::named("data list"));
        assert_eq!(way.learned(Way::named("data table"), &[some]), Way::named("base64 table"));
        assert_eq!(way.learned(None, &[some, none]), Some(way));
    }
}
