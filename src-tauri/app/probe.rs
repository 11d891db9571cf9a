//! Crash tests kill this process at a named point, or hold it up there. Only builds with debug assertions can be told to.

use ports::{NoProbe, Probe};
use std::sync::Arc;

/// The probe for this process.
pub(crate) fn from_environment() -> Arc<dyn Probe> {
    #[cfg(debug_assertions)]
    if let Some(probe) = armed::from_environment() {
        return Arc::new(probe);
    }
    Arc::new(NoProbe)
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use ports::Probe;

    /// What is done at the point.
    enum Deed {
        Kill,
        Fail,
        Wait(Duration),
    }

    /// Dies (`kill:POINT[:N]`) or fails once (`fail:POINT`) when a point is reached for the N-th time; or waits so many
    /// milliseconds each time (`slow:POINT:N`).
    pub(super) struct Armed {
        deed: Deed,
        point: String,
        left: AtomicU32,
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "crash tests arm the process they start through its environment"
    )]
    pub(super) fn from_environment() -> Option<Armed> {
        let order = std::env::var("SEALWRIGHT_PROBE").ok()?;
        let mut parts = order.split(':');
        let deed = parts.next()?;
        let point = parts.next()?.to_owned();
        let number = parts.next().and_then(|text| text.parse().ok()).unwrap_or(1);
        let deed = match deed {
            "kill" => Deed::Kill,
            "fail" => Deed::Fail,
            "slow" => Deed::Wait(Duration::from_millis(number.into())),
            _ => return None,
        };
        Some(Armed { deed, point, left: AtomicU32::new(number) })
    }

    impl Probe for Armed {
        fn reach(&self, point: &str) -> Result<(), String> {
            if point != self.point || self.left.load(Ordering::SeqCst) == 0 {
                return Ok(());
            }
            if let Deed::Wait(time) = self.deed {
                std::thread::sleep(time);
                return Ok(());
            }
            if self.left.fetch_sub(1, Ordering::SeqCst) != 1 {
                return Ok(());
            }
            if matches!(self.deed, Deed::Kill) {
                die();
            }
            Err(format!("the test made `{point}` fail"))
        }
    }

    /// No destructor runs and no buffer is flushed: as when the machine loses power.
    fn die() -> ! {
        #[cfg(unix)]
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort()
    }
}
