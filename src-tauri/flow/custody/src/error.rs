//! Why keys are sealed to nobody, and why a set was not proposed, signed or trusted.

use std::path::PathBuf;

use admit::{AdmitError, Fingerprint};
use crypto::{AgentsUnfit, CryptoError};
use model::{Thumbprint, Timestamp};
use ports::RecoveryKeyError;
use store::StoreError;

/// What went wrong. Texts say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A certificate or an envelope.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The file of the pin.
    #[error(transparent)]
    Home(#[from] AdmitError),
    /// The officer's key.
    #[error(transparent)]
    Key(#[from] RecoveryKeyError),
    /// The unsigned list, while there is no set.
    #[error(transparent)]
    List(#[from] AgentsUnfit),
    /// The pinned version is gone.
    #[error(
        "version {version} of the set of recovery agents `{set}` ({fingerprint}), which this installation has pinned, is not \
         in the database: an older backup was restored, or somebody removed it. Restore the newer state; if it was done on \
         purpose, compare the fingerprint that `sealwright kra set show` tells with the officers and run `sealwright kra set \
         trust FINGERPRINT`. Until then no key is archived"
    )]
    Missing {
        /// Its set.
        set: String,
        /// Its number.
        version: i64,
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// The pinned version is another by now.
    #[error(
        "version {version} of the set of recovery agents `{set}` in the database is not the one that this installation has \
         pinned: {why}. Somebody altered the database: restore it from a backup and find out who may write to it. Until then \
         no key is archived"
    )]
    Altered {
        /// Its set.
        set: String,
        /// Its number.
        version: i64,
        /// What is wrong with it.
        why: String,
    },
    /// The officers signed a version that this program cannot read.
    #[error(
        "version {version} of the set of recovery agents ({fingerprint}) was made by a newer program, and this one cannot read \
         it: update this installation. Until then no key is archived"
    )]
    Newer {
        /// As the row says.
        version: i64,
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// There is a signed set, and this home has never seen it.
    #[error(
        "the database holds a signed set of recovery agents that this installation does not trust yet (fingerprint \
         {fingerprints}): compare the fingerprint with the officers, then run `sealwright kra set trust FINGERPRINT` here. \
         Until then no key is archived"
    )]
    Unpinned {
        /// Of the newest versions.
        fingerprints: String,
    },
    /// Officers signed two versions with one number.
    #[error(
        "two versions {version} of the set of recovery agents are signed by enough officers ({fingerprints}): ask the officers \
         which one is theirs, then run `sealwright kra set trust FINGERPRINT` with that one. Until then no key is archived"
    )]
    Fork {
        /// Their number.
        version: i64,
        /// Theirs.
        fingerprints: String,
    },
    /// An officer's certificate has ended.
    #[error(
        "the certificate of the recovery officer `{officer}` ended on {at}: propose the next version of the set without it \
         (`sealwright kra set propose --keep --remove {thumbprint} --add CERT`) and have it signed. Until then no key is \
         archived"
    )]
    Expired {
        /// Whose.
        officer: String,
        /// When.
        at: Timestamp,
        /// Of the certificate.
        thumbprint: Thumbprint,
    },
    /// What is proposed is none.
    #[error("such a set cannot be proposed: {0}")]
    Unfit(String),
    /// No such version.
    #[error(
        "the database holds no version of a set with the fingerprint {fingerprint}; `sealwright kra set show` shows those that \
         are there"
    )]
    Unknown {
        /// What was given.
        fingerprint: Fingerprint,
    },
    /// Two rows have the fingerprint that was given.
    #[error(
        "two versions in the database have the fingerprint {fingerprint}, and only one can be the one that was compared: \
         somebody altered the database. Restore it from a backup and find out who may write to it"
    )]
    Ambiguous {
        /// What was given.
        fingerprint: Fingerprint,
    },
    /// What a person at this home agreed to is gone, and nothing was pinned yet.
    #[error(
        "the set of recovery agents that was proposed or signed here ({fingerprint}) is not in the database: an older backup \
         was restored, or somebody removed it. Restore the newer state; if it was done on purpose, delete the file \
         `{}` and propose the set anew. Until then no key is archived",
        file.display()
    )]
    Gone {
        /// Of the version.
        fingerprint: Fingerprint,
        /// Where the home remembers it.
        file: PathBuf,
    },
    /// This home was told to go by a signed set only, and there is none.
    #[error(
        "this installation goes by a signed set only (`signed-set` in sealwright.toml), and none is in force: have one \
         proposed and signed (`sealwright kra set propose`, `sealwright kra set sign`). If there was one, rows are missing in \
         the database: restore them. Until then no key is archived"
    )]
    Unsigned,
    /// There is nothing to be signed, or more than one version.
    #[error("{0}")]
    NothingToSign(String),
    /// There is nothing to be taken back, or more than one version.
    #[error("{0}")]
    NothingToWithdraw(String),
    /// Somebody else proposed it.
    #[error(
        "version {version} of the set ({fingerprint}) was proposed by {by}, who alone takes it back; an officer who does not \
         want it does not sign it"
    )]
    NotTheProposer {
        /// Its number.
        version: i64,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// Who proposed it.
        by: String,
    },
    /// A version that was not signed by enough officers is not to be trusted.
    #[error(
        "version {version} of the set is proposed only: {collected} of {needed} signatures are there; have its officers sign it \
         first (`sealwright kra set sign`)"
    )]
    NotInForce {
        /// Its number.
        version: i64,
        /// Signatures that hold.
        collected: u8,
        /// How many it takes.
        needed: u8,
    },
    /// The chain before it is broken.
    #[error(
        "version {version} does not go back to a first version that its own officers signed; somebody altered the database, or \
         rows are missing"
    )]
    Rootless {
        /// Its number.
        version: i64,
    },
    /// The key is not that of an officer who may sign.
    #[error("the key of `{offered}` may not sign this version; it is signed by {electors}")]
    NotAnOfficer {
        /// Whose key it is.
        offered: String,
        /// Whose it should be.
        electors: String,
    },
    /// This officer has signed before.
    #[error("`{officer}` has signed this version already; another officer's signature is needed, or none")]
    SignedAlready {
        /// Who.
        officer: String,
    },
    /// What the key signed does not verify.
    #[error("what the key of `{officer}` signed does not fit its certificate; nothing was kept")]
    DoesNotVerify {
        /// Whose.
        officer: String,
    },
}

impl store::Setback for CustodyError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }
}
