//! What the next cycle would do, with its reasons and against the limits.

use lifecycle::{Allowance, Excess, Horizon};
use model::{Action, DeliveryCause, DeliveryIntent, EndingCause, Intent, RemovalIntent};
use plan::OrderCost;
use serde::{Deserialize, Serialize};
use store::EndingRow;
use ts_rs::TS;

use crate::overview::{SkipLine, clamp};
use crate::people::{EndingLine, ending_line};
use crate::{Host, WireError};

/// Most subscribers that are decided about for one answer; whoever else is due is only said to be.
const CONSIDERED: u64 = 2_000;
/// Most intents, hindrances and notices of one answer.
const TOLD: u32 = 200;

/// Asks for [`PlanForecast`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanForecastRequest {}

/// What the next cycle would do, by what was read of the directory last.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanForecast {
    /// When this was decided, RFC 3339.
    pub at: String,
    /// When the last complete reading of the directory began, RFC 3339: a notice from before it was seen twice.
    pub confirmed_at: Option<String>,
    /// People and mailboxes that are due and were decided about.
    pub considered: u32,
    /// Whether those were all that are due.
    pub whole: bool,
    /// First certificates.
    pub enroll: u32,
    /// Certificates that follow others which end.
    pub renew: u32,
    /// Certificates in place of ones with former names, within the limits.
    pub replace: u32,
    /// Revocations, within the limits.
    pub revoke: u32,
    /// Certificates that are put on hold, within the same limits.
    pub hold: u32,
    /// Holds that are lifted.
    pub release: u32,
    /// Hand-overs to people's devices: those that follow, and those that failed before and are tried again.
    pub deliveries: u32,
    /// Records at Intune and entries in the address list that are taken back.
    pub removed: u32,
    /// People and mailboxes of whom something stands in the way.
    pub hindered: u32,
    /// Notices that would be given.
    pub noticed: u32,
    /// Notices that would be taken back.
    pub retracted: u32,
    /// What would be done, the first 200.
    pub intents: Vec<IntentLine>,
    /// What is handed over to several people, or once more, the first 200.
    pub handed: Vec<HandOverLine>,
    /// What is taken back, the first 200.
    pub removals: Vec<RemovalLine>,
    /// What the orders cost, by template.
    pub costs: Vec<CostLine>,
    /// The sums of that, one for each currency: `12.80 EUR`.
    pub cost: Vec<String>,
    /// Certificates that nobody wrote a price down for.
    pub unpriced: u32,
    /// What stands in the way, the first 200.
    pub skipped: Vec<SkipLine>,
    /// Notices that were given and are not done, the next to come due first, at most 200.
    pub upcoming: Vec<EndingLine>,
    /// Revocations against their limit.
    pub revocations: LimitLine,
    /// Replacements against their limit.
    pub replacements: LimitLine,
    /// Revocations that wait for persons because they are too many; none of them happens by itself.
    pub revocations_withheld: Option<u32>,
    /// Replacements that wait for tomorrow, or for persons.
    pub replacements_withheld: u32,
}

/// What the plan wants done.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IntentLine {
    /// About whom: Entra object id.
    pub person: String,
    /// Name for people.
    pub who: String,
    /// `enroll`, `renew`, `replace`, `revoke`, `hold` or `release`.
    pub verb: String,
    /// Template name.
    pub template: String,
    /// Why.
    pub reason: String,
    /// The certificate that is replaced, revoked, put on hold or taken off.
    pub certificate: Option<String>,
}

/// A hand-over to people's devices.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HandOverLine {
    /// Whose certificate: Entra object id.
    pub person: String,
    /// Name for people.
    pub who: String,
    /// Template name.
    pub template: String,
    /// Sign-in names of those to whose devices it goes.
    pub to: Vec<String>,
    /// Whether an earlier attempt failed.
    pub retried: bool,
    /// Why.
    pub reason: String,
}

/// Something that is taken back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemovalLine {
    /// The certificate's mail address.
    pub who: String,
    /// Which certificate.
    pub certificate: String,
    /// `holderLeft` or `former` at Intune, `addressList` in the address list.
    pub cause: String,
    /// Why.
    pub reason: String,
}

/// What the orders by one template cost.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CostLine {
    /// Template name.
    pub template: String,
    /// Name of the authority account.
    pub authority: String,
    /// How many certificates are ordered.
    pub orders: u32,
    /// What one costs: `3.20 EUR`; none where nobody wrote that down.
    pub price: Option<String>,
    /// What they cost together.
    pub sum: Option<String>,
}

/// A limit of 24 hours.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LimitLine {
    /// Done in the last 24 hours.
    pub done: u32,
    /// Allowed in 24 hours.
    pub allowed: u32,
}

pub(crate) async fn plan_forecast(
    host: &dyn Host,
    _: PlanForecastRequest,
) -> Result<PlanForecast, WireError> {
    let now = host.clock().now();
    let horizon = Horizon { subscribers: CONSIDERED, told: TOLD as usize };
    let told = lifecycle::forecast(host.store(), &host.limits(), &host.prices(), horizon, now).await?;
    let total = plan::total(&told.costs);
    let upcoming = host.store().read().await?.endings().list(now, TOLD).await?;
    // Who may use a mailbox is confirmed by readings of its own, which are not asked for here: such a notice is shown as given.
    let is_due = |row: &EndingRow| {
        row.ending.cause != EndingCause::HolderLeft
            && row.ending.due_at <= now
            && told.confirmed_at.is_some_and(|at| row.ending.since < at)
    };
    Ok(PlanForecast {
        at: now.to_string(),
        confirmed_at: told.confirmed_at.map(|at| at.to_string()),
        considered: clamp(told.considered),
        whole: told.is_whole,
        enroll: clamp(told.enroll),
        renew: clamp(told.renew),
        replace: clamp(told.replace),
        revoke: clamp(told.revoke),
        hold: clamp(told.hold),
        release: clamp(told.release),
        deliveries: clamp(told.deliveries),
        removed: clamp(told.removed),
        hindered: clamp(told.hindered),
        noticed: clamp(told.noticed),
        retracted: clamp(told.retracted),
        intents: told.intents.iter().map(intent_line).collect(),
        handed: told.handed.into_iter().map(hand_over_line).collect(),
        removals: told.removals.into_iter().map(removal_line).collect(),
        costs: told.costs.iter().map(cost_line).collect(),
        cost: total.sums().map(|sum| sum.to_string()).collect(),
        unpriced: clamp(total.unpriced()),
        skipped: told
            .skips
            .into_iter()
            .map(|skip| SkipLine { who: skip.who, template: skip.template, why: skip.why })
            .collect(),
        upcoming: upcoming
            .iter()
            .map(|row| {
                let state = if is_due(row) { "due" } else { "noted" };
                ending_line(&row.ending, row.thumbprint, &row.mail, state)
            })
            .collect(),
        revocations: limit_line(told.revocations),
        replacements: limit_line(told.replacements),
        revocations_withheld: told.revocations_withheld.map(|Excess { wanted, .. }| clamp(wanted)),
        replacements_withheld: clamp(told.replacements_withheld),
    })
}

fn limit_line(allowance: Allowance) -> LimitLine {
    LimitLine { done: clamp(allowance.done), allowed: clamp(allowance.allowed) }
}

fn intent_line(intent: &Intent) -> IntentLine {
    let certificate = match &intent.action {
        Action::Enroll { replaces, .. } => *replaces,
        Action::Revoke { certificate, .. }
        | Action::Hold { certificate, .. }
        | Action::Release { certificate, .. } => Some(*certificate),
    };
    IntentLine {
        person: intent.subscriber.to_string(),
        who: intent.who.clone(),
        verb: intent.action.verb().to_owned(),
        template: intent.template_name.clone(),
        reason: intent.reason.clone(),
        certificate: certificate.map(|id| id.to_string()),
    }
}

fn hand_over_line(intent: DeliveryIntent) -> HandOverLine {
    HandOverLine {
        person: intent.subscriber.to_string(),
        who: intent.who,
        template: intent.template_name,
        to: intent.to,
        retried: intent.cause != DeliveryCause::Ordered,
        reason: intent.reason,
    }
}

fn removal_line(intent: RemovalIntent) -> RemovalLine {
    RemovalLine {
        who: intent.who,
        certificate: intent.certificate.to_string(),
        cause: intent.cause.name().to_owned(),
        reason: intent.reason,
    }
}

fn cost_line(cost: &OrderCost) -> CostLine {
    CostLine {
        template: cost.template_name.clone(),
        authority: cost.authority.clone(),
        orders: clamp(cost.orders),
        price: cost.price.map(|price| price.to_string()),
        sum: cost.price.map(|price| price.times(cost.orders).to_string()),
    }
}
