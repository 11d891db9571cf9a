//! Envelopes, opened and made by OpenSSL's command line and by Bouncy Castle.

use crypto::CryptoError;
use crypto::open::{Envelope, KeyEncryption, Recipient, WrappedKey, open};
use crypto::seal::seal;

use crate::programs::Bench;
use crate::support::{Identity, WORLD, pkey};

const SECRET: &[u8] = b"the private key of Susi Sorglos, as PKCS#8 \x00\r\n\xff";

/// Puts an agent's key and certificate where programs find them.
fn lay_out(bench: &Bench, name: &str, agent: &Identity) {
    bench.write(&format!("{name}.pem"), agent.certificate.pem());
    bench.write(&format!("{name}.der"), agent.certificate.der());
    bench.write(&format!("{name}.key"), pkey(&agent.key).private_key_to_pem_pkcs8().unwrap());
    bench.write(&format!("{name}.pk8"), &*agent.key.to_pkcs8().unwrap());
}

/// How the content key was padded for this recipient.
fn padding(recipient: &Recipient) -> KeyEncryption {
    match &recipient.wrapped {
        WrappedKey::Transport { algorithm, .. } => *algorithm,
        other @ (WrappedKey::Agreement(_) | WrappedKey::Hybrid(_)) => panic!("{other:?}"),
    }
}

/// An envelope for the agents `first` and `second`, a copy of it with a flipped bit in the ciphertext, and an
/// outsider.
fn sealed() -> Bench {
    let bench = Bench::new();
    for (name, agent) in ["first", "second", "outsider"].into_iter().zip(&WORLD.agents) {
        lay_out(&bench, name, agent);
    }
    // Against the order in which DER wants them.
    let recipients: Vec<_> = WORLD.agent_certificates(2).into_iter().rev().collect();
    let envelope = seal(SECRET, &recipients).unwrap();
    let mut altered = envelope.clone();
    // The tag is the last 16 octets with a header of two; before it lies the ciphertext.
    let at = altered.len() - 18 - 5;
    altered[at] ^= 1;
    bench.write("sealed", envelope);
    bench.write("altered", altered);
    bench
}

#[test]
fn openssl_opens_the_archive_with_each_agent_and_with_nobody_else() {
    let bench = sealed();
    let decrypt = |envelope: &str, agent: &str| {
        bench.openssl(&format!(
            "cms -decrypt -binary -inform DER -in {envelope} -recip {agent}.pem -inkey {agent}.key"
        ))
    };
    assert_eq!(decrypt("sealed", "first").unwrap(), SECRET);
    assert_eq!(decrypt("sealed", "second").unwrap(), SECRET);
    decrypt("sealed", "outsider").unwrap_err();
    decrypt("altered", "first").unwrap_err();
}

#[test]
fn bouncy_castle_opens_the_archive_and_finds_it_canonical() {
    let bench = sealed();
    let open = |envelope: &str, agent: &str| format!("open {envelope} {agent}.der {agent}.pk8 {agent}.out");
    let answers = bench.bouncy_castle(&[
        open("sealed", "first"),
        open("sealed", "second"),
        open("sealed", "outsider"),
        "open sealed first.der outsider.pk8 wrong.out".to_owned(),
        open("altered", "first"),
        "canonical sealed".to_owned(),
    ]);
    assert_eq!(answers[..3], ["opened", "opened", "not a recipient"], "{answers:?}");
    assert!(answers[3].starts_with("refused"), "{answers:?}");
    assert!(answers[4].starts_with("refused"), "{answers:?}");
    assert_eq!(answers[5], "canonical");
    assert_eq!(bench.read("first.out"), SECRET);
    assert_eq!(bench.read("second.out"), SECRET);
}

#[test]
fn what_openssl_seals_is_opened_with_the_padding_that_the_envelope_names() {
    const OAEP: &str = "-keyopt rsa_padding_mode:oaep";
    let bench = Bench::new();
    let agent = &WORLD.agents[0];
    lay_out(&bench, "agent", agent);
    bench.write("secret", SECRET);
    let variants = [
        ("-aes256 -recip agent.pem", KeyEncryption::Pkcs1, false),
        ("-aes128 -recip agent.pem", KeyEncryption::Pkcs1, false),
        (&format!("-aes256 -recip agent.pem {OAEP}"), KeyEncryption::OaepSha1, false),
        (
            &format!("-aes256 -recip agent.pem {OAEP} -keyopt rsa_oaep_md:sha256"),
            KeyEncryption::OaepSha256,
            false,
        ),
        (
            &format!("-aes128 -recip agent.pem {OAEP} -keyopt rsa_oaep_md:sha256"),
            KeyEncryption::OaepSha256,
            false,
        ),
        (
            &format!("-aes-256-gcm -recip agent.pem {OAEP} -keyopt rsa_oaep_md:sha256"),
            KeyEncryption::OaepSha256,
            true,
        ),
        ("-aes-128-gcm -recip agent.pem", KeyEncryption::Pkcs1, true),
        ("-aes256 -keyid -recip agent.pem", KeyEncryption::Pkcs1, false),
        ("-aes256 -stream -recip agent.pem", KeyEncryption::Pkcs1, false),
    ];
    for (options, algorithm, authenticated) in variants {
        bench.openssl(&format!("cms -encrypt -binary -in secret -outform DER -out made {options}")).unwrap();
        let made = bench.read("made");
        let envelope = Envelope::parse(&made).unwrap();
        assert_eq!(envelope.is_authenticated(), authenticated, "{options}");
        assert_eq!(padding(envelope.recipient_for(&agent.certificate).unwrap()), algorithm, "{options}");
        assert!(envelope.recipient_for(&WORLD.agents[1].certificate).is_none(), "{options}");
        assert_eq!(&**open(&made, &agent.key, &agent.certificate).unwrap(), SECRET, "{options}");
    }
}

#[test]
fn a_padding_that_no_vault_can_undo_is_named_as_the_reason() {
    let bench = Bench::new();
    let agent = &WORLD.agents[0];
    lay_out(&bench, "agent", agent);
    bench.write("secret", SECRET);
    let encrypt = "cms -encrypt -binary -in secret -outform DER -out made -aes256 -recip agent.pem";
    for padding in ["-keyopt rsa_oaep_md:sha512", "-keyopt rsa_oaep_md:sha256 -keyopt rsa_oaep_label:6b7261"]
    {
        bench.openssl(&format!("{encrypt} -keyopt rsa_padding_mode:oaep {padding}")).unwrap();
        let refused = open(&bench.read("made"), &agent.key, &agent.certificate).unwrap_err();
        assert!(matches!(refused, CryptoError::NotARecipient { .. }), "{padding}: {refused}");
        assert!(refused.to_string().contains("not supported here"), "{padding}: {refused}");
    }
}

#[test]
fn a_wrong_padding_in_the_envelope_is_tampering_and_gives_no_content() {
    let bench = Bench::new();
    let agent = &WORLD.agents[0];
    lay_out(&bench, "agent", agent);
    bench.write("secret", SECRET);
    let options = "-keyopt rsa_padding_mode:oaep";
    let encrypt = "cms -encrypt -binary -in secret -outform DER -out made -aes-256-gcm -recip agent.pem";
    bench.openssl(&format!("{encrypt} {options}")).unwrap();
    let mut envelope = bench.read("made");
    // id-RSAES-OAEP with default parameters (3000) becomes rsaEncryption with parameters that nobody looks
    // at.
    let oaep = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07, 0x30, 0x00];
    let at = envelope.windows(oaep.len()).position(|window| window == oaep).unwrap();
    envelope[at + 8] = 0x01;
    assert_eq!(padding(&Envelope::parse(&envelope).unwrap().recipients()[0]), KeyEncryption::Pkcs1);
    assert!(matches!(open(&envelope, &agent.key, &agent.certificate), Err(CryptoError::Tampered)));
}

#[test]
fn what_bouncy_castle_seals_is_opened() {
    let bench = Bench::new();
    let agent = &WORLD.agents[0];
    lay_out(&bench, "agent", agent);
    bench.write("secret", SECRET);
    let ways = [
        ("cbc-pkcs1", KeyEncryption::Pkcs1),
        ("cbc-oaep-sha1", KeyEncryption::OaepSha1),
        ("cbc-oaep-sha256", KeyEncryption::OaepSha256),
        ("gcm-with-attributes", KeyEncryption::OaepSha256),
    ];
    let mut work: Vec<String> =
        ways.map(|(way, _)| format!("seal {way} agent.der secret {way}.out")).to_vec();
    work.push("seal cbc-oaep-mixed agent.der secret mixed.out".to_owned());
    assert_eq!(bench.bouncy_castle(&work), ["sealed"; 5]);

    for (way, algorithm) in ways {
        let made = bench.read(&format!("{way}.out"));
        let envelope = Envelope::parse(&made).unwrap();
        assert_eq!(padding(&envelope.recipients()[0]), algorithm, "{way}");
        assert_eq!(&**open(&made, &agent.key, &agent.certificate).unwrap(), SECRET, "{way}");
    }
    // The attribute `contentType` is authenticated though it is not encrypted; its value ends in 01 for id-data.
    let mut altered = bench.read("gcm-with-attributes.out");
    let content_type = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03, 0x31];
    let at = altered.windows(content_type.len()).position(|window| window == content_type).unwrap();
    altered[at + 21] ^= 2;
    assert!(matches!(open(&altered, &agent.key, &agent.certificate), Err(CryptoError::Tampered)));

    // SHA-256 with a mask of SHA-1: no vault and no card can do it.
    let mixed = open(&bench.read("mixed.out"), &agent.key, &agent.certificate).unwrap_err();
    assert!(matches!(mixed, CryptoError::NotARecipient { .. }), "{mixed}");
}

#[test]
fn an_encrypted_mail_is_read_by_openssl_and_gpgsm_with_the_owner_s_key_alone() {
    let bench = Bench::new();
    for (name, agent) in ["owner", "stranger"].into_iter().zip(&WORLD.agents) {
        lay_out(&bench, name, agent);
    }
    let entity = "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\u{fc}\u{df}e\r\n".as_bytes();
    let mail = crypto::mail::encrypted_mail(entity, &WORLD.agents[0].certificate).unwrap();
    // As a mail: with the headers that stand before it.
    bench.write("mail.eml", [b"From: <a@b.example>\r\nSubject: x\r\n".to_vec(), mail].concat());
    let read =
        |name: &str| bench.openssl(&format!("cms -decrypt -in mail.eml -recip {name}.pem -inkey {name}.key"));
    assert_eq!(read("owner").unwrap(), entity);
    read("stranger").unwrap_err();
    let printed = bench.openssl("cms -cmsout -noout -print -in mail.eml").unwrap();
    let printed = String::from_utf8_lossy(&printed);
    assert!(printed.contains("aes-256-cbc") && printed.contains("rsaEncryption"), "{printed}");
}
