//! What differs between the database and the world outside.

use async_trait::async_trait;
use model::{
    DriftDecision, DriftFinding, DriftId, DriftReading, DriftSide, DriftSighting, DriftState, Timestamp,
};
use sha2::{Digest, Sha256};
use store::{DriftFilter, DriftRepository, StoreError};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row, json};
use crate::dialect::places;
use crate::session::Session;
use crate::value::{Value, args};

const WHAT: &str = "difference";

macro_rules! findings {
    ($rest:literal) => {
        concat!(
            "SELECT id, side, kind, object, certificate, sentence, first_seen, last_seen, state, decided_at, decided_by, \
             reason, ordered_at FROM drift_finding ",
            $rest
        )
    };
}

fn side(columns: &Columns<'_>, name: &str) -> Result<DriftSide, StoreError> {
    DriftSide::from_name(name).ok_or_else(|| columns.damaged(format!("`{name}` is no side that is compared")))
}

fn read(row: &Row) -> Result<DriftFinding, StoreError> {
    let mut columns = Columns::new(WHAT, row);
    let id = columns.id()?;
    let name = columns.text()?;
    let seen = DriftSighting {
        side: side(&columns, &name)?,
        kind: columns.coded()?,
        object: columns.json()?,
        certificate: columns.opt_id()?,
        sentence: columns.text()?,
    };
    let (first_seen, last_seen, state) = (columns.time()?, columns.time()?, columns.coded()?);
    let (at, by, reason) = (columns.opt_time()?, columns.opt_text()?, columns.opt_text()?);
    let decision = match (at, by, reason) {
        (Some(at), Some(by), Some(reason)) => Some(DriftDecision { at, by, reason }),
        _ => None,
    };
    Ok(DriftFinding { id, seen, first_seen, last_seen, state, decision, ordered_at: columns.opt_time()? })
}

/// The id of a difference: the same thing has the same one, whoever saw it and when.
fn id_of(sighting: &DriftSighting, object: &str) -> DriftId {
    let mut hash = Sha256::new();
    hash.update(sighting.kind.code().to_be_bytes());
    hash.update(object);
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

#[async_trait]
impl DriftRepository for Session {
    async fn see(&mut self, sighting: &DriftSighting, began: Timestamp) -> Result<(), StoreError> {
        let object = json(WHAT, &sighting.object)?;
        let id = id_of(sighting, &object);
        let noted = DriftState::Noted.code();
        let (closed, side) = (DriftState::Closed.code(), sighting.side.name());
        let sql = "SELECT COUNT(*) FROM drift_finding WHERE id = ?";
        if self.number("reading differences", sql, args![id]).await? == 0 {
            let sql = "INSERT INTO drift_finding (id, side, kind, object, certificate, sentence, first_seen, last_seen, \
                       state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
            let (kind, certificate) = (sighting.kind.code(), sighting.certificate);
            let args = args![id, side, kind, object, certificate, &sighting.sentence, began, began, noted];
            // Whoever noted it in this moment noted the same.
            self.insert_missing("this difference", sql, args).await?;
            return Ok(());
        }
        let sql = "UPDATE drift_finding SET state = ?, first_seen = ?, ordered_at = NULL, decided_at = NULL, \
                   decided_by = NULL, reason = NULL WHERE id = ? AND state = ?";
        self.run("noting a difference", sql, args![noted, began, id, closed]).await?;
        // Another reading of the same side that began later may be ahead.
        let sql = "UPDATE drift_finding SET last_seen = ?, certificate = ?, sentence = ? WHERE id = ? AND last_seen <= ?";
        let args = args![began, sighting.certificate, &sighting.sentence, id, began];
        self.run("noting a difference", sql, args).await.map(|_| ())
    }

    async fn settle(&mut self, side: DriftSide, began: Timestamp, compared: u64) -> Result<(), StoreError> {
        let name = side.name();
        let (noted, open) = (DriftState::Noted.code(), DriftState::Open.code());
        let (ignored, closed) = (DriftState::Ignored.code(), DriftState::Closed.code());
        let before = self.readings().await?.into_iter().find(|reading| reading.side == side);
        if let Some(before) = before.as_ref().and_then(|reading| reading.read_at).filter(|at| *at < began) {
            let sql = "UPDATE drift_finding SET state = ? WHERE side = ? AND state = ? AND last_seen = ? AND first_seen <= ?";
            self.run("confirming differences", sql, args![open, &name, noted, began, before]).await?;
        }
        let sql = "UPDATE drift_finding SET state = ? WHERE side = ? AND state IN (?, ?) AND last_seen < ?";
        self.run("closing differences", sql, args![closed, &name, open, ignored, began]).await?;
        let sql = "DELETE FROM drift_finding WHERE side = ? AND state = ? AND last_seen < ?";
        self.run("forgetting differences", sql, args![&name, noted, began]).await?;
        let compared = i64::try_from(compared).unwrap_or(i64::MAX);
        let sql = "UPDATE drift_reading SET read_at = ?, tried_at = ?, compared = ?, not_compared = NULL WHERE side = ?";
        if self.run("noting a reading", sql, args![began, began, compared, &name]).await? == 0 {
            let sql = "INSERT INTO drift_reading (side, read_at, tried_at, compared) VALUES (?, ?, ?, ?)";
            self.insert("a reading of this side", sql, args![&name, began, began, compared]).await?;
        }
        Ok(())
    }

    async fn note_not_compared(
        &mut self,
        side: DriftSide,
        at: Timestamp,
        why: &str,
    ) -> Result<(), StoreError> {
        let name = side.name();
        let sql = "UPDATE drift_reading SET tried_at = ?, not_compared = ? WHERE side = ?";
        if self.run("noting a reading", sql, args![at, why, &name]).await? == 0 {
            let sql =
                "INSERT INTO drift_reading (side, tried_at, compared, not_compared) VALUES (?, ?, 0, ?)";
            self.insert("a reading of this side", sql, args![&name, at, why]).await?;
        }
        Ok(())
    }

    async fn readings(&mut self) -> Result<Vec<DriftReading>, StoreError> {
        let sql = "SELECT side, read_at, tried_at, compared, not_compared FROM drift_reading ORDER BY side";
        let rows = self.select("reading what was compared", sql, Vec::new()).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("reading of a side", row);
            let name = columns.text()?;
            Ok(DriftReading {
                side: side(&columns, &name)?,
                read_at: columns.opt_time()?,
                tried_at: columns.time()?,
                compared: columns.number()?,
                not_compared: columns.opt_text()?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn lookup(&mut self, id: DriftId) -> Result<Option<DriftFinding>, StoreError> {
        let row = self.select_one("reading a difference", findings!("WHERE id = ?"), args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn list(
        &mut self,
        filter: &DriftFilter,
        after: Option<DriftId>,
        limit: u32,
    ) -> Result<Vec<DriftFinding>, StoreError> {
        let mut sql = findings!("WHERE id > ?").to_owned();
        let mut args: Vec<Value> = args![&after.map_or([0; 16], |id| *id.as_bytes())];
        if !filter.states.is_empty() {
            sql.push_str(&format!(" AND state IN {}", places(filter.states.len())));
            args.extend(filter.states.iter().map(|state| state.value()));
        }
        if let Some(kind) = filter.kind {
            sql.push_str(" AND kind = ?");
            args.push(kind.value());
        }
        if let Some(certificate) = filter.certificate {
            sql.push_str(" AND certificate = ?");
            args.push(certificate.into());
        }
        sql.push_str(" ORDER BY id LIMIT ?");
        args.push(Value::Int(limit.into()));
        self.select("listing differences", sql, args).await?.iter().map(read).collect()
    }

    async fn count(&mut self, state: DriftState) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM drift_finding WHERE state = ?";
        self.number("counting differences", sql, args![state.code()]).await
    }

    async fn decide(&mut self, id: DriftId, decision: Option<&DriftDecision>) -> Result<bool, StoreError> {
        let (open, ignored) = (DriftState::Open.code(), DriftState::Ignored.code());
        let (from, to) = if decision.is_some() { (open, ignored) } else { (ignored, open) };
        let sql = "UPDATE drift_finding SET state = ?, decided_at = ?, decided_by = ?, reason = ? WHERE id = ? AND state = ?";
        let args = args![
            to,
            decision.map(|one| one.at),
            decision.map(|one| one.by.as_str()),
            decision.map(|one| one.reason.as_str()),
            id,
            from
        ];
        Ok(self.run("deciding about a difference", sql, args).await? > 0)
    }

    async fn mark_ordered(&mut self, id: DriftId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE drift_finding SET ordered_at = ? WHERE id = ?";
        self.run("ordering a repair", sql, args![at, id]).await.map(|_| ())
    }

    async fn count_ordered(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM drift_finding WHERE ordered_at >= ? AND ordered_at <= ?";
        self.number("counting repairs", sql, args![from, until]).await
    }
}
