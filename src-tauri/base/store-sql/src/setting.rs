//! Settings that all installations share, and secrets sealed to them.

use async_trait::async_trait;
use model::Timestamp;
use store::{SecretRepository, SettingRepository, StoreError, StoredSecret, StoredSetting};

use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::value::args;

const CHANGED: StoreError = StoreError::Stale { what: "the setting" };

fn read(row: &Row) -> Result<StoredSetting, StoreError> {
    let mut columns = Columns::new("setting", row);
    Ok(StoredSetting {
        name: columns.text()?,
        body: columns.text()?,
        version: columns.int()?,
        changed_at: columns.time()?,
        changed_by: columns.text()?,
    })
}

#[async_trait]
impl SettingRepository for Session {
    async fn list(&mut self) -> Result<Vec<StoredSetting>, StoreError> {
        let sql = "SELECT name, body, version, changed_at, changed_by FROM setting ORDER BY name";
        self.select("reading settings", sql, args![]).await?.iter().map(read).collect()
    }

    async fn find(&mut self, name: &str) -> Result<Option<StoredSetting>, StoreError> {
        let sql = "SELECT name, body, version, changed_at, changed_by FROM setting WHERE name = ?";
        self.select_one("reading a setting", sql, args![name]).await?.as_ref().map(read).transpose()
    }

    async fn set(
        &mut self,
        name: &str,
        body: &str,
        version: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if version == 0 {
            let sql =
                "INSERT INTO setting (name, body, version, changed_at, changed_by) VALUES (?, ?, 1, ?, ?)";
            let added = self.insert("this setting", sql, args![name, body, at, by]).await;
            return added
                .map_err(|error| if matches!(error, StoreError::Conflict { .. }) { CHANGED } else { error });
        }
        let sql = "UPDATE setting SET body = ?, version = version + 1, changed_at = ?, changed_by = ? \
                   WHERE name = ? AND version = ?";
        match self.run("writing a setting", sql, args![body, at, by, name, version]).await? {
            0 => Err(CHANGED),
            _ => Ok(()),
        }
    }

    async fn remove(&mut self, name: &str, version: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM setting WHERE name = ? AND version = ?";
        match self.run("removing a setting", sql, args![name, version]).await? {
            0 => Err(CHANGED),
            _ => Ok(()),
        }
    }
}

fn read_secret(row: &Row) -> Result<StoredSecret, StoreError> {
    let mut columns = Columns::new("secret", row);
    Ok(StoredSecret { name: columns.text()?, sealed: columns.bytes()?, sealed_at: columns.time()? })
}

#[async_trait]
impl SecretRepository for Session {
    async fn list(&mut self) -> Result<Vec<StoredSecret>, StoreError> {
        let sql = "SELECT name, sealed, sealed_at FROM secret ORDER BY name";
        self.select("reading sealed secrets", sql, args![]).await?.iter().map(read_secret).collect()
    }

    async fn find(&mut self, name: &str) -> Result<Option<StoredSecret>, StoreError> {
        let sql = "SELECT name, sealed, sealed_at FROM secret WHERE name = ?";
        self.select_one("reading a sealed secret", sql, args![name])
            .await?
            .as_ref()
            .map(read_secret)
            .transpose()
    }

    async fn set(&mut self, secret: &StoredSecret) -> Result<(), StoreError> {
        let args = args![&secret.sealed, secret.sealed_at, &secret.name];
        let sql = "UPDATE secret SET sealed = ?, sealed_at = ? WHERE name = ?";
        if self.run("writing a sealed secret", sql, args.clone()).await? > 0 {
            return Ok(());
        }
        let sql = "INSERT INTO secret (sealed, sealed_at, name) VALUES (?, ?, ?)";
        self.insert("a secret with this name", sql, args).await
    }

    async fn remove(&mut self, name: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM secret WHERE name = ?";
        Ok(self.run("removing a sealed secret", sql, args![name]).await? == 1)
    }

    async fn reseal(
        &mut self,
        name: &str,
        old: &[u8],
        new: &[u8],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE secret SET sealed = ?, sealed_at = ? WHERE name = ? AND sealed = ?";
        Ok(self.run("sealing a secret again", sql, args![new, at, name, old]).await? == 1)
    }
}
