//! Hand-overs to Intune, at most one per certificate and person.

use async_trait::async_trait;
use model::{CertificateId, CertificateState, Delivery, DeliveryId, DeliveryState, TemplateId, Timestamp};
use store::{DeliveryRepository, StoreError};

use crate::codes::Coded;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

/// Counts where the database has the rows, so that what stays is no row at all. Without `{+}` SQLite goes through everything
/// that is present once for each certificate.
const FORMER: &str = "SELECT d.id, d.certificate, d.thumbprint, d.person, d.upn, d.state, d.record, d.at FROM delivery d \
     JOIN certificate c ON c.id = d.certificate \
     WHERE d.state = ? AND d.id > ? AND c.template = ? \
     AND (SELECT COUNT(*) FROM certificate n WHERE n.subscriber = c.subscriber AND {+}n.template = c.template \
     AND (n.not_before > c.not_before OR (n.not_before = c.not_before AND n.id > c.id)) \
     AND n.not_before <= ? AND {+}n.state NOT IN (?, ?) \
     AND EXISTS (SELECT 1 FROM delivery h WHERE h.certificate = n.id AND {+}h.state = ?) \
     AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.certificate = n.id AND {+}o.state IN (?, ?, ?))) > ? \
     ORDER BY d.id LIMIT ?";

fn read(row: &Row) -> Result<Delivery, StoreError> {
    let mut columns = Columns::new("delivery", row);
    Ok(Delivery {
        id: columns.id()?,
        certificate: columns.id()?,
        thumbprint: columns.thumbprint()?,
        person: columns.id()?,
        user_principal_name: columns.text()?,
        state: columns.coded()?,
        record: columns.opt_text()?,
        at: columns.time()?,
    })
}

#[async_trait]
impl DeliveryRepository for Session {
    async fn add_missing(&mut self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        for new in deliveries {
            let sql = "SELECT COUNT(*) FROM delivery WHERE certificate = ? AND person = ?";
            if self.number("reading deliveries", sql, args![new.certificate, new.person]).await? > 0 {
                continue;
            }
            self.insert_missing(
                "a delivery with this id",
                "INSERT INTO delivery (id, certificate, person, thumbprint, upn, state, record, at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                args![
                    new.id,
                    new.certificate,
                    new.person,
                    new.thumbprint,
                    &new.user_principal_name,
                    new.state.code(),
                    new.record.as_deref(),
                    new.at,
                ],
            )
            .await?;
        }
        Ok(())
    }

    async fn list(&mut self, certificate: CertificateId) -> Result<Vec<Delivery>, StoreError> {
        let sql = "SELECT id, certificate, thumbprint, person, upn, state, record, at FROM delivery \
                   WHERE certificate = ? ORDER BY person";
        let rows = self.select("reading deliveries", sql, args![certificate]).await?;
        rows.iter().map(read).collect()
    }

    async fn lookup(&mut self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let sql =
            "SELECT id, certificate, thumbprint, person, upn, state, record, at FROM delivery WHERE id = ?";
        let row = self.select_one("reading deliveries", sql, args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn list_all(&mut self, after: Option<DeliveryId>, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let sql = "SELECT id, certificate, thumbprint, person, upn, state, record, at FROM delivery \
                   WHERE id > ? ORDER BY id LIMIT ?";
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows = self.select("reading deliveries", sql, args![&after, limit]).await?;
        rows.iter().map(read).collect()
    }

    async fn list_in(
        &mut self,
        state: DeliveryState,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = "SELECT id, certificate, thumbprint, person, upn, state, record, at FROM delivery \
                   WHERE state = ? AND id > ? ORDER BY id LIMIT ?";
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows = self.select("reading deliveries", sql, args![state.code(), &after, limit]).await?;
        rows.iter().map(read).collect()
    }

    async fn former(
        &mut self,
        template: TemplateId,
        kept: u32,
        settled_by: Timestamp,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let args = args![
            DeliveryState::Present.code(),
            &after,
            template,
            settled_by,
            CertificateState::Revoking.code(),
            CertificateState::Revoked.code(),
            DeliveryState::Present.code(),
            DeliveryState::Planned.code(),
            DeliveryState::Accepted.code(),
            DeliveryState::Missing.code(),
            kept,
            limit,
        ];
        let rows = self.select("reading deliveries of former certificates", FORMER, args).await?;
        rows.iter().map(read).collect()
    }

    async fn set_state(
        &mut self,
        id: DeliveryId,
        state: DeliveryState,
        record: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE delivery SET state = ?, record = COALESCE(?, record), at = ? WHERE id = ?";
        if self.run("writing a delivery", sql, args![state.code(), record, at, id]).await? == 0 {
            return Err(StoreError::Stale { what: "the delivery" });
        }
        Ok(())
    }

    async fn counts(&mut self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT state, COUNT(*) FROM delivery GROUP BY state";
        let (mut present, mut all) = (0, 0);
        for row in &self.select("counting deliveries", sql, args![]).await? {
            let mut columns = Columns::new("delivery", row);
            let (state, count): (DeliveryState, u64) = (columns.coded()?, columns.number()?);
            match state {
                DeliveryState::Present => {
                    all += count;
                    present += count;
                }
                DeliveryState::Planned | DeliveryState::Accepted | DeliveryState::Missing => all += count,
                DeliveryState::Withdrawn => {}
            }
        }
        Ok((present, all))
    }
}
