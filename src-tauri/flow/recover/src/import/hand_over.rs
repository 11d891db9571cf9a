//! Gives an imported key to the devices of whoever may have it, through the same door as every other.

use crypto::{PrivateKey, pfx};
use model::text::fitted;
use model::{AuditKind, AuditOutcome, Delivery, DeliveryPolicy, DeliveryState, SubscriberId};
use ports::Package;
use store::StoreError;

use super::carry::LONGEST_NOTE;
use super::preview::encrypts;
use super::{Carried, Found, HandOver, ImportError, Importer, Owner};

impl Importer<'_> {
    /// Hands the key over to everybody who is to have it and does not have it yet. What fails is told in `carried`.
    pub(super) async fn hand_over(
        &self,
        key: &PrivateKey,
        found: &Found,
        owner: &Owner,
        carried: &mut Carried,
    ) -> Result<(), ImportError> {
        let Some(doors) = &self.hand_over else { return Ok(()) };
        if !encrypts(&found.certificate) {
            let why = "the certificate is for signatures only; nothing is decrypted with its key".to_owned();
            carried.not_handed_over.push(why);
            return Ok(());
        }
        let Some((policy, deliveries)) = self.deliveries(owner, carried).await? else { return Ok(()) };
        for delivery in deliveries {
            match self.give(doors, key, found, &policy, &delivery).await {
                Ok(receiver) => carried.handed_over.push(receiver),
                Err(Refused::Because(why)) => {
                    let note =
                        format!("imported key not handed over to {}: {why}", delivery.user_principal_name);
                    let kind = AuditKind::CertificateDelivered;
                    self.record(found, kind, AuditOutcome::Failure, &fitted(&note, LONGEST_NOTE)).await?;
                    carried.not_handed_over.push(format!("{}: {why}", delivery.user_principal_name));
                }
                Err(Refused::Store(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The deliveries that are to be, stored before anything is sent. None when the certificate is not this owner's.
    async fn deliveries(
        &self,
        owner: &Owner,
        carried: &mut Carried,
    ) -> Result<Option<(DeliveryPolicy, Vec<Delivery>)>, StoreError> {
        let id = carried.certificate;
        let now = self.clock.now();
        let mut work = self.store.read().await?;
        let Some(row) = work.certificates().lookup(id).await? else { return Ok(None) };
        let certificate = row.certificate;
        if certificate.subscriber != owner.id {
            carried
                .not_handed_over
                .push(format!("{}: the certificate is stored as somebody else's", owner.user_principal_name));
            return Ok(None);
        }
        let Some(template) = work.templates().lookup(certificate.template).await? else {
            carried.not_handed_over.push(format!(
                "{}: the template that says how it is handed over no longer exists",
                owner.user_principal_name
            ));
            return Ok(None);
        };
        let mut people: Vec<(SubscriberId, String)> = Vec::new();
        if owner.is_mailbox {
            let holders = work.subscribers().holders(owner.id).await?;
            people.extend(holders.into_iter().map(|holder| (holder.person, holder.user_principal_name)));
            if people.is_empty() {
                carried.not_handed_over.push(format!(
                    "{}: nobody is known who may use the shared mailbox",
                    owner.user_principal_name
                ));
            }
        } else {
            people.push((owner.id, owner.user_principal_name.clone()));
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
        // What was withdrawn on purpose stays away.
        let open = all.into_iter().filter(|one| wanted(one) && one.state.is_open()).collect();
        Ok(Some((template.template.delivery, open)))
    }

    /// Gives it to one person: recorded, looked for first, sent, read back.
    async fn give(
        &self,
        doors: &HandOver<'_>,
        key: &PrivateKey,
        found: &Found,
        policy: &DeliveryPolicy,
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
                let package =
                    self.package(key, found, policy, delivery.person, &receiver).map_err(Refused::other)?;
                doors.door.deliver(&package).await.map_err(Refused::other)?;
                let back =
                    doors.door.find(&receiver, certificate.thumbprint()).await.map_err(Refused::other)?;
                back.ok_or_else(|| {
                    because("Intune took it and does not show it on reading back; run it again")
                })?
            }
        };
        self.probe.reach("import.delivered").map_err(Refused::Because)?;
        let note = format!("imported key handed over to the devices of {receiver}, read back");
        let event = self.event(found, AuditKind::CertificateDelivered, AuditOutcome::Success, &note);
        store::in_unit!(self.store, work => {
            let now = self.clock.now();
            work.audit().append(&event, now).await?;
            work.deliveries().set_state(delivery.id, DeliveryState::Present, Some(&record.id), now).await?;
        })?;
        Ok(receiver)
    }

    fn package(
        &self,
        key: &PrivateKey,
        found: &Found,
        policy: &DeliveryPolicy,
        person: SubscriberId,
        receiver: &str,
    ) -> Result<Package, crypto::CryptoError> {
        let certificate = &found.certificate;
        let password = pfx::generate_password(self.entropy);
        let name = format!(
            "{} ({})",
            certificate.common_name().unwrap_or_else(|| certificate.subject()),
            self.origin.phrase()
        );
        let pfx = pfx::build(key, certificate, &found.chain, &password, policy.pfx, &name)?;
        Ok(Package {
            person,
            user_principal_name: receiver.to_owned(),
            thumbprint: certificate.thumbprint(),
            intended_purpose: policy.intended_purpose,
            connector: policy.connector.clone(),
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
        Self::Because(ports::chain(&error))
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
