//! Templates: the recipe by which subscribers get certificates.

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, TemplateId};
use crate::time::Span;

/// A recipe: names, key, authority, archive, delivery, and who gets it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Template {
    /// Stable id.
    pub id: TemplateId,
    /// Short unique name that administrators read.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub description: String,
    /// A disabled template enrols and renews nobody.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What the certificates are used for.
    pub purpose: Purpose,
    /// What the subject's common name is made of.
    #[serde(default)]
    pub common_name: CommonName,
    /// Organisation in the subject of sponsor-validated S/MIME certificates.
    #[serde(default)]
    pub organization: Option<Organization>,
    /// Key type and size.
    #[serde(default)]
    pub key: KeyAlgorithm,
    /// Name of the authority account that issues.
    pub authority: String,
    /// Validity asked for, in days.
    #[serde(default = "one_year")]
    pub validity_days: u32,
    /// A new certificate (new key) is ordered when fewer than this many days are left.
    #[serde(default = "four_weeks")]
    pub renew_before_days: u32,
    /// Whether private keys are archived to the KRA set.
    #[serde(default)]
    pub archive: bool,
    /// Whether keys are archived only where it takes the officers' ML-KEM keys as well to open them. Written only where it is
    /// demanded: programs that know nothing of it then refuse the template.
    #[serde(default, skip_serializing_if = "is_not")]
    pub post_quantum: bool,
    /// How Intune gets the PKCS#12.
    #[serde(default)]
    pub delivery: DeliveryPolicy,
    /// Who gets a certificate by this template.
    #[serde(default)]
    pub assignment: Assignment,
    /// When certificates end before their time.
    #[serde(default, skip_serializing_if = "EndingPolicy::is_never")]
    pub ending: EndingPolicy,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_not(flag: &bool) -> bool {
    !flag
}
fn yes() -> bool {
    true
}
fn one_year() -> u32 {
    365
}
fn four_weeks() -> u32 {
    28
}

impl Template {
    /// The time before expiry at which a renewal is due.
    pub fn renew_before(&self) -> Span {
        Span::days(i64::from(self.renew_before_days))
    }
    /// The validity asked for.
    pub fn validity(&self) -> Span {
        Span::days(i64::from(self.validity_days))
    }
}

/// What a certificate is used for; decides usages, names and profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Signed and encrypted mail with one key (RFC 8551).
    Smime,
    /// Certificate-based authentication at Entra ID (clientAuth with the UPN).
    Cba,
}

/// What the subject's common name is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommonName {
    /// The person's display name.
    #[default]
    DisplayName,
    /// The primary mail address.
    Mail,
}

/// Organisation fields of sponsor-validated S/MIME certificates (S/MIME BR 7.1.4.2.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Organization {
    /// Registered name.
    pub name: String,
    /// `organizationIdentifier`, e.g. `NTRDE-DEK1101R.HRB123456`.
    pub identifier: String,
    /// ISO 3166 country code.
    pub country: String,
}

/// Key type and size.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// RSA with a modulus of 2048 bits.
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    /// NIST curve P-256.
    #[serde(rename = "p-256")]
    P256,
    /// NIST curve P-384.
    #[serde(rename = "p-384")]
    P384,
}

impl KeyAlgorithm {
    /// The name that people read, e.g. `RSA 2048`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA 2048",
            Self::Rsa3072 => "RSA 3072",
            Self::Rsa4096 => "RSA 4096",
            Self::P256 => "EC P-256",
            Self::P384 => "EC P-384",
        }
    }
}

/// How Intune gets the PKCS#12.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeliveryPolicy {
    /// Must equal the purpose of the Intune device profile that fetches the record.
    #[serde(default)]
    pub intended_purpose: IntendedPurpose,
    /// Encryption inside the PKCS#12.
    #[serde(default)]
    pub pfx: PfxProfile,
    /// Name of the connector to whose key passwords are encrypted; the default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// How many former certificates stay on devices beside the present one; older ones are withdrawn. All stay when absent,
    /// but for signing certificates, of which none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_on_devices: Option<u32>,
}

impl DeliveryPolicy {
    /// How many former certificates stay on devices; `None` for all. With a former signing certificate nothing is done any
    /// more, while old mail wants former encryption certificates.
    pub fn former_that_stay(&self) -> Option<u32> {
        self.former_on_devices.or((self.intended_purpose == IntendedPurpose::SmimeSigning).then_some(0))
    }
}

/// Intune's `intendedPurpose`, the values that are usable for imported certificates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntendedPurpose {
    /// Any other use, such as sign-in.
    #[default]
    Unassigned,
    /// Decrypting mail.
    SmimeEncryption,
    /// Signing mail.
    SmimeSigning,
}

/// Encryption inside the PKCS#12 (RFC 7292).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PfxProfile {
    /// PBES2 with AES-256 and HMAC-SHA-256. Windows 10 1809+, iOS 15+, macOS 12+, Android, OpenSSL, NSS, Java.
    Modern,
    /// Triple DES and SHA-1. Opens on every client named by Intune, also old ones, and in gpgsm 2.2.
    #[default]
    Compatible,
}

/// Who gets a certificate by a template.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Assignment {
    /// Enrollment groups, nested membership counts.
    #[serde(default)]
    pub include: Vec<GroupId>,
    /// Members of these get none even when included.
    #[serde(default)]
    pub exclude: Vec<GroupId>,
    /// Whether shared mailboxes in the groups get one too.
    #[serde(default)]
    pub shared_mailboxes: bool,
}

/// When certificates by a template are revoked without anybody ordering it. Nothing is, unless it says so: a template that was
/// saved before there was such a policy goes on as it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EndingPolicy {
    /// Days after somebody left the template's groups, or the organisation, until the certificates are revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaver_days: Option<u32>,
    /// Whether a changed name or address brings a new certificate at once; and the days after that until the old one is
    /// revoked. Without it, the new name comes with the next renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_days: Option<u32>,
    /// What becomes of the certificates of a person whose account is blocked. Nothing, unless it says so.
    #[serde(default, skip_serializing_if = "WhenDisabled::is_nothing")]
    pub disabled: WhenDisabled,
}

/// What becomes of the certificates of a person whose account is blocked. Shared mailboxes are always blocked, and never meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenDisabled {
    /// They run on; nothing new is ordered.
    #[default]
    Nothing,
    /// They are put on hold, and taken off again with the block.
    Hold,
    /// They are revoked like those of people who left, after the same days.
    Revoke,
}

impl WhenDisabled {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Hold, Self::Revoke];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

impl EndingPolicy {
    /// What new templates begin with: thirty days for leavers, a week after a change of name, nothing for blocked accounts:
    /// while a certificate is on hold, what its owner signed before looks revoked to everybody.
    pub const USUAL: Self =
        Self { leaver_days: Some(30), renamed_days: Some(7), disabled: WhenDisabled::Nothing };

    /// Whether nothing ends before its time.
    pub fn is_never(&self) -> bool {
        *self == Self::default()
    }
}
