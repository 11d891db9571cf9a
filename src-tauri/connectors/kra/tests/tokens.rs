//! Recovery keys on tokens: SoftHSM by its own module and by p11-kit's proxy, and PIV cards in a reader by PC/SC and
//! OpenSC's module. Keys are made by OpenSC's programs on the token, content keys are encrypted by OpenSSL's program;
//! nothing is proven by the product's other half.
//!
//! A module is initialised once for a whole process and finds its tokens by the environment, so every story runs in a
//! process of its own: the test starts this binary again.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by failing")]

#[path = "tokens/choice.rs"]
mod choice;
#[path = "tokens/habits.rs"]
mod habits;
#[path = "tokens/keys.rs"]
mod keys;
#[path = "tokens/pins.rs"]
mod pins;
#[path = "tokens/piv.rs"]
mod piv;
#[path = "tokens/signing.rs"]
mod signing;
#[path = "tokens/stage.rs"]
mod stage;
