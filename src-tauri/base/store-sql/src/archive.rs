//! Sealed private keys. The bytes are CMS; nothing here can open them.

use async_trait::async_trait;
use model::{CertificateId, EnrollmentId, Thumbprint};
use store::{ArchiveRepository, ArchivedKey, ArchivedKeyInfo, InflightKey, StoreError};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::subscriber::{ASKED_AT_ONCE, InList};
use crate::value::{Value, args};

fn read_kras(columns: &mut Columns<'_>) -> Result<Vec<Thumbprint>, StoreError> {
    let bytes = columns.bytes()?;
    let (whole, rest) = bytes.as_chunks::<20>();
    if !rest.is_empty() {
        return Err(columns.damaged("the list of recovery agents is cut off"));
    }
    Ok(whole.iter().copied().map(Thumbprint::new).collect())
}

fn read(row: &Row) -> Result<ArchivedKeyInfo, StoreError> {
    let mut columns = Columns::new("archived key", row);
    Ok(ArchivedKeyInfo {
        enrollment: columns.id()?,
        certificate: columns.opt_id()?,
        spki_sha256: columns.digest()?,
        kras: read_kras(&mut columns)?,
        sealed_at: columns.time()?,
    })
}

fn read_sealed(row: &Row) -> Result<ArchivedKey, StoreError> {
    let mut columns = Columns::new("archived key", row);
    Ok(ArchivedKey {
        enrollment: columns.id()?,
        certificate: columns.opt_id()?,
        spki_sha256: columns.digest()?,
        kras: read_kras(&mut columns)?,
        sealed_at: columns.time()?,
        envelope: columns.bytes()?,
    })
}

/// Before every enrollment.
fn page(after: Option<EnrollmentId>) -> Value {
    after.map_or_else(|| Value::Bytes(Vec::new()), Value::from)
}

fn written(kras: &[Thumbprint]) -> Vec<u8> {
    kras.iter().flat_map(Thumbprint::as_bytes).copied().collect()
}

fn read_inflight(row: &Row) -> Result<InflightKey, StoreError> {
    let mut columns = Columns::new("in-flight key", row);
    Ok(InflightKey { enrollment: columns.id()?, envelope: columns.bytes()? })
}

#[async_trait]
impl ArchiveRepository for Session {
    async fn add(&mut self, key: &ArchivedKey) -> Result<(), StoreError> {
        let kras = written(&key.kras);
        self.insert(
            "an archived key of this enrollment or certificate",
            "INSERT INTO archived_key (enrollment, certificate, spki_sha256, envelope, kra_thumbprints, sealed_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![key.enrollment, key.certificate, &key.spki_sha256, &key.envelope, kras, key.sealed_at],
        )
        .await
    }

    async fn lookup(&mut self, enrollment: EnrollmentId) -> Result<Option<ArchivedKeyInfo>, StoreError> {
        let sql = "SELECT enrollment, certificate, spki_sha256, kra_thumbprints, sealed_at FROM archived_key \
                   WHERE enrollment = ?";
        let row = self.select_one("reading about an archived key", sql, args![enrollment]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find(&mut self, certificate: CertificateId) -> Result<Option<ArchivedKeyInfo>, StoreError> {
        let sql = "SELECT enrollment, certificate, spki_sha256, kra_thumbprints, sealed_at FROM archived_key \
                   WHERE certificate = ?";
        let row = self.select_one("reading about an archived key", sql, args![certificate]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find_sealed(&mut self, certificate: CertificateId) -> Result<Option<ArchivedKey>, StoreError> {
        let Some(info) = ArchiveRepository::find(self, certificate).await? else { return Ok(None) };
        let sql = "SELECT envelope FROM archived_key WHERE certificate = ?";
        let row = self.select_one("reading the envelope of an archived key", sql, args![certificate]).await?;
        let envelope = match &row {
            Some(row) => Columns::new("archived key", row).bytes()?,
            None => return Ok(None),
        };
        let ArchivedKeyInfo { enrollment, certificate, spki_sha256, kras, sealed_at } = info;
        Ok(Some(ArchivedKey { enrollment, certificate, spki_sha256, envelope, kras, sealed_at }))
    }

    async fn with_keys(&mut self, spki_sha256: &[[u8; 32]]) -> Result<Vec<ArchivedKeyInfo>, StoreError> {
        let mut found = Vec::new();
        for some in spki_sha256.chunks(ASKED_AT_ONCE) {
            let digests: Vec<&[u8]> = some.iter().map(<[u8; 32]>::as_slice).collect();
            let Some(list) = InList::of(&digests) else { continue };
            let sql = format!(
                "SELECT enrollment, certificate, spki_sha256, kra_thumbprints, sealed_at FROM archived_key \
                 WHERE spki_sha256 IN {} ORDER BY enrollment",
                list.places
            );
            let rows = self.select("looking for archived keys", sql, list.values).await?;
            for row in &rows {
                found.push(read(row)?);
            }
        }
        Ok(found)
    }

    async fn bind(&mut self, enrollment: EnrollmentId, certificate: CertificateId) -> Result<(), StoreError> {
        let sql = "UPDATE archived_key SET certificate = ? \
                   WHERE enrollment = ? AND (certificate IS NULL OR certificate = ?)";
        let args = args![certificate, enrollment, certificate];
        if self.run("an archived key of this certificate", sql, args).await? == 1 {
            return Ok(());
        }
        Err(StoreError::Corrupt {
            what: "key archive",
            detail: match ArchiveRepository::lookup(self, enrollment).await?.and_then(|key| key.certificate) {
                Some(other) => format!("the key of enrollment {enrollment} is bound to certificate {other}"),
                None => format!("enrollment {enrollment} has no archived key to bind"),
            },
        })
    }

    async fn list(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<ArchivedKeyInfo>, StoreError> {
        let sql = "SELECT enrollment, certificate, spki_sha256, kra_thumbprints, sealed_at FROM archived_key \
                   WHERE enrollment > ? ORDER BY enrollment LIMIT ?";
        let rows =
            self.select("listing archived keys", sql, args![page(after), limit.clamp(1, 1_000)]).await?;
        rows.iter().map(read).collect()
    }

    async fn list_sealed(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<ArchivedKey>, StoreError> {
        let sql = "SELECT enrollment, certificate, spki_sha256, kra_thumbprints, sealed_at, envelope FROM archived_key \
             WHERE enrollment > ? ORDER BY enrollment LIMIT ?";
        let what = "reading envelopes of archived keys";
        let rows = self.select(what, sql, args![page(after), limit.clamp(1, 1_000)]).await?;
        rows.iter().map(read_sealed).collect()
    }

    async fn rewrap(
        &mut self,
        enrollment: EnrollmentId,
        old: &[u8],
        new: &[u8],
        kras: &[Thumbprint],
    ) -> Result<bool, StoreError> {
        let sql =
            "UPDATE archived_key SET envelope = ?, kra_thumbprints = ? WHERE enrollment = ? AND envelope = ?";
        let args = args![new, written(kras), enrollment, old];
        Ok(self.run("sealing an archived key to other recovery agents", sql, args).await? == 1)
    }

    async fn count_all(&mut self) -> Result<u64, StoreError> {
        self.number("counting archived keys", "SELECT COUNT(*) FROM archived_key", args![]).await
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM archived_key WHERE certificate IS NOT NULL";
        self.number("counting archived keys", sql, args![]).await
    }

    async fn add_inflight(&mut self, key: &InflightKey) -> Result<(), StoreError> {
        self.insert(
            "an in-flight key of this enrollment",
            "INSERT INTO inflight_key (enrollment, envelope) VALUES (?, ?)",
            args![key.enrollment, &key.envelope],
        )
        .await
    }

    async fn inflight(&mut self, enrollment: EnrollmentId) -> Result<Option<InflightKey>, StoreError> {
        let sql = "SELECT enrollment, envelope FROM inflight_key WHERE enrollment = ?";
        let row = self.select_one("reading an in-flight key", sql, args![enrollment]).await?;
        row.as_ref().map(read_inflight).transpose()
    }

    /// The overwriting serves databases that delete lazily; SQLite wipes freed space itself (`secure_delete`). What its
    /// write-ahead log still holds goes with [`crate::SqlStore::scrub`].
    async fn shred_inflight(&mut self, enrollment: EnrollmentId) -> Result<(), StoreError> {
        let Some(key) = ArchiveRepository::inflight(self, enrollment).await? else { return Ok(()) };
        let blank = vec![0_u8; key.envelope.len()];
        let overwrite = "UPDATE inflight_key SET envelope = ? WHERE enrollment = ?";
        self.run("overwriting an in-flight key", overwrite, args![blank, enrollment]).await?;
        let delete = "DELETE FROM inflight_key WHERE enrollment = ?";
        self.run("deleting an in-flight key", delete, args![enrollment]).await?;
        Ok(())
    }

    async fn list_inflight(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<InflightKey>, StoreError> {
        let sql =
            "SELECT enrollment, envelope FROM inflight_key WHERE enrollment > ? ORDER BY enrollment LIMIT ?";
        let rows =
            self.select("reading in-flight keys", sql, args![page(after), limit.clamp(1, 1_000)]).await?;
        rows.iter().map(read_inflight).collect()
    }

    async fn reseal_inflight(
        &mut self,
        enrollment: EnrollmentId,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE inflight_key SET envelope = ? WHERE enrollment = ? AND envelope = ?";
        Ok(self.run("sealing an in-flight key again", sql, args![new, enrollment, old]).await? == 1)
    }

    async fn count_inflight(&mut self) -> Result<u64, StoreError> {
        self.number("counting in-flight keys", "SELECT COUNT(*) FROM inflight_key", args![]).await
    }
}
