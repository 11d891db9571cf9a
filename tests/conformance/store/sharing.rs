//! What installations share: who they are, the admission log, settings, sealed secrets.

use model::Span;
use store::{AdmissionEntry, StoreError, StoredInstallation, StoredSecret};

use super::Database;
use super::sample::{NOW, id, kra_set, kra_set_signature};

fn installation(number: u128) -> StoredInstallation {
    StoredInstallation {
        id: id(number),
        name: format!("Büro {number}"),
        certificate_der: vec![48; 900],
        asked_at: NOW + Span::minutes(i64::try_from(number).unwrap()),
        seen_at: NOW,
        version: "0.1.0".to_owned(),
        role: "console".to_owned(),
    }
}

fn entry(seq: i64) -> AdmissionEntry {
    AdmissionEntry { seq, body: format!("{{\"seq\":{seq},\"name\":\"Büro\"}}"), signature: vec![7; 384] }
}

pub async fn installations_are_listed_as_they_asked_and_say_that_they_are_there(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in [2, 1] {
        work.installations().set(&installation(number)).await.unwrap();
    }
    work.installations().mark_seen(id(1), "0.2.0", "daemon", NOW + Span::days(1)).await.unwrap();
    work.installations().mark_seen(id(9), "0.2.0", "daemon", NOW).await.unwrap();
    let seen = StoredInstallation {
        seen_at: NOW + Span::days(1),
        version: "0.2.0".to_owned(),
        role: "daemon".to_owned(),
        ..installation(1)
    };
    assert_eq!(work.installations().list().await.unwrap(), [seen, installation(2)]);
    work.installations().set(&installation(1)).await.unwrap();
    assert_eq!(work.installations().list().await.unwrap(), [installation(1), installation(2)]);
    assert!(work.installations().remove(id(2)).await.unwrap());
    assert!(!work.installations().remove(id(2)).await.unwrap());
}

pub async fn a_position_of_the_admission_log_is_taken_once(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for seq in [1, 2] {
        work.installations().add_admission(&entry(seq)).await.unwrap();
    }
    let late = work.installations().add_admission(&entry(2)).await.unwrap_err();
    assert!(matches!(late, StoreError::Stale { .. }), "{late}");
    assert_eq!(work.installations().admissions().await.unwrap(), [entry(1), entry(2)]);
    work.commit().await.unwrap();
    for sql in ["UPDATE admission SET body = 'x' WHERE seq = 1", "DELETE FROM admission WHERE seq = 2"] {
        assert!(database.execute(sql, false).await.is_err(), "{sql}");
    }
}

pub async fn sets_of_recovery_agents_and_their_signatures_only_grow(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for version in [2, 1] {
        work.kra_sets().add_version(&kra_set(version)).await.unwrap();
        work.kra_sets().add_signature(&kra_set_signature(version, 1)).await.unwrap();
    }
    work.kra_sets().add_signature(&kra_set_signature(1, 2)).await.unwrap();
    let again = work.kra_sets().add_version(&kra_set(1)).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { .. }), "{again}");
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let again = work.kra_sets().add_signature(&kra_set_signature(1, 2)).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { .. }), "{again}");
    drop(work);
    let mut work = store.read().await.unwrap();
    assert_eq!(work.kra_sets().versions().await.unwrap(), [kra_set(1), kra_set(2)]);
    let mut signatures = work.kra_sets().signatures().await.unwrap();
    signatures.sort_by_key(|one| (one.set, one.officer));
    let expected = [(1, 1), (1, 2), (2, 1)].map(|(set, officer)| kra_set_signature(set, officer));
    assert_eq!(signatures, expected);
    drop(work);
    for sql in [
        "UPDATE kra_set SET body = 'x' WHERE version = 1",
        "DELETE FROM kra_set WHERE version = 2",
        "UPDATE kra_set_signature SET algorithm = 'x'",
        "DELETE FROM kra_set_signature",
    ] {
        assert!(database.execute(sql, false).await.is_err(), "{sql}");
    }
}

pub async fn a_setting_read_earlier_does_not_overwrite_a_newer_one(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.settings().set("tenant", "{}", 0, "susi", NOW).await.unwrap();
    work.settings().set("tenant", "{\"a\":1}", 1, "otto", NOW + Span::days(1)).await.unwrap();
    for version in [0, 1] {
        let late = work.settings().set("tenant", "{}", version, "susi", NOW).await.unwrap_err();
        assert!(matches!(late, StoreError::Stale { .. }), "{late}");
    }
    let found = work.settings().find("tenant").await.unwrap().unwrap();
    assert_eq!((found.body.as_str(), found.version, found.changed_by.as_str()), ("{\"a\":1}", 2, "otto"));
    assert_eq!(work.settings().list().await.unwrap(), [found]);
    let late = work.settings().remove("tenant", 1).await.unwrap_err();
    assert!(matches!(late, StoreError::Stale { .. }), "{late}");
    work.settings().remove("tenant", 2).await.unwrap();
    assert_eq!(work.settings().find("tenant").await.unwrap(), None);
}

pub async fn a_secret_is_sealed_again_only_as_long_as_it_is_the_same(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let secret =
        |sealed: u8| StoredSecret { name: "smtp".to_owned(), sealed: vec![sealed; 700], sealed_at: NOW };
    work.secrets().set(&secret(1)).await.unwrap();
    assert!(!work.secrets().reseal("smtp", &[9; 700], &[3; 700], NOW).await.unwrap(), "another one by now");
    assert!(work.secrets().reseal("smtp", &[1; 700], &[2; 700], NOW).await.unwrap());
    assert_eq!(work.secrets().list().await.unwrap(), [secret(2)]);
    work.secrets().set(&secret(5)).await.unwrap();
    assert_eq!(work.secrets().find("smtp").await.unwrap(), Some(secret(5)));
    assert!(work.secrets().remove("smtp").await.unwrap());
    assert!(!work.secrets().remove("smtp").await.unwrap());
    assert_eq!(work.secrets().find("smtp").await.unwrap(), None);
}
