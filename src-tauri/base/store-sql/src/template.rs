//! Templates: a small row for lists and locks, the recipe itself as JSON beside it.

use async_trait::async_trait;
use model::{Template, TemplateId, Timestamp};
use store::{StoreError, TemplateRepository, VersionedTemplate};

use crate::columns::{Columns, Row, json};
use crate::session::Session;
use crate::value::args;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.version, t.changed_at, t.changed_by, b.body FROM template t \
             JOIN template_body b ON b.template = t.id ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<VersionedTemplate, StoreError> {
    let mut columns = Columns::new("template", row);
    let version = columns.int()?;
    let changed_at = columns.time()?;
    let changed_by = columns.text()?;
    Ok(VersionedTemplate { template: columns.json()?, version, changed_at, changed_by })
}

#[async_trait]
impl TemplateRepository for Session {
    async fn list(&mut self) -> Result<Vec<VersionedTemplate>, StoreError> {
        let rows = self.select("reading templates", select!("ORDER BY t.name_lc"), args![]).await?;
        rows.iter().map(read).collect()
    }

    async fn lookup(&mut self, id: TemplateId) -> Result<Option<VersionedTemplate>, StoreError> {
        let row = self.select_one("reading a template", select!("WHERE t.id = ?"), args![id]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn find(&mut self, name: &str) -> Result<Option<VersionedTemplate>, StoreError> {
        let named = args![name.trim().to_lowercase()];
        let row = self.select_one("reading a template", select!("WHERE t.name_lc = ?"), named).await?;
        row.as_ref().map(read).transpose()
    }

    async fn add(&mut self, template: &Template, by: &str, at: Timestamp) -> Result<(), StoreError> {
        let body = json("template", template)?;
        self.insert(
            "a template with this name or id",
            "INSERT INTO template (id, name, name_lc, version, changed_at, changed_by) VALUES (?, ?, ?, 1, ?, ?)",
            args![template.id, &template.name, template.name.trim().to_lowercase(), at, by],
        )
        .await?;
        self.insert(
            "the body of this template",
            "INSERT INTO template_body (template, body) VALUES (?, ?)",
            args![template.id, body],
        )
        .await
    }

    async fn set(
        &mut self,
        template: &Template,
        version: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let body = json("template", template)?;
        let changed = self
            .run(
                "a template with this name",
                "UPDATE template SET name = ?, name_lc = ?, version = version + 1, changed_at = ?, changed_by = ? \
                 WHERE id = ? AND version = ?",
                args![&template.name, template.name.trim().to_lowercase(), at, by, template.id, version],
            )
            .await?;
        if changed == 0 {
            return Err(StoreError::Stale { what: "the template" });
        }
        self.run(
            "writing a template",
            "UPDATE template_body SET body = ? WHERE template = ?",
            args![body, template.id],
        )
        .await?;
        Ok(())
    }
}
