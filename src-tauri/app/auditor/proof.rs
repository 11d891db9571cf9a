//! What is handed to an auditor: always of a log that was found true, and signed where this installation may.

use admit::{AdmitError, Fleet};
use evidence::{Bundle, EntryProof, EvidenceError, GrowthProof, Report, SignedHead, Watch};
use store::StoreError;

use crate::foundation::Foundation;

/// What to do when the log was altered.
pub(crate) const KEEP_A_COPY: &str = "keep a copy of the database as it is, and compare it with a backup and with heads that were kept elsewhere";

/// Why there is nothing to hand out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unproven {
    /// The log, or what was asked of it.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// There is no head, and none can be made here.
    #[error("nobody has signed the log yet, and this installation or its login may not")]
    Unsigned,
}

impl Unproven {
    /// What to do.
    pub(crate) const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Evidence(EvidenceError::Broken { .. }) => Some(KEEP_A_COPY),
            Self::Evidence(_) => None,
            Self::Unsigned => Some(
                "let an administrator run `sealwright audit head --out FILE`, or start a daemon, which signs every hour",
            ),
        }
    }
}

/// The head that covers most, over a log that was found true a moment ago.
pub(crate) struct Newest {
    pub(crate) head: SignedHead,
    /// How many entries it covers.
    pub(crate) covered: i64,
    /// Entries that it does not cover, because this installation or its login may not sign.
    pub(crate) unsigned: i64,
}

/// Verifies the whole log: by every head of the database, and those that this home remembers or the caller has `kept`.
pub(crate) async fn whole(
    program: &Foundation,
    fleet: &Fleet,
    mut kept: Vec<SignedHead>,
    watch: &Watch,
) -> Result<Report, EvidenceError> {
    kept.extend(program.notary().remembered(fleet)?);
    evidence::verify_watched(program.store.as_ref(), fleet, &kept, watch).await
}

/// What a verification found true.
pub(crate) enum Examined {
    /// Chain and signed heads.
    Heads(Report),
    /// The chain of so many entries alone, because this home does not know yet who belongs to the fleet.
    Chain(i64),
}

/// Verifies the log for whoever asks: by every signed head where the fleet is known here, by the chain alone otherwise. Heads
/// that the caller has `kept` need the fleet. The largest head that was found true is remembered.
pub(crate) async fn examine(
    program: &Foundation,
    kept: Vec<SignedHead>,
    watch: &Watch,
) -> Result<Examined, EvidenceError> {
    let fleet = match program.gate.fleet().await {
        Ok(fleet) => fleet,
        Err(AdmitError::Unpinned { .. }) if kept.is_empty() => {
            return evidence::verify_chain(program.store.as_ref(), watch).await.map(Examined::Chain);
        }
        Err(error) => return Err(error.into()),
    };
    let report = whole(program, &fleet, kept, watch).await?;
    if let Some(largest) = &report.largest {
        program.notary().remember_seen(largest, &fleet)?;
    }
    Ok(Examined::Heads(report))
}

/// Signs the log as it stands; where this installation may not, takes the largest head that is there.
pub(crate) async fn newest(program: &Foundation, fleet: &Fleet) -> Result<Newest, Unproven> {
    let report = whole(program, fleet, Vec::new(), &Watch::default()).await?;
    match program.notary().sign().await {
        Ok(signed) => return Ok(Newest { head: signed.head, covered: signed.said.size, unsigned: 0 }),
        Err(EvidenceError::Unfit(_) | EvidenceError::Store(StoreError::Denied { .. })) => {}
        Err(error) => return Err(error.into()),
    }
    let head = report.largest.ok_or(Unproven::Unsigned)?;
    Ok(Newest { head, covered: report.vouched, unsigned: report.entries - report.vouched })
}

/// The proof that one entry is in the log.
pub(crate) async fn entry(program: &Foundation, seq: i64) -> Result<(EntryProof, Newest), Unproven> {
    let fleet = fleet(program).await?;
    let newest = newest(program, &fleet).await?;
    let proof = EntryProof::of(program.store.as_ref(), &fleet, &newest.head, seq).await?;
    Ok((proof, newest))
}

/// The proof that the log goes on unchanged from an older head.
pub(crate) async fn growth(
    program: &Foundation,
    older: &SignedHead,
) -> Result<(GrowthProof, Newest), Unproven> {
    let fleet = fleet(program).await?;
    let newest = newest(program, &fleet).await?;
    let proof = GrowthProof::of(program.store.as_ref(), &fleet, older, &newest.head).await?;
    Ok((proof, newest))
}

/// All entries and heads, for the page that verifies itself.
pub(crate) async fn bundle(program: &Foundation) -> Result<(Bundle, Newest), Unproven> {
    let fleet = fleet(program).await?;
    // Never a page that looks right of a log that is not.
    let newest = newest(program, &fleet).await?;
    let kept = program.notary().remembered(&fleet)?;
    let bundle = Bundle::read(program.store.as_ref(), &fleet, &kept, program.clock.now()).await;
    Ok((bundle?, newest))
}

async fn fleet(program: &Foundation) -> Result<std::sync::Arc<Fleet>, Unproven> {
    Ok(program.gate.fleet().await.map_err(EvidenceError::from)?)
}
