//! Gives an imported key to the devices of whoever may have it, through the same door as every other.

use crypto::{PrivateKey, pfx};
use model::{
    AuditKind, AuditOutcome, Delivery, DeliveryState, IntendedPurpose, PfxProfile, SubscriberId,
    SubscriberKind,
};
use ports::Package;
use store::StoreError;

use super::preview::encrypts;
use super::{Carried, Found, HandOver, ImportError, Importer};

/// Intune takes 16 KiB.
const LONGEST_CHAIN: usize = 3;

impl Importer<'_> {
    /// Hands the key over to everybody who is to have it and does not have it yet. What fails is told in `carried`.
    pub(super) async fn hand_over(
        &self,
        key: &PrivateKey,
        found: &Found,
        carried: &mut Carried,
    ) -> Result<(), ImportError> {
        let Some(doors) = &self.hand_over else { return Ok(()) };
        if !encrypts(&found.certificate) {
            let why = "the certificate is for signatures only; nothing is decrypted with its key".to_owned();
            carried.not_handed_over.push(why);
            return Ok(());
        }
        for delivery in self.deliveries(carried).await? {
            match self.give(doors, key, found, &delivery).await {
                Ok(receiver) => carried.handed_over.push(receiver),
                Err(Refused::Because(why)) => {
                    carried.not_handed_over.push(format!("{}: {why}", delivery.user_principal_name));
                }
                Err(Refused::Store(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The deliveries that are to be, stored before anything is sent.
    async fn deliveries(&self, carried: &mut Carried) -> Result<Vec<Delivery>, StoreError> {
        let id = carried.certificate;
        let now = self.clock.now();
        let mut work = self.store.read().await?;
        let Some(row) = work.certificates().lookup(id).await? else { return Ok(Vec::new()) };
        let certificate = row.certificate;
        let subscriber = work.subscribers().lookup(certificate.subscriber).await?;
        let mut people: Vec<(SubscriberId, String)> = Vec::new();
        match subscriber {
            Some(mailbox) if mailbox.kind == SubscriberKind::SharedMailbox => {
                let holders = work.subscribers().holders(mailbox.id).await?;
                people.extend(holders.into_iter().map(|holder| (holder.person, holder.user_principal_name)));
                if people.is_empty() {
                    carried.not_handed_over.push(format!(
                        "{}: nobody is known who may use the shared mailbox",
                        mailbox.user_principal_name
                    ));
                }
            }
            Some(person) => people.push((person.id, person.user_principal_name)),
            None => {}
        }
        drop(work);
        let planned: Vec<Delivery> = people
            .into_iter()
            .map(|(person, user_principal_name)| Delivery {
                id: self.ids.next(),
                certificate: id,
                thumbprint: certificate.thumbprint,
                person,
                user_principal_name,
                state: DeliveryState::Planned,
                record: None,
                at: now,
            })
            .collect();
        let wanted = |one: &Delivery| planned.iter().any(|plan| plan.person == one.person);
        let all = store::in_unit!(self.store, work => {
            work.deliveries().add_missing(&planned).await?;
            work.deliveries().list(id).await?
        })?;
        Ok(all.into_iter().filter(|one| wanted(one) && one.state != DeliveryState::Present).collect())
    }

    /// Gives it to one person: recorded, looked for first, sent, read back.
    async fn give(
        &self,
        doors: &HandOver<'_>,
        key: &PrivateKey,
        found: &Found,
        delivery: &Delivery,
    ) -> Result<String, Refused> {
        let because = |why: &str| Refused::Because(why.to_owned());
        let known = self.store.read().await?.subscribers().lookup(delivery.person).await?;
        if known.is_some_and(|person| person.gone_at.is_some()) {
            return Err(because("the person left the enrollment groups"));
        }
        let user = doors.directory.user(delivery.person).await.map_err(Refused::other)?;
        let user = user.ok_or_else(|| because("the directory does not know the person any more"))?;
        if user.enabled == Some(false) {
            return Err(because("the account is blocked in Entra"));
        }
        let receiver = user.user_principal_name;
        let certificate = &found.certificate;
        let sent = doors.door.find(&receiver, certificate.thumbprint()).await.map_err(Refused::other)?;
        let record = match sent {
            Some(record) => record,
            None => {
                let note = format!("imported key about to be handed over to the devices of {receiver}");
                let kind = AuditKind::CertificateDelivered;
                self.record(found, kind, AuditOutcome::Success, &note).await?;
                let package = self.package(key, found, delivery.person, &receiver).map_err(Refused::other)?;
                doors.door.deliver(&package).await.map_err(Refused::other)?;
                let back =
                    doors.door.find(&receiver, certificate.thumbprint()).await.map_err(Refused::other)?;
                back.ok_or_else(|| {
                    because("Intune took it and does not show it on reading back; run it again")
                })?
            }
        };
        self.probe.reach("import.delivered").map_err(Refused::Because)?;
        store::in_unit!(self.store, work => {
            let now = self.clock.now();
            work.deliveries().set_state(delivery.id, DeliveryState::Present, Some(&record.id), now).await?;
        })?;
        Ok(receiver)
    }

    fn package(
        &self,
        key: &PrivateKey,
        found: &Found,
        person: SubscriberId,
        receiver: &str,
    ) -> Result<Package, crypto::CryptoError> {
        let certificate = &found.certificate;
        let chain: Vec<_> = found.chain.iter().take(LONGEST_CHAIN).cloned().collect();
        let password = pfx::generate_password(self.entropy);
        let name = format!(
            "{} ({})",
            certificate.common_name().unwrap_or_else(|| certificate.subject()),
            self.origin.phrase()
        );
        let profile = PfxProfile::Compatible;
        let pfx = pfx::build(key, certificate, &chain, &password, profile, &name)?;
        Ok(Package {
            person,
            user_principal_name: receiver.to_owned(),
            thumbprint: certificate.thumbprint(),
            intended_purpose: IntendedPurpose::SmimeEncryption,
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            pfx,
            password,
        })
    }
}

/// Why somebody was not given the key.
enum Refused {
    Because(String),
    Store(StoreError),
}

impl Refused {
    /// With all its causes in one line.
    fn other(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self::Because(text)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
