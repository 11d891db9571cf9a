//! Takes encryption off, layer by layer, and remembers what came of it.

use crypto::message::{ContentKind, Message};
use crypto::open::{Envelope, unwrap_content_key};
use crypto::{CryptoError, PrivateKey, X509Certificate};
use zeroize::Zeroizing;

use super::{DEEPEST, DecryptedMail, Layer, MailError, entity, tree};

/// One key at work on one mail.
pub(super) struct Opener<'a> {
    key: &'a PrivateKey,
    certificate: &'a X509Certificate,
    layers: Vec<Layer>,
    signatures_undone: usize,
    left: Vec<MailError>,
    left_out: usize,
    apart: usize,
}

impl<'a> Opener<'a> {
    pub(super) fn new(key: &'a PrivateKey, certificate: &'a X509Certificate) -> Self {
        Self {
            key,
            certificate,
            layers: Vec::new(),
            signatures_undone: 0,
            left: Vec::new(),
            left_out: 0,
            apart: 0,
        }
    }

    /// How much has been decrypted so far.
    pub(super) fn opened(&self) -> usize {
        self.layers.len()
    }

    /// So many parts beside what was decrypted are not in the result.
    pub(super) fn leave_out(&mut self, parts: usize) {
        self.left_out += parts;
    }

    /// So many decrypted parts were attached one by one.
    pub(super) fn attach(&mut self, parts: usize) {
        self.apart += parts;
    }

    /// A signature covers what was decrypted inside it.
    pub(super) fn undo_signature(&mut self) {
        self.signatures_undone += 1;
    }

    /// A message that is a file of its own: what is inside, or why not.
    pub(super) fn message(&mut self, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, MailError> {
        match self.content(bytes, 0) {
            Ok(Some(content)) => Ok(content),
            Ok(None) => Err(self.first_reason()),
            Err(MailError::Damaged(why)) => Err(MailError::NotAMail(why)),
            Err(error) => Err(error),
        }
    }

    /// A message inside a mail: what is inside, or `None` when it stays as it is.
    pub(super) fn part(&mut self, bytes: &[u8], depth: usize) -> Option<Zeroizing<Vec<u8>>> {
        self.content(bytes, depth).unwrap_or_else(|error| {
            self.left.push(error);
            None
        })
    }

    /// The decrypted content of a message as a MIME entity; `None` when nothing in it was decrypted.
    fn content(&mut self, bytes: &[u8], depth: usize) -> Result<Option<Zeroizing<Vec<u8>>>, MailError> {
        if depth > DEEPEST {
            return Err(MailError::TooDeep);
        }
        match Message::parse(bytes).map_err(told)? {
            Message::Encrypted(envelope) => self.envelope(&envelope, depth).map(Some),
            Message::Signed { kind, content: Some(content) } => self.signed(kind, &content, depth),
            Message::Signed { content: None, .. } | Message::Other => Ok(None),
        }
    }

    fn envelope(&mut self, envelope: &Envelope, depth: usize) -> Result<Zeroizing<Vec<u8>>, MailError> {
        if envelope.names_nobody() {
            return Err(MailError::ForNobody);
        }
        let recipient = envelope.recipient_for(self.certificate).ok_or_else(|| MailError::NotForThisKey {
            offered: self.certificate.subject(),
            recipients: envelope.describe_recipients(),
        })?;
        let content_key =
            unwrap_content_key(&recipient.wrapped, self.key).map_err(|_| MailError::DoesNotOpen)?;
        let content = envelope.open_with_content_key(&content_key).map_err(|_| MailError::DoesNotOpen)?;
        let authenticated = envelope.is_authenticated();
        let layer = Layer { cipher: envelope.cipher_label(), key: recipient.wrapped.label(), authenticated };
        let kind = envelope.content_kind();
        if let Some(inner) = kind.as_message(&content) {
            let inner = Zeroizing::new(inner);
            // Without the layer being certain to be what was encrypted, its content has at least to be a message.
            Message::parse(&inner).map_err(|_| MailError::DoesNotOpen)?;
            self.layers.push(layer);
            return Ok(match self.part(&inner, depth + 1) {
                Some(deeper) => deeper,
                None => entity::encoded(
                    if kind == ContentKind::Signed {
                        "application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\""
                    } else {
                        "application/pkcs7-mime; name=\"smime.p7m\""
                    },
                    &inner,
                ),
            });
        }
        let entity = entity::of_content(content, authenticated).ok_or(MailError::DoesNotOpen)?;
        self.layers.push(layer);
        tree::decrypt(&entity, self, depth + 1)
    }

    /// What is signed stays as it is, unless something in it is for this key.
    fn signed(
        &mut self,
        kind: ContentKind,
        content: &[u8],
        depth: usize,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, MailError> {
        let before = self.opened();
        let inside = match kind.as_message(content) {
            Some(message) => self.content(&message, depth + 1)?,
            None if kind == ContentKind::Data => Some(tree::decrypt(content, self, depth + 1)?),
            None => None,
        };
        if self.opened() == before {
            return Ok(None);
        }
        self.undo_signature();
        Ok(inside)
    }

    /// Why nothing was decrypted.
    fn first_reason(&mut self) -> MailError {
        if self.left.is_empty() { MailError::NotEncrypted } else { self.left.swap_remove(0) }
    }

    pub(super) fn result(mut self, mime: Zeroizing<Vec<u8>>) -> Result<DecryptedMail, MailError> {
        if self.layers.is_empty() {
            return Err(self.first_reason());
        }
        let left = self.left.iter().map(ToString::to_string).collect();
        Ok(DecryptedMail {
            mime,
            layers: self.layers,
            signatures_undone: self.signatures_undone,
            left,
            left_out: self.left_out,
            apart: self.apart,
        })
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]
fn told(error: CryptoError) -> MailError {
    match error {
        CryptoError::Malformed { detail, .. } => MailError::Damaged(detail),
        CryptoError::Unsupported { algorithm, .. } => MailError::Unsupported(algorithm),
        other => MailError::Crypto(other),
    }
}
