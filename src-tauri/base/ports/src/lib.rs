//! The doors to the outside world, as traits, with the error kinds that decide what happens next.
//!
//! Connectors implement these traits; flows use them; neither knows the other. An error's kind, never its text, tells
//! the scheduler whether to retry, look up first, ask a person, or give up ([`Disposition`]).
#![warn(missing_docs)]

mod address_book;
mod authority;
mod delivery;
mod directory;
mod disposition;
mod mailboxes;
mod pace;
mod probe;
mod recovery_key;
mod status;

pub use address_book::{AddressBook, BookChange, BookEntry, BookError, BookPage, BookReceipt};
pub use authority::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, IssuedCertificate,
    IssuedPage, IssuedRecord, Order, Submission, Ticket,
};
pub use delivery::{DeliveryDoor, DeliveryError, DeliveryRecord, ListedPage, ListedRecord, Package};
pub use directory::{Called, Changes, Directory, DirectoryError, GroupChanges, ObservedUser, UserPage};
pub use disposition::{BoxError, Disposition, chain};
pub use mailboxes::{MailboxDirectory, MailboxError, MailboxGrant, MailboxRight, SharedMailbox};
pub use pace::{Pace, Unpaced};
pub use probe::{NoProbe, Probe};
pub use recovery_key::{
    AgreedKey, EncapsulatedKey, HybridKey, KeyDerivation, KeyEncryption, KeyWrap, RecoveryKey,
    RecoveryKeyError, Signature, SignatureAlgorithm, WrappedKey,
};
pub use status::{StatusDoor, StatusError, Told};
