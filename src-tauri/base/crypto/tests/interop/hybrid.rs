//! A hybrid envelope can be opened without this program: whoever has an agent's two keys needs CMS, HKDF, AES and ML-KEM.

use crypto::{CryptoError, MlKemPrivateKey, MlKemPublicKey, PrivateKey, SealingAgents, X509Certificate};
use model::KeyAlgorithm;

use crate::programs::Bench;
use crate::support::{Identity, WORLD, pkey};

const PASSWORD: &str = "correct-horse";

/// An agent with an RSA key and one on P-256, and their ML-KEM keys, as files in the folder.
fn agents(bench: &Bench) -> (Vec<Identity>, Vec<MlKemPrivateKey>) {
    let rsa = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let curve = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let identities =
        vec![WORLD.authority.issue("Agent RSA", 301, rsa), WORLD.authority.issue("Agent EC", 302, curve)];
    let keys: Vec<MlKemPrivateKey> = (0..2).map(|_| MlKemPrivateKey::generate().unwrap()).collect();
    for (index, (identity, key)) in identities.iter().zip(&keys).enumerate() {
        bench.write(&format!("{index}.pem"), pkey(&identity.key).private_key_to_pem_pkcs8().unwrap());
        bench.write(&format!("{index}.ml-kem.pem"), key.to_pem(PASSWORD).unwrap());
        bench.write(&format!("{index}.pub.pem"), key.public().to_pem());
    }
    (identities, keys)
}

fn sealing(identities: &[Identity], keys: &[MlKemPrivateKey], threshold: Option<u8>) -> SealingAgents {
    let certificates: Vec<X509Certificate> =
        identities.iter().map(|identity| identity.certificate.clone()).collect();
    let public = keys.iter().map(|key| key.public().clone()).collect();
    SealingAgents::new(certificates, threshold).with_ml_kem(public).unwrap()
}

#[test]
fn python_opens_with_both_keys_of_each_agent_and_openssl_reads_the_structure() {
    let bench = Bench::new();
    let (identities, keys) = agents(&bench);
    bench.write("sealed", sealing(&identities, &keys, None).seal(&WORLD.susi.key).unwrap());
    let content = hex::encode(&*WORLD.susi.key.to_pkcs8().unwrap());
    for (index, (identity, key)) in identities.iter().zip(&keys).enumerate() {
        let serial = identity.certificate.serial();
        let told = bench.python(&format!("hybrid sealed {serial} {index}.pem {index}.ml-kem.pem {PASSWORD}"));
        let id = key.public().fingerprint();
        assert_eq!(told, format!("recipients=2\nid={id}\ncontent={content}"));
    }
    let printed = bench.openssl("cms -cmsout -print -inform DER -in sealed").unwrap();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(printed.matches("d.ori:").count() == 2 && printed.contains("aes-256-gcm"), "{printed}");
    let parsed = String::from_utf8(bench.openssl("asn1parse -inform DER -in sealed").unwrap()).unwrap();
    for part in ["rsaesOaep", "id-aes256-wrap", "dhSinglePass-stdDH-sha256kdf-scheme"] {
        assert!(parsed.contains(part), "{part}: {parsed}");
    }
}

#[test]
fn python_opens_the_shares_of_a_quorum_and_puts_them_together() {
    let bench = Bench::new();
    let (identities, keys) = agents(&bench);
    bench.write("sealed", sealing(&identities, &keys, Some(2)).seal(&WORLD.susi.key).unwrap());
    let told = bench.python(&format!(
        "hybrid_quorum sealed {PASSWORD} {}=0.pem=0.ml-kem.pem {}=1.pem=1.ml-kem.pem",
        identities[0].certificate.serial(),
        identities[1].certificate.serial(),
    ));
    assert_eq!(told, format!("content={}", hex::encode(&*WORLD.susi.key.to_pkcs8().unwrap())));
}

#[test]
fn python_makes_key_files_that_are_read_and_reads_those_that_are_made() {
    let bench = Bench::new();
    let key = MlKemPrivateKey::generate().unwrap();
    bench.write("own.pem", key.to_pem(PASSWORD).unwrap());
    bench.write("own.pub.pem", key.public().to_pem());
    let spki = hex::encode(key.public().spki_der());
    assert_eq!(
        bench.python(&format!("ml_kem own.pem own.pub.pem {PASSWORD} theirs")),
        format!("spki={spki}")
    );
    let theirs = MlKemPrivateKey::from_pem(&bench.read("theirs.pem"), PASSWORD).unwrap();
    assert_eq!(*theirs.public(), MlKemPublicKey::from_pem(&bench.read("theirs.pub.pem")).unwrap());
    // What is not under a password is refused with the way to put it there.
    let refused = MlKemPrivateKey::from_pem(&bench.read("theirs.clear.pem"), PASSWORD).unwrap_err();
    assert!(refused.to_string().contains("openssl pkcs8 -topk8"), "{refused}");
    // A key of another size under the right password.
    let other = MlKemPrivateKey::from_pem(&bench.read("theirs.1024.pem"), PASSWORD).unwrap_err();
    assert!(matches!(other, CryptoError::Malformed { .. }), "{other}");
}
