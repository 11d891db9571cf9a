//! What the world remembers about its visitors, so that a test can assert on the outside world instead of on the product.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One request as it was answered. Bodies and tokens are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Counts from 1 and has no gaps; a gap in [`crate::Sim::requests`] means that the memory was full.
    pub number: u64,
    /// When it arrived, on the simulator's clock.
    pub at: Timestamp,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path, percent-encoded as it came.
    pub path: String,
    /// The query as it came, without the question mark; empty when there was none.
    pub query: String,
    /// The status sent; 0 when the connection was cut instead.
    pub status: u16,
    /// The header of this name.
    pub client_request_id: Option<String>,
    /// The header of this name.
    pub user_agent: Option<String>,
    /// Whether it carried a token (or anything else as `Authorization`).
    #[serde(default)]
    pub with_token: bool,
    /// The fault that spoilt it.
    pub fault: Option<crate::FaultEffect>,
    /// Why Graph or Intune refused it, also where the answer is silent about it (Intune's 400).
    pub refusal: Option<String>,
}

/// One accepted create of an imported PFX; kept when the record is deleted later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PfxCreated {
    /// When, on the simulator's clock.
    pub at: Timestamp,
    /// The record's id.
    pub record: String,
    /// Whose.
    pub user: Uuid,
    /// The user principal name in the request.
    pub user_principal_name: String,
    /// 40 lower-case hexadecimal digits.
    pub thumbprint: String,
    /// The purpose in the request.
    pub intended_purpose: String,
}

/// The request memory.
#[derive(Debug)]
pub(crate) struct Memory {
    requests: VecDeque<RequestRecord>,
    capacity: usize,
    count: u64,
}

impl Memory {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { requests: VecDeque::new(), capacity: capacity.max(1), count: 0 }
    }

    /// Remembers a request and gives it its number.
    pub(crate) fn remember(&mut self, mut record: RequestRecord) {
        self.count += 1;
        record.number = self.count;
        if self.requests.len() >= self.capacity {
            self.requests.pop_front();
        }
        self.requests.push_back(record);
    }

    /// Requests with a number above `after`.
    pub(crate) fn since(&self, after: u64) -> Vec<RequestRecord> {
        let from = self.requests.partition_point(|record| record.number <= after);
        self.requests.range(from..).cloned().collect()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }
}
