//! Every way through the operations, with a key that OpenSSL's program uses in Windows' place and that answers as Windows does.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use crypto::open::Envelope;
use ports::WrappedKey;

use super::*;

const SECRET: &[u8] = b"the private key of Susi Sorglos";
const PIN: &str = "4711 08";

fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let pipe = || Stdio::piped();
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(pipe())
        .stdout(pipe())
        .stderr(pipe())
        .spawn()
        .unwrap_or_else(|error| panic!("`openssl` does not run ({error}); `./dev test` installs it"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.success().then_some(output.stdout)
}

/// What was asked of the key.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Asked {
    Found(Dialogs),
    Pin(String),
    Decrypt(Decryption, Dialogs),
    Agree(Digest, usize, Dialogs),
    Sign(Signing, Dialogs),
}

/// What it answers in place of doing it.
type Habit = fn(&Asked) -> Option<Answer>;

const GOOD: Habit = |_| None;

/// A recovery agent whose key is in a file.
struct Agent {
    folder: tempfile::TempDir,
    certificate: X509Certificate,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Agent {
    fn new(kind: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (key, certificate) = (at("key.pem"), at("agent.pem"));
        let mut request = vec!["req", "-x509", "-nodes", "-subj", "/CN=Agent 1", "-days", "1"];
        request.extend(["-keyout", &key, "-out", &certificate, "-newkey"]);
        request.extend(kind);
        openssl(&request, b"").unwrap();
        let certificate = X509Certificate::from_pem(&std::fs::read(certificate).unwrap()).unwrap();
        Self { folder, certificate, asked: Arc::default() }
    }

    fn rsa() -> Self {
        Self::new(&["rsa:2048"])
    }

    fn curve(name: &str) -> Self {
        Self::new(&["ec", "-pkeyopt", &format!("ec_paramgen_curve:{name}")])
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn state(&self, habit: Habit, pin: Option<&str>) -> State {
        self.legacy_or_not(false, habit, pin)
    }

    fn legacy_or_not(&self, legacy: bool, habit: Habit, pin: Option<&str>) -> State {
        self.asked.lock().unwrap().clear();
        let software = Software {
            key: self.folder.path().join("key.pem"),
            curve: if self.certificate.key_kind().unwrap().contains("384") {
                Curve::P384
            } else {
                Curve::P256
            },
            asked: Arc::clone(&self.asked),
            habit,
        };
        let pin = pin.map(|pin| Zeroizing::new(pin.to_owned()));
        State::new("cert:a".to_owned(), self.certificate.clone(), Box::new(software), legacy, pin)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A content key that OpenSSL's program encrypted to the agent.
    fn transport(&self, algorithm: KeyEncryption, content_key: &[u8]) -> WrappedKey {
        let options: &[&str] = match algorithm {
            KeyEncryption::Pkcs1 => &["rsa_padding_mode:pkcs1"],
            KeyEncryption::OaepSha1 => &["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
            KeyEncryption::OaepSha256 => {
                &["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
            }
        };
        let certificate = self.file("agent.pem");
        let mut arguments = vec!["pkeyutl", "-encrypt", "-certin", "-inkey", &certificate];
        for option in options {
            arguments.extend(["-pkeyopt", option]);
        }
        WrappedKey::Transport { algorithm, encrypted_key: openssl(&arguments, content_key).unwrap() }
    }

    /// An envelope that OpenSSL's program sealed to the agent.
    fn envelope(&self, options: &[&str]) -> Envelope {
        let certificate = self.file("agent.pem");
        let mut arguments = vec!["cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER"];
        arguments.extend(["-recip", &certificate]);
        arguments.extend(options);
        Envelope::parse(&openssl(&arguments, SECRET).unwrap()).unwrap()
    }
}

/// The key in Windows' place.
struct Software {
    key: PathBuf,
    curve: Curve,
    asked: Arc<Mutex<Vec<Asked>>>,
    habit: Habit,
}

#[derive(Clone, Copy)]
enum Curve {
    P256,
    P384,
}

impl Software {
    fn ask(&self, asked: Asked) -> Result<(), Answer> {
        let answer = (self.habit)(&asked);
        self.asked.lock().unwrap().push(asked);
        answer.map_or(Ok(()), Err)
    }

    /// OpenSSL's program with the key. What it refuses, Windows calls an invalid parameter.
    fn pkeyutl(&self, what: &[&str], options: &[&str], input: &[u8]) -> Result<Vec<u8>, Answer> {
        let mut arguments = vec!["pkeyutl", "-inkey", self.key.to_str().unwrap()];
        arguments.extend(what);
        for option in options {
            arguments.extend(["-pkeyopt", option]);
        }
        openssl(&arguments, input).ok_or(Answer::NTE_INVALID_PARAMETER)
    }
}

impl Entry for Software {
    fn key(&self, purpose: &str, dialogs: Dialogs) -> Result<Box<dyn Key>, Answer> {
        assert_eq!(purpose, "Sealwright: recovery key of CN=Agent 1");
        self.ask(Asked::Found(dialogs))?;
        let (key, asked) = (self.key.clone(), Arc::clone(&self.asked));
        Ok(Box::new(Self { key, curve: self.curve, asked, habit: self.habit }))
    }
}

impl Key for Software {
    fn take_pin(&self, pin: &str) -> Result<(), Answer> {
        self.ask(Asked::Pin(pin.to_owned()))
    }

    fn decrypt(
        &self,
        how: Decryption,
        encrypted: &[u8],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer> {
        self.ask(Asked::Decrypt(how, dialogs))?;
        let options: &[&str] = match how {
            Decryption::Bare => &["rsa_padding_mode:none"],
            Decryption::Pkcs1 => &["rsa_padding_mode:pkcs1"],
            Decryption::Oaep(Digest::Sha1) => &["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
            Decryption::Oaep(Digest::Sha256) => {
                &["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
            }
            Decryption::Oaep(Digest::Sha384) => panic!("no envelope asks for it"),
        };
        self.pkeyutl(&["-decrypt"], options, encrypted).map(Zeroizing::new)
    }

    fn agree(
        &self,
        peer: &[u8],
        digest: Digest,
        behind: &[Vec<u8>],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer> {
        self.ask(Asked::Agree(digest, behind.len(), dialogs))?;
        // SubjectPublicKeyInfo up to the coordinates.
        let head = match self.curve {
            Curve::P256 => "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
            Curve::P384 => "3076301006072a8648ce3d020106052b8104002203620004",
        };
        let octet = |at: usize| u8::from_str_radix(&head[at..at + 2], 16).unwrap();
        let mut spki: Vec<u8> = (0..head.len()).step_by(2).map(octet).collect();
        spki.extend_from_slice(&peer[8..]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), spki).unwrap();
        let peer = ["-derive", "-peerform", "DER", "-peerkey", file.path().to_str().unwrap()];
        let secret = self.pkeyutl(&peer, &[], b"")?;
        let digest = match digest {
            Digest::Sha1 => "-sha1",
            Digest::Sha256 => "-sha256",
            Digest::Sha384 => "-sha384",
        };
        let hash = |behind: &Vec<u8>| {
            openssl(&["dgst", digest, "-binary"], &[secret.as_slice(), behind].concat()).unwrap()
        };
        Ok(Zeroizing::new(behind.iter().flat_map(hash).collect()))
    }

    fn sign(&self, how: Signing, digest: &[u8], dialogs: Dialogs) -> Result<Vec<u8>, Answer> {
        self.ask(Asked::Sign(how, dialogs))?;
        let options: &[&str] = match how {
            Signing::Pkcs1 => &["digest:sha256"],
            Signing::Pss => {
                &["digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]
            }
            Signing::Ecdsa => return Ok(numbers(&self.pkeyutl(&["-sign"], &[], digest)?, digest.len())),
        };
        self.pkeyutl(&["-sign"], options, digest)
    }
}

/// The two numbers of `ECDSA-Sig-Value`, each of `size` octets, as Windows writes them.
fn numbers(der: &[u8], size: usize) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut both = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let digits = number.strip_prefix(&[0]).unwrap_or(number);
        both.extend(std::iter::repeat_n(0, size - digits.len()));
        both.extend_from_slice(digits);
        rest = after;
    }
    both
}

fn flipped(wrapped: &WrappedKey) -> WrappedKey {
    match wrapped.clone() {
        WrappedKey::Transport { algorithm, mut encrypted_key } => {
            encrypted_key[100] ^= 1;
            WrappedKey::Transport { algorithm, encrypted_key }
        }
        WrappedKey::Agreement(mut agreed) => {
            agreed.encrypted_key[9] ^= 1;
            WrappedKey::Agreement(agreed)
        }
        hybrid @ WrappedKey::Hybrid(_) => hybrid,
    }
}

#[test]
fn content_keys_unwrap_by_every_algorithm_and_each_of_its_ways() {
    const NO_OAEP: Habit =
        |asked| matches!(asked, Asked::Decrypt(Decryption::Oaep(_), _)).then_some(Answer::NTE_NOT_SUPPORTED);
    const NOT_BARE: Habit =
        |asked| matches!(asked, Asked::Decrypt(Decryption::Bare, _)).then_some(Answer::NTE_INVALID_PARAMETER);
    let agent = Agent::rsa();
    let content_key: Vec<u8> = (0..32).collect();
    let (sha1, sha256) = (Decryption::Oaep(Digest::Sha1), Decryption::Oaep(Digest::Sha256));
    let cases: [(KeyEncryption, Habit, &[Decryption]); 7] = [
        (KeyEncryption::OaepSha256, GOOD, &[sha256]),
        (KeyEncryption::OaepSha1, GOOD, &[sha1]),
        // With a padding that Windows tells from a broken one, it is asked for nothing but the bare number.
        (KeyEncryption::Pkcs1, GOOD, &[Decryption::Bare]),
        (KeyEncryption::OaepSha256, NO_OAEP, &[sha256, Decryption::Bare]),
        (KeyEncryption::OaepSha1, NO_OAEP, &[sha1, Decryption::Bare]),
        (KeyEncryption::Pkcs1, NOT_BARE, &[Decryption::Bare, Decryption::Pkcs1]),
        (KeyEncryption::OaepSha256, NOT_BARE, &[sha256]),
    ];
    for (algorithm, habit, ways) in cases {
        let mut state = agent.state(habit, None);
        let unwrapped = state.unwrap_key(&agent.transport(algorithm, &content_key)).unwrap();
        assert_eq!(*unwrapped, content_key, "{algorithm:?}");
        let mut expected = vec![Asked::Found(Dialogs::Shown)];
        expected.extend(ways.iter().map(|way| Asked::Decrypt(*way, Dialogs::Shown)));
        assert_eq!(agent.asked(), expected, "{algorithm:?}");
        // The key stays open for the next one, and refuses none because the one before did not open.
        let refused = state.unwrap_key(&flipped(&agent.transport(algorithm, &content_key))).unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{algorithm:?}: {refused}");
        assert_eq!(*state.unwrap_key(&agent.transport(algorithm, &content_key)).unwrap(), content_key);
        assert_eq!(agent.asked().iter().filter(|one| matches!(one, Asked::Found(_))).count(), 1);
    }
}

#[test]
fn what_does_not_unwrap_is_never_tried_in_another_way() {
    const NO_WAY_TO_OAEP: Habit = |asked| {
        let is_bare = matches!(asked, Asked::Decrypt(Decryption::Bare, _));
        let refuse = || if is_bare { Answer::NTE_INVALID_PARAMETER } else { Answer::NTE_BAD_FLAGS };
        matches!(asked, Asked::Decrypt(..)).then(refuse)
    };
    const NEITHER: Habit = |asked| matches!(asked, Asked::Decrypt(..)).then_some(Answer::NTE_NOT_SUPPORTED);
    const UNLISTED: Habit = |asked| {
        let is_bare = matches!(asked, Asked::Decrypt(Decryption::Bare, _));
        let refuse = || if is_bare { Answer::NTE_NOT_SUPPORTED } else { Answer(0x8007_000d) };
        matches!(asked, Asked::Decrypt(..)).then(refuse)
    };
    let agent = Agent::rsa();
    for (algorithm, way) in [
        (KeyEncryption::OaepSha256, Decryption::Oaep(Digest::Sha256)),
        (KeyEncryption::OaepSha1, Decryption::Oaep(Digest::Sha1)),
        (KeyEncryption::Pkcs1, Decryption::Bare),
    ] {
        let refused =
            agent.state(GOOD, None).unwrap_key(&flipped(&agent.transport(algorithm, &[7; 32]))).unwrap_err();
        assert_eq!(refused.to_string(), Answer::NTE_BAD_DATA.undone("cert:a").to_string());
        let asked = agent.asked();
        assert_eq!(asked[1..], [Asked::Decrypt(way, Dialogs::Shown)], "{algorithm:?}");
    }
    let algorithm = KeyEncryption::OaepSha256;
    let refused = agent.state(NEITHER, None).unwrap_key(&agent.transport(algorithm, &[7; 32])).unwrap_err();
    let told = refused.to_string();
    assert!(told.contains(algorithm.label()) && told.contains("NTE_NOT_SUPPORTED"), "{told}");
    // Where Windows is left to look at a padding, what it answers is told in no way.
    for habit in [NEITHER, UNLISTED] {
        let wrapped = agent.transport(KeyEncryption::Pkcs1, &[7; 32]);
        let refused = agent.state(habit, None).unwrap_key(&wrapped).unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{refused}");
    }
    // No OAEP, and a flag for the bare operation that is no valid parameter: nobody altered the envelope.
    let refused = agent
        .state(NO_WAY_TO_OAEP, None)
        .unwrap_key(&agent.transport(KeyEncryption::OaepSha256, &[7; 32]))
        .unwrap_err();
    assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
}

#[test]
fn keys_on_curves_agree_by_every_derivation_and_windows_keeps_the_secret() {
    for (curve, digest, option, blocks) in [
        ("P-256", Digest::Sha256, "ecdh_kdf_md:sha256", 1),
        ("P-256", Digest::Sha1, "ecdh_kdf_md:sha1", 2),
        ("P-384", Digest::Sha384, "ecdh_kdf_md:sha384", 1),
        ("P-384", Digest::Sha256, "ecdh_kdf_md:sha256", 1),
    ] {
        let agent = Agent::curve(curve);
        let envelope = agent.envelope(&["-keyopt", option]);
        let wrapped = &envelope.recipients()[0].wrapped;
        let mut state = agent.state(GOOD, None);
        let content_key = state.unwrap_key(wrapped).unwrap();
        assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), SECRET, "{curve}, {option}");
        assert_eq!(agent.asked()[1..], [Asked::Agree(digest, blocks, Dialogs::Shown)], "{curve}, {option}");
        let refused = state.unwrap_key(&flipped(wrapped)).unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{refused}");
    }
    // What this product seals.
    for curve in ["P-256", "P-384"] {
        let agent = Agent::curve(curve);
        let sealed = crypto::seal::seal(SECRET, std::slice::from_ref(&agent.certificate)).unwrap();
        let envelope = Envelope::parse(&sealed).unwrap();
        let content_key = agent.state(GOOD, None).unwrap_key(&envelope.recipients()[0].wrapped).unwrap();
        assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), SECRET, "{curve}");
    }
}

#[test]
fn a_point_of_another_curve_is_never_shown_to_the_key_and_the_wrong_kind_is_told() {
    const SIGNS_ONLY: Habit = |asked| matches!(asked, Asked::Agree(..)).then_some(Answer::NTE_NOT_SUPPORTED);
    let agent = Agent::curve("P-256");
    let larger = Agent::curve("P-384");
    let envelope = larger.envelope(&[]);
    let refused = agent.state(GOOD, None).unwrap_key(&envelope.recipients()[0].wrapped).unwrap_err();
    assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{refused}");
    assert_eq!(agent.asked(), [Asked::Found(Dialogs::Shown)]);

    let rsa = Agent::rsa();
    let refused =
        agent.state(GOOD, None).unwrap_key(&rsa.transport(KeyEncryption::Pkcs1, &[7; 32])).unwrap_err();
    assert!(refused.to_string().contains("to an RSA key"), "{refused}");
    let refused = rsa.state(GOOD, None).unwrap_key(&envelope.recipients()[0].wrapped).unwrap_err();
    assert!(refused.to_string().contains("elliptic-curve key"), "{refused}");

    // Windows may take it for a key for signatures when it is imported.
    let refused =
        larger.state(SIGNS_ONLY, None).unwrap_key(&envelope.recipients()[0].wrapped).unwrap_err().to_string();
    assert!(refused.contains("ECDSA") && refused.contains("keyAgreement"), "{refused}");
}

#[test]
fn a_given_pin_is_handed_over_once_and_no_dialog_is_shown() {
    const WRONG: Habit = |asked| matches!(asked, Asked::Decrypt(..)).then_some(Answer::SCARD_W_WRONG_CHV);
    const KNOWS_NO_PIN: Habit = |asked| matches!(asked, Asked::Pin(_)).then_some(Answer::NTE_NOT_SUPPORTED);
    const CHECKS_AT_ONCE: Habit =
        |asked| matches!(asked, Asked::Pin(_)).then_some(Answer::SCARD_W_CHV_BLOCKED);
    let agent = Agent::rsa();
    let wrapped = agent.transport(KeyEncryption::OaepSha256, &[7; 32]);
    let used = Asked::Decrypt(Decryption::Oaep(Digest::Sha256), Dialogs::Never);
    let opened = [Asked::Found(Dialogs::Never), Asked::Pin(PIN.to_owned())];

    for habit in [GOOD, KNOWS_NO_PIN] {
        let mut state = agent.state(habit, Some(PIN));
        state.unwrap_key(&wrapped).unwrap();
        state.unwrap_key(&wrapped).unwrap();
        assert_eq!(agent.asked(), [&opened[..], &[used.clone(), used.clone()]].concat());
    }
    let mut state = agent.state(WRONG, Some(PIN));
    let refused = state.unwrap_key(&wrapped).unwrap_err();
    assert!(matches!(refused, RecoveryKeyError::Locked { .. }), "{refused}");
    assert!(!refused.to_string().contains(PIN), "{refused}");
    let again = state.unwrap_key(&wrapped).unwrap_err();
    assert!(again.to_string().contains("not tried again by itself"), "{again}");
    assert!(state.sign(b"a set").unwrap_err().to_string().contains("not tried again by itself"));
    assert_eq!(agent.asked(), [&opened[..], &[used]].concat(), "nothing was sent a second time");

    let mut state = agent.state(CHECKS_AT_ONCE, Some(PIN));
    assert!(matches!(state.unwrap_key(&wrapped), Err(RecoveryKeyError::Blocked { .. })));
    state.unwrap_key(&wrapped).unwrap_err();
    assert_eq!(agent.asked(), opened);
}

#[test]
fn a_card_that_was_taken_out_stays_away_and_a_cancelled_dialog_is_not_shown_again() {
    const REMOVED: Habit =
        |asked| matches!(asked, Asked::Decrypt(..)).then_some(Answer::SCARD_W_REMOVED_CARD);
    const CANCELLED: Habit =
        |asked| matches!(asked, Asked::Decrypt(..)).then_some(Answer::SCARD_W_CANCELLED_BY_USER);
    const NOWHERE: Habit = |asked| matches!(asked, Asked::Found(_)).then_some(Answer::SCARD_E_NO_SMARTCARD);
    let agent = Agent::rsa();
    let wrapped = agent.transport(KeyEncryption::OaepSha256, &[7; 32]);
    for (habit, calls, part) in
        [(REMOVED, 2, "is not there"), (NOWHERE, 1, "is not there"), (CANCELLED, 2, "does not open")]
    {
        let mut state = agent.state(habit, None);
        for _ in 0..2 {
            let refused = state.unwrap_key(&wrapped).unwrap_err();
            assert!(refused.to_string().contains(part), "{refused}");
        }
        assert_eq!(agent.asked().len(), calls, "{part}");
    }
}

#[test]
fn a_key_of_the_older_library_says_how_to_bring_it_into_the_newer_one() {
    const NO_SUCH_PROVIDER: Habit =
        |asked| matches!(asked, Asked::Found(_)).then_some(Answer::NTE_BAD_PROV_TYPE);
    let agent = Agent::rsa();
    let wrapped = agent.transport(KeyEncryption::OaepSha256, &[7; 32]);
    let mut state = agent.legacy_or_not(true, NO_SUCH_PROVIDER, None);
    let refused = state.unwrap_key(&wrapped).unwrap_err();
    assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
    assert!(refused.to_string().contains("certutil -csp"), "{refused}");
    // Windows opens many of them by the newer library as well.
    agent.legacy_or_not(true, GOOD, None).unwrap_key(&wrapped).unwrap();
}

#[test]
fn keys_sign_by_their_kind_and_the_certificate_verifies_it() {
    const PSS_ONLY: Habit =
        |asked| matches!(asked, Asked::Sign(Signing::Pkcs1, _)).then_some(Answer::NTE_NOT_SUPPORTED);
    const DECRYPTS_ONLY: Habit = |asked| matches!(asked, Asked::Sign(..)).then_some(Answer::NTE_BAD_KEY);
    let rsa = Agent::rsa();
    let (small, large) = (Agent::curve("P-256"), Agent::curve("P-384"));
    for (agent, habit, algorithm) in [
        (&rsa, GOOD, SignatureAlgorithm::Rs256),
        (&rsa, PSS_ONLY, SignatureAlgorithm::Ps256),
        (&small, GOOD, SignatureAlgorithm::Es256),
        (&large, GOOD, SignatureAlgorithm::Es384),
    ] {
        let signature = agent.state(habit, None).sign(b"a set").unwrap();
        assert_eq!(signature.algorithm, algorithm);
        assert!(agent.certificate.verifies(b"a set", &signature), "{algorithm:?}");
        assert!(!agent.certificate.verifies(b"another set", &signature), "{algorithm:?}");
    }
    let refused = rsa.state(DECRYPTS_ONLY, None).sign(b"a set").unwrap_err();
    assert!(refused.to_string().contains("let another officer of the set sign"), "{refused}");

    // Another key than the certificate's.
    let other = Agent::rsa();
    std::fs::copy(other.file("key.pem"), rsa.file("key.pem")).unwrap();
    let refused = rsa.state(GOOD, None).sign(b"a set").unwrap_err();
    assert!(refused.to_string().contains("does not fit the certificate"), "{refused}");
}
