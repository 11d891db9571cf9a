//! `OData` query options: each route names those that it knows, and everything else is refused, as is an option given twice.

use std::collections::BTreeMap;

use super::GraphError;
use crate::property::{self, Property};

/// The options of one request.
#[derive(Debug)]
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    /// Reads a query. `allowed` are the options of the route, with their dollar sign.
    pub(crate) fn read(query: &str, allowed: &[&str]) -> Result<Self, GraphError> {
        let mut options = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !allowed.contains(&&*name) {
                return Err(GraphError::directory(format!(
                    "Unrecognized query argument specified: '{name}'; this resource supports {}.",
                    if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") }
                )));
            }
            if options.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(GraphError::bad_request(format!(
                    "Query option '{name}' was specified more than once."
                )));
            }
        }
        Ok(Self(options))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `$top`, which must be from 1 to 999.
    pub(crate) fn top(&self) -> Result<Option<usize>, GraphError> {
        let Some(text) = self.text("$top") else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(top @ 1..=999) => Ok(Some(top)),
            Ok(_) => Err(GraphError::directory(format!(
                "Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
            ))),
            Err(_) => {
                Err(GraphError::bad_request(format!("Invalid value '{text}' for $top query option found.")))
            }
        }
    }

    /// `$count=true`.
    pub(crate) fn count(&self) -> Result<bool, GraphError> {
        match self.text("$count") {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(GraphError::bad_request(format!(
                "Invalid value '{other}' for $count query option found."
            ))),
        }
    }

    /// The options without paging tokens, for the link to the next page.
    pub(crate) fn without_tokens(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(name, _)| *name != "$skiptoken" && *name != "$deltatoken")
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The names in `$select`, which must not be empty.
pub(crate) fn names(select: &str) -> Result<Vec<&str>, GraphError> {
    let names: Vec<&str> = select.split(',').map(str::trim).collect();
    if names.iter().any(|name| name.is_empty()) {
        return Err(GraphError::bad_request("Term 'select' is not valid: a property name is empty."));
    }
    Ok(names)
}

/// What a list of users shows of each.
#[derive(Clone, Debug)]
pub(crate) struct UserColumns {
    pub(crate) set: Vec<Property>,
    /// Selected, known to Graph, and null for everybody here.
    pub(crate) never_set: Vec<&'static str>,
}

impl UserColumns {
    /// The default set without `$select`.
    pub(crate) fn read(select: Option<&str>) -> Result<Self, GraphError> {
        let Some(select) = select else {
            return Ok(Self { set: property::DEFAULT.to_vec(), never_set: Vec::new() });
        };
        let mut columns = Self { set: Vec::new(), never_set: Vec::new() };
        for name in names(select)? {
            if !columns.add(name)? {
                return Err(unknown(name, "user"));
            }
        }
        Ok(columns)
    }

    /// `false` when a user has no such property.
    pub(crate) fn add(&mut self, name: &str) -> Result<bool, GraphError> {
        if let Some(property) = Property::named(name) {
            if !self.set.contains(&property) {
                self.set.push(property);
            }
            return Ok(true);
        }
        if property::ELSEWHERE.contains(&name) {
            return Err(GraphError::not_implemented(name));
        }
        let Some(known) = property::NEVER_SET.iter().find(|known| **known == name) else { return Ok(false) };
        self.never_set.push(known);
        Ok(true)
    }

    /// Whether reading these needs a role of its own.
    pub(crate) fn with_leave_date(&self) -> bool {
        self.set.contains(&Property::EmployeeLeaveDateTime)
    }
}

/// 400 for a property that the type does not have.
pub(crate) fn unknown(name: &str, kind: &str) -> GraphError {
    GraphError::bad_request(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
    ))
}

/// The values in `id eq 'a' or id eq 'b'`; `None` when the expression is anything else.
pub(crate) fn ids(filter: &str) -> Option<Vec<uuid::Uuid>> {
    let mut ids = Vec::new();
    for term in filter.split(" or ") {
        let mut words = term.split_whitespace();
        let (Some("id"), Some("eq"), Some(literal), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        ids.push(literal.strip_prefix('\'')?.strip_suffix('\'')?.parse().ok()?);
    }
    Some(ids)
}
