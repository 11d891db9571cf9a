//! A Windows CA with key archival, for stories: its agent by `openssl`, its blobs by another program (`windows_ca.py`), and the
//! command that imports them. All of it lies outside of what the program may write to.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crypto::{PrivateKey, X509Certificate};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::certificates::{openssl, text};
use crate::home::write_private;
use crate::program::Ran;
use crate::world::World;

/// The password of its agents' files.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A Windows CA: its agent, and the blobs that it gave out.
pub(crate) struct WindowsCa {
    folder: TempDir,
}

impl WindowsCa {
    pub(crate) fn new() -> Self {
        let ca = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["kra", "other-kra"] {
            let (key, crt, p12) =
                (ca.at(&format!("{name}.key")), ca.at(&format!("{name}.crt")), ca.at(&format!("{name}.p12")));
            let subject = format!("/CN=Windows {name}");
            done(&[
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                &key,
                "-out",
                &crt,
                "-subj",
                &subject,
                "-days",
                "3000",
                "-addext",
                "extendedKeyUsage=1.3.6.1.4.1.311.21.6",
                "-addext",
                "basicConstraints=CA:FALSE",
            ]);
            let secret = format!("pass:{PASSWORD}");
            done(&["pkcs12", "-export", "-inkey", &key, "-in", &crt, "-out", &p12, "-passout", &secret]);
        }
        write_private(&ca.path("password"), PASSWORD.as_bytes());
        fs::create_dir(ca.path("blobs")).unwrap();
        ca
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes blobs for its agent in `blobs/`, with the certificates and keys beside them in `made/`.
    #[expect(clippy::disallowed_methods, reason = "tests find their interpreter through the environment")]
    pub(crate) fn archives(&self, orders: &[Value]) {
        let made = self.path("made");
        fs::create_dir_all(&made).unwrap();
        let orders: Vec<Value> = orders
            .iter()
            .map(|order| {
                let mut order = order.clone();
                if order.get("kras").is_none() {
                    order["kras"] = json!([self.at("kra.crt")]);
                }
                order
            })
            .collect();
        let script =
            concat!(env!("CARGO_MANIFEST_DIR"), "/src-tauri/base/crypto/tests/programs/windows_ca.py");
        let python = std::env::var("SEALWRIGHT_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child =
            Command::new(python).arg(script).arg(&made).stdin(Stdio::piped()).spawn().expect("python starts");
        child.stdin.take().unwrap().write_all(&serde_json::to_vec(&orders).unwrap()).unwrap();
        assert!(child.wait().unwrap().success(), "windows_ca.py; `./dev test` installs what it needs");
        for order in &orders {
            let name = order["name"].as_str().unwrap();
            fs::rename(made.join(format!("{name}.blob")), self.path("blobs").join(name)).unwrap();
        }
    }

    pub(crate) fn certificate(&self, name: &str) -> X509Certificate {
        X509Certificate::from_pem(&fs::read(self.path("made").join(format!("{name}.crt"))).unwrap()).unwrap()
    }

    pub(crate) fn key(&self, name: &str) -> PrivateKey {
        PrivateKey::from_pem(&fs::read(self.path("made").join(format!("{name}.key"))).unwrap()).unwrap()
    }

    pub(crate) fn arguments(&self, more: &[&str]) -> Vec<String> {
        let (blobs, kra, password) = (self.at("blobs"), self.at("kra.p12"), self.at("password"));
        let anchor = self.at("made/ca.crt");
        let mut all: Vec<String> =
            ["import", "adcs", &blobs, "--ca", &anchor, "--kra", &kra, "--password-file", &password]
                .map(str::to_owned)
                .into();
        all.extend(["--reason".to_owned(), "ticket 4711".to_owned()]);
        all.extend(more.iter().map(|one| (*one).to_owned()));
        all
    }

    /// Imports all of `blobs/`.
    pub(crate) async fn import(&self, world: &World, more: &[&str]) -> Ran {
        let all = self.arguments(more);
        world.run_json(&all.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// The same with a probe that kills the program.
    pub(crate) async fn import_killed(&self, world: &World, probe: &str, more: &[&str]) {
        let mut command = world.command();
        command.args(["--log", "trace", "--json"]).args(self.arguments(more)).env("SEALWRIGHT_PROBE", probe);
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, None, "it was killed: {ran:?}");
        let log = world.folder().join(format!("{}.log", probe.replace(':', "-")));
        fs::write(log, format!("{}{}", ran.stdout, ran.stderr)).unwrap();
    }
}

pub(crate) fn done(arguments: &[&str]) {
    let ran = openssl(arguments);
    assert!(ran.status.success(), "{arguments:?}: {}", text(&ran));
}
