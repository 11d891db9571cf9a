//! A request that goes to an officer without a network: written out for that officer alone, and read on any machine.
//!
//! ```text
//!  a machine of the fleet                 any machine, no database, no network          a machine of the fleet
//!  export ── sealed to one officer ──►  open, read, answer ── sealed to the fleet ──►  import
//! ```

use admit::{Digest, Fingerprint, Fleet};
use crypto::X509Certificate;
use crypto::open::Envelope;
use crypto::seal::seal;
use model::text::printable;
use model::{
    AuditKind, AuditOutcome, InstallationId, RecoveryBundleId, RecoveryRequestId, RecoveryState, Span,
    Timestamp, is_same_person,
};
use ports::RecoveryKey;
use serde::{Deserialize, Serialize};

use super::approve::names_of;
use super::ask::{KeyInArchive, SealedKey};
use super::carried::{Carried, Known, Octets, SignedText};
use super::desk::Desk;
use super::grant::{Giver, Seat, check_part, give, sign_with};
use super::request::{CLOCKS_APART, Request};
use super::response::{Answer, Response};
use crate::{RecoverError, unwrap_for};

/// Largest file that is read: two hundred keys, and a list of some thousand installations.
pub const LARGEST_BUNDLE: u64 = 64 << 20;

/// The purpose of a signature stands inside of what is signed, so that it is good for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright recovery bundle 1")]
    One,
}

/// What the exporting installation signs. The names of the fields are part of the format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    format: Format,
    id: RecoveryBundleId,
    /// Which installation wrote it out.
    installation: InstallationId,
    /// Who.
    exported_by: String,
    /// For whom: SHA-256 over the officer's certificate.
    officer: Digest,
    created_at: Timestamp,
    expires_at: Timestamp,
    carried: Carried,
    /// In the order of the request.
    keys: Vec<KeyInBundle>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyInBundle {
    /// DER.
    certificate: Octets,
    /// As it is archived.
    envelope: Octets,
}

/// A bundle that was just made.
#[derive(Debug)]
pub struct Exported {
    /// The request.
    pub request: Request,
    /// The bundle's id, as the audit log names it.
    pub id: RecoveryBundleId,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// The fleet, which the officer compares.
    pub fleet: Fingerprint,
    /// The file: CMS to the officer.
    pub cms: Vec<u8>,
}

impl Desk<'_> {
    /// Writes a request out for one officer, who answers within `lasts`, and no later than the request ends. On record before
    /// anything is handed out.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] when the request is closed, or the officer is excluded; [`RecoverError::Nameless`] when nothing
    /// tells who the officer is; [`RecoverError::WrongAgent`] when
    /// the officer has no part in a key.
    pub async fn export(
        &self,
        id: RecoveryRequestId,
        officer: &X509Certificate,
        lasts: Span,
    ) -> Result<Exported, RecoverError> {
        let now = self.now();
        let request = self.request(id).await?;
        request.check_open(now)?;
        let archived = self.all_in_archive(&request).await?;
        self.check_elsewhere(&request, officer, &archived).await?;
        let keys: Vec<KeyInBundle> = archived
            .into_iter()
            .map(|key| KeyInBundle {
                certificate: Octets(key.sealed.leaf.der().to_vec()),
                envelope: Octets(key.cms),
            })
            .collect();
        let own = self.gate.installation();
        let fleet = self.fleet().await?;
        if fleet.member(own.id()).is_none() {
            return Err(RecoverError::NotPossible(
                "this installation does not belong to the fleet; an officer would not believe what it signs"
                    .to_owned(),
            ));
        }
        let expires_at = request.expires_at.min(now + lasts);
        let body = Body {
            format: Format::One,
            id: self.ids.next(),
            installation: own.id(),
            exported_by: self.actor.to_owned(),
            officer: Digest::from(officer.sha256()),
            created_at: now,
            expires_at,
            carried: Carried::of(self.store, &self.stored(id).await?).await?,
            keys,
        };
        let id = body.id;
        let body = written(&body)?;
        let signature = Octets(own.key.sign_ps256(body.as_bytes())?);
        let cms = seal(written(&SignedText { body, signature })?.as_bytes(), std::slice::from_ref(officer))?;
        let note = format!("bundle {id} for {}, until {expires_at}", printable(&officer.subject()));
        let events = self.events(&request, AuditKind::ArchivedKeyExported, AuditOutcome::Success, &note);
        self.record(&events).await?;
        Ok(Exported { request, id, expires_at, fleet: fleet.fingerprint(), cms })
    }

    /// Why a request cannot be written out for each of these officers; `None` for whom it can. Nothing is recorded.
    ///
    /// # Errors
    /// When the request is closed or not to be believed, or the database cannot be read.
    pub async fn excluded_elsewhere(
        &self,
        id: RecoveryRequestId,
        officers: &[X509Certificate],
    ) -> Result<Vec<Option<RecoverError>>, RecoverError> {
        let request = self.request(id).await?;
        request.check_open(self.now())?;
        let archived = self.all_in_archive(&request).await?;
        let mut told = Vec::with_capacity(officers.len());
        for officer in officers {
            told.push(match self.check_elsewhere(&request, officer, &archived).await {
                Ok(()) => None,
                Err(error @ RecoverError::Store(_)) => return Err(error),
                Err(error) => Some(error),
            });
        }
        Ok(told)
    }

    /// Whether an officer may answer from elsewhere, and has a part in every key.
    async fn check_elsewhere(
        &self,
        request: &Request,
        officer: &X509Certificate,
        archived: &[KeyInArchive],
    ) -> Result<(), RecoverError> {
        for_elsewhere(request, officer)?;
        self.exclude_subjects(request, officer, None).await?;
        for key in archived {
            check_part(&key.sealed.envelope, officer)?;
        }
        Ok(())
    }
}

/// A bundle as it was carried: nothing of it is known yet.
#[derive(Debug)]
pub struct SealedBundle(Envelope);

impl SealedBundle {
    /// Before a password or PIN is asked for: whether it is one at all.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] with what it is not.
    pub fn read(file: &[u8]) -> Result<Self, RecoverError> {
        match Envelope::parse(file) {
            Ok(envelope) if envelope.is_authenticated() => Ok(Self(envelope)),
            Ok(_) => Err(unbelieved("it is an envelope of another kind")),
            Err(error) => Err(RecoverError::NotPossible(format!(
                "this is no bundle: {error}; take the file that `recovery export` wrote, whole and as it is"
            ))),
        }
    }

    /// Opens it with the officer's key, and believes it only when everything in it fits together and to what is known of the
    /// fleet. Gives nothing yet.
    ///
    /// # Errors
    /// [`RecoverError::WrongAgent`] for another officer's; [`RecoverError::NotPossible`] with the reason for all that is not
    /// believed, expired, or not for this officer to decide.
    pub async fn open(
        &self,
        agent: &dyn RecoveryKey,
        known: &Known,
        now: Timestamp,
    ) -> Result<Bundle, RecoverError> {
        let officer = X509Certificate::from_der(agent.certificate_der())?;
        let recipient = self.0.recipient_for(&officer).ok_or_else(|| {
            RecoverError::NotPossible(format!(
                "this bundle is not for `{}`; it opens with: {}",
                officer.subject(),
                self.0.describe_recipients()
            ))
        })?;
        let content_key = unwrap_for(agent, recipient).await?;
        let content = self.0.open_with_content_key(&content_key)?;
        // A reader's own words would repeat what may be anything: whoever made it knows for whom it is, and no more.
        let signed: SignedText =
            serde_json::from_slice(&content).map_err(|_| unbelieved("it holds something else"))?;
        let body: Body = serde_json::from_str(&signed.body).map_err(|_| unbelieved("it cannot be read"))?;
        let fleet = body.carried.fleet(known).map_err(|why| unbelieved(&why))?;
        let exporter = fleet
            .member(body.installation)
            .ok_or_else(|| unbelieved("the installation that wrote it does not belong to the fleet"))?;
        if !exporter.certificate.verifies_ps256(signed.body.as_bytes(), &signed.signature.0) {
            return Err(unbelieved(&format!(
                "the signature of `{}` does not fit what it says",
                exporter.name
            )));
        }
        if body.officer != Digest::from(officer.sha256()) {
            return Err(unbelieved("it was made for another officer"));
        }
        check_time("this bundle", body.created_at, body.expires_at, now)?;
        let request = body.carried.request(&fleet, RecoveryState::Waiting).map_err(|why| unbelieved(&why))?;
        request.check_open(now)?;
        if body.expires_at > request.expires_at || body.keys.len() != request.keys.len() {
            return Err(unbelieved("it does not fit the request in it"));
        }
        for_elsewhere(&request, &officer)?;
        let mut keys = Vec::with_capacity(body.keys.len());
        for (asked, carried) in request.keys.iter().zip(&body.keys) {
            let leaf = X509Certificate::from_der(&carried.certificate.0)?;
            let envelope = Envelope::parse(&carried.envelope.0)?;
            if leaf.thumbprint() != asked.thumbprint || !envelope.is_authenticated() {
                return Err(unbelieved("a key in it is not one that is asked for"));
            }
            let own = names_of(&leaf);
            if names_of(&officer).iter().any(|name| own.iter().any(|other| other.eq_ignore_ascii_case(name)))
            {
                return Err(RecoverError::NotPossible(format!(
                    "the key of {} is among those asked for; nobody agrees to opening the own key, another officer has to",
                    asked.mail
                )));
            }
            let key = SealedKey { leaf, envelope };
            // How many a set of agents wants is not known here; whoever imports the answer looks at it.
            key.check(&request, asked, 1)?;
            check_part(&key.envelope, &officer)?;
            keys.push(key);
        }
        Ok(Bundle {
            id: body.id,
            exported_by: body.exported_by,
            exporter: exporter.name.clone(),
            created_at: body.created_at,
            expires_at: body.expires_at,
            request,
            fleet,
            keys,
            officer,
        })
    }
}

/// A bundle that was opened and is believed.
pub struct Bundle {
    /// Its id.
    pub id: RecoveryBundleId,
    /// Who wrote it out, as that machine names them.
    pub exported_by: String,
    /// At which installation.
    pub exporter: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// What is asked.
    pub request: Request,
    fleet: Fleet,
    keys: Vec<SealedKey>,
    officer: X509Certificate,
}

impl Bundle {
    /// The fleet that it comes from, which the officer compares.
    pub fn fleet(&self) -> Fingerprint {
        self.fleet.fingerprint()
    }

    /// Subject of the officer for whom it is.
    pub fn officer(&self) -> String {
        self.officer.subject()
    }

    /// Agrees: unwraps the officer's part of each key, re-encrypts it to the request's one-time key, and signs with the
    /// officer's key. Returns the file to be carried back, sealed to the installations of the fleet. `actor` is the account at
    /// this machine, for which nobody vouches.
    ///
    /// # Errors
    /// What the officer's key says; [`RecoverError::NotPossible`] where it only decrypts. There is no answer then.
    pub async fn agree(
        &self,
        agent: &dyn RecoveryKey,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<u8>, RecoverError> {
        check_time("this bundle", self.created_at, self.expires_at, now)?;
        if is_same_person(actor, &self.request.requester) {
            return Err(is_the_asker(&self.request));
        }
        let giver = Giver { actor, seat: Seat::Elsewhere(self.id), at: now };
        let mut grants = Vec::with_capacity(self.keys.len());
        for (asked, key) in self.request.keys.iter().zip(&self.keys) {
            grants.push(give(&self.request, asked, key, agent, &self.officer, &giver).await?);
        }
        let answer = Answer {
            bundle: self.id,
            request: self.request.id,
            digest: self.request.digest,
            officer: &self.officer,
            actor,
            at: now,
            expires_at: self.expires_at,
            grants,
        };
        let body = answer.body()?;
        let signature = sign_with(agent, &self.officer, body.as_bytes()).await?;
        let response = Response::of(body, signature);
        Ok(seal(written(&response)?.as_bytes(), &importers(&self.fleet, &self.request))?)
    }
}

/// A thing that is believed for so long only.
pub(super) fn check_time(
    what: &str,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), RecoverError> {
    if from > now + CLOCKS_APART {
        return Err(RecoverError::NotPossible(format!(
            "{what} was made on {from}, and here it is {now}: one of the two clocks is wrong; set it right first"
        )));
    }
    if now >= until {
        return Err(RecoverError::NotPossible(format!(
            "{what} expired on {until}; have the request exported again"
        )));
    }
    Ok(())
}

/// What has to hold for an officer's answer from elsewhere, besides what holds everywhere. No account that anybody vouches for says
/// there who the officer is, so the certificate has to; and no home that knows the set.
pub(super) fn for_elsewhere(request: &Request, officer: &X509Certificate) -> Result<(), RecoverError> {
    if !request.wanted.discloses() {
        return Err(RecoverError::NotPossible(
            "sealing anew is agreed to on an installation of the fleet, which knows the set of recovery agents; a machine without \
             a network does not"
                .to_owned(),
        ));
    }
    let names = names_of(officer);
    if names.is_empty() {
        return Err(RecoverError::Nameless { officer: officer.subject() });
    }
    if names.iter().any(|name| is_same_person(name, &request.requester)) {
        return Err(is_the_asker(request));
    }
    Ok(())
}

/// Whoever asked agrees to nothing.
fn is_the_asker(request: &Request) -> RecoverError {
    RecoverError::NotPossible(format!(
        "{} asked for this recovery, and cannot agree to it too; another officer has to",
        request.requester
    ))
}

/// To whom answers are sealed: where the fleet has several machines, not to the one where it was asked. What is given is on record
/// before whoever asked has it.
fn importers(fleet: &Fleet, request: &Request) -> Vec<X509Certificate> {
    let own = fleet.member(request.installation).map(|member| member.certificate.sha256());
    let all = fleet.recipients();
    let others: Vec<X509Certificate> =
        all.iter().filter(|certificate| Some(certificate.sha256()) != own).cloned().collect();
    if others.is_empty() { all } else { others }
}

pub(super) fn written(value: &impl Serialize) -> Result<String, RecoverError> {
    serde_json::to_string(value)
        .map_err(|error| RecoverError::NotPossible(format!("it cannot be written: {error}")))
}

fn unbelieved(why: &str) -> RecoverError {
    RecoverError::NotPossible(format!(
        "this bundle is not to be believed: {why}; nothing was given. Have the request exported again"
    ))
}
