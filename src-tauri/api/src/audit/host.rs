//! What needs more than the database: the fleet that signs, this installation's memory, files.

use std::path::PathBuf;

use async_trait::async_trait;
use store::AuditFilter;

use super::name::FileName;
use super::{AuditSignatures, AuditVerification};
use crate::WireError;

/// Examines the log. The program implements it with the fleet's signatures and what its home remembers of them.
#[async_trait]
pub trait Auditor: Send + Sync {
    /// Who signed, and how far.
    async fn signatures(&self) -> Result<AuditSignatures, WireError>;
    /// The verification that runs, or ran last.
    fn verification(&self) -> Option<AuditVerification>;
    /// Begins to verify the whole log, unless that is under way.
    fn verify(&self) -> AuditVerification;
    /// Stops the verification that runs; answers how far it came.
    fn stop(&self) -> Option<AuditVerification>;
    /// Writes the proof that entry `seq` is in the log into a new file in [`Auditor::folder`]. The whole log is verified first,
    /// and signed where this installation may.
    async fn prove(&self, seq: i64, name: &FileName) -> Result<Written, WireError>;
    /// Writes entries into a new file in [`Auditor::folder`].
    async fn export(&self, export: Export, name: &FileName) -> Result<Written, WireError>;
    /// The one folder that files are written into, with its whole path. It is made when there is a first one.
    fn folder(&self) -> PathBuf;
}

/// What is written into a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Export {
    /// All entries and signatures as a page that verifies itself; verified first, and signed where this installation may.
    Page,
    /// The entries that are wanted, newest first, for a spreadsheet.
    Csv(AuditFilter),
    /// The entries that are wanted, newest first, one JSON object a line.
    Json(AuditFilter),
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Its whole path.
    pub file: PathBuf,
    /// Entries.
    pub entries: i64,
    /// Of these: not signed by anybody yet.
    pub unsigned: i64,
}
