//! Writes encrypted mails, as a stranger would who has nothing but the certificate (RFC 8551).

use base64::Engine as _;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;

use crate::certificate::X509Certificate;
use crate::error::CryptoError;

/// Encrypts a MIME entity to the owner of a certificate: the MIME headers and the body of an S/MIME message (RFC 8551 section
/// 3.3), to stand behind the headers of a mail. AES-256-CBC, and the content key under what every mail program opens:
/// RSAES-PKCS1-v1_5 for an RSA key, ECDH for one on a curve. It is for proving that a key is where it should be; what is to
/// stay secret is sealed by [`crate::seal`].
///
/// # Errors
/// `Unfit` when mail cannot be encrypted to the certificate; `Library` otherwise.
pub fn encrypted_mail(entity: &[u8], recipient: &X509Certificate) -> Result<Vec<u8>, CryptoError> {
    if !recipient.can_encrypt_mail() {
        return Err(CryptoError::Unfit {
            what: format!("the certificate of {}", recipient.subject()),
            why: "it is not for encrypted mail; see its key usages".to_owned(),
        });
    }
    let enveloped = envelope(entity, recipient.der()).map_err(CryptoError::library("encrypting a mail"))?;
    let digits = base64::engine::general_purpose::STANDARD.encode(enveloped);
    let mut mail = b"MIME-Version: 1.0\r\n\
        Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n\
        Content-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n"
        .to_vec();
    for line in digits.as_bytes().chunks(64) {
        mail.extend_from_slice(line);
        mail.extend_from_slice(b"\r\n");
    }
    Ok(mail)
}

fn envelope(entity: &[u8], recipient: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut recipients = Stack::new()?;
    recipients.push(X509::from_der(recipient)?)?;
    CmsContentInfo::encrypt(&recipients, entity, Cipher::aes_256_cbc(), CMSOptions::BINARY)?.to_der()
}
