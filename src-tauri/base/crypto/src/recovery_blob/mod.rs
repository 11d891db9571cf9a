//! Recovery blobs: what a Windows CA gives out for an archived key (`certutil -getkey`, MS-CSRA 3.1.4.2.9).
//!
//! A `SignedData` that carries the `EnvelopedData` to the key recovery agents, and a bag of certificates: the user's, the
//! CA's, the agents'. How exactly the one lies in the other is not published, so every form is read that fits: see
//! `layers`. Signatures are counted and not judged: whether key and certificate belong together is proven by the key.
//!
//! As with [`crate::open`], reading, unwrapping the content key and decrypting are separate calls, so that a card or a
//! vault can do the middle one.

mod cng;
mod key_blob;
mod layers;
mod rsa;

use const_oid::ObjectIdentifier;

use crate::certificate::X509Certificate;
use crate::error::CryptoError;
use crate::key::PrivateKey;
use crate::open::Envelope;
use crate::text;

const BLOB: &str = "a recovery blob of a Windows CA (certutil -getkey)";

/// Extended key usages of certificates in the bag that are nobody's: `szOID_KP_CA_EXCHANGE`, `szOID_KP_KEY_RECOVERY_AGENT`.
const MACHINERY: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.21.5"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.21.6"),
];

/// A recovery blob that has been read and not opened.
#[derive(Clone, Debug)]
pub struct RecoveryBlob {
    envelope: Envelope,
    certificates: Vec<X509Certificate>,
    unreadable: usize,
    signers: usize,
}

impl RecoveryBlob {
    /// Reads a blob: PEM, base64, DER or BER; text also as UTF-16, as PowerShell redirects it.
    ///
    /// # Errors
    /// `Malformed` says what the bytes are instead; `Unsupported` for content that is encrypted in another way.
    pub fn parse(bytes: &[u8]) -> Result<Self, CryptoError> {
        let der = text::to_binary(bytes, BLOB)?;
        let layers = layers::Layers::read(&der).map_err(|flaw| flaw.of(BLOB))?;
        let envelope = Envelope::read(&layers.envelope, layers.authenticated, None)?;
        let bag = layers.certificates.len();
        let mut certificates: Vec<X509Certificate> = Vec::with_capacity(bag);
        let mut unreadable = 0;
        for der in layers.certificates {
            match X509Certificate::from_der(&der) {
                Ok(certificate) if certificates.contains(&certificate) => {}
                Ok(certificate) => certificates.push(certificate),
                Err(_) => unreadable += 1,
            }
        }
        Ok(Self { envelope, certificates, unreadable, signers: layers.signers })
    }

    /// The envelope with the private key, and so who can open it.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// All certificates that came with it.
    pub fn certificates(&self) -> &[X509Certificate] {
        &self.certificates
    }

    /// How many of the certificates that came with it could not be read.
    pub const fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// How many signatures it carries. They are not verified.
    pub const fn signers(&self) -> usize {
        self.signers
    }

    /// The certificates that may be the key's: not those of authorities, of recovery agents, or of the CA's key exchange.
    /// Where several are left, those with a mail address.
    pub fn owners(&self) -> Vec<&X509Certificate> {
        let is_machinery = |certificate: &X509Certificate| {
            let purposes = certificate.extended_key_usage().unwrap_or_default();
            certificate.is_authority()
                || purposes.iter().any(|purpose| MACHINERY.contains(purpose))
                || self.envelope.recipient_for(certificate).is_some()
        };
        let left: Vec<_> = self.certificates.iter().filter(|one| !is_machinery(one)).collect();
        let with_mail: Vec<_> = left.iter().copied().filter(|one| !one.mail_addresses().is_empty()).collect();
        if left.len() > 1 && !with_mail.is_empty() { with_mail } else { left }
    }

    /// Decrypts the private key, and finds the certificate that is its.
    ///
    /// # Errors
    /// `Tampered` when the envelope does not open. Under a cipher that detects alterations also `Malformed` or `Unsupported`
    /// for a key of another form, and `Unfit` when the key is that of none of the certificates; under CBC these are
    /// `Tampered`, too, since they would tell whoever altered the envelope what became of it.
    pub fn open(&self, content_key: &[u8]) -> Result<(PrivateKey, &X509Certificate), CryptoError> {
        let content = self.envelope.open_with_content_key(content_key)?;
        self.open_key(&content).map_err(|error| self.told(error))
    }

    /// What may be told about the content, or about the key in it.
    pub fn told(&self, error: CryptoError) -> CryptoError {
        if self.envelope.is_authenticated() { error } else { CryptoError::Tampered }
    }

    fn open_key(&self, content: &[u8]) -> Result<(PrivateKey, &X509Certificate), CryptoError> {
        let key = key_blob::read(content)?;
        let public = key.spki_der()?;
        let own = self.certificates.iter().find(|one| one.spki_der().is_ok_and(|spki| spki == public));
        // With PKCS#1 v1.5 and CBC a wrong content key can end in a key of somebody's making: this finds it.
        let own = own.ok_or_else(|| CryptoError::Unfit {
            what: format!("the private key inside ({})", key.kind()),
            why: format!(
                "it is the key of none of the {} certificates that came with it",
                self.certificates.len()
            ),
        })?;
        Ok((key, own))
    }
}
