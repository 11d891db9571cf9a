//! Signing in to the database with the stored password.

use store_sql::Login as _;

use super::*;
use crate::vault::VaultPassword;

async fn asked(world: &World) -> Result<String, String> {
    VaultPassword::new(Arc::new(world.vault())).secret().await.map(|secret| secret.to_string())
}

#[tokio::test]
async fn without_a_password_the_command_that_stores_one_is_named() {
    let refused = asked(&World::new()).await.unwrap_err();
    assert!(refused.contains("`sealwright database password`"), "{refused}");
}

#[tokio::test]
async fn a_changed_password_is_used_from_the_next_connection_on() {
    let world = World::settled(Place::Keyring);
    let login = VaultPassword::new(Arc::new(world.vault()));
    assert_eq!(**login.secret().await.unwrap(), *"s3cr3t");
    world.vault().put(PASSWORD, "pässwörd\u{1F511}".as_bytes()).unwrap();
    assert_eq!(**login.secret().await.unwrap(), *"pässwörd\u{1F511}");
}

#[tokio::test]
async fn a_password_from_systemd_may_end_with_a_line_break() {
    let world = World::new();
    for (given, taken) in [("a b \n", "a b "), ("pw\r\n", "pw"), ("pw\n\n", "pw\n")] {
        world.give("database-password", given.as_bytes());
        assert_eq!(asked(&world).await.unwrap(), taken);
    }
    for unfit in [b"\n".as_slice(), b"", b"\xff\xfe"] {
        world.give("database-password", unfit);
        assert!(asked(&world).await.unwrap_err().contains("store it again"));
    }
}

#[tokio::test]
async fn a_locked_keyring_is_told_to_whoever_connects() {
    let world = World::settled(Place::Keyring);
    world.ring.lock(true);
    assert!(asked(&world).await.unwrap_err().contains("locked or absent"));
}
