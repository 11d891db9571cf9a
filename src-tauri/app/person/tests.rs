//! What roles allow, and what becomes of a sign-in that ends.

use super::*;

fn somebody(roles: &[ProductRole]) -> Who {
    let person = Person {
        account: "anna@example.com".to_owned(),
        name: None,
        object: Uuid::nil(),
        tenant: Uuid::nil(),
        roles: Vec::new(),
    };
    let signed_in =
        SignedIn { person, roles: roles.iter().copied().collect(), confirmed_at: Timestamp::from_millis(0) };
    Who {
        actor: actor("anna@desk", Some(&signed_in)),
        account: "anna@desk".to_owned(),
        standing: Standing::SignedIn(signed_in),
        required: false,
    }
}

#[test]
fn roles_narrow_what_is_done() {
    let (auditor, officer) =
        (somebody(&[ProductRole::Auditor]), somebody(&[ProductRole::KraOfficer, ProductRole::HelpDesk]));
    assert!(auditor.may(Deed::Look).is_ok() && auditor.may(Deed::Evidence).is_ok());
    let refused = auditor.may(Deed::Certificates).unwrap_err();
    assert_eq!(
        refused.message,
        "anna@example.com has only the role auditor, and changing certificates and templates takes administrator or certificate \
         manager"
    );
    assert!(officer.may(Deed::Recover).is_ok() && officer.may(Deed::TryAgain).is_ok());
    assert!(officer.may(Deed::Administer).is_err());
    assert!(somebody(&[ProductRole::Administrator]).may(Deed::Recover).is_err(), "duties are separated");
    assert!(somebody(&[]).may(Deed::Look).unwrap_err().message.contains("no role here"));
}

#[test]
fn without_a_sign_in_everything_is_as_it_was_unless_one_is_asked_for() {
    let account = "anna@desk".to_owned();
    let mut nobody = Who { actor: account.clone(), account, standing: Standing::Nobody, required: false };
    assert!(nobody.may(Deed::Administer).is_ok());
    nobody.standing = Standing::Ended;
    assert!(nobody.may(Deed::Look).is_ok());
    assert!(nobody.may(Deed::Certificates).unwrap_err().message.contains("was signed in"));
    (nobody.required, nobody.standing) = (true, Standing::Nobody);
    assert!(nobody.may(Deed::Look).is_ok());
    assert!(nobody.may(Deed::Certificates).unwrap_err().hint.unwrap().contains("sign-in"));
}

#[test]
fn the_account_stands_first_so_that_signing_in_makes_nobody_another_person() {
    assert_eq!(somebody(&[]).actor, "anna@desk as anna@example.com (00000000-0000-0000-0000-000000000000)");
    assert_eq!(actor("anna@desk", None), "anna@desk");
    let Standing::SignedIn(mut long) = somebody(&[]).standing else { panic!("somebody is signed in") };
    long.person.account = "a".repeat(400);
    let named = actor(&"o".repeat(400), Some(&long));
    assert!(named.chars().count() <= LONGEST_ACTOR, "{named}");
    assert!(named.ends_with(" (00000000-0000-0000-0000-000000000000)"), "{named}");
    assert!(named.contains(" as aaa"), "{named}");
}

#[test]
fn a_section_asks_for_a_sign_in_unless_it_says_otherwise() {
    let section = |more: &str| {
        let text = format!("client-id = \"{}\"\n{more}", Uuid::nil());
        toml::from_str::<SignInSection>(&text).unwrap()
    };
    assert!(section("").required);
    let free = section("required = false");
    assert!(!free.required);
    assert!(toml::to_string(&free).unwrap().contains("required = false"));
}

/// A place with a keyring, at a simulated tenant whose auditor was asked about two hours ago.
fn revoked(sim: &sim::Sim, home: &Home, required: bool) -> Place {
    let mut http = net::Settings::new("Sealwright/0");
    http.extra_root_ca = Some(sim.ca_pem().to_owned());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Ids::new(Arc::clone(&clock), Arc::new(SystemEntropy));
    let client = net::Client::new(&http, ids, Arc::clone(&clock)).unwrap();
    let application = PublicApplication { tenant: sim.tenant_id(), client_id: sim.officer_client_id() };
    let section = SignInSection {
        client_id: application.client_id,
        tenant_id: None,
        cloud: None,
        required,
        roles: BTreeMap::new(),
    };
    let authority = sim.base_url().parse().unwrap();
    let place = Place { section, vault: crate::vault::with_a_ring(home), client, authority, application };
    let Standing::SignedIn(mut auditor) = somebody(&[]).standing else { panic!("somebody is signed in") };
    auditor.person.tenant = application.tenant;
    auditor.person.roles = vec!["Sealwright.Auditor".to_owned()];
    let kept = Kept {
        person: auditor.person,
        confirmed_at: clock.now() - Span::hours(2),
        refresh: Zeroizing::new("1.revoked".to_owned()),
    };
    assert!(place.put(&serde_json::to_vec(&kept).unwrap()).unwrap());
    place
}

#[tokio::test]
async fn whose_session_is_revoked_may_look_and_no_more_until_they_sign_in_again() {
    let folder = tempfile::TempDir::new().unwrap();
    let home = Home::find(Some(folder.path().join("home"))).unwrap();
    home.create().unwrap();
    let tenant = sim::Tenant::invent().people(1).mailboxes(0).build();
    let sim = sim::Sim::start(sim::SimOptions::new(tenant)).await.unwrap();
    for required in [false, true] {
        let place = revoked(&sim, &home, required);
        for _ in 0..2 {
            let standing = place.current().await.unwrap();
            assert_eq!(standing, Standing::Ended, "also when the tenant is not asked any more");
            let account = "anna@desk".to_owned();
            let who = Who { actor: account.clone(), account, standing, required };
            assert!(who.may(Deed::Look).is_ok());
            assert!(who.may(Deed::Certificates).is_err(), "that is what `apply` takes");
        }
        let kept = place.read().unwrap().unwrap();
        assert_eq!(*kept, *ENDED, "the refused token is gone");
        assert!(!place.sign_out().unwrap(), "nobody was signed in any more");
        let after = if required { Standing::Ended } else { Standing::Nobody };
        assert_eq!(place.current().await.unwrap(), after);
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_tenant_that_cannot_be_asked_ends_nothing_and_a_newer_session_is_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let home = Home::find(Some(folder.path().join("home"))).unwrap();
    home.create().unwrap();
    let tenant = sim::Tenant::invent().people(1).mailboxes(0).build();
    let sim = sim::Sim::start(sim::SimOptions::new(tenant)).await.unwrap();
    let place = revoked(&sim, &home, false);
    let mut refused: Kept = serde_json::from_slice(&place.read().unwrap().unwrap()).unwrap();
    refused.refresh = Zeroizing::new("1.older".to_owned());
    let before = place.read().unwrap();
    assert_eq!(place.end_if_still(&refused).unwrap(), Standing::Ended);
    assert_eq!(place.read().unwrap(), before);
    sim.stop().await;
    assert!(place.current().await.unwrap().person().is_some(), "it was confirmed two hours ago");
    assert_eq!(place.read().unwrap(), before);
}

#[test]
fn every_command_of_the_console_was_thought_of() {
    let administer = [
        "admit_installation",
        "refuse_installation",
        "remove_installation",
        "propose_kra_set",
        "withdraw_kra_set",
        "setup_test",
        "setup_plan",
        "setup_apply",
        "setup_roles",
        "setup_found",
        "setup_join",
        "setup_move",
        "setup_finish",
        "setup_cancel",
        "try_tenant",
        "save_tenant",
        "forget_tenant_trial",
        "save_tenant_script",
    ];
    for name in api::commands::names() {
        assert_eq!(deed(name) == Deed::Administer, administer.contains(&name), "{name}");
    }
    assert_eq!(deed("whatever comes"), Deed::Administer);
}
