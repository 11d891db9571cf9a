//! The books of the built-in authority.

use async_trait::async_trait;
use model::{AuthorityId, RevocationReason, SerialNumber, Timestamp};
use store::{IssuanceLedger, IssuedEntry, ListedIssue, RevokedEntry, StoreError};

use crate::codes::Coded;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.authority, i.serial, i.reference, i.spki_sha256, d.der, i.not_after, i.issued_at FROM issued i \
             JOIN issued_der d ON d.authority = i.authority AND d.serial = i.serial ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<IssuedEntry, StoreError> {
    let mut columns = Columns::new("issued certificate", row);
    Ok(IssuedEntry {
        authority: columns.id()?,
        serial: columns.serial()?,
        reference: columns.text()?,
        spki_sha256: columns.digest()?,
        der: columns.bytes()?,
        not_after: columns.time()?,
        issued_at: columns.time()?,
    })
}

fn read_revoked(row: &Row) -> Result<RevokedEntry, StoreError> {
    let mut columns = Columns::new("revocation", row);
    Ok(RevokedEntry { serial: columns.serial()?, revoked_at: columns.time()?, reason: columns.coded()? })
}

#[async_trait]
impl IssuanceLedger for Session {
    async fn add(&mut self, entry: &IssuedEntry) -> Result<(), StoreError> {
        self.insert(
            "a certificate with this serial number or for this order",
            "INSERT INTO issued (authority, serial, reference, spki_sha256, not_after, issued_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![
                entry.authority,
                &entry.serial,
                &entry.reference,
                &entry.spki_sha256,
                entry.not_after,
                entry.issued_at
            ],
        )
        .await?;
        self.insert(
            "the bytes of this certificate",
            "INSERT INTO issued_der (authority, serial, der) VALUES (?, ?, ?)",
            args![entry.authority, &entry.serial, &entry.der],
        )
        .await
    }

    async fn find(
        &mut self,
        authority: AuthorityId,
        reference: &str,
    ) -> Result<Option<IssuedEntry>, StoreError> {
        let sql = select!("WHERE i.authority = ? AND i.reference = ?");
        let row = self.select_one("finding an issued certificate", sql, args![authority, reference]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find_by_serial(
        &mut self,
        authority: AuthorityId,
        serial: &SerialNumber,
    ) -> Result<Option<IssuedEntry>, StoreError> {
        let sql = select!("WHERE i.authority = ? AND i.serial = ?");
        let row = self.select_one("finding an issued certificate", sql, args![authority, serial]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn list(
        &mut self,
        authority: AuthorityId,
        after: Option<&SerialNumber>,
        limit: u32,
    ) -> Result<Vec<ListedIssue>, StoreError> {
        let sql = "SELECT i.serial, i.reference, i.not_after, r.revoked_at, r.reason FROM issued i \
                   LEFT JOIN revocation r ON r.authority = i.authority AND r.serial = i.serial \
                   WHERE i.authority = ? AND i.serial > ? ORDER BY i.serial LIMIT ?";
        let after = after.map_or(&[][..], SerialNumber::as_be_bytes);
        let rows = self.select("listing issued certificates", sql, args![authority, after, limit]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("issued certificate", row);
            Ok(ListedIssue {
                serial: columns.serial()?,
                reference: columns.text()?,
                not_after: columns.time()?,
                revoked: columns.opt_time()?.zip(columns.opt_coded()?),
            })
        };
        rows.iter().map(read).collect()
    }

    async fn revoke(&mut self, authority: AuthorityId, entry: &RevokedEntry) -> Result<(), StoreError> {
        if let Some(known) = self.revocation(authority, &entry.serial).await? {
            if known.reason == RevocationReason::CertificateHold && entry.reason != known.reason {
                // The date stays: nobody relied on it since then (X.509 section 9.5.3.1, reason code).
                let sql = "UPDATE revocation SET reason = ? WHERE authority = ? AND serial = ?";
                let args = args![Coded::code(entry.reason), authority, &entry.serial];
                self.run("entering a revocation", sql, args).await?;
            }
            return Ok(());
        }
        let sql = "SELECT not_after FROM issued WHERE authority = ? AND serial = ?";
        let doing = "finding an issued certificate";
        let row = self.select_one(doing, sql, args![authority, &entry.serial]).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt {
            what: "revocation",
            detail: format!("no certificate with serial number {} was issued", entry.serial),
        })?;
        let not_after = Columns::new("issued certificate", &row).time()?;
        // Whoever revoked it in this moment was first.
        self.insert_missing(
            "a revocation of this certificate",
            "INSERT INTO revocation (authority, serial, revoked_at, reason, not_after) VALUES (?, ?, ?, ?, ?)",
            args![authority, &entry.serial, entry.revoked_at, Coded::code(entry.reason), not_after],
        )
        .await
        .map(|_| ())
    }

    async fn lift(&mut self, authority: AuthorityId, serial: &SerialNumber) -> Result<(), StoreError> {
        let sql = "DELETE FROM revocation WHERE authority = ? AND serial = ? AND reason = ?";
        let args = args![authority, serial, Coded::code(RevocationReason::CertificateHold)];
        self.run("lifting a hold", sql, args).await.map(|_| ())
    }

    async fn revocation(
        &mut self,
        authority: AuthorityId,
        serial: &SerialNumber,
    ) -> Result<Option<RevokedEntry>, StoreError> {
        let sql = "SELECT serial, revoked_at, reason FROM revocation WHERE authority = ? AND serial = ?";
        let row = self.select_one("reading a revocation", sql, args![authority, serial]).await?;
        row.as_ref().map(read_revoked).transpose()
    }

    async fn list_revoked(
        &mut self,
        authority: AuthorityId,
        now: Timestamp,
    ) -> Result<Vec<RevokedEntry>, StoreError> {
        let sql = "SELECT serial, revoked_at, reason FROM revocation WHERE authority = ? AND not_after >= ? \
                   ORDER BY not_after, serial";
        let rows = self.select("reading revocations", sql, args![authority, now]).await?;
        rows.iter().map(read_revoked).collect()
    }

    async fn next_crl_number(&mut self, authority: AuthorityId) -> Result<u64, StoreError> {
        let next = "UPDATE crl_number SET number = number + 1 WHERE authority = ?";
        if self.run("drawing a CRL number", next, args![authority]).await? == 0 {
            let sql = "INSERT INTO crl_number (authority, number) VALUES (?, 1)";
            let first = self.insert_missing("a CRL number of this authority", sql, args![authority]).await?;
            if !first {
                self.run("drawing a CRL number", next, args![authority]).await?;
            }
        }
        let sql = "SELECT number FROM crl_number WHERE authority = ?";
        self.number("drawing a CRL number", sql, args![authority]).await
    }

    async fn count(&mut self, authority: AuthorityId) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM issued WHERE authority = ?";
        self.number("counting issued certificates", sql, args![authority]).await
    }
}
