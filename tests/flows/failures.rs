//! Recoveries tried × ways of failing: each kind of key, each thing that can be wrong with it or with what it is to open. None
//! opens, none leaks, all are told; and afterwards each kind opens what it is to open.
//!
//! The table lies beside the other reports (`recoveries.json`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sim::{SimOptions, Tenant, VaultKeySpec};
use store::CertificateRow;
use support::{SOFTHSM_MODULE, SoftHsm};

use crate::home::{AGENTS, OUTSIDER, write_private};
use crate::program::Ran;
use crate::proof;
use crate::secrets::{Search, keys_of_people};
use crate::world::{Pace, SMIME, World};

const PIN: &str = "271828";

/// One kind of key, and the arguments that name it rightly and wrongly.
struct Kind {
    name: &'static str,
    right: Vec<String>,
    wrong: Vec<(&'static str, Vec<String>)>,
}

fn arguments(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

fn secret(world: &World, name: &str, text: &str) -> String {
    let file = world.folder().join(name);
    write_private(&file, text.as_bytes());
    file.to_str().unwrap().to_owned()
}

/// People whose keys are sealed to agents of all three kinds, of whom any one opens them.
async fn staged() -> (World, Vec<Kind>) {
    let tenant = Tenant::invent().people(2).mailboxes(0).build();
    let world = World::with(SimOptions::new(tenant), &Pace::default()).await;
    let settings = world.home().join("sealwright.toml");
    let (base, client) = (world.sim.base_url(), world.sim.officer_client_id());
    let section = format!("\n[key-vault]\nurl = \"{base}\"\nclient-id = \"{client}\"\n");
    write_private(&settings, (fs::read_to_string(&settings).unwrap() + &section).as_bytes());

    let vault = world.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent in the vault")).unwrap();
    let other = world.sim.add_vault_key("other", &VaultKeySpec::certified("Another vault's agent")).unwrap();
    let client_secret = world.home().join("client-secret").to_str().unwrap().to_owned();
    let by_secret = ["--key-vault-client-secret-file", client_secret.as_str()];
    world.json(&[&["kra", "add", &vault.certificate_address], by_secret.as_slice()].concat()).await;

    let tokens = SoftHsm::new(world.folder());
    for label in ["Agent on a token", "Another token's agent"] {
        let serial = tokens.token(label, PIN);
        tokens.agent(&serial, PIN, "03", label, "rsa:2048", &["--usage-decrypt"]);
    }
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    let address = |label: &str| {
        let token = shown["tokens"].as_array().unwrap().iter().find(|token| token["label"] == label).unwrap();
        token["certificates"][0]["address"].as_str().unwrap().to_owned()
    };
    let (token, other_token) = (address("Agent on a token"), address("Another token's agent"));
    world.json(&["kra", "add", &token]).await;
    world.json(&["apply"]).await;

    let (right, wrong) = (secret(&world, "pin", PIN), secret(&world, "wrong", "999999"));
    let file = |agent: &str| world.agent(agent, "p12").to_str().unwrap().to_owned();
    let password = |agent: &str| world.agent(agent, "password").to_str().unwrap().to_owned();
    let cut = world.folder().join("cut.p12");
    let whole = fs::read(world.agent(AGENTS[0], "p12")).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let gone = token.replace("Agent%20on%20a%20token", "Nobody%27s%20token");
    assert_ne!(gone, token, "{token}");
    let version = "0".repeat(32);
    let no_version = format!("{}/{version}", vault.address.rsplit_once('/').unwrap().0);
    let with = |address: &str, file: &str| arguments(&["--kra", address, "--password-file", file]);
    let in_vault = |address: &str| arguments(&["--kra", address, by_secret[0], by_secret[1]]);
    let kinds = vec![
        Kind {
            name: "file",
            right: with(&file(AGENTS[0]), &password(AGENTS[0])),
            wrong: vec![
                ("wrong password", with(&file(AGENTS[0]), &wrong)),
                ("cut off", with(cut.to_str().unwrap(), &password(AGENTS[0]))),
                ("not there", with(&format!("{}.none", file(AGENTS[0])), &wrong)),
                ("somebody else's", with(&file(OUTSIDER), &password(OUTSIDER))),
            ],
        },
        Kind {
            name: "token",
            right: with(&token, &right),
            wrong: vec![
                ("wrong PIN", with(&token, &wrong)),
                ("not there", with(&gone, &right)),
                ("somebody else's", with(&other_token, &right)),
            ],
        },
        Kind {
            name: "vault",
            right: in_vault(&vault.address),
            wrong: vec![
                ("no such version", in_vault(&no_version)),
                ("wrong credential", arguments(&["--kra", &vault.address, by_secret[0], &wrong])),
                ("somebody else's", in_vault(&other.address)),
            ],
        },
    ];
    (world, kinds)
}

/// Ways in which an envelope is not what it was, told by the place where it differs.
const DAMAGES: [&str; 7] = [
    "empty",
    "a page in its place",
    "cut off",
    "a bit of each wrapped key",
    "a bit of the content",
    "a bit of the tag",
    "another person's",
];

/// Puts an envelope of that kind in place, as somebody does who owns the database; the one that was there.
fn damage(world: &World, row: &CertificateRow, how: &str) {
    let script = r#"
import sqlite3, sys, uuid
base = sqlite3.connect(sys.argv[1], timeout=30)
mine, how = uuid.UUID(sys.argv[2]).bytes, sys.argv[3]
old = base.execute("select envelope from archived_key where certificate = ?", (mine,)).fetchone()[0]
other = base.execute("select envelope from archived_key where certificate <> ?", (mine,)).fetchone()[0]
base.execute("create table if not exists kept (envelope blob)")
if how == "restore":
    new = base.execute("select envelope from kept").fetchone()[0]
    base.execute("drop table kept")
else:
    base.execute("delete from kept"); base.execute("insert into kept values (?)", (old,))
    # Wrapped keys are the octet strings of 256 and 384 octets.
    wrapped = [at + 20 for at in range(len(old) - 4) if old[at:at + 4] in (b"\x04\x82\x01\x00", b"\x04\x82\x01\x80")]
    at = {"a bit of each wrapped key": wrapped, "a bit of the content": [len(old) - 200], "a bit of the tag": [len(old) - 3]}
    bent = bytearray(old)
    for place in at.get(how, []): bent[place] ^= 4
    new = {"empty": b"", "a page in its place": b"<!DOCTYPE html><html>502 Bad Gateway</html>", "cut off": old[:len(old) // 2],
           "another person's": other}.get(how, bytes(bent))
    assert new != old
base.execute("update archived_key set envelope = ? where certificate = ?", (new, mine))
base.commit()
"#;
    let ran = Command::new("python3")
        .args(["-c", script])
        .arg(world.home().join("sealwright.db"))
        .args([row.certificate.id.to_string().as_str(), how])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{how}: {}", String::from_utf8_lossy(&ran.stderr));
}

async fn open(world: &World, row: &CertificateRow, key: &[String], out: &Path) -> Ran {
    let which = row.certificate.thumbprint.to_string();
    let password = out.with_extension("password");
    let mut all = vec!["recovery", "open", &which, "--reason", "case 42", "--out", out.to_str().unwrap()];
    all.extend(["--out-password", password.to_str().unwrap()]);
    all.extend(key.iter().map(String::as_str));
    world.run_json(&all).await
}

/// One try that must fail: told in a sentence, and nothing of the key anywhere.
async fn fails(world: &World, row: &CertificateRow, key: &[String], search: &Search, what: &str) -> Value {
    let out = world.folder().join("nothing.p12");
    let ran = open(world, row, key, &out).await;
    assert!(matches!(ran.code, Some(1 | 3)), "{what}: {ran:?}");
    assert!(!out.exists() && !out.with_extension("password").exists(), "{what} left a file");
    let told = ran.stderr.lines().find_map(|line| line.strip_prefix("sealwright: ")).unwrap_or_default();
    assert!(told.len() > 20 && !ran.stderr.contains("panicked"), "{what}: {ran:?}");
    for said in [&ran.stdout, &ran.stderr] {
        assert_eq!(search.find(said.as_bytes()), None, "{what}");
    }
    json!(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_opens_and_nothing_leaks_however_a_recovery_fails() {
    let (world, kinds) = staged().await;
    let rows = proof::certificates(&world).await;
    let row = rows.into_iter().find(|row| row.template_name == SMIME).unwrap();
    let mut search = Search::new();
    for key in keys_of_people(&world).await {
        search.key("a person's key", &key);
    }
    let mut table = serde_json::Map::new();
    let mut tried = 0;
    for kind in &kinds {
        let mut ways = serde_json::Map::new();
        for (way, key) in &kind.wrong {
            let what = format!("{}: {way}", kind.name);
            ways.insert((*way).to_owned(), fails(&world, &row, key, &search, &what).await);
        }
        for how in DAMAGES {
            damage(&world, &row, how);
            let what = format!("{}: envelope, {how}", kind.name);
            ways.insert(format!("envelope: {how}"), fails(&world, &row, &kind.right, &search, &what).await);
            damage(&world, &row, "restore");
        }
        tried += ways.len();
        table.insert(kind.name.to_owned(), Value::Object(ways));
    }
    // Wherever a key was there, it is on record that it failed, and so is a wrong password. What was no key (cut off, not there,
    // no such version) was tried on nothing.
    let mut on_record = 0;
    for kinds in ["KEY_RECOVERY_REQUEST_PROCESSED", "RECOVERY_KEY_UNLOCKING"] {
        let entries = proof::recorded(&world, kinds).await;
        assert!(entries.iter().all(|(_, outcome, _)| outcome == "failure"), "{entries:?}");
        on_record += entries.len();
    }
    assert!(on_record + 4 >= tried, "{on_record} of {tried} are on record");
    for (name, content) in crate::secrets::written(&world) {
        assert_eq!(search.find(&content), None, "{name}");
    }
    // And nothing of it has harmed anything: each kind opens the key now.
    let mut opened = Vec::new();
    for kind in &kinds {
        let out: PathBuf = world.folder().join(format!("{}.p12", kind.name));
        open(&world, &row, &kind.right, &out).await.done();
        let password = fs::read_to_string(out.with_extension("password")).unwrap();
        let read = crypto::pfx::open(&fs::read(&out).unwrap(), &password).unwrap();
        assert_eq!(read.certificate.thumbprint(), row.certificate.thumbprint);
        opened.push(kind.name);
    }
    world.json(&["audit", "verify"]).await;
    let report = json!({
        "tried": tried, "opened": 0, "leaked": 0, "onRecord": on_record, "ways": table, "openedAfterwards": opened,
    });
    crate::many::report::keep("recoveries", &report);
}
