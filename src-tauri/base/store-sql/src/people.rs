//! Lists of subscribers by display name, for screens: a page at the same cost at any depth.
//!
//! As with certificates ([`crate::listing`]), a page comes from *a few* rows that a search picks out, sorted in memory, or
//! from *walking* along the order. How somebody stands is asked of each row on the way, through the index by subscriber.

use std::collections::{BTreeMap, BTreeSet};

use model::{CertificateState, EndingCause, Subscriber, SubscriberId, SubscriberKind, TemplateId, Timestamp};
use store::{
    Entitlement, Page, PageRequest, StoreError, SubscriberFilter, SubscriberStanding, SubscriberSummary,
};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row};
use crate::dialect::unindexed;
use crate::ending;
use crate::keyset::{Bounds, KeyKind, Place, Prefix};
use crate::session::Session;
use crate::subscriber::InList;
use crate::value::{Value, args};

/// Matches up to which a search is sorted in memory; beyond, they are so dense that walking along the order finds a page
/// soon.
const FEW: usize = 2_000;

/// A notice that is not done, about a certificate that still runs. Takes three codes, the present moment, and three more.
const NOTICED: &str =
    "e.done_at IS NULL AND {+}e.cause IN (?, ?, ?) AND {+}c.not_after > ? AND {+}c.state IN (?, ?, ?)";

fn noticed_args(now: Timestamp) -> Vec<Value> {
    let mut args =
        args![EndingCause::Gone.code(), EndingCause::LeftGroup.code(), EndingCause::Disabled.code(), now];
    args.extend(ending::running());
    args
}

/// Kind and standing as conditions on `s`, each with `AND` in front, and their parameters.
fn conditions(filter: &SubscriberFilter) -> (String, Vec<Value>) {
    let (mut sql, mut args) = (String::new(), Vec::new());
    if let Some(kind) = filter.kind {
        sql.push_str(&format!(" AND {} = ?", unindexed("s.kind")));
        args.push(kind.value());
    }
    let Some((standing, now)) = filter.standing else { return (sql, args) };
    let here = format!(" AND {} IS NULL", unindexed("s.gone_at"));
    let certified = "EXISTS (SELECT 1 FROM certificate c WHERE c.subscriber = s.id AND {+}c.state = ? AND {+}c.not_after > ?)";
    let (lacks, of_lacks) = lacks(&filter.entitlements, now);
    match standing {
        SubscriberStanding::Covered => sql.push_str(&format!("{here} AND {certified} AND NOT {lacks}")),
        SubscriberStanding::Partly => sql.push_str(&format!("{here} AND {certified} AND {lacks}")),
        SubscriberStanding::Lacking => sql.push_str(&format!("{here} AND NOT {certified}")),
        SubscriberStanding::Hindered => {
            sql.push_str(&format!("{here} AND EXISTS (SELECT 1 FROM skip k WHERE k.subscriber = s.id)"));
        }
        SubscriberStanding::Leaving => sql.push_str(&format!(
            " AND ({} IS NOT NULL OR EXISTS (SELECT 1 FROM ending e JOIN certificate c ON c.id = e.certificate \
             WHERE e.subscriber = s.id AND {NOTICED}))",
            unindexed("s.gone_at")
        )),
    }
    match standing {
        SubscriberStanding::Covered | SubscriberStanding::Partly => {
            args.extend(args![CertificateState::Valid.code(), now]);
            args.extend(of_lacks);
        }
        SubscriberStanding::Lacking => args.extend(args![CertificateState::Valid.code(), now]),
        SubscriberStanding::Hindered => {}
        SubscriberStanding::Leaving => args.extend(noticed_args(now)),
    }
    (sql, args)
}

/// That `s` has no valid certificate by a template that entitles it, and the parameters of that.
fn lacks(entitlements: &[Entitlement], now: Timestamp) -> (String, Vec<Value>) {
    let mut args = Vec::new();
    let mut each = Vec::new();
    for one in entitlements {
        let Some(include) = InList::of(&one.include) else { continue };
        let member = |list: &InList| {
            format!(
                "EXISTS (SELECT 1 FROM membership m WHERE m.subscriber = s.id AND m.group_id IN {})",
                list.places
            )
        };
        let mut sql = member(&include);
        args.extend(include.values);
        if let Some(exclude) = InList::of(&one.exclude) {
            sql.push_str(&format!(" AND NOT {}", member(&exclude)));
            args.extend(exclude.values);
        }
        if !one.mailboxes {
            sql.push_str(&format!(" AND {} = ?", unindexed("s.kind")));
            args.push(SubscriberKind::Person.value());
        }
        sql.push_str(
            " AND NOT EXISTS (SELECT 1 FROM certificate h WHERE h.subscriber = s.id AND {+}h.template = ? AND {+}h.state = ? \
             AND {+}h.not_after > ?)",
        );
        args.extend(args![one.template, CertificateState::Valid.code(), now]);
        each.push(format!("({sql})"));
    }
    if each.is_empty() {
        return ("(1 = 0)".to_owned(), args);
    }
    (format!("({})", each.join(" OR ")), args)
}

impl Session {
    pub(crate) async fn list_subscribers(
        &mut self,
        filter: &SubscriberFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscriber>, StoreError> {
        let bounds = Bounds::read(page, KeyKind::Text)?;
        let mut places = match self.few_subscribers(filter, FEW).await? {
            Some(few) => bounds.pick(few, self.dialect(), false),
            None => {
                let (sql, args) = walk(filter, &bounds);
                let rows = self.select("reading subscribers", sql, args).await?;
                rows.iter().map(place).collect::<Result<_, _>>()?
            }
        };
        let next = bounds.cut(&mut places);
        let ids: Vec<SubscriberId> =
            places.iter().map(|place| uuid::Uuid::from_bytes(place.id).into()).collect();
        Ok(Page { rows: self.load_subscribers(&ids).await?, next })
    }

    pub(crate) async fn count_subscribers(
        &mut self,
        filter: &SubscriberFilter,
        limit: u64,
    ) -> Result<u64, StoreError> {
        if filter.search.as_deref().and_then(Prefix::of).is_some() {
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            let few = self.few_subscribers(filter, most).await?;
            return Ok(few.map_or(limit, |found| (found.len() as u64).min(limit)));
        }
        let (condition, mut args) = conditions(filter);
        args.push(Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)));
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT s.id FROM subscriber s WHERE 1 = 1{condition} LIMIT ?) AS matching"
        );
        self.number("counting subscribers", sql, args).await
    }

    /// The places of all matches of a search, when there are at most `most`.
    async fn few_subscribers(
        &mut self,
        filter: &SubscriberFilter,
        most: usize,
    ) -> Result<Option<BTreeSet<Place>>, StoreError> {
        let Some(prefix) = filter.search.as_deref().and_then(Prefix::of) else { return Ok(None) };
        let mut found = BTreeSet::new();
        for (sql, args) in picks(filter, &prefix, most) {
            let rows = self.select("searching subscribers", sql, args).await?;
            if rows.len() > most {
                return Ok(None);
            }
            for row in &rows {
                found.insert(place(row)?);
            }
        }
        Ok(Some(found))
    }

    pub(crate) async fn subscriber_summaries(
        &mut self,
        ids: &[SubscriberId],
        now: Timestamp,
    ) -> Result<Vec<SubscriberSummary>, StoreError> {
        let Some(list) = InList::of(ids) else { return Ok(Vec::new()) };
        let mut found: BTreeMap<SubscriberId, SubscriberSummary> = BTreeMap::new();
        let sql = format!(
            "SELECT c.subscriber, c.template, COUNT(*), MIN(c.not_after) FROM certificate c WHERE c.subscriber IN {} \
             AND {{+}}c.state = ? AND {{+}}c.not_after > ? GROUP BY c.subscriber, c.template ORDER BY c.subscriber, c.template",
            list.places
        );
        let args = [list.values.clone(), args![CertificateState::Valid.code(), now]].concat();
        for row in &self.select("counting certificates", sql, args).await? {
            let mut columns = Columns::new("certificate", row);
            let summary = found.entry(columns.id()?).or_default();
            summary.held.push(columns.id::<TemplateId>()?);
            let (valid, ends_at): (u64, Timestamp) = (columns.number()?, columns.time()?);
            summary.valid += valid;
            summary.ends_at = Some(summary.ends_at.map_or(ends_at, |earlier| earlier.min(ends_at)));
        }
        let sql = format!(
            "SELECT e.subscriber, COUNT(*) FROM ending e JOIN certificate c ON c.id = e.certificate \
             WHERE e.subscriber IN {} AND {NOTICED} GROUP BY e.subscriber",
            list.places
        );
        let args = [list.values.clone(), noticed_args(now)].concat();
        for row in &self.select("counting notices", sql, args).await? {
            let mut columns = Columns::new("notice that a certificate ends", row);
            let summary = found.entry(columns.id()?).or_default();
            summary.notices = columns.number()?;
        }
        let sql = format!(
            "SELECT subscriber, why FROM skip WHERE subscriber IN {} ORDER BY subscriber, template",
            list.places
        );
        for row in &self.select("reading who cannot get a certificate", sql, list.values).await? {
            let mut columns = Columns::new("skip", row);
            let summary = found.entry(columns.id()?).or_default();
            summary.hindrances.push(columns.text()?);
        }
        Ok(ids.iter().map(|id| found.get(id).cloned().unwrap_or_default()).collect())
    }
}

/// Queries that pick out all matches of a search through an index.
pub(crate) fn picks(filter: &SubscriberFilter, prefix: &Prefix, most: usize) -> [(String, Vec<Value>); 2] {
    let limit = Value::Int(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1));
    let (condition, residual) = conditions(filter);
    let finish = |from: &str, (searched, args): (String, Vec<Value>)| {
        let sql = format!("SELECT s.id, s.sort_lc FROM {from} WHERE {searched}{condition} LIMIT ?");
        (sql, [args, residual.clone(), vec![limit.clone()]].concat())
    };
    [
        finish("subscriber s", prefix.condition("s.sort_lc")),
        finish("subscriber_name n JOIN subscriber s ON s.id = n.subscriber", prefix.condition("n.name_lc")),
    ]
}

pub(crate) fn walk(filter: &SubscriberFilter, bounds: &Bounds) -> (String, Vec<Value>) {
    let mut sql = "SELECT s.id, s.sort_lc FROM subscriber s WHERE 1 = 1".to_owned();
    let mut args = Vec::new();
    if let Some(after) = &bounds.after {
        sql.push_str(" AND s.sort_lc >= ? AND (s.sort_lc > ? OR s.id > ?)");
        args.extend([after.key.clone(), after.key.clone(), Value::from(&after.id)]);
    }
    if let Some(prefix) = filter.search.as_deref().and_then(Prefix::of) {
        let (by_sort, sort_args) = prefix.condition(&unindexed("s.sort_lc"));
        let (by_name, name_args) = prefix.condition("n.name_lc");
        let either = format!(
            " AND ({by_sort} OR EXISTS (SELECT 1 FROM subscriber_name n WHERE n.subscriber = s.id AND {by_name}))"
        );
        sql.push_str(&either);
        args.extend(sort_args);
        args.extend(name_args);
    }
    let (condition, residual) = conditions(filter);
    sql.push_str(&condition);
    args.extend(residual);
    sql.push_str(" ORDER BY s.sort_lc, s.id LIMIT ?");
    args.push(bounds.fetch());
    (sql, args)
}

fn place(row: &Row) -> Result<Place, StoreError> {
    let mut columns = Columns::new("subscriber", row);
    let id = columns.digest()?;
    Ok(Place { id, key: Value::Text(columns.text()?) })
}
