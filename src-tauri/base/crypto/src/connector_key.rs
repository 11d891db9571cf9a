//! The public key of an Intune certificate connector: read from what administrators have, used to encrypt the
//! password of each imported PKCS#12 file.
//!
//! Only public keys are taken. A file that holds private parts is refused, so that nobody leaves one lying
//! here.

use std::fmt;

use openssl::bn::BigNum;
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::{Padding, Rsa};

use crate::asn1::Reader;
use crate::certificate::{X509Certificate, looks_like_pem, pem_body, sha256};
use crate::error::CryptoError;
use crate::key::spki_der;

const CONNECTOR_KEY: &str = "a connector's public key";

/// Magic numbers of CNG key blobs (`BCRYPT_RSAKEY_BLOB`), as they lie in the file.
const RSA_PUBLIC: &[u8; 4] = b"RSA1";
const RSA_PRIVATE: &[u8; 4] = b"RSA2";
const RSA_FULL_PRIVATE: &[u8; 4] = b"RSA3";

/// Octets of the blob's header: magic, bits, and the lengths of exponent, modulus, first and second prime.
const BLOB_HEADER: usize = 24;

const MINIMUM_BITS: u32 = 2_048;
const PUBLIC_EXPONENT: u32 = 65_537;

/// Octets that OAEP with SHA-512 takes from the modulus: twice the digest and two (RFC 8017 section 7.1.1).
const OAEP_OVERHEAD: usize = 2 * 64 + 2;

/// The RSA public key of an Intune certificate connector.
#[derive(Clone)]
pub struct ConnectorKey {
    pkey: PKey<Public>,
    rsa: Rsa<Public>,
    spki: Vec<u8>,
}

impl fmt::Debug for ConnectorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectorKey(RSA {}, {})", self.pkey.bits(), self.fingerprint())
    }
}

impl ConnectorKey {
    /// Reads what `Export-IntunePublicKey` writes (a CNG blob, or a PEM public key) or the certificate of the
    /// key, in PEM or DER. The content decides, not the name of the file.
    ///
    /// # Errors
    /// `Malformed` for other bytes, for private keys, and for blobs that are cut off or too long;
    /// `Unfit` for keys that are not RSA, shorter than 2048 bits, or with an exponent other than 65537.
    pub fn read(bytes: &[u8]) -> Result<Self, CryptoError> {
        match bytes.first_chunk::<4>() {
            Some(RSA_PUBLIC) => Self::read_blob(bytes),
            Some(RSA_PRIVATE | RSA_FULL_PRIVATE) => Err(private_key_offered()),
            _ if looks_like_pem(bytes) => Self::read_pem(bytes),
            _ if Reader::only(bytes).is_ok() => Self::read_der(bytes),
            _ => Err(malformed(
                "it is neither a CNG blob (RSA1), nor a PEM public key, nor a certificate; \
                 export it on the connector's server with Export-IntunePublicKey",
            )),
        }
    }

    /// SHA-256 over the `SubjectPublicKeyInfo`, in hexadecimal; the same whichever file form was read.
    pub fn fingerprint(&self) -> String {
        hex::encode(sha256(&self.spki))
    }

    /// SHA-256 over a file as it lies there, in hexadecimal: what `Get-FileHash` shows on the connector's server.
    pub fn file_hash(file: &[u8]) -> String {
        hex::encode(sha256(file))
    }

    /// Size of the modulus in bits.
    pub fn bits(&self) -> u32 {
        self.pkey.bits()
    }

    /// The key as DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Encrypts the password of a PKCS#12 file for the connector: its ASCII octets under RSA-OAEP with
    /// SHA-512 and MGF1 with SHA-512 and no label (`oaepSha512` at Intune).
    ///
    /// # Errors
    /// `Unfit` for an empty password, for characters outside printable ASCII (systems disagree on their
    /// octets), and for more octets than the key takes (126 for RSA 2048).
    pub fn encrypt_password(&self, password: &str) -> Result<Vec<u8>, CryptoError> {
        let unfit =
            |why: String| CryptoError::Unfit { what: "the password of the PKCS#12 file".to_owned(), why };
        if password.is_empty() {
            return Err(unfit("it is empty".to_owned()));
        }
        if !password.bytes().all(|octet| matches!(octet, 0x20..=0x7e)) {
            return Err(unfit("it must consist of printable ASCII characters".to_owned()));
        }
        let longest = self.pkey.size().saturating_sub(OAEP_OVERHEAD);
        if password.len() > longest {
            return Err(unfit(format!("this connector's key takes at most {longest} characters")));
        }
        let encrypt = || {
            let mut encrypter = Encrypter::new(&self.pkey)?;
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            encrypter.set_rsa_oaep_md(MessageDigest::sha512())?;
            encrypter.set_rsa_mgf1_md(MessageDigest::sha512())?;
            let mut out = vec![0; encrypter.encrypt_len(password.as_bytes())?];
            let length = encrypter.encrypt(password.as_bytes(), &mut out)?;
            out.truncate(length);
            Ok(out)
        };
        encrypt().map_err(CryptoError::library::<openssl::error::ErrorStack>(
            "encrypting a password for the connector",
        ))
    }

    /// The key as a CNG public blob, byte for byte as `Export-IntunePublicKey` writes it.
    pub fn to_cng_blob(&self) -> Vec<u8> {
        let exponent = self.rsa.e().to_vec();
        let modulus = self.rsa.n().to_vec();
        let fields = [bits_of(&self.rsa), length_field(&exponent), length_field(&modulus), 0, 0];
        let mut blob = RSA_PUBLIC.to_vec();
        for field in fields {
            blob.extend_from_slice(&field.to_le_bytes());
        }
        blob.extend_from_slice(&exponent);
        blob.extend_from_slice(&modulus);
        blob
    }

    fn read_blob(bytes: &[u8]) -> Result<Self, CryptoError> {
        let field = |index: usize| -> Option<u32> {
            bytes.get(4 * index..4 * index + 4)?.try_into().ok().map(u32::from_le_bytes)
        };
        let header = [field(1), field(2), field(3), field(4), field(5)];
        let [Some(bits), Some(exponent_size), Some(modulus_size), Some(first_prime), Some(second_prime)] =
            header
        else {
            return Err(malformed("the CNG blob is cut off within its header"));
        };
        if first_prime != 0 || second_prime != 0 {
            return Err(private_key_offered());
        }
        let total = u64::from(exponent_size) + u64::from(modulus_size) + BLOB_HEADER as u64;
        let there = bytes.len() as u64;
        if there != total {
            let fault = if there < total { "cut off" } else { "too long" };
            return Err(malformed(format!(
                "the CNG blob is {fault}: {there} octets where its header says {total}"
            )));
        }
        let (exponent, modulus) = usize::try_from(exponent_size)
            .ok()
            .and_then(|size| bytes.get(BLOB_HEADER..)?.split_at_checked(size))
            .ok_or_else(|| malformed("the CNG blob's lengths make no sense"))?;
        let build =
            || Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?);
        let rsa = build().map_err(CryptoError::library("reading a connector's public key"))?;
        if bits_of(&rsa) != bits {
            return Err(malformed("the CNG blob's header names another size than its modulus has"));
        }
        Self::checked(PKey::from_rsa(rsa).map_err(CryptoError::library("reading a connector's public key"))?)
    }

    fn read_pem(bytes: &[u8]) -> Result<Self, CryptoError> {
        if bytes.windows(11).any(|window| window == b"PRIVATE KEY") {
            return Err(private_key_offered());
        }
        if let Some(spki) = pem_body(bytes, "PUBLIC KEY") {
            return Self::read_spki(&spki);
        }
        if pem_body(bytes, "CERTIFICATE").is_some() {
            return Self::checked(X509Certificate::from_pem(bytes)?.public_key()?);
        }
        Err(malformed("the PEM text holds no whole block of `PUBLIC KEY` or `CERTIFICATE`"))
    }

    fn read_der(bytes: &[u8]) -> Result<Self, CryptoError> {
        match X509Certificate::from_der(bytes) {
            Ok(certificate) => Self::checked(certificate.public_key()?),
            Err(_) => Self::read_spki(bytes),
        }
    }

    fn read_spki(spki: &[u8]) -> Result<Self, CryptoError> {
        Reader::only(spki).map_err(|flaw| flaw.of(CONNECTOR_KEY))?;
        Self::checked(
            PKey::public_key_from_der(spki).map_err(|_| malformed("the library cannot read the key"))?,
        )
    }

    fn checked(pkey: PKey<Public>) -> Result<Self, CryptoError> {
        let unfit = |why: String| CryptoError::Unfit { what: "this connector key".to_owned(), why };
        if pkey.id() != Id::RSA {
            return Err(unfit("Intune connectors use RSA keys".to_owned()));
        }
        if pkey.bits() < MINIMUM_BITS {
            return Err(unfit(format!("it has {} bits; at least {MINIMUM_BITS} are needed", pkey.bits())));
        }
        let rsa = pkey.rsa().map_err(CryptoError::library("reading a connector's public key"))?;
        let expected = BigNum::from_u32(PUBLIC_EXPONENT)
            .map_err(CryptoError::library("reading a connector's public key"))?;
        if rsa.e() != &*expected {
            return Err(unfit(format!("its public exponent is not {PUBLIC_EXPONENT}")));
        }
        Ok(Self { spki: spki_der(&pkey)?, rsa, pkey })
    }
}

fn bits_of(rsa: &Rsa<Public>) -> u32 {
    u32::try_from(rsa.n().num_bits()).unwrap_or(0)
}

fn length_field(octets: &[u8]) -> u32 {
    // Exponent and modulus have been read into memory and are far shorter than 4 GiB.
    u32::try_from(octets.len()).unwrap_or(u32::MAX)
}

fn malformed(detail: impl Into<String>) -> CryptoError {
    CryptoError::Malformed { expected: CONNECTOR_KEY, detail: detail.into() }
}

fn private_key_offered() -> CryptoError {
    malformed("it holds a private key; keep that on the connector's server and export the public key alone")
}
