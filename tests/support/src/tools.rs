//! Programs of others that fill tokens: run, and what they are told and tell.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its token says what is missing by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What stands before the point in a `SubjectPublicKeyInfo`.
const CURVES: [(&str, &str); 2] = [
    ("EC:secp256r1", "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    ("EC:secp384r1", "3076301006072a8648ce3d020106052b81040022036200"),
];

/// A key pair on a token, with its certificate beside it.
pub struct TokenAgent {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its subject, as OpenSSL was told.
    pub subject: String,
}

/// Runs a program of this Debian package, whatever it ends with.
pub(crate) fn output(command: &mut Command, package: &str) -> Output {
    command.output().unwrap_or_else(|error| {
        let program = command.get_program().to_string_lossy();
        panic!("`{program}` does not start ({error}): install the Debian package {package}")
    })
}

/// Runs a program of this Debian package that must succeed; all that it says.
pub(crate) fn run(command: &mut Command, package: &str) -> String {
    let output = output(command, package);
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {told}");
    told
}

/// The `SubjectPublicKeyInfo` around the point of a key of this kind; `None` when the kind is no curve.
pub(crate) fn around_point(kind: &str, point: &str) -> Option<Vec<u8>> {
    let (_, before) = CURVES.iter().find(|(name, _)| *name == kind)?;
    Some(unhex(&format!("{before}{point}")))
}

/// A certificate for a public key (DER), made in `folder` by an authority that nobody knows.
pub(crate) fn certify(folder: &Path, public: &Path, stem: &str, name: &str) -> TokenAgent {
    let (key, authority) = (folder.join("authority.key"), folder.join("authority.pem"));
    if !authority.exists() {
        let subject = "/CN=Authority of the agents";
        let make =
            ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30"];
        let out = ["-subj", subject, "-keyout", text(&key), "-out", text(&authority)];
        run(Command::new("openssl").args(make).args(out), "openssl");
    }
    let certificate = folder.join(format!("{stem}.pem"));
    let subject = format!("/CN={name}");
    let make = ["x509", "-new", "-subj", &subject, "-days", "30", "-force_pubkey", text(public)];
    let by = ["-CA", text(&authority), "-CAkey", text(&key), "-out", text(&certificate)];
    run(Command::new("openssl").args(make).args(by), "openssl");
    TokenAgent { certificate, subject: format!("CN={name}") }
}

/// A library below `/usr/lib/<architecture>`, of this Debian package.
///
/// # Panics
/// When it is not there.
pub fn system_library(name: &str, package: &str) -> PathBuf {
    let places = fs::read_dir("/usr/lib").expect("/usr/lib").flatten().map(|entry| entry.path().join(name));
    let found = places.into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: install the Debian package {package}"))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(octet).collect()
}
