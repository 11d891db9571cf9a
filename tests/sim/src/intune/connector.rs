//! The Intune Certificate Connector: the Windows host that holds the private key to which the PFX passwords are encrypted.
//!
//! It sees an encrypted password and a device's certificate, and answers with the password encrypted to that device. Whatever
//! is wrong with provider, key name, padding or ciphertext is found out here, hours after the service said 201.

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::encrypt::Decrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;

use super::PfxRecord;

/// Where `Add-IntuneKspKey` puts the key by default.
pub(crate) const PROVIDER_NAME: &str = "Microsoft Software Key Storage Provider";
/// The key's name in the product's documentation and in this world.
pub(crate) const KEY_NAME: &str = "PFXEncryptionKey";

/// One connector host with one RSA-2048 key.
pub(crate) struct Connector {
    key: PKey<Private>,
    /// `BCRYPT_RSAKEY_BLOB`, as `Export-IntunePublicKey` writes it.
    pub(crate) public_key_blob: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public_key_pem: String,
}

impl Connector {
    pub(crate) fn make() -> Result<Self, ErrorStack> {
        let rsa = Rsa::generate(2048)?;
        let public_key_blob = cng_blob(&rsa);
        let key = PKey::from_rsa(rsa)?;
        let public_key_pem = String::from_utf8_lossy(&key.public_key_to_pem()?).into_owned();
        Ok(Self { key, public_key_blob, public_key_pem })
    }

    /// The password of `record` as CMS `EnvelopedData` for one device. `Err` says in a sentence what the connector's log would.
    pub(crate) fn recrypt(&self, record: &PfxRecord, device: &X509) -> Result<Vec<u8>, String> {
        if record.provider_name != PROVIDER_NAME {
            return Err(format!("the connector has no key storage provider \"{}\"", record.provider_name));
        }
        if record.key_name != KEY_NAME {
            return Err(format!("the connector has no key \"{}\" in \"{PROVIDER_NAME}\"", record.key_name));
        }
        let hash = match record.padding_scheme.as_str() {
            // `none` means: the tool's own choice.
            "none" | "oaepSha512" => MessageDigest::sha512(),
            "oaepSha384" => MessageDigest::sha384(),
            "oaepSha256" => MessageDigest::sha256(),
            weak => return Err(format!("the connector refuses the padding scheme {weak}")),
        };
        let password = self.decrypt(&record.encrypted_password, hash).map_err(|_| {
            format!(
                "the connector's key does not decrypt the password with {}: it was encrypted to another key or with another padding",
                record.padding_scheme
            )
        })?;
        envelope(&password, device)
            .map_err(|error| format!("the connector cannot encrypt to the device: {error}"))
    }

    fn decrypt(&self, ciphertext: &[u8], hash: MessageDigest) -> Result<Vec<u8>, ErrorStack> {
        let mut decrypter = Decrypter::new(&self.key)?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        decrypter.set_rsa_oaep_md(hash)?;
        decrypter.set_rsa_mgf1_md(hash)?;
        let mut plain = vec![0; decrypter.decrypt_len(ciphertext)?];
        let length = decrypter.decrypt(ciphertext, &mut plain)?;
        plain.truncate(length);
        Ok(plain)
    }
}

fn envelope(password: &[u8], device: &X509) -> Result<Vec<u8>, ErrorStack> {
    let mut recipients = Stack::new()?;
    recipients.push(device.clone())?;
    CmsContentInfo::encrypt(&recipients, password, Cipher::aes_256_cbc(), CMSOptions::BINARY)?.to_der()
}

/// 24 bytes of header (magic, bits, lengths of exponent, modulus and two absent primes; little-endian), then exponent and
/// modulus, big-endian.
fn cng_blob(rsa: &Rsa<Private>) -> Vec<u8> {
    let (exponent, modulus) = (rsa.e().to_vec(), rsa.n().to_vec());
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut blob = b"RSA1".to_vec();
    for number in [length(&modulus) * 8, length(&exponent), length(&modulus), 0, 0] {
        blob.extend_from_slice(&number.to_le_bytes());
    }
    blob.extend_from_slice(&exponent);
    blob.extend_from_slice(&modulus);
    blob
}
