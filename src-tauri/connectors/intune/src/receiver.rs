//! What the directory knows of a person for whom Intune refused a record: the two usual causes of its opaque 400.

use net::{Graph, NetError, Request, Version};
use serde_json::Value;

/// The service plans that are Intune: for companies, for schools, for small companies.
const INTUNE_PLANS: [&str; 3] = [
    "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "da24caf9-af8e-485c-b7c8-e73336da2693",
    "8e9ff0ff-aa7a-4b20-83c1-2f636b600ac2",
];

/// One sentence about the person, as far as Graph tells; `None` where nothing stands out or nothing can be read.
pub(crate) async fn look(graph: &Graph, user_principal_name: &str) -> Option<String> {
    let url = graph.address(
        Version::V1,
        &["users", user_principal_name],
        &[("$select", "id,userPrincipalName,accountEnabled,assignedPlans")],
    );
    let answer = match graph.send(&Request::get(url)).await {
        Ok(answer) => answer,
        Err(NetError::NotFound { .. }) => {
            return Some(
                "the directory knows nobody with this sign-in name: let the directory be read again, then try again"
                    .to_owned(),
            );
        }
        Err(error) => {
            tracing::debug!(%error, "what the directory knows of the person cannot be read");
            return None;
        }
    };
    let person: Value = answer.json().ok()?;
    if person.get("accountEnabled").and_then(Value::as_bool) == Some(false) {
        return Some("the account is blocked".to_owned());
    }
    let plans = person.get("assignedPlans")?.as_array()?;
    let has_intune = plans.iter().any(|plan| {
        let text = |name: &str| plan.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_on = matches!(text("capabilityStatus"), "Enabled" | "Warning");
        is_on && INTUNE_PLANS.iter().any(|known| known.eq_ignore_ascii_case(text("servicePlanId")))
    });
    if has_intune {
        return None;
    }
    Some("none of the person's licences holds Intune: assign one, then try again".to_owned())
}
