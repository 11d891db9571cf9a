//! What can go wrong with keys, certificates and envelopes.

/// Why a cryptographic operation did not give its result. Texts are for people and never carry key material.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The bytes are not what they were said to be.
    #[error("this is not {expected}: {detail}")]
    Malformed {
        /// What was expected, with its article: "a PKCS#12 file".
        expected: &'static str,
        /// What was found instead.
        detail: String,
    },
    /// The password does not open the file.
    #[error("the password does not open this {what}")]
    WrongPassword {
        /// What was to be opened: "PKCS#12 file".
        what: &'static str,
    },
    /// The envelope was not sealed to the key that was offered.
    #[error("this envelope was not sealed to `{offered}`; it opens with: {recipients}")]
    NotARecipient {
        /// Subject of the certificate that was offered.
        offered: String,
        /// Who can open it.
        recipients: String,
    },
    /// The envelope's authentication tag does not fit: altered, or the wrong key.
    #[error(
        "the envelope does not open: it was altered, or its content key was unwrapped with the wrong private key"
    )]
    Tampered,
    /// The algorithm is one that the product does not use or accept.
    #[error("{algorithm} is not supported here: {hint}")]
    Unsupported {
        /// Name or OID.
        algorithm: String,
        /// What to do.
        hint: &'static str,
    },
    /// The key is too weak or of the wrong kind.
    #[error("{what} cannot be used: {why}")]
    Unfit {
        /// What was offered.
        what: String,
        /// Why not.
        why: String,
    },
    /// The library refused.
    #[error("{doing} failed in the cryptographic library")]
    Library {
        /// What was being done.
        doing: &'static str,
        /// The library's error stack.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CryptoError {
    /// Wraps a library error with what was being done.
    pub fn library<E: std::error::Error + Send + Sync + 'static>(
        doing: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Library { doing, source: Box::new(source) }
    }
}
