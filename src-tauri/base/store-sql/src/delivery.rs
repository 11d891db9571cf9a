//! Hand-overs to Intune, at most one per certificate and person.

use async_trait::async_trait;
use model::{CertificateId, Delivery, DeliveryId, DeliveryState, Timestamp};
use store::{DeliveryRepository, StoreError};

use crate::codes::Coded;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

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
