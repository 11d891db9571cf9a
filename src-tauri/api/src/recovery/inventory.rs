//! With what the archive is sealed, counted: who opens it, and how much of it opens without an ML-KEM key.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for [`ArchiveInventory`]. The whole archive is read for it, and nothing is opened.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveInventoryRequest {}

/// The archived keys, counted.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveInventory {
    /// When they were counted, RFC 3339.
    pub at: String,
    /// Archived keys.
    pub total: u32,
    /// Those that nobody opens without an ML-KEM key.
    pub hybrid: u32,
    /// Those that the officers' own keys alone open.
    pub classic: u32,
    /// Those that cannot be read.
    pub unreadable: u32,
    /// Whether the set in force seals new keys to ML-KEM keys as well.
    pub goes_hybrid: bool,
    /// By how they are encrypted.
    pub algorithms: Vec<AlgorithmLine>,
    /// By whom they are sealed to.
    pub sealed_to: Vec<SealedToLine>,
}

/// A way in which keys are encrypted.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlgorithmLine {
    /// Of the private key.
    pub cipher: String,
    /// Of the content key, to officers.
    pub wrapped: String,
    /// Of how many keys.
    pub count: u32,
}

/// Officers to whom keys are sealed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SealedToLine {
    /// Their names, or what is known of them.
    pub officers: Vec<String>,
    /// How many of them together open a key; 0 where any one does.
    pub quorum: u8,
    /// Whether it takes their ML-KEM keys as well.
    pub hybrid: bool,
    /// The newest version of the set that seals so: name and number.
    pub set: Option<SetOfLine>,
    /// How many keys.
    pub count: u32,
}

/// A version of a set.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetOfLine {
    /// Name of the set.
    pub name: String,
    /// Number of the version.
    pub version: u32,
}
