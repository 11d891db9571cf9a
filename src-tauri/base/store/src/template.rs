//! Templates with optimistic versions.

use async_trait::async_trait;
use model::{Template, TemplateId, Timestamp};

use crate::StoreError;

/// A template and the version under which it was read.
#[derive(Clone, PartialEq, Debug)]
pub struct VersionedTemplate {
    /// The template.
    pub template: Template,
    /// Grows by one with every change.
    pub version: i64,
    /// Last change.
    pub changed_at: Timestamp,
    /// Who changed it.
    pub changed_by: String,
}

/// Templates.
#[async_trait]
pub trait TemplateRepository: Send {
    /// All, by name.
    async fn list(&mut self) -> Result<Vec<VersionedTemplate>, StoreError>;
    /// By id.
    async fn lookup(&mut self, id: TemplateId) -> Result<Option<VersionedTemplate>, StoreError>;
    /// By name, ignoring case.
    async fn find(&mut self, name: &str) -> Result<Option<VersionedTemplate>, StoreError>;
    /// Adds a template. [`StoreError::Conflict`] when the id or the name is taken.
    async fn add(&mut self, template: &Template, by: &str, at: Timestamp) -> Result<(), StoreError>;
    /// Replaces the template read as `version`. [`StoreError::Stale`] when somebody was faster.
    async fn set(
        &mut self,
        template: &Template,
        version: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
