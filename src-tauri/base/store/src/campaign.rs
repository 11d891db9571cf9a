//! Campaigns and their members.

use async_trait::async_trait;
use model::{Campaign, CampaignId, CertificateId, EnrollmentState, Member, MemberStage, Station, Timestamp};

use crate::StoreError;

/// A member, with how its enrollment stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovedMember {
    /// The member.
    pub member: Member,
    /// How its enrollment is going.
    pub state: EnrollmentState,
    /// At which station.
    pub station: Station,
    /// What went wrong there last.
    pub last_error: Option<String>,
}

/// How much was done in one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CampaignHour {
    /// When the hour began, counted from 1970.
    pub from: Timestamp,
    /// Successors ordered.
    pub ordered: u64,
    /// Successors read back.
    pub present: u64,
    /// Revocations confirmed.
    pub revoked: u64,
}

/// Campaigns, and one row for each certificate in them. What a turn of a running campaign asks costs as much as there is to do,
/// however many members it has.
#[async_trait]
pub trait CampaignRepository: Send {
    /// Writes a campaign down. [`StoreError::Conflict`] when its name is taken, in any case of letters.
    async fn add(&mut self, campaign: &Campaign) -> Result<(), StoreError>;
    /// All, the newest first.
    async fn list(&mut self) -> Result<Vec<Campaign>, StoreError>;
    /// By name, ignoring case.
    async fn find(&mut self, name: &str) -> Result<Option<Campaign>, StoreError>;
    /// Stores what became of it. [`StoreError::Stale`] when somebody else has changed it since it was read.
    async fn set(&mut self, campaign: &Campaign) -> Result<(), StoreError>;
    /// Adds members that the campaign does not have yet; others are left alone.
    async fn add_members(&mut self, members: &[Member]) -> Result<(), StoreError>;
    /// One member.
    async fn member(
        &mut self,
        campaign: CampaignId,
        certificate: CertificateId,
    ) -> Result<Option<Member>, StoreError>;
    /// Members by certificate id, of one stage or of all, behind `after`.
    async fn members(
        &mut self,
        campaign: CampaignId,
        stage: Option<MemberStage>,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError>;
    /// Waiting members of the waves up to this one that may be looked at.
    async fn waiting(
        &mut self,
        campaign: CampaignId,
        wave: u32,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError>;
    /// Members of a stage whose enrollment came further than the stage says.
    async fn moved(
        &mut self,
        campaign: CampaignId,
        stage: MemberStage,
        limit: u32,
    ) -> Result<Vec<MovedMember>, StoreError>;
    /// Members that may be looked at and whose successor was read back at `until` or before, the first to be so first.
    async fn present(
        &mut self,
        campaign: CampaignId,
        until: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError>;
    /// Members whose revocation the authority has confirmed, and which do not say so yet.
    async fn confirmed(&mut self, campaign: CampaignId, limit: u32) -> Result<Vec<Member>, StoreError>;
    /// Stores how far a member came that stood at `from`; `false` when it does not stand there any more.
    async fn set_member(&mut self, member: &Member, from: MemberStage) -> Result<bool, StoreError>;
    /// How many members of each wave stand where.
    async fn counts(&mut self, campaign: CampaignId) -> Result<Vec<(u32, MemberStage, u64)>, StoreError>;
    /// The same of one wave.
    async fn wave_counts(
        &mut self,
        campaign: CampaignId,
        wave: u32,
    ) -> Result<Vec<(MemberStage, u64)>, StoreError>;
    /// How many stand at this stage, counted up to `limit`.
    async fn count_at(
        &mut self,
        campaign: CampaignId,
        stage: MemberStage,
        limit: u32,
    ) -> Result<u64, StoreError>;
    /// How many revocations were ordered at this moment or later.
    async fn count_revoking_since(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<u64, StoreError>;
    /// What was done hour by hour, the first hour first; hours in which nothing was done are left out.
    async fn hours(&mut self, campaign: CampaignId) -> Result<Vec<CampaignHour>, StoreError>;
}
