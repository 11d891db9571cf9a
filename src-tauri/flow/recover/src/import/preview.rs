//! What an import would do, item by item, before anything is opened or written.

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use crypto::certificate::KeyUsage;
use crypto::{SealingAgents, X509Certificate};
use custody::CustodyError;
use model::text::printable;
use model::{Certificate, CertificateId, DeliveryState, ImportOrigin, SubscriberId};
use store::{ArchivedKeyInfo, Work};

use super::owner;
use super::{Found, ImportError, Importer, Item, Line, Material, Owner, Verdict, is_over};

const EMAIL_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// Items that are looked up within one reading of the database.
const AT_ONCE: usize = 100;

impl Importer<'_> {
    /// Whether there is somebody to believe, a reason, and anybody to seal keys to: those. Asked before anything is shown.
    ///
    /// # Errors
    /// [`ImportError::NotPossible`] says what to do.
    pub async fn ready(&self) -> Result<SealingAgents, ImportError> {
        if self.reason.trim().is_empty() {
            return Err(ImportError::NotPossible(
                "an import needs a reason, such as a ticket; it is recorded in the audit log".to_owned(),
            ));
        }
        if self.authorities.is_empty() {
            return Err(ImportError::NotPossible(
                "name the authorities whose certificates are to be believed: without one nobody says whose a key is"
                    .to_owned(),
            ));
        }
        if let Some(other) = self.authorities.iter().find(|one| !crypto::path::may_issue(one)) {
            return Err(ImportError::NotPossible(format!(
                "`{}` is not the certificate of an authority; name the one that issued the people's certificates, or the \
                 root above it",
                other.subject()
            )));
        }
        self.custody.sealing().await.map_err(|error| {
            if let CustodyError::Store(error) = error {
                return ImportError::Store(error);
            }
            ImportError::NotPossible(error.to_string())
        })
    }

    /// Says for each item what will be done with it, and why not. Opens nothing.
    ///
    /// # Errors
    /// Only when the database or the agent's certificate cannot be read.
    pub async fn preview(&self, items: &[Item]) -> Result<Vec<Line>, ImportError> {
        let agent = self.agent.map(|agent| X509Certificate::from_der(agent.certificate_der())).transpose()?;
        let mut lines: Vec<Line> =
            items.iter().map(|item| look(item, agent.as_ref(), self.authorities)).collect();
        // Whatever is known of such a certificate, it is not believed.
        let doubted: Vec<bool> =
            lines.iter().map(|line| matches!(line.verdict, Verdict::Conflict(_))).collect();
        compare(&mut lines)?;
        let now = self.clock.now();
        for (some, doubted) in lines.chunks_mut(AT_ONCE).zip(doubted.chunks(AT_ONCE)) {
            let mut work = self.store.read().await?;
            let mut keys = Vec::new();
            for found in some.iter().filter_map(|line| line.found.as_ref()) {
                keys.push(found.certificate.spki_sha256()?);
            }
            let archived = work.archive().with_keys(&keys).await?;
            for (line, doubted) in some.iter_mut().zip(doubted) {
                let Some(found) = line.found.clone() else { continue };
                if is_over(&found, now) {
                    let ended = found.certificate.not_after().to_string();
                    line.notes.push(format!("ended on {}", ended.chars().take(10).collect::<String>()));
                }
                if !doubted {
                    self.decide(work.as_mut(), line, &found.certificate, &archived).await?;
                }
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
        archived: &[ArchivedKeyInfo],
    ) -> Result<(), ImportError> {
        let known = work.certificates().find_by_thumbprint(certificate.thumbprint()).await?;
        let owner = match owner::of(work, certificate).await? {
            Ok(owned) => {
                line.notes.extend(owned.notes);
                line.owner = Some(owned.owner.clone());
                Ok(owned.owner)
            }
            Err(verdict) => Err(verdict),
        };
        // What was found wrong about the item itself counts first, unless it does not matter any more.
        if known.is_none() && !line.verdict.is_wanted() {
            return Ok(());
        }
        let owner = match (owner, &known) {
            (Ok(owner), Some(known)) if known.subscriber != owner.id => {
                let earlier = name_of(work, known.subscriber).await?;
                line.verdict = Verdict::Conflict(format!(
                    "the certificate is known as that of {earlier}, and its names are those of {} by now",
                    printable(&owner.user_principal_name)
                ));
                return Ok(());
            }
            (Ok(owner), _) => owner,
            (Err(verdict), None) => {
                line.verdict = verdict;
                return Ok(());
            }
            (Err(verdict), Some(known)) => {
                let earlier = name_of(work, known.subscriber).await?;
                line.verdict = Verdict::Conflict(format!(
                    "the certificate is known as that of {earlier}, and that cannot be said of its names: {}",
                    verdict.why().unwrap_or_default()
                ));
                return Ok(());
            }
        };
        let same_key = others_with(work, certificate, known.as_ref(), archived).await?;
        if let Some((whose, _)) = same_key.iter().find(|(whose, _)| *whose != owner.id) {
            line.verdict = Verdict::Conflict(format!(
                "the same key is in the archive as that of {}",
                name_of(work, *whose).await?
            ));
            return Ok(());
        }
        line.verdict = match (known, same_key.first()) {
            (Some(known), _) => self.of_known(work, &known, &owner, certificate, &line.verdict).await?,
            (None, Some((_, other))) => {
                Verdict::Present(format!("its key is in the archive, with the certificate {other}"))
            }
            (None, None) => return Ok(()),
        };
        Ok(())
    }

    /// What is to be done about a certificate that is known, and known to be this owner's.
    async fn of_known(
        &self,
        work: &mut dyn Work,
        known: &Certificate,
        owner: &Owner,
        certificate: &X509Certificate,
        so_far: &Verdict,
    ) -> Result<Verdict, ImportError> {
        let conflict = |why: &str| Ok(Verdict::Conflict(why.to_owned()));
        // A thumbprint is an address; two certificates can be made to have the same.
        let stored = work.certificates().lookup_stored(known.id).await?;
        if stored.is_none_or(|stored| stored.der != certificate.der()) {
            return conflict("another certificate with the same thumbprint is known");
        }
        match work.archive().find(known.id).await? {
            None => {
                return conflict(
                    "the certificate is known, and its key is not in the archive: its template does not archive keys",
                );
            }
            Some(key) if key.spki_sha256 != certificate.spki_sha256()? => {
                return conflict(
                    "the certificate is known, and what is archived for it is another key; the database was altered",
                );
            }
            Some(_) => {}
        }
        let row = work.certificates().lookup(known.id).await?;
        let is_imported = row.is_some_and(|row| ImportOrigin::from_name(&row.authority_name).is_some());
        if self.hand_over.is_none() || !is_imported || !so_far.is_wanted() {
            return Ok(Verdict::Present("it is in the archive".to_owned()));
        }
        if !encrypts(certificate) {
            return Ok(Verdict::Present(
                "it is in the archive; it is for signatures only, and stays there".to_owned(),
            ));
        }
        if all_delivered(work, known.id, owner).await? {
            return Ok(Verdict::Present("it is in the archive and was handed over".to_owned()));
        }
        Ok(Verdict::HandOver(known.id))
    }
}

/// What can be said of an item by itself.
fn look(item: &Item, agent: Option<&X509Certificate>, authorities: &[X509Certificate]) -> Line {
    let line = |found, verdict, notes| Line {
        source: item.source.clone(),
        found,
        owner: None,
        verdict,
        notes,
        copy_of: None,
    };
    let material = match &item.material {
        Ok(material) => material,
        Err(why) => return line(None, Verdict::Unreadable(why.clone()), Vec::new()),
    };
    match material {
        Material::Pfx(file) => {
            let (found, doubt) = vouched(&file.certificate, &file.chain, authorities);
            let verdict = doubt.or_else(|| purpose(&found.certificate)).unwrap_or(Verdict::Import);
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
                    let names: Vec<String> = several.iter().take(10).map(|one| one.subject()).collect();
                    let why = format!("several certificates came with the key: {}", names.join("; "));
                    return line(None, Verdict::Conflict(why), notes);
                }
            };
            let envelope = blob.envelope();
            let sealed_to_agent = agent.is_some_and(|agent| envelope.recipient_for(agent).is_some());
            let (found, doubt) = vouched(&certificate, blob.certificates(), authorities);
            let verdict = match doubt.or_else(|| purpose(&certificate)) {
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
            line(Some(found), verdict, notes)
        }
    }
}

/// The certificate with those who issued it, and why it is not believed. That a key is the certificate's says nothing about
/// whose it is: anybody can write any name beside anybody's public key.
fn vouched(
    certificate: &X509Certificate,
    others: &[X509Certificate],
    authorities: &[X509Certificate],
) -> (Found, Option<Verdict>) {
    let (chain, doubt) = match crypto::path::to_anchor(certificate, others, authorities) {
        Ok(chain) => (chain, None),
        Err(error) => (Vec::new(), Some(Verdict::Conflict(error.to_string()))),
    };
    (Found { certificate: certificate.clone(), chain }, doubt)
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
    let mut first_with: BTreeMap<[u8; 32], (usize, String)> = BTreeMap::new();
    let mut by_key: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
    for (place, line) in lines.iter_mut().enumerate() {
        let Some(found) = line.found.as_ref().filter(|_| line.verdict.is_wanted()) else { continue };
        let digest = found.certificate.sha256();
        if let Some((first, other)) = first_with.get(&digest) {
            line.verdict = Verdict::Present(format!("the same certificate is in {other}"));
            line.copy_of = Some(*first);
            continue;
        }
        first_with.insert(digest, (place, line.source.clone()));
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

/// Whose archived keys are this certificate's key, too, and with which certificates; `known` itself left out.
async fn others_with(
    work: &mut dyn Work,
    certificate: &X509Certificate,
    known: Option<&Certificate>,
    archived: &[ArchivedKeyInfo],
) -> Result<Vec<(SubscriberId, String)>, ImportError> {
    let spki = certificate.spki_sha256()?;
    let mut found = Vec::new();
    for key in archived.iter().filter(|key| key.spki_sha256 == spki) {
        if key.certificate.is_some() && key.certificate == known.map(|known| known.id) {
            continue;
        }
        let Some(enrollment) = work.enrollments().lookup(key.enrollment).await? else { continue };
        let name = match key.certificate {
            Some(id) => {
                work.certificates().lookup(id).await?.map(|row| row.certificate.thumbprint.to_string())
            }
            None => None,
        };
        found.push((enrollment.subscriber, name.unwrap_or_else(|| "that was ordered for it".to_owned())));
    }
    Ok(found)
}

/// How people know a subscriber.
async fn name_of(work: &mut dyn Work, id: SubscriberId) -> Result<String, ImportError> {
    let found = work.subscribers().lookup(id).await?;
    Ok(found.map_or_else(|| id.to_string(), |found| printable(&found.user_principal_name)))
}

/// Whether everybody who is to have the key has it.
async fn all_delivered(work: &mut dyn Work, id: CertificateId, owner: &Owner) -> Result<bool, ImportError> {
    let deliveries = work.deliveries().list(id).await?;
    let present =
        |person| deliveries.iter().any(|one| one.person == person && one.state == DeliveryState::Present);
    if !owner.is_mailbox {
        return Ok(present(owner.id));
    }
    let holders = work.subscribers().holders(owner.id).await?;
    Ok(holders.iter().all(|holder| present(holder.person)))
}
