//! What orders cost, and when a saved plan costs more than it said.

use std::collections::BTreeMap;

use model::names::Profile;
use model::{Action, CertificateNames, EndingCause, Intent, Money, Prices, Template, Thumbprint};
use plan::{OrderCost, Plan, costs, dearer, total};

use crate::sample::{NOW, id, smime};

fn price(text: &str) -> Money {
    text.parse().unwrap()
}

fn by(template: u128, action: Action) -> Intent {
    Intent {
        subscriber: id(1),
        who: "Susi".to_owned(),
        template: id(template),
        template_name: String::new(),
        action,
        reason: String::new(),
    }
}

fn order(template: u128) -> Intent {
    let names = CertificateNames::default();
    by(template, Action::Enroll { names, profile: Profile::SmimeMailbox, replaces: None, renamed: false })
}

fn revocation(template: u128) -> Intent {
    let thumbprint = Thumbprint::new([7; 20]);
    by(template, Action::Revoke { certificate: id(5), thumbprint, cause: EndingCause::Gone })
}

fn named(number: u128, name: &str, authority: &str) -> Template {
    Template { id: id(number), name: name.to_owned(), authority: authority.to_owned(), ..smime() }
}

fn planned(intents: Vec<Intent>, prices: &Prices) -> Plan {
    let templates =
        [named(10, "Signing", "Public CA"), named(11, "Mail", "Public CA"), named(12, "Inside", "Own CA")];
    Plan { costs: costs(&intents, &templates, prices), intents, ..Plan::empty(NOW) }
}

#[test]
fn orders_cost_and_nothing_else_does() {
    let prices = Prices {
        authorities: BTreeMap::from([("Public CA".to_owned(), price("3.20 EUR"))]),
        templates: BTreeMap::from([("signing".to_owned(), price("2 USD"))]),
    };
    let intents = vec![order(11), order(10), order(11), order(12), revocation(10), revocation(11)];
    let plan = planned(intents, &prices);
    let told: Vec<(&str, u64, Option<Money>)> =
        plan.costs.iter().map(|cost| (cost.template_name.as_str(), cost.orders, cost.price)).collect();
    assert_eq!(
        told,
        [("Inside", 1, None), ("Mail", 2, Some(price("3.20 EUR"))), ("Signing", 1, Some(price("2 USD")))]
    );
    assert_eq!(total(&plan.costs).to_string(), "6.40 EUR, 2.00 USD, and 1 without a price");
    let by_authority: Vec<String> =
        plan.cost_by_authority().iter().map(|(name, cost)| format!("{name}: {cost}")).collect();
    assert_eq!(by_authority, ["Own CA: unknown: 1 without a price", "Public CA: 6.40 EUR, 2.00 USD"]);
    assert_eq!(plan.price_of(&plan.intents[0]), Some(price("3.20 EUR")));
    assert_eq!(plan.price_of(&revocation(11)), None, "a revocation costs nothing");
    let some = plan.costs_of(&plan.intents[..1], &Plan::empty(NOW));
    assert_eq!(total(&some).to_string(), "3.20 EUR", "of some of it, the same prices");
    assert_eq!(planned(vec![revocation(10)], &prices).costs, Vec::<OrderCost>::new());
}

#[test]
fn a_saved_plan_tells_where_its_orders_cost_more() {
    let at = |text: Option<&str>| {
        let authorities = text.map(|text| ("Public CA".to_owned(), price(text)));
        let prices = Prices { authorities: authorities.into_iter().collect(), ..Prices::default() };
        planned(vec![order(11)], &prices)
    };
    for (before, after, is_dearer) in [
        (Some("3.20 EUR"), Some("3.20 EUR"), false),
        (Some("3.20 EUR"), Some("3.10 EUR"), false),
        (Some("3.20 EUR"), Some("3.30 EUR"), true),
        (Some("3.20 EUR"), Some("3.20 CHF"), true),
        (Some("3.20 EUR"), None, false),
        (None, Some("3.20 EUR"), false),
        (None, None, false),
    ] {
        assert_eq!(dearer(&at(before), &at(after)).len() == 1, is_dearer, "{before:?} then {after:?}");
    }
    let unknown = at(None);
    let kept = unknown.costs_of(&unknown.intents, &at(Some("3.20 EUR")));
    assert_eq!(total(&kept).to_string(), "3.20 EUR", "as the plan said");
    let mut elsewhere = at(Some("3.20 EUR"));
    elsewhere.costs[0].authority = "Own CA".to_owned();
    let told = dearer(&at(Some("3.20 EUR")), &elsewhere);
    assert_eq!(told, ["`Mail` orders from `Own CA` and not from `Public CA`"]);
    assert_eq!(
        dearer(&at(Some("3.20 EUR")), &Plan::empty(NOW)),
        [""; 0],
        "what is not ordered costs nothing"
    );
}
