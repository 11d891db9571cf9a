//! Installations, and the admission log. What the log says is read and believed elsewhere.

use async_trait::async_trait;
use model::{InstallationId, Timestamp};
use store::{AdmissionEntry, InstallationRepository, StoreError, StoredInstallation};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

fn read(row: &Row) -> Result<StoredInstallation, StoreError> {
    let mut columns = Columns::new("installation", row);
    Ok(StoredInstallation {
        id: columns.id()?,
        name: columns.text()?,
        certificate_der: columns.bytes()?,
        asked_at: columns.time()?,
        seen_at: columns.time()?,
        version: columns.text()?,
        role: columns.text()?,
    })
}

#[async_trait]
impl InstallationRepository for Session {
    async fn list(&mut self) -> Result<Vec<StoredInstallation>, StoreError> {
        let sql = "SELECT id, name, certificate_der, asked_at, seen_at, version, role FROM installation \
                   ORDER BY asked_at, id";
        let rows = self.select("reading installations", sql, args![]).await?;
        rows.iter().map(read).collect()
    }

    async fn set(&mut self, installation: &StoredInstallation) -> Result<(), StoreError> {
        let sql = "UPDATE installation SET name = ?, certificate_der = ?, asked_at = ?, seen_at = ?, version = ?, \
                   role = ? WHERE id = ?";
        let args = args![
            &installation.name,
            &installation.certificate_der,
            installation.asked_at,
            installation.seen_at,
            &installation.version,
            &installation.role,
            installation.id
        ];
        if self.run("writing an installation", sql, args.clone()).await? > 0 {
            return Ok(());
        }
        self.insert(
            "an installation with this id",
            "INSERT INTO installation (name, certificate_der, asked_at, seen_at, version, role, id) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            args,
        )
        .await
    }

    async fn mark_seen(
        &mut self,
        id: InstallationId,
        version: &str,
        role: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE installation SET seen_at = ?, version = ?, role = ? WHERE id = ?";
        self.run("writing an installation", sql, args![at, version, role, id]).await?;
        Ok(())
    }

    async fn remove(&mut self, id: InstallationId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM installation WHERE id = ?";
        Ok(self.run("removing an installation", sql, args![id]).await? == 1)
    }

    async fn admissions(&mut self) -> Result<Vec<AdmissionEntry>, StoreError> {
        let sql = "SELECT seq, body, signature FROM admission ORDER BY seq";
        let read = |row: &Row| {
            let mut columns = Columns::new("admission", row);
            Ok(AdmissionEntry { seq: columns.int()?, body: columns.text()?, signature: columns.bytes()? })
        };
        self.select("reading admissions", sql, args![]).await?.iter().map(read).collect()
    }

    async fn add_admission(&mut self, entry: &AdmissionEntry) -> Result<(), StoreError> {
        let sql = "INSERT INTO admission (seq, body, signature) VALUES (?, ?, ?)";
        let added = self.insert("an admission", sql, args![entry.seq, &entry.body, &entry.signature]).await;
        added.map_err(|error| {
            let is_taken = matches!(error, StoreError::Conflict { .. });
            if is_taken { StoreError::Stale { what: "the list of installations" } } else { error }
        })
    }
}
