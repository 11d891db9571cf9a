//! What a saved plan still means, by a plan that was made now. Reasons may have other words; what is to be done has to be the same.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, CertificateId, DeliveryCause, DeliveryIntent, DriftId, EnrollmentId, Intent, RemovalCause,
    RemovalIntent, RepairIntent, SubscriberId, TemplateId,
};
use plan::{Plan, dearer};

/// Whether two intents mean the same deed; their reasons may tell it with other days.
pub(crate) fn is_same(one: &Intent, other: &Intent) -> bool {
    (one.subscriber, one.template) == (other.subscriber, other.template) && one.action == other.action
}

/// Which intents of a saved plan the world does not want any more.
pub fn moved_on<'a>(saved: &'a Plan, fresh: &Plan) -> Vec<&'a Intent> {
    beside(&saved.intents, &fresh.intents, false).collect()
}

/// The intents of a saved plan, in the words of one that was made now.
fn wanted_still(saved: &Plan, fresh: &Plan) -> Vec<Intent> {
    beside(&fresh.intents, &saved.intents, true).cloned().collect()
}

/// Those that are, or are not, among others.
fn beside<'a, 'b>(
    intents: &'a [Intent],
    others: &'b [Intent],
    wanted: bool,
) -> impl Iterator<Item = &'a Intent> + use<'a, 'b> {
    let mut known: BTreeMap<SubscriberId, Vec<&Intent>> = BTreeMap::new();
    for intent in others {
        known.entry(intent.subscriber).or_default().push(intent);
    }
    intents.iter().filter(move |intent| {
        let is_known =
            known.get(&intent.subscriber).is_some_and(|all| all.iter().any(|one| is_same(one, intent)));
        is_known == wanted
    })
}

/// Which repairs of a saved plan are not wanted any more.
pub fn repairs_moved_on<'a>(saved: &'a Plan, fresh: &Plan) -> Vec<&'a RepairIntent> {
    let wanted = by_finding(fresh);
    let is_wanted =
        |intent: &RepairIntent| wanted.get(&intent.finding).is_some_and(|one| one.is_same(intent));
    saved.repairs.iter().filter(|intent| !is_wanted(intent)).collect()
}

fn by_finding(plan: &Plan) -> BTreeMap<DriftId, &RepairIntent> {
    plan.repairs.iter().map(|intent| (intent.finding, intent)).collect()
}

/// What its intents would bring about otherwise than it said, in a sentence each: a key that would go to others, a record that
/// would be taken back from others, an order that would cost more. What it would try again, or take back beside its intents, may
/// have been done meanwhile, which is as well.
pub fn follows_otherwise(saved: &Plan, fresh: &Plan) -> Vec<String> {
    let mut sentences = Vec::new();
    let before = receivers(saved);
    for delivery in fresh.deliveries.iter().filter(|one| one.cause == DeliveryCause::Ordered) {
        // An order of the plan whose receivers it does not tell was approved by nobody who knew them.
        let told = before.get(&(delivery.subscriber, delivery.template)).copied();
        let is_its_own = || saved.intents.iter().any(|intent| orders(intent, delivery));
        let Some(to) = told.or_else(|| is_its_own().then_some(&[][..])) else { continue };
        if to != delivery.to.as_slice() {
            sentences.push(format!(
                "the key for {} ({}) would go to {} and not to {}",
                delivery.who,
                delivery.template_name,
                names(&delivery.to),
                names(to)
            ));
        }
    }
    let touched: BTreeSet<CertificateId> = saved.intents.iter().filter_map(touched).collect();
    let (told, found) = (taken_back(saved, &touched), taken_back(fresh, &touched));
    for (_, name) in told.symmetric_difference(&found) {
        sentences.push(format!("the record of {name} at Intune would be taken back, or would not be"));
    }
    sentences.extend(dearer(saved, fresh));
    sentences
}

/// Whether an intent makes the key that is handed over.
fn orders(intent: &Intent, delivery: &DeliveryIntent) -> bool {
    matches!(intent.action, Action::Enroll { .. })
        && (intent.subscriber, intent.template) == (delivery.subscriber, delivery.template)
}

fn names(of: &[String]) -> String {
    if of.is_empty() { "nobody".to_owned() } else { of.join(", ") }
}

fn receivers(plan: &Plan) -> BTreeMap<(SubscriberId, TemplateId), &[String]> {
    let ordered = plan.deliveries.iter().filter(|one| one.cause == DeliveryCause::Ordered);
    ordered.map(|one| ((one.subscriber, one.template), one.to.as_slice())).collect()
}

/// The certificate that an intent replaces or ends.
const fn touched(intent: &Intent) -> Option<CertificateId> {
    match intent.action {
        Action::Enroll { replaces, .. } => replaces,
        Action::Revoke { certificate, .. }
        | Action::Hold { certificate, .. }
        | Action::Release { certificate, .. } => Some(certificate),
    }
}

/// Whose records are taken back together with what is done about these certificates.
fn taken_back<'a>(plan: &'a Plan, of: &BTreeSet<CertificateId>) -> BTreeSet<(CertificateId, &'a str)> {
    let is_it = |one: &&RemovalIntent| one.cause == RemovalCause::HolderLeft && of.contains(&one.certificate);
    let told = |one: &'a RemovalIntent| (one.certificate, one.record_of.as_deref().unwrap_or_default());
    plan.removals.iter().filter(is_it).map(told).collect()
}

/// The enrollment that a hand-over tries again.
const fn retried_by(cause: DeliveryCause) -> Option<EnrollmentId> {
    match cause {
        DeliveryCause::Retried { enrollment } => Some(enrollment),
        DeliveryCause::Ordered => None,
    }
}

/// What a removal is told apart by.
fn removal_key(of: &RemovalIntent) -> (CertificateId, Option<&str>, &'static str) {
    (of.certificate, of.record_of.as_deref(), of.cause.name())
}

/// A saved plan in the words of one that was made now: what both want.
pub fn as_wanted_now(saved: &Plan, fresh: &Plan) -> Plan {
    let intents = wanted_still(saved, fresh);
    let known = by_finding(saved);
    let was_saved =
        |intent: &&RepairIntent| known.get(&intent.finding).is_some_and(|one| one.is_same(intent));
    let ordered: BTreeSet<(SubscriberId, TemplateId)> = receivers(saved).into_keys().collect();
    let retried: BTreeSet<EnrollmentId> =
        saved.deliveries.iter().filter_map(|one| retried_by(one.cause)).collect();
    let is_handed = |one: &&DeliveryIntent| match one.cause {
        DeliveryCause::Ordered => ordered.contains(&(one.subscriber, one.template)),
        DeliveryCause::Retried { enrollment } => retried.contains(&enrollment),
    };
    let removed: BTreeSet<(CertificateId, Option<&str>, &str)> =
        saved.removals.iter().map(removal_key).collect();
    let is_removed = |one: &&RemovalIntent| removed.contains(&removal_key(one));
    Plan {
        costs: fresh.costs_of(&intents, saved),
        repairs: fresh.repairs.iter().filter(was_saved).cloned().collect(),
        deliveries: fresh.deliveries.iter().filter(is_handed).cloned().collect(),
        removals: fresh.removals.iter().filter(is_removed).cloned().collect(),
        intents,
        ..Plan::empty(saved.made_at)
    }
}
