//! `recovery request|approve|complete`: recoveries that several persons carry, with keys of every kind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crypto::pfx;
use serde_json::{Value, json};
use sim::{SimOptions, Tenant, VaultKeySpec};
use store::{CertificateRow, Store as _};
use support::{SOFTHSM_MODULE, SoftHsm};

use crate::certificates::openssl;
use crate::home::{AGENTS, write_private};
use crate::program::{Ran, until};
use crate::proof;
use crate::secrets::{Search, keys_of_people};
use crate::world::{Pace, SMIME, World};

pub(crate) const PIN: &str = "271828";

/// Runs a command as this person, at her own machine or at the one of the world.
pub(crate) async fn run_as(world: &World, actor: &str, arguments: &[&str]) -> Ran {
    let mut command = world.command();
    command.env("SEALWRIGHT_ACTOR", actor).arg("--json").args(arguments);
    Ran::of(command).await
}

/// The key arguments of an agent's file.
pub(crate) fn file(world: &World, agent: &str) -> Vec<String> {
    let (file, password) = (world.agent(agent, "p12"), world.agent(agent, "password"));
    ["--kra", file.to_str().unwrap(), "--password-file", password.to_str().unwrap()]
        .map(str::to_owned)
        .to_vec()
}

pub(crate) async fn with_key(world: &World, actor: &str, arguments: &[&str], key: &[String]) -> Ran {
    let all: Vec<&str> = arguments.iter().copied().chain(key.iter().map(String::as_str)).collect();
    run_as(world, actor, &all).await
}

pub(crate) async fn ask(world: &World, row: &CertificateRow, more: &[&str]) -> Ran {
    let which = row.certificate.thumbprint.to_string();
    let why = ["--case", "4711/26", "--basis", "works agreement 7", "--reason", "long leave of a colleague"];
    run_as(world, "anna@desk-1", &[&["recovery", "request", &which], why.as_slice(), more].concat()).await
}

pub(crate) async fn smime(world: &World) -> CertificateRow {
    proof::certificates(world).await.into_iter().find(|row| row.template_name == SMIME).unwrap()
}

/// A set of three officers, of whom two together open a key: in a file, on a token, in a vault. With the keys' arguments.
pub(crate) async fn staged() -> (World, [Vec<String>; 3]) {
    let tenant = Tenant::invent().people(2).mailboxes(0).build();
    let world = World::with(SimOptions::new(tenant), &Pace::default()).await;
    let settings_file = world.home().join("sealwright.toml");
    let section = format!(
        "\n[key-vault]\nurl = \"{}\"\nclient-id = \"{}\"\n\n[recovery]\npkcs11-modules = [\"{SOFTHSM_MODULE}\"]\n",
        world.sim.base_url(),
        world.sim.officer_client_id()
    );
    write_private(&settings_file, (fs::read_to_string(&settings_file).unwrap() + &section).as_bytes());
    let vault = world.sim.add_vault_key("kra", &VaultKeySpec::certified("Officer in the vault")).unwrap();
    let secret = world.home().join("client-secret").to_str().unwrap().to_owned();
    let in_vault = |address: &str| {
        ["--kra", address, "--key-vault-client-secret-file", secret.as_str()].map(str::to_owned).to_vec()
    };

    let tokens = SoftHsm::new(world.folder());
    let serial = tokens.token("Officer with a token", PIN);
    let token = tokens.agent(&serial, PIN, "03", "Officer with a token", "rsa:2048", &["--usage-decrypt"]);
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    let address = shown["tokens"][0]["certificates"][0]["address"].as_str().unwrap().to_owned();
    let pin = world.folder().join("pin");
    write_private(&pin, PIN.as_bytes());
    let on_token = ["--kra", &address, "--password-file", pin.to_str().unwrap()].map(str::to_owned).to_vec();

    let (_, agent) = proof::agent(&world, AGENTS[0]);
    let in_file = world.folder().join("officer.crt");
    fs::write(&in_file, agent.pem()).unwrap();
    let from_vault = world.folder().join("vault.crt");
    fs::write(&from_vault, vault.certificate_pem.unwrap()).unwrap();
    let mut propose = vec!["kra", "set", "propose", "--name", "Recovery", "--quorum", "2"];
    for officer in [&in_file, &token.certificate, &from_vault] {
        propose.extend(["--officer", officer.to_str().unwrap()]);
    }
    world.json(&propose).await;
    let keys = [file(&world, AGENTS[0]), on_token, in_vault(&vault.address)];
    for key in [&keys[0], &keys[2]] {
        with_key(&world, "setup@desk-1", &["kra", "set", "sign", "--yes"], key).await.done();
    }
    world.json(&["apply"]).await;
    (world, keys)
}

pub(crate) fn opened(folder: &Path, passwords: &Path, row: &CertificateRow) {
    let name = format!("{}.p12", row.certificate.thumbprint);
    let told = fs::read_to_string(passwords).unwrap();
    let password = told.lines().find_map(|line| line.strip_prefix(&name)).unwrap().trim();
    let read = pfx::open(&fs::read(folder.join(name)).unwrap(), password).unwrap();
    assert_eq!(read.certificate.thumbprint(), row.certificate.thumbprint);
    assert_eq!(read.key.spki_sha256().unwrap(), read.certificate.spki_sha256().unwrap());
}

/// New places for files and passwords.
pub(crate) fn places(world: &World, name: &str) -> (PathBuf, PathBuf) {
    (world.folder().join(name), world.folder().join(format!("{name}.passwords")))
}

pub(crate) async fn complete(world: &World, id: &str, out: &Path, passwords: &Path) -> Ran {
    let (out, passwords) = (out.to_str().unwrap(), passwords.to_str().unwrap());
    run_as(world, "anna@desk-1", &["recovery", "complete", id, "--out", out, "--out-passwords", passwords])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_a_token_and_a_vault_open_a_key_two_at_a_time_and_none_alone() {
    let (world, keys) = staged().await;
    let row = smime(&world).await;
    let which = row.certificate.thumbprint.to_string();
    let out = world.folder().join("alone.p12");
    let out = out.to_str().unwrap();
    let alone =
        ["recovery", "open", &which, "--reason", "case 42", "--out", out, "--out-password", "alone.password"];
    let refused = with_key(&world, "bert@desk-2", &alone, &keys[0]).await.failure_with(3);
    assert!(
        refused.contains("nobody opens an archived key alone here: 2 officers have to agree"),
        "{refused}"
    );
    assert!(!Path::new(out).exists());

    let listed = world.json(&["recovery", "list"]).await;
    assert!(listed["keys"].as_array().unwrap().iter().all(|key| key["threshold"] == 2), "{listed}");
    let told = world.run(&["recovery", "list"]).await.stdout;
    assert!(told.contains("2 together of "), "{told}");

    for (number, pair) in [[0, 1], [1, 2], [2, 0]].into_iter().enumerate() {
        let asked = ask(&world, &row, &["--to-owner"]).await.done();
        let id = asked["request"].as_str().unwrap().to_owned();
        assert_eq!((&asked["needed"], &asked["wanted"]["kind"]), (&json!(2), &json!("fileForOwner")));
        let (folder, passwords) = places(&world, &format!("recovered-{number}"));
        for (agreed, (person, officer)) in ["bert@desk-2", "cora@desk-3"].into_iter().zip(pair).enumerate() {
            let early = complete(&world, &id, &folder, &passwords).await.failure();
            assert!(early.contains(&format!("{agreed} of 2 officers have agreed")), "{early}");
            assert!(!folder.exists() && !passwords.exists());
            let told =
                with_key(&world, person, &["recovery", "approve", &id, "--yes"], &keys[officer]).await.done();
            assert_eq!(told["agreed"], json!(agreed + 1), "{told}");
        }
        let listed = world.json(&["recovery", "requests"]).await;
        assert_eq!(listed["requests"][0]["agreed"], 2, "{listed}");
        complete(&world, &id, &folder, &passwords).await.done();
        opened(&folder, &passwords, &row);
        let again = places(&world, "again");
        let closed = complete(&world, &id, &again.0, &again.1).await.failure();
        assert!(closed.contains("is closed: it is done"), "{closed}");
    }
    assert_eq!(world.json(&["recovery", "requests"]).await["requests"], json!([]));
    assert_eq!(world.json(&["recovery", "requests", "--all"]).await["requests"].as_array().unwrap().len(), 3);
    world.json(&["audit", "verify"]).await;
}

/// The officer with the token leaves, and one with a file comes: what the former two of three opened, the new two of three do.
#[tokio::test(flavor = "multi_thread")]
async fn officers_seal_the_archive_anew_together_when_one_of_them_leaves() {
    let (world, keys) = staged().await;
    let (_, comes) = proof::agent(&world, AGENTS[1]);
    let certificate = world.folder().join("comes.crt");
    fs::write(&certificate, comes.pem()).unwrap();
    let set = world.json(&["kra", "set", "show"]).await;
    let officers = set["versions"][0]["officers"].as_array().unwrap();
    let leaves = officers.iter().find(|one| one["name"] == "Officer with a token").unwrap();
    let leaves = leaves["thumbprint"].as_str().unwrap();
    let next =
        ["kra", "set", "propose", "--keep", "--remove", leaves, "--add", certificate.to_str().unwrap()];
    world.json(&next).await;
    for key in [&keys[0], &keys[2]] {
        with_key(&world, "setup@desk-1", &["kra", "set", "sign", "--yes"], key).await.done();
    }
    let plan = ["kra", "rearchive", "--plan", "--reason", "officers changed"];
    let before = with_key(&world, "anna@desk-1", &plan, &keys[0]).await;
    let total = before.json()["together"].as_array().unwrap().len();
    assert!(total >= 2, "{before:?}");

    let why = ["--case", "4711/26", "--basis", "works agreement 7", "--reason", "officers changed"];
    let ask = [&["recovery", "request", "--seal-anew"], why.as_slice()].concat();
    let asked = run_as(&world, "anna@desk-1", &ask).await.done();
    let id = asked["request"].as_str().unwrap();
    assert_eq!(asked["keys"].as_array().map(Vec::len), Some(total), "{asked}");
    for (person, key) in [("bert@desk-2", &keys[1]), ("cora@desk-3", &keys[2])] {
        with_key(&world, person, &["recovery", "approve", id, "--yes"], key).await.done();
    }
    let done = run_as(&world, "anna@desk-1", &["recovery", "complete", id]).await.done();
    assert_eq!(done["sealedAnew"].as_array().map(Vec::len), Some(total), "{done}");
    let after = with_key(&world, "anna@desk-1", &plan, &keys[0]).await.done();
    assert_eq!((&after["together"], &after["settled"]), (&json!([]), &json!(total)), "{after}");
    let none = run_as(&world, "anna@desk-1", &ask).await.failure();
    assert!(none.contains("no key waits for it"), "{none}");

    // Who came and who stayed open it; who left does not.
    let row = smime(&world).await;
    let asked = self::ask(&world, &row, &["--to-owner"]).await.done();
    let id = asked["request"].as_str().unwrap();
    let approve = ["recovery", "approve", id, "--yes"];
    let left = with_key(&world, "bert@desk-2", &approve, &keys[1]).await.failure();
    assert!(left.contains("not sealed to"), "{left}");
    with_key(&world, "bert@desk-2", &approve, &file(&world, AGENTS[1])).await.done();
    with_key(&world, "cora@desk-3", &approve, &keys[2]).await.done();
    let (folder, passwords) = places(&world, "anew");
    complete(&world, id, &folder, &passwords).await.done();
    opened(&folder, &passwords, &row);
    world.json(&["audit", "verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_cannot_agree_and_a_refusal_is_for_everybody() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let asked = ask(&world, &row, &["--to-other", "Kanzlei Müller"]).await.done();
    let id = asked["request"].as_str().unwrap();
    assert_eq!(asked["needed"], 2, "somebody else gets it only with one officer more");
    let key = file(&world, AGENTS[0]);
    let own = with_key(&world, "anna@desk-9", &["recovery", "approve", id, "--yes"], &key).await.failure();
    assert!(own.contains("cannot agree to it too"), "{own}");
    // What is agreed to is read before the password is asked for.
    let mut command = world.command();
    command.env("SEALWRIGHT_ACTOR", "bert@desk-2").args(["recovery", "approve", id, "--yes"]).args(&key);
    let read = Ran::of(command).await;
    assert_eq!(read.code, Some(0), "{read:?}");
    for part in
        ["4711/26", "works agreement 7", "long leave", "Kanzlei Müller", "1 more officer has to agree"]
    {
        assert!(read.stdout.contains(part), "{part}: {}", read.stdout);
    }
    run_as(&world, "cora@desk-3", &["recovery", "refuse", id, "--reason", "no legal basis"]).await.done();
    let (out, passwords) = places(&world, "none");
    let refused = complete(&world, id, &out, &passwords).await.failure();
    assert!(refused.contains("an officer refused it"), "{refused}");
    let kinds: Vec<String> =
        proof::recorded(&world, "KEY_RECOVERY").await.into_iter().map(|(kind, _, _)| kind).collect();
    let expected = ["REQUEST", "APPROVAL_PROCESSED", "APPROVAL", "APPROVAL_PROCESSED", "REQUEST_CLOSED"];
    assert_eq!(kinds, expected.map(|kind| format!("KEY_RECOVERY_{kind}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_hands_a_recovered_key_over_where_intune_has_lost_it() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let which = row.certificate.thumbprint.to_string();
    let mut daemon = world.daemon();
    daemon.ready().await;
    let records = world.sim.pfx_records();
    let record = records.iter().find(|record| record.thumbprint == which).unwrap();
    assert!(world.sim.delete_pfx(&record.id));
    let lost = world.run_json(&["certificate", "redeliver", &which]).await;
    assert_eq!((lost.code, &lost.json()["missing"]), (Some(3), &json!(1)), "{lost:?}");

    let asked = ask(&world, &row, &["--to-devices"]).await.done();
    let id = asked["request"].as_str().unwrap();
    let key = file(&world, AGENTS[1]);
    with_key(&world, "bert@desk-2", &["recovery", "approve", id, "--yes"], &key).await.done();
    let told = run_as(&world, "anna@desk-1", &["recovery", "complete", id]).await.done();
    assert_eq!(told["onTheirWay"].as_array().map(Vec::len), Some(1), "{told}");
    let back = until("the record is back", async || {
        let told: Value = world.run_json(&["certificate", "redeliver", &which]).await.json();
        (told["missing"] == 0).then_some(told)
    })
    .await;
    assert_eq!(back["present"], 1, "{back}");
    daemon.stop().await;
    let in_flight = world.store.read().await.unwrap().archive().count_inflight().await.unwrap();
    assert_eq!(in_flight, 0, "the key is in flight no longer than it has to be");
    let checked = world.sim.devices_check_in().await.unwrap();
    assert_eq!(checked.failures().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_key_is_written_anywhere_while_mails_are_decrypted() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let which = row.certificate.thumbprint.to_string();
    let mut search = Search::new();
    for key in keys_of_people(&world).await {
        search.key("a person's key", &key);
    }
    let exported = world.run(&["certificate", "export", &which]).await.stdout;
    let end = "-----END CERTIFICATE-----";
    let at = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    fs::write(at("leaf.pem"), &exported[..exported.find(end).unwrap() + end.len()]).unwrap();
    fs::write(at("text"), format!("Content-Type: text/plain\r\n\r\n{CANARY}\r\n")).unwrap();
    let encrypt =
        ["cms", "-encrypt", "-aes256", "-in", &at("text"), "-out", &at("mail.eml"), &at("leaf.pem")];
    assert!(openssl(&encrypt).status.success());

    let asked = ask(&world, &row, &["--decrypt"]).await.done();
    let id = asked["request"].as_str().unwrap();
    with_key(&world, "bert@desk-2", &["recovery", "approve", id, "--yes"], &file(&world, AGENTS[0]))
        .await
        .done();
    // Every system call that hands octets to anybody: files, the database, sockets, memory that others map.
    let mut command = Command::new("strace");
    command.args(["-f", "-s", "10000000", "-xx", "-o", &at("calls")]);
    command
        .args(["-e", "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,prlimit64,prctl"]);
    let program = world.command();
    let program = program.as_std();
    command.arg(program.get_program()).args(program.get_args()).current_dir(world.folder());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("SEALWRIGHT_ACTOR", "anna@desk-1").args(["--log", "trace", "recovery", "complete", id]);
    command.args([&at("mail.eml"), "--out", &at("decrypted")]);
    let traced = Ran::of(command.into()).await;
    let calls = fs::read_to_string(at("calls")).unwrap_or_default();
    if traced.code.is_none() || calls.contains("PTRACE_TRACEME") || traced.stderr.contains("ptrace") {
        eprintln!("SKIPPED: strace may not look at programs here: {}", traced.stderr);
        return;
    }
    assert_eq!(traced.code, Some(0), "{traced:?}");
    let written = octets(&calls);
    // What was to be written is seen, in the file of the mail; so a key would be seen too.
    assert!(
        written.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()),
        "strace shows what is written"
    );
    assert_eq!(search.find(&written), None);
    assert_eq!(
        search.find(&[written.as_slice(), &keys_of_people(&world).await[0].to_pkcs8().unwrap()].concat()),
        Some("a person's key"),
        "the search finds keys"
    );
    assert!(calls.contains("RLIMIT_CORE, {rlim_cur=0, rlim_max=0}"), "no core dump");
    assert!(calls.contains("PR_SET_DUMPABLE, SUID_DUMP_DISABLE"), "nor one through a pipe");
    for (name, content) in crate::secrets::written(&world) {
        assert_eq!(search.find(&content), None, "{name}");
    }
}

/// Nobody writes this by chance.
const CANARY: &str = "the canary sings at a quarter past four";

/// All octets that strace shows as `\x..`, in order.
fn octets(calls: &str) -> Vec<u8> {
    let mut found = Vec::with_capacity(calls.len() / 4);
    let mut rest = calls.as_bytes();
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\\x") {
        let digits = rest.get(at + 2..at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        found.extend(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()));
        rest = &rest[(at + 4).min(rest.len())..];
    }
    found
}
