//! What can be typed about campaigns.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::{MemberStage, RevocationReason, Timestamp};

use super::agent::reason;
use crate::person::Deed;

/// Replace many certificates in a short time, because an authority says that they end
#[derive(Debug, Subcommand)]
pub(super) enum CampaignCommand {
    /// Write a campaign down: which certificates, by when, how. Nothing else changes
    Create(Box<Create>),
    /// What it would do now: people, cost, time against the deadline, and who cannot be served. Changes nothing
    Preview {
        /// Its name
        name: String,
    },
    /// Agree to one that is more than one person may begin; nobody approves their own
    Approve {
        /// Its name
        name: String,
        /// Without being asked
        #[arg(long)]
        yes: bool,
    },
    /// All campaigns
    List,
    /// How one stands: stages, hours, pace, forecast against the deadline, and why some do not get further
    Status {
        /// Its name
        name: String,
        /// List the members that stand at this stage, e.g. `failed`
        #[arg(long, value_name = "STAGE", value_parser = stage)]
        members: Option<MemberStage>,
    },
    /// Have a daemon begin it
    Start {
        /// Its name
        name: String,
        /// Without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Order and revoke nothing more until it is resumed; what is under way comes to its end
    Pause {
        /// Its name
        name: String,
    },
    /// Go on, and try once more what failed
    Resume {
        /// Its name
        name: String,
    },
    /// End it for good; what is under way comes to its end
    Stop {
        /// Its name
        name: String,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Take certificates out of it
    Exclude {
        /// Its name
        name: String,
        /// Thumbprints or serial numbers
        #[arg(value_name = "CERTIFICATE", required = true)]
        certificates: Vec<String>,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Write a report that proves itself: every certificate, its successor, and when it came how far (`audit check FILE`)
    Evidence {
        /// Its name
        name: String,
        /// The file to be written
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What a campaign is made of.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// Short name
    pub name: String,
    /// Why, in a sentence that goes into every order and the audit log
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub why: String,
    /// When the authority revokes what is left, e.g. `2026-11-28T12:00:00Z`
    #[arg(long, value_name = "TIME", conflicts_with = "hours", required_unless_present = "hours")]
    pub deadline: Option<Timestamp>,
    /// The same, in hours from now
    #[arg(long, value_name = "N")]
    pub hours: Option<u32>,
    /// Certificates that this authority account issued
    #[arg(long, value_name = "NAME")]
    pub authority: Option<String>,
    /// Certificates by this template
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Certificates whose validity began at or after this moment
    #[arg(long, value_name = "TIME")]
    pub issued_from: Option<Timestamp>,
    /// Certificates whose validity began before this moment
    #[arg(long, value_name = "TIME")]
    pub issued_until: Option<Timestamp>,
    /// Certificates with these serial numbers, one a line: hexadecimal, or decimal with `dec:` before it; `-` reads what is pasted
    #[arg(long, value_name = "FILE")]
    pub serials: Option<PathBuf>,
    /// Certificates, too, that newer ones have replaced already
    #[arg(long)]
    pub superseded: bool,
    /// Order successors by this template in place of each certificate's own, for those who are entitled to it
    #[arg(long, value_name = "NAME")]
    pub to_template: Option<String>,
    /// Certificates that are ordered together
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub wave: u32,
    /// Minutes between two waves
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub pause_minutes: u32,
    /// Pause by itself when more than this share of a wave fails, in percent
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub failures_percent: u8,
    /// Why the old certificates are revoked (RFC 5280): superseded, keyCompromise, …
    #[arg(long, value_name = "REASON", default_value = "superseded", value_parser = revocation_reason)]
    pub revoke: RevocationReason,
    /// Revoke nothing; the authority does it
    #[arg(long, conflicts_with_all = ["revoke", "revoke_at_deadline"])]
    pub keep_old: bool,
    /// Revocations in an hour, at most
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub revocations_per_hour: u32,
    /// Minutes that a successor must have been there before the old certificate is revoked, so that devices have fetched it
    #[arg(long, value_name = "N", default_value_t = 480)]
    pub settle_minutes: u32,
    /// Revoke at the deadline even what has no successor
    #[arg(long)]
    pub revoke_at_deadline: bool,
}

fn stage(typed: &str) -> Result<MemberStage, String> {
    MemberStage::from_name(typed).ok_or_else(|| {
        let names: Vec<&str> = MemberStage::ALL.iter().map(|stage| stage.name()).collect();
        format!("there is no stage `{typed}`; there are: {}", names.join(", "))
    })
}

fn revocation_reason(typed: &str) -> Result<RevocationReason, String> {
    RevocationReason::from_name(typed).filter(|reason| *reason != RevocationReason::CertificateHold).ok_or_else(
        || format!("`{typed}` is no reason to revoke for good; write superseded, keyCompromise, cessationOfOperation, …"),
    )
}

impl CampaignCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::Preview { .. } | Self::List | Self::Status { .. } => Deed::Look,
            Self::Evidence { .. } => Deed::Evidence,
            Self::Create(_)
            | Self::Approve { .. }
            | Self::Start { .. }
            | Self::Pause { .. }
            | Self::Resume { .. }
            | Self::Stop { .. }
            | Self::Exclude { .. } => Deed::Certificates,
        }
    }
}
