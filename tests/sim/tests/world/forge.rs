//! Certificates and PKCS#12 files made with OpenSSL alone, good and bad ones, and the bodies that import them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::stack::Stack;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use openssl::x509::{X509, X509Builder, X509Name};
use serde_json::{Value, json};
use sim::{Sim, User};

pub(crate) const PASSWORD: &str = "CorrectHorseBatteryStaple42";

pub(crate) fn rsa_key() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key")
}

pub(crate) fn ec_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn name(common_name: &str) -> X509Name {
    let mut name = X509Name::builder().expect("a name");
    name.append_entry_by_nid(Nid::COMMONNAME, common_name).expect("a common name");
    name.build()
}

fn builder(subject: &str, issuer: &str, key: &PKey<Private>) -> X509Builder {
    let mut builder = X509::builder().expect("a certificate");
    builder.set_version(2).expect("v3");
    let mut serial = BigNum::new().expect("a number");
    serial.rand(63, openssl::bn::MsbOption::ONE, false).expect("random");
    builder.set_serial_number(&serial.to_asn1_integer().expect("a serial")).expect("a serial");
    builder.set_subject_name(&name(subject)).expect("a subject");
    builder.set_issuer_name(&name(issuer)).expect("an issuer");
    builder.set_pubkey(key).expect("a key");
    builder.set_not_before(&Asn1Time::days_from_now(0).expect("now")).expect("a start");
    builder.set_not_after(&Asn1Time::days_from_now(365).expect("next year")).expect("an end");
    builder
}

pub(crate) fn self_signed(common_name: &str, key: &PKey<Private>) -> X509 {
    let mut builder = builder(common_name, common_name, key);
    builder.sign(key, MessageDigest::sha256()).expect("signed");
    builder.build()
}

/// A certification authority of one test.
pub(crate) struct Authority {
    key: PKey<Private>,
    pub(crate) certificate: X509,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = ec_key();
        let mut builder = builder("Test CA", "Test CA", &key);
        builder
            .append_extension(BasicConstraints::new().critical().ca().build().expect("a CA"))
            .expect("an extension");
        builder.sign(&key, MessageDigest::sha256()).expect("signed");
        Self { certificate: builder.build(), key }
    }

    /// A certificate for encrypted mail: emailProtection, keyEncipherment for RSA, keyAgreement for EC.
    pub(crate) fn mail(&self, common_name: &str, key: &PKey<Private>) -> X509 {
        let mut usage = KeyUsage::new();
        usage.critical().digital_signature();
        if key.rsa().is_ok() {
            usage.key_encipherment();
        } else {
            usage.key_agreement();
        }
        self.issue(common_name, key, &usage, ExtendedKeyUsage::new().email_protection())
    }

    /// A certificate for signing in.
    pub(crate) fn sign_in(&self, common_name: &str, key: &PKey<Private>) -> X509 {
        self.issue(
            common_name,
            key,
            KeyUsage::new().critical().digital_signature(),
            ExtendedKeyUsage::new().client_auth(),
        )
    }

    fn issue(
        &self,
        common_name: &str,
        key: &PKey<Private>,
        usage: &KeyUsage,
        purpose: &ExtendedKeyUsage,
    ) -> X509 {
        let mut builder = builder(common_name, "Test CA", key);
        builder.append_extension(usage.build().expect("a usage")).expect("an extension");
        builder.append_extension(purpose.build().expect("a purpose")).expect("an extension");
        builder.sign(&self.key, MessageDigest::sha256()).expect("signed");
        builder.build()
    }
}

/// A PKCS#12 with [`PASSWORD`].
pub(crate) fn pfx(key: &PKey<Private>, leaf: &X509, chain: &[&X509]) -> Vec<u8> {
    let mut builder = Pkcs12::builder();
    builder.name("test").pkey(key).cert(leaf);
    if !chain.is_empty() {
        let mut others = Stack::new().expect("a stack");
        for certificate in chain {
            others.push((*certificate).clone()).expect("pushed");
        }
        builder.ca(others);
    }
    builder.build2(PASSWORD).expect("a PKCS#12").to_der().expect("DER")
}

pub(crate) fn thumbprint(leaf: &X509) -> String {
    hex::encode(leaf.digest(MessageDigest::sha1()).expect("a digest"))
}

/// A password encrypted to the connector, from the 283-byte blob that the connector exports.
pub(crate) fn seal(sim: &Sim, password: &str, hash: MessageDigest) -> Vec<u8> {
    let blob = sim.connector_public_key_blob();
    assert_eq!(blob.len(), 283);
    assert_eq!(hex::encode(&blob[..27]), "525341310008000003000000000100000000000000000000010001");
    let number = |bytes: &[u8]| BigNum::from_slice(bytes).expect("a number");
    let rsa = Rsa::from_public_components(number(&blob[27..]), number(&blob[24..27])).expect("a key");
    let key = PKey::from_rsa(rsa).expect("a key");
    assert_eq!(
        String::from_utf8(key.public_key_to_pem().expect("PEM")).expect("text"),
        sim.connector_public_key_pem(),
        "blob and PEM are the same key"
    );
    let mut encrypter = Encrypter::new(&key).expect("an encrypter");
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("OAEP");
    encrypter.set_rsa_oaep_md(hash).expect("a hash");
    encrypter.set_rsa_mgf1_md(hash).expect("MGF1");
    let mut sealed = vec![0; encrypter.encrypt_len(password.as_bytes()).expect("a length")];
    let length = encrypter.encrypt(password.as_bytes(), &mut sealed).expect("encrypted");
    sealed.truncate(length);
    sealed
}

/// The body that imports a PKCS#12 for a user.
pub(crate) fn body(sim: &Sim, user: &User, pfx: &[u8], leaf: &X509) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.userPFXCertificate",
        "thumbprint": thumbprint(leaf),
        "intendedPurpose": "smimeEncryption",
        "userPrincipalName": user.user_principal_name,
        "startDateTime": "2026-01-01T00:00:00Z",
        "expirationDateTime": "2027-01-01T00:00:00Z",
        "providerName": sim.connector_provider_name(),
        "keyName": sim.connector_key_name(),
        "paddingScheme": "oaepSha512",
        "encryptedPfxBlob": BASE64_STANDARD.encode(pfx),
        "encryptedPfxPassword": BASE64_STANDARD.encode(seal(sim, PASSWORD, MessageDigest::sha512())),
        "createdDateTime": "2026-01-01T00:00:01Z",
        "lastModifiedDateTime": "2026-01-01T00:00:01Z",
    })
}

/// A good body with a fresh EC certificate for mail, and its thumbprint.
pub(crate) fn good_body(sim: &Sim, user: &User) -> (Value, String) {
    let (authority, key) = (Authority::new(), ec_key());
    let leaf = authority.mail("Test", &key);
    let pfx = pfx(&key, &leaf, &[&authority.certificate]);
    (body(sim, user, &pfx, &leaf), thumbprint(&leaf))
}
