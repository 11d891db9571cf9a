//! What is said of an envelope that does not open.

use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use model::{KeyAlgorithm, Span, SystemEntropy, Timestamp};

use super::*;

/// An agent whose device answers what the test says.
struct Device {
    certificate: X509Certificate,
    answer: Option<Vec<u8>>,
}

#[async_trait::async_trait]
impl RecoveryKey for Device {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn place(&self) -> String {
        "token `t`".to_owned()
    }

    async fn unwrap_key(&self, _: &ports::WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        match &self.answer {
            Some(octets) => Ok(Zeroizing::new(octets.clone())),
            None => Err(RecoveryKeyError::DoesNotUnwrap { place: self.place() }),
        }
    }

    async fn sign(&self, _: &[u8]) -> Result<ports::Signature, RecoveryKeyError> {
        Err(RecoveryKeyError::Unfit { place: self.place(), reason: "it only decrypts".to_owned() })
    }
}

#[tokio::test]
async fn a_padding_that_is_refused_and_a_key_that_does_not_decrypt_are_told_in_the_same_words() {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let now = Timestamp::from_seconds(1_772_443_800);
    let der = recovery_agent_certificate(
        "Agent",
        &key,
        Validity::lasting(now, Span::days(1)),
        serial_number(&SystemEntropy),
    )
    .unwrap();
    let certificate = X509Certificate::from_der(&der).unwrap();
    let sealed = crypto::seal::seal(b"a private key", std::slice::from_ref(&certificate)).unwrap();
    let mut told = Vec::new();
    // Refused by the device; octets of the right and of wrong lengths that are not the key.
    for answer in [None, Some(vec![7; 32]), Some(vec![7; 16]), Some(Vec::new()), Some(vec![7; 245])] {
        let agent = Device { certificate: certificate.clone(), answer };
        let opened = content(&agent, &certificate, &sealed).await;
        told.push(opened.map(|_| ()).unwrap_err().to_string());
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    assert!(told[0].contains("does not open"), "{told:?}");
}
