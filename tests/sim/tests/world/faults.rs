//! Ordered faults: what the client sees, and what happened behind it.

use std::time::{Duration, Instant};

use reqwest::Method;
use sim::{Fault, FaultEffect, SimOptions, Tenant};

use crate::forge::good_body;
use crate::visitor::{Answer, PFX, Visitor};

#[tokio::test]
async fn refusals_come_as_ordered_and_so_many_times() {
    let visitor = Visitor::with_people(2).await;
    let sim = &visitor.sim;
    sim.add_fault(Fault::once("GET /v1.0/users", FaultEffect::TooManyRequests { retry_after: Some(7) }));
    sim.add_fault(Fault::once("GET /v1.0/users", FaultEffect::TooManyRequests { retry_after: None }));
    sim.add_fault(Fault::once("/v1.0/*", FaultEffect::Unavailable { retry_after: None }).times(2));
    sim.add_fault(Fault::once("/v1.0/*", FaultEffect::Unauthorized));
    sim.add_fault(Fault::once("/v1.0/users", FaultEffect::Status { status: 504 }));
    let limited = visitor.get("/v1.0/users").await;
    assert_eq!((limited.status.as_u16(), limited.headers["retry-after"].to_str().ok()), (429, Some("7")));
    let limited = visitor.get("/v1.0/users").await;
    assert_eq!((limited.status.as_u16(), limited.headers.get("retry-after")), (429, None));
    for status in [503, 503, 401, 504, 200] {
        assert_eq!(visitor.get("/v1.0/users").await.status.as_u16(), status);
    }
    assert_eq!(sim.faults(), []);
    let statuses: Vec<u16> = sim
        .requests()
        .iter()
        .filter(|request| request.path == "/v1.0/users")
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [429, 429, 503, 503, 401, 504, 200]);
}

#[tokio::test]
async fn a_lost_answer_has_its_effect_and_a_cut_before_has_none() {
    let visitor = Visitor::with_people(1).await;
    let (body, _) = good_body(&visitor.sim, &visitor.sim.users()[0]);
    let post = || visitor.request(Method::POST, PFX).json(&body).send();

    visitor.sim.add_fault(Fault::once(&format!("POST {PFX}"), FaultEffect::CutBefore));
    assert!(post().await.is_err());
    assert_eq!(visitor.sim.pfx_records().len(), 0);

    visitor.sim.add_fault(Fault::once(&format!("POST {PFX}"), FaultEffect::LostAnswer));
    assert!(post().await.is_err());
    assert_eq!(visitor.sim.pfx_records().len(), 1);
    assert_eq!(post().await.expect("an answer").status(), 409);
    let statuses: Vec<u16> = visitor
        .sim
        .requests()
        .iter()
        .filter(|request| request.path == PFX)
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [0, 0, 409]);
}

#[tokio::test]
async fn answers_can_be_late_slow_halved_or_html() {
    let visitor = Visitor::with_people(5).await;
    let add = |effect| visitor.sim.add_fault(Fault::once("/v1.0/users", effect));

    add(FaultEffect::Delay { millis: 300 });
    let started = Instant::now();
    assert_eq!(visitor.get("/v1.0/users").await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(300));

    add(FaultEffect::SlowBody { millis: 2_000 });
    let started = Instant::now();
    let response = visitor.request(Method::GET, "/v1.0/users").send().await.expect("a head");
    assert!(started.elapsed() < Duration::from_millis(1_500), "the head comes at once");
    assert_eq!(Answer::of(response).await.items().len(), 6);
    assert!(started.elapsed() >= Duration::from_millis(1_900));

    add(FaultEffect::TruncatedBody);
    let response = visitor.request(Method::GET, "/v1.0/users").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let text = response.text().await.expect("a complete HTTP body");
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());

    add(FaultEffect::Html);
    let response = visitor.request(Method::GET, "/v1.0/users").send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].to_str().ok()),
        (200, Some("text/html; charset=utf-8"))
    );
}

#[tokio::test]
async fn pages_can_lose_their_end_or_repeat_items() {
    let visitor = Visitor::enter(SimOptions::new(Tenant::invent().people(10).build()).with_pages_of(4)).await;
    let add = |effect| visitor.sim.add_fault(Fault::once("/v1.0/users", effect));
    add(FaultEffect::TruncatedPage);
    let page = visitor.get("/v1.0/users?$select=id").await;
    assert_eq!((page.items().len(), page.body.get("@odata.nextLink")), (2, None));

    add(FaultEffect::RepeatedItems);
    let page = visitor.get("/v1.0/users?$select=id").await;
    assert_eq!(page.items().len(), 5);
    let distinct: std::collections::BTreeSet<String> = page.items().iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 4);
    assert!(page.body["@odata.nextLink"].is_string());
}

#[tokio::test]
async fn intune_can_refuse_opaquely_and_delta_can_be_gone() {
    let visitor = Visitor::with_people(1).await;
    let (body, _) = good_body(&visitor.sim, &visitor.sim.users()[0]);
    visitor.sim.add_fault(Fault::once(&format!("POST {PFX}"), FaultEffect::OpaqueBadRequest));
    let refused = visitor.post(PFX, &body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"]["message"].as_str().is_some_and(|message| message.starts_with("{\r\n")));
    assert_eq!(visitor.sim.pfx_records().len(), 0);

    visitor.sim.add_fault(Fault::once("/v1.0/users/delta", FaultEffect::Gone));
    let gone = visitor.get("/v1.0/users/delta").await;
    assert_eq!(gone.status, 410);
    let again = visitor.get(gone.headers["location"].to_str().expect("text")).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn latency_is_waited_and_the_memory_can_be_cleared() {
    let options =
        SimOptions::new(Tenant::invent().people(1).build()).with_latency(Duration::from_millis(120));
    let visitor = Visitor::enter(options).await;
    let started = Instant::now();
    visitor.get("/v1.0/users").await;
    assert!(started.elapsed() >= Duration::from_millis(120));
    assert_eq!(visitor.sim.requests().len(), 2);
    visitor.sim.clear_requests();
    assert_eq!((visitor.sim.requests().len(), visitor.sim.request_count()), (0, 2));
}

#[tokio::test]
async fn the_simulator_refuses_to_listen_outside_loopback_and_stops_when_told() {
    let mut options = SimOptions::new(Tenant::invent().people(1).build());
    options.bind = "0.0.0.0:0".parse().expect("an address");
    assert!(matches!(sim::Sim::start(options).await, Err(sim::SimError::NotLoopback(_))));

    let visitor = Visitor::with_people(1).await;
    visitor.sim.stop().await;
    assert!(visitor.request(Method::GET, "/v1.0/users").send().await.is_err());
}
