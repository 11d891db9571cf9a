//! What an import would do, item by item, before anything is opened or written.

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use crypto::X509Certificate;
use crypto::certificate::KeyUsage;
use model::{
    Certificate, CertificateId, DeliveryState, ImportOrigin, Subscriber, SubscriberKind, Thumbprint,
};
use store::{CertificateFilter, CertificateOrder, PageRequest, Work};

use super::sealing::Sealing;
use super::{Found, ImportError, Importer, Item, Line, Material, Owner, Verdict, is_over};

const EMAIL_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// Items that are looked up within one reading of the database.
const AT_ONCE: usize = 100;

/// More certificates than one person ever had.
const MOST_CERTIFICATES: u32 = 500;

impl Importer<'_> {
    /// Whether there is anybody to seal keys to, and a reason; asked before anything is shown.
    ///
    /// # Errors
    /// [`ImportError::NotPossible`] says what to do.
    pub async fn ready(&self) -> Result<(), ImportError> {
        if self.reason.trim().is_empty() {
            return Err(ImportError::NotPossible(
                "an import needs a reason, such as a ticket; it is recorded in the audit log".to_owned(),
            ));
        }
        Sealing::load(self.store.read().await?.as_mut(), self.clock.now()).await.map(|_| ())
    }

    /// Says for each item what will be done with it, and why not. Opens nothing.
    ///
    /// # Errors
    /// Only when the database or the agent's certificate cannot be read.
    pub async fn preview(&self, items: &[Item]) -> Result<Vec<Line>, ImportError> {
        let agent = self.agent.map(|agent| X509Certificate::from_der(agent.certificate_der())).transpose()?;
        let mut lines: Vec<Line> = items.iter().map(|item| look(item, agent.as_ref())).collect();
        compare(&mut lines)?;
        let now = self.clock.now();
        for some in lines.chunks_mut(AT_ONCE) {
            let mut work = self.store.read().await?;
            for line in some {
                let Some(found) = line.found.clone() else { continue };
                if is_over(&found, now) {
                    let ended = found.certificate.not_after().to_string();
                    line.notes.push(format!("ended on {}", ended.chars().take(10).collect::<String>()));
                }
                self.decide(work.as_mut(), line, &found.certificate).await?;
            }
        }
        Ok(lines)
    }

    /// Whose it is, and whether it is there already.
    async fn decide(
        &self,
        work: &mut dyn Work,
        line: &mut Line,
        certificate: &X509Certificate,
    ) -> Result<(), ImportError> {
        let known = work.certificates().find_by_thumbprint(certificate.thumbprint()).await?;
        match owner_of(work, certificate).await? {
            Ok(owner) => line.owner = Some(owner),
            // What is there already is somebody's.
            Err(verdict) if known.is_none() && line.verdict.is_wanted() => line.verdict = verdict,
            Err(_) => {}
        }
        // What was found wrong about the item itself counts first, unless it does not matter any more.
        if let Some(known) = known {
            line.verdict = self.of_known(work, &known, certificate, &line.verdict).await?;
            return Ok(());
        }
        if !line.verdict.is_wanted() {
            return Ok(());
        }
        let Some(owner) = &line.owner else { return Ok(()) };
        if let Some(other) = same_key(work, owner, certificate).await? {
            line.verdict =
                Verdict::Present(format!("its key is in the archive, with the certificate {other}"));
        }
        Ok(())
    }

    /// What is to be done about a certificate that is known.
    async fn of_known(
        &self,
        work: &mut dyn Work,
        known: &Certificate,
        certificate: &X509Certificate,
        so_far: &Verdict,
    ) -> Result<Verdict, ImportError> {
        let row = work.certificates().lookup(known.id).await?;
        let is_imported = row.is_some_and(|row| ImportOrigin::from_name(&row.authority_name).is_some());
        if !known.archived {
            return Ok(Verdict::Conflict(
                "the certificate is known, and its key is not in the archive: its template does not archive keys"
                    .to_owned(),
            ));
        }
        if self.hand_over.is_none() || !is_imported || !so_far.is_wanted() {
            return Ok(Verdict::Present("it is in the archive".to_owned()));
        }
        if !encrypts(certificate) {
            return Ok(Verdict::Present(
                "it is in the archive; it is for signatures only, and stays there".to_owned(),
            ));
        }
        if all_delivered(work, known).await? {
            return Ok(Verdict::Present("it is in the archive and was handed over".to_owned()));
        }
        Ok(Verdict::HandOver(known.id))
    }
}

/// What can be said of an item by itself.
fn look(item: &Item, agent: Option<&X509Certificate>) -> Line {
    let line =
        |found, verdict, notes| Line { source: item.source.clone(), found, owner: None, verdict, notes };
    let material = match &item.material {
        Ok(material) => material,
        Err(why) => return line(None, Verdict::Unreadable(why.clone()), Vec::new()),
    };
    match material {
        Material::Pfx(file) => {
            let found = Found { certificate: file.certificate.clone(), chain: file.chain.clone() };
            let verdict = purpose(&found.certificate).unwrap_or(Verdict::Import);
            line(Some(found), verdict, Vec::new())
        }
        Material::Blob(blob) => {
            let mut notes = Vec::new();
            match blob.signers() {
                0 => {}
                count => notes.push(format!("{count} signature(s), not verified")),
            }
            if blob.unreadable() > 0 {
                notes.push(format!("{} certificates beside it cannot be read", blob.unreadable()));
            }
            let certificate = match blob.owners().as_slice() {
                [one] => (*one).clone(),
                [] => {
                    let why =
                        "no user's certificate came with the key, so whose it is cannot be told".to_owned();
                    return line(None, Verdict::Unreadable(why), notes);
                }
                several => {
                    let names: Vec<String> = several.iter().map(|one| one.subject()).collect();
                    let why = format!("several certificates came with the key: {}", names.join("; "));
                    return line(None, Verdict::Conflict(why), notes);
                }
            };
            let envelope = blob.envelope();
            let sealed_to_agent = agent.is_some_and(|agent| envelope.recipient_for(agent).is_some());
            let verdict = match purpose(&certificate) {
                Some(verdict) => verdict,
                None if sealed_to_agent => Verdict::Import,
                None if envelope.names_nobody() => {
                    Verdict::OtherAgent("no recovery agent can open it: it names none".to_owned())
                }
                None => Verdict::OtherAgent(format!(
                    "it opens with the key of another agent: {}",
                    shortened(&envelope.describe_recipients())
                )),
            };
            let chain = blob.chain(&certificate);
            line(Some(Found { certificate, chain }), verdict, notes)
        }
    }
}

/// A blob can name a thousand recipients.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Why a certificate has no business in an archive of mail keys.
fn purpose(certificate: &X509Certificate) -> Option<Verdict> {
    let purposes = certificate.extended_key_usage()?;
    if purposes.iter().any(|one| *one == EMAIL_PROTECTION || *one == ANY_PURPOSE) {
        return None;
    }
    let named: Vec<String> = purposes.iter().map(ToString::to_string).collect();
    Some(Verdict::NotForMail(format!(
        "the certificate is not for mail (its extended key usage is {}); only mail keys are imported",
        named.join(", ")
    )))
}

/// Whether mail is encrypted to it.
pub(super) fn encrypts(certificate: &X509Certificate) -> bool {
    certificate.key_usage().is_none_or(|usages| {
        usages.iter().any(|one| matches!(one, KeyUsage::KeyEncipherment | KeyUsage::KeyAgreement))
    })
}

/// Finds items that say the same, and items that contradict each other.
fn compare(lines: &mut [Line]) -> Result<(), ImportError> {
    let mut first_with: BTreeMap<Thumbprint, String> = BTreeMap::new();
    let mut by_key: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
    for (place, line) in lines.iter_mut().enumerate() {
        let Some(found) = line.found.as_ref().filter(|_| line.verdict.is_wanted()) else { continue };
        let thumbprint = found.certificate.thumbprint();
        if let Some(other) = first_with.get(&thumbprint) {
            line.verdict = Verdict::Present(format!("the same certificate is in {other}"));
            continue;
        }
        first_with.insert(thumbprint, line.source.clone());
        by_key.entry(found.certificate.spki_sha256()?).or_default().push(place);
    }
    for places in by_key.values().filter(|places| places.len() > 1) {
        let sources: Vec<String> = places.iter().map(|place| lines[*place].source.clone()).collect();
        for place in places {
            let others: Vec<&str> = sources
                .iter()
                .filter(|source| **source != lines[*place].source)
                .map(String::as_str)
                .collect();
            lines[*place].verdict = Verdict::Conflict(format!(
                "the same key has another certificate in {}: name the one file that is wanted",
                others.join(", ")
            ));
        }
    }
    Ok(())
}

/// Whose a certificate is, by its mail addresses and its sign-in name; otherwise the verdict about it.
async fn owner_of(
    work: &mut dyn Work,
    certificate: &X509Certificate,
) -> Result<Result<Owner, Verdict>, ImportError> {
    let mut names = certificate.mail_addresses();
    names.extend(certificate.user_principal_name());
    let mut found: Vec<Subscriber> = Vec::new();
    for name in &names {
        for subscriber in work.subscribers().find_by_name(name).await? {
            if !found.iter().any(|other| other.id == subscriber.id) {
                found.push(subscriber);
            }
        }
    }
    // An address that somebody left behind and another has now is the present one's.
    if found.iter().any(|one| one.gone_at.is_none()) {
        found.retain(|one| one.gone_at.is_none());
    }
    Ok(match found.as_slice() {
        [one] => Ok(Owner {
            id: one.id,
            user_principal_name: one.user_principal_name.clone(),
            is_mailbox: one.kind == SubscriberKind::SharedMailbox,
            is_gone: one.gone_at.is_some(),
        }),
        [] if names.is_empty() => {
            Err(Verdict::Nobody("the certificate names neither a mail address nor a sign-in name".to_owned()))
        }
        [] => Err(Verdict::Nobody(format!(
            "nobody of the enrollment groups has the address {}",
            names.join(" or ")
        ))),
        several => {
            let people: Vec<&str> = several.iter().map(|one| one.user_principal_name.as_str()).collect();
            Err(Verdict::Conflict(format!("its addresses belong to several: {}", people.join(", "))))
        }
    })
}

/// The certificate of this owner whose archived key is the same.
async fn same_key(
    work: &mut dyn Work,
    owner: &Owner,
    certificate: &X509Certificate,
) -> Result<Option<Thumbprint>, ImportError> {
    let spki = certificate.spki_sha256()?;
    let filter = CertificateFilter {
        subscriber: Some(owner.id),
        archived: Some(true),
        ..CertificateFilter::default()
    };
    let page = PageRequest::first(MOST_CERTIFICATES);
    for row in work.certificates().list(&filter, CertificateOrder::Newest, &page).await?.rows {
        if work.archive().find(row.certificate.id).await?.is_some_and(|key| key.spki_sha256 == spki) {
            return Ok(Some(row.certificate.thumbprint));
        }
    }
    Ok(None)
}

/// Whether everybody who is to have the key has it.
async fn all_delivered(work: &mut dyn Work, known: &Certificate) -> Result<bool, ImportError> {
    let id: CertificateId = known.id;
    let deliveries = work.deliveries().list(id).await?;
    let present =
        |person| deliveries.iter().any(|one| one.person == person && one.state == DeliveryState::Present);
    Ok(match work.subscribers().lookup(known.subscriber).await?.map(|found| found.kind) {
        Some(SubscriberKind::SharedMailbox) => {
            let holders = work.subscribers().holders(known.subscriber).await?;
            holders.iter().all(|holder| present(holder.person))
        }
        Some(SubscriberKind::Person) | None => present(known.subscriber),
    })
}
