//! The simulator as Microsoft's own clients see it: MSAL, azure-identity and the Graph SDK, run by Python and by Node.
//!
//! `SEALWRIGHT_TEST_PYTHON` names an interpreter with the packages of `tests/requirements.txt`; `./dev test` prepares one,
//! and installs the Node packages of `clients/node`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails loudly, also in what it shares with others"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Name};
use serde_json::{Value, json};
use sim::{Sim, SimOptions, Tenant, VaultKeySpec};
use tempfile::TempDir;

/// The interpreter, or a sentence that says how to get one.
fn python() -> PathBuf {
    let hint = "run `./dev test`, which prepares ~/.cache/sealwright/venv from tests/requirements.txt and sets \
                SEALWRIGHT_TEST_PYTHON to its interpreter; by hand: python3 -m venv DIR && \
                DIR/bin/pip install -r tests/requirements.txt, then SEALWRIGHT_TEST_PYTHON=DIR/bin/python";
    let Some(path) = std::env::var_os("SEALWRIGHT_TEST_PYTHON").map(PathBuf::from) else {
        panic!("SEALWRIGHT_TEST_PYTHON is not set: {hint}");
    };
    assert!(path.exists(), "SEALWRIGHT_TEST_PYTHON names {}, which does not exist: {hint}", path.display());
    path
}

/// Node, whose packages for this script are there.
fn node(script: &Path) -> PathBuf {
    let packages = script.with_file_name("node_modules");
    assert!(
        packages.is_dir(),
        "{} is missing: run `./dev test`, which installs it; by hand: npm --prefix tests/sim/clients/node ci",
        packages.display()
    );
    PathBuf::from("node")
}

fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509Name::builder().expect("a name");
    name.append_entry_by_nid(Nid::COMMONNAME, "sealwright").expect("a common name");
    let name = name.build();
    let mut builder = X509::builder().expect("a certificate");
    builder.set_version(2).expect("v3");
    builder.set_subject_name(&name).expect("a subject");
    builder.set_issuer_name(&name).expect("an issuer");
    builder.set_pubkey(key).expect("a key");
    builder.set_not_before(&Asn1Time::days_from_now(0).expect("now")).expect("a start");
    builder.set_not_after(&Asn1Time::days_from_now(30).expect("then")).expect("an end");
    builder.sign(key, MessageDigest::sha256()).expect("signed");
    builder.build()
}

/// A world with a registered client certificate, and the files that the scripts read.
struct Stage {
    sim: Sim,
    folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        let certificate = certificate(&key);
        let pem = certificate.to_pem().expect("PEM");
        let tenant = Tenant::invent().people(10).mailboxes(1).build();
        let tenant = tenant.with_client_certificate(&String::from_utf8_lossy(&pem));
        let options = SimOptions::new(tenant).with_pages_of(4);
        let options = options.with_device_code_interval(Duration::from_secs(1));
        let sim = Sim::start(options).await.expect("the simulator starts");
        sim.add_vault_key("agent", &VaultKeySpec::certified("Agent in the vault")).expect("a key");

        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).expect("written");
            path
        };
        file("ca.pem", sim.ca_pem().as_bytes());
        let challenges = folder.path().join("challenges");
        fs::create_dir(&challenges).expect("a folder");
        sim.run_arc_agent(&challenges);
        let hour = Duration::from_hours(1);
        let federated = sim.federated_token(None, hour).expect("a token");
        let stranger = sim.federated_token(Some("system:serviceaccount:other:pod"), hour).expect("a token");
        let settings = json!({
            "baseUrl": sim.base_url(),
            "tenantId": sim.tenant_id(),
            "clientId": sim.app().client_id,
            "clientSecret": sim.app().secret,
            "officerClientId": sim.officer_client_id(),
            "plainUrl": sim.plain_url(),
            "assignedClientId": sim.assigned_identities()[0].client_id,
            "identityHeader": sim.identity_header(),
            "challenges": challenges,
            "federatedTokenFile": file("federated", federated.as_bytes()),
            "strangerTokenFile": file("stranger", stranger.as_bytes()),
            "keyFile": file("key.pem", &key.private_key_to_pem_pkcs8().expect("PEM")),
            "certificateFile": file("certificate.pem", &pem),
            "certificateSha1": hex::encode(certificate.digest(MessageDigest::sha1()).expect("a digest")),
            "group": sim.smime_group(),
            "connectorKey": sim.connector_public_key_pem(),
            "providerName": sim.connector_provider_name(),
            "keyName": sim.connector_key_name(),
        });
        file("settings.json", settings.to_string().as_bytes());
        Self { sim, folder }
    }

    /// Runs a script of `clients/` and returns the object that it prints.
    async fn run(&self, script: &str) -> Value {
        self.run_with(script, &[]).await
    }

    async fn run_with(&self, script: &str, arguments: &[&str]) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
        let ca = self.folder.path().join("ca.pem");
        let is_node = script.extension().is_some_and(|extension| extension == "mjs");
        let interpreter = if is_node { node(&script) } else { python() };
        let output = tokio::process::Command::new(interpreter)
            .arg(&script)
            .arg(self.folder.path().join("settings.json"))
            .args(arguments)
            .env("REQUESTS_CA_BUNDLE", &ca)
            .env("SSL_CERT_FILE", &ca)
            .env("NODE_EXTRA_CA_CERTS", &ca)
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy")
            .env("NO_PROXY", "localhost,127.0.0.1")
            .output()
            .await
            .expect("the interpreter runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} failed:\n{told}", script.display());
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }
}

/// Waits for a sign-in by device code and decides about it.
async fn when_asked(sim: &Sim, decide: impl FnOnce(&Sim, &str)) {
    let code = loop {
        if let Some(waiting) = sim.waiting_sign_ins().pop() {
            break waiting.user_code;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    // At least one question is answered with "not yet".
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    decide(sim, &code);
}

fn ids(items: &Value) -> BTreeSet<String> {
    items.as_array().expect("a list").iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn msal_gets_tokens_by_secret_and_certificate_and_understands_the_refusals() {
    let stage = Stage::new().await;
    let results = stage.run("msal_client.py").await;
    for way in ["secret", "certificate", "thumbprint"] {
        let claims = &results[way];
        assert_eq!(claims["tid"], stage.sim.tenant_id().to_string(), "{way}: {claims}");
        assert_eq!(claims["roles"], json!(sim::DEFAULT_ROLES), "{way}");
    }
    assert_eq!(results["discovered"]["ok"], true);
    for (way, error, code) in [
        ("wrongSecret", "invalid_client", 7_000_215),
        ("unknownCertificate", "invalid_client", 700_027),
        ("unknownClient", "unauthorized_client", 700_016),
        ("wrongScope", "invalid_resource", 500_011),
    ] {
        assert_eq!(results[way]["error"], error, "{way}: {}", results[way]);
        assert_eq!(results[way]["codes"], json!([code]), "{way}");
    }
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_graph_sdk_reads_the_directory_and_imports_a_pfx_that_devices_open() {
    let stage = Stage::new().await;
    let results = stage.run("graph_client.py").await;
    let people = stage.sim.users();
    let everybody: BTreeSet<String> = people.iter().map(|user| user.id.to_string()).collect();

    assert_eq!(results["users"]["pages"], 3, "11 users in pages of 4");
    let users = results["users"]["items"].as_array().expect("a list");
    for (told, user) in users.iter().zip(&people) {
        assert_eq!(told["id"], user.id.to_string());
        assert_eq!(told["shown"], json!(user.display_name), "umlauts survive");
        assert_eq!(told["sid"], user.security_identifier());
    }
    assert_eq!(users.len(), people.len());
    assert_eq!(results["one"]["id"], people[0].id.to_string());
    assert_eq!(results["one"]["mail"], json!(people[0].mail));
    assert_eq!(ids(&results["members"]["ids"]), everybody, "nested members included");
    assert_eq!((&results["members"]["count"], &results["members"]["pages"]), (&json!(11), &json!(3)));
    assert_eq!(results["group"], "SMIME users");
    assert_eq!(ids(&results["delta"]["ids"]), everybody);
    assert!(results["delta"]["deltaLink"].as_str().is_some_and(|link| link.contains("$deltatoken=")));
    assert_eq!(results["missing"], json!({ "status": 404, "code": "Request_ResourceNotFound" }));

    let pfx = &results["pfx"];
    let thumbprint = pfx["thumbprint"].as_str().expect("a thumbprint");
    assert_eq!(pfx["created"]["id"], format!("{}-{thumbprint}", people[0].id.simple()));
    assert_eq!(pfx["again"], json!({ "status": 409, "code": "Conflict" }));
    assert_eq!(pfx["bad"], json!({ "status": 400, "code": "BadRequest" }));
    assert_eq!(pfx["listed"].as_array().map(Vec::len), Some(1));
    assert_eq!(pfx["listed"][0]["encryptedPfxBlob"], "AA==");

    let report = stage.sim.devices_check_in().await.expect("a report");
    assert_eq!(report.checks.len(), people[0].devices.len());
    for check in &report.checks {
        assert_eq!((check.opened, check.canary, &check.error), (true, Some(true), &None), "{check:?}");
        assert_eq!(check.subject_common_name.as_deref(), Some("Made in Python"));
    }
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_in_javascript_sign_in_and_follow_pages_changes_and_refusals() {
    let stage = Stage::new().await;
    let results = stage.run("node/graph_client.mjs").await;
    let people = stage.sim.users();
    let everybody: BTreeSet<String> = people.iter().map(|user| user.id.to_string()).collect();
    for way in ["secret", "certificate"] {
        let claims = &results[way];
        assert_eq!(claims["tid"], stage.sim.tenant_id().to_string(), "{way}: {claims}");
        assert_eq!(claims["roles"], json!(sim::DEFAULT_ROLES), "{way}");
    }
    let refused = &results["wrongSecret"];
    assert_eq!(
        (&refused["code"], &refused["numbers"]),
        (&json!("invalid_client"), &json!([7_000_215])),
        "{refused}"
    );
    assert_eq!(ids(&results["users"]), everybody, "pages are walked to their end");
    assert_eq!(ids(&results["members"]["ids"]), everybody);
    assert_eq!(results["members"]["count"], 11);
    assert_eq!(ids(&results["delta"]["first"]), everybody);
    assert_eq!(results["delta"]["again"], json!([]), "nothing has changed since");
    assert_eq!(results["missing"], json!({ "status": 404, "code": "Request_ResourceNotFound" }));
    assert_eq!(results["notEventual"]["status"], 400, "{results}");
    assert_eq!(results["notARecord"], json!({ "status": 400, "code": "BadRequest" }));
    assert_eq!(results["records"], json!([]));
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn msal_signs_a_person_in_by_device_code_and_understands_a_refusal() {
    let stage = Stage::new().await;
    let person = stage.sim.users().into_iter().find(|user| user.account_enabled).expect("somebody");
    let approve = when_asked(&stage.sim, |sim, code| sim.approve_sign_in(code, person.id).expect("it waits"));
    let (signed_in, ()) = tokio::join!(stage.run("msal_device_client.py"), approve);
    assert_eq!(signed_in["who"], person.user_principal_name, "{signed_in}");
    let claims = &signed_in["claims"];
    assert_eq!(
        (&claims["scp"], &claims["idtyp"]),
        (&json!("user_impersonation"), &json!("user")),
        "{claims}"
    );
    assert_eq!(claims["oid"], person.id.to_string());
    let asked = stage.sim.requests().iter().filter(|one| one.path.ends_with("/token")).count();
    assert!(asked >= 2, "it asks until the person has answered");

    let decline = when_asked(&stage.sim, |sim, code| sim.decline_sign_in(code).expect("it waits"));
    let (declined, ()) = tokio::join!(stage.run("msal_device_client.py"), decline);
    assert_eq!(declined["error"], "authorization_declined", "{declined}");
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_identity_gets_tokens_from_machines_services_arc_and_clusters() {
    let stage = Stage::new().await;
    let results = stage.run("machine_client.py").await;
    let system = stage.sim.system_identity().expect("an identity").client_id.to_string();
    let assigned = stage.sim.assigned_identities()[0].client_id.to_string();
    let application = stage.sim.app().client_id.to_string();
    for (way, who) in [
        ("machine", &system),
        ("machineAssigned", &assigned),
        ("service", &system),
        ("serviceAssigned", &assigned),
        ("arc", &system),
        ("workload", &application),
        ("secret", &application),
        ("certificate", &application),
    ] {
        let claims = &results[way];
        assert_eq!(claims["appid"], **who, "{way}: {claims}");
        assert_eq!(claims["roles"], json!(sim::DEFAULT_ROLES), "{way}");
    }
    for (way, why) in [
        ("machineUnknown", "Identity not found"),
        ("serviceWrongHeader", "App Service managed identity"),
        ("workloadStranger", "AADSTS700213"),
    ] {
        let told = results[way]["error"].as_str().unwrap_or_default();
        assert!(told.contains(why), "{way}: {}", results[way]);
    }
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_written_from_the_description_reads_mailboxes_and_rights_from_exchange() {
    let stage = Stage::new().await;
    let mut roles = sim::DEFAULT_ROLES.to_vec();
    roles.push("Exchange.ManageAsApp");
    stage.sim.set_roles(&roles);
    let second = sim::User {
        purpose: sim::MailboxPurpose::Shared,
        account_enabled: false,
        ..sim::User::new(uuid::Uuid::from_u128(7), &format!("second@{}", stage.sim.domain()))
    };
    stage.sim.add_user(second, &[]).expect("added");
    let info = stage.sim.mailboxes()[0].clone();
    let person = stage.sim.users().into_iter().find(|user| user.account_enabled).expect("somebody");
    let grant = sim::MailboxPermission::send_as(&person.user_principal_name);
    stage.sim.grant_mailbox(info.user_id, grant).expect("granted");
    let second_full = sim::MailboxPermission::full_access(&person.user_principal_name);
    stage.sim.grant_mailbox(uuid::Uuid::from_u128(7), second_full).expect("granted");

    let results = stage.run("exchange_client.py").await;
    assert_eq!(results["pages"], 2, "two mailboxes, one on each page");
    let first = &results["mailboxes"][0];
    assert_eq!(first["ExternalDirectoryObjectId"], info.user_id.to_string());
    assert_eq!(first["PrimarySmtpAddress"], info.address);
    assert_eq!(
        first.as_object().map(serde_json::Map::len),
        Some(4),
        "what was selected and no more: {first}"
    );
    let row = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let full = results["fullAccess"].as_array().expect("rows");
    let direct: BTreeSet<String> =
        full.iter().filter(|one| one["IsInherited"] == false).map(|one| row(one, "User")).collect();
    let holders =
        info.holders.iter().map(|id| stage.sim.user(&id.to_string()).expect("a holder").user_principal_name);
    assert_eq!(direct, holders.chain(["NT AUTHORITY\\SELF".to_owned()]).collect());
    assert!(full.iter().any(|one| one["IsInherited"] == true && one["Deny"] == true), "{full:?}");
    let send: Vec<String> =
        results["sendAs"].as_array().expect("rows").iter().map(|one| row(one, "Trustee")).collect();
    assert_eq!(send, ["NT AUTHORITY\\SELF".to_owned(), person.user_principal_name]);
    assert_eq!(
        results["everything"].as_array().map(Vec::len),
        Some(2),
        "an empty identity means all mailboxes"
    );

    for (what, status, part) in [
        ("missing", 404, "|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|"),
        ("unknownParameter", 400, "parameter name 'Filter'"),
        ("writes", 403, "CommandNotFoundException"),
        ("otherBody", 400, "page token"),
    ] {
        assert_eq!(results[what]["status"], status, "{what}: {}", results[what]);
        assert!(row(&results[what], "reason").contains(part), "{what}: {}", results[what]);
    }
    assert_eq!(results["graphToken"], json!({ "status": 401, "reason": null }), "made for another service");
    assert_eq!(results["clixml"], "application/xml; charset=utf-8");
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_written_from_the_description_changes_what_the_address_list_shows() {
    let stage = Stage::new().await;
    let mut roles = sim::DEFAULT_ROLES.to_vec();
    roles.push("Exchange.ManageAsApp");
    stage.sim.set_roles(&roles);
    stage.sim.set_exchange_role(&["Get-Mailbox", "Set-Mailbox"]);
    let people: Vec<_> = stage.sim.users().into_iter().filter(|user| user.account_enabled).collect();
    stage.sim.set_synchronised(people[0].id, false).expect("a user");
    stage.sim.set_synchronised(people[1].id, true).expect("a user");
    let of = |name: &str| {
        let key = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
        let mut subject = X509Name::builder().expect("a name");
        subject.append_entry_by_text("CN", name).expect("a name");
        let mut builder = X509::builder().expect("a certificate");
        let subject = subject.build();
        builder.set_subject_name(&subject).expect("a subject");
        builder.set_issuer_name(&subject).expect("an issuer");
        builder.set_not_before(&Asn1Time::days_from_now(0).expect("a time")).expect("a start");
        builder.set_not_after(&Asn1Time::days_from_now(30).expect("a time")).expect("an end");
        builder.set_pubkey(&key).expect("a key");
        builder.sign(&key, MessageDigest::sha256()).expect("signed");
        openssl::base64::encode_block(&builder.build().to_der().expect("DER"))
    };
    let (first, second) = (of("first"), of("second"));
    let (mailbox, synchronised) = (people[0].id.to_string(), people[1].id.to_string());
    let results = stage.run_with("address_list_client.py", &[&mailbox, &synchronised, &first, &second]).await;
    assert_eq!(results["before"], json!([]));
    assert_eq!(results["written"], json!({ "status": 200, "rows": [], "shown": [first, second] }));
    let told = results["same"][0].as_str().unwrap_or_default();
    assert!(told.contains("no settings of") && told.contains("have been modified"), "{told}");
    assert_eq!(results["replaced"], json!([second]), "the whole list is replaced");
    for (what, status, part) in [
        ("text", 400, "MultiValuedProperty"),
        ("noCertificate", 400, "the data is invalid"),
        ("otherParameter", 400, "parameter name 'ForwardingSmtpAddress'"),
        ("synchronised", 400, "synchronized from your on-premises organization"),
        ("nobody", 404, "ManagementObjectNotFoundException"),
    ] {
        assert_eq!(results[what]["status"], status, "{what}: {}", results[what]);
        let reason = results[what]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(part), "{what}: {reason}");
    }
    assert_eq!(results["afterRefusals"], json!([second]), "what is refused changes nothing");
    assert_eq!(results["emptied"], json!([200, []]));
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn msal_signs_a_person_in_with_a_browser_and_keeps_the_session() {
    let stage = Stage::new().await;
    let person = stage.sim.users().into_iter().find(|user| user.account_enabled).expect("somebody");
    stage.sim.assign_app_roles(person.id, &["Sealwright.Auditor"]);
    let results = stage.run_with("msal_person_client.py", &[&person.user_principal_name]).await;
    assert_eq!(
        results,
        json!({
            "who": person.user_principal_name, "roles": ["Sealwright.Auditor"],
            "scope": "https://graph.microsoft.com/User.Read", "again": "invalid_grant", "renewed": true,
            "used": "invalid_grant", "stolen": "invalid_grant",
        })
    );
    let declined = stage.run("msal_person_client.py").await;
    assert_eq!(declined, json!({ "error": "access_denied" }));
    stage.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_vault_client_makes_reads_wraps_and_unwraps_and_understands_the_refusals() {
    let stage = Stage::new().await;
    let results = stage.run("key_vault_client.py").await;
    let wrapped = results["wrapped"].as_object().expect("an object");
    assert_eq!(wrapped.len(), 8, "{wrapped:?}");
    assert!(wrapped.values().all(|done| *done == json!(true)), "{wrapped:?}");
    assert_eq!((&results["hardware"], &results["elliptic"]), (&json!("RSA-HSM"), &json!("EC")));
    let forbidden = json!({ "status": 403, "code": "Forbidden", "inner": "KeyOperationForbidden" });
    let signed = json!({ "RS256": true, "PS256": true, "ES256": true, "forbidden": forbidden });
    assert_eq!(results["signed"], signed);
    let rotated = json!({ "newest": true, "old": true, "differ": true, "opens": true });
    assert_eq!(results["rotated"], rotated);
    assert_eq!(results["expired"], true, "an expired key still unwraps");
    assert_eq!(results["disabledIsShown"], true);
    let disabled = json!({ "status": 403, "code": "Forbidden", "inner": "KeyDisabled" });
    assert_eq!(results["disabled"], disabled);
    let missing = json!({ "status": 404, "code": "KeyNotFound", "inner": null });
    assert_eq!((&results["missing"], &results["gone"]), (&missing, &missing));
    assert_eq!(results["deleted"], true);
    let certificate =
        json!({ "subject": "CN=Agent in the vault", "keyId": true, "fits": true, "thumbprint": true });
    assert_eq!(results["certificate"], certificate);
    let strict = results["strict"].as_str().expect("a refusal");
    assert!(strict.contains("does not match the requested domain"), "{strict}");
    let unwrapped: Vec<_> =
        stage.sim.requests().into_iter().filter(|one| one.path.ends_with("/unwrapkey")).collect();
    assert!(
        unwrapped.iter().any(|one| one.with_token && one.status == 200),
        "private operations are the vault's"
    );
    stage.sim.stop().await;
}
