//! Which certificates a campaign is about, and what would become of them: the simulated plan.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Certificate, CertificateId, CertificateState, Cost, ImportOrigin, Prices, Selection, SerialNumber,
    SubscriberId, SubscriberKind, TemplateId, Timestamp,
};
use store::{
    CertificateFilter, CertificateOrder, CertificateRow, PageRequest, PlanningRow, Store, StoreError, Work,
};

use super::way::{Affected, Recipes, Way, way};

/// Certificates that are looked at together.
const PAGE: u32 = 200;

/// A selection, ready to be asked about many certificates.
pub(super) struct Chosen<'a> {
    selection: &'a Selection,
    serials: BTreeSet<&'a SerialNumber>,
    now: Timestamp,
}

impl<'a> Chosen<'a> {
    pub(super) fn new(selection: &'a Selection, now: Timestamp) -> Self {
        Self { selection, serials: selection.serials.iter().collect(), now }
    }

    pub(super) fn has(&self, certificate: &Certificate) -> bool {
        self.why_not(certificate).is_none()
            && (self.serials.is_empty() || self.serials.contains(&certificate.serial))
    }

    /// Which condition a certificate does not fulfil, its serial number aside.
    fn why_not(&self, certificate: &Certificate) -> Option<&'static str> {
        let wanted = self.selection;
        match certificate.state {
            CertificateState::Revoked => return Some("it is revoked already"),
            CertificateState::Revoking => return Some("its revocation is ordered already"),
            CertificateState::Superseded if !wanted.superseded => {
                return Some("a newer certificate took its place already (--superseded takes it in)");
            }
            CertificateState::Superseded | CertificateState::Valid | CertificateState::Held => {}
        }
        if certificate.not_after <= self.now {
            return Some("it has ended by itself");
        }
        if wanted.authority.is_some_and(|id| id != certificate.authority) {
            return Some("another authority issued it");
        }
        if wanted.template.is_some_and(|id| id != certificate.template) {
            return Some("it came by another template");
        }
        let at = certificate.not_before;
        let is_outside = wanted.issued_from.is_some_and(|from| at < from)
            || wanted.issued_until.is_some_and(|until| at >= until);
        is_outside.then_some("it was issued at another time")
    }
}

/// A pasted serial number that is not in the campaign, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The number.
    pub serial: SerialNumber,
    /// Why.
    pub why: &'static str,
}

/// Walks over what is selected, a page at a time.
pub(super) struct Walk<'a> {
    chosen: Chosen<'a>,
    after: Option<String>,
    place: usize,
    ended: bool,
    /// Serial numbers that led to nothing, so far.
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(selection: &'a Selection, now: Timestamp) -> Self {
        Self {
            chosen: Chosen::new(selection, now),
            after: None,
            place: 0,
            ended: false,
            left_out: Vec::new(),
        }
    }

    pub(super) const fn chosen(&self) -> &Chosen<'a> {
        &self.chosen
    }

    /// The next certificates, `None` behind the last. A page may be empty.
    pub(super) async fn next(
        &mut self,
        work: &mut dyn Work,
    ) -> Result<Option<Vec<CertificateRow>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        if self.chosen.selection.serials.is_empty() {
            self.next_listed(work).await
        } else {
            self.next_pasted(work).await
        }
    }

    async fn next_listed(&mut self, work: &mut dyn Work) -> Result<Option<Vec<CertificateRow>>, StoreError> {
        let selection = self.chosen.selection;
        // What is on hold is told as hindered, and not left out without a word.
        let mut states = vec![CertificateState::Valid, CertificateState::Held];
        if selection.superseded {
            states.push(CertificateState::Superseded);
        }
        let filter = CertificateFilter {
            states,
            authority: selection.authority,
            template: selection.template,
            expires_from: Some(self.chosen.now),
            ..CertificateFilter::default()
        };
        let request = PageRequest { after: self.after.take(), limit: PAGE };
        let page = work.certificates().list(&filter, CertificateOrder::Newest, &request).await?;
        self.ended = page.next.is_none();
        self.after = page.next;
        let mut rows = page.rows;
        rows.retain(|row| self.chosen.has(&row.certificate));
        Ok(Some(rows))
    }

    async fn next_pasted(&mut self, work: &mut dyn Work) -> Result<Option<Vec<CertificateRow>>, StoreError> {
        let all = &self.chosen.selection.serials;
        let until = (self.place + PAGE as usize).min(all.len());
        let mut rows = Vec::new();
        for serial in &all[self.place..until] {
            let found = work.certificates().find_by_serial(serial).await?;
            let mut why = "no certificate here has this serial number";
            let mut is_in = false;
            for certificate in found {
                match self.chosen.why_not(&certificate) {
                    Some(reason) => why = reason,
                    None => {
                        is_in = true;
                        rows.extend(work.certificates().lookup(certificate.id).await?);
                    }
                }
            }
            if !is_in {
                self.left_out.push(LeftOut { serial: serial.clone(), why });
            }
        }
        self.place = until;
        self.ended = until == all.len();
        Ok(Some(rows))
    }
}

/// The owners of a page of certificates.
pub(super) async fn owners(
    work: &mut dyn Work,
    rows: &[CertificateRow],
) -> Result<BTreeMap<SubscriberId, PlanningRow>, StoreError> {
    let ids: BTreeSet<SubscriberId> = rows.iter().map(|row| row.certificate.subscriber).collect();
    let ids: Vec<SubscriberId> = ids.into_iter().collect();
    let found = work.subscribers().planning(&ids).await?;
    Ok(found.into_iter().map(|row| (row.subscriber.id, row)).collect())
}

/// Decides about one certificate out of a list.
pub(super) async fn way_of(
    work: &mut dyn Work,
    affected: Affected<'_>,
    recipes: &Recipes,
    owners: &BTreeMap<SubscriberId, PlanningRow>,
    row: &CertificateRow,
    now: Timestamp,
) -> Result<Way, StoreError> {
    if let Some(origin) = ImportOrigin::from_name(&row.authority_name) {
        return Ok(Way::Cannot(format!(
            "it was {}; the authority that issued it replaces and revokes it",
            origin.phrase()
        )));
    }
    let Some(owner) = owners.get(&row.certificate.subscriber) else {
        return Ok(Way::Cannot("its owner is no longer known".to_owned()));
    };
    way(work, affected, recipes, owner, &row.certificate, now).await
}

/// A certificate that cannot be replaced, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hindrance {
    /// Our id.
    pub certificate: CertificateId,
    /// Its serial number.
    pub serial: SerialNumber,
    /// Its mail address or sign-in name.
    pub mail: String,
    /// What stands in the way, and what would help.
    pub why: String,
}

/// What a campaign would do. Nothing of it was done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preview {
    /// Certificates that are selected.
    pub selected: u64,
    /// Their owners who are people.
    pub people: u64,
    /// Their owners that are shared mailboxes.
    pub mailboxes: u64,
    /// Successors that would be ordered.
    pub orders: u64,
    /// Certificates whose successor is on its way or there already.
    pub adopted: u64,
    /// Certificates that wait for something before they can be ordered.
    pub waiting: u64,
    /// Certificates that cannot be replaced.
    pub hindered: u64,
    /// The first of them.
    pub hindrances: Vec<Hindrance>,
    /// Certificates whose key is not in the archive: what was encrypted to them stays readable on their owners' devices alone.
    pub not_archived: u64,
    /// What the orders cost.
    pub cost: Cost,
    /// From which authority how many are ordered.
    pub by_authority: BTreeMap<String, u64>,
    /// How many of them are ordered again from the authority that issued the old one.
    pub from_the_same: u64,
    /// Pasted serial numbers that lead to nothing.
    pub left_out: Vec<LeftOut>,
}

/// Looks at everything that is selected. Changes nothing and waits for nobody.
///
/// # Errors
/// When the database cannot be read.
pub async fn preview(
    store: &dyn Store,
    selection: &Selection,
    to_template: Option<TemplateId>,
    prices: &Prices,
    told: usize,
    now: Timestamp,
) -> Result<Preview, StoreError> {
    let mut preview = Preview::default();
    let mut work = store.read().await?;
    let work = work.as_mut();
    let recipes = Recipes::load(work, to_template).await?;
    let mut walk = Walk::new(selection, now);
    let mut seen: BTreeSet<SubscriberId> = BTreeSet::new();
    while let Some(rows) = walk.next(work).await? {
        let owners = owners(work, &rows).await?;
        for row in &rows {
            let certificate = &row.certificate;
            preview.selected += 1;
            preview.not_archived += u64::from(!certificate.archived);
            if let Some(owner) = owners.get(&certificate.subscriber)
                && seen.insert(certificate.subscriber)
            {
                match owner.subscriber.kind {
                    SubscriberKind::Person => preview.people += 1,
                    SubscriberKind::SharedMailbox => preview.mailboxes += 1,
                }
            }
            let affected = Affected::Chosen(walk.chosen());
            match way_of(work, affected, &recipes, &owners, row, now).await? {
                Way::Order(intent, authority) => {
                    preview.orders += 1;
                    preview.from_the_same += u64::from(authority == certificate.authority);
                    if let Some((template, _)) = recipes.of(certificate) {
                        preview.cost.add(prices.of(&intent.template_name, &template.authority), 1);
                        *preview.by_authority.entry(template.authority.clone()).or_default() += 1;
                    }
                }
                Way::Adopt(_) => preview.adopted += 1,
                Way::Wait(_) => preview.waiting += 1,
                Way::Cannot(why) => {
                    preview.hindered += 1;
                    if preview.hindrances.len() < told {
                        let (serial, mail) = (certificate.serial.clone(), certificate.mail.clone());
                        preview.hindrances.push(Hindrance { certificate: certificate.id, serial, mail, why });
                    }
                }
            }
        }
    }
    preview.left_out = walk.left_out;
    Ok(preview)
}
