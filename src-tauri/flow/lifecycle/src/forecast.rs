//! What the next cycle would do, told without doing it. It decides as [`crate::cycle`] does, about the same people, and
//! counts against the same limits; only the directory is not read before.

use model::{
    Action, DeliveryCause, DeliveryIntent, Intent, Prices, Publication, RemovalIntent, Skip, Timestamp,
};
use plan::{OrderCost, latest_renewal_lead};
use store::{PlanningRow, Store, StoreError};

use crate::apply::Prepared;
use crate::cycle::{
    PAGE, decide_row, keep_what_can_be_done, keep_what_was_counted, revocations_due, withhold_replacements,
};
use crate::limits::{Excess, Limits, confirmed_at, is_replacement, replacements, revocations};
use crate::{handing, taking_back};

/// Pages of open enrollments in each state that are looked through for hand-overs that failed: in a company that begins there
/// are very many, and none of them failed.
const LOOKED_AT: usize = 4;

/// How much is looked at, and how much of it is told one by one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon {
    /// Most subscribers that are decided about, and most records of former certificates that are looked at; whatever else is
    /// due is left to the cycle itself.
    pub subscribers: u64,
    /// Most intents, and most hindrances, that are told one by one. All are counted.
    pub told: usize,
}

/// What a limit allows, and how much of it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Allowance {
    /// Done in the last 24 hours.
    pub done: u64,
    /// Allowed in 24 hours.
    pub allowed: u64,
}

/// What the next cycle would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forecast {
    /// Subscribers that are due and were decided about.
    pub considered: u64,
    /// Whether everything was looked at: all who are due, all open hand-overs, all records of former certificates. The numbers
    /// tell of what was looked at.
    pub is_whole: bool,
    /// First certificates.
    pub enroll: u64,
    /// Certificates that follow others which end.
    pub renew: u64,
    /// Certificates in place of ones with former names, within the limits.
    pub replace: u64,
    /// Revocations, within the limits.
    pub revoke: u64,
    /// Certificates that are put on hold, within the same limits.
    pub hold: u64,
    /// Holds that are lifted.
    pub release: u64,
    /// Hand-overs to people's devices: those that follow, and those that failed and are tried again.
    pub deliveries: u64,
    /// Records at Intune and entries in the address list that are taken back.
    pub removed: u64,
    /// People and mailboxes of whom something stands in the way, replacements that are withheld included.
    pub hindered: u64,
    /// Notices that would be given.
    pub noticed: u64,
    /// Notices that would be taken back.
    pub retracted: u64,
    /// The first of what would be done.
    pub intents: Vec<Intent>,
    /// The first of what is handed over, what is tried again before what is ordered; without those keys that go to one person,
    /// which the order says.
    pub handed: Vec<DeliveryIntent>,
    /// The first of what is taken back.
    pub removals: Vec<RemovalIntent>,
    /// What the orders cost, by template; all of them are counted.
    pub costs: Vec<OrderCost>,
    /// The first of what cannot be done.
    pub skips: Vec<Skip>,
    /// Revocations that wait for a person, being too many; all of them do.
    pub revocations_withheld: Option<Excess>,
    /// Replacements that wait for a person, being too many.
    pub replacements_withheld: u64,
    /// Revocations of the last day against what is allowed.
    pub revocations: Allowance,
    /// Replacements of the last day against what is allowed.
    pub replacements: Allowance,
    /// When the last complete reading of the directory began: notices from before it were seen twice.
    pub confirmed_at: Option<Timestamp>,
}

/// Looks at whoever is due. Changes nothing and waits for nobody.
///
/// # Errors
/// When the database cannot be read.
pub async fn forecast(
    store: &dyn Store,
    limits: &Limits,
    prices: &Prices,
    horizon: Horizon,
    now: Timestamp,
) -> Result<Forecast, StoreError> {
    let mut work = store.read().await?;
    let work = work.as_mut();
    let (due, withheld) = revocations_due(work, limits, now).await?;
    let (revoked, may_revoke) = revocations(work, limits, now).await?;
    let (replaced, may_replace) = replacements(work, limits, now).await?;
    let mut told = Forecast {
        revocations_withheld: withheld,
        revocations: Allowance { done: revoked, allowed: may_revoke },
        replacements: Allowance { done: replaced, allowed: may_replace },
        confirmed_at: confirmed_at(work, now).await?,
        ..Forecast::default()
    };
    let prepared = Prepared::load(work).await?;
    let until = now + latest_renewal_lead(&prepared.templates);
    let is_published = !work.publications().counts(Publication::EXCHANGE).await?.is_empty();
    let mut orders = Vec::new();
    let mut made = replaced;
    let mut after = None;
    let left = handing::left(work, &handing::TRIED_AGAIN, LOOKED_AT).await?;
    for intent in left.retried {
        told.hand_over(intent, horizon);
    }
    let mut is_whole = left.is_whole;
    is_whole &= loop {
        let rows = work.subscribers().list_due(after, until, due, PAGE).await?;
        let Some(last) = rows.last() else { break true };
        if told.considered >= horizon.subscribers {
            break false;
        }
        after = Some(last.subscriber.id);
        let is_last = rows.len() < PAGE as usize;
        for row in &rows {
            let confirmed = due.map(|due| due.confirmed_at);
            let mut decision =
                decide_row(work, row, &prepared.templates, &row.refused, confirmed, now).await?;
            keep_what_was_counted(&mut decision, row, due);
            let wanted = decision.intents.iter().filter(|intent| is_replacement(intent)).count() as u64;
            if wanted > 0 && made + wanted > may_replace {
                told.replacements_withheld += wanted;
                withhold_replacements(&mut decision, may_replace);
            } else {
                made += wanted;
            }
            keep_what_can_be_done(work, &prepared, row, &mut decision, now).await?;
            let shown = if is_published {
                work.publications().of(Publication::EXCHANGE, row.subscriber.id).await?
            } else {
                Vec::new()
            };
            let removals = taking_back::of_decision(work, row, &decision, &shown, now).await?;
            told.take_back(removals, horizon);
            told.considered += 1;
            told.noticed += decision.endings.len() as u64;
            told.retracted += decision.retracted.len() as u64;
            told.hindered += u64::from(!decision.skips.is_empty());
            for intent in decision.intents {
                orders.extend(matches!(intent.action, Action::Enroll { .. }).then(|| intent.clone()));
                told.add(intent, row, horizon);
            }
            let room = horizon.told.saturating_sub(told.skips.len());
            told.skips.extend(decision.skips.into_iter().take(room));
        }
        if is_last {
            break true;
        }
    };
    if told.considered > 0 {
        let most = usize::try_from(horizon.subscribers).unwrap_or(usize::MAX);
        let (former, are_all) = taking_back::of_former(work, &prepared, most, now).await?;
        is_whole &= are_all;
        told.take_back(former, horizon);
    }
    told.is_whole = is_whole;
    told.costs = plan::costs(&orders, &prepared.templates, prices);
    Ok(told)
}

impl Forecast {
    fn add(&mut self, intent: Intent, row: &PlanningRow, horizon: Horizon) {
        match &intent.action {
            Action::Enroll { replaces: None, .. } => self.enroll += 1,
            Action::Enroll { renamed: true, .. } => self.replace += 1,
            Action::Enroll { .. } => self.renew += 1,
            Action::Revoke { .. } => self.revoke += 1,
            Action::Hold { .. } => self.hold += 1,
            Action::Release { .. } => self.release += 1,
        }
        if let Some(delivery) = handing::of_order(&intent, row) {
            self.hand_over(delivery, horizon);
        }
        if self.intents.len() < horizon.told {
            self.intents.push(intent);
        }
    }

    fn hand_over(&mut self, intent: DeliveryIntent, horizon: Horizon) {
        self.deliveries += intent.to.len() as u64;
        let is_said = intent.cause == DeliveryCause::Ordered && intent.to.len() == 1;
        if !is_said && self.handed.len() < horizon.told {
            self.handed.push(intent);
        }
    }

    fn take_back(&mut self, removals: Vec<RemovalIntent>, horizon: Horizon) {
        self.removed += removals.len() as u64;
        let room = horizon.told.saturating_sub(self.removals.len());
        self.removals.extend(removals.into_iter().take(room));
    }
}
