//! What is asked of a private key of Windows', as values: the operations of its library `NCrypt` without handles and pointers.
//!
//! Behind [`Key`] is Windows alone ([`super::machine`]); everything that is to be decided stands before it, where every
//! system's tests reach it.

use ports::KeyDerivation;
use zeroize::Zeroizing;

use super::answer::Answer;

/// Whether Windows may show its dialogs: for a PIN, a confirmation, a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialogs {
    /// It may.
    Shown,
    /// It must not: the PIN was given, or nobody is to be asked yet.
    Never,
}

/// How an RSA decryption is to treat the padding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decryption {
    /// Leave it on.
    Bare,
    /// Take that of PKCS#1 v1.5 off.
    Pkcs1,
    /// Take that of OAEP off, mask and label under this digest, the label empty.
    Oaep(Digest),
}

/// How a digest is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signing {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Pkcs1,
    /// RSASSA-PSS with SHA-256 and a salt of 32 octets.
    Pss,
    /// ECDSA; the answer is two numbers of equal length.
    Ecdsa,
}

/// A digest by which a key computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha384,
}

impl From<KeyDerivation> for Digest {
    fn from(derivation: KeyDerivation) -> Self {
        match derivation {
            KeyDerivation::Sha1 => Self::Sha1,
            KeyDerivation::Sha256 => Self::Sha256,
            KeyDerivation::Sha384 => Self::Sha384,
        }
    }
}

/// A private key that Windows has found. Every call may block, for a card or a dialog.
pub(super) trait Key: Send {
    /// Hands a PIN over, which is tried with the next use at the latest.
    fn take_pin(&self, pin: &str) -> Result<(), Answer>;
    /// Decrypts with an RSA key.
    fn decrypt(
        &self,
        how: Decryption,
        encrypted: &[u8],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer>;
    /// Agrees with the key in `peer` ([`public_blob`]) and hashes the shared secret, followed by each of `behind` in turn:
    /// the hashes one after the other. The secret itself stays with Windows.
    fn agree(
        &self,
        peer: &[u8],
        digest: Digest,
        behind: &[Vec<u8>],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer>;
    /// Signs a digest.
    fn sign(&self, how: Signing, digest: &[u8], dialogs: Dialogs) -> Result<Vec<u8>, Answer>;
}

/// A certificate in a store, and the way to its key.
pub(super) trait Entry: Send {
    /// Finds the key. `purpose` is what Windows' dialogs say about it.
    fn key(&self, purpose: &str, dialogs: Dialogs) -> Result<Box<dyn Key>, Answer>;
}

/// What the store says of a certificate's private key.
pub(super) struct Provider {
    /// Who keeps it, by Windows' name: `Microsoft Smart Card Key Storage Provider`.
    pub(super) name: String,
    /// Whether that is a provider of the older library (CAPI).
    pub(super) legacy: bool,
}

/// A certificate that was found.
pub(super) struct Found {
    pub(super) certificate_der: Vec<u8>,
    /// `None` where there is no private key.
    pub(super) provider: Option<Provider>,
    pub(super) entry: Box<dyn Entry>,
}

/// `BCRYPT_ECCKEY_BLOB` of a public key for ECDH (`bcrypt.h`): a magic number for the curve, the length of a coordinate, both
/// little-endian, then the coordinates, big-endian. `None` for what is no uncompressed point of P-256 or P-384.
pub(super) fn public_blob(point: &[u8]) -> Option<Vec<u8>> {
    let (form, coordinates) = point.split_first()?;
    let (magic, size) = match (form, coordinates.len()) {
        (4, 64) => (b"ECK1", 32_u32),
        (4, 96) => (b"ECK3", 48_u32),
        _ => return None,
    };
    Some([magic.as_slice(), &size.to_le_bytes(), coordinates].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_becomes_the_blob_of_its_curve() {
        let point: Vec<u8> = std::iter::once(4).chain(0..64).collect();
        let blob = public_blob(&point).unwrap();
        // BCRYPT_ECDH_PUBLIC_P256_MAGIC is 0x314B4345.
        assert_eq!(blob[..4], 0x314b_4345_u32.to_le_bytes());
        assert_eq!(blob[4..8], [32, 0, 0, 0]);
        assert_eq!(blob[8..], point[1..]);
        let blob = public_blob(&[&[4], [7_u8; 96].as_slice()].concat()).unwrap();
        // BCRYPT_ECDH_PUBLIC_P384_MAGIC is 0x334B4345.
        assert_eq!(blob[..8], [0x45, 0x43, 0x4b, 0x33, 48, 0, 0, 0]);
        for other in [&[][..], &[4], &[2; 33], &[4; 64], &[4; 66], &[5; 65], &[4; 133]] {
            assert!(public_blob(other).is_none(), "{} octets", other.len());
        }
    }
}
