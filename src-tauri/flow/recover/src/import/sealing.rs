//! Our own recovery agents, to whom an imported key is sealed.

use crypto::X509Certificate;
use model::{Thumbprint, Timestamp};
use store::Work;

use super::ImportError;

/// The agents of now, and how they are recorded.
pub(super) struct Sealing {
    pub(super) certificates: Vec<X509Certificate>,
    pub(super) thumbprints: Vec<Thumbprint>,
}

impl Sealing {
    /// The present set; an archive that nobody can open is worse than none.
    pub(super) async fn load(work: &mut dyn Work, now: Timestamp) -> Result<Self, ImportError> {
        let kras = work.kras().list().await?;
        let refuse = |text: String| Err(ImportError::NotPossible(text));
        if kras.is_empty() {
            return refuse(
                "there is no key recovery agent to seal the keys to; add one with `sealwright kra add`"
                    .to_owned(),
            );
        }
        let mut set = Self { certificates: Vec::new(), thumbprints: Vec::new() };
        for kra in kras {
            let certificate = X509Certificate::from_der(&kra.certificate_der)?;
            if certificate.thumbprint() != kra.thumbprint {
                return refuse(format!(
                    "the stored certificate of key recovery agent `{}` is not the one that was added; the database was \
                     altered: remove the agent and add it again",
                    kra.name
                ));
            }
            if kra.not_after <= now {
                return refuse(format!(
                    "the certificate of key recovery agent `{}` ended on {}; replace it with `sealwright kra add` and \
                     `sealwright kra remove`",
                    kra.name, kra.not_after
                ));
            }
            set.certificates.push(certificate);
            set.thumbprints.push(kra.thumbprint);
        }
        Ok(set)
    }
}
