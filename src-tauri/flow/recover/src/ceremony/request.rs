//! What is asked, as it was signed.

use admit::{Digest, Fingerprint, Fleet, Installation};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::X509Certificate;
use model::text::{is_hidden, printable};
use model::{
    AuditEvent, CertificateId, InstallationId, RecoveryRequestId, RecoveryState, Span, Thumbprint, Timestamp,
};
use serde::{Deserialize, Serialize};
use store::StoredRecoveryRequest;

use crate::RecoverError;

/// Keys that one request may ask for: what an officer can look over.
pub const MOST_KEYS: usize = 50;
/// Keys that one request may have sealed anew at most: they are not handed out, and nobody looks them over one by one.
pub const MOST_SEALED_ANEW: usize = 200;
/// Longest text that is signed.
const LONGEST_TEXT: usize = 500;
/// How long a request may stay open at most.
pub(super) const LONGEST: Span = Span::days(30);
/// How far the clocks of two machines may be apart without a request looking as if it came from the future.
pub(super) const CLOCKS_APART: Span = Span::minutes(15);

/// What shall come of the keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Wanted {
    /// Given mails are decrypted; the keys are not handed out.
    DecryptedMails,
    /// The keys go to their owner's devices again, by the daemon.
    OwnersDevices,
    /// The keys go to their owner as PKCS#12 files.
    FileForOwner,
    /// The keys go to somebody else as PKCS#12 files. Takes one approval more.
    FileForOther {
        /// Who that is, in words.
        to: String,
    },
    /// The content keys are sealed anew, to a set of recovery agents; nothing is handed out.
    SealedAnew {
        /// Name of the set.
        set: String,
        /// Its version.
        version: i64,
        /// The version's fingerprint: to this one and to no other.
        fingerprint: String,
    },
}

impl Wanted {
    /// In words for people.
    pub fn describe(&self) -> String {
        match self {
            Self::DecryptedMails => "given mails are decrypted; the key is not handed out".to_owned(),
            Self::OwnersDevices => "the key goes to its owner's devices again".to_owned(),
            Self::FileForOwner => "the key goes to its owner as a PKCS#12 file".to_owned(),
            Self::FileForOther { to } => format!("the key goes to somebody else as a PKCS#12 file: {to}"),
            Self::SealedAnew { set, version, fingerprint } => format!(
                "the key is sealed anew to the recovery agents of `{set}`, version {version}, fingerprint {fingerprint}; it is not \
                 handed out, but whoever asked could read it with a program of their own"
            ),
        }
    }

    /// How many approvals more than usual it takes.
    pub const fn extra_approvals(&self) -> u8 {
        match self {
            Self::FileForOther { .. } => 1,
            Self::DecryptedMails | Self::OwnersDevices | Self::FileForOwner | Self::SealedAnew { .. } => 0,
        }
    }

    /// Whether somebody learns something by it. Where nobody does, whoever's key it is may agree as well.
    pub const fn discloses(&self) -> bool {
        !matches!(self, Self::SealedAnew { .. })
    }

    /// How many keys one request may name at most.
    pub const fn most_keys(&self) -> usize {
        if self.discloses() { MOST_KEYS } else { MOST_SEALED_ANEW }
    }
}

/// A key that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskedKey {
    /// Which certificate's.
    pub certificate: CertificateId,
    /// Its SHA-1.
    pub thumbprint: Thumbprint,
    /// Its subject.
    pub subject: String,
    /// Its owner's address, as the certificate names it.
    pub mail: String,
}

impl AskedKey {
    /// A key, described by its certificate and by nothing that the database says.
    pub(super) fn of(certificate: CertificateId, leaf: &X509Certificate) -> Self {
        let mail = leaf.mail_addresses().into_iter().next();
        Self {
            certificate,
            thumbprint: leaf.thumbprint(),
            subject: printable(&leaf.subject()),
            mail: printable(&mail.or_else(|| leaf.user_principal_name()).unwrap_or_else(|| leaf.subject())),
        }
    }
}

/// The purpose of a signature stands inside of what is signed, so that it is good for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright recovery request 1")]
    One,
}

/// What is signed. The names of the fields are part of the stored format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    format: Format,
    fleet: Digest,
    id: RecoveryRequestId,
    installation: InstallationId,
    requester: String,
    case_number: String,
    legal_basis: String,
    reason: String,
    wanted: Wanted,
    keys: Vec<AskedKey>,
    approvals: u8,
    /// Certificate of the one-time key, DER in base64.
    one_time_key: String,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Body {
    /// What whoever signs it has to heed as well: who agrees reads these texts on a terminal.
    fn check(&self) -> Result<(), String> {
        let to = match &self.wanted {
            Wanted::FileForOther { to } => to.as_str(),
            Wanted::SealedAnew { set, .. } => set.as_str(),
            Wanted::DecryptedMails | Wanted::OwnersDevices | Wanted::FileForOwner => "-",
        };
        let fingerprint = match &self.wanted {
            Wanted::SealedAnew { fingerprint, .. } => fingerprint.as_str(),
            Wanted::FileForOther { .. }
            | Wanted::DecryptedMails
            | Wanted::OwnersDevices
            | Wanted::FileForOwner => "-",
        };
        for (what, text) in [
            ("the case number", &*self.case_number),
            ("the legal basis", &*self.legal_basis),
            ("the reason", &*self.reason),
            ("who asks", &*self.requester),
            ("who gets the key", to),
            ("the fingerprint", fingerprint),
        ] {
            one_line(what, text)?;
        }
        if self.keys.is_empty() || self.keys.len() > self.wanted.most_keys() {
            return Err(format!("it asks for {} keys", self.keys.len()));
        }
        for (index, key) in self.keys.iter().enumerate() {
            if self.keys[..index].iter().any(|other| other.certificate == key.certificate) {
                return Err("it asks for one key twice".to_owned());
            }
        }
        if self.expires_at <= self.created_at || self.expires_at > self.created_at + LONGEST {
            return Err("it does not end within thirty days".to_owned());
        }
        Ok(())
    }
}

/// A text that is there, short enough, and shows all that it holds.
///
/// # Errors
/// What is wrong with it.
pub(super) fn one_line<'a>(what: &str, text: &'a str) -> Result<&'a str, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("{what} is missing; it is recorded in the audit log"));
    }
    if text.chars().count() > LONGEST_TEXT || text.chars().any(is_hidden) {
        return Err(format!(
            "{what} has to be one line of at most {LONGEST_TEXT} characters, none of them hidden"
        ));
    }
    Ok(text)
}

/// What an entry of the audit log about a key is about.
pub(super) fn object(key: &AskedKey) -> String {
    format!("certificate {}", key.thumbprint)
}

/// What stands in an entry behind what is said of the request.
pub(super) fn about(key: &AskedKey) -> String {
    format!("; subject: {}; ", key.subject)
}

/// A request whose signature was found good, or one that was just made.
#[derive(Clone, Debug)]
pub struct Request {
    /// Our id.
    pub id: RecoveryRequestId,
    /// The installation that signed it.
    pub installation: InstallationId,
    /// Its name, as it was admitted.
    pub installation_name: String,
    /// Who asks.
    pub requester: String,
    /// The case it belongs to.
    pub case_number: String,
    /// What allows it.
    pub legal_basis: String,
    /// Why.
    pub reason: String,
    /// What shall come of it.
    pub wanted: Wanted,
    /// Which keys.
    pub keys: Vec<AskedKey>,
    /// How many different officers have to agree at least.
    pub approvals: u8,
    /// What grants are sealed to.
    pub one_time: X509Certificate,
    /// When it was made, by the clock of whoever asks.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How far it came.
    pub state: RecoveryState,
    /// How many installations the fleet has.
    pub(super) fleet_size: usize,
    /// SHA-256 over what is signed.
    pub digest: Digest,
}

/// What a new request is made of.
pub(super) struct New<'a> {
    pub(super) id: RecoveryRequestId,
    pub(super) fleet: &'a Fleet,
    pub(super) requester: &'a str,
    pub(super) case_number: &'a str,
    pub(super) legal_basis: &'a str,
    pub(super) reason: &'a str,
    pub(super) wanted: Wanted,
    pub(super) keys: Vec<AskedKey>,
    pub(super) approvals: u8,
    pub(super) one_time: &'a X509Certificate,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl New<'_> {
    /// Signs it.
    pub(super) fn sign(self, installation: &Installation) -> Result<StoredRecoveryRequest, RecoverError> {
        let (id, created_at, expires_at) = (self.id, self.created_at, self.expires_at);
        let body = Body {
            format: Format::One,
            fleet: self.fleet.digest(),
            id,
            installation: installation.id(),
            requester: self.requester.to_owned(),
            case_number: self.case_number.to_owned(),
            legal_basis: self.legal_basis.to_owned(),
            reason: self.reason.to_owned(),
            wanted: self.wanted,
            keys: self.keys,
            approvals: self.approvals,
            one_time_key: BASE64_STANDARD.encode(self.one_time.der()),
            created_at,
            expires_at,
        };
        let body = serde_json::to_string(&body)
            .map_err(|error| RecoverError::NotPossible(format!("the request cannot be written: {error}")))?;
        let signature = installation.key.sign_ps256(body.as_bytes())?;
        let state = RecoveryState::Waiting;
        Ok(StoredRecoveryRequest { id, body, signature, state, created_at, expires_at })
    }
}

impl Request {
    /// The stored request, if an installation of the fleet has signed it as it stands.
    ///
    /// # Errors
    /// [`RecoverError::Altered`] with the reason.
    pub fn believed(stored: &StoredRecoveryRequest, fleet: &Fleet) -> Result<Self, RecoverError> {
        let altered =
            |why: String| RecoverError::Altered { what: format!("recovery request {}", stored.id), why };
        let request = Self::read(&stored.body, &stored.signature, fleet, stored.state).map_err(altered)?;
        if request.id != stored.id
            || request.expires_at != stored.expires_at
            || request.created_at != stored.created_at
        {
            return Err(altered("it stands in the place of another request".to_owned()));
        }
        Ok(request)
    }

    /// A request wherever it stands, if an installation of the fleet has signed it.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub(super) fn read(
        text: &str,
        signature: &[u8],
        fleet: &Fleet,
        state: RecoveryState,
    ) -> Result<Self, String> {
        let body: Body = serde_json::from_str(text)
            // The reader's own words would repeat what whoever wrote it chose.
            .map_err(|_| "it cannot be read".to_owned())?;
        if body.fleet != fleet.digest() {
            return Err("it was signed for another fleet".to_owned());
        }
        let member = fleet.member(body.installation).ok_or_else(|| {
            "the installation that signed it does not belong to the fleet, or was removed".to_owned()
        })?;
        if !member.certificate.verifies_ps256(text.as_bytes(), signature) {
            return Err(format!("the signature of `{}` does not fit what it says", member.name));
        }
        let one_time = BASE64_STANDARD
            .decode(&body.one_time_key)
            .ok()
            .and_then(|der| X509Certificate::from_der(&der).ok())
            .ok_or_else(|| "its one-time key cannot be read".to_owned())?;
        body.check()?;
        Ok(Self {
            id: body.id,
            installation: body.installation,
            installation_name: member.name.clone(),
            requester: body.requester,
            case_number: body.case_number,
            legal_basis: body.legal_basis,
            reason: body.reason,
            wanted: body.wanted,
            keys: body.keys,
            approvals: body.approvals,
            one_time,
            created_at: body.created_at,
            expires_at: body.expires_at,
            state,
            fleet_size: fleet.recipients().len(),
            digest: Digest::of(text.as_bytes()),
        })
    }

    /// Whether something may still be given for it.
    ///
    /// # Errors
    /// A sentence about why not.
    pub fn check_open(&self, now: Timestamp) -> Result<(), RecoverError> {
        let ended = match self.state {
            RecoveryState::Waiting | RecoveryState::Opened if now >= self.expires_at => {
                format!("it expired on {}; ask again", self.expires_at)
            }
            RecoveryState::Waiting | RecoveryState::Opened => {
                if self.created_at > now + CLOCKS_APART {
                    let at = self.created_at;
                    return Err(RecoverError::NotPossible(format!(
                        "recovery request {} was made on {at}, and here it is {now}: one of the two clocks is wrong; set it right first",
                        self.id
                    )));
                }
                return Ok(());
            }
            RecoveryState::Done => "it is done; ask again for anything more".to_owned(),
            RecoveryState::Withdrawn => "it was withdrawn".to_owned(),
            RecoveryState::Refused => "an officer refused it".to_owned(),
        };
        Err(RecoverError::NotPossible(format!("recovery request {} is closed: {ended}", self.id)))
    }

    /// What people compare who were told of it by different ways: it stands for everything that is asked.
    pub fn fingerprint(&self) -> Fingerprint {
        self.digest.fingerprint()
    }

    /// What a grant for one of its keys is bound to (part of the stored format).
    pub(super) fn grant_context(&self, key: &AskedKey, officer: &[u8; 32]) -> String {
        format!(
            "grant for recovery request {} certificate {} officer {}",
            self.digest,
            key.thumbprint,
            Digest::from(*officer)
        )
    }

    /// What the one-time key is sealed for (part of the stored format).
    pub(super) fn key_context(id: RecoveryRequestId) -> String {
        format!("one-time key of recovery request {id}")
    }

    /// What an entry of the audit log says about this request beyond what all of its entries say, and about which of its
    /// keys; `None` for entries about anything else.
    pub fn remark<'a, 'b>(&'a self, event: &'b AuditEvent) -> Option<(&'a AskedKey, &'b str)> {
        let said = event.detail.strip_prefix(&*self.note())?;
        self.keys.iter().filter(|key| event.object == object(key)).find_map(|key| {
            let remark = said.strip_prefix(&*about(key))?;
            Some((key, remark))
        })
    }

    /// What stands in the audit log about it.
    pub(super) fn note(&self) -> String {
        format!(
            "request {}; case: `{}`; basis: `{}`; reason: `{}`; asked by: `{}` on `{}`; wanted: {}; approvals: {}",
            self.id,
            self.case_number,
            self.legal_basis,
            self.reason,
            self.requester,
            self.installation_name,
            self.wanted.describe(),
            self.approvals
        )
    }
}
