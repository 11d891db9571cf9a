//! One imported PFX as Intune keeps it.

use jiff::Timestamp;
use uuid::Uuid;

/// A `microsoft.graph.userPFXCertificate`, with what reads never show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PfxRecord {
    /// `{user id as 32 hexadecimal digits}-{thumbprint}`.
    pub id: String,
    /// Whose.
    pub user: Uuid,
    /// As it was posted; it does not follow a later rename.
    pub user_principal_name: String,
    /// SHA-1 of the certificate, 40 lower-case hexadecimal digits.
    pub thumbprint: String,
    /// `unassigned`, `smimeEncryption` or `smimeSigning`.
    pub intended_purpose: String,
    /// `notBefore` as posted.
    pub start: Timestamp,
    /// `notAfter` as posted.
    pub expiration: Timestamp,
    /// The key storage provider on the connector host.
    pub provider_name: String,
    /// The key's name in that provider.
    pub key_name: String,
    /// `none`, `pkcs1`, `oaepSha1`, `oaepSha256`, `oaepSha384` or `oaepSha512`.
    pub padding_scheme: String,
    /// The PKCS#12.
    pub pfx: Vec<u8>,
    /// Its password, encrypted to the connector's key.
    pub encrypted_password: Vec<u8>,
    /// When it was created, on the simulator's clock.
    pub created: Timestamp,
    /// When it was last changed, on the simulator's clock.
    pub last_modified: Timestamp,
}
