//! What a plan costs: each order by the price of its template and authority, and sums that hide nothing.

use std::collections::BTreeMap;

use model::{Action, Cost, Intent, Money, Prices, Template, TemplateId};
use serde::{Deserialize, Serialize};

use crate::Plan;

/// What the orders by one template cost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCost {
    /// By which template.
    pub template: TemplateId,
    /// The template's name.
    pub template_name: String,
    /// The authority account that it orders from.
    pub authority: String,
    /// How many certificates are ordered by it.
    pub orders: u64,
    /// What one costs; absent where nobody wrote that down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

/// What these intents cost at these prices, by template, in order of names.
pub fn costs(intents: &[Intent], templates: &[Template], prices: &Prices) -> Vec<OrderCost> {
    let counted = counted(intents);
    let mut costs: Vec<OrderCost> = templates
        .iter()
        .filter_map(|template| {
            Some(OrderCost {
                template: template.id,
                template_name: template.name.clone(),
                authority: template.authority.clone(),
                orders: *counted.get(&template.id)?,
                price: prices.of(&template.name, &template.authority),
            })
        })
        .collect();
    costs.sort_by(|one, other| one.template_name.cmp(&other.template_name));
    costs
}

/// How many certificates are ordered by each template.
fn counted(intents: &[Intent]) -> BTreeMap<TemplateId, u64> {
    let mut counted = BTreeMap::new();
    for intent in intents.iter().filter(|intent| matches!(intent.action, Action::Enroll { .. })) {
        *counted.entry(intent.template).or_insert(0) += 1;
    }
    counted
}

/// What several orders cost together.
pub fn total<'a>(costs: impl IntoIterator<Item = &'a OrderCost>) -> Cost {
    let mut sum = Cost::default();
    for cost in costs {
        sum.add(cost.price, cost.orders);
    }
    sum
}

impl Plan {
    /// What one order costs; `None` for what orders nothing, and where nobody wrote a price down.
    pub fn price_of(&self, intent: &Intent) -> Option<Money> {
        let is_order = matches!(intent.action, Action::Enroll { .. });
        self.costs.iter().find(|cost| is_order && cost.template == intent.template)?.price
    }

    /// What it costs at each authority, in order of names.
    pub fn cost_by_authority(&self) -> BTreeMap<&str, Cost> {
        let mut sums: BTreeMap<&str, Cost> = BTreeMap::new();
        for cost in &self.costs {
            sums.entry(&cost.authority).or_default().add(cost.price, cost.orders);
        }
        sums
    }

    /// The costs of some of its intents. What has no price has the one that another plan told.
    pub fn costs_of(&self, intents: &[Intent], told: &Self) -> Vec<OrderCost> {
        let counted = counted(intents);
        let known = |template: TemplateId| told.costs.iter().find(|one| one.template == template)?.price;
        let recounted = |cost: &OrderCost| {
            let price = cost.price.or_else(|| known(cost.template));
            counted.get(&cost.template).map(|orders| OrderCost { orders: *orders, price, ..cost.clone() })
        };
        self.costs.iter().filter_map(recounted).collect()
    }
}

/// Where orders of a saved plan cost more than it said, or come from another authority, by a plan that was made now: nothing, or
/// a sentence for each template. Whoever agreed to an order without a price agreed to whatever it costs; and where whoever applies
/// it knows none, what the plan said stands.
pub fn dearer(saved: &Plan, fresh: &Plan) -> Vec<String> {
    let mut sentences = Vec::new();
    for before in &saved.costs {
        let Some(after) = fresh.costs.iter().find(|one| one.template == before.template) else { continue };
        let name = &before.template_name;
        if after.authority != before.authority {
            sentences.push(format!(
                "`{name}` orders from `{}` and not from `{}`",
                after.authority, before.authority
            ));
            continue;
        }
        if let (Some(before), Some(after)) = (before.price, after.price)
            && after.is_more_than(before)
        {
            sentences.push(format!("one certificate by `{name}` costs {after} and not {before}"));
        }
    }
    sentences
}
