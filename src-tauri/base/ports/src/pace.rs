//! How often another side may be called, by all installations together.

use std::fmt;

use async_trait::async_trait;
use model::Span;

/// Gives out calls to one place: one authority account, one application at Graph.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Waits until a call is free and takes it.
    ///
    /// # Errors
    /// How long it would take, when that is longer than somebody who holds other work up should wait: nothing was taken,
    /// and the scheduler comes again.
    async fn draw(&self) -> Result<(), Span>;
    /// The other side asked for a rest (`Retry-After`): nobody calls it for this long.
    async fn rest(&self, span: Span);
}

impl fmt::Debug for dyn Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

/// No limit, and no rest: for places that limit themselves, and for tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpaced;

#[async_trait]
impl Pace for Unpaced {
    async fn draw(&self) -> Result<(), Span> {
        Ok(())
    }
    async fn rest(&self, _: Span) {}
}
