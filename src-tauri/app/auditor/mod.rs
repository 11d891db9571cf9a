//! Examines the audit log, for the console and for the command line.
#![cfg_attr(
    not(any(feature = "gui", debug_assertions)),
    expect(dead_code, reason = "the console alone asks for it")
)]

pub(crate) mod proof;
mod verification;
mod writing;

use std::path::Path;
use std::sync::Arc;

use admit::AdmitError;
use api::{AuditSignatures, AuditSigner, AuditVerification, Auditor, ErrorCode, Export, WireError, Written};
use async_trait::async_trait;
use evidence::{Cover, EvidenceError};
use model::Span;

use self::proof::Unproven;
use self::verification::Verification;
use crate::compose::Program;
use crate::failure::Failure;
use crate::settings::SettingsError;
use crate::works::chain;

/// A daemon signs every hour; twice as long without a signature is too long.
const OVERDUE: Span = Span::hours(2);

/// The log of one program.
pub(crate) struct LogAuditor {
    program: Arc<Program>,
    verification: Verification,
}

impl LogAuditor {
    pub(crate) fn of(program: &Arc<Program>) -> Self {
        Self { program: Arc::clone(program), verification: Verification::default() }
    }

    /// When the first entry that no head covers was written.
    async fn uncovered_since(&self, covered: i64) -> Result<Option<model::Timestamp>, WireError> {
        let found = self.program.store_port().read().await?.audit().find(covered + 1).await?;
        Ok(found.map(|(record, _)| record.at))
    }
}

#[async_trait]
impl Auditor for LogAuditor {
    async fn signatures(&self) -> Result<AuditSignatures, WireError> {
        let program = &self.program;
        let fleet = match program.gate.fleet().await {
            Ok(fleet) => fleet,
            Err(AdmitError::Store(error)) => return Err(error.into()),
            Err(error) => {
                return Ok(AuditSignatures { unknown: Some(chain(&error)), ..AuditSignatures::default() });
            }
        };
        let remembered = program.notary().remembered(&fleet).map_err(told)?;
        let cover = Cover::read(program.store.as_ref(), &fleet, &remembered).await.map_err(told)?;
        let since = self.uncovered_since(cover.entries).await?;
        let here = program.installation.id();
        Ok(AuditSignatures {
            signers: cover
                .signers
                .into_iter()
                .map(|signer| AuditSigner {
                    installation: signer.installation.to_string(),
                    here: signer.installation == here,
                    name: signer.name,
                    size: signer.size,
                    at: signer.at.to_string(),
                })
                .collect(),
            covered: cover.entries,
            uncovered_since: since.map(|at| at.to_string()),
            overdue: since.is_some_and(|at| at + OVERDUE < program.clock.now()),
            unknown: None,
        })
    }

    fn verification(&self) -> Option<AuditVerification> {
        self.verification.told()
    }

    fn verify(&self) -> AuditVerification {
        self.verification.begin(&self.program)
    }

    fn stop(&self) -> Option<AuditVerification> {
        self.verification.stop()
    }

    async fn prove(&self, seq: i64, file: &Path) -> Result<Written, WireError> {
        writing::prove(&self.program, seq, file).await
    }

    async fn export(&self, export: Export, file: &Path) -> Result<Written, WireError> {
        match export {
            Export::Page => writing::page(&self.program, file).await,
            Export::Csv(filter) => writing::csv(&self.program, filter, file).await,
            Export::Json(filter) => writing::json(&self.program, filter, file).await,
        }
    }

    fn folder(&self) -> String {
        let home = std::env::home_dir();
        let downloads = home.as_ref().map(|home| home.join("Downloads")).filter(|folder| folder.is_dir());
        let folder = downloads.or(home).unwrap_or_else(|| self.program.home.path().to_path_buf());
        folder.display().to_string()
    }
}

/// For the console.
fn told(error: EvidenceError) -> WireError {
    unproven(error.into())
}

fn unproven(error: Unproven) -> WireError {
    match error {
        Unproven::Evidence(EvidenceError::Store(error) | EvidenceError::Admit(AdmitError::Store(error))) => {
            error.into()
        }
        other @ (Unproven::Evidence(_) | Unproven::Unsigned) => Failure::from(other).into(),
    }
}

fn unwritten(error: &SettingsError) -> WireError {
    let exists = matches!(error, SettingsError::Unwritable { source, .. }
        if source.kind() == std::io::ErrorKind::AlreadyExists);
    let hint =
        if exists { "name another file; none is replaced" } else { "name a folder that you may write to" };
    WireError::new(ErrorCode::Invalid, chain(error), hint)
}
