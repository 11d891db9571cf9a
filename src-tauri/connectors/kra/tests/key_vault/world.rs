//! A simulated vault, an agent's key in it, and the ways to it.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crypto::X509Certificate;
use kra::{KeyVaultRecoveryKey, KeyVaultSettings, VaultSignIn};
use model::{Ids, SystemClock, SystemEntropy};
use ports::{KeyEncryption, RecoveryKey as _, RecoveryKeyError, WrappedKey};
use sim::{Sim, SimOptions, Tenant, VaultKey, VaultKeySpec};
use url::Url;
use zeroize::Zeroizing;

pub(crate) const CONTENT_KEY: [u8; 32] = [0xc7; 32];

pub(crate) struct World {
    pub(crate) sim: Sim,
    /// The agent's key, with a certificate.
    pub(crate) agent: VaultKey,
}

impl World {
    pub(crate) async fn new() -> Self {
        let tenant = Tenant::invent().people(2).build();
        let options = SimOptions::new(tenant).with_device_code_interval(Duration::from_secs(1));
        let sim = Sim::start(options).await.unwrap();
        let agent = sim.add_vault_key("kra", &VaultKeySpec::certified("Agent in the vault")).unwrap();
        Self { sim, agent }
    }

    /// The ways to the vault for somebody who signs in like this.
    pub(crate) fn settings(&self, sign_in: VaultSignIn) -> KeyVaultSettings {
        let clock = Arc::new(SystemClock);
        let mut settings = net::Settings::new("Sealwright-Test/1");
        settings.extra_root_ca = Some(self.sim.ca_pem().to_owned());
        settings.request_timeout = Duration::from_secs(10);
        settings.answer_limit = 64 * 1_024;
        let ids = Ids::new(clock.clone(), Arc::new(SystemEntropy));
        let base = Url::parse(self.sim.base_url()).unwrap();
        KeyVaultSettings {
            client: net::Client::new(&settings, ids, clock).unwrap(),
            gateway: Some(base.clone()),
            authority: Some(base),
            tenant: None,
            sign_in,
        }
    }

    /// The product's application, with its secret.
    pub(crate) fn application(&self) -> VaultSignIn {
        let app = self.sim.app();
        VaultSignIn::Application { client_id: app.client_id, secret: Zeroizing::new(app.secret.unwrap()) }
    }

    pub(crate) async fn open(&self, address: &str) -> Result<KeyVaultRecoveryKey, RecoveryKeyError> {
        self.open_among(address, &[]).await
    }

    pub(crate) async fn open_among(
        &self,
        address: &str,
        candidates: &[X509Certificate],
    ) -> Result<KeyVaultRecoveryKey, RecoveryKeyError> {
        let address = address.parse().unwrap();
        KeyVaultRecoveryKey::open(&address, self.settings(self.application()), candidates).await
    }

    /// The agent's key opens a content key that was encrypted to it.
    pub(crate) async fn try_agent(&self) -> Result<(), RecoveryKeyError> {
        let key = self.open(&self.agent.address).await?;
        let wrapped = wrap(&self.agent, &CONTENT_KEY, KeyEncryption::OaepSha256);
        let opened = key.unwrap_key(&wrapped).await?;
        assert_eq!(*opened, CONTENT_KEY);
        Ok(())
    }

    /// The sentence with which the agent's key is refused, causes included.
    pub(crate) async fn refusal(&self) -> (RecoveryKeyError, String) {
        let error = self.try_agent().await.unwrap_err();
        let text = told(&error);
        (error, text)
    }

    /// The last segments of the paths that were asked for, with their status.
    pub(crate) fn asked(&self) -> Vec<(String, u16)> {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        self.sim.requests().iter().map(|request| (last(&request.path), request.status)).collect()
    }

    pub(crate) fn certificate(&self) -> X509Certificate {
        X509Certificate::from_pem(self.agent.certificate_pem.as_ref().unwrap().as_bytes()).unwrap()
    }
}

/// An error with its causes, as people read it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// A content key that OpenSSL's program encrypted to a key's public half.
pub(crate) fn wrap(key: &VaultKey, content_key: &[u8], algorithm: KeyEncryption) -> WrappedKey {
    let options: &[&str] = match algorithm {
        KeyEncryption::OaepSha256 => &["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"],
        KeyEncryption::OaepSha1 => &["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
        KeyEncryption::Pkcs1 => &["rsa_padding_mode:pkcs1"],
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("public.pem"), &key.public_key_pem).unwrap();
    std::fs::write(file("content.key"), content_key).unwrap();
    let mut command = Command::new("openssl");
    command.args([
        "pkeyutl",
        "-encrypt",
        "-pubin",
        "-inkey",
        &file("public.pem"),
        "-in",
        &file("content.key"),
    ]);
    command.args(["-out", &file("wrapped")]);
    for option in options {
        command.args(["-pkeyopt", option]);
    }
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("`openssl` does not run ({error}); `./dev test` installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    WrappedKey::Transport { algorithm, encrypted_key: std::fs::read(file("wrapped")).unwrap() }
}
