//! To whom keys are sealed: in flight to the installations, so that another daemon can deliver what a dead one began; for the
//! archive to the recovery agents.

use admit::{AdmitError, Gate};
use async_trait::async_trait;
use crypto::{SealingAgents, X509Certificate};
use custody::{Custody, CustodyError};
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

/// A source of the recovery agents to whom archived keys are sealed.
#[async_trait]
pub trait Agents: Send + Sync {
    /// Those of this moment; asked for each key anew.
    async fn current(&self) -> Result<SealingAgents, StepError>;
}

/// The set in force for this home, or the unsigned list while there is none. Refuses while the database does not go on from
/// what the home has pinned.
#[async_trait]
impl Agents for Custody {
    async fn current(&self) -> Result<SealingAgents, StepError> {
        self.sealing().await.map_err(|error| {
            if let CustodyError::Store(error) = error {
                return StepError::Store(error);
            }
            StepError::Operator { text: format!("the template archives keys, and {}", chain(&error)) }
        })
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
