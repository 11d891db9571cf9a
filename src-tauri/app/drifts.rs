//! The comparison with the world outside, as the service's duty and as a command.

use std::sync::Arc;

use async_trait::async_trait;
use enroll::Bench;
use jobs::Duty;
use lifecycle::{Outside, SideCompared};
use model::{DriftState, Service, Span};
use ports::{DeliveryDoor, StatusDoor, chain};
use store::DutyClaim;

/// Compares every side and writes down what differs.
pub(crate) struct Drift {
    /// Database and authorities.
    pub bench: Arc<Bench>,
    /// Intune; `None` where it is not configured.
    pub delivery: Option<Arc<dyn DeliveryDoor>>,
    /// Lists and responders at the addresses in certificates; or why they cannot be asked.
    pub status: Result<Arc<dyn StatusDoor>, String>,
    /// Whether the settings want it at all.
    pub is_on: bool,
    /// Time between runs.
    pub interval: Span,
}

impl Drift {
    /// The world outside.
    pub(crate) fn outside(&self) -> Outside<'_> {
        Outside {
            authorities: &self.bench.authorities,
            delivery: self.delivery.as_deref(),
            book: self.bench.address_book.as_deref(),
            status: self.status.as_deref().map_err(String::as_str),
        }
    }

    /// Compares now.
    pub(crate) async fn compare(&self) -> Result<Vec<SideCompared>, store::StoreError> {
        lifecycle::compare_outside(self.bench.store.as_ref(), self.outside(), self.bench.clock.as_ref()).await
    }

    async fn told(&self, sides: &[SideCompared]) -> Result<String, store::StoreError> {
        let mut work = self.bench.store.read().await?;
        let open = work.drift().count(DriftState::Open).await?;
        let noted = work.drift().count(DriftState::Noted).await?;
        let mut told: Vec<String> = sides.iter().map(side).collect();
        told.push(format!("{open} findings, {noted} seen once"));
        Ok(told.join("; "))
    }
}

/// All sides, a line each.
pub(crate) fn lines(sides: &[SideCompared]) -> String {
    sides.iter().flat_map(|one| [side(one), "\n".to_owned()]).collect()
}

/// One side in a few words.
fn side(side: &SideCompared) -> String {
    match &side.compared {
        Ok(count) if side.others > 0 => {
            format!("{}: {count} compared, {} of others left alone", side.name, side.others)
        }
        Ok(count) => format!("{}: {count} compared", side.name),
        Err(not) => format!("{}: not compared, {}", side.name, not.why),
    }
}

#[async_trait]
impl Duty for Drift {
    fn service(&self) -> Service {
        Service::Drift
    }
    fn interval(&self) -> Span {
        self.interval
    }
    /// Two daemons that compare at once do no harm: of two readings the later one counts.
    async fn run(&self, _: &DutyClaim) -> Result<String, String> {
        if !self.is_on {
            return Ok("switched off in [drift]".to_owned());
        }
        let sides = self.compare().await.map_err(|error| chain(&error))?;
        let told = self.told(&sides).await.map_err(|error| chain(&error))?;
        let has_failed = sides.iter().any(|side| side.compared.as_ref().is_err_and(|not| !not.is_expected));
        if has_failed { Err(told) } else { Ok(told) }
    }
}
