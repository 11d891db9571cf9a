//! First station: the key pair, its request, and its two envelopes.
//!
//! The private key exists in clear only inside [`make`], in memory that is wiped. It leaves sealed to the KRA set (when
//! the template archives) and to the admitted installations (until delivery).

use admit::context::inflight_key;
use async_trait::async_trait;
use crypto::seal::seal_bound;
use crypto::{CertificationRequest, CryptoError, PrivateKey, SealingAgents, X509Certificate};
use model::{CertificateNames, Enrollment, KeyAlgorithm, Station, Thumbprint};
use store::{ArchivedKey, InflightKey, StoreError, Work};

use crate::entitled::entitled;
use crate::error::chain;
use crate::{Acted, Bench, Step, StepError};

pub(crate) struct Keygen;

/// A key pair of which only the public half is readable.
#[derive(Clone)]
pub struct SealedKey {
    request: Vec<u8>,
    spki_sha256: [u8; 32],
    archive: Option<(Vec<u8>, Vec<Thumbprint>)>,
    inflight: Vec<u8>,
}

#[async_trait]
impl Step for Keygen {
    fn station(&self) -> Station {
        Station::Keygen
    }

    async fn act(&self, enrollment: &Enrollment, bench: &Bench, _resumed: bool) -> Result<Acted, StepError> {
        let mut work = bench.store.read().await?;
        if work.enrollments().request(enrollment.id).await?.is_some() {
            return Ok(Acted::Already);
        }
        drop(work);
        let template = entitled(bench, enrollment).await?;
        // Before a key is made.
        let agents = if enrollment.archive { Some(bench.agents.current().await?) } else { None };
        if template.post_quantum && agents.as_ref().is_some_and(|agents| !agents.is_hybrid()) {
            return Err(StepError::Operator { text: no_ml_kem(&template.name) });
        }
        bench.reach("keygen.inside")?;
        let recipients = bench.recipients.current().await?;
        let (algorithm, names) = (enrollment.key, enrollment.names.clone());
        let context = inflight_key(enrollment.id);
        // RSA takes tens of milliseconds of pure computing; the runtime's threads must stay free meanwhile.
        let made =
            tokio::task::spawn_blocking(move || make(algorithm, &names, agents, &recipients, &context)).await;
        match made {
            Ok(Ok(sealed)) => Ok(Acted::Sealed(sealed)),
            Ok(Err(error)) => Err(StepError::Stuck {
                text: format!("the key pair could not be made or sealed: {}", chain(&error)),
            }),
            Err(join) => {
                Err(StepError::Retry { after: None, text: format!("key generation was cut off: {join}") })
            }
        }
    }

    async fn keep(
        &self,
        acted: Acted,
        enrollment: &mut Enrollment,
        bench: &Bench,
        work: &mut dyn Work,
    ) -> Result<(), StoreError> {
        let Acted::Sealed(sealed) = acted else { return Ok(()) };
        work.enrollments().add_request(enrollment.id, &sealed.request, &sealed.spki_sha256).await?;
        if let Some((envelope, kras)) = sealed.archive {
            let sealed_at = bench.clock.now();
            let key = ArchivedKey {
                enrollment: enrollment.id,
                certificate: None,
                spki_sha256: sealed.spki_sha256,
                envelope,
                kras,
                sealed_at,
            };
            work.archive().add(&key).await?;
        }
        work.archive()
            .add_inflight(&InflightKey { enrollment: enrollment.id, envelope: sealed.inflight })
            .await
    }
}

/// Why nothing is sealed for a template that demands more than the agents have.
fn no_ml_kem(template: &str) -> String {
    format!(
        "the template `{template}` wants keys archived with ML-KEM as well (post-quantum), and not every recovery agent has an \
         ML-KEM key: each officer makes one (`sealwright kra ml-kem`), and a version of the signed set with all of them is put \
         in force (`sealwright kra set propose --keep --ml-kem OFFICER=FILE`)"
    )
}

fn make(
    algorithm: KeyAlgorithm,
    names: &CertificateNames,
    agents: Option<SealingAgents>,
    recipients: &[X509Certificate],
    context: &str,
) -> Result<SealedKey, CryptoError> {
    let key = PrivateKey::generate(algorithm)?;
    let request = CertificationRequest::create(&key, names)?;
    let pkcs8 = key.to_pkcs8()?;
    let archive = match agents {
        Some(agents) => Some((agents.seal(&key)?, agents.thumbprints)),
        None => None,
    };
    let inflight = seal_bound(context, &pkcs8, recipients)?;
    Ok(SealedKey { spki_sha256: key.spki_sha256()?, request: request.der().to_vec(), archive, inflight })
}
