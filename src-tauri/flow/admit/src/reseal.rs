//! Sealing everything to exactly those who are in.
//!
//! Each envelope is compared with the fleet and replaced only if it is still the one that was read, so that several
//! daemons may do this at once, and one that dies loses nothing. Nothing is kept about how far a pass came: the next one
//! finds what is left by looking. Envelopes are read before the log, so that an envelope that was sealed to a newer fleet
//! is never judged by an older one.

use std::fmt;
use std::sync::Arc;

use crypto::open::Envelope;
use crypto::{CryptoError, X509Certificate};
use model::{AuditEvent, AuditKind, AuditOutcome, AuthorityId, EnrollmentId, Timestamp};
use store::{StoreError, Work, in_unit};

use crate::{AdmitError, Gate, Installation, context};

/// Envelopes judged and written in one unit of work.
const PAGE: u32 = 50;
/// Passes while others change envelopes at the same time.
const ROUNDS: u32 = 8;

/// What an installation that was removed can have opened while it was in, as far as the database still tells: what was
/// replaced or taken away meanwhile is not among it. Sealing again does not make it forget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposure {
    /// The installation's name.
    pub name: String,
    /// Names of shared secrets.
    pub secrets: Vec<String>,
    /// Names of authority accounts that have secrets.
    pub authorities: Vec<String>,
    /// Number of private keys that are under way.
    pub in_flight: u64,
    /// Number of certificates whose private keys were under way at some time since it was admitted.
    pub certificates: u64,
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted =
            |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let mut known = Vec::new();
        if !self.secrets.is_empty() {
            known.push(format!("the credentials {}", quoted(&self.secrets)));
        }
        if !self.authorities.is_empty() {
            known.push(format!("the keys and credentials of the authorities {}", quoted(&self.authorities)));
        }
        if self.in_flight > 0 {
            known.push(format!("{} private keys that are under way to devices", self.in_flight));
        }
        if self.certificates > 0 {
            let count = self.certificates;
            known.push(format!(
                "the private keys of {count} certificates that were under way since it was admitted"
            ));
        }
        if known.is_empty() {
            return write!(
                f,
                "nothing that lies in the database now was open to `{}`; what was replaced or taken away while it was in, it \
                 can have known",
                self.name
            );
        }
        write!(
            f,
            "`{}` can have known {}, besides what was replaced or taken away while it was in; replace them, and its login to \
             the database, unless you are sure of that machine",
            self.name,
            known.join(" and ")
        )
    }
}

/// Everything there is to know for one who is in, and was admitted at this moment.
pub(crate) async fn exposed(
    work: &mut dyn Work,
    name: &str,
    since: Option<Timestamp>,
) -> Result<Exposure, StoreError> {
    let secrets = work.secrets().list().await?.into_iter().map(|secret| secret.name).collect();
    let mut authorities = Vec::new();
    for account in work.authorities().list().await? {
        if work.authorities().sealed(account.id).await?.is_some() {
            authorities.push(account.name);
        }
    }
    let in_flight = work.archive().count_inflight().await?;
    // Each key is sealed to all who are in as long as it is under way.
    let certificates = match since {
        None => 0,
        Some(since) => work.enrollments().count_certified_since(since).await?,
    };
    Ok(Exposure { name: name.to_owned(), secrets, authorities, in_flight, certificates })
}

/// What a pass did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resealed {
    /// Shared secrets sealed again.
    pub secrets: u64,
    /// Authority accounts sealed again.
    pub authorities: u64,
    /// Keys in flight sealed again.
    pub in_flight: u64,
    /// What is not sealed to this installation; one that can open it must run the pass.
    pub closed: Vec<String>,
    /// What does not open although it names this installation: altered, or put into another's place.
    pub damaged: Vec<String>,
    /// There are keys in flight, and the login to the database may not see them. A daemon looks at them in its next pass.
    pub in_flight_unseen: bool,
}

impl Resealed {
    /// Whether everything was looked at and is sealed as it should be.
    pub fn is_whole(&self) -> bool {
        !self.needs_person() && !self.in_flight_unseen
    }

    /// Whether something stays as it is until somebody does something about it.
    pub fn needs_person(&self) -> bool {
        !self.closed.is_empty() || !self.damaged.is_empty()
    }

    fn count(&mut self, place: &Place) {
        match place {
            Place::Secret(_) => self.secrets += 1,
            Place::Authority(..) => self.authorities += 1,
            Place::Inflight(_) => self.in_flight += 1,
        }
    }
}

impl fmt::Display for Resealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} credentials, {} authority accounts and {} keys in flight sealed again",
            self.secrets, self.authorities, self.in_flight
        )?;
        if !self.closed.is_empty() {
            let list = self.closed.join(", ");
            write!(f, "; not sealed to this installation, so run this on another one: {list}")?;
        }
        if !self.damaged.is_empty() {
            let list = self.damaged.join(", ");
            write!(f, "; altered or exchanged in the database, so restore or enter anew: {list}")?;
        }
        if self.in_flight_unseen {
            f.write_str("; not looked at: keys in flight; a daemon reseals them at its next pass")?;
        }
        Ok(())
    }
}

/// Where an envelope lies.
#[derive(Clone)]
enum Place {
    Secret(String),
    Authority(AuthorityId, String),
    Inflight(EnrollmentId),
}

impl Place {
    fn context(&self) -> String {
        match self {
            Self::Secret(name) => context::secret(name),
            Self::Authority(id, _) => context::signing_key(*id),
            Self::Inflight(id) => context::inflight_key(*id),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Secret(name) => format!("credential `{name}`"),
            Self::Authority(_, name) => format!("authority `{name}`"),
            Self::Inflight(id) => format!("key of enrollment {id}"),
        }
    }
}

type Item = (Place, Vec<u8>);

/// An envelope that is not sealed as it should be.
enum Judged {
    Again { place: Place, old: Vec<u8>, new: Vec<u8> },
    Closed(Place),
    Damaged(Place),
}

impl Gate {
    /// Seals everything that is not sealed to exactly those who are in. Safe to repeat and to run on several
    /// installations at once; costs little when there is nothing to do. What cannot be opened here is named and left.
    pub async fn reseal(&self) -> Result<Resealed, AdmitError> {
        let mut done = Resealed::default();
        for _ in 0..ROUNDS {
            done.closed.clear();
            done.damaged.clear();
            done.in_flight_unseen = false;
            if self.pass(&mut done).await? {
                break;
            }
        }
        if done.needs_person() {
            tracing::warn!(result = %done, "not everything could be sealed to the admitted installations");
        }
        Ok(done)
    }

    /// Once over everything. `false` when somebody else changed something meanwhile.
    async fn pass(&self, done: &mut Resealed) -> Result<bool, AdmitError> {
        let mut work = self.store.read().await?;
        let secrets = work.secrets().list().await?.into_iter();
        let mut items: Vec<Item> =
            secrets.map(|secret| (Place::Secret(secret.name), secret.sealed)).collect();
        for account in work.authorities().list().await? {
            if let Some(sealed) = work.authorities().sealed(account.id).await? {
                items.push((Place::Authority(account.id, account.name), sealed));
            }
        }
        drop(work);
        let mut is_quiet = self.page(items, done).await?;
        let mut after = None;
        loop {
            let keys = match self.store.read().await?.archive().list_inflight(after, PAGE).await {
                // Keys in flight are a daemon's business; each looks at them every minute.
                Err(StoreError::Denied { .. }) => {
                    done.in_flight_unseen = self.has_inflight().await?;
                    return Ok(is_quiet);
                }
                keys => keys?,
            };
            let Some(last) = keys.last() else { return Ok(is_quiet) };
            after = Some(last.enrollment);
            let items = keys.into_iter().map(|key| (Place::Inflight(key.enrollment), key.envelope)).collect();
            is_quiet &= self.page(items, done).await?;
        }
    }

    /// Whether keys are in flight; so it is taken when the login may not even count them.
    async fn has_inflight(&self) -> Result<bool, AdmitError> {
        match self.store.read().await?.archive().count_inflight().await {
            Err(StoreError::Denied { .. }) => Ok(true),
            counted => Ok(counted? > 0),
        }
    }

    async fn page(&self, items: Vec<Item>, done: &mut Resealed) -> Result<bool, AdmitError> {
        let recipients = self.fleet().await?.recipients();
        let count = recipients.len();
        let installation = Arc::clone(&self.installation);
        // Opening takes milliseconds of pure computing each; the runtime's threads must stay free meanwhile.
        let judged = tokio::task::spawn_blocking(move || {
            let judge = |(place, envelope)| judge(place, envelope, &recipients, &installation).transpose();
            items.into_iter().filter_map(judge).collect::<Result<Vec<_>, CryptoError>>()
        });
        let judged = judged.await.map_err(|_| AdmitError::CutOff)??;
        if judged.is_empty() {
            return Ok(true);
        }
        let written = self.write(&judged, count).await;
        let written = match written {
            Ok(written) => written,
            // Whether it was kept shows in the next round.
            Err(StoreError::OutcomeUnknown { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let mut is_quiet = true;
        for (one, is_written) in judged.iter().zip(written) {
            match one {
                Judged::Again { place, .. } if is_written => done.count(place),
                Judged::Again { .. } => is_quiet = false,
                Judged::Closed(place) => done.closed.push(place.describe()),
                Judged::Damaged(place) => done.damaged.push(place.describe()),
            }
        }
        Ok(is_quiet)
    }

    /// Which of them were replaced; all of them and the audit event, or nothing.
    async fn write(&self, judged: &[Judged], installations: usize) -> Result<Vec<bool>, StoreError> {
        let now = self.clock.now();
        if !judged.iter().any(|one| matches!(one, Judged::Again { .. })) {
            return Ok(vec![false; judged.len()]);
        }
        in_unit!(self.store, work => {
            let mut written = Vec::with_capacity(judged.len());
            let mut names = Vec::new();
            for one in judged {
                let Judged::Again { place, old, new } = one else {
                    written.push(false);
                    continue;
                };
                let is_written = match place {
                    Place::Secret(name) => work.secrets().reseal(name, old, new, now).await?,
                    Place::Authority(id, _) => work.authorities().reseal(*id, old, new).await?,
                    Place::Inflight(id) => work.archive().reseal_inflight(*id, old, new).await?,
                };
                if is_written {
                    names.push(place.describe());
                }
                written.push(is_written);
            }
            if !names.is_empty() {
                let event = AuditEvent {
                    kind: AuditKind::SecretsResealed,
                    outcome: AuditOutcome::Success,
                    actor: self.actor.clone(),
                    object: format!("{} envelopes", names.len()),
                    detail: format!("to {installations} installations: {}", names.join(", ")),
                };
                work.audit().append(&event, now).await?;
            }
            written
        })
    }
}

/// `None` when the envelope is sealed to exactly these.
fn judge(
    place: Place,
    old: Vec<u8>,
    recipients: &[X509Certificate],
    installation: &Installation,
) -> Result<Option<Judged>, CryptoError> {
    let Ok(envelope) = Envelope::parse(&old) else { return Ok(Some(Judged::Damaged(place))) };
    let is_for_all = recipients.iter().all(|one| envelope.recipient_for(one).is_some());
    if is_for_all && envelope.recipients().len() == recipients.len() {
        return Ok(None);
    }
    let context = place.context();
    let opened = crypto::open::open_bound(&context, &old, &installation.key, &installation.certificate);
    Ok(Some(match opened {
        Ok(secret) => {
            let new = crypto::seal::seal_bound(&context, &secret, recipients)?;
            Judged::Again { place, old, new }
        }
        Err(CryptoError::NotARecipient { .. }) => Judged::Closed(place),
        Err(_) => Judged::Damaged(place),
    }))
}
