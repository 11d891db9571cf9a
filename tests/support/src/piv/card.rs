//! A PIV card: put in, filled, pulled out.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::CardReader;
use crate::tools::{self, TokenAgent, text};

/// The PIN of a new card.
pub const PIV_PIN: &str = "123456";
/// Its PUK.
pub const PIV_PUK: &str = "12345678";
/// The key of whoever administers a new card (9B), as every maker's delivers it.
const ADMINISTRATION: &str = "01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08";
/// What stands around the modulus of a key of 2048 bits in a `SubjectPublicKeyInfo`; the exponent is 65537.
const AROUND_MODULUS: [&str; 2] =
    ["30820122300d06092a864886f70d01010105000382010f003082010a0282010100", "0203010001"];

/// A card in a reader. It is pulled out when this is dropped.
pub struct PivCard(Child);

impl PivCard {
    pub(super) fn start(port: u16, memory: &Path, seed: u64) -> Self {
        let reader = format!("{}:{port}", Ipv4Addr::LOCALHOST);
        let card = Command::new(program()).arg(reader).arg(memory).arg(seed.to_string()).spawn();
        Self(card.unwrap_or_else(|error| panic!("the card does not start: {error}")))
    }

    /// Pulls the card out, whatever it is doing; PC/SC notices a moment later.
    pub fn vanish(self) {
        drop(self);
    }
}

impl Drop for PivCard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The card's program, built when it is missing or older than its sources.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own file");
    // <target>/debug/deps/<test>
    let target = test.ancestors().nth(3).expect("a target folder").join("card");
    let mut build = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../card/cargo.sh"));
    tools::run(build.args(["build", "--locked", "--quiet", "--target-dir"]).arg(&target), "libclang1");
    target.join("debug/card")
}

/// Makes a key in 9D, and a certificate beside it.
pub(super) fn agent(reader: &CardReader, slot: &str, name: &str, kind: &str) -> TokenAgent {
    let key = reader.file("administration.key");
    fs::write(&key, ADMINISTRATION).expect("a file for the administration key");
    let administer = |arguments: &[&str]| {
        let mut tool = reader.command("piv-tool");
        tool.env("PIV_EXT_AUTH_KEY", &key).args(["--reader", slot, "--admin", "M:9B:03"]).args(arguments);
        let output = tools::output(&mut tool, "opensc");
        String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
    };
    // GENERATE ASYMMETRIC KEY PAIR (SP 800-73-4, part 2, 3.3.2), since OpenSC 0.23 can make such a key and not read the
    // answer: its own command ends with "unable to gen RSA" on a card that has one.
    let algorithm = if kind == "rsa:2048" { "07" } else { "11" };
    let told = administer(&["--send-apdu", &format!("00:47:00:9D:05:AC:03:80:01:{algorithm}:00")]);
    let answer = octets(&told);
    let public = reader.file(&format!("{slot}-{name}.public"));
    let spki = match kind {
        "rsa:2048" => {
            let modulus = answer.split_once("81820100").unwrap_or_else(|| panic!("no modulus in: {told}")).1;
            tools::unhex(&AROUND_MODULUS.join(&modulus[..512]))
        }
        _ => tools::around_point(kind, &answer[answer.len() - 130..]).expect("a curve"),
    };
    fs::write(&public, spki).expect("a public key");
    let agent = tools::certify(&reader.folder, &public, &format!("{slot}-{name}"), name);
    // It ends badly after it has written the certificate; whether it has shows below.
    let told = administer(&["--cert", "9D", "--in", text(&agent.certificate)]);
    let shown = reader.run("pkcs15-tool", &["--reader", slot, "--read-certificate", "03"]);
    let written = fs::read_to_string(&agent.certificate).expect("the certificate");
    assert_eq!(shown.trim(), written.trim(), "{told}");
    agent
}

/// The octets that OpenSC's program prints as a table, as hexadecimal digits.
fn octets(told: &str) -> String {
    let table = told.split_once("SW2=0x00):\n").unwrap_or_else(|| panic!("the card refused: {told}")).1;
    let columns = table.lines().map(|line| line.get(..48).unwrap_or(line));
    columns.flat_map(|line| line.chars().filter(|digit| !digit.is_whitespace())).collect()
}
