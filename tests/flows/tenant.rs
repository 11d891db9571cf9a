//! How the application signs in at Entra ID: each way is chosen, tried and used by the program as an administrator would.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate, pfx};
use model::{Clock as _, KeyAlgorithm, PfxProfile, SerialNumber, Span, SystemClock};
use serde_json::{Value, json};
use sim::{DEFAULT_ROLES, VaultKeySpec};
use support::{SOFTHSM_MODULE, SoftHsm};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::certificates::openssl;
use crate::home::write_private;
use crate::program::{PATIENCE, Ran};
use crate::world::World;

/// A world whose settings name the tenant and nothing to sign in with.
async fn world() -> World {
    let world = World::of(2, 0).await;
    let file = world.home().join("sealwright.toml");
    let settings = fs::read_to_string(&file).unwrap();
    write_private(&file, settings.replace("client-secret-file = \"client-secret\"\n", "").as_bytes());
    fs::remove_file(world.home().join("client-secret")).unwrap();
    world
}

/// Runs a command that is typed something.
pub(crate) async fn fed(mut command: Command, arguments: &[&str], typed: &str) -> Ran {
    command.arg("--json").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Everybody gets certificates, and what `tenant test` says.
async fn works(world: &World, environment: &[(&str, String)]) -> Value {
    let with = |arguments: &[&str]| {
        let mut command = world.command();
        command
            .arg("--json")
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    };
    let told = Ran::of(with(&["tenant", "test"])).await.done();
    assert_eq!(told["token"]["roles"], json!(DEFAULT_ROLES), "{told}");
    assert!(!told.to_string().contains("eyJ"), "the token is not shown: {told}");
    let applied = Ran::of(with(&["apply"])).await.done();
    assert_eq!((applied["done"].as_u64(), applied["stuck"].as_u64()), (Some(4), Some(0)), "{applied}");
    told
}

fn pair(days: i64) -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = Validity::lasting(SystemClock.now() - Span::hours(1), Span::days(days));
    let der =
        recovery_agent_certificate("Sealwright sign-in", &key, validity, SerialNumber::from_be_bytes(&[7]));
    (key, X509Certificate::from_der(&der.unwrap()).unwrap())
}

/// A registered certificate in a PKCS#12 file.
pub(crate) fn registered(world: &World, days: i64, password: &str) -> (PathBuf, X509Certificate) {
    let (key, certificate) = pair(days);
    world.sim.register_client_certificate(&certificate.pem()).unwrap();
    let bytes = pfx::build(&key, &certificate, &[], password, PfxProfile::Modern, "app").unwrap();
    let file = world.folder().join("app.p12");
    write_private(&file, &bytes);
    (file, certificate)
}

fn everything_in(world: &World) -> String {
    let files =
        fs::read_dir(world.home()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_tried_before_it_is_kept_and_rests_in_the_vault() {
    let world = world().await;
    let secret = world.sim.app().secret.unwrap();
    let before = everything_in(&world);
    let refused = fed(world.command(), &["tenant", "use", "secret", "--stdin"], "wrong").await.failure();
    assert!(refused.contains("client secret is wrong") && refused.contains("7000215"), "{refused}");
    assert_eq!(everything_in(&world), before, "what does not work is not written");

    fed(world.command(), &["tenant", "use", "secret", "--stdin"], &format!("{secret}\n")).await.done();
    let settings = fs::read_to_string(world.home().join("sealwright.toml")).unwrap();
    assert!(settings.contains("with = \"secret\"") && !settings.contains(&secret), "{settings}");
    assert_eq!(fs::read_to_string(world.home().join("tenant-credential")).unwrap(), secret);
    works(&world, &[]).await;

    // It ends one day, and that is told as what it is.
    world.sim.expire_client_secret();
    let told = world.run_json(&["tenant", "test"]).await.failure();
    assert!(told.contains("expired") && told.contains("7000222"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_taken_out_of_its_file_and_its_end_is_watched() {
    let world = world().await;
    let (file, certificate) = registered(&world, 20, "geheim");
    let use_it = ["tenant", "use", "certificate", file.to_str().unwrap(), "--password-stdin"];
    let wrong = fed(world.command(), &use_it, "another").await.failure();
    assert!(wrong.contains("password"), "{wrong}");
    fed(world.command(), &use_it, "geheim\n").await.done();
    fs::remove_file(&file).unwrap();
    let told = works(&world, &[]).await;
    assert_eq!(told["certificate"]["thumbprint"], certificate.thumbprint().to_string());

    let examined = world.run_json(&["doctor"]).await.json();
    let findings = examined["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["what"] == "sign-in").unwrap();
    assert_eq!(finding["verdict"], "warning", "{finding}");
    assert!(finding["hint"].as_str().unwrap().contains("upload it"), "{finding}");

    let mut daemon = world.daemon();
    let (_, ready) = crate::health::http(daemon.ready().await, "GET /readyz").await;
    let ready = String::from_utf8(ready).unwrap();
    assert!(ready.contains("certificate that signs in to the tenant ends on"), "{ready}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_can_be_left_in_its_file_and_sign_as_adfs_wants_it() {
    let world = world().await;
    let (file, _) = registered(&world, 300, "geheim");
    let use_it = [
        "tenant",
        "use",
        "certificate",
        file.to_str().unwrap(),
        "--leave",
        "--password-stdin",
        "--algorithm",
        "RS256",
    ];
    fed(world.command(), &use_it, "geheim").await.done();
    works(&world, &[]).await;
    let settings = fs::read_to_string(world.home().join("sealwright.toml")).unwrap();
    assert!(settings.contains("app.p12") && settings.contains("RS256"), "{settings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_on_a_token_signs_in_and_a_wrong_pin_is_never_sent_twice() {
    let world = world().await;
    let tokens = SoftHsm::new(world.folder());
    let serial = tokens.token("Sign-in", "271828");
    tokens.agent(&serial, "271828", "03", "Sign-in", "rsa:2048", &["--usage-sign"]);
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    let address = shown["tokens"][0]["certificates"][0]["address"].as_str().unwrap().to_owned();
    // An administrator takes the certificate from the token to the registration.
    let der = world.folder().join("token.der");
    tokens.tool(
        &serial,
        None,
        &["--read-object", "--type", "cert", "--id", "03", "-o", der.to_str().unwrap()],
    );
    let pem = openssl(&["x509", "-inform", "DER", "-in", der.to_str().unwrap()]);
    world.sim.register_client_certificate(&String::from_utf8(pem.stdout).unwrap()).unwrap();

    let use_it = ["tenant", "use", "token", &address, "--pin-stdin"];
    let wrong = fed(world.command(), &use_it, "000000").await.failure();
    assert!(wrong.to_lowercase().contains("pin"), "{wrong}");
    fed(world.command(), &use_it, "271828").await.done();
    works(&world, &[]).await;

    // The PIN is changed at the token, and the service starts again and again.
    write_private(&world.home().join("tenant-credential"), b"111111");
    let first = world.run_json(&["tenant", "test"]).await.failure();
    assert!(first.contains("taken out of the vault"), "{first}");
    let second = world.run_json(&["tenant", "test"]).await.failure();
    assert!(second.contains("is not in the vault"), "no PIN is sent any more: {second}");
    let refused = world.run_json(&["tenant", "share"]).await.failure();
    assert!(refused.contains("token in this machine"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_identity_signs_in_without_any_secret() {
    let world = world().await;
    let machine = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", world.sim.plain_url().to_owned());
    let with = |environment: &(&str, String)| {
        let mut command = world.command();
        command.env(environment.0, &environment.1);
        command
    };
    fed(with(&machine), &["tenant", "use", "managed-identity"], "").await.done();
    let told = works(&world, std::slice::from_ref(&machine)).await;
    let system = world.sim.system_identity().unwrap();
    assert_eq!(told["token"]["application"], system.client_id.to_string());

    let assigned = world.sim.assigned_identities()[0].client_id.to_string();
    let service = [
        ("IDENTITY_ENDPOINT", format!("{}/msi/token", world.sim.plain_url())),
        ("IDENTITY_HEADER", world.sim.identity_header()),
    ];
    let mut command = world.command();
    command.envs(service.iter().map(|(name, value)| (*name, value.as_str())));
    fed(command, &["tenant", "use", "managed-identity", "--identity", &assigned], "").await.done();
    let mut command = world.command();
    command
        .envs(service.iter().map(|(name, value)| (*name, value.as_str())))
        .args(["--json", "tenant", "test"]);
    assert_eq!(Ran::of(command).await.done()["token"]["application"], assigned);

    world.sim.remove_system_identity();
    let refused = fed(with(&machine), &["tenant", "use", "managed-identity"], "").await.failure();
    assert!(refused.contains("Identity not found") && refused.contains("switched on"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_vault_signs_in_for_a_machine_that_may_use_it() {
    let world = world().await;
    let key = world.sim.add_vault_key("app", &VaultKeySpec::certified("Sealwright in the vault")).unwrap();
    world.sim.register_client_certificate(key.certificate_pem.as_ref().unwrap()).unwrap();
    let file = world.home().join("sealwright.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let section = format!("\n[key-vault]\nurl = \"{}\"\n", world.sim.base_url());
    write_private(&file, (settings + &section).as_bytes());
    let machine = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", world.sim.plain_url().to_owned());
    let with = || {
        let mut command = world.command();
        command.env(machine.0, &machine.1);
        command
    };
    let elsewhere = ["tenant", "use", "key-vault", "https://vault.example.com/certificates/app/1"];
    let refused = fed(with(), &elsewhere, "").await.failure();
    assert!(refused.contains("no vault of this cloud"), "{refused}");

    fed(with(), &["tenant", "use", "key-vault", &key.certificate_address], "").await.done();
    let told = works(&world, std::slice::from_ref(&machine)).await;
    assert_eq!(told["certificate"]["subject"], "CN=Sealwright in the vault");
    assert_eq!(told["token"]["application"], world.sim.app().client_id.to_string());
    let signed = world.sim.requests().iter().filter(|one| one.path.ends_with("/sign")).count();
    assert!(signed > 0, "the vault signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_cluster_stands_for_a_secret() {
    let world = world().await;
    let file = world.folder().join("federated");
    let write = |subject: Option<&str>| {
        fs::write(&file, world.sim.federated_token(subject, Duration::from_hours(1)).unwrap()).unwrap();
    };
    write(Some("system:serviceaccount:other:pod"));
    let platform = ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap().to_owned());
    let with = || {
        let mut command = world.command();
        command.env(platform.0, &platform.1);
        command
    };
    let refused = fed(with(), &["tenant", "use", "workload-identity"], "").await.failure();
    assert!(refused.contains("federated credential") && refused.contains("700213"), "{refused}");
    write(None);
    fed(with(), &["tenant", "use", "workload-identity"], "").await.done();
    works(&world, std::slice::from_ref(&platform)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_named_and_an_unknown_tenant_too() {
    let world = world().await;
    let (file, _) = registered(&world, 300, "geheim");
    let use_it = ["tenant", "use", "certificate", file.to_str().unwrap(), "--password-stdin"];
    fed(world.command(), &use_it, "geheim").await.done();
    world.sim.advance(Duration::from_hours(2));
    let told = world.run_json(&["tenant", "test"]).await.failure();
    assert!(told.contains("clock is 2 hours slow") && told.contains("700024"), "{told}");

    let nobody = uuid::Uuid::from_u128(7).to_string();
    let elsewhere = ["tenant", "use", "--tenant-id", &nobody, "secret", "--stdin"];
    let told = fed(world.command(), &elsewhere, "x").await.failure();
    assert!(told.contains("tenant does not exist") && told.contains("90002"), "{told}");
}
