//! The key pair of this workstation or daemon.

use std::fmt;

use crypto::{PrivateKey, X509Certificate};
use model::InstallationId;

use crate::{Fingerprint, installation_id};

/// The key pair of this workstation or daemon: secrets and in-flight keys are sealed to it, and it signs whom it admits.
pub struct Installation {
    /// Public half.
    pub certificate: X509Certificate,
    /// Private half. RSA: it opens envelopes and signs.
    pub key: PrivateKey,
}

impl Installation {
    /// Its id, made of its certificate.
    pub fn id(&self) -> InstallationId {
        installation_id(&self.certificate)
    }

    /// What people compare when it asks to be admitted.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Installation({})", self.id())
    }
}
