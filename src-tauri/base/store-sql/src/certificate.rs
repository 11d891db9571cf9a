//! The certificate inventory: single certificates and figures. Lists are in `listing.rs`.

use async_trait::async_trait;
use model::{
    AuthorityId, Certificate, CertificateId, CertificateState, Hold, HoldState, RevocationReason,
    SerialNumber, Span, SubscriberId, Thumbprint, Timestamp,
};
use sha2::{Digest, Sha256};
use store::{
    CertificateCounts, CertificateFilter, CertificateOrder, CertificateRepository, CertificateRow, Page,
    PageRequest, StoreError, StoredCertificate,
};

use crate::codes::Coded;
use crate::columns::Columns;
use crate::ending;
use crate::session::Session;
use crate::subscriber::{ASKED_AT_ONCE, InList};
use crate::value::{Value, args};

/// The columns that [`read`] expects, of a table called `c`.
macro_rules! certificate_columns {
    () => {
        "SELECT c.id, c.enrollment, c.subscriber, c.template, c.authority, c.purpose, c.serial, c.thumbprint, \
         c.common_name, c.mail, c.not_before, c.not_after, c.state, c.revoked_at, c.revoked_reason, c.archived, \
         c.checked_at"
    };
}
pub(crate) const SELECT: &str = certificate_columns!();

pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        id: columns.id()?,
        enrollment: columns.id()?,
        subscriber: columns.id()?,
        template: columns.id()?,
        authority: columns.id()?,
        purpose: columns.coded()?,
        serial: columns.serial()?,
        thumbprint: columns.thumbprint()?,
        common_name: columns.text()?,
        mail: columns.text()?,
        not_before: columns.time()?,
        not_after: columns.time()?,
        state: columns.coded()?,
        revoked: columns.opt_time()?.zip(columns.opt_coded()?),
        archived: columns.flag()?,
        checked_at: columns.time()?,
    })
}

impl Session {
    async fn certificate(&mut self, id: CertificateId) -> Result<Option<Certificate>, StoreError> {
        let sql = concat!(certificate_columns!(), " FROM certificate c WHERE c.id = ?");
        let row = self.select_one("reading a certificate", sql, args![id]).await?;
        row.as_ref().map(|row| read(&mut Columns::new("certificate", row))).transpose()
    }

    /// Stores a chain under its digest unless it is there; answers the digest, empty for an empty chain.
    async fn keep_chain(&mut self, chain: &[Vec<u8>]) -> Result<Vec<u8>, StoreError> {
        if chain.is_empty() {
            return Ok(Vec::new());
        }
        let digest = chain_digest(chain);
        let sql = "SELECT COUNT(*) FROM chain_link WHERE chain = ?";
        if self.number("reading a chain", sql, args![&digest]).await? > 0 {
            return Ok(digest);
        }
        for (position, der) in (0_i64..).zip(chain) {
            let sql = "INSERT INTO chain_link (chain, position, der) VALUES (?, ?, ?)";
            self.insert_missing("a link of this chain", sql, args![&digest, position, der]).await?;
        }
        Ok(digest)
    }

    async fn chain(&mut self, digest: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
        if digest.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT der FROM chain_link WHERE chain = ? ORDER BY position";
        let rows = self.select("reading a chain", sql, args![digest]).await?;
        let links: Vec<Vec<u8>> =
            rows.iter().map(|row| Columns::new("chain", row).bytes()).collect::<Result<_, _>>()?;
        if chain_digest(&links) != digest {
            return Err(StoreError::Corrupt { what: "chain", detail: "its links were changed".to_owned() });
        }
        Ok(links)
    }

    async fn certificates_ending(
        &mut self,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM certificate WHERE state = ? AND not_after >= ? AND not_after < ?";
        let from = from.map_or(i64::MIN, Timestamp::as_millis);
        let until = until.map_or(i64::MAX, Timestamp::as_millis);
        let args = args![CertificateState::Valid.code(), from, until];
        self.number("counting certificates", sql, args).await
    }

    async fn certificates_in(&mut self, state: CertificateState) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM certificate WHERE state = ?";
        self.number("counting certificates", sql, vec![state.value()]).await
    }

    /// The plan must look again at whoever lost a certificate.
    pub(crate) async fn owner_due(&mut self, id: CertificateId) -> Result<(), StoreError> {
        let row = self
            .select_one("reading a certificate", "SELECT subscriber FROM certificate WHERE id = ?", args![id])
            .await?;
        let Some(row) = row else { return Ok(()) };
        let owner: SubscriberId = Columns::new("certificate", &row).id()?;
        self.mark_due(owner).await
    }
}

fn chain_digest(chain: &[Vec<u8>]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for der in chain {
        hash.update((der.len() as u64).to_be_bytes());
        hash.update(der);
    }
    hash.finalize().to_vec()
}

#[async_trait]
impl CertificateRepository for Session {
    async fn add(&mut self, stored: &StoredCertificate) -> Result<(), StoreError> {
        let new = &stored.certificate;
        self.insert(
            "a certificate with this thumbprint or for this enrollment",
            "INSERT INTO certificate (id, enrollment, subscriber, template, authority, purpose, serial, thumbprint, \
             common_name, mail, cn_lc, mail_lc, not_before, not_after, state, revoked_at, revoked_reason, archived, \
             checked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args![
                new.id,
                new.enrollment,
                new.subscriber,
                new.template,
                new.authority,
                new.purpose.code(),
                &new.serial,
                new.thumbprint,
                &new.common_name,
                &new.mail,
                new.common_name.trim().to_lowercase(),
                new.mail.trim().to_lowercase(),
                new.not_before,
                new.not_after,
                new.state.code(),
                new.revoked.map(|(at, _)| at),
                new.revoked.map(|(_, reason)| Coded::code(reason)),
                new.archived,
                new.checked_at,
            ],
        )
        .await?;
        let chain = self.keep_chain(&stored.chain).await?;
        self.insert(
            "the bytes of this certificate",
            "INSERT INTO certificate_der (certificate, der, chain) VALUES (?, ?, ?)",
            args![new.id, &stored.der, chain],
        )
        .await
    }

    async fn lookup(&mut self, id: CertificateId) -> Result<Option<CertificateRow>, StoreError> {
        Ok(self.certificate_rows(&[id]).await?.pop())
    }

    async fn lookup_stored(&mut self, id: CertificateId) -> Result<Option<StoredCertificate>, StoreError> {
        let Some(certificate) = self.certificate(id).await? else { return Ok(None) };
        let sql = "SELECT der, chain FROM certificate_der WHERE certificate = ?";
        let row = self.select_one("reading a certificate", sql, args![id]).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt {
            what: "certificate",
            detail: format!("the bytes of {id} are missing"),
        })?;
        let mut columns = Columns::new("certificate", &row);
        let (der, digest) = (columns.bytes()?, columns.bytes()?);
        Ok(Some(StoredCertificate { certificate, der, chain: self.chain(&digest).await? }))
    }

    async fn find_by_thumbprint(
        &mut self,
        thumbprint: Thumbprint,
    ) -> Result<Option<Certificate>, StoreError> {
        let sql = concat!(certificate_columns!(), " FROM certificate c WHERE c.thumbprint = ?");
        let row = self.select_one("finding a certificate", sql, args![thumbprint]).await?;
        row.as_ref().map(|row| read(&mut Columns::new("certificate", row))).transpose()
    }

    async fn list_issued_by(
        &mut self,
        authority: AuthorityId,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<Certificate>, StoreError> {
        let sql = concat!(
            certificate_columns!(),
            " FROM certificate c WHERE c.id > ? AND c.authority = ? ORDER BY c.id LIMIT ?"
        );
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows = self.select("listing certificates", sql, args![&after, authority, limit]).await?;
        rows.iter().map(|row| read(&mut Columns::new("certificate", row))).collect()
    }

    async fn find_by_serial(&mut self, serial: &SerialNumber) -> Result<Vec<Certificate>, StoreError> {
        let sql = concat!(certificate_columns!(), " FROM certificate c WHERE c.serial = ? ORDER BY c.id");
        let rows = self.select("finding certificates", sql, args![serial]).await?;
        let found = rows.iter().map(|row| read(&mut Columns::new("certificate", row)));
        let found: Vec<Certificate> = found.collect::<Result<_, _>>()?;
        // SQL Server takes bytes for equal that differ in zeros at the end.
        Ok(found.into_iter().filter(|certificate| certificate.serial == *serial).collect())
    }

    async fn list(
        &mut self,
        filter: &CertificateFilter,
        order: CertificateOrder,
        page: &PageRequest,
    ) -> Result<Page<CertificateRow>, StoreError> {
        self.list_certificates(filter, order, page).await
    }

    async fn count(&mut self, filter: &CertificateFilter, limit: u64) -> Result<u64, StoreError> {
        self.count_certificates(filter, limit).await
    }

    async fn counts(&mut self, now: Timestamp) -> Result<CertificateCounts, StoreError> {
        let month = |n: i64| now + Span::days(31 * n);
        let mut counts = CertificateCounts {
            expired: self.certificates_ending(None, Some(now)).await?,
            superseded: self.certificates_in(CertificateState::Superseded).await?,
            revoked: self.certificates_in(CertificateState::Revoked).await?
                + self.certificates_in(CertificateState::Revoking).await?,
            ..CertificateCounts::default()
        };
        for (n, ends) in (0_i64..).zip(&mut counts.by_month) {
            *ends = self.certificates_ending(Some(month(n)), Some(month(n + 1))).await?;
        }
        counts.expiring = self.certificates_ending(Some(now), Some(now + Span::days(30))).await?;
        let later = self.certificates_ending(Some(month(12)), None).await?;
        counts.valid = counts.by_month.iter().sum::<u64>() + later;
        Ok(counts)
    }

    async fn mark_revoking(
        &mut self,
        id: CertificateId,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE certificate SET state = ?, revoked_at = ?, revoked_reason = ? \
                   WHERE id = ? AND state IN (?, ?, ?)";
        let mut args = args![CertificateState::Revoking.code(), at, Coded::code(reason), id];
        args.extend(ending::running());
        if self.run("marking a certificate", sql, args).await? == 1 {
            self.drop_hold(id).await?;
            self.owner_due(id).await?;
        }
        Ok(())
    }

    async fn mark_revoked(
        &mut self,
        id: CertificateId,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let revoked = CertificateState::Revoked.code();
        // Whoever may not write what an authority confirmed may not call a certificate revoked either.
        let sql = "UPDATE certificate SET state = ?, revoked_at = ?, revoked_reason = ?, \
                   checked_at = CASE WHEN checked_at < ? THEN ? ELSE checked_at END WHERE id = ? AND state <> ?";
        let args = args![revoked, at, Coded::code(reason), at, at, id, revoked];
        if self.run("marking a certificate", sql, args).await? == 1 {
            self.drop_hold(id).await?;
            self.owner_due(id).await?;
        }
        Ok(())
    }

    async fn mark_superseded(&mut self, id: CertificateId) -> Result<(), StoreError> {
        let sql = "UPDATE certificate SET state = ? WHERE id = ? AND state = ?";
        let states = (CertificateState::Superseded.code(), CertificateState::Valid.code());
        if self.run("marking a certificate", sql, args![states.0, id, states.1]).await? == 0 {
            self.supersede_held(id).await?;
        }
        // One with a former name is to end now.
        self.owner_due(id).await
    }

    async fn hold(&mut self, hold: &Hold) -> Result<bool, StoreError> {
        self.put_on_hold(hold).await
    }

    async fn lookup_hold(&mut self, id: CertificateId) -> Result<Option<Hold>, StoreError> {
        self.find_hold(id).await
    }

    async fn set_hold(
        &mut self,
        id: CertificateId,
        from: HoldState,
        to: HoldState,
    ) -> Result<bool, StoreError> {
        self.move_hold(id, from, to).await
    }

    async fn lift(&mut self, id: CertificateId) -> Result<bool, StoreError> {
        self.lift_hold(id).await
    }

    async fn mark_checked(&mut self, ids: &[CertificateId], at: Timestamp) -> Result<(), StoreError> {
        for some in ids.chunks(ASKED_AT_ONCE) {
            let Some(list) = InList::of(some) else { continue };
            // Of two who ask at once the later one counts, whoever writes first.
            let sql = format!(
                "UPDATE certificate SET checked_at = ? WHERE checked_at < ? AND id IN {}",
                list.places
            );
            let args = [args![at, at], list.values].concat();
            self.run("noting what the authority said", sql, args).await?;
        }
        Ok(())
    }

    async fn mark_archived(&mut self, id: CertificateId) -> Result<(), StoreError> {
        let sql = "UPDATE certificate SET archived = ? WHERE id = ?";
        self.run("marking a certificate", sql, vec![Value::from(true), Value::from(id)]).await?;
        Ok(())
    }
}
