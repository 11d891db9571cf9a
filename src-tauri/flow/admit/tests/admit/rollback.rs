//! Who writes the database, or keeps old copies of it, cannot bring an older secret back, nor one of another fleet.

use admit::{AdmitError, context};
use crypto::open::open_bound;
use crypto::seal::seal_bound;
use model::Span;
use store::StoredSecret;

use crate::world::{Home, World, about, installation};

impl World {
    /// What the envelope of a secret holds, as an installation opens it.
    async fn content(&self, name: &str, number: usize) -> Vec<u8> {
        let one = installation(number);
        let sealed = self.sealed(name).await.sealed;
        open_bound(&context::secret(name), &sealed, &one.key, &one.certificate).unwrap().to_vec()
    }

    /// What somebody does who writes the database and has everybody's public half.
    async fn plant(&self, name: &str, content: &[u8], homes: &[Home]) {
        let to: Vec<_> = homes.iter().map(|home| home.installation.certificate.clone()).collect();
        let sealed = seal_bound(&context::secret(name), content, &to).unwrap();
        self.put_raw(&StoredSecret { sealed, ..self.sealed(name).await }).await;
    }
}

async fn opened(home: &Home) -> Vec<u8> {
    home.gate.open_secret("tenant").await.unwrap().unwrap().to_vec()
}

async fn refuses_as_older(home: &Home) {
    let refused = home.gate.open_secret("tenant").await.unwrap_err();
    assert!(matches!(refused, AdmitError::Older { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains("older") && text.contains("write it anew"), "it says what to do: {text}");
}

#[tokio::test]
async fn who_has_seen_a_secret_refuses_an_older_one() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"old").await.unwrap();
    let old = world.sealed("tenant").await;
    homes[0].gate.put_secret("tenant", b"new").await.unwrap();
    assert_eq!(opened(&homes[1]).await, b"new");
    world.put_raw(&old).await;
    // Who wrote the newer one, who opened it, and each of their programs that starts later.
    for number in [0, 1] {
        refuses_as_older(&homes[number]).await;
        refuses_as_older(&world.home(number)).await;
    }
    // The right one is back.
    homes[0].gate.put_secret("tenant", b"new").await.unwrap();
    assert_eq!(opened(&homes[1]).await, b"new");
}

#[tokio::test]
async fn a_newcomer_begins_with_what_it_sees_first() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    homes[0].gate.put_secret("tenant", b"old").await.unwrap();
    let old = world.content("tenant", 0).await;
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    homes[0].gate.put_secret("tenant", b"new").await.unwrap();
    homes[0].gate.admit(second.id(), second.fingerprint()).await.unwrap();
    let both = world.fleet(2).await;
    world.plant("tenant", &old, &both).await;
    assert_eq!(opened(&second).await, b"old", "it cannot know better");
    homes[0].gate.put_secret("tenant", b"newest").await.unwrap();
    assert_eq!(opened(&second).await, b"newest");
    world.plant("tenant", &old, &both).await;
    refuses_as_older(&second).await;
}

#[tokio::test]
async fn after_an_older_backup_anybody_who_writes_it_anew_is_believed_by_all() {
    let world = World::new().await;
    let homes = world.fleet(3).await;
    homes[0].gate.put_secret("tenant", b"1").await.unwrap();
    let backup = world.sealed("tenant").await;
    assert_eq!(opened(&homes[2]).await, b"1");
    for later in [b"2", b"3", b"4"] {
        homes[0].gate.put_secret("tenant", later).await.unwrap();
        assert_eq!(opened(&homes[1]).await, later);
    }
    world.put_raw(&backup).await;
    refuses_as_older(&homes[1]).await;
    // One that was away meanwhile and has seen none of the later ones.
    world.clock.advance(Span::seconds(60));
    homes[2].gate.put_secret("tenant", b"anew").await.unwrap();
    for home in &homes {
        assert_eq!(opened(home).await, b"anew");
    }
}

#[tokio::test]
async fn a_clock_that_goes_wrong_does_not_turn_the_order_round() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    world.clock.advance(Span::seconds(86_400 * 365));
    homes[0].gate.put_secret("tenant", b"tomorrow").await.unwrap();
    let old = world.sealed("tenant").await;
    world.clock.set(model::Timestamp::from_seconds(0));
    homes[1].gate.put_secret("tenant", b"now").await.unwrap();
    assert_eq!(opened(&homes[0]).await, b"now");
    world.put_raw(&old).await;
    refuses_as_older(&homes[0]).await;
}

#[tokio::test]
async fn what_was_taken_away_does_not_come_back_once_it_was_written_anew() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"old").await.unwrap();
    let old = world.sealed("tenant").await;
    assert_eq!(opened(&homes[1]).await, b"old");
    assert!(homes[0].gate.remove_secret("tenant").await.unwrap());
    homes[1].gate.put_secret("tenant", b"new").await.unwrap();
    assert_eq!(opened(&homes[0]).await, b"new");
    world.put_raw(&old).await;
    refuses_as_older(&homes[0]).await;
    refuses_as_older(&homes[1]).await;
}

#[tokio::test]
async fn sealing_again_keeps_what_was_signed_and_its_number() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[1].gate.put_secret("tenant", b"x").await.unwrap();
    let (sealed, content) = (world.sealed("tenant").await, world.content("tenant", 0).await);
    let third = world.home(2);
    third.gate.ask(&about(2), Some(homes[0].fingerprint())).await.unwrap();
    homes[0].gate.admit(third.id(), third.fingerprint()).await.unwrap();
    assert_ne!(world.sealed("tenant").await.sealed, sealed.sealed);
    assert_eq!(world.content("tenant", 2).await, content);
    assert_eq!(opened(&third).await, b"x");
}

#[tokio::test]
async fn a_number_that_nobody_signed_is_not_believed() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    let content = world.content("tenant", 0).await;
    let number = content.iter().position(|octet| *octet == 0).unwrap() + 1;
    for place in number..number + 8 {
        let mut changed = content.clone();
        changed[place] ^= 1;
        world.plant("tenant", &changed, &homes).await;
        let refused = homes[1].gate.open_secret("tenant").await.unwrap_err();
        assert!(matches!(refused, AdmitError::Unvouched { .. }), "{refused}");
    }
    world.plant("tenant", &content, &homes).await;
    assert_eq!(opened(&homes[1]).await, b"x");
}

#[tokio::test]
async fn a_member_cannot_use_the_numbers_up() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    let sealed = world.sealed("tenant").await;
    // A member whose clock, or whose malice, is at the end of the year 9999.
    world.clock.set(model::Timestamp::from_seconds(253_402_300_799));
    world.home(1).gate.put_secret("tenant", b"last").await.unwrap();
    world.clock.set(model::Timestamp::from_seconds(1_800_000_000));
    let refused = homes[0].gate.open_secret("tenant").await.unwrap_err();
    assert!(matches!(refused, AdmitError::Unvouched { .. }), "{refused}");
    homes[0].gate.put_secret("tenant", b"y").await.unwrap();
    assert_eq!(opened(&homes[0]).await, b"y");
    world.put_raw(&sealed).await;
    refuses_as_older(&homes[0]).await;
}

#[tokio::test]
async fn what_an_installation_signed_for_another_fleet_is_worth_nothing_here() {
    let (here, there) = (World::new().await, World::new().await);
    let homes = here.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"ours").await.unwrap();
    // Installation 1 is in another fleet too, which it founded, and shares a tenant there.
    let other = there.home(1);
    other.gate.enter(&about(1), true).await.unwrap();
    there.clock.advance(Span::seconds(60));
    other.gate.put_secret("tenant", b"theirs").await.unwrap();
    let transplanted = there.content("tenant", 1).await;
    here.plant("tenant", &transplanted, &homes).await;
    for home in &homes {
        let refused = home.gate.open_secret("tenant").await.unwrap_err();
        assert!(matches!(refused, AdmitError::Unvouched { .. }), "{refused}");
    }
    assert_eq!(opened(&other).await, b"theirs");
}

#[tokio::test]
async fn each_fleet_and_each_secret_is_counted_for_itself() {
    let (here, there) = (World::new().await, World::new().await);
    let first = here.fleet(1).await.remove(0);
    for secret in [b"1", b"2"] {
        first.gate.put_secret("tenant", secret).await.unwrap();
    }
    let newer = here.sealed("tenant").await;
    // The home goes to another fleet, where the numbers are lower, and comes back.
    let founder = there.home(2);
    founder.gate.enter(&about(2), true).await.unwrap();
    let guest = there.home(0);
    guest.gate.ask(&about(0), Some(founder.fingerprint())).await.unwrap();
    founder.gate.admit(guest.id(), guest.fingerprint()).await.unwrap();
    there.clock.set(model::Timestamp::from_seconds(1));
    founder.gate.put_secret("tenant", b"there").await.unwrap();
    std::fs::copy(first.seen(), guest.seen()).unwrap();
    assert_eq!(opened(&guest).await, b"there");
    std::fs::copy(guest.seen(), first.seen()).unwrap();
    here.clock.set(model::Timestamp::from_seconds(1));
    first.gate.put_secret("smtp", b"low number").await.unwrap();
    first.gate.open_secret("smtp").await.unwrap().unwrap();
    assert_eq!(opened(&first).await, b"2");
    first.gate.put_secret("tenant", b"3").await.unwrap();
    here.put_raw(&newer).await;
    refuses_as_older(&first).await;
}

#[tokio::test]
async fn a_damaged_file_of_what_was_seen_is_not_taken_for_none() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    for damage in ["", "[]", "{\"00\":{\"tenant\":1}}", "{\"tenant\":1}"] {
        std::fs::write(homes[0].seen(), damage).unwrap();
        for refused in [
            homes[0].gate.open_secret("tenant").await.map(drop),
            homes[0].gate.put_secret("tenant", b"y").await,
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, AdmitError::Pin { .. }), "{refused}");
            assert!(refused.to_string().contains("restore it from a backup"), "{refused}");
        }
        assert_eq!(std::fs::read_to_string(homes[0].seen()).unwrap(), damage, "left as it was found");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_seen_lies_in_files_of_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    let homes = world.fleet(1).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    for file in [homes[0].pin.clone(), homes[0].seen()] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}
