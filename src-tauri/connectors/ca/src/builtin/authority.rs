//! The door itself: orders, look-ups, revocations, and the check.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use crypto::issue::{Issuer, LeafOrder, Validity, leaf_certificate, serial_number};
use crypto::{CertificationRequest, PrivateKey, X509Certificate};
use model::names::Profile;
use model::{AuthorityId, Clock, Entropy, RevocationReason, SerialNumber, Span, Timestamp};
use ports::{
    AuthorityInfo, CaError, Capabilities, CertificateAuthority, CertificateRef, IssuedCertificate,
    IssuedPage, IssuedRecord, Order, Pace, Submission, Ticket, Unpaced,
};
use store::{IssuedEntry, ListedIssue, RevokedEntry, Store, StoreError};
use tokio::sync::Mutex;

use super::books::in_books;
use super::error::{books, misconfigured, refused};
use super::list::CurrentList;
use super::settings::BuiltinSettings;

/// New certificates are valid a little before now: for devices whose clocks are slow.
const BACKDATED: Span = Span::minutes(5);

/// Certificates of one page of what was issued.
const PAGE: u32 = 500;

/// References are ids; nothing longer is one of ours.
const REFERENCE: usize = 128;

/// What a built-in authority is put together from.
pub struct BuiltinParts {
    /// Its id in the store.
    pub id: AuthorityId,
    /// Its name, for people.
    pub name: String,
    /// Its certificates and addresses.
    pub settings: BuiltinSettings,
    /// The private key of the issuing certificate, unsealed by the caller.
    pub issuing_key: PrivateKey,
    /// Where its books are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes serial numbers.
    pub entropy: Arc<dyn Entropy>,
}

/// The built-in authority behind [`CertificateAuthority`].
pub struct BuiltinAuthority {
    pub(super) id: AuthorityId,
    pub(super) name: String,
    pub(super) settings: BuiltinSettings,
    pub(super) issuer: Issuer,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// The revocation list at hand; locked while a new one is made, so that one process makes one at a time.
    pub(super) current: Mutex<Option<CurrentList>>,
    /// How many lists this process began to make.
    pub(super) lists_begun: AtomicU64,
    root: X509Certificate,
    pace: Arc<dyn Pace>,
}

impl fmt::Debug for BuiltinAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuiltinAuthority")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl BuiltinAuthority {
    /// Its name, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts the authority together.
    ///
    /// # Errors
    /// `Misconfigured` when certificates cannot be read, do not belong together, or do not fit the private key.
    pub fn new(parts: BuiltinParts) -> Result<Self, CaError> {
        let BuiltinParts { id, name, settings, issuing_key, store, clock, entropy } = parts;
        let unusable = |error: crypto::CryptoError| misconfigured(&name, &error);
        let root = X509Certificate::from_der(&settings.root).map_err(unusable)?;
        let issuing = X509Certificate::from_der(&settings.issuing).map_err(unusable)?;
        if !issuing.is_issued_by(&root) {
            return Err(misconfigured(
                &name,
                &"its issuing certificate was not issued by its root certificate",
            ));
        }
        if settings.crl_validity_hours == 0 {
            return Err(misconfigured(&name, &"its revocation lists must be valid for at least one hour"));
        }
        let issuer = Issuer::new(issuing, issuing_key).map_err(unusable)?;
        let (current, lists_begun, pace) = (Mutex::new(None), AtomicU64::new(0), Arc::new(Unpaced));
        Ok(Self { id, name, settings, issuer, store, clock, entropy, current, lists_begun, root, pace })
    }

    /// Takes orders at this pace.
    #[must_use]
    pub fn at_pace(self, pace: Arc<dyn Pace>) -> Self {
        Self { pace, ..self }
    }

    fn issued(&self, der: Vec<u8>) -> Submission {
        let chain = vec![self.settings.issuing.clone(), self.settings.root.clone()];
        Submission::Issued(IssuedCertificate { der, chain })
    }

    fn rejected(&self, reason: impl Into<String>) -> CaError {
        CaError::Rejected { authority: self.name.clone(), reason: reason.into() }
    }

    fn books(&self, error: StoreError) -> CaError {
        books(&self.name, error)
    }

    /// What the books say about a reference: the same certificate again, if the key is the same.
    fn again(&self, entry: IssuedEntry, spki_sha256: &[u8; 32]) -> Result<Submission, CaError> {
        if entry.spki_sha256 != *spki_sha256 {
            return Err(self.rejected(format!(
                "the reference {} was used for another key; every order needs a reference of its own",
                entry.reference
            )));
        }
        Ok(self.issued(entry.der))
    }

    /// Signs the certificate of an order and writes its entry; nothing is stored yet.
    fn sign(&self, order: &Order, request: &CertificationRequest) -> Result<IssuedEntry, CaError> {
        let refuse = |error| refused(&self.name, error);
        if order.validity_days == 0 {
            return Err(
                self.rejected("a certificate must be valid for at least one day; set it in the template")
            );
        }
        let now = self.clock.now();
        let public_key = request.spki_der().map_err(refuse)?;
        let serial = serial_number(&*self.entropy);
        let not_before = (now - BACKDATED).max(self.issuer.certificate().not_before());
        let der = leaf_certificate(
            &self.issuer,
            &LeafOrder {
                profile: order.profile,
                names: &order.names,
                public_key: &public_key,
                validity: Validity::lasting(not_before, Span::days(i64::from(order.validity_days))),
                serial: serial.clone(),
                addresses: &self.settings.issuing_addresses(),
                policies: &self.settings.policies,
            },
        )
        .map_err(refuse)?;
        Ok(IssuedEntry {
            authority: self.id,
            serial,
            reference: order.reference.clone(),
            spki_sha256: request.spki_sha256().map_err(refuse)?,
            not_after: X509Certificate::from_der(&der).map_err(refuse)?.not_after(),
            der,
            issued_at: now,
        })
    }

    /// One unit of work: found in the books, or signed and entered.
    ///
    /// It begins anew when it did not come through, whatever the reason: what others entered under this reference, or an
    /// earlier try of ours, is found then. A certificate that is signed and not committed is forgotten with its serial
    /// number; one that the books do not know never leaves this function.
    async fn find_or_issue(
        &self,
        order: &Order,
        request: &CertificationRequest,
    ) -> Result<Submission, CaError> {
        let spki_sha256 = request.spki_sha256().map_err(|error| refused(&self.name, error))?;
        let entered = in_books!(self, work => {
            match work.ledger().find(self.id, &order.reference).await? {
                Some(known) => Ok((known, false)),
                None => {
                    let signed = self.in_force().and_then(|()| self.sign(order, request));
                    if let Ok(entry) = &signed {
                        work.ledger().add(entry).await?;
                    }
                    signed.map(|entry| (entry, true))
                }
            }
        })?;
        let (entry, is_new) = entered?;
        if is_new {
            tracing::info!(authority = %self.name, serial = %entry.serial, reference = %entry.reference, "certificate issued");
            return Ok(self.issued(entry.der));
        }
        self.again(entry, &spki_sha256)
    }

    /// Writes into the books that a certificate is revoked or on hold, and why; or, without a reason, that it is not on hold.
    /// Gives a moment from which on every list says so.
    async fn enter(
        &self,
        certificate: &CertificateRef,
        reason: Option<RevocationReason>,
    ) -> Result<u64, CaError> {
        let now = self.clock.now();
        let refusal = in_books!(self, work => {
            match work.ledger().find_by_serial(self.id, &certificate.serial).await? {
                Some(entry) if entry.reference == certificate.reference => {
                    if let Some(reason) = reason {
                        let serial = certificate.serial.clone();
                        let revoked = RevokedEntry { serial, revoked_at: now, reason };
                        work.ledger().revoke(self.id, &revoked).await?;
                    } else {
                        work.ledger().lift(self.id, &certificate.serial).await?;
                    }
                    None
                }
                Some(_) => Some("belongs to another order"),
                None => Some("was never issued here"),
            }
        })?;
        match refusal {
            None => Ok(self.moment()),
            Some(why) => Err(self.rejected(format!("serial number {} {why}", certificate.serial))),
        }
    }

    /// Refuses to work with an authority whose own certificate is not valid.
    fn in_force(&self) -> Result<(), CaError> {
        let now = self.clock.now();
        for (role, certificate) in [("root", &self.root), ("issuing", self.issuer.certificate())] {
            if now > certificate.not_after() {
                let hint = format!(
                    "its {role} certificate ended on {}; found a new authority",
                    certificate.not_after()
                );
                return Err(misconfigured(&self.name, &hint));
            }
            if now < certificate.not_before() {
                let hint = format!(
                    "its {role} certificate begins on {}, and this machine's clock says {now}; set the clock",
                    certificate.not_before()
                );
                return Err(misconfigured(&self.name, &hint));
            }
        }
        Ok(())
    }

    /// Says how the revocation list stands, or why nobody could rely on it.
    async fn list_in_force(&self, now: Timestamp) -> Result<String, CaError> {
        match self.known_list().await {
            None => {
                Err(misconfigured(&self.name, &"no revocation list has been published yet; start the daemon"))
            }
            Some(list) if now >= list.contents.next_update => {
                let hint = format!(
                    "its revocation list ended on {}, so devices may refuse its certificates; start the daemon",
                    list.contents.next_update
                );
                Err(misconfigured(&self.name, &hint))
            }
            Some(list) => Ok(format!(
                "revocation list {} with {} entries lasts until {}",
                list.contents.number,
                list.contents.revoked.len(),
                list.contents.next_update
            )),
        }
    }
}

fn record(listed: ListedIssue) -> IssuedRecord {
    IssuedRecord {
        serial: listed.serial,
        reference: Some(listed.reference),
        not_after: listed.not_after,
        revoked: listed.revoked,
    }
}

#[async_trait]
impl CertificateAuthority for BuiltinAuthority {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lookup_by_reference: true,
            ec_keys: true,
            validity_choice: true,
            revocation_reasons: true,
            pending_issue: false,
            hold: true,
            lists_issued: true,
        }
    }

    async fn check(&self) -> Result<AuthorityInfo, CaError> {
        // That key and certificates belong together was proven when the authority was put together.
        self.in_force()?;
        let list = self.list_in_force(self.clock.now()).await?;
        let mut work = self.store.read().await.map_err(|error| self.books(error))?;
        let issued = work.ledger().count(self.id).await.map_err(|error| self.books(error))?;
        let issuing = self.issuer.certificate();
        Ok(AuthorityInfo {
            summary: format!(
                "{} issues until {}; {issued} certificates issued; {list}",
                issuing.common_name().unwrap_or_else(|| issuing.subject()),
                issuing.not_after()
            ),
            chain: vec![self.settings.issuing.clone(), self.settings.root.clone()],
            not_after: issuing.not_after(),
            profiles: vec![Profile::SmimeSponsor, Profile::SmimeMailbox, Profile::ClientAuth],
        })
    }

    async fn submit(&self, order: &Order) -> Result<Submission, CaError> {
        if order.reference.is_empty() || order.reference.len() > REFERENCE {
            return Err(self.rejected("an order needs a reference of 1 to 128 characters"));
        }
        let request =
            CertificationRequest::parse(&order.request).map_err(|error| refused(&self.name, error))?;
        self.pace.draw().await.map_err(|wait| CaError::Unavailable {
            authority: self.name.clone(),
            retry_after: Some(wait),
            source: "the orders that all installations together may place are used up for now".into(),
        })?;
        self.find_or_issue(order, &request).await
    }

    async fn poll(&self, ticket: &Ticket) -> Result<Submission, CaError> {
        // Nothing is ever pending here; a ticket can only be a reference that the books know.
        self.find(&ticket.0).await?.ok_or_else(|| self.rejected(format!("there is no order {}", ticket.0)))
    }

    async fn find(&self, reference: &str) -> Result<Option<Submission>, CaError> {
        let mut work = self.store.read().await.map_err(|error| self.books(error))?;
        let known = work.ledger().find(self.id, reference).await.map_err(|error| self.books(error))?;
        Ok(known.map(|entry| self.issued(entry.der)))
    }

    async fn revoke(&self, certificate: &CertificateRef, reason: RevocationReason) -> Result<(), CaError> {
        let entered = self.enter(certificate, Some(reason)).await?;
        tracing::info!(authority = %self.name, serial = %certificate.serial, reason = reason.name(), "certificate revoked");
        // Revoked is what the list says. When it cannot be published, the caller comes again.
        self.publish_since(entered).await
    }

    async fn hold(&self, certificate: &CertificateRef) -> Result<(), CaError> {
        let entered = self.enter(certificate, Some(RevocationReason::CertificateHold)).await?;
        tracing::info!(authority = %self.name, serial = %certificate.serial, "certificate put on hold");
        self.publish_since(entered).await
    }

    async fn release(&self, certificate: &CertificateRef) -> Result<(), CaError> {
        let entered = self.enter(certificate, None).await?;
        tracing::info!(authority = %self.name, serial = %certificate.serial, "certificate taken off hold");
        // Ours are full lists: what they do not name is not on hold. `removeFromCRL` is for delta lists (RFC 5280 section 5.3.1).
        self.publish_since(entered).await
    }

    async fn list_issued(&self, after: Option<&str>) -> Result<IssuedPage, CaError> {
        let unknown = || self.rejected("the list of issued certificates has no such page");
        let after = after.map(str::parse::<SerialNumber>).transpose().map_err(|_| unknown())?;
        let mut work = self.store.read().await.map_err(|error| self.books(error))?;
        let listed = work.ledger().list(self.id, after.as_ref(), PAGE).await;
        let listed = listed.map_err(|error| self.books(error))?;
        let next = (listed.len() == PAGE as usize).then(|| listed.last().map(|one| one.serial.to_string()));
        Ok(IssuedPage { next: next.flatten(), records: listed.into_iter().map(record).collect() })
    }

    async fn find_issued(&self, serial: &SerialNumber) -> Result<Option<IssuedRecord>, CaError> {
        let mut work = self.store.read().await.map_err(|error| self.books(error))?;
        let found = work.ledger().find_by_serial(self.id, serial).await.map_err(|error| self.books(error))?;
        let Some(entry) = found else { return Ok(None) };
        let revoked = work.ledger().revocation(self.id, serial).await.map_err(|error| self.books(error))?;
        Ok(Some(IssuedRecord {
            serial: entry.serial,
            reference: Some(entry.reference),
            not_after: entry.not_after,
            revoked: revoked.map(|entry| (entry.revoked_at, entry.reason)),
        }))
    }

    async fn publish_crl(&self) -> Result<Option<String>, CaError> {
        let list = self.publish().await?;
        Ok(Some(format!(
            "{} published revocation list {} with {} entries, valid until {}",
            self.name,
            list.contents.number,
            list.contents.revoked.len(),
            list.contents.next_update
        )))
    }
}
