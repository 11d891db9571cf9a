//! Who can open what, before and after somebody comes or goes.

use admit::{AdmitError, Installation, context};
use crypto::CryptoError;
use crypto::seal::seal_bound;
use model::{AuthorityId, Clock as _, EnrollmentId, EnrollmentState, Span};
use store::{InflightKey, StoredAuthority, StoredSecret};

use crate::sample::{add_enrollment, add_enrollment_in, add_template, id};
use crate::world::{Home, MALLORY, World, about, installation};

impl World {
    /// An authority account and `keys` keys in flight, sealed to one installation only.
    pub(crate) async fn seal_to(&self, one: &Installation, keys: u128) {
        let to = std::slice::from_ref(&one.certificate);
        let account: AuthorityId = id(1);
        let sealed = seal_bound(&context::signing_key(account), b"signing key", to).unwrap();
        let mut work = self.store.begin().await.unwrap();
        let account = StoredAuthority {
            id: account,
            name: "Contoso".to_owned(),
            connector: "builtin".to_owned(),
            settings: "{}".to_owned(),
            sealed_secrets: Some(sealed),
            added_at: self.clock.now(),
        };
        work.authorities().add(&account).await.unwrap();
        add_template(work.as_mut(), self.clock.now()).await;
        work.commit().await.unwrap();
        for number in 1..=keys {
            self.add_key(number, to).await;
        }
    }

    pub(crate) async fn add_key(&self, number: u128, to: &[crypto::X509Certificate]) {
        let enrollment: EnrollmentId = id(number);
        let secret = format!("key {number}");
        let envelope = seal_bound(&context::inflight_key(enrollment), secret.as_bytes(), to).unwrap();
        let mut work = self.store.begin().await.unwrap();
        add_enrollment(work.as_mut(), number, self.clock.now()).await;
        work.archive().add_inflight(&InflightKey { enrollment, envelope }).await.unwrap();
        work.commit().await.unwrap();
    }

    /// How many of the authority's secret and the keys in flight an installation opens.
    pub(crate) async fn opens(&self, one: &Installation) -> usize {
        let mut work = self.store.read().await.unwrap();
        let mut sealed = Vec::new();
        for account in work.authorities().list().await.unwrap() {
            sealed.push((
                context::signing_key(account.id),
                work.authorities().sealed(account.id).await.unwrap().unwrap(),
                b"signing key".to_vec(),
            ));
        }
        for key in work.archive().list_inflight(None, 1_000).await.unwrap() {
            let secret = format!("key {}", key.enrollment.uuid().as_u128()).into_bytes();
            sealed.push((context::inflight_key(key.enrollment), key.envelope, secret));
        }
        let mut count = 0;
        for (context, envelope, secret) in sealed {
            match crypto::open::open_bound(&context, &envelope, &one.key, &one.certificate) {
                Ok(opened) => {
                    assert_eq!(*opened, secret);
                    count += 1;
                }
                Err(error) => assert!(matches!(error, CryptoError::NotARecipient { .. }), "{error}"),
            }
        }
        count
    }

    pub(crate) async fn sealed(&self, name: &str) -> StoredSecret {
        self.store.read().await.unwrap().secrets().find(name).await.unwrap().unwrap()
    }

    pub(crate) async fn put_raw(&self, secret: &StoredSecret) {
        let mut work = self.store.begin().await.unwrap();
        work.secrets().set(secret).await.unwrap();
        work.commit().await.unwrap();
    }
}

async fn knows(home: &Home, name: &str) -> Option<Vec<u8>> {
    match home.gate.open_secret(name).await {
        Ok(found) => Some(found.unwrap().to_vec()),
        Err(AdmitError::Crypto(CryptoError::NotARecipient { .. })) => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

#[tokio::test]
async fn who_is_admitted_opens_everything_and_who_is_removed_nothing_any_more() {
    everything_is_sealed_to_those_who_are_in(World::new().await).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_mariadb_who_is_removed_opens_nothing_any_more() {
    everything_is_sealed_to_those_who_are_in(World::on(support::Peers::on_mariadb(6).await)).await;
}

async fn everything_is_sealed_to_those_who_are_in(world: World) {
    let homes = world.fleet(1).await;
    world.seal_to(&homes[0].installation, 120).await;
    homes[0].gate.put_secret("tenant", b"client secret").await.unwrap();
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    assert_eq!((knows(&second, "tenant").await, world.opens(&second.installation).await), (None, 0));

    let done = homes[0].gate.admit(second.id(), second.fingerprint()).await.unwrap();
    assert_eq!((done.secrets, done.authorities, done.in_flight, done.is_whole()), (1, 1, 120, true));
    for home in [&homes[0], &second] {
        assert_eq!(knows(home, "tenant").await.unwrap(), b"client secret");
        assert_eq!(world.opens(&home.installation).await, 121);
    }
    second.gate.put_secret("smtp", b"password").await.unwrap();
    assert_eq!(knows(&homes[0], "smtp").await.unwrap(), b"password");

    let (exposure, done) = homes[0].gate.remove(second.id(), false).await.unwrap();
    assert_eq!((done.secrets, done.authorities, done.in_flight), (2, 1, 120));
    assert_eq!(
        exposure.to_string(),
        "`build-7` can have known the credentials `smtp`, `tenant` and the keys and credentials of the authorities \
         `Contoso` and 120 private keys that are under way to devices, besides what was replaced or taken away while it \
         was in; replace them, and its login to the database, unless you are sure of that machine"
    );
    assert_eq!(knows(&second, "tenant").await, None);
    assert_eq!(world.opens(&second.installation).await, 0);
    assert_eq!(knows(&homes[0], "tenant").await.unwrap(), b"client secret");
    assert_eq!(world.opens(&homes[0].installation).await, 121);
    let audit = world.audit().await;
    assert!(audit.contains(&("INSTALLATION_REMOVED".to_owned(), exposure.to_string())));
    assert!(audit.iter().any(|(kind, _)| kind == "SECRETS_RESEALED"));
    assert!(audit.iter().filter(|(kind, _)| kind == "SECRET_CHANGED").count() == 2);
    assert!(!format!("{audit:?}").contains("client secret"));
}

#[tokio::test]
async fn whoever_goes_has_known_each_key_that_was_under_way_since_it_came() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    world.seal_to(&homes[0].installation, 0).await;
    let delivered = async |number, at| {
        let mut work = world.store.begin().await.unwrap();
        add_enrollment_in(work.as_mut(), number, at, EnrollmentState::Done).await;
        work.commit().await.unwrap();
    };
    delivered(1, world.clock.now()).await;
    world.clock.advance(Span::minutes(1));
    let second = world.fleet(2).await.remove(1);
    for number in 2..=4 {
        world.clock.advance(Span::minutes(1));
        delivered(number, world.clock.now()).await;
    }
    let (exposure, _) = homes[0].gate.remove(second.id(), false).await.unwrap();
    assert_eq!((exposure.in_flight, exposure.certificates), (0, 3));
    assert!(
        exposure
            .to_string()
            .contains("private keys of 3 certificates that were under way since it was admitted"),
        "{exposure}"
    );
    // Asked once more, it says the same.
    assert_eq!(homes[0].gate.remove(second.id(), false).await.unwrap().0, exposure);
}

#[tokio::test]
async fn nobody_is_said_to_have_known_nothing() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    homes[0].gate.remove_secret("tenant").await.unwrap();
    let (exposure, _) = homes[0].gate.remove(homes[1].id(), false).await.unwrap();
    assert_eq!(
        exposure.to_string(),
        "nothing that lies in the database now was open to `build-7`; what was replaced or taken away while it was in, it can \
         have known"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_may_not_see_keys_in_flight_says_that_it_has_not_looked_at_them() {
    let world = World::on(support::Peers::on_mariadb(6).await);
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    let administrator = world.home_on(0, world.administrator().await);
    assert!(administrator.gate.reseal().await.unwrap().is_whole(), "no key is in flight");
    world.seal_to(&homes[0].installation, 3).await;
    homes[0].gate.reseal().await.unwrap();
    let (exposure, done) = administrator.gate.remove(homes[1].id(), false).await.unwrap();
    assert_eq!((exposure.in_flight, done.secrets, done.authorities, done.in_flight), (3, 1, 1, 0));
    assert!(done.in_flight_unseen && !done.is_whole() && !done.needs_person(), "{done}");
    assert!(
        done.to_string().contains("not looked at: keys in flight; a daemon reseals them at its next pass"),
        "{done}"
    );
    assert_eq!(world.opens(&homes[1].installation).await, 3);
    // The daemon's pass.
    assert_eq!(homes[0].gate.reseal().await.unwrap().in_flight, 3);
    assert_eq!(world.opens(&homes[1].installation).await, 0);
    assert!(homes[0].gate.reseal().await.unwrap().is_whole());
}

#[tokio::test]
async fn what_is_sealed_as_it_should_be_is_left_alone() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    world.seal_to(&homes[0].installation, 3).await;
    assert_eq!(homes[0].gate.reseal().await.unwrap().in_flight, 3);
    let (before, audited) = (world.sealed("tenant").await, world.audit().await.len());
    let done = homes[1].gate.reseal().await.unwrap();
    assert_eq!(done, admit::Resealed::default());
    assert_eq!((world.sealed("tenant").await, world.audit().await.len()), (before, audited));
}

#[tokio::test]
async fn a_pass_that_was_cut_off_is_finished_by_the_next_one_on_any_installation() {
    let world = World::new().await;
    let homes = world.fleet(3).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    homes[0].gate.put_secret("smtp", b"y").await.unwrap();
    let old = world.sealed("tenant").await;
    homes[0].gate.remove(homes[2].id(), false).await.unwrap();
    // As if the process had died after `smtp`.
    world.put_raw(&old).await;
    assert!(knows(&homes[2], "tenant").await.is_some());
    let done = homes[1].gate.reseal().await.unwrap();
    assert_eq!((done.secrets, done.is_whole()), (1, true));
    assert_eq!(knows(&homes[2], "tenant").await, None);
    assert_eq!(knows(&homes[0], "tenant").await.unwrap(), b"x");
}

#[tokio::test]
async fn envelopes_that_were_exchanged_or_made_by_others_are_named_and_not_sealed_again() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    for name in ["tenant", "smtp"] {
        homes[0].gate.put_secret(name, name.as_bytes()).await.unwrap();
    }
    world.seal_to(&homes[0].installation, 1).await;
    let other = installation(MALLORY);
    world.add_key(2, std::slice::from_ref(&other.certificate)).await;
    let (tenant, smtp) = (world.sealed("tenant").await, world.sealed("smtp").await);
    world.put_raw(&StoredSecret { sealed: tenant.sealed.clone(), ..smtp.clone() }).await;
    world.put_raw(&StoredSecret { name: "noise".to_owned(), sealed: b"noise".to_vec(), ..smtp }).await;
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    let done = homes[0].gate.admit(second.id(), second.fingerprint()).await.unwrap();
    assert_eq!(done.damaged, ["credential `noise`", "credential `smtp`"]);
    assert_eq!(done.closed.len(), 1);
    assert!(
        done.to_string().contains("restore or enter anew: credential `noise`, credential `smtp`"),
        "{done}"
    );
    assert_eq!((done.secrets, done.in_flight), (1, 1));
    assert_eq!(world.sealed("smtp").await.sealed, tenant.sealed, "left as it was found");
    assert!(homes[0].gate.open_secret("smtp").await.is_err());
}

#[tokio::test]
async fn nothing_is_sealed_while_the_log_is_broken() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"x").await.unwrap();
    let before = world.sealed("tenant").await;
    // Who writes the database lets himself in.
    let mut entry = world.log().await.pop().unwrap();
    entry.seq = 3;
    entry.signature = installation(MALLORY).key.sign_ps256(entry.body.as_bytes()).unwrap();
    world.append(&entry).await;
    for refused in [
        homes[0].gate.put_secret("tenant", b"y").await,
        homes[0].gate.reseal().await.map(drop),
        homes[0].gate.recipients().await.map(drop),
        homes[0].gate.remove(homes[1].id(), false).await.map(drop),
        homes[1].gate.status().await.map(drop),
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, AdmitError::Untrusted { seq: 3, .. }), "{refused}");
    }
    assert_eq!(world.sealed("tenant").await, before);
}

#[tokio::test]
async fn a_secret_is_replaced_removed_and_never_stored_in_clear() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    let gate = &homes[0].gate;
    assert!(gate.open_secret("tenant").await.unwrap().is_none());
    gate.put_secret("tenant", b"planted-secret-1").await.unwrap();
    gate.put_secret("tenant", b"planted-secret-2").await.unwrap();
    assert_eq!(*gate.open_secret("tenant").await.unwrap().unwrap(), b"planted-secret-2");
    assert!(!world.sealed("tenant").await.sealed.windows(7).any(|window| window == b"planted"));
    assert!(gate.remove_secret("tenant").await.unwrap());
    assert!(!gate.remove_secret("tenant").await.unwrap());
    assert!(gate.open_secret("tenant").await.unwrap().is_none());
    for name in ["", "Tenant", "ten ant", "tenant\0", &"x".repeat(101)] {
        let refused = gate.put_secret(name, b"x").await.unwrap_err();
        assert!(matches!(refused, AdmitError::SecretName { .. }), "{refused}");
    }
}

#[tokio::test]
async fn what_somebody_else_sealed_to_the_fleet_is_not_taken_for_a_secret_of_ours() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.put_secret("tenant", b"ours").await.unwrap();
    // Whoever writes the database has everybody's public half.
    let recipients = homes[0].gate.recipients().await.unwrap();
    let forged = seal_bound(&context::secret("tenant"), b"theirs", &recipients).unwrap();
    world.put_raw(&StoredSecret { sealed: forged, ..world.sealed("tenant").await }).await;
    let refused = homes[1].gate.open_secret("tenant").await.unwrap_err();
    assert!(matches!(refused, AdmitError::Unvouched { .. }), "{refused}");
    // What was written for one purpose is refused for another.
    homes[0].gate.put_secret("smtp", b"mail").await.unwrap();
    let moved = world.sealed("smtp").await;
    world.put_raw(&StoredSecret { name: "tenant".to_owned(), ..moved }).await;
    assert!(homes[1].gate.open_secret("tenant").await.is_err());
    // And what a removed one wrote.
    homes[1].gate.put_secret("tenant", b"ours again").await.unwrap();
    assert_eq!(*homes[0].gate.open_secret("tenant").await.unwrap().unwrap(), *b"ours again");
    homes[0].gate.remove(homes[1].installation.id(), false).await.unwrap();
    let refused = homes[0].gate.open_secret("tenant").await.unwrap_err();
    assert!(matches!(refused, AdmitError::Unvouched { .. }), "{refused}");
}
