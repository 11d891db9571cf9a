//! Keys and certificates for the tests of this crate, made with the library directly: what the product's own
//! signing bench makes is tested elsewhere.

use std::sync::LazyLock;

use crypto::{PrivateKey, X509Certificate};
use model::KeyAlgorithm;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Name};

/// A key with its certificate.
pub(crate) struct Identity {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: X509Certificate,
}

/// An authority with a P-256 key, and what it issued.
pub(crate) struct World {
    pub(crate) authority: Identity,
    /// Recovery agents with RSA 2048 keys.
    pub(crate) agents: [Identity; 4],
    /// A person with an RSA 2048 key.
    pub(crate) susi: Identity,
}

/// One world per test process; making RSA keys is what costs.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let certificate = certify("Test Authority", 1, &pkey(&key), None);
    let authority = Identity { key, certificate };
    let agents = [10, 11, 12, 13].map(|serial| {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let certificate = certify(&format!("Agent {serial}"), serial, &pkey(&key), Some(&authority));
        Identity { key, certificate }
    });
    let susi = authority.issue("Susi Sorglos", 20, PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap());
    World { authority, agents, susi }
});

impl Identity {
    /// A certificate under this authority.
    pub(crate) fn issue(&self, common_name: &str, serial: u32, key: PrivateKey) -> Identity {
        let certificate = certify(common_name, serial, &pkey(&key), Some(self));
        Identity { key, certificate }
    }
}

impl World {
    /// The certificates of the first `count` recovery agents.
    pub(crate) fn agent_certificates(&self, count: usize) -> Vec<X509Certificate> {
        self.agents[..count].iter().map(|agent| agent.certificate.clone()).collect()
    }
}

/// The library's form of our key.
pub(crate) fn pkey(key: &PrivateKey) -> PKey<Private> {
    PKey::private_key_from_pkcs8(&key.to_pkcs8().unwrap()).unwrap()
}

/// A certificate for any key of the library; without an issuer it signs itself.
pub(crate) fn certify(
    common_name: &str,
    serial: u32,
    key: &PKey<Private>,
    issuer: Option<&Identity>,
) -> X509Certificate {
    let issuer = issuer.map(|issuer| (pkey(&issuer.key), X509::from_der(issuer.certificate.der()).unwrap()));
    let built = build(common_name, serial, key, issuer.as_ref());
    X509Certificate::from_der(&built.to_der().unwrap()).unwrap()
}

fn build(
    common_name: &str,
    serial: u32,
    key: &PKey<Private>,
    issuer: Option<&(PKey<Private>, X509)>,
) -> X509 {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("C", "DE").unwrap();
    name.append_entry_by_text("O", "Contoso, Ltd.").unwrap();
    name.append_entry_by_text("CN", common_name).unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(issuer.map_or(&*name, |(_, certificate)| certificate.subject_name())).unwrap();
    // 2026-01-01 and 2036-01-01.
    builder.set_not_before(&Asn1Time::from_unix(1_767_225_600).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(2_082_758_400).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    let extensions = {
        let context = builder.x509v3_context(issuer.map(|(_, certificate)| &**certificate), None);
        let mut list = vec![SubjectKeyIdentifier::new().build(&context).unwrap()];
        if issuer.is_none() {
            list.push(BasicConstraints::new().critical().ca().build().unwrap());
        } else {
            let mut alternative = SubjectAlternativeName::new();
            alternative.email("susi@contoso.test");
            list.push(alternative.build(&context).unwrap());
        }
        list
    };
    for extension in extensions {
        builder.append_extension(extension).unwrap();
    }
    builder.sign(issuer.map_or(key, |(key, _)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}
