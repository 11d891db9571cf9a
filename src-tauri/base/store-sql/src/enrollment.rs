//! Sagas and their journal. `open_key` is unique: the database itself refuses a second open enrollment.

use async_trait::async_trait;
use model::{
    Enrollment, EnrollmentId, EnrollmentState, JournalEntry, Station, SubscriberId, TemplateId, Timestamp,
};
use store::{ActivityCounts, EnrollmentRepository, Page, PageRequest, StoreError};

use crate::codes::Coded;
use crate::columns::{Columns, Row, json};
use crate::keyset::{Bounds, KeyKind, Place};
use crate::session::Session;
use crate::value::{Value, args};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, subscriber, upn, template, authority, names, profile, key_algorithm, archive, validity_days, \
             replaces, reason, station, state, ticket, certificate, attempts, last_error, created_at, updated_at \
             FROM enrollment ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<Enrollment, StoreError> {
    let mut columns = Columns::new("enrollment", row);
    Ok(Enrollment {
        id: columns.id()?,
        subscriber: columns.id()?,
        user_principal_name: columns.text()?,
        template: columns.id()?,
        authority: columns.id()?,
        names: columns.json()?,
        profile: columns.coded()?,
        key: columns.coded()?,
        archive: columns.flag()?,
        validity_days: columns.number()?,
        replaces: columns.opt_id()?,
        reason: columns.text()?,
        station: columns.coded()?,
        state: columns.coded()?,
        ticket: columns.opt_text()?,
        certificate: columns.opt_id()?,
        attempts: columns.number()?,
        last_error: columns.opt_text()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
    })
}

/// Subscriber and template while the enrollment is open.
fn open_key(state: EnrollmentState, subscriber: SubscriberId, template: TemplateId) -> Option<Vec<u8>> {
    (!state.is_final()).then(|| [subscriber.as_bytes().as_slice(), template.as_bytes().as_slice()].concat())
}

#[async_trait]
impl EnrollmentRepository for Session {
    async fn add(&mut self, new: &Enrollment) -> Result<(), StoreError> {
        self.insert(
            "an open enrollment for this subscriber and template",
            "INSERT INTO enrollment (id, subscriber, upn, template, authority, names, profile, key_algorithm, archive, \
             validity_days, replaces, reason, station, state, ticket, certificate, attempts, last_error, created_at, \
             updated_at, open_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args![
                new.id,
                new.subscriber,
                &new.user_principal_name,
                new.template,
                new.authority,
                json("enrollment", &new.names)?,
                new.profile.code(),
                new.key.code(),
                new.archive,
                new.validity_days,
                new.replaces,
                &new.reason,
                new.station.code(),
                new.state.code(),
                new.ticket.as_deref(),
                new.certificate,
                new.attempts,
                new.last_error.as_deref(),
                new.created_at,
                new.updated_at,
                open_key(new.state, new.subscriber, new.template),
            ],
        )
        .await
    }

    async fn lookup(&mut self, id: EnrollmentId) -> Result<Option<Enrollment>, StoreError> {
        let row = self.select_one("reading an enrollment", select!("WHERE id = ?"), args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find_open(
        &mut self,
        subscriber: SubscriberId,
        template: TemplateId,
    ) -> Result<Option<Enrollment>, StoreError> {
        let key = open_key(EnrollmentState::Running, subscriber, template);
        let sql = select!("WHERE open_key = ?");
        let row = self.select_one("finding an open enrollment", sql, args![key]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn set_progress(&mut self, enrollment: &Enrollment) -> Result<(), StoreError> {
        let changed = self
            .run(
                "writing how far an enrollment came",
                "UPDATE enrollment SET station = ?, state = ?, ticket = ?, certificate = ?, attempts = ?, \
                 last_error = ?, updated_at = ?, open_key = ? WHERE id = ? AND open_key IS NOT NULL",
                args![
                    enrollment.station.code(),
                    enrollment.state.code(),
                    enrollment.ticket.as_deref(),
                    enrollment.certificate,
                    enrollment.attempts,
                    enrollment.last_error.as_deref(),
                    enrollment.updated_at,
                    open_key(enrollment.state, enrollment.subscriber, enrollment.template),
                    enrollment.id,
                ],
            )
            .await?;
        if changed == 0 {
            return Err(StoreError::Stale { what: "the enrollment" });
        }
        // What changed about the subscriber while the saga ran was left to it; the plan compares now.
        if matches!(enrollment.state, EnrollmentState::Done) {
            self.mark_due(enrollment.subscriber).await?;
        }
        Ok(())
    }

    async fn deliver_again(&mut self, enrollment: &Enrollment, at: Timestamp) -> Result<bool, StoreError> {
        let Enrollment { id, subscriber, template, .. } = enrollment;
        let running = EnrollmentState::Running;
        let changed = self
            .take(
                "an open enrollment for this subscriber and template",
                "UPDATE enrollment SET station = ?, state = ?, attempts = 0, last_error = NULL, updated_at = ?, open_key = ? \
                 WHERE id = ? AND state = ?",
                args![
                    Station::Deliver.code(),
                    running.code(),
                    at,
                    open_key(running, *subscriber, *template),
                    *id,
                    EnrollmentState::Done.code()
                ],
            )
            .await?;
        Ok(changed == 1)
    }

    async fn list(
        &mut self,
        state: Option<EnrollmentState>,
        page: &PageRequest,
    ) -> Result<Page<Enrollment>, StoreError> {
        let bounds = Bounds::read(page, KeyKind::Int)?;
        let (sql, args) = walk(state, &bounds);
        let rows = self.select("listing enrollments", sql, args).await?;
        let mut enrollments = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let place = |enrollment: &Enrollment| Place {
            key: enrollment.updated_at.into(),
            id: *enrollment.id.as_bytes(),
        };
        let mut places: Vec<Place> = enrollments.iter().map(place).collect();
        let next = bounds.cut(&mut places);
        enrollments.truncate(places.len());
        Ok(Page { rows: enrollments, next })
    }

    async fn counts(&mut self) -> Result<ActivityCounts, StoreError> {
        let sql = "SELECT state, station, COUNT(*) FROM enrollment GROUP BY state, station";
        let mut counts = ActivityCounts::default();
        for row in &self.select("counting enrollments", sql, args![]).await? {
            let mut columns = Columns::new("enrollment", row);
            let (state, station): (EnrollmentState, Station) = (columns.coded()?, columns.coded()?);
            let count: u64 = columns.number()?;
            match state {
                EnrollmentState::Running | EnrollmentState::Waiting => {
                    let place = Station::ALL.iter().position(|one| *one == station);
                    if let Some(open) = place.and_then(|place| counts.open.get_mut(place)) {
                        *open += count;
                    }
                }
                EnrollmentState::Stuck => counts.stuck += count,
                EnrollmentState::Rejected => counts.rejected += count,
                EnrollmentState::Done => counts.done += count,
            }
        }
        Ok(counts)
    }

    async fn count_certified_since(&mut self, since: Timestamp) -> Result<u64, StoreError> {
        // One that has ended was moved last when it ended.
        let sql = "SELECT COUNT(*) FROM enrollment WHERE certificate IS NOT NULL AND \
                   (updated_at >= ? OR open_key IS NOT NULL)";
        self.number("counting enrollments with a certificate", sql, args![since]).await
    }

    async fn add_journal(&mut self, entry: &JournalEntry) -> Result<(), StoreError> {
        let sql = "SELECT COALESCE(MAX(line), 0) FROM journal WHERE enrollment = ?";
        let line = self.number("reading the journal", sql, args![entry.enrollment]).await? + 1;
        self.insert(
            "a line of this journal",
            "INSERT INTO journal (enrollment, line, station, event, detail, at) VALUES (?, ?, ?, ?, ?, ?)",
            args![
                entry.enrollment,
                i64::try_from(line).unwrap_or(i64::MAX),
                entry.station.code(),
                entry.event.code(),
                entry.detail.as_deref(),
                entry.at,
            ],
        )
        .await
    }

    async fn journal(&mut self, id: EnrollmentId) -> Result<Vec<JournalEntry>, StoreError> {
        let sql =
            "SELECT enrollment, station, event, detail, at FROM journal WHERE enrollment = ? ORDER BY line";
        let rows = self.select("reading the journal", sql, args![id]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("journal", row);
            Ok(JournalEntry {
                enrollment: columns.id()?,
                station: columns.coded()?,
                event: columns.coded()?,
                detail: columns.opt_text()?,
                at: columns.time()?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn request(&mut self, id: EnrollmentId) -> Result<Option<(Vec<u8>, [u8; 32])>, StoreError> {
        let sql = "SELECT der, spki_sha256 FROM certification_request WHERE enrollment = ?";
        let row = self.select_one("reading a certification request", sql, args![id]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("certification request", row);
            Ok((columns.bytes()?, columns.digest()?))
        };
        row.as_ref().map(read).transpose()
    }

    async fn add_request(
        &mut self,
        id: EnrollmentId,
        der: &[u8],
        spki_sha256: &[u8; 32],
    ) -> Result<(), StoreError> {
        self.insert(
            "a certification request of this enrollment",
            "INSERT INTO certification_request (enrollment, der, spki_sha256) VALUES (?, ?, ?)",
            args![id, der, spki_sha256],
        )
        .await
    }
}

/// Last moved first, along the index of the state or of all.
pub(crate) fn walk(state: Option<EnrollmentState>, bounds: &Bounds) -> (String, Vec<Value>) {
    let mut sql = select!("WHERE 1 = 1").to_owned();
    let mut args = Vec::new();
    if let Some(state) = state {
        sql.push_str(" AND state = ?");
        args.push(state.value());
    }
    if let Some(after) = &bounds.after {
        sql.push_str(" AND updated_at <= ? AND (updated_at < ? OR id < ?)");
        args.extend([after.key.clone(), after.key.clone(), Value::from(&after.id)]);
    }
    sql.push_str(" ORDER BY updated_at DESC, id DESC LIMIT ?");
    args.push(bounds.fetch());
    (sql, args)
}
