//! What others publish in the address list: certificates that no authority of the product issued.

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs7::{Pkcs7, Pkcs7Flags};
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::{X509, X509Name};

use crate::SimError;

/// A stranger's certificate, and the S/MIME value (RFC 2798 section 2.8) that its owner signed; both in DER.
///
/// # Errors
/// [`SimError::Crypto`] when OpenSSL fails.
pub fn strangers_certificate(name: &str) -> Result<(Vec<u8>, Vec<u8>), SimError> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut subject = X509Name::builder()?;
    subject.append_entry_by_text("CN", name)?;
    let subject = subject.build();
    let mut builder = X509::builder()?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(&subject)?;
    builder.set_pubkey(&key)?;
    builder.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    builder.set_not_after(Asn1Time::days_from_now(30)?.as_ref())?;
    builder.sign(&key, MessageDigest::sha256())?;
    let certificate = builder.build();
    let none = Stack::new()?;
    let signed = Pkcs7::sign(&certificate, &key, &none, b"", Pkcs7Flags::DETACHED)?;
    Ok((certificate.to_der()?, signed.to_der()?))
}
