//! Authority accounts and key recovery agents.

use async_trait::async_trait;
use model::{AuthorityId, Kra, Thumbprint};
use store::{AuthorityRepository, KraRepository, StoreError, StoredAuthority};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT a.id, a.name, a.connector, a.settings, a.added_at FROM authority a ", $rest)
    };
}

fn read(row: &Row) -> Result<StoredAuthority, StoreError> {
    let mut columns = Columns::new("authority", row);
    Ok(StoredAuthority {
        id: columns.id()?,
        name: columns.text()?,
        connector: columns.text()?,
        settings: columns.text()?,
        sealed_secrets: None,
        added_at: columns.time()?,
    })
}

#[async_trait]
impl AuthorityRepository for Session {
    async fn list(&mut self) -> Result<Vec<StoredAuthority>, StoreError> {
        let rows = self.select("reading authorities", select!("ORDER BY a.name_lc"), args![]).await?;
        rows.iter().map(read).collect()
    }

    async fn lookup(&mut self, id: AuthorityId) -> Result<Option<StoredAuthority>, StoreError> {
        let row = self.select_one("reading an authority", select!("WHERE a.id = ?"), args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find(&mut self, name: &str) -> Result<Option<StoredAuthority>, StoreError> {
        let named = args![name.trim().to_lowercase()];
        let row = self.select_one("reading an authority", select!("WHERE a.name_lc = ?"), named).await?;
        row.as_ref().map(read).transpose()
    }

    async fn add(&mut self, authority: &StoredAuthority) -> Result<(), StoreError> {
        self.insert(
            "an authority with this name or id",
            "INSERT INTO authority (id, name, name_lc, connector, settings, added_at) VALUES (?, ?, ?, ?, ?, ?)",
            args![
                authority.id,
                &authority.name,
                authority.name.trim().to_lowercase(),
                &authority.connector,
                &authority.settings,
                authority.added_at
            ],
        )
        .await?;
        let Some(sealed) = &authority.sealed_secrets else { return Ok(()) };
        self.insert(
            "the secret of this authority",
            "INSERT INTO authority_secret (authority, sealed) VALUES (?, ?)",
            args![authority.id, sealed],
        )
        .await
    }

    async fn sealed(&mut self, id: AuthorityId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM authority_secret WHERE authority = ?";
        let row = self.select_one("reading the secret of an authority", sql, args![id]).await?;
        row.as_ref().map(|row| Columns::new("secret of an authority", row).bytes()).transpose()
    }

    async fn reseal(&mut self, id: AuthorityId, old: &[u8], new: &[u8]) -> Result<bool, StoreError> {
        let sql = "UPDATE authority_secret SET sealed = ? WHERE authority = ? AND sealed = ?";
        Ok(self.run("sealing the secret of an authority again", sql, args![new, id, old]).await? == 1)
    }
}

#[async_trait]
impl KraRepository for Session {
    async fn list(&mut self) -> Result<Vec<Kra>, StoreError> {
        let sql = "SELECT thumbprint, name, certificate_der, not_after, added_at FROM kra \
                   ORDER BY added_at, thumbprint";
        let rows = self.select("reading key recovery agents", sql, args![]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("key recovery agent", row);
            Ok(Kra {
                thumbprint: columns.thumbprint()?,
                name: columns.text()?,
                certificate_der: columns.bytes()?,
                not_after: columns.time()?,
                added_at: columns.time()?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn add(&mut self, kra: &Kra) -> Result<(), StoreError> {
        self.insert(
            "a key recovery agent with this certificate",
            "INSERT INTO kra (thumbprint, name, certificate_der, not_after, added_at) VALUES (?, ?, ?, ?, ?)",
            args![kra.thumbprint, &kra.name, &kra.certificate_der, kra.not_after, kra.added_at],
        )
        .await
    }

    async fn remove(&mut self, thumbprint: Thumbprint) -> Result<bool, StoreError> {
        let sql = "DELETE FROM kra WHERE thumbprint = ?";
        Ok(self.run("removing a key recovery agent", sql, args![thumbprint]).await? == 1)
    }
}
