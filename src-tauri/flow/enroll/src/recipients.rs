//! To whom in-flight keys are sealed, so that another daemon can deliver what a dead one began.

use admit::{AdmitError, Gate};
use async_trait::async_trait;
use crypto::X509Certificate;
use model::Span;

use crate::StepError;
use crate::error::chain;

/// A source of the certificates to which in-flight keys are sealed.
#[async_trait]
pub trait Recipients: Send + Sync {
    /// Those of this moment; asked for each key anew, since installations come and go while a daemon runs.
    async fn current(&self) -> Result<Vec<X509Certificate>, StepError>;
}

/// Always the same ones: for a home that shares its database with nobody, and for tests.
#[async_trait]
impl Recipients for Vec<X509Certificate> {
    async fn current(&self) -> Result<Vec<X509Certificate>, StepError> {
        Ok(self.clone())
    }
}

/// All who are admitted, as the signed log tells it. Refuses while this installation is not one of them.
#[async_trait]
impl Recipients for Gate {
    async fn current(&self) -> Result<Vec<X509Certificate>, StepError> {
        self.recipients().await.map_err(failure)
    }
}

fn failure(error: AdmitError) -> StepError {
    let text = chain(&error);
    if let AdmitError::Store(error) = error {
        return StepError::Store(error);
    }
    if matches!(error, AdmitError::Shortened { .. }) {
        // A copy of the database may lag behind; if it is worse than that, it shows the next time too.
        return StepError::Retry { after: Some(Span::minutes(1)), text };
    }
    StepError::Operator { text }
}
