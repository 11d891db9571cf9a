//! A plan as it is shown: rows with reasons, what it costs, what the limits count, and what stands around it.

use model::{Cost, DeliveryCause, EndingCause, RemovalCause};
use plan::Plan;
use serde_json::{Value, json};
use store::EndingRow;

use super::output::{Failure, table};

/// A plan with what stands around it.
pub(super) struct Shown<'a> {
    pub(super) plan: &'a Plan,
    pub(super) past_limits: &'a [String],
    pub(super) upcoming: &'a [EndingRow],
}

impl Shown<'_> {
    pub(super) fn value(&self) -> Result<Value, Failure> {
        let plan = self.plan;
        let mut value = serde_json::to_value(plan)
            .map_err(|error| Failure::new(format!("the plan cannot be written: {error}")))?;
        for (place, intent) in plan.intents.iter().enumerate() {
            if let Some(price) = plan.price_of(intent) {
                value["intents"][place]["price"] = json!(price);
            }
        }
        value["deliveries"] = json!(plan.deliveries);
        value["removals"] = json!(plan.removals);
        value["costs"] = json!(plan.costs);
        let mut cost = cost_value(&plan::total(&plan.costs));
        let by_authority = plan.cost_by_authority();
        cost["authorities"] = by_authority.iter().map(|(name, sum)| (*name, cost_value(sum))).collect();
        value["cost"] = cost;
        let upcoming = self.upcoming.iter().map(|row| {
            json!({
                "certificate": row.ending.certificate, "thumbprint": row.thumbprint, "mail": row.mail,
                "cause": row.ending.cause, "since": row.ending.since, "notBefore": row.ending.due_at,
            })
        });
        value["upcoming"] = upcoming.collect();
        value["pastLimits"] = json!(self.past_limits);
        Ok(value)
    }

    pub(super) fn text(&self) -> String {
        let mut text = describe(self.plan);
        if !self.upcoming.is_empty() {
            text.push_str("\nto be revoked or put on hold later, unless it is taken back:\n");
            let row = |row: &EndingRow| {
                vec![row.ending.due_at.to_string(), row.mail.clone(), phrase(row.ending.cause).to_owned()]
            };
            let rows: Vec<Vec<String>> = self.upcoming.iter().map(row).collect();
            text.push_str(&table(&["NOT BEFORE", "CERTIFICATE OF", "BECAUSE"], &rows));
        }
        if !self.past_limits.is_empty() {
            let past = self.past_limits.join("; ");
            text.push_str(&format!(
                "\npast the limits: {past}. To have it done, {}\n",
                lifecycle::HOW_TO_GO_ON
            ));
        }
        text
    }
}

fn cost_value(cost: &Cost) -> Value {
    json!({ "sums": cost.sums().collect::<Vec<_>>(), "unpriced": cost.unpriced() })
}

const fn phrase(cause: EndingCause) -> &'static str {
    match cause {
        EndingCause::Gone => "left the organisation or every group",
        EndingCause::LeftGroup => "left the groups of its template",
        EndingCause::Renamed => "has a former name or address",
        EndingCause::Disabled => "the account is blocked",
        EndingCause::HolderLeft => "its key is with somebody who may no longer use the mailbox",
    }
}

fn describe(plan: &Plan) -> String {
    let mut rows: Vec<Vec<String>> = plan
        .intents
        .iter()
        .map(|intent| {
            vec![
                intent.action.verb().to_owned(),
                intent.who.clone(),
                intent.template_name.clone(),
                plan.price_of(intent).map(|price| price.to_string()).unwrap_or_default(),
                intent.reason.clone(),
            ]
        })
        .collect();
    let row = |what: &str, who: &str, template: &str, why: String| {
        vec![what.to_owned(), who.to_owned(), template.to_owned(), String::new(), why]
    };
    for one in &plan.deliveries {
        let what = match one.cause {
            // The key of a person goes to that person: the order above says all there is to say.
            DeliveryCause::Ordered if one.to.len() == 1 => continue,
            DeliveryCause::Ordered => "deliver",
            DeliveryCause::Retried { .. } => "retry",
        };
        let to = if one.to.is_empty() { "nobody".to_owned() } else { one.to.join(", ") };
        rows.push(row(what, &one.who, &one.template_name, format!("to {to}: {}", one.reason)));
    }
    rows.extend(plan.removals.iter().map(|one| row("remove", &one.who, "", one.reason.clone())));
    rows.extend(plan.repairs.iter().map(|one| row(one.repair.verb(), &one.object, "", one.reason.clone())));
    rows.extend(plan.skips.iter().map(|one| row("cannot", &one.who, &one.template, one.why.clone())));
    let mut heads = vec!["WHAT", "WHO", "TEMPLATE", "COST", "WHY"];
    if plan.costs.iter().all(|cost| cost.price.is_none()) {
        heads.remove(3);
        for row in &mut rows {
            row.remove(3);
        }
    }
    let mut text = table(&heads, &rows);
    text.push_str(&format!("to be done: {}; {} cannot be served\n", counts(plan), plan.skips.len()));
    let handed: usize = plan
        .deliveries
        .iter()
        .filter(|one| one.cause == DeliveryCause::Ordered)
        .map(|one| one.to.len())
        .sum();
    let lost = plan.removals.iter().filter(|one| one.cause == RemovalCause::HolderLeft).count();
    if handed + lost > 0 {
        text.push_str(&format!(
            "with it: hand-overs to devices {handed}, records taken back at Intune {lost}\n"
        ));
    }
    text.push_str(&cost_text(plan));
    text.push_str(&limits_text(plan));
    text
}

/// What it costs, at each authority where there are several; nothing where nothing is ordered.
fn cost_text(plan: &Plan) -> String {
    if plan.costs.is_empty() {
        return String::new();
    }
    let by_authority = plan.cost_by_authority();
    let parts = if by_authority.len() > 1 {
        let parts: Vec<String> = by_authority.iter().map(|(name, sum)| format!("{name}: {sum}")).collect();
        format!(" ({})", parts.join("; "))
    } else {
        String::new()
    };
    format!("cost: {}{parts}; prices stand in [prices] of sealwright.toml\n", plan::total(&plan.costs))
}

/// What of it counts against the limits of 24 hours, and what does not.
fn limits_text(plan: &Plan) -> String {
    let count =
        |verbs: &[&str]| plan.intents.iter().filter(|intent| verbs.contains(&intent.action.verb())).count();
    let (ended, replaced) = (count(&["revoke", "hold"]), count(&["replace"]));
    if plan.intents.is_empty() && plan.repairs.is_empty() && plan.removals.is_empty() {
        return String::new();
    }
    format!(
        "counted by [limits]: revocations and holds {ended}, replacements {replaced}, repairs {}; not counted: first \
         certificates, renewals, hand-overs and what is removed\n",
        plan.repairs.len()
    )
}

/// `enroll 7, revoke 2`; `nothing`.
pub(super) fn counts(plan: &Plan) -> String {
    let mut counts: Vec<String> = Vec::new();
    for verb in ["enroll", "renew", "replace", "revoke", "hold", "release"] {
        let count = plan.intents.iter().filter(|intent| intent.action.verb() == verb).count();
        if count > 0 {
            counts.push(format!("{verb} {count}"));
        }
    }
    let retried = plan.deliveries.iter().filter(|one| one.cause != DeliveryCause::Ordered).count();
    let removed = plan.removals.iter().filter(|one| one.cause != RemovalCause::HolderLeft).count();
    for (verb, count) in [("repair", plan.repairs.len()), ("retry", retried), ("remove", removed)] {
        if count > 0 {
            counts.push(format!("{verb} {count}"));
        }
    }
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}
