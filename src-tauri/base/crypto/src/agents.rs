//! The recovery agents as they are stored, and the certificates that keys are sealed to.
//!
//! An archive that nobody can open is worse than none, so nothing is sealed to a set with a fault in it.

use model::{Kra, Thumbprint, Timestamp};

use crate::seal::{new_content_key, recipient_info, recipient_infos, seal_content};
use crate::{CryptoError, MlKemPublicKey, PrivateKey, X509Certificate, hybrid, quorum};

/// To whom keys are sealed.
#[derive(Clone, Debug)]
pub struct SealingAgents {
    /// Their certificates.
    pub certificates: Vec<X509Certificate>,
    /// How they are recorded beside what is sealed to them.
    pub thumbprints: Vec<Thumbprint>,
    /// How many of them it takes together to open what is sealed; `None` when any one can.
    pub threshold: Option<u8>,
    /// The ML-KEM key of each, in the order of the certificates; none when keys are sealed to the certificates alone.
    ml_kem: Vec<MlKemPublicKey>,
}

/// Why nothing is sealed to the stored set. The text says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AgentsUnfit {
    /// There is no agent.
    #[error("there is no key recovery agent; add one with `sealwright kra add`")]
    None,
    /// What is recorded about an agent is not what its certificate says; the envelope is sealed to the certificate.
    #[error(
        "the stored certificate of key recovery agent `{name}` is not the one that was added; the database was altered: \
         remove the agent and add it again"
    )]
    Altered {
        /// Which agent.
        name: String,
    },
    /// An agent's certificate has ended.
    #[error(
        "the certificate of key recovery agent `{name}` ended on {at}; replace it with `sealwright kra add` and `sealwright \
         kra remove`"
    )]
    Expired {
        /// Which agent.
        name: String,
        /// When.
        at: Timestamp,
    },
}

impl SealingAgents {
    /// The stored set, if keys may be sealed to it now.
    ///
    /// # Errors
    /// What is wrong with it, the gravest first.
    pub fn of(kras: &[Kra], now: Timestamp) -> Result<Self, AgentsUnfit> {
        if kras.is_empty() {
            return Err(AgentsUnfit::None);
        }
        let mut certificates = Vec::with_capacity(kras.len());
        for kra in kras {
            let certificate = X509Certificate::from_der(&kra.certificate_der).ok();
            let certificate = certificate.filter(|found| found.thumbprint() == kra.thumbprint);
            certificates.push(certificate.ok_or_else(|| AgentsUnfit::Altered { name: kra.name.clone() })?);
        }
        if let Some(expired) = kras.iter().find(|kra| kra.not_after <= now) {
            return Err(AgentsUnfit::Expired { name: expired.name.clone(), at: expired.not_after });
        }
        Ok(Self::new(certificates, None))
    }

    /// These agents: any one of them, or so many together.
    pub fn new(certificates: Vec<X509Certificate>, threshold: Option<u8>) -> Self {
        let thumbprints = certificates.iter().map(X509Certificate::thumbprint).collect();
        Self { certificates, thumbprints, threshold, ml_kem: Vec::new() }
    }

    /// The same agents with an ML-KEM key each, in the order of their certificates: what is sealed to them takes both keys
    /// of an agent to open.
    ///
    /// # Errors
    /// `Unfit` unless there is one for each, and no two are the same.
    pub fn with_ml_kem(mut self, keys: Vec<MlKemPublicKey>) -> Result<Self, CryptoError> {
        let unfit = |why: &str| CryptoError::Unfit {
            what: "the ML-KEM keys of the recovery agents".to_owned(),
            why: why.to_owned(),
        };
        if keys.is_empty() || keys.len() != self.certificates.len() {
            return Err(unfit("each agent needs one"));
        }
        if (1..keys.len()).any(|index| keys[..index].contains(&keys[index])) {
            return Err(unfit("two of the agents have the same one"));
        }
        self.ml_kem = keys;
        Ok(self)
    }

    /// Whether what is sealed to them takes ML-KEM keys to open.
    pub const fn is_hybrid(&self) -> bool {
        !self.ml_kem.is_empty()
    }

    /// The ML-KEM key of the agent at this index.
    pub(crate) fn ml_kem(&self, index: usize) -> Option<&MlKemPublicKey> {
        self.ml_kem.get(index)
    }

    /// Seals a private key (its PKCS#8) to them: CMS `AuthEnvelopedData` as [`crate::seal::seal`] writes it, with a recipient
    /// for each agent or with a [`crate::quorum::Quorum`]; where the agents have ML-KEM keys, hybrid ([`crate::hybrid`]).
    ///
    /// # Errors
    /// `Unfit` and `Unsupported` for keys that cannot be sealed to, and for thresholds that cannot be.
    pub fn seal(&self, key: &PrivateKey) -> Result<Vec<u8>, CryptoError> {
        let content_key = new_content_key()?;
        let infos = self.recipient_infos(&*content_key, || key.spki_sha256())?;
        seal_content(&*content_key, &key.to_pkcs8()?, infos)
    }

    /// Whether keys can be sealed to them; nothing is kept of the trial.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn check(&self) -> Result<(), CryptoError> {
        self.recipient_infos(&*new_content_key()?, || Ok([0; 32])).map(|_| ())
    }

    /// The content key wrapped to them. What is shared among a quorum is bound to the public key of what is sealed.
    pub(crate) fn recipient_infos(
        &self,
        content_key: &[u8],
        spki_sha256: impl FnOnce() -> Result<[u8; 32], CryptoError>,
    ) -> Result<Vec<Vec<u8>>, CryptoError> {
        match self.threshold {
            // Nobody: said by whoever seals without ML-KEM.
            None if self.certificates.is_empty() => recipient_infos(content_key, &[]),
            None => {
                let agents = self.certificates.iter().enumerate();
                agents.map(|(index, agent)| self.recipient_info(content_key, agent, index)).collect()
            }
            Some(threshold) => {
                Ok(vec![quorum::recipient_info(content_key, &spki_sha256()?, self, threshold)?])
            }
        }
    }

    /// The content key wrapped to one agent, whose place among the agents is `index`.
    pub(crate) fn recipient_info(
        &self,
        content_key: &[u8],
        agent: &X509Certificate,
        index: usize,
    ) -> Result<Vec<u8>, CryptoError> {
        match self.ml_kem(index) {
            Some(ml_kem) => hybrid::recipient_info(content_key, agent, ml_kem),
            None => recipient_info(content_key, agent),
        }
    }
}
