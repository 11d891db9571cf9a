//! Tokens of SoftHSM in a folder of one test: made by its own program and by OpenSC's, never by the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its token says what is missing by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{self, TokenAgent, text};

/// SoftHSM as a PKCS#11 module.
pub const SOFTHSM_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Tokens that nobody else sees, as long as `SOFTHSM2_CONF` says [`SoftHsm::configuration`].
pub struct SoftHsm {
    folder: PathBuf,
}

impl SoftHsm {
    /// An empty collection of tokens below `folder`.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn new(folder: &Path) -> Self {
        let made = Self { folder: folder.join("softhsm") };
        fs::create_dir_all(made.folder.join("tokens")).expect("a folder for tokens");
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n",
            made.folder.join("tokens").display()
        );
        fs::write(made.configuration(), text).expect("a configuration for SoftHSM");
        made
    }

    /// The one that [`Self::new`] made below `folder`.
    pub fn open(folder: &Path) -> Self {
        Self { folder: folder.join("softhsm") }
    }

    /// What `SOFTHSM2_CONF` must say.
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    /// A file beside the tokens.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A new token; returns its serial number.
    ///
    /// # Panics
    /// When SoftHSM's program refuses.
    pub fn token(&self, label: &str, pin: &str) -> String {
        let arguments = ["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "12345678"];
        let told = self.run("softhsm2-util", "softhsm2", &arguments);
        // "… is reassigned to slot 561571350": of two tokens with one label, which is the new one.
        let slot: u64 = told
            .split_whitespace()
            .next_back()
            .and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("no slot in: {told}"));
        let listed = self.run("softhsm2-util", "softhsm2", &["--show-slots"]);
        let mut of_slot = listed.split(&format!("Slot {slot}\n")).nth(1).expect("the slot is listed").lines();
        let serial = of_slot.find_map(|line| line.trim().strip_prefix("Serial number:").map(str::trim));
        serial.expect("a serial number").to_owned()
    }

    /// A key pair on the token with this serial number, made there, and a certificate for it under the same identifier.
    /// `kind` is as `pkcs11-tool --key-type` knows it; `usage` such as `--usage-decrypt`, and whatever else it takes.
    ///
    /// # Panics
    /// When OpenSC's or OpenSSL's program refuses.
    pub fn agent(
        &self,
        serial: &str,
        pin: &str,
        id: &str,
        name: &str,
        kind: &str,
        usage: &[&str],
    ) -> TokenAgent {
        let mut arguments = vec!["--keypairgen", "--key-type", kind, "--id", id, "--label", name];
        arguments.extend(usage);
        let told = self.tool(serial, Some(pin), &arguments);
        let public = self.file(&format!("{serial}-{id}.public"));
        // OpenSC 0.23 cannot write every point as a public key; it prints them all, in an octet string.
        let point = told.lines().find_map(|line| line.trim().strip_prefix("EC_POINT:"));
        let around = point.and_then(|point| tools::around_point(kind, &point.trim()[4..]));
        if let Some(octets) = around {
            fs::write(&public, octets).expect("a public key");
        } else {
            self.tool(serial, None, &["--read-object", "--type", "pubkey", "--id", id, "-o", text(&public)]);
        }
        let agent = self.certify(&public, &format!("{serial}-{id}"), name);
        self.put(serial, pin, id, name, &agent.certificate);
        agent
    }

    /// A certificate for a public key (DER), made by an authority that nobody knows.
    ///
    /// # Panics
    /// When OpenSSL's program refuses.
    pub fn certify(&self, public: &Path, stem: &str, name: &str) -> TokenAgent {
        tools::certify(&self.folder, public, stem, name)
    }

    /// Writes a certificate onto the token.
    ///
    /// # Panics
    /// When OpenSC's or OpenSSL's program refuses.
    pub fn put(&self, serial: &str, pin: &str, id: &str, label: &str, certificate: &Path) {
        let der = self.file("put.der");
        let arguments = ["x509", "-in", text(certificate), "-outform", "DER", "-out", text(&der)];
        self.run("openssl", "openssl", &arguments);
        let arguments = ["--write-object", text(&der), "--type", "cert", "--id", id, "--label", label];
        self.tool(serial, Some(pin), &arguments);
    }

    /// OpenSC's `pkcs11-tool` on the token with this serial number.
    ///
    /// # Panics
    /// When it refuses.
    pub fn tool(&self, serial: &str, pin: Option<&str>, arguments: &[&str]) -> String {
        let listed = self.run("pkcs11-tool", "opensc", &["--module", SOFTHSM_MODULE, "-L"]);
        // "Slot 1 (0x5cab33aa): …" stands before the serial number.
        let slot = listed
            .split("\nSlot ")
            .find(|part| part.contains(serial))
            .and_then(|part| part.split(['(', ')']).nth(1))
            .unwrap_or_else(|| panic!("no token {serial} in: {listed}"))
            .to_owned();
        let mut all = vec!["--module", SOFTHSM_MODULE, "--slot", &slot];
        if let Some(pin) = pin {
            all.extend(["--login", "--pin", pin]);
        }
        all.extend(arguments);
        self.run("pkcs11-tool", "opensc", &all)
    }

    fn run(&self, program: &str, package: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        tools::run(command.args(arguments).env("SOFTHSM2_CONF", self.configuration()), package)
    }
}
