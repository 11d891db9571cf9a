//! Starts an idle worker at once when work was queued in its own process.

use std::sync::Arc;

use tokio::sync::Notify;

/// A handle that wakes one worker. One made by `default` wakes nobody.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Work was queued.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.0.notified().await;
    }
}
