//! The snapshot of the directory. Every real change sets `due`, so that planning costs as much as there were changes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{GroupId, MailboxHolder, Skip, Subscriber, SubscriberId, SubscriberKind, Timestamp};
use store::{
    EndingsDue, Page, PageRequest, PlanningRow, StoreError, SubscriberFilter, SubscriberRepository,
    SubscriberSummary, SyncCursor,
};

use crate::codes::Coded;
use crate::columns::{Columns, Row, json};
use crate::dialect::places;
use crate::session::Session;
use crate::value::{Value, args};

impl Session {
    /// Subscribers by id, in that order; unknown ids are left out.
    pub(crate) async fn load_subscribers(
        &mut self,
        ids: &[SubscriberId],
    ) -> Result<Vec<Subscriber>, StoreError> {
        let Some(list) = InList::of(ids) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT id, kind, upn, mail, aliases, display_name, given_name, surname, enabled, sid, seen_at, gone_at \
             FROM subscriber WHERE id IN {}",
            list.places
        );
        let rows = self.select("reading subscribers", sql, list.values.clone()).await?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let subscriber = read(row)?;
            found.insert(subscriber.id, subscriber);
        }
        let sql = format!(
            "SELECT subscriber, group_id FROM membership WHERE subscriber IN {} ORDER BY subscriber, group_id",
            list.places
        );
        for row in &self.select("reading memberships", sql, list.values).await? {
            let mut columns = Columns::new("membership", row);
            let (member, group): (SubscriberId, GroupId) = (columns.id()?, columns.id()?);
            if let Some(subscriber) = found.get_mut(&member) {
                subscriber.groups.push(group);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn load_subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        Ok(self.load_subscribers(&[id]).await?.pop())
    }

    async fn add_subscriber(&mut self, new: &Subscriber) -> Result<(), StoreError> {
        let mut args = args![new.id];
        args.extend(attributes(new)?);
        self.insert(
            "a subscriber with this id",
            "INSERT INTO subscriber (id, kind, upn, mail, aliases, display_name, given_name, surname, enabled, sid, \
             seen_at, gone_at, sort_lc, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            args,
        )
        .await
    }

    async fn change_subscriber(&mut self, new: &Subscriber) -> Result<(), StoreError> {
        let mut args = attributes(new)?;
        args.push(new.id.into());
        self.run(
            "writing a subscriber",
            "UPDATE subscriber SET kind = ?, upn = ?, mail = ?, aliases = ?, display_name = ?, given_name = ?, \
             surname = ?, enabled = ?, sid = ?, seen_at = ?, gone_at = ?, sort_lc = ?, due = 1 WHERE id = ?",
            args,
        )
        .await?;
        Ok(())
    }

    async fn replace_names(&mut self, new: &Subscriber) -> Result<(), StoreError> {
        let old = "DELETE FROM subscriber_name WHERE subscriber = ?";
        self.run("writing names", old, args![new.id]).await?;
        let own = [Some(&new.user_principal_name), new.mail.as_ref()].into_iter().flatten();
        let mut names: Vec<String> = own.chain(&new.aliases).map(|name| name.trim().to_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let sql = "INSERT INTO subscriber_name (name_lc, subscriber) VALUES (?, ?)";
            self.insert("a name of this subscriber", sql, args![name, new.id]).await?;
        }
        Ok(())
    }

    async fn replace_groups(&mut self, new: &Subscriber) -> Result<(), StoreError> {
        let old = "DELETE FROM membership WHERE subscriber = ?";
        self.run("writing memberships", old, args![new.id]).await?;
        for group in sorted(&new.groups) {
            let sql = "INSERT INTO membership (subscriber, group_id) VALUES (?, ?)";
            self.insert("a membership of this subscriber", sql, args![new.id, group]).await?;
        }
        Ok(())
    }

    /// Something about the subscriber changed that the plan must look at.
    pub(crate) async fn mark_due(&mut self, id: SubscriberId) -> Result<(), StoreError> {
        // Beside others, the row is locked even if it is due already: a plan that is just looking at it, and will unmark
        // it, may not have seen what this unit of work changes.
        if self.may_be_clustered() {
            let sql = "UPDATE subscriber SET due = 0 WHERE id = ? AND due = 1";
            self.run("marking a subscriber due", sql, args![id]).await?;
        }
        let sql = if self.shares_writing() {
            "UPDATE subscriber SET due = 1 WHERE id = ?"
        } else {
            "UPDATE subscriber SET due = 1 WHERE id = ? AND due = 0"
        };
        self.run("marking a subscriber due", sql, args![id]).await?;
        Ok(())
    }
}

/// Most ids of one question; SQL Server takes 2100 values, SQLite 32766.
pub(crate) const ASKED_AT_ONCE: usize = 2_048;

/// An `IN` list. Its length is rounded up by repeating the last value, so that few different statements arise and the
/// driver's cache of prepared ones keeps them all.
pub(crate) struct InList {
    pub(crate) places: String,
    pub(crate) values: Vec<Value>,
}

impl InList {
    /// `None` for an empty list, which SQL cannot express.
    pub(crate) fn of<T: Copy + Into<Value>>(items: &[T]) -> Option<Self> {
        let last = *items.last()?;
        let count = items.len().next_power_of_two();
        let padded = items.iter().copied().chain(std::iter::repeat(last)).take(count);
        Some(Self { places: places(count), values: padded.map(Into::into).collect() })
    }
}

fn read(row: &Row) -> Result<Subscriber, StoreError> {
    let mut columns = Columns::new("subscriber", row);
    Ok(Subscriber {
        id: columns.id()?,
        kind: columns.coded()?,
        user_principal_name: columns.text()?,
        mail: columns.opt_text()?,
        aliases: columns.json()?,
        display_name: columns.opt_text()?,
        given_name: columns.opt_text()?,
        surname: columns.opt_text()?,
        enabled: columns.flag()?,
        on_premises_sid: columns.opt_text()?,
        groups: Vec::new(),
        seen_at: columns.time()?,
        gone_at: columns.opt_time()?,
    })
}

/// All columns but the id, in the order in which both statements name them.
fn attributes(new: &Subscriber) -> Result<Vec<Value>, StoreError> {
    let shown = new.display_name.as_deref().filter(|name| !name.trim().is_empty());
    let sort = shown.unwrap_or(&new.user_principal_name).trim().to_lowercase();
    Ok(args![
        new.kind.code(),
        &new.user_principal_name,
        new.mail.as_deref(),
        json("subscriber", &new.aliases)?,
        new.display_name.as_deref(),
        new.given_name.as_deref(),
        new.surname.as_deref(),
        new.enabled,
        new.on_premises_sid.as_deref(),
        new.seen_at,
        new.gone_at,
        sort,
    ])
}

fn sorted<T: Clone + Ord>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items
}

/// Whether two observations say the same. The moment of observation and the order of lists tell nothing.
fn says_the_same(known: &Subscriber, new: &Subscriber) -> bool {
    let comparable = |subscriber: &Subscriber| Subscriber {
        aliases: sorted(&subscriber.aliases),
        groups: sorted(&subscriber.groups),
        seen_at: Timestamp::default(),
        ..subscriber.clone()
    };
    comparable(known) == comparable(new)
}

#[async_trait]
impl SubscriberRepository for Session {
    async fn set(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError> {
        match self.load_subscriber(subscriber.id).await? {
            Some(known) if says_the_same(&known, subscriber) => {
                let sql = "UPDATE subscriber SET seen_at = ? WHERE id = ?";
                self.run("writing a subscriber", sql, args![subscriber.seen_at, subscriber.id]).await?;
                return Ok(false);
            }
            Some(_) => self.change_subscriber(subscriber).await?,
            None => self.add_subscriber(subscriber).await?,
        }
        self.replace_names(subscriber).await?;
        self.replace_groups(subscriber).await?;
        Ok(true)
    }

    async fn lookup(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        self.load_subscriber(id).await
    }

    async fn known(&mut self, ids: &[SubscriberId]) -> Result<Vec<SubscriberId>, StoreError> {
        let mut known = Vec::new();
        for some in sorted(ids).chunks(ASKED_AT_ONCE) {
            let Some(list) = InList::of(some) else { continue };
            let sql = format!(
                "SELECT id FROM subscriber WHERE id IN {} AND gone_at IS NULL ORDER BY id",
                list.places
            );
            let rows = self.select("looking for subscribers", sql, list.values).await?;
            known.extend(self::ids::<SubscriberId>(&rows)?);
        }
        Ok(known)
    }

    async fn find_by_name(&mut self, name: &str) -> Result<Vec<Subscriber>, StoreError> {
        let sql = "SELECT subscriber FROM subscriber_name WHERE name_lc = ? ORDER BY subscriber";
        let rows = self.select("finding a subscriber", sql, args![name.trim().to_lowercase()]).await?;
        let ids: Vec<SubscriberId> = ids(&rows)?;
        self.load_subscribers(&ids).await
    }

    async fn members(&mut self, group: GroupId) -> Result<Vec<SubscriberId>, StoreError> {
        let sql = "SELECT m.subscriber FROM membership m JOIN subscriber s ON s.id = m.subscriber \
                   WHERE m.group_id = ? AND s.gone_at IS NULL ORDER BY m.subscriber";
        ids(&self.select("reading the members of a group", sql, args![group]).await?)
    }

    async fn mark_left(&mut self, id: SubscriberId, group: GroupId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM membership WHERE subscriber = ? AND group_id = ?";
        if self.run("writing memberships", sql, args![id, group]).await? == 0 {
            return Ok(());
        }
        let sql = "SELECT COUNT(*) FROM membership WHERE subscriber = ?";
        if self.number("reading memberships", sql, args![id]).await? == 0 {
            SubscriberRepository::mark_gone(self, id, at).await?;
        }
        self.mark_due(id).await
    }

    async fn mark_gone(&mut self, id: SubscriberId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE subscriber SET gone_at = ?, due = 1 WHERE id = ? AND gone_at IS NULL";
        self.run("marking a subscriber gone", sql, args![at, id]).await?;
        // Whoever comes back is in the groups that are told then, not in those of earlier times.
        let sql = "DELETE FROM membership WHERE subscriber = ?";
        self.run("writing memberships", sql, args![id]).await?;
        Ok(())
    }

    async fn set_holders(
        &mut self,
        mailbox: SubscriberId,
        holders: &[MailboxHolder],
    ) -> Result<(), StoreError> {
        let said = |holders: &[MailboxHolder]| {
            let pairs = holders.iter().map(|holder| (holder.person, holder.user_principal_name.clone()));
            pairs.collect::<BTreeMap<_, _>>()
        };
        let wanted = said(holders);
        if said(&SubscriberRepository::holders(self, mailbox).await?) == wanted {
            return Ok(());
        }
        let old = "DELETE FROM mailbox_holder WHERE mailbox = ?";
        self.run("writing the people of a mailbox", old, args![mailbox]).await?;
        for (person, upn) in wanted {
            let sql = "INSERT INTO mailbox_holder (mailbox, person, upn) VALUES (?, ?, ?)";
            self.insert("a person of this mailbox", sql, args![mailbox, person, upn]).await?;
        }
        self.mark_due(mailbox).await
    }

    async fn mark_all_due(&mut self) -> Result<u64, StoreError> {
        if self.may_be_clustered() {
            let sql = "UPDATE subscriber SET due = 0 WHERE due = 1";
            self.run("marking subscribers due", sql, args![]).await?;
        }
        self.run("marking subscribers due", "UPDATE subscriber SET due = 1", args![]).await
    }

    async fn list_due(
        &mut self,
        after: Option<SubscriberId>,
        renewals_until: Timestamp,
        endings: Option<EndingsDue>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError> {
        self.planning_due(after, renewals_until, endings, limit).await
    }

    async fn list_all(
        &mut self,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError> {
        self.planning_all(after, limit).await
    }

    async fn planning(&mut self, ids: &[SubscriberId]) -> Result<Vec<PlanningRow>, StoreError> {
        self.planning_of(ids).await
    }

    async fn mark_planned(&mut self, id: SubscriberId) -> Result<(), StoreError> {
        let sql = "UPDATE subscriber SET due = 0 WHERE id = ? AND due = 1";
        self.run("marking a subscriber planned", sql, args![id]).await?;
        Ok(())
    }

    async fn holders(&mut self, mailbox: SubscriberId) -> Result<Vec<MailboxHolder>, StoreError> {
        let mut holders = self.load_holders(&[mailbox]).await?;
        holders.sort_by(|a, b| (&a.user_principal_name, a.person).cmp(&(&b.user_principal_name, b.person)));
        Ok(holders)
    }

    async fn count(&mut self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT COUNT(*) FROM subscriber WHERE gone_at IS NULL AND kind = ?";
        let doing = "counting subscribers";
        let people = self.number(doing, sql, vec![SubscriberKind::Person.value()]).await?;
        let mailboxes = self.number(doing, sql, vec![SubscriberKind::SharedMailbox.value()]).await?;
        Ok((people, mailboxes))
    }

    async fn list(
        &mut self,
        filter: &SubscriberFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscriber>, StoreError> {
        self.list_subscribers(filter, page).await
    }

    async fn count_listed(&mut self, filter: &SubscriberFilter, limit: u64) -> Result<u64, StoreError> {
        self.count_subscribers(filter, limit).await
    }

    async fn summaries(
        &mut self,
        ids: &[SubscriberId],
        now: Timestamp,
    ) -> Result<Vec<SubscriberSummary>, StoreError> {
        self.subscriber_summaries(ids, now).await
    }

    async fn cursor(&mut self, resource: &str) -> Result<Option<SyncCursor>, StoreError> {
        let sql = "SELECT resource, delta_link, full_at, read_at FROM sync_cursor WHERE resource = ?";
        let row = self.select_one("reading how far the directory was read", sql, args![resource]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("delta query", row);
            Ok(SyncCursor {
                resource: columns.text()?,
                delta_link: columns.text()?,
                full_at: columns.time()?,
                read_at: columns.time()?,
            })
        };
        row.as_ref().map(read).transpose()
    }

    async fn set_cursor(&mut self, cursor: &SyncCursor) -> Result<(), StoreError> {
        let doing = "writing how far the directory was read";
        let sql = "UPDATE sync_cursor SET delta_link = ?, full_at = ?, read_at = ? WHERE resource = ?";
        let args = args![&cursor.delta_link, cursor.full_at, cursor.read_at, &cursor.resource];
        if self.run(doing, sql, args).await? == 0 {
            let sql = "INSERT INTO sync_cursor (resource, delta_link, full_at, read_at) VALUES (?, ?, ?, ?)";
            let args = args![&cursor.resource, &cursor.delta_link, cursor.full_at, cursor.read_at];
            self.insert("the cursor of this query", sql, args).await?;
        }
        Ok(())
    }

    async fn fully_read_at(&mut self, resource: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT full_at FROM sync_cursor WHERE resource = ?";
        let row = self.select_one("reading when the directory was read", sql, args![resource]).await?;
        row.as_ref().map(|row| Columns::new("delta query", row).time()).transpose()
    }

    async fn drop_cursor(&mut self, resource: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM sync_cursor WHERE resource = ?";
        self.run("forgetting how far the directory was read", sql, args![resource]).await?;
        Ok(())
    }

    async fn set_skip(&mut self, id: SubscriberId, skips: &[Skip]) -> Result<(), StoreError> {
        let mut wanted: BTreeMap<String, (String, String)> = BTreeMap::new();
        for skip in skips {
            let (_, why) =
                wanted.entry(skip.template.clone()).or_insert_with(|| (skip.who.clone(), String::new()));
            if !why.is_empty() {
                why.push_str("; ");
            }
            why.push_str(&skip.why);
        }
        let known = "SELECT template, who, why FROM skip WHERE subscriber = ?";
        let rows = self.select("reading who cannot get a certificate", known, args![id]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("skip", row);
            Ok((columns.text()?, (columns.text()?, columns.text()?)))
        };
        let known: BTreeMap<String, (String, String)> =
            rows.iter().map(read).collect::<Result<_, StoreError>>()?;
        if known == wanted {
            return Ok(());
        }
        let old = "DELETE FROM skip WHERE subscriber = ?";
        self.run("writing who cannot get a certificate", old, args![id]).await?;
        for (template, (who, why)) in wanted {
            let sql = "INSERT INTO skip (subscriber, template, who, why) VALUES (?, ?, ?, ?)";
            let args = args![id, template, who, why];
            self.insert("a reason for this subscriber and template", sql, args).await?;
        }
        Ok(())
    }

    async fn list_skips(&mut self, limit: u32) -> Result<Vec<Skip>, StoreError> {
        let sql =
            "SELECT subscriber, who, template, why FROM skip ORDER BY who, subscriber, template LIMIT ?";
        let rows = self.select("reading who cannot get a certificate", sql, args![limit]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("skip", row);
            Ok(Skip {
                subscriber: columns.id()?,
                who: columns.text()?,
                template: columns.text()?,
                why: columns.text()?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// The first column of each row, an id.
pub(crate) fn ids<T: From<uuid::Uuid>>(rows: &[Row]) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| Columns::new("id", row).id()).collect()
}
