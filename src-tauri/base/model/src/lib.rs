//! The nouns of Sealwright: what everything else talks about.
//!
//! Nothing here does any input or output. Time, randomness and ids come from the traits in [`time`],
//! [`entropy`] and [`id`], so that every decision can be repeated with a fixed clock and a seeded generator.
//! Words follow the RFCs (`docs/STYLE.md` has the glossary).
#![warn(missing_docs)]

pub mod audit;
pub mod called_drill;
pub mod campaign;
pub mod canary;
pub mod certificate;
pub mod delivery;
pub mod drift;
pub mod drill;
pub mod ending;
pub mod enrollment;
pub mod entropy;
pub mod handing;
mod hold;
mod id;
pub mod import;
pub mod intent;
pub mod kra;
pub mod money;
pub mod names;
pub mod publication;
pub mod recovery;
pub mod revocation;
pub mod service;
pub mod standing;
pub mod subscriber;
pub mod template;
pub mod text;
pub mod time;

pub use audit::{AuditEvent, AuditKind, AuditOutcome, AuditRecord, ForeignWords, is_same_person};
pub use called_drill::{
    CalledDrill, DrillCounts, DrillFinding, DrillKey, DrillOfficer, DrillProof, DrillState, DrillStep,
    DrillTry, drill_step, is_newer_than_called,
};
pub use campaign::{
    Approval, Campaign, CampaignState, CampaignTerms, Member, MemberStage, Selection, read_serials,
};
pub use canary::{CANARY_LASTS, Canary, CanaryCode, CanaryConfirmation};
pub use certificate::{Certificate, CertificateState, SerialNumber, Thumbprint};
pub use delivery::{Delivery, DeliveryProof, DeliveryState, Handover};
pub use drift::{
    DriftDecision, DriftFinding, DriftKind, DriftObject, DriftReading, DriftRepair, DriftSide, DriftSighting,
    DriftState, RepairIntent,
};
pub use drill::{Drill, LARGEST_CALLED_SAMPLE, draw_sample, drill_is_due};
pub use ending::{Ending, EndingCause};
pub use enrollment::{Enrollment, EnrollmentState, JournalEntry, JournalEvent, Refusal, Station};
pub use entropy::{Entropy, SystemEntropy};
pub use handing::{DeliveryCause, DeliveryIntent, RemovalCause, RemovalIntent};
pub use hold::{Hold, HoldCause, HoldState};
pub use id::{
    AuthorityId, CampaignId, CertificateId, DeliveryId, DriftId, EnrollmentId, GroupId, Ids, InstallationId,
    JobId, RecoveryBundleId, RecoveryRequestId, SubscriberId, TemplateId,
};
pub use import::ImportOrigin;
pub use intent::{Action, Intent, Skip};
pub use kra::Kra;
pub use money::{Cost, Currency, Money, Prices};
pub use names::CertificateNames;
pub use publication::{Publication, PublicationState};
pub use recovery::RecoveryState;
pub use revocation::RevocationReason;
pub use service::{Service, ServiceStatus};
pub use standing::{AuthorityWord, Standing};
pub use subscriber::{MailboxHolder, Subscriber, SubscriberKind};
pub use template::{
    Assignment, CommonName, DeliveryPolicy, EndingPolicy, IntendedPurpose, KeyAlgorithm, Organization,
    PfxProfile, Purpose, Template, WhenDisabled,
};
pub use time::{Clock, Span, SystemClock, Timestamp};
