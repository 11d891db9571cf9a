//! The control routes do for another process what the methods do inside.

use reqwest::Method;
use serde_json::{Value, json};

use crate::forge::good_body;
use crate::visitor::{Answer, PFX, Visitor};

async fn control(visitor: &Visitor, method: Method, path: &str, body: Option<Value>) -> Answer {
    let url = format!("{}/_sim/{path}", visitor.sim.base_url());
    let mut request = visitor.http.request(method, url).bearer_auth(visitor.sim.control_token());
    if let Some(body) = body {
        request = request.json(&body);
    }
    Answer::of(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn only_the_control_token_opens_the_control_routes() {
    let visitor = Visitor::with_people(1).await;
    for token in ["", "wrong", visitor.token.as_str()] {
        let request = visitor.http.get(format!("{}/_sim/state", visitor.sim.base_url())).bearer_auth(token);
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
    assert_eq!(control(&visitor, Method::GET, "state", None).await.status, 200);
    assert!(
        visitor.sim.requests().iter().all(|request| !request.path.starts_with("/_sim")),
        "not remembered"
    );
}

#[tokio::test]
async fn faults_clock_and_memory_are_driven_from_outside() {
    let visitor = Visitor::with_people(1).await;
    let fault = json!({ "route": "GET /v1.0/users", "effect": { "kind": "tooManyRequests", "retryAfter": 3 }, "times": 1 });
    assert_eq!(control(&visitor, Method::POST, "faults", Some(fault)).await.status, 204);
    assert_eq!(visitor.get("/v1.0/users").await.headers["retry-after"], "3");
    let wrong = json!({ "route": "/x", "effect": { "kind": "earthquake" } });
    assert_eq!(control(&visitor, Method::POST, "faults", Some(wrong)).await.status, 400);
    let several = json!([{ "route": "/a", "effect": { "kind": "cutBefore" } }, { "route": "/b", "effect": { "kind": "html" } }]);
    assert_eq!(control(&visitor, Method::POST, "faults", Some(several)).await.status, 204);
    assert_eq!(control(&visitor, Method::GET, "faults", None).await.body.as_array().map(Vec::len), Some(2));
    assert_eq!(control(&visitor, Method::DELETE, "faults", None).await.status, 204);
    assert_eq!(visitor.sim.faults(), []);

    let requests = control(&visitor, Method::GET, "requests?after=1", None).await.body;
    assert_eq!(requests[0]["status"], 429);
    assert_eq!(requests[0]["fault"]["kind"], "tooManyRequests");
    assert_eq!(control(&visitor, Method::POST, "clock", Some(json!({ "seconds": 4000 }))).await.status, 200);
    assert_eq!(visitor.get("/v1.0/users").await.status, 401, "the token has expired");
    assert_eq!(control(&visitor, Method::DELETE, "requests", None).await.status, 204);
    assert_eq!(visitor.sim.requests(), []);
}

#[tokio::test]
async fn people_are_changed_from_outside() {
    let visitor = Visitor::with_people(3).await;
    let id = visitor.sim.users()[0].id;
    let group = visitor.sim.smime_group();
    let change = json!({ "displayName": "Änne Groß", "accountEnabled": false, "intuneLicensed": false });
    assert_eq!(control(&visitor, Method::PATCH, &format!("users/{id}"), Some(change)).await.status, 204);
    let user = visitor.sim.user(&id.to_string()).expect("a user");
    assert_eq!(
        (user.display_name.as_deref(), user.account_enabled, user.intune_licensed),
        (Some("Änne Groß"), false, false)
    );
    let wrong = control(&visitor, Method::PATCH, &format!("users/{id}"), Some(json!({ "colour": 1 }))).await;
    assert_eq!(wrong.status, 400);

    let newcomer = json!({
        "id": "11111111-2222-4333-8444-555555555555", "userPrincipalName": "new@nordwind.example.com", "groups": [group],
    });
    assert_eq!(control(&visitor, Method::POST, "users", Some(newcomer.clone())).await.status, 204);
    assert_eq!(control(&visitor, Method::POST, "users", Some(newcomer)).await.status, 409);
    let path = "users/new@nordwind.example.com";
    assert_eq!(control(&visitor, Method::DELETE, path, None).await.status, 204);
    assert_eq!(control(&visitor, Method::DELETE, path, None).await.status, 404);
    let restore = "users/11111111-2222-4333-8444-555555555555/restore";
    assert_eq!(control(&visitor, Method::POST, restore, None).await.status, 204);
    let member = format!("groups/{group}/members/11111111-2222-4333-8444-555555555555");
    assert_eq!(control(&visitor, Method::DELETE, &member, None).await.status, 204);
    let groups = control(&visitor, Method::GET, "groups", None).await.body.to_string();
    assert!(!groups.contains("11111111-2222"));
    assert_eq!(control(&visitor, Method::PUT, &member, None).await.status, 204);
    assert!(control(&visitor, Method::GET, "groups", None).await.body.to_string().contains("11111111-2222"));
}

#[tokio::test]
async fn devices_check_in_from_outside() {
    let visitor = Visitor::with_people(2).await;
    let user = visitor.sim.users().remove(0);
    let (body, _) = good_body(&visitor.sim, &user);
    assert_eq!(visitor.post(PFX, &body).await.status, 201);
    let report =
        control(&visitor, Method::POST, "devices/check-in", Some(json!({ "people": [user.id] }))).await;
    assert_eq!(report.body["checks"].as_array().map(Vec::len), Some(user.devices.len()));
    assert_eq!(report.body["checks"][0]["canary"], true);
    let records = control(&visitor, Method::GET, "pfx/records", None).await.body;
    assert_eq!(records[0]["user"], user.id.to_string());
    assert_eq!(
        control(&visitor, Method::GET, "pfx/created", None).await.body.as_array().map(Vec::len),
        Some(1)
    );
    let state = control(&visitor, Method::GET, "state", None).await.body;
    assert_eq!((&state["pfxRecords"], &state["pfxDuplicates"]), (&json!(1), &json!(0)));
}
