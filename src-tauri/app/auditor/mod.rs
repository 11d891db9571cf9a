//! Examines the audit log, for the console and for the command line.
#![cfg_attr(
    not(any(feature = "gui", debug_assertions)),
    expect(dead_code, reason = "the console alone asks for it")
)]

pub(crate) mod proof;
pub(crate) mod reading;
mod verification;
mod writing;

use std::path::PathBuf;
use std::sync::Arc;

use admit::AdmitError;
use api::{
    AuditSignatures, AuditSigner, AuditVerification, Auditor, ErrorCode, Export, FileName, WireError, Written,
};
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

    fn file(&self, name: &FileName) -> Result<PathBuf, WireError> {
        let folder = self.program.home.make_exports().map_err(|error| unwritten(&error))?;
        Ok(folder.join(name.as_str()))
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

    async fn prove(&self, seq: i64, name: &FileName) -> Result<Written, WireError> {
        writing::prove(&self.program, seq, self.file(name)?).await
    }

    async fn export(&self, export: Export, name: &FileName) -> Result<Written, WireError> {
        let file = self.file(name)?;
        match export {
            Export::Page => writing::page(&self.program, file).await,
            Export::Csv(filter) => writing::csv(&self.program, filter, file).await,
            Export::Json(filter) => writing::json(&self.program, filter, file).await,
        }
    }

    fn folder(&self) -> PathBuf {
        self.program.home.exports()
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
    let hint = if exists {
        "name another file; none is replaced"
    } else {
        "see that this folder can be written to, and that the disk has room"
    };
    WireError::new(ErrorCode::Invalid, chain(error), hint)
}
