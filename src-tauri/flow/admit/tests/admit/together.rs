//! Several installations at the same moment.

use std::collections::BTreeSet;

use futures::future::join_all;
use support::Peers;

use crate::world::{World, about};

/// Each story on one file, and on a server with connections of each installation's own.
macro_rules! on_every_database {
    ($($story:ident;)*) => {
        mod sqlite {
            use super::{Peers, World};
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $story() {
                    super::$story(World::on(Peers::on_sqlite(6).await)).await;
                }
            )*
        }
        #[cfg(unix)]
        mod mariadb {
            use super::{Peers, World};
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $story() {
                    super::$story(World::on(Peers::on_mariadb(6).await)).await;
                }
            )*
        }
    };
}

on_every_database! {
    two_installations_admit_two_others_each_at_the_same_moment;
    of_many_starts_of_one_home_one_founds_the_fleet;
    of_two_founders_of_a_shared_database_one_wins_and_the_other_is_told;
    daemons_that_reseal_while_secrets_change_and_somebody_goes_lose_nothing;
}

async fn two_installations_admit_two_others_each_at_the_same_moment(world: World) {
    let homes = world.fleet(2).await;
    let waiting = [2, 3, 4].map(|number| world.home(number));
    for (home, number) in waiting.iter().zip(2..) {
        home.gate.ask(&about(number), Some(homes[0].fingerprint())).await.unwrap();
    }
    // Both admit all three, in opposite orders: one is always the slower.
    let all = |by: usize| {
        let (gate, waiting) = (&homes[by].gate, &waiting);
        async move {
            let order: Vec<_> =
                if by == 0 { waiting.iter().collect() } else { waiting.iter().rev().collect() };
            for home in order {
                gate.admit(home.id(), home.fingerprint()).await.unwrap();
            }
        }
    };
    tokio::join!(all(0), all(1));
    let fleet = homes[1].gate.fleet().await.unwrap();
    assert_eq!((fleet.seq(), fleet.admitted().len()), (5, 5));
    for home in homes.iter().chain(&waiting) {
        assert_eq!(home.gate.fleet().await.unwrap().pin(), fleet.pin());
    }
}

async fn of_many_starts_of_one_home_one_founds_the_fleet(world: World) {
    let homes: Vec<_> = (0..6).map(|number| world.home_on(0, world.peer(number))).collect();
    let about = about(0);
    for entered in join_all(homes.iter().map(|home| home.gate.enter(&about, true))).await {
        assert_eq!(entered.unwrap().admitted().len(), 1);
    }
    assert_eq!(world.log().await.len(), 1);
}

async fn of_two_founders_of_a_shared_database_one_wins_and_the_other_is_told(world: World) {
    let homes = [world.home(0), world.home(1)];
    let (one, other) = (about(0), about(1));
    let (first, second) = tokio::join!(homes[0].gate.found(&one), homes[1].gate.found(&other));
    let won = [first.is_ok(), second.is_ok()];
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(world.log().await.len(), 1);
    let (winner, loser) = if won[0] { (0, 1) } else { (1, 0) };
    // He can ask, as if he had never tried.
    let root = homes[winner].fingerprint();
    homes[loser].gate.ask(&about(loser), Some(root)).await.unwrap();
    homes[winner].gate.admit(homes[loser].id(), homes[loser].fingerprint()).await.unwrap();
}

async fn daemons_that_reseal_while_secrets_change_and_somebody_goes_lose_nothing(world: World) {
    let homes = world.fleet(4).await;
    world.seal_to(&homes[0].installation, 60).await;
    homes[0].gate.put_secret("tenant", b"0").await.unwrap();
    let reseal = async |by: usize| {
        for _ in 0..4 {
            homes[by].gate.reseal().await.unwrap();
        }
    };
    let change = async || {
        for number in 1..=8_u8 {
            homes[1].gate.put_secret("tenant", &[number]).await.unwrap();
        }
    };
    let go = async || {
        homes[2].gate.remove(homes[3].id(), false).await.unwrap();
    };
    tokio::join!(reseal(0), reseal(1), reseal(2), change(), go());
    // Whatever came between, one pass more leaves nothing to be done.
    homes[0].gate.reseal().await.unwrap();
    for home in &homes[..3] {
        assert_eq!(*home.gate.open_secret("tenant").await.unwrap().unwrap(), [8]);
        assert_eq!(world.opens(&home.installation).await, 61);
    }
    assert_eq!(world.opens(&homes[3].installation).await, 0);
    assert!(homes[3].gate.open_secret("tenant").await.is_err());
    assert_eq!(homes[1].gate.reseal().await.unwrap(), admit::Resealed::default());
    let names: BTreeSet<String> = world
        .store
        .read()
        .await
        .unwrap()
        .secrets()
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, BTreeSet::from(["tenant".to_owned()]));
}
