//! Keyset pages: constant cost at any depth.

use serde::{Deserialize, Serialize};

/// Which page is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PageRequest {
    /// Opaque place after which to go on, from [`Page::next`]; `None` for the first page.
    pub after: Option<String>,
    /// Most rows wanted; the store may give fewer, never more than 500.
    pub limit: u32,
}

impl PageRequest {
    /// The first page of up to `limit` rows.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}

/// A page of rows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows in order.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<String>,
}
