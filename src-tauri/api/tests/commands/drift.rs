//! What differs outside as the console shows it, and a person's word about it.

use api::{DriftLine, DriftView, ErrorCode};
use model::{DriftKind, DriftObject, DriftSide, DriftSighting, Span, Thumbprint};
use serde_json::json;
use store::Store as _;

use crate::host::World;

fn sighting(number: u8, kind: DriftKind) -> DriftSighting {
    let object = DriftObject::Record {
        id: format!("record {number}"),
        thumbprint: Thumbprint::new([number; 20]),
        user_principal_name: "susi@nordwind.example".to_owned(),
    };
    let sentence = "no certificate with this thumbprint is known here".to_owned();
    DriftSighting { side: DriftSide::Intune, kind, object, certificate: None, sentence }
}

/// Two readings: what both showed, and what the second one showed alone.
async fn read_twice(world: &World) {
    let mut work = world.fresh.begin().await.unwrap();
    let first = work.jobs().now().await.unwrap() - Span::hours(6);
    let both = [sighting(1, DriftKind::Unknown), sighting(2, DriftKind::WrongPurpose)];
    for one in &both {
        work.drift().see(one, first).await.unwrap();
    }
    work.drift().settle(DriftSide::Intune, first, 2).await.unwrap();
    let second = first + Span::hours(1);
    for one in both.iter().chain(&[sighting(3, DriftKind::Unknown)]) {
        work.drift().see(one, second).await.unwrap();
    }
    work.drift().settle(DriftSide::Intune, second, 3).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn findings_are_shown_ignored_with_a_reason_and_repaired() {
    let world = World::new().await;
    read_twice(&world).await;
    let console = world.console("susi");
    let open: DriftView = console.call("drift", json!({ "state": "open" })).await.unwrap();
    assert_eq!((open.open, open.noted, open.ignored, open.findings.len()), (2, 1, 0, 2));
    assert_eq!((open.sides.len(), open.sides[0].compared, &open.sides[0].authority), (1, 3, &None));
    assert_eq!(open.sides[0].side, "intune");
    let noted: DriftView = console.call("drift", json!({ "state": "noted" })).await.unwrap();
    assert_eq!((noted.findings.len(), &noted.findings[0].repair), (1, &None), "one reading proves nothing");
    let unknown = open.findings.iter().find(|one| one.kind == "unknown").unwrap();
    let purpose = open.findings.iter().find(|one| one.kind == "wrongPurpose").unwrap();
    assert_eq!((unknown.repair.as_deref(), purpose.repair.as_deref()), (Some("withdraw"), None));

    let refused = console.call::<DriftLine>("repair_drift", json!({ "id": purpose.id })).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPossible);
    for (id, reason) in [(&purpose.id, " "), (&purpose.id, &*"x".repeat(501))] {
        let odd = console.call::<DriftLine>("ignore_drift", json!({ "id": id, "reason": reason })).await;
        assert_eq!(odd.unwrap_err().code, ErrorCode::Invalid);
    }
    let wish = json!({ "id": purpose.id, "reason": "a test of the help desk" });
    let ignored: DriftLine = console.call("ignore_drift", wish.clone()).await.unwrap();
    assert_eq!((ignored.state.as_str(), ignored.ignored_by.as_deref()), ("ignored", Some("susi")));
    assert_eq!(console.call::<DriftLine>("ignore_drift", wish).await.unwrap_err().code, ErrorCode::Stale);
    let again: DriftLine =
        console.call("ignore_drift", json!({ "id": purpose.id, "reason": null })).await.unwrap();
    assert_eq!((again.state.as_str(), again.reason), ("open", None));

    let ordered: DriftLine = console.call("repair_drift", json!({ "id": unknown.id })).await.unwrap();
    assert!(ordered.ordered_at.is_some() && ordered.repair.is_none(), "it waits for a reading: {ordered:?}");
    let twice = console.call::<DriftLine>("repair_drift", json!({ "id": unknown.id })).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::NotPossible);
    assert_eq!(world.fresh.read().await.unwrap().jobs().count().await.unwrap(), 1);
    let odd = console.call::<DriftView>("drift", json!({ "state": "loud" })).await.unwrap_err();
    assert_eq!(odd.code, ErrorCode::Invalid);
    let nobody = json!({ "id": "0197a000-0000-7000-8000-000000000001" });
    assert_eq!(
        console.call::<DriftLine>("repair_drift", nobody).await.unwrap_err().code,
        ErrorCode::NotFound
    );
}
