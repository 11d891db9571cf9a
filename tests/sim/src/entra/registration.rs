//! The product's registration while the world runs: secret, certificates by thumbprint, granted roles.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::x509::X509;

use crate::{AppRegistration, SimError};

/// A certificate whose key may sign assertions.
pub(crate) struct RegisteredCertificate {
    /// base64url of SHA-1, unpadded.
    pub(super) x5t: String,
    /// base64url of SHA-256, unpadded.
    pub(super) x5t_s256: String,
    pub(super) key: PKey<Public>,
}

/// See [`AppRegistration`].
pub(crate) struct Registration {
    pub(crate) app: AppRegistration,
    pub(super) certificates: Vec<RegisteredCertificate>,
    /// When the client secret ends.
    pub(crate) secret_ends: Option<Timestamp>,
}

impl Registration {
    pub(crate) fn new(app: AppRegistration) -> Result<Self, SimError> {
        let certificates = app.certificates.iter().map(|pem| parse(pem)).collect::<Result<_, _>>()?;
        Ok(Self { app, certificates, secret_ends: None })
    }

    pub(crate) fn add_certificate(&mut self, pem: &str) -> Result<(), SimError> {
        self.certificates.push(parse(pem)?);
        self.app.certificates.push(pem.to_owned());
        Ok(())
    }
}

fn parse(pem: &str) -> Result<RegisteredCertificate, SimError> {
    let unusable =
        |problem: String| SimError::Unusable { what: "the client certificate".to_owned(), problem };
    let certificate =
        X509::from_pem(pem.as_bytes()).map_err(|_| unusable("it is no certificate in PEM".to_owned()))?;
    let key = certificate.public_key()?;
    if key.rsa().is_err() {
        return Err(unusable("its key is not RSA, and Entra accepts RS256 and PS256 only".to_owned()));
    }
    let thumbprint = |digest| -> Result<String, SimError> {
        Ok(BASE64_URL_SAFE_NO_PAD.encode(certificate.digest(digest)?))
    };
    Ok(RegisteredCertificate {
        x5t: thumbprint(MessageDigest::sha1())?,
        x5t_s256: thumbprint(MessageDigest::sha256())?,
        key,
    })
}
