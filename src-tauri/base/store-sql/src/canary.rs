//! Canary mails, at most one per delivery.

use async_trait::async_trait;
use model::{Canary, CanaryConfirmation, CertificateId, DeliveryId};
use store::{CanaryRepository, StoreError};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

const READING: &str = "reading canary mails";

fn read(row: &Row) -> Result<Canary, StoreError> {
    let mut columns = Columns::new("canary mail", row);
    let delivery = columns.id()?;
    let (made_at, expires_at) = (columns.time()?, columns.time()?);
    let (at, by, device) = (columns.opt_time()?, columns.opt_text()?, columns.opt_text()?);
    let confirmed = at.zip(by).map(|(at, by)| CanaryConfirmation { at, by, device });
    Ok(Canary { delivery, made_at, expires_at, confirmed })
}

#[async_trait]
impl CanaryRepository for Session {
    async fn write(&mut self, canary: &Canary, code_sha256: &[u8; 32]) -> Result<(), StoreError> {
        let Canary { delivery, made_at, expires_at, confirmed: _ } = canary;
        let sql = "UPDATE canary SET code = ?, made_at = ?, expires_at = ? WHERE delivery = ?";
        let known = args![code_sha256, *made_at, *expires_at, *delivery];
        if self.run("writing a canary mail down", sql, known).await? == 0 {
            let sql = "INSERT INTO canary (delivery, code, made_at, expires_at) VALUES (?, ?, ?, ?)";
            let new = args![*delivery, code_sha256, *made_at, *expires_at];
            self.insert("a canary mail of this delivery", sql, new).await?;
        }
        Ok(())
    }

    async fn find(&mut self, code_sha256: &[u8; 32]) -> Result<Option<Canary>, StoreError> {
        let sql = "SELECT delivery, made_at, expires_at, confirmed_at, confirmed_by, device FROM canary \
                   WHERE code = ?";
        let row = self.select_one(READING, sql, args![code_sha256]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn list(&mut self, certificate: CertificateId) -> Result<Vec<Canary>, StoreError> {
        let sql = "SELECT canary.delivery, made_at, expires_at, confirmed_at, confirmed_by, device FROM canary \
                   JOIN delivery ON delivery.id = canary.delivery WHERE delivery.certificate = ? \
                   ORDER BY canary.delivery";
        let rows = self.select(READING, sql, args![certificate]).await?;
        rows.iter().map(read).collect()
    }

    async fn confirm(
        &mut self,
        delivery: DeliveryId,
        code_sha256: &[u8; 32],
        confirmation: &CanaryConfirmation,
    ) -> Result<bool, StoreError> {
        let CanaryConfirmation { at, by, device } = confirmation;
        let sql = "UPDATE canary SET confirmed_at = ?, confirmed_by = ?, device = ? WHERE delivery = ? AND code = ?";
        let args = args![*at, by, device.as_deref(), delivery, code_sha256];
        Ok(self.run("confirming a canary mail", sql, args).await? == 1)
    }
}
