//! Certificates on hold: what they were before, and how far the hold came.

use std::collections::BTreeMap;

use model::{CertificateId, CertificateState, Hold, HoldState, SubscriberId};
use store::StoreError;

use crate::codes::Coded as _;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::subscriber::InList;
use crate::value::args;

const MARKING: &str = "marking a certificate";

fn read(row: &Row) -> Result<Hold, StoreError> {
    let mut columns = Columns::new("hold", row);
    Ok(Hold {
        certificate: columns.id()?,
        subscriber: columns.id()?,
        cause: columns.coded()?,
        was: columns.coded()?,
        state: columns.coded()?,
        since: columns.time()?,
    })
}

impl Session {
    pub(crate) async fn put_on_hold(&mut self, hold: &Hold) -> Result<bool, StoreError> {
        let sql = "UPDATE certificate SET state = ? WHERE id = ? AND state = ?";
        let args = args![CertificateState::Held.code(), hold.certificate, hold.was.code()];
        if hold.was == CertificateState::Held || self.run(MARKING, sql, args).await? == 0 {
            return Ok(false);
        }
        self.insert(
            "a hold of this certificate",
            "INSERT INTO certificate_hold (certificate, subscriber, cause, was, state, since) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![
                hold.certificate,
                hold.subscriber,
                hold.cause.code(),
                hold.was.code(),
                hold.state.code(),
                hold.since
            ],
        )
        .await?;
        self.owner_due(hold.certificate).await?;
        Ok(true)
    }

    pub(crate) async fn find_hold(&mut self, id: CertificateId) -> Result<Option<Hold>, StoreError> {
        let sql = "SELECT certificate, subscriber, cause, was, state, since FROM certificate_hold \
                   WHERE certificate = ?";
        let row = self.select_one("reading a hold", sql, args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    pub(crate) async fn move_hold(
        &mut self,
        id: CertificateId,
        from: HoldState,
        to: HoldState,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE certificate_hold SET state = ? WHERE certificate = ? AND state = ?";
        Ok(self.run("writing how far a hold came", sql, args![to.code(), id, from.code()]).await? == 1)
    }

    pub(crate) async fn lift_hold(&mut self, id: CertificateId) -> Result<bool, StoreError> {
        let Some(hold) = self.find_hold(id).await? else { return Ok(false) };
        let sql = "DELETE FROM certificate_hold WHERE certificate = ? AND state = ?";
        if self.run("lifting a hold", sql, args![id, HoldState::Lifting.code()]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE certificate SET state = ? WHERE id = ? AND state = ?";
        self.run(MARKING, sql, args![hold.was.code(), id, CertificateState::Held.code()]).await?;
        self.owner_due(id).await?;
        Ok(true)
    }

    /// A revocation takes the place of a hold.
    pub(crate) async fn drop_hold(&mut self, id: CertificateId) -> Result<(), StoreError> {
        let sql = "DELETE FROM certificate_hold WHERE certificate = ?";
        self.run("ending a hold", sql, args![id]).await.map(|_| ())
    }

    /// A newer certificate took the place of one that is on hold.
    pub(crate) async fn supersede_held(&mut self, id: CertificateId) -> Result<(), StoreError> {
        let sql = "UPDATE certificate_hold SET was = ? WHERE certificate = ?";
        self.run(MARKING, sql, args![CertificateState::Superseded.code(), id]).await.map(|_| ())
    }

    /// The holds on these subscribers' certificates.
    pub(crate) async fn holds_of(
        &mut self,
        of: &[SubscriberId],
    ) -> Result<BTreeMap<SubscriberId, Vec<Hold>>, StoreError> {
        let mut holds: BTreeMap<SubscriberId, Vec<Hold>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(holds) };
        let sql = format!(
            "SELECT certificate, subscriber, cause, was, state, since FROM certificate_hold \
             WHERE subscriber IN {} ORDER BY subscriber, certificate",
            list.places
        );
        for row in &self.select("reading holds", sql, list.values).await? {
            let hold = read(row)?;
            holds.entry(hold.subscriber).or_default().push(hold);
        }
        Ok(holds)
    }
}
