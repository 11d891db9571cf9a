//! What address books show of our certificates, at most one row per book and certificate.

use async_trait::async_trait;
use model::{
    CertificateId, CertificateState, DeliveryState, Publication, PublicationState, Purpose, SubscriberId,
    Timestamp,
};
use store::{PublicationRepository, PublicationRow, StoreError};
use uuid::Uuid;

use crate::codes::Coded;
use crate::columns::Columns;
use crate::session::Session;
use crate::value::args;

const WHAT: &str = "publication";

/// Whose publications are in a state, along the index of states.
pub(crate) const OPEN: &str = "SELECT DISTINCT subscriber FROM publication \
     WHERE book = ? AND state IN (?, ?, ?) AND subscriber > ? ORDER BY subscriber LIMIT ?";

fn read(columns: &mut Columns<'_>) -> Result<Publication, StoreError> {
    Ok(Publication {
        certificate: columns.id()?,
        subscriber: columns.id()?,
        book: columns.text()?,
        state: columns.coded()?,
        detail: columns.opt_text()?,
        at: columns.time()?,
    })
}

/// The lowest id stands for the beginning.
fn from(after: Option<Uuid>) -> SubscriberId {
    after.unwrap_or(Uuid::nil()).into()
}

#[async_trait]
impl PublicationRepository for Session {
    async fn set(&mut self, new: &Publication) -> Result<(), StoreError> {
        let sql = "INSERT INTO publication (book, certificate, subscriber, state, detail, at) VALUES (?, ?, ?, ?, ?, ?)";
        let args = args![
            &new.book,
            new.certificate,
            new.subscriber,
            new.state.code(),
            new.detail.as_deref(),
            new.at
        ];
        if self.insert_missing("this publication", sql, args).await? {
            return Ok(());
        }
        let sql = "UPDATE publication SET state = ?, detail = ?, at = ? WHERE book = ? AND certificate = ?";
        let args = args![new.state.code(), new.detail.as_deref(), new.at, &new.book, new.certificate];
        self.run("writing a publication", sql, args).await.map(|_| ())
    }

    async fn of(&mut self, book: &str, subscriber: SubscriberId) -> Result<Vec<Publication>, StoreError> {
        let sql = "SELECT certificate, subscriber, book, state, detail, at FROM publication \
                   WHERE subscriber = ? AND book = ? ORDER BY certificate";
        let rows = self.select("reading publications", sql, args![subscriber, book]).await?;
        rows.iter().map(|row| read(&mut Columns::new(WHAT, row))).collect()
    }

    async fn open(
        &mut self,
        book: &str,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<SubscriberId>, StoreError> {
        let [wanted, accepted, unwanted] =
            [PublicationState::Wanted, PublicationState::Accepted, PublicationState::Unwanted]
                .map(Coded::code);
        let args = args![book, wanted, accepted, unwanted, from(after.map(SubscriberId::uuid)), limit];
        let rows = self.select("reading publications", OPEN, args).await?;
        rows.iter().map(|row| Columns::new(WHAT, row).id()).collect()
    }

    async fn lacking(
        &mut self,
        book: &str,
        now: Timestamp,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<(CertificateId, SubscriberId)>, StoreError> {
        let sql = "SELECT c.id, c.subscriber FROM certificate c WHERE c.id > ? AND c.state = ? AND c.purpose = ? \
                   AND c.not_after > ? \
                   AND NOT EXISTS (SELECT 1 FROM publication p WHERE p.book = ? AND p.certificate = c.id) \
                   AND EXISTS (SELECT 1 FROM delivery d WHERE d.certificate = c.id AND d.state = ?) \
                   ORDER BY c.id LIMIT ?";
        let args = args![
            from(after.map(CertificateId::uuid)),
            CertificateState::Valid.code(),
            Purpose::Smime.code(),
            now,
            book,
            DeliveryState::Present.code(),
            limit
        ];
        let rows = self.select("reading what is not published", sql, args).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new("certificate", row);
                Ok((columns.id()?, columns.id()?))
            })
            .collect()
    }

    async fn outlived(
        &mut self,
        book: &str,
        now: Timestamp,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<SubscriberId>, StoreError> {
        let sql = "SELECT DISTINCT p.subscriber FROM publication p JOIN certificate c ON c.id = p.certificate \
                   WHERE p.book = ? AND p.state IN (?, ?, ?) AND p.subscriber > ? \
                   AND (c.not_after <= ? OR c.state IN (?, ?, ?)) ORDER BY p.subscriber LIMIT ?";
        let args = args![
            book,
            PublicationState::Wanted.code(),
            PublicationState::Accepted.code(),
            PublicationState::Published.code(),
            from(after.map(SubscriberId::uuid)),
            now,
            CertificateState::Revoking.code(),
            CertificateState::Revoked.code(),
            CertificateState::Held.code(),
            limit
        ];
        let rows = self.select("reading what is published", sql, args).await?;
        rows.iter().map(|row| Columns::new(WHAT, row).id()).collect()
    }

    async fn habit(&mut self, book: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT habit FROM address_book WHERE book = ?";
        let row = self.select_one("reading how an address book takes values", sql, args![book]).await?;
        row.map(|row| Columns::new("address book", &row).text()).transpose()
    }

    async fn set_habit(&mut self, book: &str, habit: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO address_book (book, habit, learned_at) VALUES (?, ?, ?)";
        if self.insert_missing("this address book", sql, args![book, habit, at]).await? {
            return Ok(());
        }
        let sql = "UPDATE address_book SET habit = ?, learned_at = ? WHERE book = ?";
        self.run("writing how an address book takes values", sql, args![habit, at, book]).await.map(|_| ())
    }

    async fn counts(&mut self, book: &str) -> Result<Vec<(PublicationState, u64)>, StoreError> {
        let sql = "SELECT state, COUNT(*) FROM publication WHERE book = ? GROUP BY state ORDER BY state";
        let rows = self.select("counting publications", sql, args![book]).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new(WHAT, row);
                Ok((columns.coded()?, columns.number()?))
            })
            .collect()
    }

    async fn list(
        &mut self,
        book: &str,
        state: PublicationState,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<PublicationRow>, StoreError> {
        let sql = "SELECT p.certificate, p.subscriber, p.book, p.state, p.detail, p.at, c.mail, c.thumbprint \
                   FROM publication p JOIN certificate c ON c.id = p.certificate \
                   WHERE p.book = ? AND p.state = ? AND p.certificate > ? ORDER BY p.certificate LIMIT ?";
        let args = args![book, state.code(), from(after.map(CertificateId::uuid)), limit];
        let rows = self.select("reading publications", sql, args).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new(WHAT, row);
                Ok(PublicationRow {
                    publication: read(&mut columns)?,
                    mail: columns.text()?,
                    thumbprint: columns.thumbprint()?,
                })
            })
            .collect()
    }
}
