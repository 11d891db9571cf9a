//! The local snapshot of the directory.

use async_trait::async_trait;
use model::{
    Certificate, GroupId, MailboxHolder, Subscriber, SubscriberId, SubscriberKind, TemplateId, Timestamp,
};

use crate::{EndingsDue, Page, PageRequest, StoreError};

/// How far a delta query has been read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncCursor {
    /// Which query: `users` or `groups`.
    pub resource: String,
    /// The directory's deltaLink and what belongs to it, as the observer wrote it.
    pub delta_link: String,
    /// When the last full enumeration was done.
    pub full_at: Timestamp,
    /// When it was last read.
    pub read_at: Timestamp,
}

impl SyncCursor {
    /// The name under which it is kept when everything was read, and no group was missing. It has no link.
    pub const COMPLETE: &'static str = "complete";

    /// The name under which is kept when the mail service was asked who may use mailboxes. There is one exactly where it is asked;
    /// in place of a link it has what was in doubt.
    pub const MAILBOXES: &'static str = "mailboxes";

    /// The name under which is kept when the people of a mailbox were last read, all of them. It has no link.
    pub fn people_of(mailbox: SubscriberId) -> String {
        format!("people {mailbox}")
    }

    /// The name under which is kept when those who are known to use a mailbox were last known without a doubt, for mailboxes
    /// whose people the mail service tells. It has no link.
    pub fn sure_of(mailbox: SubscriberId) -> String {
        format!("sure {mailbox}")
    }
}

/// Which subscribers are wanted. All given conditions must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SubscriberFilter {
    /// Beginning of display name, sign-in name or a mail address, letter case aside.
    pub search: Option<String>,
    /// People or shared mailboxes only.
    pub kind: Option<SubscriberKind>,
    /// How they stand at a moment.
    pub standing: Option<(SubscriberStanding, Timestamp)>,
    /// Who is entitled to what: by it [`Covered`](SubscriberStanding::Covered) and [`Partly`](SubscriberStanding::Partly) are
    /// told apart. With none, nobody lacks anything besides.
    pub entitlements: Vec<Entitlement>,
}

/// To whom a template gives certificates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entitlement {
    /// Which.
    pub template: TemplateId,
    /// Members of one of these are entitled,
    pub include: Vec<GroupId>,
    /// unless they are in one of these.
    pub exclude: Vec<GroupId>,
    /// Shared mailboxes, too.
    pub mailboxes: bool,
}

/// How a subscriber stands, as far as lists tell it apart. Only [`Covered`](Self::Covered), [`Partly`](Self::Partly) and
/// [`Lacking`](Self::Lacking) exclude each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubscriberStanding {
    /// Not gone, and has a certificate that is valid, by every template that entitles them.
    Covered,
    /// Not gone, and has one by some template, and none by another that entitles them.
    Partly,
    /// Not gone, and has none.
    Lacking,
    /// Not gone, and the plan said what stands in the way of a certificate or its delivery.
    Hindered,
    /// Gone, or with a notice that a certificate ends.
    Leaving,
}

/// What lists tell about a subscriber besides itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SubscriberSummary {
    /// Certificates that are valid.
    pub valid: u64,
    /// By which templates, each once.
    pub held: Vec<TemplateId>,
    /// When the first of them ends.
    pub ends_at: Option<Timestamp>,
    /// Notices that are not done about certificates that still run.
    pub notices: u64,
    /// What the plan said stands in the way, by template.
    pub hindrances: Vec<String>,
}

/// All that the plan needs to decide about one subscriber.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanningRow {
    /// The subscriber.
    pub subscriber: Subscriber,
    /// Certificates that are neither revoked nor superseded, newest first; those on hold too.
    pub certificates: Vec<Certificate>,
    /// Certificates that a newer one took the place of, newest first.
    pub superseded: Vec<Certificate>,
    /// The names by which those certificates were ordered.
    pub ordered: Vec<(model::CertificateId, model::CertificateNames)>,
    /// Notices about those certificates that are not done.
    pub endings: Vec<model::Ending>,
    /// The holds that certificates among those are on.
    pub holds: Vec<model::Hold>,
    /// Templates for which an enrollment is open (not in a final state).
    pub open: Vec<TemplateId>,
    /// Orders that an authority refused, newest first.
    pub refused: Vec<model::Refusal>,
    /// For a shared mailbox: who may use it.
    pub holders: Vec<MailboxHolder>,
    /// For each certificate of a shared mailbox: to whom it is or will be delivered.
    pub delivered_to: Vec<model::Handover>,
}

/// People and shared mailboxes as last observed.
///
/// Every change marks the subscriber *due for planning*; so a cycle in which nothing changed costs nothing.
#[async_trait]
pub trait SubscriberRepository: Send {
    /// Writes the entry. Marks it due for planning only when something other than `seen_at` differs.
    /// Returns whether it did differ. `groups` replaces the known groups.
    async fn set(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError>;
    /// By Entra object id.
    async fn lookup(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError>;
    /// Those of the ids that are in the snapshot and not gone, each once, in order of id.
    async fn known(&mut self, ids: &[SubscriberId]) -> Result<Vec<SubscriberId>, StoreError>;
    /// By sign-in name or any mail address, ignoring case; several when an address is used twice.
    async fn find_by_name(&mut self, name: &str) -> Result<Vec<Subscriber>, StoreError>;
    /// All ids that are not gone and belong to `group`.
    async fn members(&mut self, group: GroupId) -> Result<Vec<SubscriberId>, StoreError>;
    /// Takes `group` away from the subscriber; marks it gone when that was the last group. Marks it due.
    async fn mark_left(&mut self, id: SubscriberId, group: GroupId, at: Timestamp) -> Result<(), StoreError>;
    /// The directory no longer knows this subscriber: it is in no group any more. Marks it due.
    async fn mark_gone(&mut self, id: SubscriberId, at: Timestamp) -> Result<(), StoreError>;
    /// Replaces the people who may use a mailbox; marks the mailbox due when they differ.
    async fn set_holders(
        &mut self,
        mailbox: SubscriberId,
        holders: &[MailboxHolder],
    ) -> Result<(), StoreError>;
    /// Marks every subscriber due, e.g. after a template changed.
    async fn mark_all_due(&mut self) -> Result<u64, StoreError>;
    /// Those due for planning, plus those with a valid certificate that ends before `renewals_until` and has no valid
    /// successor (same subscriber and template, later end), plus those with a notice that has come due, in order of id, after
    /// the given id. Does not unmark.
    async fn list_due(
        &mut self,
        after: Option<SubscriberId>,
        renewals_until: Timestamp,
        endings: Option<EndingsDue>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError>;
    /// Every subscriber that is not gone, and those who are and have a notice, in order of id, for a full plan.
    async fn list_all(
        &mut self,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<PlanningRow>, StoreError>;
    /// Rows of these subscribers as they are at this moment, in order of id. In a unit of work that writes, nobody else
    /// decides about them until it ends.
    async fn planning(&mut self, ids: &[SubscriberId]) -> Result<Vec<PlanningRow>, StoreError>;
    /// The plan has decided about this subscriber; unmarks it. Belongs into the unit of work that listed it: otherwise a
    /// change that came in between would be forgotten.
    async fn mark_planned(&mut self, id: SubscriberId) -> Result<(), StoreError>;
    /// The people who may use a mailbox, by sign-in name.
    async fn holders(&mut self, mailbox: SubscriberId) -> Result<Vec<MailboxHolder>, StoreError>;
    /// How many people and how many shared mailboxes are not gone.
    async fn count(&mut self) -> Result<(u64, u64), StoreError>;
    /// Subscribers by display name, for screens and the command line.
    async fn list(
        &mut self,
        filter: &SubscriberFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscriber>, StoreError>;
    /// How many [`Self::list`] would give on all pages, counted up to `limit`.
    async fn count_listed(&mut self, filter: &SubscriberFilter, limit: u64) -> Result<u64, StoreError>;
    /// What lists tell about each of these, in their order, at this moment.
    async fn summaries(
        &mut self,
        ids: &[SubscriberId],
        now: Timestamp,
    ) -> Result<Vec<SubscriberSummary>, StoreError>;
    /// The cursor of a delta query.
    async fn cursor(&mut self, resource: &str) -> Result<Option<SyncCursor>, StoreError>;
    /// Stores the cursor; call it in the unit of work that stored what was read.
    async fn set_cursor(&mut self, cursor: &SyncCursor) -> Result<(), StoreError>;
    /// [`SyncCursor::full_at`] alone, which more may read than the link: under [`SyncCursor::COMPLETE`] when the last reading
    /// began that enumerated every watched group, and found each of them.
    async fn fully_read_at(&mut self, resource: &str) -> Result<Option<Timestamp>, StoreError>;
    /// Forgets the cursor, so that the next reading is a full one.
    async fn drop_cursor(&mut self, resource: &str) -> Result<(), StoreError>;
    /// Replaces the reasons why this subscriber, although entitled, gets no certificate: one for each template. Several
    /// for one template become one, joined by `; `. Writes nothing when nothing differs.
    async fn set_skip(&mut self, id: SubscriberId, skips: &[model::Skip]) -> Result<(), StoreError>;
    /// All entitled subscribers that cannot get a certificate, with the reason.
    async fn list_skips(&mut self, limit: u32) -> Result<Vec<model::Skip>, StoreError>;
}
