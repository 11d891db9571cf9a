//! A database that fails in every way at every moment: what was asked happens once, or is said not to have happened, and
//! doing it again finishes it.

use std::sync::Arc;

use admit::{AdmitError, Gate};
use support::{Failing, Faulty};

use crate::world::{World, about};

/// Lets the first, second, third … writing unit of `act` fail in every way, each time in a world of its own. Whoever gets
/// an error acts once more.
async fn whatever_fails(
    act: impl AsyncFn(&World, &Gate) -> Result<(), AdmitError>,
    check: impl AsyncFn(&World),
) {
    for how in Failing::ALL {
        for nth in 1..=10 {
            let world = World::new().await;
            let homes = world.fleet(2).await;
            world.seal_to(&homes[0].installation, 2).await;
            homes[0].gate.put_secret("tenant", b"secret").await.unwrap();
            world.home(2).gate.ask(&about(2), Some(homes[0].fingerprint())).await.unwrap();
            let faulty = Faulty::over(world.peer(0));
            faulty.fail(nth, how);
            let home = world.home_on(0, Arc::<Faulty>::clone(&faulty));
            if act(&world, &home.gate).await.is_err() {
                act(&world, &home.gate).await.unwrap();
            }
            check(&world).await;
            home.gate.reseal().await.unwrap();
            if faulty.outstanding() > 0 {
                assert!(nth > 1, "something was written");
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_installation_is_admitted_once_and_opens_everything() {
    whatever_fails(
        async |world, gate| {
            let third = world.home(2);
            gate.admit(third.id(), third.fingerprint()).await.map(drop)
        },
        async |world| {
            assert_eq!(world.log().await.len(), 3);
            let third = world.home(2);
            assert_eq!(world.opens(&third.installation).await, 3);
            assert_eq!(*third.gate.open_secret("tenant").await.unwrap().unwrap(), *b"secret");
            let admitted =
                world.audit().await.into_iter().filter(|(kind, _)| kind == "INSTALLATION_ADMITTED").count();
            assert_eq!(admitted, 3, "each of them once");
        },
    )
    .await;
}

#[tokio::test]
async fn an_installation_is_removed_once_and_opens_nothing() {
    whatever_fails(
        async |world, gate| gate.remove(world.home(1).id(), false).await.map(drop),
        async |world| {
            assert_eq!(world.log().await.len(), 3);
            assert_eq!(world.opens(&world.home(1).installation).await, 0);
            assert_eq!(world.opens(&world.home(0).installation).await, 3);
            assert!(world.home(1).gate.open_secret("tenant").await.is_err());
        },
    )
    .await;
}

#[tokio::test]
async fn a_secret_that_was_put_is_there() {
    whatever_fails(
        async |_, gate| gate.put_secret("tenant", b"another").await,
        async |world| {
            for number in [0, 1] {
                assert_eq!(
                    *world.home(number).gate.open_secret("tenant").await.unwrap().unwrap(),
                    *b"another"
                );
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_fleet_is_founded_once() {
    for how in Failing::ALL {
        let world = World::new().await;
        let faulty = Faulty::over(world.peer(0));
        faulty.fail(1, how);
        let home = world.home_on(0, Arc::<Faulty>::clone(&faulty));
        if home.gate.enter(&about(0), true).await.is_err() {
            home.gate.enter(&about(0), true).await.unwrap();
        }
        assert_eq!((world.log().await.len(), faulty.outstanding()), (1, 0));
        assert_eq!(world.home(0).gate.fleet().await.unwrap().admitted().len(), 1);
    }
}
