//! How one certificate is replaced: by a new order, by one that is on its way already, later, or not at all.

use std::collections::BTreeMap;

use model::{
    AuthorityId, CampaignId, Certificate, CertificateId, CertificateState, EnrollmentId, Intent, Template,
    TemplateId, Timestamp,
};
use plan::{Decision, Situation, renewal};
use store::{PlanningRow, StoreError, Work};

use super::select::Chosen;
use crate::cycle::unambiguous;
use crate::limits::holders_are_sure;

/// What is to be replaced, and so is no successor.
#[derive(Clone, Copy)]
pub(super) enum Affected<'a> {
    /// What would be selected now.
    Chosen(&'a Chosen<'a>),
    /// The members of a campaign.
    Members(CampaignId),
}

impl Affected<'_> {
    async fn has(self, work: &mut dyn Work, certificate: &Certificate) -> Result<bool, StoreError> {
        match self {
            Self::Chosen(chosen) => Ok(chosen.has(certificate)),
            Self::Members(campaign) => Ok(work.campaigns().member(campaign, certificate.id).await?.is_some()),
        }
    }

    async fn has_id(self, work: &mut dyn Work, id: CertificateId) -> Result<bool, StoreError> {
        match work.certificates().lookup(id).await? {
            Some(row) => self.has(work, &row.certificate).await,
            None => Ok(false),
        }
    }
}

/// How a certificate gets its successor.
pub(super) enum Way {
    /// By this order.
    Order(Box<Intent>, AuthorityId),
    /// By an enrollment that is under way, or has ended well: it is not ordered twice.
    Adopt(EnrollmentId),
    /// Not yet.
    Wait(String),
    /// Not at all, unless somebody mends this.
    Cannot(String),
}

/// Templates with the authorities they order from, and the template for all when one was named.
pub(super) struct Recipes {
    templates: BTreeMap<TemplateId, (Template, Option<AuthorityId>)>,
    to_template: Option<TemplateId>,
}

impl Recipes {
    pub(super) async fn load(
        work: &mut dyn Work,
        to_template: Option<TemplateId>,
    ) -> Result<Self, StoreError> {
        let mut templates = BTreeMap::new();
        for found in work.templates().list().await? {
            let authority = work.authorities().find(&found.template.authority).await?;
            templates.insert(found.template.id, (found.template, authority.map(|authority| authority.id)));
        }
        Ok(Self { templates, to_template })
    }

    /// The template by which a certificate's successor is ordered.
    pub(super) fn of(&self, certificate: &Certificate) -> Option<(&Template, Option<AuthorityId>)> {
        let id = self.to_template.unwrap_or(certificate.template);
        self.templates.get(&id).map(|(template, authority)| (template, *authority))
    }
}

/// Why a campaign leaves alone who has a certificate on hold.
const ON_HOLD: &str =
    "its owner has a certificate on hold, and nothing takes the place of that; lift the hold, or revoke it";

/// Decides about one certificate by what is known now. Whatever keeps the plan from ordering keeps a campaign from it, too.
pub(super) async fn way(
    work: &mut dyn Work,
    affected: Affected<'_>,
    recipes: &Recipes,
    row: &PlanningRow,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Way, StoreError> {
    let Some((template, authority)) = recipes.of(certificate) else {
        return Ok(Way::Cannot(
            "its template no longer exists; name another one with --to-template".to_owned(),
        ));
    };
    if certificate.state == CertificateState::Held {
        return Ok(Way::Cannot(ON_HOLD.to_owned()));
    }
    let subscriber = &row.subscriber;
    if let Some(open) = work.enrollments().find_open(subscriber.id, template.id).await? {
        let is_affected = match open.certificate {
            Some(issued) => affected.has_id(work, issued).await?,
            None => false,
        };
        if is_affected {
            let why = "a certificate that is on its way to its owner is to be replaced itself; the successor is ordered when \
                       that one has come to its end";
            return Ok(Way::Wait(why.to_owned()));
        }
        return Ok(Way::Adopt(open.id));
    }
    let is_suspended = |other: &&Certificate| {
        let was_in_use =
            |hold: &&model::Hold| hold.certificate == other.id && hold.was == CertificateState::Valid;
        other.template == template.id
            && other.state == CertificateState::Held
            && other.not_before >= certificate.not_before
            && row.holds.iter().any(|hold| was_in_use(&hold))
    };
    if row.certificates.iter().any(|other| is_suspended(&other)) {
        return Ok(Way::Cannot(ON_HOLD.to_owned()));
    }
    let newer = row.certificates.iter().filter(|other| {
        other.template == template.id
            && other.id != certificate.id
            && other.state == CertificateState::Valid
            && other.not_after > now
            && other.not_before >= certificate.not_before
    });
    if let Some(newer) = newer.max_by_key(|other| (other.not_after, other.id)) {
        if !affected.has(work, newer).await? {
            return Ok(Way::Adopt(newer.enrollment));
        }
        let why = "its owner has a newer certificate that is to be replaced, too; that one's successor takes both places";
        return Ok(Way::Wait(why.to_owned()));
    }
    let Some(authority) = authority else {
        return Ok(Way::Cannot(format!(
            "its template orders from the authority `{}`, which does not exist; correct the template, or set the authority up",
            template.authority
        )));
    };
    let sure = holders_are_sure(work, subscriber, now).await?;
    if !sure {
        let why = "who may use this mailbox is not known for sure, and until then nobody gets a new key; `sealwright service \
                   list` says what is in doubt";
        return Ok(Way::Wait(why.to_owned()));
    }
    let situation = Situation {
        subscriber,
        certificates: std::slice::from_ref(certificate),
        holds: &[],
        open: &[],
        refused: &[],
        holders: &row.holders,
        delivered_to: &[],
        superseded: &[],
        ordered: &[],
        endings: &[],
        confirmed_at: None,
        holders_confirmed_at: None,
        holders_are_sure: sure,
    };
    let intent = match renewal(&situation, template, certificate) {
        Ok(intent) => intent,
        Err(why) => return Ok(Way::Cannot(format!("{} {why}", subscriber.user_principal_name))),
    };
    let decision = Decision { intents: vec![intent], ..Decision::default() };
    let mut kept = unambiguous(work, decision, subscriber).await?;
    Ok(match kept.intents.pop() {
        Some(intent) => Way::Order(Box::new(intent), authority),
        None => Way::Cannot(kept.skips.pop().map(|skip| skip.why).unwrap_or_default()),
    })
}
