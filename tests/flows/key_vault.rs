//! A recovery agent whose key lies in a key vault: added from there, sealed to, and used by an officer who signs in with
//! their own account.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sim::{SimOptions, Tenant, VaultChallenge, VaultKey, VaultKeyKind, VaultKeySpec};

use crate::certificates::{openssl, text};
use crate::home::write_private;
use crate::program::Ran;
use crate::proof;
use crate::world::{Pace, SMIME, World};

/// A world with a vault in its settings, and an agent's key in the vault.
async fn world() -> (World, VaultKey) {
    let tenant = Tenant::invent().people(2).mailboxes(0).build();
    let options = SimOptions::new(tenant).with_device_code_interval(Duration::from_secs(1));
    let world = World::with(options, &Pace::default()).await;
    let file = world.home().join("sealwright.toml");
    let section = format!(
        "\n[key-vault]\nurl = \"{}\"\nclient-id = \"{}\"\n",
        world.sim.base_url(),
        world.sim.officer_client_id()
    );
    let settings = fs::read_to_string(&file).unwrap() + &section;
    write_private(&file, settings.as_bytes());
    let agent = world.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent in the vault")).unwrap();
    (world, agent)
}

/// The application signs in for itself, as automation does.
fn automated(world: &World) -> [String; 2] {
    let secret = world.home().join("client-secret").to_str().unwrap().to_owned();
    ["--key-vault-client-secret-file".to_owned(), secret]
}

async fn run(world: &World, arguments: &[&str], more: &[String]) -> Ran {
    let all: Vec<&str> = arguments.iter().copied().chain(more.iter().map(String::as_str)).collect();
    world.run_json(&all).await
}

async fn add(world: &World, address: &str) -> Ran {
    run(world, &["kra", "add", address], &automated(world)).await
}

/// Thumbprint of a certificate whose key is in the archive, sealed to the agent in the vault too.
async fn archived(world: &World, agent: &VaultKey) -> String {
    add(world, &agent.certificate_address).await.done();
    world.json(&["apply"]).await;
    let row = proof::certificates(world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    row.certificate.thumbprint.to_string()
}

async fn open(world: &World, which: &str, address: &str, out: &Path, more: &[String]) -> Ran {
    let password = out.with_extension("password");
    let arguments = [
        "recovery",
        "open",
        which,
        "--kra",
        address,
        "--reason",
        "case 42",
        "--out",
        out.to_str().unwrap(),
        "--out-password",
        password.to_str().unwrap(),
    ];
    run(world, &arguments, more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_with_their_own_account_and_the_vault_opens_the_key() {
    let (world, agent) = world().await;
    let which = archived(&world, &agent).await;
    let listed = world.json(&["recovery", "list"]).await;
    assert!(
        listed["keys"][0]["agents"].as_array().unwrap().contains(&json!("Agent in the vault")),
        "{listed}"
    );

    let officer = world.sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    let out = world.folder().join("recovered.p12");
    let enter_the_code = async {
        let code = loop {
            if let Some(waiting) = world.sim.waiting_sign_ins().pop() {
                break waiting.user_code;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        world.sim.approve_sign_in(&code, officer.id).unwrap();
        code
    };
    let (ran, code) = tokio::join!(open(&world, &which, &agent.address, &out, &[]), enter_the_code);
    ran.done();
    assert!(
        ran.stderr.contains("https://microsoft.com/devicelogin") && ran.stderr.contains(&code),
        "{ran:?}"
    );

    // OpenSSL's program reads the key, and it is the one of the certificate.
    let given = format!("pass:{}", fs::read_to_string(out.with_extension("password")).unwrap());
    let key = world.folder().join("person.key");
    let read = openssl(&[
        "pkcs12",
        "-in",
        out.to_str().unwrap(),
        "-passin",
        &given,
        "-nodes",
        "-nocerts",
        "-out",
        key.to_str().unwrap(),
    ]);
    assert!(read.status.success(), "{}", text(&read));
    let public = openssl(&["pkey", "-in", key.to_str().unwrap(), "-pubout"]);
    let leaf = world.folder().join("leaf.pem");
    fs::write(&leaf, world.run(&["certificate", "export", &which]).await.stdout).unwrap();
    let certified = openssl(&["x509", "-in", leaf.to_str().unwrap(), "-pubkey", "-noout"]);
    assert!(public.status.success() && certified.status.success());
    assert_eq!(text(&public), text(&certified));

    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    assert_eq!(recorded.len(), 2, "{recorded:?}");
    let place = format!("key vault {} as {}", agent.address, officer.user_principal_name);
    for (_, outcome, detail) in &recorded {
        assert_eq!(outcome, "success", "{recorded:?}");
        assert!(detail.contains(&place), "who signed in is on record: {detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_key_leaves_a_failure_on_record_and_no_file() {
    let (world, agent) = world().await;
    let which = archived(&world, &agent).await;
    world.sim.edit_vault_key("kra", &agent.version, |told| told.enabled = false).unwrap();
    let out = world.folder().join("nothing.p12");
    let refused = open(&world, &which, &agent.address, &out, &automated(&world)).await.failure();
    assert!(refused.contains("is disabled") && refused.contains("enable it again"), "{refused}");
    assert!(!out.exists() && !out.with_extension("password").exists());
    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    let outcomes: Vec<_> = recorded.iter().map(|(_, outcome, _)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["success", "failure"], "asked, and refused: {recorded:?}");
    assert!(recorded[1].2.contains("is disabled"), "{recorded:?}");
    // Enabled again it opens, from then on.
    world.sim.edit_vault_key("kra", &agent.version, |told| told.enabled = true).unwrap();
    open(&world, &which, &agent.address, &out, &automated(&world)).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_asks_for_a_foreign_token_receives_none() {
    let (world, agent) = world().await;
    let which = archived(&world, &agent).await;
    let challenge =
        VaultChallenge { resource: "https://vault.evil.example".to_owned(), ..VaultChallenge::default() };
    world.sim.set_vault_challenge(challenge);
    world.sim.clear_requests();
    let out = world.folder().join("nothing.p12");
    for more in [automated(&world).to_vec(), Vec::new()] {
        let refused = open(&world, &which, &agent.address, &out, &more).await.failure();
        assert!(refused.contains("vault.evil.example") && refused.contains("no token is sent"), "{refused}");
    }
    let requests = world.sim.requests();
    assert_eq!(requests.len(), 2, "one question each: {requests:?}");
    assert!(requests.iter().all(|request| !request.with_token), "{requests:?}");
    assert_eq!(world.sim.sign_ins_begun(), 0, "nobody was asked to sign in");
    // An address that the settings do not name gets not even the question.
    let elsewhere = agent.address.replace("localhost", "127.0.0.1");
    let refused = open(&world, &which, &elsewhere, &out, &automated(&world)).await.failure();
    assert!(refused.contains("is no vault"), "{refused}");
    assert_eq!(world.sim.requests().len(), 2);
    assert!(!out.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_pinned_rsa_key_becomes_an_agent() {
    let (world, agent) = world().await;
    let bare = format!("{}/keys/kra", world.sim.base_url());
    let refused = add(&world, &bare).await.failure();
    assert!(refused.contains("names no version") && refused.contains(&agent.address), "{refused}");
    let elliptic = world.sim.add_vault_key("ec", &VaultKeySpec::bare(VaultKeyKind::Ec)).unwrap();
    let refused = add(&world, &elliptic.address).await.failure();
    assert!(refused.contains("EC key"), "{refused}");
    let weak = world.sim.add_vault_key("weak", &VaultKeySpec::bare(VaultKeyKind::Rsa(1024))).unwrap();
    let refused = add(&world, &weak.address).await.failure();
    assert!(refused.contains("2048"), "{refused}");
    let before = world.json(&["kra", "list"]).await["kras"].as_array().unwrap().len();
    let told = add(&world, &agent.address).await.done();
    assert_eq!(told["key"], agent.address, "the address to be written down");
    assert_eq!(told["opens"], json!(["RSA-OAEP with SHA-256", "RSA-OAEP with SHA-1", "RSA PKCS#1 v1.5"]));
    let after = world.json(&["kra", "list"]).await["kras"].as_array().unwrap().len();
    assert_eq!(after, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_do_nothing_is_refused() {
    let (world, agent) = world().await;
    let file = world.agent("agent-1", "p12");
    let (file, password) = (file.to_str().unwrap(), world.agent("agent-1", "password"));
    let which = archived(&world, &agent).await;
    let out = world.folder().join("nothing.p12");
    let refused = open(&world, &which, file, &out, &automated(&world)).await.failure_with(2);
    assert!(refused.contains("are for keys in a key vault"), "{refused}");
    let with_password = ["--password-file".to_owned(), password.to_str().unwrap().to_owned()];
    let refused = open(&world, &which, &agent.address, &out, &with_password).await.failure_with(2);
    assert!(refused.contains("a vault is signed in to"), "{refused}");
    let plain = agent.address.replace("https://", "http://");
    let usage = open(&world, &which, &plain, &out, &[]).await;
    assert_eq!(usage.code, Some(2), "{usage:?}");
    assert!(usage.stderr.contains("https only"), "{usage:?}");
    assert!(!out.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_agent_in_the_vault_still_opens_what_was_sealed_before() {
    let (world, agent) = world().await;
    let which = archived(&world, &agent).await;
    let kras = world.json(&["kra", "list"]).await;
    let kra =
        kras["kras"].as_array().unwrap().iter().find(|kra| kra["name"] == "Agent in the vault").unwrap();
    world.json(&["kra", "remove", kra["thumbprint"].as_str().unwrap()]).await;
    // By the vault's own certificate, and by one from a file where the vault shows none.
    let first = world.folder().join("first.p12");
    open(&world, &which, &agent.address, &first, &automated(&world)).await.done();
    let without: Vec<_> = sim::VaultPermission::ALL
        .into_iter()
        .filter(|one| *one != sim::VaultPermission::GetCertificate)
        .collect();
    world.sim.set_vault_permissions(&without);
    let second = world.folder().join("second.p12");
    let refused = open(&world, &which, &agent.address, &second, &automated(&world)).await.failure();
    assert!(refused.contains("--agent-certificate"), "{refused}");
    let certificate = world.folder().join("agent.pem");
    fs::write(&certificate, agent.certificate_pem.unwrap()).unwrap();
    let named = ["--agent-certificate".to_owned(), certificate.to_str().unwrap().to_owned()];
    let more = [automated(&world).as_slice(), &named].concat();
    open(&world, &which, &agent.address, &second, &more).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_at_intune_is_handed_over_again_with_the_key_in_the_vault() {
    let (world, agent) = world().await;
    let which = archived(&world, &agent).await;
    let lost: Vec<_> = world
        .sim
        .pfx_records()
        .into_iter()
        .filter(|record| record.thumbprint == which.to_lowercase())
        .collect();
    assert_eq!(lost.len(), 1);
    assert!(world.sim.delete_pfx(&lost[0].id));
    let arguments = ["certificate", "redeliver", &which, "--kra", &agent.address, "--reason", "case 43"];
    let told = run(&world, &arguments, &automated(&world)).await.done();
    assert_eq!(told["handedOver"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(world.sim.pfx_records().iter().filter(|record| record.id == lost[0].id).count(), 1);
    assert_eq!(proof::recorded(&world, "KEY_RECOVERY").await.len(), 2, "it is on record like every recovery");
}
