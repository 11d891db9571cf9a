//! The door to a certification authority.

use async_trait::async_trait;
use model::names::Profile;
use model::{CertificateNames, RevocationReason, SerialNumber, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{BoxError, Disposition};

/// What an authority can do; flows ask before they rely on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked for by its name")]
pub struct Capabilities {
    /// `find` tells reliably whether an order with our reference arrived.
    pub lookup_by_reference: bool,
    /// EC keys are accepted.
    pub ec_keys: bool,
    /// The validity asked for is honoured.
    pub validity_choice: bool,
    /// Revocation reasons are honoured.
    pub revocation_reasons: bool,
    /// Answers may be pending for a long time.
    pub pending_issue: bool,
    /// Certificates can be put on hold and taken off again (RFC 5280 section 5.3.1). Public authorities must not offer it.
    pub hold: bool,
    /// `list_issued` tells everything that it issued, and `find_issued` one of them.
    pub lists_issued: bool,
}

/// What an authority says about itself when it is checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityInfo {
    /// One sentence for people.
    pub summary: String,
    /// Chain, issuer first, DER.
    #[serde(skip)]
    pub chain: Vec<Vec<u8>>,
    /// End of validity of the issuing certificate.
    pub not_after: Timestamp,
    /// Profiles it offers.
    pub profiles: Vec<Profile>,
}

/// An order for one certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Our reference, unique for ever: the enrollment's id.
    pub reference: String,
    /// PKCS#10, DER.
    pub request: Vec<u8>,
    /// Names to be certified. The authority must not take them from the request alone.
    pub names: CertificateNames,
    /// Profile.
    pub profile: Profile,
    /// Validity asked for, days.
    pub validity_days: u32,
}

/// The authority's handle for a pending order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ticket(pub String);

/// A certificate as the authority handed it over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuedCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Its chain, issuer first, DER.
    pub chain: Vec<Vec<u8>>,
}

/// An authority's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Submission {
    /// Here it is.
    Issued(IssuedCertificate),
    /// Not yet.
    Pending {
        /// To ask again with.
        ticket: Ticket,
        /// Not sooner than this.
        ask_again: Span,
    },
}

/// Names one certificate at its authority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateRef {
    /// Serial number.
    pub serial: SerialNumber,
    /// Our reference when it was ordered.
    pub reference: String,
}

/// What an authority says about a certificate that it issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuedRecord {
    /// Its serial number.
    pub serial: SerialNumber,
    /// The requester's reference, where the authority keeps it.
    pub reference: Option<String>,
    /// End of validity.
    pub not_after: Timestamp,
    /// When and why it was revoked; a hold is `certificateHold` here, as on revocation lists.
    pub revoked: Option<(Timestamp, RevocationReason)>,
}

impl IssuedRecord {
    /// When and why it was revoked for good; a hold can be lifted.
    pub fn ended(&self) -> Option<(Timestamp, RevocationReason)> {
        self.revoked.filter(|(_, reason)| *reason != RevocationReason::CertificateHold)
    }

    /// Whether it is on hold.
    pub fn is_on_hold(&self) -> bool {
        self.revoked.is_some() && self.ended().is_none()
    }
}

/// A page of what an authority issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuedPage {
    /// In the authority's own order.
    pub records: Vec<IssuedRecord>,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<String>,
}

/// A door to one certification authority.
#[async_trait]
pub trait CertificateAuthority: Send + Sync {
    /// What can be relied on.
    fn capabilities(&self) -> Capabilities;
    /// Proves that address, credentials and profiles are usable. Never issues anything.
    async fn check(&self) -> Result<AuthorityInfo, CaError>;
    /// Places the order. Placing the same reference again must not give a second certificate where
    /// `lookup_by_reference` is offered; elsewhere the caller never does it.
    async fn submit(&self, order: &Order) -> Result<Submission, CaError>;
    /// Asks for a pending order.
    async fn poll(&self, ticket: &Ticket) -> Result<Submission, CaError>;
    /// Finds an earlier `submit` by our reference; `None` means that it never arrived.
    async fn find(&self, reference: &str) -> Result<Option<Submission>, CaError>;
    /// Revokes. Safe to repeat.
    async fn revoke(&self, certificate: &CertificateRef, reason: RevocationReason) -> Result<(), CaError>;
    /// Puts a certificate on hold. Safe to repeat; no effect on a revoked one. Asked only where `hold` is offered.
    async fn hold(&self, certificate: &CertificateRef) -> Result<(), CaError> {
        Err(no_holds(certificate))
    }
    /// Takes a certificate off hold. Safe to repeat; no effect on a revoked one. Asked only where `hold` is offered.
    async fn release(&self, certificate: &CertificateRef) -> Result<(), CaError> {
        Err(no_holds(certificate))
    }
    /// Tells what it issued, a page at a time: `after` is the `next` of the page before. Only where `lists_issued` is offered.
    async fn list_issued(&self, after: Option<&str>) -> Result<IssuedPage, CaError> {
        let _ = after;
        Err(tells_no_list())
    }
    /// What it says about one serial number; `None` when it never issued that. Only where `lists_issued` is offered.
    async fn find_issued(&self, serial: &SerialNumber) -> Result<Option<IssuedRecord>, CaError> {
        let _ = serial;
        Err(tells_no_list())
    }
    /// Publishes a new revocation list where this is our duty; returns a sentence for the log, `None` where it is not.
    async fn publish_crl(&self) -> Result<Option<String>, CaError> {
        Ok(None)
    }
}

fn no_holds(certificate: &CertificateRef) -> CaError {
    CaError::Rejected {
        authority: "the authority".to_owned(),
        reason: format!("it knows no holds, and {} can only be revoked", certificate.serial),
    }
}

fn tells_no_list() -> CaError {
    CaError::Rejected {
        authority: "this authority".to_owned(),
        reason: "it does not tell what it issued".to_owned(),
    }
}

/// Why a certification authority did not do what we asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// Not reachable or overloaded.
    #[error("{authority} is unreachable or overloaded")]
    Unavailable {
        /// The account's name.
        authority: String,
        /// As told by the authority.
        retry_after: Option<Span>,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// The order was sent, the answer was lost: look it up, never send it twice.
    #[error("{authority} may or may not have accepted order {reference}")]
    OutcomeUnknown {
        /// The account's name.
        authority: String,
        /// Our reference.
        reference: String,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// Credentials or rights are missing.
    #[error("{authority} refused our credentials: {hint}")]
    Unauthorized {
        /// The account's name.
        authority: String,
        /// What to do.
        hint: String,
    },
    /// The account is set up wrongly; no order can succeed.
    #[error("{authority} is not usable: {hint}")]
    Misconfigured {
        /// The account's name.
        authority: String,
        /// What to do.
        hint: String,
    },
    /// This request was refused.
    #[error("{authority} rejected the request: {reason}")]
    Rejected {
        /// The account's name.
        authority: String,
        /// In the authority's words.
        reason: String,
    },
}

impl CaError {
    /// The one place that decides what the scheduler does next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { retry_after, .. } => Disposition::Retry { after: *retry_after },
            Self::OutcomeUnknown { .. } => Disposition::LookUpFirst,
            Self::Unauthorized { .. } | Self::Misconfigured { .. } => Disposition::Operator,
            Self::Rejected { .. } => Disposition::Reject,
        }
    }
}
