//! One story on tokens of its own, in a process of its own.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;

use kra::{Pkcs11RecoveryKey, TokenKey, TokenUri};
use ports::{KeyEncryption, RecoveryKeyError, WrappedKey};
use support::{CardReader, SOFTHSM_MODULE, SoftHsm, opensc_module, system_library};
use zeroize::Zeroizing;

pub(crate) const PIN: &str = "123456";

const FOLDER: &str = "SEALWRIGHT_TOKENS_FOLDER";
const MODULE: &str = "SEALWRIGHT_TOKENS_MODULE";

/// Where a story plays.
pub(crate) struct Stage {
    pub(crate) tokens: SoftHsm,
    folder: PathBuf,
    module: String,
}

/// By which module tokens are reached.
#[derive(Clone, Copy)]
pub(crate) enum By {
    /// SoftHSM's own.
    Itself,
    /// p11-kit's proxy, which finds SoftHSM by the system's configuration.
    Proxy,
    /// SoftHSM behind OpenSC's eavesdropper, which writes down every call.
    Spy,
    /// SoftHSM in another process, behind p11-kit's client.
    Remote,
    /// SoftHSM behind `card.c`, with these habits.
    Card(&'static str),
    /// OpenSC's, for cards in a [`CardReader`].
    OpenSc,
    /// OpenSC's behind its eavesdropper.
    OpenScSpy,
    /// OpenSC's behind `card.c`, with these habits.
    OpenScCard(&'static str),
}

impl By {
    fn module(self, tokens: &SoftHsm) -> String {
        match self {
            Self::Itself => SOFTHSM_MODULE.to_owned(),
            Self::Proxy => text(system_library("p11-kit-proxy.so", "libp11-kit0")),
            Self::Spy | Self::OpenScSpy => text(system_library("pkcs11-spy.so", "opensc-pkcs11")),
            Self::OpenSc => Self::behind(self),
            Self::Remote => text(system_library("pkcs11/p11-kit-client.so", "p11-kit-modules")),
            Self::Card(_) | Self::OpenScCard(_) => {
                let (source, built) = (tokens.file("card.c"), tokens.file("card.so"));
                std::fs::write(&source, include_str!("card.c")).unwrap();
                // The header is from the Debian package libp11-kit-dev.
                let mut compiler = Command::new("cc");
                compiler.args(["-shared", "-fPIC", "-Wall", "-Werror", "-I/usr/include/p11-kit-1", "-o"]);
                succeed(compiler.arg(&built).arg(&source));
                text(built)
            }
        }
    }

    /// What stands behind the eavesdropper and `card.c`.
    fn behind(self) -> String {
        match self {
            Self::OpenSc | Self::OpenScSpy | Self::OpenScCard(_) => text(opensc_module()),
            Self::Itself | Self::Proxy | Self::Spy | Self::Remote | Self::Card(_) => {
                SOFTHSM_MODULE.to_owned()
            }
        }
    }

    const fn habits(self) -> &'static str {
        match self {
            Self::Card(habits) | Self::OpenScCard(habits) => habits,
            Self::Itself | Self::Proxy | Self::Spy | Self::Remote | Self::OpenSc | Self::OpenScSpy => "",
        }
    }
}

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}

/// Plays `story`, the body of the test `name` of the module `of`, once for each way to the tokens.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether this is the process of one story"
)]
pub(crate) fn play<F: Future<Output = ()>>(
    of: &str,
    name: &str,
    ways: &[By],
    story: impl FnOnce(Stage) -> F,
) {
    if let (Ok(folder), Ok(module)) = (std::env::var(FOLDER), std::env::var(MODULE)) {
        let stage =
            Stage { tokens: SoftHsm::open(Path::new(&folder)), folder: PathBuf::from(&folder), module };
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(story(stage));
        return;
    }
    for way in ways {
        let folder = tempfile::tempdir().unwrap();
        let tokens = SoftHsm::new(folder.path());
        let (file, library) = (of.rsplit("::").next().unwrap(), way.module(&tokens));
        let played = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("{file}::{name}"), "--nocapture"])
            .env(FOLDER, folder.path())
            .env(MODULE, &library)
            .env("CARD", way.habits())
            .env("CARD_MODULE", way.behind())
            .env("SOFTHSM2_CONF", tokens.configuration())
            .env("PKCS11SPY", way.behind())
            .env("PKCS11SPY_OUTPUT", tokens.file("calls"))
            // Where there is a reader of the story's own, or none: never one of this machine.
            .env("PCSCLITE_CSOCK_NAME", CardReader::socket(folder.path()))
            .env("P11_KIT_SERVER_ADDRESS", format!("unix:path={}", tokens.file("server").display()))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&[&played.stdout[..], &played.stderr[..]].concat()).into_owned();
        assert!(played.status.success() && told.contains("1 passed"), "by {library}:\n{told}");
    }
}

impl Stage {
    /// An address on the stage's module.
    pub(crate) fn uri(&self, path: &str) -> TokenUri {
        format!("pkcs11:{path}?module-path={}", self.module).parse().unwrap()
    }

    pub(crate) fn module(&self) -> PathBuf {
        PathBuf::from(&self.module)
    }

    /// A smartcard reader, for stories by OpenSC's module.
    pub(crate) fn reader(&self) -> CardReader {
        CardReader::start(&self.folder)
    }

    /// A token of this label with one agent who has an RSA key; returns its certificate.
    pub(crate) fn rsa_agent(&self, label: &str) -> PathBuf {
        let serial = self.tokens.token(label, PIN);
        self.tokens.agent(&serial, PIN, "03", "Agent 1", "rsa:2048", &["--usage-decrypt"]).certificate
    }

    /// The key at this address with this PIN.
    pub(crate) async fn key(&self, path: &str, pin: &str) -> Pkcs11RecoveryKey {
        TokenKey::find(&self.uri(path)).await.unwrap().with_pin(Some(Zeroizing::new(pin.to_owned())))
    }

    /// Why there is no key at this address.
    pub(crate) async fn refusal(&self, path: &str) -> RecoveryKeyError {
        match TokenKey::find(&self.uri(path)).await {
            Ok(key) => panic!("{path} found {}", key.place()),
            Err(refused) => refused,
        }
    }

    /// How often the module was called, by the eavesdropper's notes.
    pub(crate) fn calls(&self, function: &str) -> usize {
        let notes = std::fs::read(self.tokens.file("calls")).unwrap_or_default();
        String::from_utf8_lossy(&notes)
            .lines()
            .filter(|line| line.ends_with(&format!(": {function}")))
            .count()
    }

    /// A content key that OpenSSL's program encrypted to a certificate.
    pub(crate) fn wrap(
        &self,
        content_key: &[u8],
        certificate: &Path,
        algorithm: KeyEncryption,
    ) -> WrappedKey {
        let (inside, outside) = (self.tokens.file("content.key"), self.tokens.file("wrapped"));
        std::fs::write(&inside, content_key).unwrap();
        let options: &[&str] = match algorithm {
            KeyEncryption::OaepSha256 => {
                &["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
            }
            KeyEncryption::OaepSha1 => &["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
            KeyEncryption::Pkcs1 => &["rsa_padding_mode:pkcs1"],
        };
        let mut command = Command::new("openssl");
        command.args(["pkeyutl", "-encrypt", "-certin", "-inkey"]).arg(certificate);
        command.arg("-in").arg(&inside).arg("-out").arg(&outside);
        for option in options {
            command.args(["-pkeyopt", option]);
        }
        succeed(&mut command);
        WrappedKey::Transport { algorithm, encrypted_key: std::fs::read(outside).unwrap() }
    }

    /// An envelope that OpenSSL's program made for a certificate.
    pub(crate) fn seal(&self, secret: &[u8], certificate: &Path, options: &[&str]) -> Vec<u8> {
        let (inside, outside) = (self.tokens.file("secret"), self.tokens.file("sealed"));
        std::fs::write(&inside, secret).unwrap();
        let mut command = Command::new("openssl");
        command.args(["cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER"]);
        command
            .arg("-in")
            .arg(&inside)
            .arg("-out")
            .arg(&outside)
            .arg("-recip")
            .arg(certificate)
            .args(options);
        succeed(&mut command);
        std::fs::read(outside).unwrap()
    }
}

pub(crate) fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
