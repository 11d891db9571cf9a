//! Keys that block: each operation on a thread of its own, waited for no longer than a person would.
//!
//! A card may wait for as long as somebody stands at the reader, a module or dialog for ever. Whoever did not answer once is
//! not asked again in this process: it may be waiting for itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ports::{BoxError, RecoveryKeyError};

/// How long one operation may take. Cards need a second or two; some wait for a touch, and a reader with a PIN pad or a dialog
/// for a PIN.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// What a key that blocks is made of, asked for one thing at a time.
pub(crate) struct Patient<S> {
    place: String,
    state: Arc<Mutex<S>>,
    patience: Duration,
    /// What is said when it does not answer.
    silence: fn(&str) -> RecoveryKeyError,
    /// It did not answer once.
    silent: AtomicBool,
}

impl<S: Send + 'static> Patient<S> {
    pub(crate) fn new(place: String, state: S, silence: fn(&str) -> RecoveryKeyError) -> Self {
        let state = Arc::new(Mutex::new(state));
        Self { place, state, patience: PATIENCE, silence, silent: AtomicBool::new(false) }
    }

    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Does `work` with it.
    ///
    /// # Errors
    /// Those of `work`; what is said of silence; `Failed` when no thread could be had.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, RecoveryKeyError> + Send + 'static,
    ) -> Result<T, RecoveryKeyError> {
        if self.silent.load(Ordering::SeqCst) {
            return Err((self.silence)(&self.place));
        }
        let (state, answered) = (Arc::clone(&self.state), Arc::new(AtomicBool::new(false)));
        let answers = Arc::clone(&answered);
        let done = off_the_async_threads(&self.place, self.patience, self.silence, move || {
            let done = work(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
            answers.store(true, Ordering::SeqCst);
            done
        })
        .await;
        self.silent.fetch_or(!answered.load(Ordering::SeqCst), Ordering::SeqCst);
        done
    }
}

/// Does `work` on a thread of its own and waits for it that long. A thread of the runtime's would not do: the program could
/// not end before a module that never returns.
pub(crate) async fn off_the_async_threads<T: Send + 'static>(
    place: &str,
    patience: Duration,
    silence: fn(&str) -> RecoveryKeyError,
    work: impl FnOnce() -> Result<T, RecoveryKeyError> + Send + 'static,
) -> Result<T, RecoveryKeyError> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let begun = std::thread::Builder::new().name("recovery key".to_owned()).spawn(move || {
        // Nobody listens where the command was given up.
        let _ = tell.send(work());
    });
    let failed = |source: BoxError| RecoveryKeyError::Failed { place: place.to_owned(), source };
    begun.map_err(|error| failed(Box::new(error)))?;
    match tokio::time::timeout(patience, told).await {
        Ok(Ok(done)) => done,
        Ok(Err(panicked)) => Err(failed(Box::new(panicked))),
        Err(_) => Err(silence(place)),
    }
}
