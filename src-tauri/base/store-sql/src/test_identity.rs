//! By what servers and clients prove themselves in tests: an authority that issues certificates, and tokens.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use mssql_mock_tds::create_test_identity;
use tempfile::TempDir;
use tokio_native_tls::native_tls::Identity;
use zeroize::Zeroizing;

use crate::server::Login;

/// An authority of a test, made by the `openssl` program in a folder of its own.
pub(crate) struct Authority {
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        authority.key("ca", "Test CA", "basicConstraints = critical, CA:TRUE");
        authority.openssl("x509 -req -days 2 -in ca.csr -signkey ca.key -extfile ca.ext -out ca.pem");
        authority
    }

    /// Its certificate.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for a host, and its key.
    pub(crate) fn issue(&self, host: &str) -> Identity {
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
        self.key("server", host, &format!("subjectAltName = {kind}:{host}"));
        let sign =
            "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -set_serial 2 -extfile server.ext";
        self.openssl(&format!("{sign} -out server.pem"));
        let read = |name| std::fs::read(self.folder.path().join(name)).unwrap();
        create_test_identity(&read("server.pem"), &read("server.key")).unwrap()
    }

    /// A key, a request, and what shall stand in the certificate.
    fn key(&self, file: &str, name: &str, extension: &str) {
        std::fs::write(self.folder.path().join(format!("{file}.ext")), extension).unwrap();
        self.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {file}.key"));
        self.openssl(&format!(
            "req -new -key {file}.key -subj /CN={} -out {file}.csr",
            name.replace(' ', "-")
        ));
    }

    fn openssl(&self, arguments: &str) {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments.split(' ')).current_dir(self.folder.path()).stdin(Stdio::null());
        let ran = openssl.output().expect("the `openssl` program is there; `./dev setup` installs it");
        assert!(ran.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// Gives `token-1`, `token-2`, …: another one each time.
#[derive(Default)]
pub(crate) struct FreshTokens(AtomicUsize);

#[async_trait]
impl Login for FreshTokens {
    async fn secret(&self) -> Result<Zeroizing<String>, String> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Zeroizing::new(format!("token-{number}")))
    }
}
