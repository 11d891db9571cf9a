//! Takes in certificates with their keys that came from elsewhere: from the archive of a Windows CA (recovery blobs, opened
//! with that CA's recovery agent) or from PKCS#12 files.
//!
//! ```text
//!  items ──► preview: issued by whom, whose, known, fit?  ──► a person agrees ──► each item by itself:
//!                                                recorded ► opened ► key fits certificate ► sealed to our agents
//!                                                ► stored and recorded in one unit of work ► handed over, if wanted
//! ```
//!
//! A private key proves which certificate is its; whose the certificate is, only its issuer says. So an import is told which
//! authorities to believe, and nothing is opened whose certificate does not go back to one of them.
//!
//! An item that fails stops no other. Whatever is stored is found by the next run and left alone; so a run that was cut off
//! is simply done again. A private key is in clear in wiped memory only, between opening and sealing.

mod carry;
mod hand_over;
mod owner;
mod place;
mod preview;

use crypto::{CryptoError, PrivateKey, RecoveryBlob, X509Certificate};
use custody::Custody;
use model::{CertificateId, Clock, Entropy, Ids, ImportOrigin, SubscriberId, Timestamp};
use ports::{DeliveryDoor, Directory, Probe, RecoveryKey, RecoveryKeyError};
use store::{Store, StoreError};
use zeroize::Zeroizing;

pub use carry::Carried;

/// What lies in one file.
pub enum Material {
    /// A recovery blob.
    Blob(Box<RecoveryBlob>),
    /// A PKCS#12 file that was opened once.
    Pfx(PfxFile),
}

/// A PKCS#12 file whose password fits. Its key is read again when it is needed.
pub struct PfxFile {
    bytes: Vec<u8>,
    password: Zeroizing<String>,
    certificate: X509Certificate,
    chain: Vec<X509Certificate>,
}

impl PfxFile {
    /// Opens the file and forgets its key.
    ///
    /// # Errors
    /// As [`crypto::pfx::open`]; `Unfit` when key and certificate do not belong together.
    pub fn open(bytes: Vec<u8>, password: Zeroizing<String>) -> Result<Self, CryptoError> {
        let opened = crypto::pfx::open(&bytes, &password)?;
        if opened.key.spki_der()? != opened.certificate.spki_der()? {
            return Err(CryptoError::Unfit {
                what: format!("the certificate `{}`", opened.certificate.subject()),
                why: "it belongs to another private key".to_owned(),
            });
        }
        Ok(Self { bytes, password, certificate: opened.certificate, chain: opened.chain })
    }

    fn key(&self) -> Result<PrivateKey, CryptoError> {
        Ok(crypto::pfx::open(&self.bytes, &self.password)?.key)
    }
}

/// One file to be imported.
pub struct Item {
    /// Its name, as people know it.
    pub source: String,
    /// What is in it, or why it cannot be read.
    pub material: Result<Material, String>,
}

/// A certificate that is to be imported, without its key.
#[derive(Clone, Debug)]
pub struct Found {
    /// The certificate.
    pub certificate: X509Certificate,
    /// Those who really issued it, up to the named authority; empty when it does not go back to one.
    pub chain: Vec<X509Certificate>,
}

/// Whose a certificate is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// Who.
    pub id: SubscriberId,
    /// Sign-in name, or the address of a shared mailbox.
    pub user_principal_name: String,
    /// Whether it is a shared mailbox.
    pub is_mailbox: bool,
    /// Whether the person left all enrollment groups.
    pub is_gone: bool,
}

/// What will be done with an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It goes into the archive.
    Import,
    /// It is in the archive already, and is to be handed over.
    HandOver(CertificateId),
    /// It is there already; how that is known.
    Present(String),
    /// It contradicts another item, or what is known; a person must decide.
    Conflict(String),
    /// It is nobody's whom the directory knows.
    Nobody(String),
    /// The agent at hand cannot open it.
    OtherAgent(String),
    /// It is for something else than mail.
    NotForMail(String),
    /// It cannot be read.
    Unreadable(String),
}

impl Verdict {
    /// The word that machines read.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::HandOver(_) => "handOver",
            Self::Present(_) => "present",
            Self::Conflict(_) => "conflict",
            Self::Nobody(_) => "nobody",
            Self::OtherAgent(_) => "otherAgent",
            Self::NotForMail(_) => "notForMail",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Why, where there is more to say than the word.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Import | Self::HandOver(_) => None,
            Self::Present(why)
            | Self::Conflict(why)
            | Self::Nobody(why)
            | Self::OtherAgent(why)
            | Self::NotForMail(why)
            | Self::Unreadable(why) => Some(why),
        }
    }

    /// Whether something will be done.
    pub const fn is_wanted(&self) -> bool {
        matches!(self, Self::Import | Self::HandOver(_))
    }

    /// Whether a person has to look at it.
    pub const fn needs_person(&self) -> bool {
        !self.is_wanted() && !matches!(self, Self::Present(_))
    }
}

/// What the preview says about one item.
#[derive(Clone, Debug)]
pub struct Line {
    /// The item's name.
    pub source: String,
    /// The certificate, when there is one.
    pub found: Option<Found>,
    /// Whose it is, when that is known.
    pub owner: Option<Owner>,
    /// What will be done.
    pub verdict: Verdict,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// The earlier item with the same certificate, by its place; this one serves when that one turns out to be damaged.
    pub copy_of: Option<usize>,
}

impl Line {
    /// This item in place of the one that it is a copy of.
    #[must_use]
    pub fn in_place_of(&self, first: &Self) -> Self {
        Self { verdict: first.verdict.clone(), owner: first.owner.clone(), ..self.clone() }
    }
}

/// The doors for handing over what was imported.
pub struct HandOver<'a> {
    /// To the devices.
    pub door: &'a dyn DeliveryDoor,
    /// Who is still there.
    pub directory: &'a dyn Directory,
}

/// Everything that an import works with.
pub struct Importer<'a> {
    /// The database.
    pub store: &'a dyn Store,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// New ids.
    pub ids: &'a Ids,
    /// Where tests make the process die.
    pub probe: &'a dyn Probe,
    /// The authorities whose certificates are believed, as an administrator named them; never none.
    pub authorities: &'a [X509Certificate],
    /// To whom the keys are sealed.
    pub custody: &'a Custody,
    /// The recovery agent of the CA that the blobs come from; none for PKCS#12 files.
    pub agent: Option<&'a dyn RecoveryKey>,
    /// Where to hand over to; `None` when the keys are only to be archived.
    pub hand_over: Option<HandOver<'a>>,
    /// Where the items come from.
    pub origin: ImportOrigin,
    /// Who acts, as the audit log shall name them.
    pub actor: String,
    /// Why; never empty.
    pub reason: String,
}

/// Why an item, or all of them, was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is nothing to do it with, or to do it to; the text says what to do.
    #[error("{0}")]
    NotPossible(String),
    /// The agent's key did not unwrap.
    #[error(transparent)]
    Key(#[from] RecoveryKeyError),
    /// The item or the key in it is damaged.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The database; nothing was opened when the record could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl store::Setback for ImportError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }
}

impl From<crate::RecoverError> for ImportError {
    fn from(error: crate::RecoverError) -> Self {
        use crate::RecoverError;
        match error {
            RecoverError::NotPossible(why) => Self::NotPossible(why),
            RecoverError::Altered { .. }
            | RecoverError::TooFewAgreed { .. }
            | RecoverError::Nameless { .. }
            | RecoverError::Admit(_) => Self::NotPossible(error.to_string()),
            RecoverError::WrongAgent { offered, recipients } => {
                Self::Crypto(CryptoError::NotARecipient { offered, recipients })
            }
            RecoverError::Key(error) => Self::Key(error),
            RecoverError::Crypto(error) => Self::Crypto(error),
            RecoverError::Store(error) => Self::Store(error),
        }
    }
}

impl ImportError {
    /// Whether all items after this one would fail likewise, or must not be tried: a PIN has few tries. What the database
    /// says about one item's row is that item's.
    pub const fn stops_all(&self) -> bool {
        matches!(
            self,
            Self::Store(
                StoreError::Busy { .. }
                    | StoreError::Schema(_)
                    | StoreError::Denied { .. }
                    | StoreError::OutcomeUnknown { .. }
                    | StoreError::Stopped
                    | StoreError::Driver { .. }
            ) | Self::Key(
                RecoveryKeyError::Locked { .. }
                    | RecoveryKeyError::Unasked { .. }
                    | RecoveryKeyError::Blocked { .. }
                    | RecoveryKeyError::Absent { .. }
            )
        )
    }
}

fn is_over(found: &Found, now: Timestamp) -> bool {
    found.certificate.not_after() <= now
}
