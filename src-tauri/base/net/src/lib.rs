//! The one way to the network: an HTTP client, logins at Entra ID, sessions with Microsoft Graph, Exchange Online and key vaults.
//!
//! ```text
//!  connector ──► Graph, Exchange, KeyVault ──► Client ──► the wire
//!                       │                         ▲
//!                       └► TokenSource, BrowserSignIn, DeviceSignIn (Entra ID, or whoever vouches for the machine)
//! ```
//!
//! What went wrong is told as a kind ([`NetError`]), above all whether a request may have had its effect. Nothing is
//! repeated here except a read that was told to wait a moment, a request whose token had expired, and the question to a
//! managed identity's place that is not ready yet: all other repetition is the scheduler's. Tokens, bodies and queries never reach the log; a token never goes to an address other
//! than the one it was made for. No environment variable is read: proxy and trusted roots come in with [`Settings`].
#![warn(missing_docs)]

mod answer;
mod client;
mod cloud;
pub mod entra;
mod error;
mod exchange;
mod graph;
mod key_vault;
pub mod odata;
mod pace;
mod reply;
mod request;
mod retry_after;
mod session;

pub use answer::Answer;
pub use client::{Client, Settings};
pub use cloud::{Cloud, Endpoints, Hosts};
pub use error::{NetError, SetupError};
pub use exchange::{Exchange, Rows};
pub use graph::{Graph, Page, Version};
pub use key_vault::{Challenge, ChallengeError, KeyVault};
pub use pace::LocalPace;
pub use reply::ErrorReply;
pub use request::Request;
