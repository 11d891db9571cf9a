//! A place where a test can make the process die.

/// Reached at named points inside stations. The shipped program passes [`NoProbe`]; crash tests pass one that kills the
/// process, and the repeat tests one that fails.
pub trait Probe: Send + Sync {
    /// The named point is reached. An `Err` makes the station fail there, as if the outside world had.
    fn reach(&self, point: &str) -> Result<(), String>;
}

/// Does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    fn reach(&self, _point: &str) -> Result<(), String> {
        Ok(())
    }
}
