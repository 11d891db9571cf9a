//! Decrypts mails with a key that was recovered for it, so that the key itself need not be handed out.
//!
//! ```text
//!  .eml, .p7m ──► tree of MIME parts ──► encrypted part ──► its content ──► again, until nothing is left for this key
//!                                                              │
//!        header fields of the mail, and nothing else ◄── with ─┘
//! ```
//!
//! What lay beside an encrypted part is left out of the result. Somebody who caught an encrypted mail can put it between parts
//! of his own, such as an image whose address takes in everything that comes after it, and the mail program of whoever reads
//! the result would send him the plaintext ("direct exfiltration", Poddebniak et al., EFAIL, 2018).
//!
//! Signatures are not judged. What is signed stays as it is, unless something inside it is encrypted for this key: then the
//! signature cannot fit any more, and the result says so.

mod bounds;
mod entity;
mod open;
mod tree;

use crypto::{CryptoError, PrivateKey, X509Certificate};
use zeroize::Zeroizing;

use self::open::Opener;

/// The largest mail that is read: no mail system carries more.
pub const LARGEST: usize = 256 * 1024 * 1024;
/// The most octets of all mails of one recovery, which are in memory together.
pub const LARGEST_TOGETHER: u64 = 512 * 1024 * 1024;
/// How often a mail may be encrypted or signed inside itself.
const DEEPEST: usize = 16;

/// A decrypted mail.
pub struct DecryptedMail {
    /// The mail, as any mail program reads it.
    pub mime: Zeroizing<Vec<u8>>,
    /// What was decrypted, the outermost first.
    pub layers: Vec<Layer>,
    /// Signatures that cannot be verified in the result, because what they cover was decrypted. The given mail still has them.
    pub signatures_undone: usize,
    /// Parts that stayed encrypted, and why: one sentence each.
    pub left: Vec<String>,
    /// Parts beside an encrypted one that are not in the result.
    pub left_out: usize,
    /// Encrypted parts that are attached to the result one by one; 0 where the result is the one that there was.
    pub apart: usize,
}

impl std::fmt::Debug for DecryptedMail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never what somebody wrote.
        write!(formatter, "DecryptedMail({:?}, {} octets)", self.layers, self.mime.len())
    }
}

impl DecryptedMail {
    /// Whether alterations of the mail would have been noticed. With CBC, which most mail programs still write, they are not.
    pub fn is_authenticated(&self) -> bool {
        self.layers.iter().all(|layer| layer.authenticated)
    }

    /// What whoever reads the result has to know about it: one sentence each.
    pub fn remarks(&self) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(layer) = self.layers.iter().find(|layer| !layer.authenticated) {
            told.push(format!(
                "it was encrypted with {}, which does not show alterations: a valid signature inside does, nothing else",
                layer.cipher
            ));
        }
        if self.signatures_undone > 0 {
            told.push(format!(
                "{} around what was decrypted can be verified in the given mail only",
                if self.signatures_undone == 1 {
                    "a signature".to_owned()
                } else {
                    format!("{} signatures", self.signatures_undone)
                }
            ));
        }
        if self.left_out > 0 {
            told.push(format!(
                "the rest of the mail ({}) was left out, because it was not encrypted together with this: somebody may have put it \
                 there, to be sent what is read here; the given mail has it",
                if self.left_out == 1 { "1 part".to_owned() } else { format!("{} parts", self.left_out) }
            ));
        }
        if self.apart > 0 {
            told.push(format!(
                "its {} encrypted parts are attached one by one, because they were not encrypted together",
                self.apart
            ));
        }
        told.extend(self.left.iter().map(|why| format!("a part of it stayed encrypted: {why}")));
        told
    }
}

/// One encryption that was taken off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layer {
    /// The content's cipher.
    pub cipher: &'static str,
    /// How the content key was encrypted.
    pub key: &'static str,
    /// Whether alterations would have been noticed.
    pub authenticated: bool,
}

/// Why a mail was not decrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// It is no mail.
    #[error("this is neither a mail nor a CMS message: {0}")]
    NotAMail(String),
    /// Nothing in it is encrypted.
    #[error("this mail is not encrypted")]
    NotEncrypted,
    /// It is encrypted for others.
    #[error("this mail is not encrypted for `{offered}`; it opens with: {recipients}")]
    NotForThisKey {
        /// Subject of the certificate that was offered.
        offered: String,
        /// Who can open it.
        recipients: String,
    },
    /// It is encrypted for nobody.
    #[error("this mail names nobody who could open it")]
    ForNobody,
    /// It does not decrypt. One sentence for every cause, so that nothing is learnt from how it failed (RFC 3218).
    #[error(
        "this mail does not open: it was altered or damaged on its way, or encrypted for another key under the same name"
    )]
    DoesNotOpen,
    /// What is encrypted cannot be read.
    #[error("the encrypted part of this mail is damaged: {0}")]
    Damaged(String),
    /// It is encrypted in a way that is not decrypted here.
    #[error("this mail is encrypted in a way that is not opened here: {0}")]
    Unsupported(String),
    /// Encrypted or signed inside itself too often.
    #[error("this mail is encrypted or signed inside itself more than {DEEPEST} times")]
    TooDeep,
    /// More header fields, parts or messages inside each other than a mail has.
    #[error(
        "this mail has more parts or header fields than any mail program writes; it was made to do harm, or is no mail"
    )]
    TooMuch,
    /// The program failed at it.
    #[error("the program failed at this mail; the others are not concerned")]
    Stopped,
    /// Key and certificate do not belong together, or the library failed.
    #[error(transparent)]
    Crypto(CryptoError),
}

/// Decrypts whatever in a mail is encrypted for this key. `mail` is a mail as it travels (`.eml`), or a CMS message of its
/// own (`.p7m`: DER, BER, PEM or base64).
///
/// # Errors
/// What stands in the way of everything in it; see [`MailError`]. As soon as one part was decrypted, what stands in the way
/// of others is told in [`DecryptedMail::left`].
pub fn decrypt(
    mail: &[u8],
    key: &PrivateKey,
    certificate: &X509Certificate,
) -> Result<DecryptedMail, MailError> {
    if mail.len() > LARGEST {
        return Err(MailError::NotAMail(format!("it is larger than {} MB", LARGEST / 1024 / 1024)));
    }
    if key.spki_der().map_err(MailError::Crypto)? != certificate.spki_der().map_err(MailError::Crypto)? {
        return Err(MailError::Crypto(CryptoError::Unfit {
            what: format!("the private key offered for `{}`", certificate.subject()),
            why: "it is not the key of that certificate".to_owned(),
        }));
    }
    bounds::alone(|| {
        let mut opener = Opener::new(key, certificate);
        let mime = if entity::is_message(mail) {
            opener.message(mail)?
        } else {
            let mail = entity::without_mark(mail);
            tree::decrypt(mail, &mut opener, 0)?
        };
        opener.result(mime)
    })
}
