//! Wraps secrets that rest in files under one key that rests elsewhere: in a keyring, or with the service manager.
//!
//! A wrapped secret says by a fingerprint which key opens it, and opens for the purpose it was wrapped for and for no
//! other. It must never be possible to take a wrong key for altered bytes: the first is mended by finding the key, the
//! second only by a backup.
//!
//! Layout: [`MARK`] · fingerprint of the key (16 octets) · nonce (12) · ciphertext · tag (16). The cipher is AES-256-GCM;
//! its associated data are mark, fingerprint and the purpose as UTF-8.

use openssl::error::ErrorStack;
use openssl::rand::rand_priv_bytes;
use openssl::symm::{Cipher, Crypter, Mode, encrypt_aead};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::envelope::{NONCE_SIZE, TAG_SIZE};
use crate::error::CryptoError;

/// What every wrapped secret begins with; a line that people can read.
pub const MARK: &[u8] = b"sealwright wrapped secret 1\n";
/// Octets of a wrapping key.
pub const KEY_SIZE: usize = 32;
const FINGERPRINT_SIZE: usize = 16;
const HEADER_SIZE: usize = MARK.len() + FINGERPRINT_SIZE;
const WRAPPED: &str = "a wrapped secret";

/// A key that wraps secrets. Wiped when dropped; it has no `Debug`.
pub struct WrappingKey(Zeroizing<[u8; KEY_SIZE]>);

impl WrappingKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// `Library` when the generator fails.
    pub fn generate() -> Result<Self, CryptoError> {
        let mut key = Zeroizing::new([0_u8; KEY_SIZE]);
        rand_priv_bytes(&mut *key).map_err(CryptoError::library("drawing a wrapping key"))?;
        Ok(Self(key))
    }

    /// Takes the [`KEY_SIZE`] octets of a key.
    ///
    /// # Errors
    /// `Malformed` for any other number of octets.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let mut key = Zeroizing::new([0_u8; KEY_SIZE]);
        if bytes.len() != KEY_SIZE {
            return Err(CryptoError::Malformed {
                expected: "a wrapping key",
                detail: format!("it has {} octets instead of {KEY_SIZE}", bytes.len()),
            });
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// The octets, for whoever keeps the key.
    pub fn expose(&self) -> &[u8; KEY_SIZE] {
        &self.0
    }

    /// Tells this key from others and says nothing about it: 32 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.short_hash())
    }

    fn short_hash(&self) -> [u8; FINGERPRINT_SIZE] {
        let hash = Sha256::new().chain_update(b"sealwright wrapping key\0").chain_update(*self.0).finalize();
        let mut short = [0_u8; FINGERPRINT_SIZE];
        short.copy_from_slice(&hash[..FINGERPRINT_SIZE]);
        short
    }

    /// Wraps `secret` for one purpose, which `context` names.
    ///
    /// # Errors
    /// `Library` when the library fails.
    pub fn wrap(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let header = [MARK, &self.short_hash()].concat();
        let mut nonce = [0_u8; NONCE_SIZE];
        rand_priv_bytes(&mut nonce).map_err(CryptoError::library("wrapping a secret"))?;
        let mut tag = [0_u8; TAG_SIZE];
        let associated = [header.as_slice(), context.as_bytes()].concat();
        let ciphertext =
            encrypt_aead(Cipher::aes_256_gcm(), &*self.0, Some(&nonce), &associated, secret, &mut tag)
                .map_err(CryptoError::library("wrapping a secret"))?;
        Ok([header.as_slice(), &nonce, &ciphertext, &tag].concat())
    }

    /// Opens what [`Self::wrap`] made with this key for this purpose.
    ///
    /// # Errors
    /// `Malformed` for other bytes and for those that are cut short; `Unfit` when another key wrapped them; `Tampered`
    /// when they were altered or wrapped for another purpose.
    pub fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let wrapped_under = fingerprint_of(wrapped)?;
        if wrapped_under != self.fingerprint() {
            return Err(CryptoError::Unfit {
                what: format!("the wrapping key {}", self.fingerprint()),
                why: format!("the secret was wrapped under the key {wrapped_under}"),
            });
        }
        let cut_short = || malformed("it is cut short");
        let (header, rest) = wrapped.split_at_checked(HEADER_SIZE).ok_or_else(cut_short)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_SIZE).ok_or_else(cut_short)?;
        let ciphertext_size = rest.len().checked_sub(TAG_SIZE).ok_or_else(cut_short)?;
        let (ciphertext, tag) = rest.split_at(ciphertext_size);
        let associated = [header, context.as_bytes()].concat();
        self.decrypt(nonce, &associated, ciphertext, tag).map_err(|_| CryptoError::Tampered)
    }

    fn decrypt(
        &self,
        nonce: &[u8],
        associated: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let cipher = Cipher::aes_256_gcm();
        let mut crypter = Crypter::new(cipher, Mode::Decrypt, &*self.0, Some(nonce))?;
        crypter.aad_update(associated)?;
        // One buffer, never grown, so that no copy of the secret stays behind unwiped.
        let mut secret = Zeroizing::new(vec![0; ciphertext.len() + cipher.block_size()]);
        let mut length = crypter.update(ciphertext, &mut secret)?;
        crypter.set_tag(tag)?;
        length += crypter.finalize(&mut secret[length..])?;
        secret.truncate(length);
        Ok(secret)
    }
}

/// Whether these bytes say of themselves that they are a wrapped secret.
pub fn is_wrapped(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

/// The fingerprint of the key that opens this wrapped secret.
///
/// # Errors
/// `Malformed` for other bytes.
pub fn fingerprint_of(wrapped: &[u8]) -> Result<String, CryptoError> {
    let rest = wrapped.strip_prefix(MARK).ok_or_else(|| malformed("it does not begin like one"))?;
    let short = rest.get(..FINGERPRINT_SIZE).ok_or_else(|| malformed("it is cut short"))?;
    Ok(hex::encode(short))
}

fn malformed(detail: &str) -> CryptoError {
    CryptoError::Malformed { expected: WRAPPED, detail: detail.to_owned() }
}
