//! Campaigns: how each stands, and what a person does about it.

use async_trait::async_trait;
use lifecycle::CampaignError;
use model::{Campaign, MemberStage};
use serde::{Deserialize, Serialize};
use store::StoreError;
use ts_rs::TS;

use crate::overview::clamp;
use crate::{ErrorCode, Host, WireError};

/// Most members of one answer.
const TOLD: u32 = 200;

/// What takes settings and the fleet's signatures.
#[async_trait]
pub trait CampaignHost: Send + Sync {
    /// What it would do now.
    async fn preview(&self, name: &str) -> Result<CampaignPreview, WireError>;
    /// Has it begin.
    async fn start(&self, name: &str) -> Result<(), WireError>;
}

/// Asks for [`Campaigns`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CampaignsRequest {}

/// All campaigns.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Campaigns {
    /// When this was read, RFC 3339.
    pub at: String,
    /// The newest first.
    pub campaigns: Vec<CampaignLine>,
}

/// A campaign.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CampaignLine {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
    /// `draft`, `running`, `paused`, `done` or `stopped`.
    pub state: String,
    /// Why it is paused or was stopped.
    pub note: Option<String>,
    /// RFC 3339.
    pub deadline: String,
    /// Who wrote it down.
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// Certificates that were selected when it was written down.
    pub selected: u32,
    /// The wave that is under way.
    pub wave: u32,
    /// How many waves there are.
    pub waves: u32,
}

/// Asks for [`CampaignDetails`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CampaignDetailsRequest {
    /// Its name.
    pub name: String,
}

/// How one campaign stands.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CampaignDetails {
    /// When this was read, RFC 3339.
    pub at: String,
    /// The campaign.
    pub campaign: CampaignLine,
    /// All members.
    pub total: u32,
    /// How many stand where, in the order of the stages.
    pub stages: Vec<StageCount>,
    /// What was done hour by hour.
    pub hours: Vec<HourLine>,
    /// Members that were served in an hour, by the last hours.
    pub per_hour: u32,
    /// When the last one will be served at that pace, RFC 3339.
    pub forecast: Option<String>,
    /// Whether that is before the deadline.
    pub in_time: Option<bool>,
    /// Members that keep their old certificate for want of a successor.
    pub keeping: u32,
    /// Members that failed, the first 200.
    pub failed: Vec<MemberLine>,
}

/// How many stand at a stage.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StageCount {
    /// Stable word, such as `readBack`.
    pub stage: String,
    /// How many.
    pub count: u32,
}

/// An hour of a campaign.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HourLine {
    /// When it began, RFC 3339.
    pub from: String,
    /// Successors ordered.
    pub ordered: u32,
    /// Successors read back.
    pub present: u32,
    /// Revocations confirmed.
    pub revoked: u32,
}

/// A member of a campaign.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MemberLine {
    /// The certificate to be replaced: our id.
    pub certificate: String,
    /// Its serial number.
    pub serial: String,
    /// Its mail address or sign-in name.
    pub mail: String,
    /// What stands in the way.
    pub why: String,
}

/// Asks for [`CampaignPreview`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewCampaign {
    /// Its name.
    pub name: String,
}

/// What a campaign would do now.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CampaignPreview {
    /// Certificates that are selected.
    pub selected: u32,
    /// Their owners who are people.
    pub people: u32,
    /// Their owners that are shared mailboxes.
    pub mailboxes: u32,
    /// Successors that would be ordered.
    pub orders: u32,
    /// Certificates whose successor is on its way or there.
    pub adopted: u32,
    /// Certificates that wait for something.
    pub waiting: u32,
    /// Certificates that cannot be replaced.
    pub hindered: u32,
    /// The first of them.
    pub hindrances: Vec<MemberLine>,
    /// How many are ordered again from the authority that issued them.
    pub from_the_same: u32,
    /// Keys that are not in the archive.
    pub not_archived: u32,
    /// What it costs, for people, such as `160.00 EUR`.
    pub cost: String,
    /// When all is done by what is known, RFC 3339.
    pub until: String,
    /// Whether that is before the deadline.
    pub in_time: bool,
    /// Whether the authority's pace is known.
    pub pace_known: bool,
    /// By what certificates are selected, in the command line's words; it is asked again when the campaign begins.
    pub selection: String,
    /// When the authority revokes what is left, RFC 3339.
    pub deadline: String,
    /// Whether what has no successor by then is revoked all the same.
    pub revokes_at_deadline: bool,
}

/// Has a campaign begin.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StartCampaign {
    /// Its name.
    pub name: String,
}

/// Orders and revokes nothing more until it is resumed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PauseCampaign {
    /// Its name.
    pub name: String,
}

/// Goes on, and tries once more what failed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResumeCampaign {
    /// Its name.
    pub name: String,
}

/// Ends a campaign for good.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StopCampaign {
    /// Its name.
    pub name: String,
    /// Why, for the audit log.
    pub reason: String,
}

impl From<CampaignError> for WireError {
    fn from(error: CampaignError) -> Self {
        match error {
            CampaignError::Store(error) => error.into(),
            CampaignError::NotPossible(why) | CampaignError::NeedsSecond(why) => {
                Self::new(ErrorCode::NotPossible, why, "")
            }
        }
    }
}

fn line(campaign: &Campaign) -> CampaignLine {
    CampaignLine {
        name: campaign.name.clone(),
        why: campaign.why.clone(),
        state: campaign.state.name().to_owned(),
        note: campaign.note.clone(),
        deadline: campaign.terms.deadline.to_string(),
        created_by: campaign.created_by.clone(),
        created_at: campaign.created_at.to_string(),
        started_at: campaign.started_at.map(|at| at.to_string()),
        selected: clamp(campaign.looked_at),
        wave: campaign.wave,
        waves: campaign.waves,
    }
}

async fn find(host: &dyn Host, name: &str) -> Result<Campaign, WireError> {
    let found = host.store().read().await?.campaigns().find(name).await?;
    found.ok_or_else(|| WireError::not_found("campaign"))
}

pub(crate) async fn campaigns(host: &dyn Host, _: CampaignsRequest) -> Result<Campaigns, WireError> {
    let listed = host.store().read().await?.campaigns().list().await?;
    Ok(Campaigns { at: host.clock().now().to_string(), campaigns: listed.iter().map(line).collect() })
}

pub(crate) async fn campaign_details(
    host: &dyn Host,
    request: CampaignDetailsRequest,
) -> Result<CampaignDetails, WireError> {
    let campaign = find(host, &request.name).await?;
    let now = host.clock().now();
    let figures = lifecycle::campaign_figures(host.store(), &campaign, now).await?;
    Ok(CampaignDetails {
        at: now.to_string(),
        total: clamp(figures.total),
        stages: figures
            .stages
            .iter()
            .map(|(stage, count)| StageCount { stage: stage.name().to_owned(), count: clamp(*count) })
            .collect(),
        hours: figures
            .hours
            .iter()
            .map(|hour| HourLine {
                from: hour.from.to_string(),
                ordered: clamp(hour.ordered),
                present: clamp(hour.present),
                revoked: clamp(hour.revoked),
            })
            .collect(),
        per_hour: clamp(figures.per_hour),
        forecast: figures.forecast.map(|at| at.to_string()),
        in_time: figures.in_time,
        keeping: clamp(figures.keeping),
        failed: failed(host, &campaign).await?,
        campaign: line(&campaign),
    })
}

async fn failed(host: &dyn Host, campaign: &Campaign) -> Result<Vec<MemberLine>, StoreError> {
    let mut work = host.store().read().await?;
    let members = work.campaigns().members(campaign.id, Some(MemberStage::Failed), None, TOLD).await?;
    let mut lines = Vec::with_capacity(members.len());
    for member in members {
        let Some(row) = work.certificates().lookup(member.certificate).await? else { continue };
        lines.push(MemberLine {
            certificate: member.certificate.to_string(),
            serial: row.certificate.serial.to_string(),
            mail: row.certificate.mail,
            why: member.why.unwrap_or_default(),
        });
    }
    Ok(lines)
}

fn carried(host: &dyn Host) -> Result<&dyn CampaignHost, WireError> {
    host.campaigns().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "campaigns cannot be begun from here",
            "use `sealwright campaign start`",
        )
    })
}

pub(crate) async fn preview_campaign(
    host: &dyn Host,
    request: PreviewCampaign,
) -> Result<CampaignPreview, WireError> {
    carried(host)?.preview(&request.name).await
}

pub(crate) async fn start_campaign(
    host: &dyn Host,
    request: StartCampaign,
) -> Result<CampaignDetails, WireError> {
    carried(host)?.start(&request.name).await?;
    host.work_queued();
    campaign_details(host, CampaignDetailsRequest { name: request.name }).await
}

pub(crate) async fn pause_campaign(
    host: &dyn Host,
    request: PauseCampaign,
) -> Result<CampaignDetails, WireError> {
    let campaign = find(host, &request.name).await?;
    lifecycle::pause_campaign(host.store(), host.clock(), &campaign, &host.actor()).await?;
    campaign_details(host, CampaignDetailsRequest { name: request.name }).await
}

pub(crate) async fn resume_campaign(
    host: &dyn Host,
    request: ResumeCampaign,
) -> Result<CampaignDetails, WireError> {
    let campaign = find(host, &request.name).await?;
    lifecycle::resume_campaign(host.store(), host.clock(), host.ids(), &campaign, &host.actor()).await?;
    host.work_queued();
    campaign_details(host, CampaignDetailsRequest { name: request.name }).await
}

pub(crate) async fn stop_campaign(
    host: &dyn Host,
    request: StopCampaign,
) -> Result<CampaignDetails, WireError> {
    let campaign = find(host, &request.name).await?;
    lifecycle::stop_campaign(host.store(), host.clock(), &campaign, &host.actor(), &request.reason).await?;
    campaign_details(host, CampaignDetailsRequest { name: request.name }).await
}
