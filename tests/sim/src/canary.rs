//! The canary mail: a stranger who has nothing but the certificate writes an encrypted mail, and the delivered key must read it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::{X509, X509Ref};
use openssl::x509::{X509ExtendedKeyUsage, X509KeyUsage};

/// Whether mail programs encrypt to this certificate: extended key usage emailProtection, and a usage for key encryption.
pub(crate) fn receives_mail(certificate: &X509Ref) -> bool {
    let for_mail = certificate
        .extended_key_usage()
        .is_some_and(|purposes| purposes.contains(X509ExtendedKeyUsage::SMIME));
    let for_keys = certificate.key_usage().is_some_and(|usages| {
        usages.intersects(X509KeyUsage::KEY_ENCIPHERMENT | X509KeyUsage::KEY_AGREEMENT)
    });
    for_mail && for_keys
}

/// Sends one mail to the certificate and reads it with the key. `Err` says in a sentence which of the two failed.
pub(crate) fn fly(certificate: &[u8], key: &PKey<Private>) -> Result<(), String> {
    let text = mail().map_err(|error| format!("no canary mail could be written: {error}"))?;
    let sent = send(&text, certificate)
        .map_err(|error| format!("a sender cannot encrypt to the certificate: {error}"))?;
    let read = receive(&sent, certificate, key).map_err(|error| {
        format!("the delivered key does not decrypt mail to its own certificate: {error}")
    })?;
    if read == text { Ok(()) } else { Err("the decrypted mail is not the one that was sent".to_owned()) }
}

/// A MIME text that nobody can guess.
fn mail() -> Result<Vec<u8>, ErrorStack> {
    let mut nonce = [0; 32];
    openssl::rand::rand_bytes(&mut nonce)?;
    let text = format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         Grüße vom Kanarienvogel.\r\n{}\r\n",
        hex::encode(nonce)
    );
    Ok(text.into_bytes())
}

/// The sender's side: from the certificate alone to an S/MIME message (RFC 8551 section 3.3).
fn send(text: &[u8], certificate: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut recipients = Stack::new()?;
    recipients.push(X509::from_der(certificate)?)?;
    let enveloped = CmsContentInfo::encrypt(&recipients, text, Cipher::aes_256_cbc(), CMSOptions::BINARY)?;
    let encoded = BASE64_STANDARD.encode(enveloped.to_der()?);
    let mut message = b"MIME-Version: 1.0\r\n\
        Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n\
        Content-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n"
        .to_vec();
    for line in encoded.as_bytes().chunks(64) {
        message.extend_from_slice(line);
        message.extend_from_slice(b"\r\n");
    }
    Ok(message)
}

/// What the first key reads that opens the message, tried as a mail program does: with each that it has.
pub(crate) fn read_with(message: &[u8], keys: &[(Vec<u8>, PKey<Private>)]) -> Option<Vec<u8>> {
    keys.iter().find_map(|(certificate, key)| receive(message, certificate, key).ok())
}

/// The reader's side: from the message as it arrives to the text.
fn receive(message: &[u8], certificate: &[u8], key: &PKey<Private>) -> Result<Vec<u8>, ErrorStack> {
    let own = X509::from_der(certificate)?;
    CmsContentInfo::smime_read_cms(message)?.decrypt(key, &own)
}
