//! PKCS#12 files (RFC 7292): how a key with its certificate travels to devices, and how people bring theirs.
//!
//! Never RC2 (half of the readers refuse it) and never PBMAC1 (most readers do not know it). Which profile
//! opens where is proven by the matrix in `tests/interop.rs`. The binding to the library copies a password
//! once into memory that is freed without being wiped; passwords are therefore made for one file and thrown
//! away.

use model::{Entropy, PfxProfile};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;
use openssl::x509::X509;
use zeroize::{Zeroize as _, Zeroizing};

use crate::asn1::{self, Reader};
use crate::certificate::X509Certificate;
use crate::error::CryptoError;
use crate::key::PrivateKey;

const PFX: &str = "a PKCS#12 file";

/// Letters and digits: every keyboard, every wire format and every PKCS#12 reader agrees on their bytes.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Characters of a generated password: 62^30 is more than 2^178 possibilities, and gpgsm 2.2 takes no more than 31.
const PASSWORD_LENGTH: usize = 30;

/// From this many characters on a password is taken for a generated one. A random one of [`ALPHABET`] then
/// has more than 128 bits.
const MACHINE_PASSWORD_LENGTH: usize = 22;

/// Key derivation rounds for generated passwords. Stretching protects guessable passwords only; against 128
/// random bits nobody guesses, and more rounds would cost more than making the key itself.
const MACHINE_ROUNDS: u32 = 2_048;

/// Key derivation rounds for passwords that a person may have made up.
pub(crate) const PERSONAL_ROUNDS: u32 = 600_000;

/// What was inside a PKCS#12 file.
#[derive(Debug)]
pub struct Opened {
    /// The private key.
    pub key: PrivateKey,
    /// The certificate that belongs to the key.
    pub certificate: X509Certificate,
    /// The other certificates, each followed by its issuer where that is present.
    pub chain: Vec<X509Certificate>,
}

/// Writes a PKCS#12 file with key, certificate and chain.
///
/// `Modern` is PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256 under an HMAC-SHA-256; `Compatible` is
/// `pbeWithSHAAnd3-KeyTripleDES-CBC` under an HMAC-SHA-1. The friendly name is what certificate stores show.
///
/// # Errors
/// `Unfit` when the certificate is not that of the key, or when the password is empty or not printable ASCII.
pub fn build(
    key: &PrivateKey,
    certificate: &X509Certificate,
    chain: &[X509Certificate],
    password: &str,
    profile: PfxProfile,
    friendly_name: &str,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    check_password(password, "the password of the PKCS#12 file")?;
    if key.spki_der()? != certificate.spki_der()? {
        return Err(CryptoError::Unfit {
            what: format!("the certificate `{}`", certificate.subject()),
            why: "it belongs to another private key".to_owned(),
        });
    }
    let (encryption, mac) = match profile {
        PfxProfile::Modern => (Nid::AES_256_CBC, MessageDigest::sha256()),
        PfxProfile::Compatible => (Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, MessageDigest::sha1()),
    };
    let rounds = if password.len() >= MACHINE_PASSWORD_LENGTH { MACHINE_ROUNDS } else { PERSONAL_ROUNDS };
    // A friendly name with NUL would end early (or stop the library); and it is a BMPString (RFC 2985 section 5.5.1), which
    // has no characters beyond the first plane, such as emoji.
    let holds = |character: &char| !matches!(character, '\0' | '\u{10000}'..);
    let friendly_name: String = friendly_name.chars().filter(holds).collect();

    let write = || {
        let mut others = Stack::<X509>::new()?;
        for other in chain.iter().filter(|other| *other != certificate) {
            others.push(other.x509().clone())?;
        }
        let mut builder = Pkcs12::builder();
        builder.name(&friendly_name).pkey(key.pkey()).cert(certificate.x509()).ca(others);
        builder.key_algorithm(encryption).cert_algorithm(encryption).mac_md(mac);
        builder.key_iter(rounds).mac_iter(rounds);
        builder.build2(password)?.to_der()
    };
    write().map(Zeroizing::new).map_err(CryptoError::library("writing a PKCS#12 file"))
}

/// Opens a PKCS#12 file.
///
/// # Errors
/// `WrongPassword` when its integrity check refuses the password; `Malformed` says what the bytes are instead
/// (cut off, a web page, text) or what is missing inside; `Unsupported` for encryption of the past (RC2) with
/// the way around it.
pub fn open(bytes: &[u8], password: &str) -> Result<Opened, CryptoError> {
    look(bytes)?;
    if password.contains('\0') {
        return Err(CryptoError::WrongPassword { what: "PKCS#12 file" });
    }
    let pfx = Pkcs12::from_der(bytes)
        .map_err(|_| malformed("its structure cannot be read; the file may be damaged"))?;
    let parsed = pfx.parse2(password).map_err(|errors| why_not_opened(&errors))?;
    let pkey = parsed
        .pkey
        .ok_or_else(|| malformed("it holds no private key; export it again together with the key"))?;
    let certificate = parsed.cert.ok_or_else(|| malformed("it holds no certificate for its private key"))?;
    let mut others = Vec::new();
    for other in parsed.ca.iter().flatten() {
        others.push(X509Certificate::from_x509(&other.to_owned())?);
    }
    let certificate = X509Certificate::from_x509(&certificate)?;
    Ok(Opened { key: PrivateKey::from_pkey(pkey)?, chain: in_order(&certificate, others), certificate })
}

/// A password of 30 letters and digits, each equally likely.
pub fn generate_password(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut password = Zeroizing::new(String::with_capacity(PASSWORD_LENGTH));
    let mut pool = Zeroizing::new([0_u8; PASSWORD_LENGTH]);
    while password.len() < PASSWORD_LENGTH {
        entropy.fill(&mut *pool);
        for octet in *pool {
            // 248 is the largest multiple of 62 that an octet reaches; the rest would favour the first
            // letters.
            if octet < 248 && password.len() < PASSWORD_LENGTH {
                password.push(char::from(ALPHABET[usize::from(octet) % ALPHABET.len()]));
            }
        }
    }
    pool.zeroize();
    password
}

/// Whether a password can be typed into whichever program reads the file.
pub(crate) fn check_password(password: &str, what: &str) -> Result<(), CryptoError> {
    let why = if password.is_empty() {
        "it is empty"
    } else if !password.bytes().all(|octet| matches!(octet, 0x20..=0x7e)) {
        "readers disagree on characters outside printable ASCII"
    } else {
        return Ok(());
    };
    Err(CryptoError::Unfit { what: what.to_owned(), why: why.to_owned() })
}

fn malformed(detail: impl Into<String>) -> CryptoError {
    CryptoError::Malformed { expected: PFX, detail: detail.into() }
}

/// Tells a cut-off file, a web page and text from the beginning of a PKCS#12 file, which the library would
/// not.
fn look(bytes: &[u8]) -> Result<(), CryptoError> {
    match bytes.iter().find(|octet| !octet.is_ascii_whitespace()) {
        None => return Err(malformed("the file is empty")),
        Some(b'<') => {
            return Err(malformed("it is a web page (it begins with `<`); download the file again"));
        }
        Some(b'-') => return Err(malformed("it is PEM text; make a PKCS#12 file of it first")),
        Some(b'M') => return Err(malformed("it is base64 text; decode it first")),
        Some(&first) if first != asn1::SEQUENCE => {
            return Err(malformed("it begins like another kind of file"));
        }
        Some(_) => {}
    }
    if let Some(claimed) = asn1::claimed_size(bytes)
        && claimed > bytes.len()
    {
        return Err(malformed(format!("it is cut off: {} of {claimed} octets are there", bytes.len())));
    }
    // Indefinite lengths are allowed by RFC 7292 (BER) and are left to the library.
    if asn1::claimed_size(bytes).is_some() {
        Reader::only(bytes).map_err(|flaw| flaw.of(PFX))?;
    }
    Ok(())
}

fn why_not_opened(errors: &openssl::error::ErrorStack) -> CryptoError {
    let says =
        |needle: &str| errors.errors().iter().any(|error| error.reason().is_some_and(|r| r.contains(needle)));
    if says("mac verify failure") {
        CryptoError::WrongPassword { what: "PKCS#12 file" }
    } else if says("unsupported") || says("unknown pbe algorithm") || says("unknown cipher") {
        CryptoError::Unsupported {
            algorithm: "the encryption of this PKCS#12 file".to_owned(),
            hint: "it may be RC2, which is not accepted any more; export it again with AES-256 or 3DES",
        }
    } else {
        malformed("its contents cannot be decrypted or read; the file may be damaged")
    }
}

/// Sorts the other certificates so that each is followed by its issuer; those that fit nowhere come last.
pub(crate) fn in_order(
    certificate: &X509Certificate,
    mut others: Vec<X509Certificate>,
) -> Vec<X509Certificate> {
    let mut chain: Vec<X509Certificate> = Vec::with_capacity(others.len());
    while let Some(at) =
        others.iter().position(|other| chain.last().unwrap_or(certificate).is_issued_by(other))
    {
        chain.push(others.remove(at));
    }
    chain.extend(others);
    chain
}
