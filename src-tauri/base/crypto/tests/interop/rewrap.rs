//! Envelopes whose content key was wrapped anew: OpenSSL's program and Bouncy Castle open them with the new agents' keys, and
//! with nobody else's.

use crypto::open::{Envelope, unwrap_content_key};
use crypto::rewrap::{is_sealed_to, rewrap};
use crypto::seal::seal;
use crypto::{CryptoError, PrivateKey, SealingAgents, X509Certificate};
use model::KeyAlgorithm;

use crate::programs::Bench;
use crate::support::{Identity, WORLD, pkey};

const SECRET: &[u8] = b"the private key of Susi Sorglos, as PKCS#8 \x00\r\n\xff, which is longer than the buffer that it passes through";

fn agents(certificates: Vec<X509Certificate>) -> SealingAgents {
    SealingAgents::new(certificates, None)
}

fn content_key(envelope: &[u8], agent: &Identity) -> zeroize::Zeroizing<Vec<u8>> {
    let envelope = Envelope::parse(envelope).unwrap();
    unwrap_content_key(&envelope.recipient_for(&agent.certificate).unwrap().wrapped, &agent.key).unwrap()
}

/// How many octets both end with.
fn common_end(one: &[u8], other: &[u8]) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

#[test]
fn the_new_agents_open_it_and_content_nonce_and_tag_are_the_same_octets() {
    let bench = Bench::new();
    let curve = WORLD.authority.issue("Curve", 31, PrivateKey::generate(KeyAlgorithm::P256).unwrap());
    let people = [("old", &WORLD.agents[0]), ("new", &WORLD.agents[2]), ("curve", &curve)];
    for (name, agent) in people {
        bench.write(&format!("{name}.pem"), agent.certificate.pem());
        bench.write(&format!("{name}.der"), agent.certificate.der());
        bench.write(&format!("{name}.key"), pkey(&agent.key).private_key_to_pem_pkcs8().unwrap());
        bench.write(&format!("{name}.pk8"), &*agent.key.to_pkcs8().unwrap());
    }
    let old = seal(SECRET, &WORLD.agent_certificates(2)).unwrap();
    let today = agents(vec![WORLD.agents[2].certificate.clone(), curve.certificate.clone()]);
    let new = rewrap(&old, &content_key(&old, &WORLD.agents[0]), &today).unwrap();
    bench.write("sealed", &new);
    let plain = agents(WORLD.agent_certificates(3));
    bench.write("plain", rewrap(&old, &content_key(&old, &WORLD.agents[0]), &plain).unwrap());
    for (name, opens) in [("old", false), ("new", true), ("curve", true)] {
        let opened = bench.openssl(&format!(
            "cms -decrypt -binary -inform DER -in sealed -recip {name}.pem -inkey {name}.key"
        ));
        assert_eq!(opened.ok().as_deref(), opens.then_some(SECRET), "{name}");
    }
    let answers = bench.bouncy_castle(&[
        "open sealed new.der new.pk8 new.out".to_owned(),
        "open sealed old.der old.pk8 old.out".to_owned(),
        "canonical plain".to_owned(),
    ]);
    assert_eq!(answers, ["opened", "not a recipient", "canonical"]);
    assert_eq!(bench.read("new.out"), SECRET);

    // Everything behind the recipients: type, cipher, nonce, content and tag.
    let same = 11 + 13 + 14 + SECRET.len() + 18;
    assert!(common_end(&old, &new) >= same, "{} of {same} octets", common_end(&old, &new));
    assert!(is_sealed_to(&Envelope::parse(&new).unwrap(), &today));
    assert!(!is_sealed_to(&Envelope::parse(&old).unwrap(), &today));
    // One agent too many is another set, too.
    let fewer = agents(vec![WORLD.agents[2].certificate.clone()]);
    assert!(!is_sealed_to(&Envelope::parse(&new).unwrap(), &fewer));
}

#[test]
fn what_would_not_open_is_not_written() {
    let old = seal(SECRET, &WORLD.agent_certificates(1)).unwrap();
    let key = content_key(&old, &WORLD.agents[0]);
    let today = agents(vec![WORLD.agents[2].certificate.clone()]);
    let refused = |cms: &[u8], key: &[u8]| matches!(rewrap(cms, key, &today), Err(CryptoError::Tampered));
    let mut other = key.to_vec();
    other[0] ^= 1;
    assert!(refused(&old, &other) && refused(&old, &key[..16]) && refused(&old, b""));
    // Each octet of the content and the tag.
    for at in old.len() - 18 - SECRET.len()..old.len() {
        if at == old.len() - 18 || at == old.len() - 17 {
            continue; // the header of the tag
        }
        let mut altered = old.clone();
        altered[at] ^= 0x40;
        assert!(refused(&altered, &key), "octet {at}");
    }
    assert!(rewrap(&old, &key, &agents(Vec::new())).is_err(), "for nobody");
    // CBC tells nothing of alterations, so it is never taken for an archived key.
    let bench = Bench::new();
    bench.write("agent.pem", WORLD.agents[0].certificate.pem());
    bench.write("secret", SECRET);
    bench.openssl("cms -encrypt -binary -in secret -outform DER -out made -aes256 -recip agent.pem").unwrap();
    let made = bench.read("made");
    assert!(refused(&made, &content_key(&made, &WORLD.agents[0])));
}
