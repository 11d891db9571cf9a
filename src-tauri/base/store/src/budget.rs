//! Shared budgets: how often all installations together may call a certification authority or Graph.

use async_trait::async_trait;
use model::Span;

use crate::StoreError;

/// How fast a budget fills and how much of it may be spent at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Time in which one call becomes free; at least one millisecond.
    pub interval: Span,
    /// Calls that may be made at once after a rest; at least one.
    pub burst: u32,
}

/// Token buckets by the database's own clock, so that they mean the same to every installation.
#[async_trait]
pub trait BudgetRepository: Send {
    /// Draws one call from the bucket `name`. `None`: go ahead. Otherwise nothing was drawn, and this is how long it
    /// takes until it is worth asking again.
    async fn draw(&mut self, name: &str, rate: Rate) -> Result<Option<Span>, StoreError>;
    /// Nobody draws from the bucket for this long, because the other side asked for a rest (`Retry-After`). A longer
    /// rest that was asked for before stays.
    async fn rest(&mut self, name: &str, span: Span) -> Result<(), StoreError>;
    /// How long nobody may draw because of a rest; `None` when there is none. Costs no write.
    async fn resting(&mut self, name: &str) -> Result<Option<Span>, StoreError>;
}
