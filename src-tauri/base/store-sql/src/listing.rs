//! Lists of certificates: every order, every filter, a page at the same cost at any depth.
//!
//! A page is found in two steps: first the places (sort key and id) of its rows, then the rows themselves. Places come
//! either from *a few* rows that an index picks out (a subscriber's own, the matches of a search), sorted in memory, or
//! from *walking* along the index that has the wanted order. A walk with states in the filter is one walk for each
//! state, merged. No walk ever sorts: `query_plans.rs` asks the planner.

use std::collections::{BTreeMap, BTreeSet};

use model::{Certificate, CertificateId, CertificateState, DeliveryState, SerialNumber, Thumbprint};
use store::{CertificateFilter, CertificateOrder, CertificateRow, Page, PageRequest, StoreError};

use crate::certificate;
use crate::codes::Coded;
use crate::columns::{Columns, Row};
use crate::dialect::{places, unindexed};
use crate::keyset::{Bounds, KeyKind, Place, Prefix};
use crate::session::Session;
use crate::subscriber::InList;
use crate::value::Value;

/// Matches up to which rows are sorted in memory; beyond, they are so dense that a walk finds a page soon.
const FEW: u64 = 5_000;

const ALL_STATES: [CertificateState; 5] = CertificateState::ALL;

impl Session {
    pub(crate) async fn list_certificates(
        &mut self,
        filter: &CertificateFilter,
        order: CertificateOrder,
        page: &PageRequest,
    ) -> Result<Page<CertificateRow>, StoreError> {
        let bounds = Bounds::read(page, key_kind(order))?;
        let descending = matches!(order, CertificateOrder::Newest);
        let few = self.few_certificates(filter, order, FEW).await?;
        let mut places = if let Some(few) = few {
            bounds.pick(few, self.dialect(), descending)
        } else {
            let mut merged = BTreeSet::new();
            for walk in walks(filter, order, &bounds) {
                let rows = self.select("listing certificates", walk.sql, walk.args).await?;
                for row in &rows {
                    merged.insert(place(order, row)?);
                }
            }
            bounds.pick(merged, self.dialect(), descending)
        };
        let next = bounds.cut(&mut places);
        let ids: Vec<CertificateId> =
            places.iter().map(|place| uuid::Uuid::from_bytes(place.id).into()).collect();
        Ok(Page { rows: self.certificate_rows(&ids).await?, next })
    }

    pub(crate) async fn count_certificates(
        &mut self,
        filter: &CertificateFilter,
        limit: u64,
    ) -> Result<u64, StoreError> {
        if is_picked(filter) {
            let few = self.few_certificates(filter, CertificateOrder::Newest, limit).await?;
            return Ok(few.map_or(limit, |found| (found.len() as u64).min(limit)));
        }
        let mut query = Query::new("SELECT COUNT(*) FROM (SELECT id FROM certificate WHERE 1 = 1");
        query.residual(filter, "not_after");
        query.states(&states(filter), "state");
        query.end(" LIMIT ?) AS matching", at_most(limit));
        self.number("counting certificates", query.sql, query.args).await
    }

    /// The places of all matches, when an index picks them out and there are at most `most`.
    async fn few_certificates(
        &mut self,
        filter: &CertificateFilter,
        order: CertificateOrder,
        most: u64,
    ) -> Result<Option<BTreeSet<Place>>, StoreError> {
        if !is_picked(filter) {
            return Ok(None);
        }
        let mut found = BTreeSet::new();
        for query in picks(filter, order, most) {
            let rows = self.select("searching certificates", query.sql, query.args).await?;
            if rows.len() as u64 > most {
                return Ok(None);
            }
            for row in &rows {
                found.insert(place(order, row)?);
            }
        }
        Ok(Some(found))
    }

    /// Rows of the certificates table by id, in that order.
    pub(crate) async fn certificate_rows(
        &mut self,
        ids: &[CertificateId],
    ) -> Result<Vec<CertificateRow>, StoreError> {
        let Some(list) = InList::of(ids) else { return Ok(Vec::new()) };
        let sql = format!(
            "{}, t.name, a.name FROM certificate c JOIN template t ON t.id = c.template \
             JOIN authority a ON a.id = c.authority WHERE c.id IN {}",
            certificate::SELECT,
            list.places
        );
        let rows = self.select("reading certificates", sql, list.values.clone()).await?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let mut columns = Columns::new("certificate", row);
            let certificate: Certificate = certificate::read(&mut columns)?;
            let (template_name, authority_name) = (columns.text()?, columns.text()?);
            let id = certificate.id;
            found
                .insert(id, CertificateRow { certificate, template_name, authority_name, delivered: (0, 0) });
        }
        let sql = format!(
            "SELECT certificate, state, COUNT(*) FROM delivery WHERE certificate IN {} GROUP BY certificate, state",
            list.places
        );
        for row in &self.select("counting deliveries", sql, list.values).await? {
            let mut columns = Columns::new("delivery", row);
            let id: CertificateId = columns.id()?;
            let (state, count): (DeliveryState, u32) = (columns.coded()?, columns.number()?);
            if let Some(row) = found.get_mut(&id) {
                match state {
                    DeliveryState::Present => {
                        row.delivered.0 += count;
                        row.delivered.1 += count;
                    }
                    DeliveryState::Planned | DeliveryState::Accepted | DeliveryState::Missing => {
                        row.delivered.1 += count;
                    }
                    DeliveryState::Withdrawn => {}
                }
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

/// What a search text can mean.
struct Search {
    prefix: Prefix,
    serial: Option<SerialNumber>,
    thumbprint: Option<Thumbprint>,
}

impl Search {
    fn of(filter: &CertificateFilter) -> Option<Self> {
        let text = filter.search.as_deref()?;
        let prefix = Prefix::of(text)?;
        Some(Self { prefix, serial: text.trim().parse().ok(), thumbprint: text.trim().parse().ok() })
    }

    /// One condition for each meaning. `column` names a column so that an index on it may be used or not.
    fn conditions(&self, column: impl Fn(&str) -> String) -> Vec<(String, Vec<Value>)> {
        let mut conditions =
            vec![self.prefix.condition(&column("cn_lc")), self.prefix.condition(&column("mail_lc"))];
        if let Some(serial) = &self.serial {
            conditions.push((format!("{} = ?", column("serial")), vec![serial.into()]));
        }
        if let Some(thumbprint) = self.thumbprint {
            conditions.push((format!("{} = ?", column("thumbprint")), vec![thumbprint.into()]));
        }
        conditions
    }
}

fn at_most(rows: u64) -> Value {
    Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// A statement under construction.
pub(crate) struct Query {
    pub(crate) sql: String,
    pub(crate) args: Vec<Value>,
}

impl Query {
    fn new(start: &str) -> Self {
        Self { sql: start.to_owned(), args: Vec::new() }
    }

    fn and(&mut self, condition: &str, args: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.args.extend(args);
    }

    fn end(&mut self, rest: &str, limit: Value) {
        self.sql.push_str(rest);
        self.args.push(limit);
    }

    /// Filters that no index of ours begins with, and the validity, whose column is named by the caller.
    fn residual(&mut self, filter: &CertificateFilter, not_after: &str) {
        if let Some(template) = filter.template {
            self.and(&format!("{} = ?", unindexed("template")), [template.into()]);
        }
        if let Some(authority) = filter.authority {
            self.and(&format!("{} = ?", unindexed("authority")), [authority.into()]);
        }
        if let Some(archived) = filter.archived {
            self.and(&format!("{} = ?", unindexed("archived")), [archived.into()]);
        }
        if let Some(from) = filter.expires_from {
            self.and(&format!("{not_after} >= ?"), [from.into()]);
        }
        if let Some(until) = filter.expires_until {
            self.and(&format!("{not_after} < ?"), [until.into()]);
        }
    }

    fn states(&mut self, states: &[CertificateState], column: &str) {
        if !states.is_empty() {
            let list = places(states.len());
            self.and(&format!("{column} IN {list}"), states.iter().map(|state| state.value()));
        }
    }

    fn any_of(&mut self, conditions: Vec<(String, Vec<Value>)>) {
        let (sql, args): (Vec<String>, Vec<Vec<Value>>) = conditions.into_iter().unzip();
        self.and(&format!("({})", sql.join(" OR ")), args.into_iter().flatten());
    }
}

/// The states of the filter, each once; empty when they exclude nothing.
fn states(filter: &CertificateFilter) -> Vec<CertificateState> {
    let mut states: Vec<CertificateState> = Vec::new();
    for state in &filter.states {
        if !states.contains(state) {
            states.push(*state);
        }
    }
    if states.len() == ALL_STATES.len() { Vec::new() } else { states }
}

const fn key_kind(order: CertificateOrder) -> KeyKind {
    match order {
        CertificateOrder::CommonName | CertificateOrder::Mail => KeyKind::Text,
        CertificateOrder::NotAfter => KeyKind::Int,
        CertificateOrder::Newest => KeyKind::None,
    }
}

const fn key_column(order: CertificateOrder) -> &'static str {
    match order {
        CertificateOrder::CommonName => "cn_lc",
        CertificateOrder::Mail => "mail_lc",
        CertificateOrder::NotAfter => "not_after",
        CertificateOrder::Newest => "id",
    }
}

fn place(order: CertificateOrder, row: &Row) -> Result<Place, StoreError> {
    let mut columns = Columns::new("certificate", row);
    let id = columns.digest()?;
    let key = match key_kind(order) {
        KeyKind::None => Value::Null,
        KeyKind::Int => Value::Int(columns.int()?),
        KeyKind::Text => Value::Text(columns.text()?),
    };
    Ok(Place { key, id })
}

/// Whether the filter names something so precise that an index picks its matches out.
pub(crate) fn is_picked(filter: &CertificateFilter) -> bool {
    filter.subscriber.is_some() || Search::of(filter).is_some()
}

/// Queries that pick out all matches through an index.
pub(crate) fn picks(filter: &CertificateFilter, order: CertificateOrder, most: u64) -> Vec<Query> {
    let search = Search::of(filter);
    let start = format!("SELECT id, {} FROM certificate WHERE 1 = 1", key_column(order));
    let finish = |mut query: Query| {
        query.residual(filter, &unindexed("not_after"));
        query.states(&states(filter), &unindexed("state"));
        query.end(" LIMIT ?", at_most(most.saturating_add(1)));
        query
    };
    if let Some(subscriber) = filter.subscriber {
        let mut query = Query::new(&start);
        query.and("subscriber = ?", [subscriber.into()]);
        if let Some(search) = search {
            query.any_of(search.conditions(unindexed));
        }
        return vec![finish(query)];
    }
    let Some(search) = search else { return Vec::new() };
    let conditions = search.conditions(str::to_owned).into_iter();
    let one = |(condition, args): (String, Vec<Value>)| {
        let mut query = Query::new(&start);
        query.and(&condition, args);
        finish(query)
    };
    conditions.map(one).collect()
}

/// Queries that walk along an order, each for a page of its own: one for each wanted state.
pub(crate) fn walks(filter: &CertificateFilter, order: CertificateOrder, bounds: &Bounds) -> Vec<Query> {
    let mut states = states(filter);
    if states.is_empty() {
        // By age alone the order is that of the table itself, whose rows are wide. When most of them may have to be
        // passed over, the narrow index behind each state is the shorter way.
        if matches!(order, CertificateOrder::Newest) && *filter != CertificateFilter::default() {
            states = ALL_STATES.to_vec();
        } else {
            return vec![walk(filter, order, bounds, None)];
        }
    }
    states.into_iter().map(|state| walk(filter, order, bounds, Some(state))).collect()
}

fn walk(
    filter: &CertificateFilter,
    order: CertificateOrder,
    bounds: &Bounds,
    state: Option<CertificateState>,
) -> Query {
    let key = key_column(order);
    let mut query = Query::new(&format!("SELECT id, {key} FROM certificate WHERE 1 = 1"));
    if let Some(state) = state {
        query.and("state = ?", [state.value()]);
    }
    match (&bounds.after, order) {
        (None, _) => {}
        (Some(after), CertificateOrder::Newest) => query.and("id < ?", [Value::from(&after.id)]),
        (Some(after), CertificateOrder::CommonName | CertificateOrder::Mail | CertificateOrder::NotAfter) => {
            let (place, id) = (&after.key, Value::from(&after.id));
            query.and(&format!("{key} >= ? AND ({key} > ? OR id > ?)"), [place.clone(), place.clone(), id]);
        }
    }
    // Two lower bounds on one column make SQLite start at the first and walk: the place replaces the filter's own.
    let by_end = matches!(order, CertificateOrder::NotAfter);
    let below = CertificateFilter {
        expires_from: filter.expires_from.filter(|_| !(by_end && bounds.after.is_some())),
        ..filter.clone()
    };
    let not_after = if by_end { "not_after".to_owned() } else { unindexed("not_after") };
    query.residual(&below, &not_after);
    if let Some(subscriber) = filter.subscriber {
        query.and(&format!("{} = ?", unindexed("subscriber")), [subscriber.into()]);
    }
    if let Some(search) = Search::of(filter) {
        query.any_of(search.conditions(unindexed));
    }
    let direction = if matches!(order, CertificateOrder::Newest) { " DESC" } else { "" };
    let behind = if matches!(order, CertificateOrder::Newest) { "" } else { ", id" };
    query.end(&format!(" ORDER BY {key}{direction}{behind} LIMIT ?"), bounds.fetch());
    query
}
