//! Packages that Intune would refuse without a reason, or that no device could open: nothing is sent.

use model::{Span, Thumbprint};
use ports::{DeliveryDoor as _, DeliveryError, Disposition, Package};
use zeroize::Zeroizing;

use crate::world::{package, world};

async fn reason(spoil: impl FnOnce(&mut Package)) -> String {
    let world = world().await;
    let mut package = package(&world.person());
    spoil(&mut package);
    let error = world.door.deliver(&package).await.unwrap_err();
    assert_eq!(world.sim.request_count(), 0, "nothing was sent, not even a login");
    assert_eq!(error.disposition(), Disposition::Reject);
    let DeliveryError::Unfit { reason, user_principal_name } = error else { panic!("{error:?}") };
    assert_eq!(user_principal_name, package.user_principal_name);
    assert!(!reason.contains(&*package.password));
    reason
}

#[tokio::test]
async fn a_missing_sign_in_name() {
    assert!(reason(|package| package.user_principal_name.clear()).await.contains("user principal name"));
}

#[tokio::test]
async fn a_wrong_password() {
    let other = Zeroizing::new("AnotherPassword1234567890".to_owned());
    assert!(reason(|package| package.password = other).await.contains("password"));
}

#[tokio::test]
async fn passwords_that_do_not_survive_the_way_to_the_device() {
    use crypto::pfx;
    use model::PfxProfile;
    let world = world().await;
    let package = package(&world.person());
    let opened = pfx::open(&package.pfx, &package.password).unwrap();
    // 126 characters are the most that RSA 2048 with OAEP and SHA-512 takes.
    for (length, fits) in [(126, true), (127, false)] {
        let password = Zeroizing::new("x".repeat(length));
        let built =
            pfx::build(&opened.key, &opened.certificate, &opened.chain, &password, PfxProfile::Modern, "n");
        let mut sent = crate::world::package(&world.person());
        sent.pfx = built.unwrap();
        sent.password = password;
        sent.thumbprint = package.thumbprint;
        match world.door.deliver(&sent).await {
            Ok(_) => assert!(fits, "{length}"),
            Err(DeliveryError::Unfit { reason, .. }) => assert!(!fits && reason.contains("126"), "{reason}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_empty_a_large_and_a_damaged_file() {
    assert!(reason(|package| package.pfx.clear()).await.contains("empty"));
    assert!(reason(|package| package.pfx.resize(20_000, 0)).await.contains("20000"));
    assert!(reason(|package| package.pfx.truncate(500)).await.contains("cut off"));
}

#[tokio::test]
async fn dates_that_are_not_those_of_the_certificate() {
    assert!(reason(|package| package.not_after = package.not_before).await.contains("before it begins"));
    assert!(
        reason(|package| package.not_after = package.not_after + Span::days(1))
            .await
            .contains("is valid from")
    );
}

#[tokio::test]
async fn a_thumbprint_of_another_certificate() {
    let text = reason(|package| package.thumbprint = Thumbprint::new([7; 20])).await;
    assert!(text.contains("0707070707"), "{text}");
}

#[tokio::test]
async fn a_certificate_that_may_not_be_used_for_the_purpose() {
    use model::names::Profile;
    use model::{IntendedPurpose, KeyAlgorithm};
    let world = world().await;
    let person = world.person();
    // Keys for signing in sign and never decrypt; both kinds of mail keys do both.
    for (algorithm, profile, decrypts) in [
        (KeyAlgorithm::P256, Profile::ClientAuth, false),
        (KeyAlgorithm::P256, Profile::SmimeMailbox, true),
        (KeyAlgorithm::Rsa2048, Profile::SmimeMailbox, true),
    ] {
        for intended in
            [IntendedPurpose::SmimeEncryption, IntendedPurpose::SmimeSigning, IntendedPurpose::Unassigned]
        {
            let mut sent = crate::world::package_as(&person, algorithm, profile);
            sent.intended_purpose = intended;
            let allowed = decrypts || intended != IntendedPurpose::SmimeEncryption;
            match world.door.deliver(&sent).await {
                Ok(_) => assert!(allowed, "{profile:?} {intended:?}"),
                Err(DeliveryError::Unfit { reason, .. }) => {
                    assert!(!allowed && reason.contains("may not be used to decrypt mail"), "{reason}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}
