//! A lock that cannot be poisoned for good: a test that panics while it holds one must not hide its own message behind others.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// State shared by requests. Hold a guard for a few lookups, never across an await.
#[derive(Debug, Default)]
pub(crate) struct Shared<T>(RwLock<T>);

impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new(value))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
