//! Where random bytes come from.

/// A source of unpredictable bytes; seeded in tests and in the demo's invented tenant, never for keys.
pub trait Entropy: Send + Sync {
    /// Fills `out` wholly.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "a machine without randomness must not go on making keys")]
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives random bytes");
    }
}
