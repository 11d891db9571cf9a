//! From the package to an opened PKCS#12 on every device of the person.

use std::sync::Arc;

use crypto::ConnectorKey;
use intune::{IntuneDelivery, Settings};
use model::{IntendedPurpose, KeyAlgorithm, SystemClock, Timestamp};
use ports::DeliveryDoor as _;
use sim::{DuplicatePfx, SimOptions, Tenant, User};
use uuid::Uuid;

use crate::world::{World, door, graph, package, package_of, settings, world, world_with};

#[tokio::test]
async fn the_check_reads_and_names_the_connectors_key() {
    let world = world().await;
    let told = world.door.check().await.unwrap();
    let key = ConnectorKey::read(world.sim.connector_public_key_pem().as_bytes()).unwrap();
    assert!(told.contains(&key.fingerprint()) && told.contains("PFXEncryptionKey"), "{told}");
    assert_eq!((world.asked("GET"), world.asked("POST")), (1, 0));
}

#[tokio::test]
async fn a_delivered_certificate_opens_on_every_device_and_reads_mail() {
    let world = world().await;
    let person = world.person();
    let package = package_of(&person, KeyAlgorithm::Rsa2048);
    let record = world.door.deliver(&package).await.unwrap();

    assert_eq!(record.id, format!("{}-{}", person.id.simple(), package.thumbprint));
    let report = world.sim.devices_of(&[person.id]).await.unwrap();
    assert_eq!(report.opened(), person.devices.len());
    assert_eq!(report.canaries_decrypted(), person.devices.len());
    let found = world.door.find(&person.user_principal_name, package.thumbprint).await.unwrap();
    assert_eq!(found, Some(record));
}

#[tokio::test]
async fn the_record_carries_what_the_protocol_asks_for() {
    let world = world().await;
    let person = world.person();
    let mut package = package(&person);
    package.intended_purpose = IntendedPurpose::SmimeSigning;
    world.door.deliver(&package).await.unwrap();
    package.intended_purpose = IntendedPurpose::Unassigned;
    let other =
        world.sim.users().into_iter().find(|user| user.account_enabled && user.id != person.id).unwrap();
    package.user_principal_name = other.user_principal_name.clone();
    world.door.deliver(&package).await.unwrap();

    let records = world.sim.pfx_records();
    let record = records.iter().find(|record| record.user == person.id).unwrap();
    assert_eq!(record.thumbprint, package.thumbprint.to_string());
    assert_eq!(record.pfx, *package.pfx);
    assert_eq!(record.encrypted_password.len(), 256);
    assert_eq!(record.padding_scheme, "oaepSha512");
    assert_eq!(record.provider_name, "Microsoft Software Key Storage Provider");
    assert_eq!(record.key_name, "PFXEncryptionKey");
    assert_eq!(record.intended_purpose, "smimeSigning");
    assert_eq!(record.start.to_string(), package.not_before.to_string());
    assert_eq!(record.expiration.to_string(), package.not_after.to_string());
    assert_eq!(records.iter().find(|record| record.user == other.id).unwrap().intended_purpose, "unassigned");
}

#[tokio::test]
async fn a_name_with_an_apostrophe_is_delivered_and_found() {
    let world = world().await;
    let user = User::new(Uuid::from_u128(1), "Pat.O'Neil+x@nordwind.example.com");
    world.sim.add_user(user.clone(), &[]).unwrap();
    let package = package(&user);
    let record = world.door.deliver(&package).await.unwrap();
    let found = world.door.find("pat.o'neil+x@NORDWIND.example.com", package.thumbprint).await.unwrap();
    assert_eq!(found, Some(record));
}

#[tokio::test]
async fn a_renewed_certificate_stands_beside_the_old_one() {
    let world = world().await;
    let person = world.person();
    world.door.deliver(&package(&person)).await.unwrap();
    world.door.deliver(&package(&person)).await.unwrap();
    assert_eq!(world.sim.pfx_records().len(), 2);
    assert_eq!(world.asked("PATCH"), 0);
}

#[tokio::test]
async fn a_record_that_is_there_already_counts_as_delivered() {
    for duplicate in [DuplicatePfx::Conflict, DuplicatePfx::BadRequest, DuplicatePfx::Replace] {
        let world = world_with(duplicate).await;
        let package = package(&world.person());
        let first = world.door.deliver(&package).await.unwrap();
        let again = world.door.deliver(&package).await.unwrap();
        assert_eq!(first, again, "{duplicate:?}");
        assert_eq!(world.sim.pfx_records().len(), 1);
    }
}

#[tokio::test]
async fn writes_keep_the_pace_of_the_settings() {
    let sim = sim::Sim::start(SimOptions::new(Tenant::invent().people(1).build())).await.unwrap();
    let door = door(&sim, Some(5.0));
    let person = sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    let packages: Vec<_> = (0..4).map(|_| package(&person)).collect();
    let started = std::time::Instant::now();
    let mut sent = Vec::new();
    for package in &packages {
        sent.push(door.deliver(package).await.unwrap());
    }
    assert!(started.elapsed().as_millis() >= 600, "{:?}", started.elapsed());
    assert_eq!(sim.pfx_records().len(), 4);
}

#[tokio::test]
async fn a_key_of_another_connector_is_found_out_on_the_device_only() {
    let World { sim, .. } = world().await;
    let stranger = world().await;
    let door = IntuneDelivery::new(graph(&sim), Arc::new(SystemClock), settings(&stranger.sim)).unwrap();
    let person = sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    door.deliver(&package(&person)).await.unwrap();
    let report = sim.devices_of(&[person.id]).await.unwrap();
    assert_eq!(report.opened(), 0, "this is why the check shows the key's fingerprint");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let world = world().await;
    let refused = |edit: fn(&mut Settings)| {
        let mut settings = settings(&world.sim);
        edit(&mut settings);
        IntuneDelivery::new(graph(&world.sim), Arc::new(SystemClock), settings).map(drop).unwrap_err().setting
    };
    assert_eq!(refused(|settings| settings.connectors.default.key_name = " ".to_owned()), "key_name");
    assert_eq!(refused(|settings| settings.connectors.default.provider_name.clear()), "provider_name");
    assert_eq!(refused(|settings| settings.writes_per_second = Some(0.0)), "writes_per_second");
}

#[tokio::test]
async fn an_old_certificate_is_delivered_too_for_the_sake_of_old_mail() {
    let world = world().await;
    let package = package(&world.person());
    world.sim.advance(std::time::Duration::from_hours(3 * 365 * 24));
    let now: Timestamp = world.sim.now().to_string().parse().unwrap();
    assert!(package.not_after < now);
    world.door.deliver(&package).await.unwrap();
}

#[tokio::test]
async fn a_template_may_name_a_connector_of_its_own() {
    let World { sim, .. } = world().await;
    let stranger = world().await;
    let mut settings = settings(&sim);
    let mut other = self::settings(&stranger.sim).connectors.default;
    other.key_name = "Munich".to_owned();
    settings.connectors.further.insert("munich".to_owned(), other);
    let door = IntuneDelivery::new(graph(&sim), Arc::new(SystemClock), settings).unwrap();
    let told = door.check().await.unwrap();
    assert!(told.contains("PFXEncryptionKey") && told.contains("`Munich`"), "{told}");

    let person = sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    let (usual, mut named, mut unknown) = (package(&person), package(&person), package(&person));
    named.connector = Some("munich".to_owned());
    unknown.connector = Some("hamburg".to_owned());
    door.deliver(&usual).await.unwrap();
    door.deliver(&named).await.unwrap();
    let error = door.deliver(&unknown).await.unwrap_err();
    assert_eq!(error.disposition(), ports::Disposition::Operator);
    assert!(error.to_string().contains("--name hamburg"), "{error}");

    let records = sim.pfx_records();
    assert_eq!(records.len(), 2);
    let of = |package: &ports::Package| {
        records.iter().find(|record| record.thumbprint == package.thumbprint.to_string()).unwrap()
    };
    assert_eq!(of(&usual).key_name, "PFXEncryptionKey");
    assert_eq!(of(&named).key_name, "Munich");
    let report = sim.devices_of(&[person.id]).await.unwrap();
    assert_eq!(report.opened(), person.devices.len(), "this connector's servers open what is theirs");
}

#[tokio::test]
async fn the_line_of_the_self_test_has_six_parts() {
    let world = world().await;
    let mut connector = settings(&world.sim).connectors.default;
    let line = connector.self_test("TestSecret42").unwrap();
    let parts: Vec<&str> = line.split(':').collect();
    assert_eq!(parts.len(), 6, "{line}");
    assert_eq!(
        (parts[0], parts[2], parts[3], parts[4], parts[5]),
        ("TestSecret42", "Microsoft Software Key Storage Provider", "PFXEncryptionKey", "SHA512", "4")
    );
    for secret in ["with:colon", "", "mit Ümlaut"] {
        assert_eq!(connector.self_test(secret).unwrap_err().setting, "secret", "{secret}");
    }
    connector.key_name = "a:b".to_owned();
    assert_eq!(connector.self_test("TestSecret42").unwrap_err().setting, "key_name");
}
