//! Recovery agents whose keys lie on tokens: SoftHSM, filled by OpenSC's program, by its own module and by p11-kit's proxy.

use std::fs;
use std::path::PathBuf;

use crypto::pfx;
use store::CertificateRow;
use support::{SOFTHSM_MODULE, SoftHsm};

use crate::home::write_private;
use crate::program::Ran;
use crate::proof;
use crate::world::{SMIME, World};

const PIN: &str = "271828";

/// A world with two agents on tokens, one with an RSA key and one with a key on P-384; nobody has certificates yet.
async fn staged() -> (World, [String; 2]) {
    let world = World::of(2, 0).await;
    let tokens = SoftHsm::new(world.folder());
    for (label, kind, usage) in
        [("Officer A", "rsa:2048", "--usage-decrypt"), ("Officer B", "EC:secp384r1", "--usage-derive")]
    {
        let serial = tokens.token(label, PIN);
        tokens.agent(&serial, PIN, "03", label, kind, &[usage]);
    }
    let addresses = addresses(&world, &["--module", SOFTHSM_MODULE]).await;
    (world, addresses)
}

/// The addresses of both officers' keys, as the program shows them.
async fn addresses(world: &World, module: &[&str]) -> [String; 2] {
    let shown = world.json(&[&["kra", "tokens"], module].concat()).await;
    ["Officer A", "Officer B"].map(|officer| {
        let tokens = shown["tokens"].as_array().unwrap();
        let token =
            tokens.iter().find(|token| token["label"] == officer).unwrap_or_else(|| panic!("{shown}"));
        assert_eq!(token["certificates"].as_array().unwrap().len(), 1, "{shown}");
        assert_eq!(token["certificates"][0]["subject"], format!("CN={officer}"));
        token["certificates"][0]["address"].as_str().unwrap().to_owned()
    })
}

async fn served() -> (World, [String; 2], CertificateRow) {
    let (world, addresses) = staged().await;
    for (address, name) in addresses.iter().zip(["Officer A", "Officer B"]) {
        assert_eq!(world.json(&["kra", "add", address]).await["name"], name);
    }
    world.json(&["apply"]).await;
    let row = proof::certificates(&world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    (world, addresses, row)
}

/// Where a recovered key goes, and its password beside it.
fn out(world: &World, name: &str) -> (PathBuf, PathBuf) {
    (world.folder().join(format!("{name}.p12")), world.folder().join(format!("{name}.password")))
}

async fn open(world: &World, row: &CertificateRow, address: &str, pin: &str, name: &str) -> Ran {
    let (file, password) = out(world, name);
    let pin_file = world.folder().join("pin");
    write_private(&pin_file, format!("{pin}\n").as_bytes());
    let which = row.certificate.thumbprint.to_string();
    let mut all = vec!["recovery", "open", &which, "--kra", address, "--reason", "case 42"];
    all.extend(["--password-file", pin_file.to_str().unwrap(), "--out", file.to_str().unwrap()]);
    all.extend(["--out-password", password.to_str().unwrap()]);
    world.run_json(&all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_with_tokens_open_what_was_sealed_to_them_by_either_module() {
    let (world, direct, row) = served().await;
    // Without a module named, p11-kit's proxy finds the same tokens.
    let proxied = addresses(&world, &[]).await;
    assert!(proxied.iter().all(|address| !address.contains("module-path")), "{proxied:?}");
    for (number, address) in direct.iter().chain(&proxied).enumerate() {
        let name = format!("recovered-{number}");
        open(&world, &row, address, PIN, &name).await.done();
        let (file, password) = out(&world, &name);
        let opened = pfx::open(&fs::read(file).unwrap(), &fs::read_to_string(password).unwrap()).unwrap();
        assert_eq!(opened.certificate.thumbprint(), row.certificate.thumbprint);
        assert_eq!(opened.key.spki_sha256().unwrap(), opened.certificate.spki_sha256().unwrap());
    }
    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    assert_eq!(recorded.len(), 8);
    assert!(recorded.iter().all(|(_, outcome, _)| outcome == "success"), "{recorded:?}");
    assert!(recorded[0].2.contains("agent: CN=Officer A (token `Officer A` (serial "), "{recorded:?}");
    assert!(!serde_json::to_string(&world.json(&["audit", "list"]).await).unwrap().contains(PIN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_is_on_record_as_a_failure_and_leaves_no_file() {
    let (world, addresses, row) = served().await;
    for (number, address) in addresses.iter().enumerate() {
        let name = format!("nothing-{number}");
        let refused = open(&world, &row, address, "314159", &name).await.failure();
        assert!(refused.contains("PIN is wrong") && refused.contains("tries are running out"), "{refused}");
        assert!(!refused.contains("314159"), "{refused}");
        let (file, password) = out(&world, &name);
        assert!(!file.exists() && !password.exists());
        let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
        let [.., request, outcome] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((request.0.as_str(), request.1.as_str()), ("KEY_RECOVERY_REQUEST", "success"));
        assert_eq!((outcome.0.as_str(), outcome.1.as_str()), ("KEY_RECOVERY_REQUEST_PROCESSED", "failure"));
        assert!(outcome.2.contains("PIN is wrong") && !outcome.2.contains("314159"), "{outcome:?}");
    }
    // The token remembers, and the officer is warned before the next try.
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    assert_eq!(shown["tokens"][0]["pinTries"], "low", "{shown}");
    let warned = open(&world, &row, &addresses[0], PIN, "opened").await;
    warned.done();
    assert!(warned.stderr.contains("a wrong PIN was given before"), "{warned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_somebody_else_is_not_even_sent_the_pin() {
    let (world, addresses) = staged().await;
    world.json(&["kra", "add", &addresses[0]]).await;
    world.json(&["apply"]).await;
    let row = proof::certificates(&world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    let refused = open(&world, &row, &addresses[1], "314159", "nothing").await.failure();
    assert!(refused.contains("not sealed to `CN=Officer B`"), "{refused}");
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    assert!(shown["tokens"].as_array().unwrap().iter().all(|token| token["pinTries"] == "untold"), "{shown}");
    assert_eq!(proof::recorded(&world, "KEY_RECOVERY").await.last().unwrap().1, "failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_says_what_is_there_instead() {
    let (world, addresses, row) = served().await;
    let module = format!("?module-path={SOFTHSM_MODULE}");
    let missing =
        open(&world, &row, &format!("pkcs11:token=Officer%20C{module}"), PIN, "nothing").await.failure();
    assert!(missing.contains("no token fits") && missing.contains("token=Officer%20A;serial="), "{missing}");
    let several = open(&world, &row, &format!("pkcs11:{module}"), PIN, "nothing").await.failure();
    assert!(several.contains("several fit"), "{several}");
    let no_module =
        open(&world, &row, "pkcs11:?module-path=/no/such/module.so", PIN, "nothing").await.failure();
    assert!(no_module.contains("/no/such/module.so cannot be used: it cannot be loaded"), "{no_module}");
    assert!(proof::recorded(&world, "KEY_RECOVERY").await.is_empty(), "nothing was asked of anybody");
    // Whose PIN is asked for stands before the place where it is typed. Nothing is typed here, and nothing sent.
    let which = row.certificate.thumbprint.to_string();
    let open =
        ["recovery", "open", &which, "--kra", &addresses[0], "--reason", "case 42", "--out", "nothing.p12"];
    let unanswered = world.run(&open).await;
    let (_, asked) = unanswered.stderr.split_once("PIN of token `Officer A` (serial ").unwrap();
    assert!(asked.contains("), key of CN=Officer A (SHA-1 "), "{unanswered:?}");
    assert!(asked.contains("was not sent to the token"), "{unanswered:?}");
    // A PIN in an address is neither taken nor repeated.
    let address = format!("pkcs11:token=Officer%20A{module}&pin-value={PIN}");
    let leaked = self::open(&world, &row, &address, PIN, "nothing").await;
    assert_eq!(leaked.code, Some(2));
    assert!(leaked.stderr.contains("history") && leaked.stderr.contains("pin-value=…"), "{leaked:?}");
    assert!(!leaked.stderr.contains(PIN), "{leaked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_addresses_in_quotes_and_need_no_home_for_it() {
    let (world, addresses) = staged().await;
    let mut command = world.command_on(&world.folder().join("no-home"));
    command.args(["kra", "tokens", "--module", SOFTHSM_MODULE]);
    let shown = Ran::of(command).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for address in &addresses {
        assert!(shown.stdout.contains(&format!("'{address}'")), "{shown:?}");
    }
    assert!(shown.stdout.contains("CN=Officer B, EC P-384, until "), "{shown:?}");
    assert!(!world.folder().join("no-home").exists());
}
