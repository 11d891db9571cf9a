//! Recovery agents whose keys lie on PIV cards: made on the card, named by `kra tokens`, and used by the program through
//! PC/SC and OpenSC's module, in a reader that is a program (`support::CardReader`).

use std::fs;

use crypto::pfx;
use serde_json::json;
use store::CertificateRow;
use support::{CardReader, PIV_PIN, PivCard, opensc_module};

use crate::home::write_private;
use crate::program::Ran;
use crate::proof;
use crate::world::{SMIME, World};

const PIN: &str = "271828";

/// A world whose archive is sealed to an officer with a card, too; with the card and its address.
struct Staged {
    world: World,
    reader: CardReader,
    card: PivCard,
    address: String,
    row: CertificateRow,
}

async fn staged() -> Staged {
    let world = World::of(2, 0).await;
    let reader = CardReader::start(world.folder());
    let card = reader.insert(0, "officer");
    reader.agent(0, "Officer with a card", "rsa:2048");
    let change = ["--change-pin", "--auth-id", "01", "--pin", PIV_PIN, "--new-pin", PIN];
    reader.run("pkcs15-tool", &change);
    let module = opensc_module();
    let shown = world.json(&["kra", "tokens", "--module", module.to_str().unwrap()]).await;
    assert_eq!(shown["tokens"].as_array().map(Vec::len), Some(1), "{shown}");
    let token = &shown["tokens"][0];
    assert_eq!((&token["label"], &token["pinTries"]), (&json!("Officer with a card"), &json!("untold")));
    assert_eq!(token["certificates"][0]["subject"], "CN=Officer with a card", "{shown}");
    let address = token["certificates"][0]["address"].as_str().unwrap().to_owned();
    assert_eq!(world.json(&["kra", "add", &address]).await["name"], "Officer with a card");
    world.json(&["apply"]).await;
    let row = proof::certificates(&world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    Staged { world, reader, card, address, row }
}

async fn run_as(world: &World, actor: &str, arguments: &[&str]) -> Ran {
    let mut command = world.command();
    command.env("SEALWRIGHT_ACTOR", actor).arg("--json").args(arguments);
    Ran::of(command).await
}

impl Staged {
    /// `recovery open` with this PIN; the file is called as `name`.
    async fn open(&self, pin: &str, name: &str) -> Ran {
        let at = |name: String| self.world.folder().join(name).to_str().unwrap().to_owned();
        let (file, password) = (at(format!("{name}.p12")), at(format!("{name}.password")));
        let which = self.row.certificate.thumbprint.to_string();
        let pin = self.pin(pin);
        let open = ["recovery", "open", &which, "--kra", &self.address, "--reason", "case 42"];
        let more = ["--password-file", &pin, "--out", &file, "--out-password", &password];
        self.world.run_json(&[&open[..], &more].concat()).await
    }

    fn pin(&self, pin: &str) -> String {
        let file = self.world.folder().join("pin");
        write_private(&file, format!("{pin}\n").as_bytes());
        file.to_str().unwrap().to_owned()
    }

    fn is_open(&self, name: &str) -> bool {
        let at = |extension: &str| self.world.folder().join(format!("{name}.{extension}"));
        if !at("p12").exists() {
            assert!(!at("password").exists());
            return false;
        }
        let password = fs::read_to_string(at("password")).unwrap();
        let opened = pfx::open(&fs::read(at("p12")).unwrap(), &password).unwrap();
        assert_eq!(opened.certificate.thumbprint(), self.row.certificate.thumbprint);
        assert_eq!(opened.key.spki_sha256().unwrap(), opened.certificate.spki_sha256().unwrap());
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_with_a_card_opens_alone_and_in_a_ceremony() {
    let staged = staged().await;
    let (world, row) = (&staged.world, &staged.row);
    staged.open(PIN, "alone").await.done();
    assert!(staged.is_open("alone"));
    let recorded = proof::recorded(world, "KEY_RECOVERY").await;
    assert!(recorded.iter().all(|(_, outcome, _)| outcome == "success"), "{recorded:?}");
    assert!(
        recorded[0].2.contains("agent: CN=Officer with a card (token `Officer with a card`"),
        "{recorded:?}"
    );
    let told = serde_json::to_string(&world.json(&["audit", "list"]).await).unwrap();
    assert!(!told.contains(PIN));

    let which = row.certificate.thumbprint.to_string();
    let why = ["--case", "4711/26", "--basis", "works agreement 7", "--reason", "long leave", "--to-owner"];
    let request = [&["recovery", "request", which.as_str()], why.as_slice()].concat();
    let asked = run_as(world, "anna@desk-1", &request).await.done();
    let id = asked["request"].as_str().unwrap();
    let pin = staged.pin(PIN);
    let approve = ["recovery", "approve", id, "--yes", "--kra", &staged.address, "--password-file", &pin];
    let agreed = run_as(world, "bert@desk-2", &approve).await.done();
    assert_eq!(agreed["agreed"], 1, "{agreed}");
    let (out, passwords) = (world.folder().join("ceremony"), world.folder().join("ceremony.passwords"));
    let (out, passwords) = (out.to_str().unwrap(), passwords.to_str().unwrap());
    let complete = ["recovery", "complete", id, "--out", out, "--out-passwords", passwords];
    run_as(world, "anna@desk-1", &complete).await.done();
    let name = format!("{which}.p12");
    let told = fs::read_to_string(passwords).unwrap();
    let password = told.lines().find_map(|line| line.strip_prefix(&name)).unwrap().trim();
    let opened = pfx::open(&fs::read(format!("{out}/{name}")).unwrap(), password).unwrap();
    assert_eq!(opened.certificate.thumbprint(), row.certificate.thumbprint);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_pins_block_the_card_and_each_is_on_record() {
    let staged = staged().await;
    for told in ["the PIN is wrong", "ONE try is left", "its PIN is locked"] {
        let refused = staged.open("314159", "nothing").await.failure();
        assert!(refused.contains(told) && !refused.contains("314159"), "{told}: {refused}");
        let recorded = proof::recorded(&staged.world, "KEY_RECOVERY").await;
        let (kind, outcome, detail) = recorded.last().unwrap();
        assert_eq!((kind.as_str(), outcome.as_str()), ("KEY_RECOVERY_REQUEST_PROCESSED", "failure"));
        assert!(detail.contains(told) && !detail.contains("314159"), "{detail}");
    }
    let refused = staged.open(PIN, "nothing").await.failure();
    assert!(refused.contains("unlock it with the PUK"), "{refused}");
    assert!(!staged.is_open("nothing"));
    let module = opensc_module();
    let shown = staged.world.json(&["kra", "tokens", "--module", module.to_str().unwrap()]).await;
    assert_eq!(shown["tokens"][0]["pinTries"], "locked", "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_card_nothing_opens_and_with_it_everything_again() {
    let Staged { world, reader, card, address, row } = staged().await;
    reader.pull_out(card);
    let module = opensc_module();
    let shown = world.json(&["kra", "tokens", "--module", module.to_str().unwrap()]).await;
    assert_eq!(shown["tokens"], json!([]));
    let card = reader.insert(1, "somebody else");
    reader.agent(1, "Somebody else", "rsa:2048");
    let mut staged = Staged { world, reader, card, address, row };
    let refused = staged.open(PIN, "nothing").await.failure();
    assert!(refused.contains("no token fits") && refused.contains("token=Somebody%20else"), "{refused}");
    assert!(!staged.is_open("nothing"));
    assert!(proof::recorded(&staged.world, "KEY_RECOVERY").await.is_empty(), "nothing was asked of anybody");

    staged.reader.pull_out(staged.card);
    staged.card = staged.reader.insert(0, "officer");
    staged.open(PIN, "again").await.done();
    assert!(staged.is_open("again"));
}
