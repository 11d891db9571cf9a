//! Why nobody was admitted, removed or sealed to.

use std::path::PathBuf;

use crypto::CryptoError;
use model::{InstallationId, Timestamp};
use store::StoreError;

use crate::Fingerprint;

/// What went wrong. Texts say what to do and never carry a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdmitError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key or an envelope.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// An entry of the log cannot be believed. The first such entry is named.
    #[error(
        "entry {seq} of the list of admitted installations is not to be believed: {why}; somebody altered the database: \
         restore it from a backup and find out who may write to it, unless this is another database than the one that this \
         installation belongs to. Until then nothing is sealed or admitted"
    )]
    Untrusted {
        /// Position of the first bad entry, from 1.
        seq: i64,
        /// What is wrong with it.
        why: String,
    },
    /// Entries that this installation has seen are gone.
    #[error(
        "entry {} of the list of admitted installations is missing: this installation has seen {seen} entries and the \
         database holds {there}; somebody shortened it, or an older backup was restored. If that was done on purpose, confirm \
         the fleet's fingerprint anew with `sealwright installation trust FINGERPRINT`, look through the list, and remove again \
         who was removed since that backup; otherwise restore the newer state", there + 1
    )]
    Shortened {
        /// Entries seen earlier.
        seen: i64,
        /// Entries that are there.
        there: i64,
    },
    /// There is no fleet in this database yet.
    #[error(
        "no installation has founded a fleet in this database yet; run `sealwright init` on the first one"
    )]
    NotFounded,
    /// Somebody else was the first.
    #[error(
        "another installation has founded the fleet of this database (fingerprint {fleet}); ask to be admitted to it"
    )]
    FoundedByAnother {
        /// Fingerprint of the fleet's root.
        fleet: Fingerprint,
    },
    /// This home has never seen a fleet, so that it cannot tell the right one from a forged one.
    #[error(
        "this installation trusts no fleet yet; the one in this database shows the fingerprint {fleet}: compare it with \
         what an admitted installation shows, and confirm it"
    )]
    Unpinned {
        /// Fingerprint of the fleet's root.
        fleet: Fingerprint,
    },
    /// The fingerprint that a person gave is another one.
    #[error(
        "the fingerprint of {what} is {found}, and you compared it with {given}; do not go on: either it was typed wrong, or \
         somebody put another certificate in its place"
    )]
    WrongFingerprint {
        /// Whose: "the installation `build-7`".
        what: String,
        /// What was given.
        given: Fingerprint,
        /// What is there.
        found: Fingerprint,
    },
    /// This installation is not in.
    #[error(
        "this installation is not admitted; its fingerprint is {own}: let somebody compare it and admit it on an \
         installation that is"
    )]
    NotAdmitted {
        /// Its fingerprint.
        own: Fingerprint,
    },
    /// This installation was in.
    #[error(
        "this installation was removed on {at} by {by}; to come back it needs a new key pair: take an empty home folder, run \
         `sealwright database use URL` and `sealwright installation join` with it"
    )]
    RemovedHere {
        /// When.
        at: Timestamp,
        /// By whom.
        by: String,
    },
    /// Nobody with this id asked, or he was turned away.
    #[error("no installation {id} is waiting to be admitted")]
    NotWaiting {
        /// Which.
        id: InstallationId,
    },
    /// Nobody with this id is admitted.
    #[error("no installation {id} is admitted")]
    NotAMember {
        /// Which.
        id: InstallationId,
    },
    /// It is admitted and cannot be turned away any more.
    #[error("installation `{name}` is admitted already; remove it instead")]
    IsAMember {
        /// Its name.
        name: String,
    },
    /// What an installation says about itself cannot be used.
    #[error("installation {id} cannot be admitted: {why}")]
    Unusable {
        /// Which.
        id: InstallationId,
        /// Why not.
        why: String,
    },
    /// Nobody would be left.
    #[error(
        "`{name}` is the last admitted installation; admit another one first, or nobody could open anything again"
    )]
    LastOne {
        /// Its name.
        name: String,
    },
    /// It would remove itself.
    #[error("`{name}` is this installation; remove it from another one, or say that you mean it")]
    Oneself {
        /// Its name.
        name: String,
    },
    /// The list changed, but not everything is sealed accordingly.
    #[error("{done}, but not everything was sealed again; run `sealwright installation reseal`")]
    NotResealed {
        /// What was done.
        done: String,
        /// What came between.
        #[source]
        source: Box<Self>,
    },
    /// Others were always faster.
    #[error("the list of installations was being changed all the time; try again")]
    Contended,
    /// None of those who are in has written this secret: it was put there by somebody else, or its writer was removed.
    #[error(
        "nobody of the fleet vouches for `{name}` in the database; somebody else put it there, or who wrote it was removed: write it anew"
    )]
    Unvouched {
        /// Which.
        name: String,
    },
    /// This installation has seen a newer one.
    #[error(
        "`{name}` in the database is older (number {there}) than what this installation has seen of it (number {seen}): \
         somebody put an old one back, or an older backup was restored; write it anew from a machine that has the right one"
    )]
    Older {
        /// Which.
        name: String,
        /// The number of the one in the database.
        there: u64,
        /// The highest number seen.
        seen: u64,
    },
    /// A secret's name that could be mistaken for another one.
    #[error("`{}` cannot name a secret; use up to 100 small letters, digits and - . _ /", name.escape_debug())]
    SecretName {
        /// What was given.
        name: String,
    },
    /// What this installation has seen cannot be read or kept.
    #[error("{} cannot be read or written: {why}", path.display())]
    Pin {
        /// The file.
        path: PathBuf,
        /// Why not, and what to do.
        why: String,
    },
    /// The program was being stopped.
    #[error("sealing was cut off; it goes on at the next start")]
    CutOff,
}
