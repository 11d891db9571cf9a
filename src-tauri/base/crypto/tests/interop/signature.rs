//! Signatures of recovery agents' keys, verified and made by OpenSSL's command line.

use crypto::signature::{digest_info, ecdsa_from_numbers};
use crypto::{PrivateKey, X509Certificate};
use model::kra::{Signature, SignatureAlgorithm};

use crate::programs::Bench;

const MESSAGE: &[u8] = b"a set of recovery agents";

/// A key in `key.pem` and a certificate in `agent.pem`, both by OpenSSL.
fn agent(bench: &Bench, kind: &str) -> (PrivateKey, X509Certificate) {
    bench.openssl(&format!("genpkey {kind} -out key.pem")).unwrap();
    bench.openssl("req -x509 -new -key key.pem -subj /CN=Agent -days 1 -out agent.pem").unwrap();
    bench.write("message", MESSAGE);
    let key = PrivateKey::from_pem(&bench.read("key.pem")).unwrap();
    (key, X509Certificate::from_pem(&bench.read("agent.pem")).unwrap())
}

const KINDS: [(&str, SignatureAlgorithm, &str); 3] = [
    ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", SignatureAlgorithm::Rs256, "-sha256"),
    ("-algorithm EC -pkeyopt ec_paramgen_curve:P-256", SignatureAlgorithm::Es256, "-sha256"),
    ("-algorithm EC -pkeyopt ec_paramgen_curve:P-384", SignatureAlgorithm::Es384, "-sha384"),
];

#[test]
fn openssl_verifies_what_is_signed_here_and_the_other_way_round() {
    for (kind, algorithm, digest) in KINDS {
        let bench = Bench::new();
        let (key, certificate) = agent(&bench, kind);
        let signature = key.sign(MESSAGE).unwrap();
        assert_eq!(signature.algorithm, algorithm);
        bench.write("signature", &signature.octets);
        bench.openssl("x509 -in agent.pem -noout -pubkey -out public.pem").unwrap();
        bench.openssl(&format!("dgst {digest} -verify public.pem -signature signature message")).unwrap();
        bench.openssl(&format!("dgst {digest} -sign key.pem -out theirs message")).unwrap();
        let theirs = Signature { algorithm, octets: bench.read("theirs") };
        assert!(certificate.verifies(MESSAGE, &theirs), "{algorithm:?}");
        assert!(certificate.verifies(MESSAGE, &signature), "{algorithm:?}");
        assert!(!certificate.verifies(b"another set", &signature), "{algorithm:?}");
        let mut altered = signature.clone();
        let last = altered.octets.len() - 1;
        altered.octets[last] ^= 1;
        assert!(!certificate.verifies(MESSAGE, &altered), "{algorithm:?}");
        for name in ["RS256", "PS256", "ES256", "ES384"] {
            let said = SignatureAlgorithm::from_name(name).unwrap();
            let other = Signature { algorithm: said, ..signature.clone() };
            assert_eq!(certificate.verifies(MESSAGE, &other), said == algorithm, "{algorithm:?} as {name}");
        }
    }
}

#[test]
fn openssls_pss_signatures_and_short_keys_are_told_apart() {
    let bench = Bench::new();
    let (_, certificate) = agent(&bench, KINDS[0].0);
    let pss = "dgst -sha256 -sign key.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -out theirs message";
    bench.openssl(pss).unwrap();
    let octets = bench.read("theirs");
    assert!(certificate.verifies(MESSAGE, &Signature { algorithm: SignatureAlgorithm::Ps256, octets }));
    let (key, certificate) = agent(&bench, "-algorithm RSA -pkeyopt rsa_keygen_bits:1024");
    assert!(!certificate.verifies(MESSAGE, &key.sign(MESSAGE).unwrap()), "1024 bits prove nothing");
}

#[test]
fn what_devices_are_given_and_return_is_what_openssl_knows() {
    let bench = Bench::new();
    let (_, certificate) = agent(&bench, KINDS[0].0);
    bench.write("info", digest_info(MESSAGE));
    bench.openssl("pkeyutl -sign -inkey key.pem -in info -pkeyopt rsa_padding_mode:pkcs1 -out bare").unwrap();
    let bare = Signature { algorithm: SignatureAlgorithm::Rs256, octets: bench.read("bare") };
    assert!(certificate.verifies(MESSAGE, &bare));

    let (key, certificate) = agent(&bench, KINDS[1].0);
    let signature = key.sign(MESSAGE).unwrap();
    // SEQUENCE, INTEGER r, INTEGER s: each without its header, and filled up to 32 octets.
    let mut rest = &signature.octets[2..];
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let bare = number.strip_prefix(&[0]).unwrap_or(number);
        numbers.extend(vec![0; 32 - bare.len()]);
        numbers.extend(bare);
        rest = after;
    }
    let octets = ecdsa_from_numbers(&numbers).unwrap();
    assert_eq!(octets, signature.octets);
    assert!(certificate.verifies(MESSAGE, &Signature { algorithm: SignatureAlgorithm::Es256, octets }));
    assert!(ecdsa_from_numbers(&numbers[..63]).is_err());
    assert!(ecdsa_from_numbers(&[]).is_err());
}
