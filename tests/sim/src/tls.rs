//! The throw-away certification authority of one world and the TLS server certificate for `localhost`.
//!
//! The CA's private key is dropped as soon as the one certificate is signed: nobody can use a forgotten trust anchor later.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslContext, SslMethod};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};

/// What the listener and its clients need.
pub(crate) struct Tls {
    pub(crate) context: SslContext,
    pub(crate) ca_pem: String,
}

impl Tls {
    pub(crate) fn make() -> Result<Self, ErrorStack> {
        let ca_key = key()?;
        let ca_name = name("Sealwright simulator CA")?;
        let mut ca = builder(&ca_name, &ca_name, &ca_key)?;
        ca.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
        ca.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
        let subject_key = SubjectKeyIdentifier::new().build(&ca.x509v3_context(None, None))?;
        ca.append_extension(subject_key)?;
        ca.sign(&ca_key, MessageDigest::sha256())?;
        let ca = ca.build();

        let server_key = key()?;
        let mut server = builder(&name("localhost")?, &ca_name, &server_key)?;
        server.append_extension(BasicConstraints::new().critical().build()?)?;
        server.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        server.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
        let context = server.x509v3_context(Some(&ca), None);
        let alternative =
            SubjectAlternativeName::new().dns("localhost").ip("127.0.0.1").ip("::1").build(&context)?;
        let subject_key = SubjectKeyIdentifier::new().build(&context)?;
        let authority_key = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        for extension in [alternative, subject_key, authority_key] {
            server.append_extension(extension)?;
        }
        server.sign(&ca_key, MessageDigest::sha256())?;

        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        acceptor.set_private_key(&server_key)?;
        acceptor.set_certificate(&server.build())?;
        acceptor.check_private_key()?;
        let ca_pem = String::from_utf8_lossy(&ca.to_pem()?).into_owned();
        Ok(Self { context: acceptor.build().into_context(), ca_pem })
    }
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    Ok(name.build())
}

/// A version 3 certificate for `key`, valid for 30 days, still without extensions and signature.
pub(crate) fn builder(
    subject: &X509Name,
    issuer: &X509Name,
    key: &PKey<Private>,
) -> Result<X509Builder, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let serial = serial.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    let yesterday = Asn1Time::from_unix(jiff::Timestamp::now().as_second() - 86_400)?;
    builder.set_not_before(&yesterday)?;
    let end = Asn1Time::days_from_now(30)?;
    builder.set_not_after(&end)?;
    Ok(builder)
}

/// A self-signed certificate, as a device or a client application makes one for itself.
pub(crate) fn self_signed(common_name: &str, key: &PKey<Private>) -> Result<X509, ErrorStack> {
    let subject = name(common_name)?;
    let mut builder = builder(&subject, &subject, key)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().key_encipherment().build()?)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}
