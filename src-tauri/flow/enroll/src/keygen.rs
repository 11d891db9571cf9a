//! First station: the key pair, its request, and its two envelopes.
//!
//! The private key exists in clear only inside [`make`], in memory that is wiped. It leaves sealed to the KRA set (when
//! the template archives) and to the admitted installations (until delivery).

use admit::context::inflight_key;
use async_trait::async_trait;
use crypto::seal::{seal, seal_bound};
use crypto::{CertificationRequest, CryptoError, PrivateKey, X509Certificate};
use model::{CertificateNames, Enrollment, KeyAlgorithm, Kra, Station, Thumbprint, Timestamp};
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
        let kras = if enrollment.archive { work.kras().list().await? } else { Vec::new() };
        drop(work);
        entitled(bench, enrollment).await?;
        if enrollment.archive {
            usable(&kras, bench.clock.now())?;
        }
        bench.reach("keygen.inside")?;
        let recipients = bench.recipients.current().await?;
        let (algorithm, names) = (enrollment.key, enrollment.names.clone());
        let context = inflight_key(enrollment.id);
        // RSA takes tens of milliseconds of pure computing; the runtime's threads must stay free meanwhile.
        let made =
            tokio::task::spawn_blocking(move || make(algorithm, &names, &kras, &recipients, &context)).await;
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

/// An archive that nobody can open is worse than none: refuse before a key is made.
fn usable(kras: &[Kra], now: Timestamp) -> Result<(), StepError> {
    if kras.is_empty() {
        return Err(StepError::Operator {
            text: "the template archives keys and there is no key recovery agent; add one with `sealwright kra add`"
                .to_owned(),
        });
    }
    // What is recorded about an agent must be what its certificate says: the envelope is sealed to the certificate.
    for kra in kras {
        let certificate = X509Certificate::from_der(&kra.certificate_der);
        if certificate.map_or(true, |found| found.thumbprint() != kra.thumbprint) {
            return Err(StepError::Operator {
                text: format!(
                    "the stored certificate of key recovery agent `{}` is not the one that was added; the database \
                     was altered: remove the agent and add it again",
                    kra.name
                ),
            });
        }
    }
    match kras.iter().find(|kra| kra.not_after <= now) {
        Some(expired) => Err(StepError::Operator {
            text: format!(
                "the certificate of key recovery agent `{}` ended on {}; replace it with `sealwright kra add` and \
                 `sealwright kra remove`",
                expired.name, expired.not_after
            ),
        }),
        None => Ok(()),
    }
}

fn make(
    algorithm: KeyAlgorithm,
    names: &CertificateNames,
    kras: &[Kra],
    recipients: &[X509Certificate],
    context: &str,
) -> Result<SealedKey, CryptoError> {
    let key = PrivateKey::generate(algorithm)?;
    let request = CertificationRequest::create(&key, names)?;
    let pkcs8 = key.to_pkcs8()?;
    let archive = if kras.is_empty() {
        None
    } else {
        let certificates = kras
            .iter()
            .map(|kra| X509Certificate::from_der(&kra.certificate_der))
            .collect::<Result<Vec<_>, _>>()?;
        let thumbprints = kras.iter().map(|kra| kra.thumbprint).collect();
        Some((seal(&pkcs8, &certificates)?, thumbprints))
    };
    let inflight = seal_bound(context, &pkcs8, recipients)?;
    Ok(SealedKey { spki_sha256: key.spki_sha256()?, request: request.der().to_vec(), archive, inflight })
}
