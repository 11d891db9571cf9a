//! Sets of recovery agents and the signatures under them. What they say is read and believed elsewhere.

use async_trait::async_trait;
use store::{KraSetRepository, StoreError, StoredKraSet, StoredKraSetSignature};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

fn read_version(row: &Row) -> Result<StoredKraSet, StoreError> {
    let mut columns = Columns::new("set of recovery agents", row);
    Ok(StoredKraSet {
        digest: columns.digest()?,
        version: columns.int()?,
        body: columns.text()?,
        added_at: columns.time()?,
    })
}

fn read_signature(row: &Row) -> Result<StoredKraSetSignature, StoreError> {
    let mut columns = Columns::new("signature under a set of recovery agents", row);
    Ok(StoredKraSetSignature {
        set: columns.digest()?,
        digest: columns.digest()?,
        officer: columns.digest()?,
        algorithm: columns.text()?,
        signature: columns.bytes()?,
        added_at: columns.time()?,
    })
}

#[async_trait]
impl KraSetRepository for Session {
    async fn versions(&mut self) -> Result<Vec<StoredKraSet>, StoreError> {
        let sql = "SELECT digest, version, body, added_at FROM kra_set ORDER BY version, added_at, digest";
        let rows = self.select("reading sets of recovery agents", sql, args![]).await?;
        rows.iter().map(read_version).collect()
    }

    async fn signatures(&mut self) -> Result<Vec<StoredKraSetSignature>, StoreError> {
        let sql = "SELECT set_digest, digest, officer, algorithm, signature, added_at FROM kra_set_signature \
                   ORDER BY added_at, digest";
        let rows = self.select("reading signatures under sets of recovery agents", sql, args![]).await?;
        rows.iter().map(read_signature).collect()
    }

    async fn add_version(&mut self, set: &StoredKraSet) -> Result<(), StoreError> {
        self.insert(
            "this set of recovery agents",
            "INSERT INTO kra_set (digest, version, body, added_at) VALUES (?, ?, ?, ?)",
            args![&set.digest, set.version, &set.body, set.added_at],
        )
        .await
    }

    async fn add_signature(&mut self, signature: &StoredKraSetSignature) -> Result<(), StoreError> {
        self.insert(
            "this signature",
            "INSERT INTO kra_set_signature (set_digest, digest, officer, algorithm, signature, added_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![
                &signature.set,
                &signature.digest,
                &signature.officer,
                &signature.algorithm,
                &signature.signature,
                signature.added_at
            ],
        )
        .await
    }
}
