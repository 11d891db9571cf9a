//! Recovery keys in PKCS#12 files: what OpenSSL's program made opens, and what OpenSSL's program encrypted unwraps.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crypto::open::Envelope;
use crypto::{PrivateKey, X509Certificate};
use kra::FileRecoveryKey;
use model::{Entropy, KeyAlgorithm, PfxProfile, Span, SystemEntropy, Timestamp};
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError, SignatureAlgorithm, WrappedKey};

const PASSWORD: &str = "Correct horse, battery";

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("`openssl` does not run ({error}); `./dev test` installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An agent made by OpenSSL's program: key, certificate and PKCS#12 file in a folder.
struct Agent {
    folder: tempfile::TempDir,
}

impl Agent {
    fn new(key: &[&str]) -> Self {
        let agent = Self { folder: tempfile::tempdir().unwrap() };
        let (key_file, certificate) = (agent.file("key.pem"), agent.file("agent.pem"));
        let mut request = vec!["req", "-x509", "-nodes", "-subj", "/CN=Agent 1", "-days", "1"];
        request.extend(["-keyout", &key_file, "-out", &certificate, "-newkey"]);
        request.extend(key);
        openssl(&request);
        let password = format!("pass:{PASSWORD}");
        openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            &key_file,
            "-in",
            &certificate,
            "-out",
            &agent.file("agent.p12"),
            "-passout",
            &password,
        ]);
        agent
    }

    fn rsa() -> Self {
        Self::new(&["rsa:2048"])
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn pfx(&self) -> PathBuf {
        self.folder.path().join("agent.p12")
    }

    /// A content key that OpenSSL's program encrypted to the agent.
    fn wrap(&self, content_key: &[u8], options: &[&str]) -> Vec<u8> {
        std::fs::write(self.file("content.key"), content_key).unwrap();
        let (inside, outside, certificate) =
            (self.file("content.key"), self.file("wrapped"), self.file("agent.pem"));
        let mut arguments = vec!["pkeyutl", "-encrypt", "-certin", "-inkey", &certificate, "-in", &inside];
        arguments.extend(["-out", &outside]);
        for option in options {
            arguments.extend(["-pkeyopt", option]);
        }
        openssl(&arguments);
        std::fs::read(outside).unwrap()
    }
}

fn refusal(result: Result<FileRecoveryKey, RecoveryKeyError>) -> RecoveryKeyError {
    result.map(|key| key.place()).unwrap_err()
}

#[tokio::test]
async fn content_keys_unwrap_by_every_algorithm_that_envelopes_name() {
    let agent = Agent::rsa();
    let key = FileRecoveryKey::open(&agent.pfx(), PASSWORD).unwrap();
    let certificate = X509Certificate::from_pem(&std::fs::read(agent.file("agent.pem")).unwrap()).unwrap();
    assert_eq!(key.certificate_der(), certificate.der());
    assert_eq!(key.place(), "file agent.p12");

    let content_key: Vec<u8> = (0..32).collect();
    let cases: [(KeyEncryption, &[&str]); 3] = [
        (KeyEncryption::OaepSha256, &["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]),
        (KeyEncryption::OaepSha1, &["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"]),
        (KeyEncryption::Pkcs1, &["rsa_padding_mode:pkcs1"]),
    ];
    for (algorithm, options) in cases {
        let encrypted_key = agent.wrap(&content_key, options);
        let unwrapped = key.unwrap_key(&WrappedKey::Transport { algorithm, encrypted_key }).await.unwrap();
        assert_eq!(*unwrapped, content_key, "{algorithm:?}");
    }
}

#[tokio::test]
async fn what_was_wrapped_in_another_way_or_for_another_agent_does_not_unwrap() {
    let agent = Agent::rsa();
    let key = FileRecoveryKey::open(&agent.pfx(), PASSWORD).unwrap();
    let oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"];
    let wrapped = agent.wrap(&[7; 32], &oaep);

    let other_way = WrappedKey::Transport { algorithm: KeyEncryption::OaepSha1, encrypted_key: wrapped };
    assert!(matches!(key.unwrap_key(&other_way).await, Err(RecoveryKeyError::DoesNotUnwrap { .. })));
    let for_another = Agent::rsa().wrap(&[7; 32], &oaep);
    let elsewhere =
        WrappedKey::Transport { algorithm: KeyEncryption::OaepSha256, encrypted_key: for_another };
    let refused = key.unwrap_key(&elsewhere).await.unwrap_err();
    assert!(refused.to_string().starts_with("file agent.p12 does not unwrap"), "{refused}");
}

#[tokio::test]
async fn a_key_on_a_curve_opens_what_openssls_program_sealed_to_it() {
    for curve in ["P-256", "P-384"] {
        let agent = Agent::new(&["ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]);
        let key = FileRecoveryKey::open(&agent.pfx(), PASSWORD).unwrap();
        std::fs::write(agent.file("secret"), "the private key of Susi Sorglos").unwrap();
        let (secret, sealed, certificate) =
            (agent.file("secret"), agent.file("sealed"), agent.file("agent.pem"));
        let arguments = [
            "cms",
            "-encrypt",
            "-binary",
            "-aes-256-gcm",
            "-outform",
            "DER",
            "-in",
            &secret,
            "-out",
            &sealed,
        ];
        openssl(&[&arguments[..], &["-recip", &certificate]].concat());
        let envelope = Envelope::parse(&std::fs::read(&sealed).unwrap()).unwrap();
        let content_key = key.unwrap_key(&envelope.recipients()[0].wrapped).await.unwrap();
        assert_eq!(
            &**envelope.open_with_content_key(&content_key).unwrap(),
            b"the private key of Susi Sorglos"
        );
        // Sealed to RSA, it is told which kind it takes.
        let encrypted_key = Agent::rsa().wrap(&[7; 32], &["rsa_padding_mode:pkcs1"]);
        let for_rsa = WrappedKey::Transport { algorithm: KeyEncryption::Pkcs1, encrypted_key };
        let refused = key.unwrap_key(&for_rsa).await.unwrap_err();
        assert!(refused.to_string().contains("to an RSA key"), "{refused}");
    }
}

#[test]
fn every_file_that_does_not_serve_says_why_in_its_own_words() {
    let agent = Agent::rsa();
    let folder = agent.folder.path();
    let open = |name: &str| refusal(FileRecoveryKey::open(&folder.join(name), PASSWORD));

    let wrong = refusal(FileRecoveryKey::open(&agent.pfx(), "correct horse, battery"));
    assert!(matches!(wrong, RecoveryKeyError::Locked { .. }), "{wrong:?}");
    assert!(
        wrong.to_string().contains("agent.p12") && wrong.to_string().contains("password is wrong"),
        "{wrong}"
    );

    std::fs::write(folder.join("notes.p12"), "Dear diary").unwrap();
    let text = open("notes.p12");
    assert!(matches!(text, RecoveryKeyError::Unfit { .. }));
    assert!(text.to_string().contains("PKCS#12"), "{text}");

    let password = format!("pass:{PASSWORD}");
    let (certificate, bare) = (agent.file("agent.pem"), agent.file("bare.p12"));
    openssl(&["pkcs12", "-export", "-nokeys", "-in", &certificate, "-out", &bare, "-passout", &password]);
    let keyless = open("bare.p12");
    assert!(keyless.to_string().contains("no private key"), "{keyless}");

    let edwards = Agent::new(&["ed25519"]);
    let refused = refusal(FileRecoveryKey::open(&edwards.pfx(), PASSWORD));
    assert!(refused.to_string().contains("use an RSA or elliptic-curve key"), "{refused}");

    let missing = open("missing.p12");
    assert!(matches!(missing, RecoveryKeyError::Failed { .. }));
    assert!(missing.source().unwrap().to_string().contains("No such file"), "{missing:?}");

    std::fs::write(folder.join("film.p12"), vec![0x30; (1 << 20) + 1]).unwrap();
    assert!(open("film.p12").to_string().contains("kilobytes"));
}

#[test]
fn an_agent_made_by_the_product_opens_and_shows_nothing_of_its_key() {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let now = Timestamp::from_seconds(1_772_443_800);
    let validity = crypto::issue::Validity::lasting(now, Span::days(3_650));
    let serial = crypto::issue::serial_number(&SystemEntropy);
    let der = crypto::issue::recovery_agent_certificate("Agent 2", &key, validity, serial).unwrap();
    let certificate = X509Certificate::from_der(&der).unwrap();
    let mut octets = [0; 4];
    SystemEntropy.fill(&mut octets);
    let password = format!("{PASSWORD} {}", u32::from_be_bytes(octets));
    let file = crypto::pfx::build(&key, &certificate, &[], &password, PfxProfile::Modern, "Agent 2").unwrap();

    let opened =
        FileRecoveryKey::from_bytes(&file, &password, Path::new("vault").display().to_string()).unwrap();
    assert_eq!(opened.certificate_der(), der);
    assert_eq!(format!("{opened:?}"), "FileRecoveryKey(vault, CN=Agent 2)");
}

#[tokio::test]
async fn the_key_in_a_file_signs_and_its_certificate_verifies_it() {
    for (kind, algorithm) in [
        (&["rsa:2048"][..], SignatureAlgorithm::Rs256),
        (&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], SignatureAlgorithm::Es256),
        (&["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], SignatureAlgorithm::Es384),
    ] {
        let agent = Agent::new(kind);
        let key = FileRecoveryKey::open(Path::new(&agent.file("agent.p12")), PASSWORD).unwrap();
        let signature = key.sign(b"a set").await.unwrap();
        assert_eq!(signature.algorithm, algorithm);
        let certificate = X509Certificate::from_der(key.certificate_der()).unwrap();
        assert!(certificate.verifies(b"a set", &signature));
        assert!(!certificate.verifies(b"another set", &signature));
    }
}
