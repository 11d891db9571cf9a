//! How certificates stand at their authority, asked by command: revoked behind the product's back, on hold and off it again.

use model::{RevocationReason, Span};
use serde_json::Value;
use sim::{SimOptions, Tenant};
use store::{CertificateFilter, CertificateOrder, PageRequest, RevokedEntry, Store as _};

use crate::world::{Pace, World};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_authority_says_of_a_certificate_is_asked_and_told() {
    let tenant = Tenant::invent().people(2).mailboxes(0).build();
    let world = World::with(SimOptions::new(tenant), &Pace::default()).await;
    world.json(&["apply"]).await;
    let mut work = world.store.read().await.unwrap();
    let (filter, order) = (CertificateFilter::default(), CertificateOrder::Newest);
    let page = work.certificates().list(&filter, order, &PageRequest::first(9)).await.unwrap();
    drop(work);
    let (one, other) = (&page.rows[0].certificate, &page.rows[1].certificate);
    let (thumbprint, beside) = (one.thumbprint.to_string(), other.thumbprint.to_string());
    let refresh = async |wanted: &[&str]| {
        let told = world.run_json(&[&["certificate", "refresh"], wanted].concat()).await;
        (told.code.unwrap(), told.json())
    };
    let (code, told) = refresh(&[&thumbprint, &beside]).await;
    assert_eq!(code, 0, "{told}");
    let first = &told["certificates"][0];
    assert_eq!((&first["source"], &first["difference"]), (&Value::from("authority"), &Value::Null));
    let asked_at = first["checkedAt"].as_str().unwrap().to_owned();
    let shown = world.json(&["certificate", "show", &thumbprint]).await;
    assert_eq!(shown["line"]["checkedAt"].as_str(), Some(asked_at.as_str()), "{shown}");

    // On hold by order, and off it: both sides say the same.
    world.json(&["certificate", "hold", &thumbprint]).await;
    let (code, told) = refresh(&[&thumbprint]).await;
    assert_eq!((code, told["certificates"][0]["state"].as_str()), (0, Some("held")), "{told}");
    world.json(&["certificate", "release", &thumbprint]).await;
    let (code, told) = refresh(&[&thumbprint]).await;
    assert_eq!((code, told["certificates"][0]["state"].as_str()), (0, Some("valid")), "{told}");

    // Somebody revokes the certificate in the authority's books.
    let entry = RevokedEntry {
        serial: one.serial.clone(),
        revoked_at: one.not_before + Span::minutes(1),
        reason: RevocationReason::KeyCompromise,
    };
    let mut work = world.store.begin().await.unwrap();
    work.ledger().revoke(one.authority, &entry).await.unwrap();
    work.commit().await.unwrap();
    let (code, told) = refresh(&[&thumbprint, &beside]).await;
    assert_eq!(code, 3, "{told}");
    let difference = told["certificates"][0]["difference"].as_str().unwrap();
    assert!(difference.contains("keyCompromise") && difference.contains("counts as good here"), "{told}");
    assert_eq!(told["certificates"][1]["difference"], Value::Null);

    // Two readings of all make a finding of it; a plan takes it over.
    let (code, told) = refresh(&["--all"]).await;
    assert_eq!((code, &told["open"], &told["seenOnce"]), (3, &Value::from(0), &Value::from(1)), "{told}");
    let (code, told) = refresh(&["--all"]).await;
    assert_eq!((code, &told["open"], &told["seenOnce"]), (3, &Value::from(1), &Value::from(0)), "{told}");
    world.json(&["drift", "repair", "--all"]).await;
    let (code, told) = refresh(&[&thumbprint]).await;
    assert_eq!((code, told["certificates"][0]["state"].as_str()), (0, Some("revoked")), "{told}");
}
