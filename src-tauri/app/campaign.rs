//! What command line and console do about campaigns alike: signing, looking, beginning.

use admit::{Digest, Fleet};
use api::{CampaignHost, CampaignPreview, MemberLine, WireError};
use async_trait::async_trait;
use lifecycle::{CampaignError, Consent, Estimate, Preview};
use model::{
    Approval, AuditEvent, AuditKind, AuditOutcome, Campaign, CampaignState, CampaignTerms, Selection,
    TemplateId, is_same_person,
};
use serde::Serialize;
use store::Store as _;

use crate::compose::Program;
use crate::consent;
use crate::failure::Failure;
use crate::host::ProgramHost;

pub(crate) mod evidence;

/// What is signed with each statement, so that a signature over something else never passes for one.
const CONTEXT: &str = "sealwright campaign 1";
/// Most certificates that cannot be replaced of which a preview tells one by one.
const TOLD: usize = 50;

/// What a signature under a campaign is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a> {
    fleet: Digest,
    id: model::CampaignId,
    name: &'a str,
    why: &'a str,
    selection: &'a Selection,
    terms: &'a CampaignTerms,
    looked_at: u64,
}

fn body(campaign: &Campaign, fleet: &Fleet) -> Result<String, Failure> {
    let Campaign { id, name, why, selection, terms, looked_at, .. } = campaign;
    let statement =
        Statement { fleet: fleet.digest(), id: *id, name, why, selection, terms, looked_at: *looked_at };
    serde_json::to_string(&statement)
        .map_err(|error| Failure::new(format!("the campaign cannot be written: {error}")))
}

/// What a person wants.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) selection: Selection,
    pub(crate) terms: CampaignTerms,
}

impl From<CampaignError> for Failure {
    fn from(error: CampaignError) -> Self {
        match error {
            // Somebody has to decide.
            CampaignError::NeedsSecond(message) => Self { code: 3, message, hint: None },
            CampaignError::NotPossible(message) => Self::new(message),
            CampaignError::Store(error) => error.into(),
        }
    }
}

impl Program {
    /// The campaign of this name.
    pub(crate) async fn campaign(&self, name: &str) -> Result<Campaign, Failure> {
        let found = self.store.read().await?.campaigns().find(name).await?;
        found.ok_or_else(|| {
            Failure::with_hint(
                format!("there is no campaign `{name}`"),
                "`sealwright campaign list` lists them",
            )
        })
    }

    /// The conditions that a person agrees to: they are asked again when the campaign begins.
    pub(crate) async fn selected_by(&self, campaign: &Campaign) -> Result<String, Failure> {
        let wanted = &campaign.selection;
        let mut work = self.store.read().await?;
        let accounts = work.authorities().list().await?;
        let templates = work.templates().list().await?;
        drop(work);
        let template_name = |id: TemplateId| {
            let found = templates.iter().find(|known| known.template.id == id);
            found.map_or_else(|| id.to_string(), |known| format!("`{}`", known.template.name))
        };
        let mut words: Vec<String> = Vec::new();
        if let Some(authority) = wanted.authority {
            let found = accounts.iter().find(|known| known.id == authority);
            let name = found.map_or_else(|| authority.to_string(), |known| format!("`{}`", known.name));
            words.push(format!("authority account {name}"));
        }
        if let Some(template) = wanted.template {
            words.push(format!("template {}", template_name(template)));
        }
        if let Some(from) = wanted.issued_from {
            words.push(format!("issued from {from}"));
        }
        if let Some(until) = wanted.issued_until {
            words.push(format!("issued before {until}"));
        }
        if !wanted.serials.is_empty() {
            words.push(format!("{} serial numbers", wanted.serials.len()));
        }
        if wanted.superseded {
            words.push("replaced ones, too".to_owned());
        }
        if let Some(template) = campaign.terms.to_template {
            words.push(format!("successors by the template {}", template_name(template)));
        }
        Ok(if words.is_empty() { "everything that is valid".to_owned() } else { words.join(", ") })
    }

    /// What it would do, and how long that takes by what is known.
    pub(crate) async fn look_at_campaign(
        &self,
        selection: &Selection,
        terms: &CampaignTerms,
    ) -> Result<(Preview, Estimate), Failure> {
        let now = self.clock.now();
        let preview = lifecycle::preview_campaign(
            self.store.as_ref(),
            selection,
            terms.to_template,
            &self.settings.prices,
            TOLD,
            now,
        )
        .await?;
        let mut rate: Option<f64> = None;
        for account in self.store.read().await?.authorities().list().await? {
            if preview.by_authority.contains_key(&account.name)
                && let Some(found) = orders_per_minute(&account.settings)
            {
                rate = Some(rate.map_or(found, |known| known.min(found)));
            }
        }
        let estimate = lifecycle::estimate_campaign(terms, preview.orders, rate, now);
        Ok((preview, estimate))
    }

    /// Writes a campaign down and signs it. Nothing else changes.
    pub(crate) async fn write_campaign(
        &self,
        wanted: Wanted,
    ) -> Result<(Campaign, Preview, Estimate), Failure> {
        let (preview, estimate) = self.look_at_campaign(&wanted.selection, &wanted.terms).await?;
        let now = self.clock.now();
        let mut campaign = Campaign {
            id: self.ids.next(),
            name: wanted.name.trim().to_owned(),
            why: wanted.why.trim().to_owned(),
            selection: wanted.selection,
            terms: wanted.terms,
            state: CampaignState::Draft,
            created_at: now,
            created_by: self.actor.clone(),
            looked_at: preview.selected,
            approvals: Vec::new(),
            started_at: None,
            started_by: None,
            ended_at: None,
            wave: 0,
            waves: 0,
            wave_at: None,
            settled_at: None,
            note: None,
            version: 0,
        };
        let approval = self.signed(&campaign).await?;
        campaign.approvals.push(approval);
        lifecycle::write_down_campaign(self.store.as_ref(), self.clock.as_ref(), &campaign).await?;
        Ok((campaign, preview, estimate))
    }

    async fn signed(&self, campaign: &Campaign) -> Result<Approval, Failure> {
        let fleet = self.gate.fleet().await?;
        let (installation, now) = (self.gate.installation(), self.clock.now());
        consent::sign(CONTEXT, &body(campaign, &fleet)?, installation, &self.actor, now).map_err(Failure::new)
    }

    /// Who agreed beside the person who wrote it down, each once.
    pub(crate) async fn campaign_approvers(&self, campaign: &Campaign) -> Result<Vec<String>, Failure> {
        let fleet = self.gate.fleet().await?;
        let body = body(campaign, &fleet)?;
        let [first, others @ ..] = campaign.approvals.as_slice() else { return Ok(Vec::new()) };
        if let Some(wrong) =
            campaign.approvals.iter().find(|approval| !consent::fits(CONTEXT, approval, &body, &fleet))
        {
            return Err(Failure::with_hint(
                format!(
                    "the signature of {} does not fit: the campaign was altered, or the installation is not in the fleet any more",
                    wrong.by
                ),
                "write it down anew",
            ));
        }
        let counted = consent::counted(first, others, fleet.admitted().len() == 1);
        Ok(counted.iter().skip(1).map(|approval| approval.by.clone()).collect())
    }

    /// Puts the signature of another person under it.
    pub(crate) async fn approve_campaign(&self, campaign: &Campaign) -> Result<Vec<String>, Failure> {
        if campaign.state != CampaignState::Draft {
            return Err(Failure::new("this campaign has begun; there is nothing to agree to any more"));
        }
        if is_same_person(&campaign.created_by, &self.actor) {
            return Err(Failure::with_hint(
                format!("{} wrote this campaign down, and nobody approves their own", campaign.created_by),
                "somebody else approves it, on another machine of the fleet where there are several",
            ));
        }
        let before = self.campaign_approvers(campaign).await?;
        let mut approved = campaign.clone();
        approved.approvals.push(self.signed(campaign).await?);
        let approvers = self.campaign_approvers(&approved).await?;
        if approvers.len() == before.len() {
            return Err(Failure::with_hint(
                "this signature would not count: the campaign was written down or approved on this machine already",
                "approve it on another machine of the fleet",
            ));
        }
        let event = AuditEvent {
            kind: AuditKind::CampaignChanged,
            outcome: AuditOutcome::Success,
            actor: self.actor.clone(),
            object: format!("campaign {}", campaign.name),
            detail: format!(
                "approved, {} certificates; written down by {}",
                campaign.looked_at, campaign.created_by
            ),
        };
        store::in_unit!(self.store, work => {
            work.audit().append(&event, self.clock.now()).await?;
            work.campaigns().set(&approved).await?;
        })?;
        Ok(approvers)
    }

    /// Has it begin, within the limits or with a second person's consent.
    pub(crate) async fn begin_campaign(&self, campaign: &Campaign) -> Result<Campaign, Failure> {
        let approvers = self.campaign_approvers(campaign).await?;
        let limits = self.settings.limits.limits();
        let consent = if approvers.is_empty() { Consent::Within(&limits) } else { Consent::Of(&approvers) };
        let (store, clock) = (self.store.as_ref(), self.clock.as_ref());
        Ok(lifecycle::begin_campaign(store, clock, campaign, &self.actor, consent).await?)
    }
}

/// The rate that an authority account's settings name, whatever its connector.
fn orders_per_minute(settings: &str) -> Option<f64> {
    let value: serde_json::Value = serde_json::from_str(settings).ok()?;
    value.get("ordersPerMinute")?.as_f64()
}

#[async_trait]
impl CampaignHost for ProgramHost {
    async fn preview(&self, name: &str) -> Result<CampaignPreview, WireError> {
        let campaign = self.program().campaign(name).await?;
        let (preview, estimate) =
            self.program().look_at_campaign(&campaign.selection, &campaign.terms).await?;
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let hindrances = preview.hindrances.into_iter().map(|one| MemberLine {
            certificate: one.certificate.to_string(),
            serial: one.serial.to_string(),
            mail: one.mail,
            why: one.why,
        });
        Ok(CampaignPreview {
            selected: count(preview.selected),
            people: count(preview.people),
            mailboxes: count(preview.mailboxes),
            orders: count(preview.orders),
            adopted: count(preview.adopted),
            waiting: count(preview.waiting),
            hindered: count(preview.hindered),
            hindrances: hindrances.collect(),
            from_the_same: count(preview.from_the_same),
            not_archived: count(preview.not_archived),
            cost: preview.cost.to_string(),
            until: estimate.until.to_string(),
            in_time: estimate.in_time,
            pace_known: estimate.ordering.is_some(),
            selection: self.program().selected_by(&campaign).await?,
            deadline: campaign.terms.deadline.to_string(),
            revokes_at_deadline: campaign.terms.revoke_at_deadline,
        })
    }

    async fn start(&self, name: &str) -> Result<(), WireError> {
        let campaign = self.program().campaign(name).await?;
        self.program().begin_campaign(&campaign).await?;
        Ok(())
    }
}
