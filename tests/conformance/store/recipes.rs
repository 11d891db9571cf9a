//! Templates, authorities, recovery agents.

use model::{Kra, Span, Thumbprint};
use store::{StoreError, StoredAuthority};

use super::Database;
use super::sample::{NOW, authority, id, template, thumbprint};

pub async fn a_template_is_found_by_name_in_any_letter_case(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.templates().add(&template(1, "Büro S/MIME"), "susi", NOW).await.unwrap();
    work.templates().add(&template(2, "Anmeldung"), "susi", NOW).await.unwrap();
    let found = work.templates().find("BÜRO s/mime").await.unwrap().unwrap();
    assert_eq!((found.template, found.version), (template(1, "Büro S/MIME"), 1));
    assert_eq!((found.changed_by.as_str(), found.changed_at), ("susi", NOW));
    let names: Vec<String> =
        work.templates().list().await.unwrap().into_iter().map(|one| one.template.name).collect();
    assert_eq!(names, ["Anmeldung", "Büro S/MIME"]);
    let taken = work.templates().add(&template(3, "büro s/mime"), "susi", NOW).await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict { .. }), "{taken}");
}

pub async fn a_template_read_earlier_does_not_overwrite_a_newer_one(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.templates().add(&template(1, "S/MIME"), "susi", NOW).await.unwrap();
    let mut changed = template(1, "S/MIME 2");
    changed.renew_before_days = 40;
    work.templates().set(&changed, 1, "otto", NOW + Span::days(1)).await.unwrap();
    let late = work.templates().set(&template(1, "S/MIME"), 1, "susi", NOW).await.unwrap_err();
    assert!(matches!(late, StoreError::Stale { .. }), "{late}");

    let found = work.templates().lookup(id(1)).await.unwrap().unwrap();
    assert_eq!((found.template, found.version), (changed, 2));
    assert_eq!((found.changed_by.as_str(), found.changed_at), ("otto", NOW + Span::days(1)));
    assert!(work.templates().find("s/mime").await.unwrap().is_none());
}

pub async fn an_authority_keeps_its_sealed_secrets(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let sealed = StoredAuthority { sealed_secrets: Some(vec![7; 900]), ..authority(1, "Inside") };
    work.authorities().add(&sealed).await.unwrap();
    work.authorities().add(&authority(2, "another")).await.unwrap();
    let taken = work.authorities().add(&authority(3, "INSIDE")).await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict { .. }), "{taken}");
    assert_eq!(work.authorities().sealed(id(1)).await.unwrap(), sealed.sealed_secrets);
    assert_eq!(work.authorities().sealed(id(2)).await.unwrap(), None);
    let sealed = StoredAuthority { sealed_secrets: None, ..sealed };
    assert_eq!(work.authorities().find("inside").await.unwrap(), Some(sealed.clone()));
    assert_eq!(work.authorities().lookup(id(2)).await.unwrap(), Some(authority(2, "another")));
    assert_eq!(work.authorities().list().await.unwrap(), [authority(2, "another"), sealed]);
}

pub async fn a_recovery_agent_is_known_once_and_can_be_taken_out(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let agent = |number: u128, name: &str| Kra {
        thumbprint: thumbprint(number),
        name: name.to_owned(),
        certificate_der: vec![48; 1_200],
        not_after: NOW + Span::days(900),
        added_at: NOW - Span::days(i64::try_from(number).unwrap()),
    };
    work.kras().add(&agent(1, "younger")).await.unwrap();
    work.kras().add(&agent(2, "older")).await.unwrap();
    let known = work.kras().add(&agent(1, "again")).await.unwrap_err();
    assert!(matches!(known, StoreError::Conflict { .. }), "{known}");
    assert_eq!(work.kras().list().await.unwrap(), [agent(2, "older"), agent(1, "younger")]);
    assert!(work.kras().remove(thumbprint(2)).await.unwrap());
    assert!(!work.kras().remove(Thumbprint::new([9; 20])).await.unwrap());
    assert_eq!(work.kras().list().await.unwrap(), [agent(1, "younger")]);
}
