//! Brings single entries and whole groups of the snapshot up to date.

use std::collections::HashSet;

use model::{GroupId, MailboxHolder, Subscriber, SubscriberId, SubscriberKind};
use ports::{DirectoryError, ObservedUser};
use store::{StoreError, SyncCursor, Work};

use crate::{ObserveError, Observed, Observer, Watch};

impl Observer {
    /// Enumerates one enrollment group, unless the directory does not know it: one wrong or deleted group must not stop
    /// the others.
    pub(crate) async fn refresh_known_group(
        &self,
        group: GroupId,
        observed: &mut Observed,
    ) -> Result<(), ObserveError> {
        match self.refresh_group(group, observed).await {
            Err(ObserveError::Directory(DirectoryError::NotFound { .. })) => {
                observed.unknown.push(group);
                Ok(())
            }
            other => other,
        }
    }

    /// Enumerates one enrollment group and stores its members.
    pub(crate) async fn refresh_group(
        &self,
        group: GroupId,
        observed: &mut Observed,
    ) -> Result<(), ObserveError> {
        let mut seen: HashSet<SubscriberId> = HashSet::new();
        let mut next: Option<String> = None;
        loop {
            let page = self.directory.members(group, next.as_deref()).await?;
            let mut kinds = Vec::with_capacity(page.users.len());
            for user in &page.users {
                kinds.push(self.kind_of(user).await?);
            }
            observed.changed += store::in_unit!(self.store, work => {
                self.hold(work.as_mut()).await?;
                let mut changed = 0;
                for (user, kind) in page.users.iter().zip(&kinds) {
                    let differs = self.store_user(work.as_mut(), user, *kind, Some(group)).await?;
                    changed += u64::from(differs);
                }
                changed
            })?;
            seen.extend(page.users.iter().map(|user| user.id));
            match page.next {
                Some(link) => next = Some(link),
                None => break,
            }
        }
        let now = self.clock.now();
        observed.left += store::in_unit!(self.store, work => {
            self.hold(work.as_mut()).await?;
            let mut left = 0;
            for member in work.subscribers().members(group).await? {
                if !seen.contains(&member) {
                    work.subscribers().mark_left(member, group, now).await?;
                    left += 1;
                }
            }
            left
        })?;
        Ok(())
    }

    /// Stores one user that is in the snapshot already; `false` when nothing differs.
    pub(crate) async fn refresh_user(&self, id: SubscriberId) -> Result<bool, ObserveError> {
        match self.directory.user(id).await? {
            Some(user) => {
                let kind = self.kind_of(&user).await?;
                Ok(store::in_unit!(self.store, work => {
                    self.hold(work.as_mut()).await?;
                    self.store_user(work.as_mut(), &user, kind, None).await?
                })?)
            }
            None => {
                store::in_unit!(self.store, work => {
                    self.hold(work.as_mut()).await?;
                    work.subscribers().mark_gone(id, self.clock.now()).await?;
                })?;
                Ok(true)
            }
        }
    }

    /// Reads who may use each configured mailbox.
    pub(crate) async fn refresh_holders(
        &self,
        watch: &Watch,
        observed: &mut Observed,
    ) -> Result<(), ObserveError> {
        'mailboxes: for (address, group) in &watch.holders {
            let started = self.clock.now();
            let mut people = Vec::new();
            let mut next: Option<String> = None;
            loop {
                let page = match self.directory.members(*group, next.as_deref()).await {
                    Ok(page) => page,
                    Err(DirectoryError::NotFound { .. }) => {
                        observed.unknown.push(*group);
                        continue 'mailboxes;
                    }
                    Err(error) => return Err(error.into()),
                };
                people.extend(page.users);
                match page.next {
                    Some(link) => next = Some(link),
                    None => break,
                }
            }
            store::in_unit!(self.store, work => {
                self.hold(work.as_mut()).await?;
                let mailboxes = work.subscribers().find_by_name(address).await?;
                for mailbox in mailboxes.iter().filter(|found| found.kind == SubscriberKind::SharedMailbox) {
                    work.subscribers().set_holders(mailbox.id, &holders_of(mailbox.id, &people)).await?;
                    let read = SyncCursor {
                        resource: SyncCursor::people_of(mailbox.id),
                        delta_link: String::new(),
                        full_at: started,
                        read_at: started,
                    };
                    work.subscribers().set_cursor(&read).await?;
                    // What the mail service told of it before counts no more.
                    work.subscribers().drop_cursor(&SyncCursor::sure_of(mailbox.id)).await?;
                }
            })?;
        }
        Ok(())
    }

    /// Person or shared mailbox. Only accounts that cannot sign in can be mailboxes, so only they cost a request, and
    /// only while they are not known as such.
    async fn kind_of(&self, user: &ObservedUser) -> Result<SubscriberKind, ObserveError> {
        if user.enabled != Some(false) {
            return Ok(SubscriberKind::Person);
        }
        let known = self.store.read().await?.subscribers().lookup(user.id).await?;
        match known {
            Some(found) if !found.enabled => Ok(found.kind),
            Some(_) | None => Ok(self.directory.kind(user.id).await?),
        }
    }

    async fn store_user(
        &self,
        work: &mut dyn Work,
        user: &ObservedUser,
        kind: SubscriberKind,
        group: Option<GroupId>,
    ) -> Result<bool, StoreError> {
        let known = work.subscribers().lookup(user.id).await?;
        let mut groups = known.as_ref().map(|found| found.groups.clone()).unwrap_or_default();
        if let Some(group) = group
            && !groups.contains(&group)
        {
            groups.push(group);
            groups.sort_unstable();
        }
        let subscriber = Subscriber {
            id: user.id,
            kind,
            user_principal_name: user.user_principal_name.clone(),
            mail: user.mail.clone(),
            aliases: user.aliases.clone(),
            display_name: user.display_name.clone(),
            given_name: user.given_name.clone(),
            surname: user.surname.clone(),
            enabled: user.enabled.unwrap_or_else(|| known.as_ref().is_none_or(|found| found.enabled)),
            on_premises_sid: user.on_premises_sid.clone(),
            gone_at: if groups.is_empty() { known.as_ref().and_then(|found| found.gone_at) } else { None },
            groups,
            seen_at: self.clock.now(),
        };
        work.subscribers().set(&subscriber).await
    }
}

/// The people of a mailbox's group who may use it: not the mailbox itself, and nobody who is blocked.
pub(crate) fn holders_of(mailbox: SubscriberId, people: &[ObservedUser]) -> Vec<MailboxHolder> {
    let mut holders: Vec<MailboxHolder> = people
        .iter()
        .filter(|person| person.id != mailbox && person.enabled != Some(false))
        .map(|person| MailboxHolder {
            mailbox,
            person: person.id,
            user_principal_name: person.user_principal_name.clone(),
        })
        .collect();
    holders.sort_by(|a, b| a.user_principal_name.cmp(&b.user_principal_name));
    holders
}
