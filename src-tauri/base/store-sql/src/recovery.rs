//! Requests to recover archived keys, and what officers gave for them.

use async_trait::async_trait;
use model::{RecoveryRequestId, RecoveryState};
use sha2::{Digest as _, Sha256};
use store::{RecoveryGrantInfo, RecoveryRepository, StoreError, StoredRecoveryGrant, StoredRecoveryRequest};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

fn read(row: &Row) -> Result<StoredRecoveryRequest, StoreError> {
    let mut columns = Columns::new("recovery request", row);
    Ok(StoredRecoveryRequest {
        id: columns.id()?,
        body: columns.text()?,
        signature: columns.bytes()?,
        state: columns.coded()?,
        created_at: columns.time()?,
        expires_at: columns.time()?,
    })
}

fn read_grant(row: &Row) -> Result<StoredRecoveryGrant, StoreError> {
    let mut columns = Columns::new("recovery grant", row);
    Ok(StoredRecoveryGrant {
        request: columns.id()?,
        certificate: columns.id()?,
        officer: columns.digest()?,
        sealed: columns.bytes()?,
        granted_at: columns.time()?,
    })
}

#[async_trait]
impl RecoveryRepository for Session {
    async fn add(&mut self, request: &StoredRecoveryRequest, sealed_key: &[u8]) -> Result<(), StoreError> {
        self.insert(
            "a recovery request with this id",
            "INSERT INTO recovery_request (id, body, signature, state, created_at, expires_at, sealed_key) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            args![
                request.id,
                &request.body,
                &request.signature,
                request.state.value(),
                request.created_at,
                request.expires_at,
                sealed_key
            ],
        )
        .await
    }

    async fn lookup(&mut self, id: RecoveryRequestId) -> Result<Option<StoredRecoveryRequest>, StoreError> {
        let sql =
            "SELECT id, body, signature, state, created_at, expires_at FROM recovery_request WHERE id = ?";
        self.select_one("reading a recovery request", sql, args![id]).await?.as_ref().map(read).transpose()
    }

    async fn list(&mut self, limit: u32) -> Result<Vec<StoredRecoveryRequest>, StoreError> {
        let sql = "SELECT id, body, signature, state, created_at, expires_at FROM recovery_request \
                   ORDER BY created_at DESC, id DESC LIMIT ?";
        self.select("reading recovery requests", sql, args![i64::from(limit)])
            .await?
            .iter()
            .map(read)
            .collect()
    }

    async fn sealed_key(&mut self, id: RecoveryRequestId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed_key FROM recovery_request WHERE id = ?";
        let row = self.select_one("reading the one-time key of a recovery request", sql, args![id]).await?;
        let key = row.as_ref().map(|row| Columns::new("recovery request", row).bytes()).transpose()?;
        Ok(key.filter(|key| !key.is_empty()))
    }

    async fn set_state(
        &mut self,
        id: RecoveryRequestId,
        from: RecoveryState,
        to: RecoveryState,
    ) -> Result<bool, StoreError> {
        let changed = if to.is_closed() {
            let sql = "UPDATE recovery_request SET state = ?, sealed_key = ? WHERE id = ? AND state = ?";
            let empty: &[u8] = &[];
            self.run("closing a recovery request", sql, args![to.value(), empty, id, from.value()]).await?
        } else {
            let sql = "UPDATE recovery_request SET state = ? WHERE id = ? AND state = ?";
            self.run("moving a recovery request on", sql, args![to.value(), id, from.value()]).await?
        };
        Ok(changed == 1)
    }

    async fn add_grant(&mut self, grant: &StoredRecoveryGrant) -> Result<(), StoreError> {
        self.insert(
            "this very grant",
            "INSERT INTO recovery_grant (request, certificate, officer, digest, sealed, granted_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![
                grant.request,
                grant.certificate,
                &grant.officer,
                &<[u8; 32]>::from(Sha256::digest(&grant.sealed)),
                &grant.sealed,
                grant.granted_at
            ],
        )
        .await
    }

    async fn grants(&mut self, id: RecoveryRequestId) -> Result<Vec<StoredRecoveryGrant>, StoreError> {
        let sql = "SELECT request, certificate, officer, sealed, granted_at FROM recovery_grant \
                   WHERE request = ? ORDER BY granted_at, certificate, officer, digest";
        self.select("reading what officers gave", sql, args![id]).await?.iter().map(read_grant).collect()
    }

    async fn granted(&mut self, id: RecoveryRequestId) -> Result<Vec<RecoveryGrantInfo>, StoreError> {
        let sql = "SELECT certificate, officer, granted_at FROM recovery_grant \
                   WHERE request = ? ORDER BY granted_at, certificate, officer";
        let rows = self.select("reading who gave for a recovery", sql, args![id]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("recovery grant", row);
            Ok(RecoveryGrantInfo {
                certificate: columns.id()?,
                officer: columns.digest()?,
                granted_at: columns.time()?,
            })
        };
        rows.iter().map(read).collect()
    }
}
