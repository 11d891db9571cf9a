//! Reads who may use shared mailboxes from the service that keeps them.
//!
//! Keys follow from what is stored here, and doubt costs twice: nobody gets a new key whom a reading does not name for sure,
//! and nobody is taken to have lost access before one without a doubt says so. A name that cannot be told whom it means gives
//! nobody a key. Where it might take one away, where nobody at all is named, or where nothing could be read for a day, no new
//! key is made for the mailbox. What was in doubt is said.

use std::collections::{BTreeMap, BTreeSet};

use model::{Span, Subscriber, SubscriberId, SubscriberKind, Timestamp};
use ports::{
    Called, DirectoryError, MailboxDirectory, MailboxError, MailboxGrant, MailboxRight, ObservedUser,
    SharedMailbox, chain,
};
use store::{StoreError, SyncCursor};

use crate::refresh::holders_of;
use crate::{ObserveError, Observed, Observer};

/// How mailboxes are read.
#[derive(Clone)]
pub struct MailboxReading {
    /// The door.
    pub door: std::sync::Arc<dyn MailboxDirectory>,
    /// Who has one of these rights gets the key.
    pub rights: Vec<MailboxRight>,
    /// Addresses of the mailboxes that are read; none for all that are in enrollment groups.
    pub named: Vec<String>,
    /// Time between readings.
    pub every: Span,
}

/// Whom a name means.
enum Trustee {
    People(Vec<ObservedUser>),
    /// Nobody any more.
    Gone,
    /// It cannot be told; why.
    Unclear(String),
}

/// Why a reading of mailboxes went no further.
enum Stopped {
    Mailboxes(MailboxError),
    Directory(DirectoryError),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Observer {
    /// Reads the people of mailboxes, when that is due or everything is read anyway. What goes wrong is said in
    /// `observed`; only a failure of the database ends the reading.
    pub(crate) async fn read_mailboxes(&self, observed: &mut Observed) -> Result<(), ObserveError> {
        let started = self.clock.now();
        let known = self.store.read().await?.subscribers().cursor(SyncCursor::MAILBOXES).await?;
        let Some(reading) = &self.mailboxes else {
            // Groups say it again.
            if known.is_some() {
                store::in_unit!(self.store, work => {
                    self.hold(work.as_mut()).await?;
                    work.subscribers().drop_cursor(SyncCursor::MAILBOXES).await?;
                })?;
            }
            return Ok(());
        };
        let asked = |delta_link: String, at| SyncCursor {
            resource: SyncCursor::MAILBOXES.to_owned(),
            delta_link,
            full_at: at,
            read_at: at,
        };
        if known.is_none() {
            // From now on nobody is sure whom the service has not named.
            store::in_unit!(self.store, work => {
                self.hold(work.as_mut()).await?;
                work.subscribers().set_cursor(&asked(String::new(), Timestamp::from_seconds(0))).await?;
            })?;
        }
        if let Some(known) =
            known.filter(|known| (started - reading.every..=started).contains(&known.read_at))
            && !observed.full
        {
            // What was in doubt then is in doubt until it is read again.
            observed.mailboxes.extend(known.delta_link.lines().map(str::to_owned));
            return Ok(());
        }
        match self.read_all(reading, started, observed).await {
            Ok(()) => {
                let cursor = asked(observed.mailboxes.join("\n"), started);
                store::in_unit!(self.store, work => {
                    self.hold(work.as_mut()).await?;
                    work.subscribers().set_cursor(&cursor).await?;
                })?;
                Ok(())
            }
            Err(Stopped::Store(error)) => Err(error.into()),
            Err(Stopped::Mailboxes(error)) => {
                observed.mailboxes.push(chain(&error));
                Ok(())
            }
            Err(Stopped::Directory(error)) => {
                observed
                    .mailboxes
                    .push(format!("who may use mailboxes could not be read: {}", chain(&error)));
                Ok(())
            }
        }
    }

    async fn read_all(
        &self,
        reading: &MailboxReading,
        started: Timestamp,
        observed: &mut Observed,
    ) -> Result<(), Stopped> {
        let told = reading.door.shared_mailboxes().await.map_err(Stopped::Mailboxes)?;
        let wanted = self.enrolled(reading, &told, observed).await?;
        let mut trustees = BTreeMap::new();
        for (mailbox, subscriber) in &wanted {
            // Who may not open it is asked also where another right gives the key.
            let mut rights = reading.rights.clone();
            rights.push(MailboxRight::FullAccess);
            match reading.door.grants(mailbox, &rights).await {
                Ok(grants) => {
                    let told = (*mailbox, subscriber, grants.as_slice());
                    self.read_people(reading, told, &mut trustees, started, observed).await?;
                }
                // This one is in doubt; the others are not.
                Err(error @ (MailboxError::NotFound { .. } | MailboxError::Garbled { .. })) => {
                    observed.mailboxes.push(chain(&error));
                }
                Err(error) => return Err(Stopped::Mailboxes(error)),
            }
        }
        Ok(())
    }

    /// Those of the mailboxes that can get a certificate, with what is known of each.
    async fn enrolled<'a>(
        &self,
        reading: &MailboxReading,
        told: &'a [SharedMailbox],
        observed: &mut Observed,
    ) -> Result<Vec<(&'a SharedMailbox, Subscriber)>, StoreError> {
        let mut work = self.store.read().await?;
        let mut wanted = Vec::new();
        let is_called = |mailbox: &SharedMailbox, name: &str| {
            mailbox.names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        for mailbox in told {
            if !reading.named.is_empty() && !reading.named.iter().any(|name| is_called(mailbox, name)) {
                continue;
            }
            let found = work.subscribers().lookup(mailbox.id).await?;
            if let Some(found) = found
                && found.kind == SubscriberKind::SharedMailbox
                && found.gone_at.is_none()
            {
                wanted.push((mailbox, found));
            }
        }
        for name in &reading.named {
            if !told.iter().any(|mailbox| is_called(mailbox, name)) {
                observed.mailboxes.push(format!(
                    "Exchange has no shared mailbox {name}, which [exchange] mailboxes names; its people stay as they were"
                ));
            }
        }
        let (_, enrolled) = work.subscribers().count().await?;
        let read = wanted.len() as u64;
        if reading.named.is_empty() && read < enrolled {
            observed.mailboxes.push(format!(
                "Exchange lists {read} of the {enrolled} shared mailboxes in enrollment groups; the people of the others stay as \
                 they were"
            ));
        }
        Ok(wanted)
    }

    async fn read_people(
        &self,
        reading: &MailboxReading,
        (mailbox, subscriber, grants): (&SharedMailbox, &Subscriber, &[MailboxGrant]),
        trustees: &mut BTreeMap<String, Trustee>,
        started: Timestamp,
        observed: &mut Observed,
    ) -> Result<(), Stopped> {
        let mut given: BTreeMap<SubscriberId, ObservedUser> = BTreeMap::new();
        let mut denied = BTreeSet::new();
        let mut unclear: Vec<String> = Vec::new();
        let mut is_denial_unclear = false;
        // Whoever may not open the mailbox gets no key to its mail, whatever else they may.
        for right in [MailboxRight::SendAs, MailboxRight::FullAccess] {
            denied.clear();
            let counts = reading.rights.contains(&right);
            for grant in grants.iter().filter(|grant| grant.right == right && (counts || grant.is_denied)) {
                if !trustees.contains_key(&grant.trustee) {
                    let found = self.whom(&grant.trustee).await.map_err(Stopped::Directory)?;
                    trustees.insert(grant.trustee.clone(), found);
                }
                match (trustees.get(&grant.trustee), grant.is_denied) {
                    (Some(Trustee::People(found)), false) => {
                        given.extend(found.iter().map(|person| (person.id, person.clone())));
                    }
                    (Some(Trustee::People(found)), true) => {
                        denied.extend(found.iter().map(|person| person.id));
                    }
                    (Some(Trustee::Unclear(why)), is_denied) => {
                        is_denial_unclear |= is_denied;
                        unclear.push(format!("`{}` ({why})", model::text::printable(&grant.trustee)));
                    }
                    (Some(Trustee::Gone) | None, _) => {}
                }
            }
            given.retain(|person, _| !denied.contains(person));
        }
        let given: Vec<ObservedUser> = given.into_values().collect();
        let told = holders_of(subscriber.id, &given);
        let known = self.store.read().await?.subscribers().holders(subscriber.id).await?;
        let names_nobody = told.is_empty() && !known.is_empty() && unclear.is_empty();
        if names_nobody {
            observed.mailboxes.push(format!(
                "Exchange names nobody who may use {}, where {} could before; nobody is taken to have lost access, and nobody gets a \
                 new key. If it is right, take the mailbox out of the enrollment groups",
                mailbox.address,
                known.len()
            ));
        } else if !unclear.is_empty() {
            observed.mailboxes.push(format!(
                "whom {} mean{} at the mailbox {} is not known; until then {}",
                unclear.join(", "),
                if unclear.len() == 1 { "s" } else { "" },
                mailbox.address,
                if is_denial_unclear {
                    "nobody gets a new key, and nobody is taken to have lost access"
                } else {
                    "nobody gets a new key by that, and nobody is taken to have lost access"
                }
            ));
        }
        let at =
            |resource, full_at| SyncCursor { resource, delta_link: String::new(), full_at, read_at: started };
        let is_sure = !is_denial_unclear && !names_nobody;
        // Of whom the service names nobody for sure, those who were known stay, for people to see; no key goes to them.
        let holders = if is_sure {
            told
        } else {
            known.into_iter().filter(|one| !denied.contains(&one.person)).collect()
        };
        let sure_at = if is_sure { started } else { Timestamp::from_seconds(0) };
        store::in_unit!(self.store, work => {
            self.hold(work.as_mut()).await?;
            work.subscribers().set_holders(subscriber.id, &holders).await?;
            work.subscribers().set_cursor(&at(SyncCursor::sure_of(subscriber.id), sure_at)).await?;
            // Only a reading without a doubt confirms that somebody lost access.
            if is_sure && unclear.is_empty() {
                work.subscribers().set_cursor(&at(SyncCursor::people_of(subscriber.id), started)).await?;
            }
        })?;
        Ok(())
    }

    /// The people whom a name means, those of a group included.
    async fn whom(&self, name: &str) -> Result<Trustee, DirectoryError> {
        match self.directory.called(name).await? {
            Called::User(user) => Ok(Trustee::People(vec![*user])),
            Called::Gone => Ok(Trustee::Gone),
            Called::Unclear(why) => Ok(Trustee::Unclear(why)),
            Called::Group(group) => {
                let mut people = Vec::new();
                let mut next: Option<String> = None;
                loop {
                    let page = self.directory.members(group, next.as_deref()).await?;
                    people.extend(page.users);
                    match page.next {
                        Some(link) => next = Some(link),
                        None => return Ok(Trustee::People(people)),
                    }
                }
            }
        }
    }
}
