//! A small Microsoft cloud on loopback: Entra ID's token endpoint, Microsoft Graph's users and groups, Intune's imported
//! PFX certificates with their connector, the people's devices, Exchange Online's mailbox rights, and a key vault.
//!
//! It is a real TLS server and a strict one: it checks every token, role, parameter and body, remembers every request, and goes
//! wrong in the ways that the real services go wrong when a test orders it. It shares no code with the product, so that a
//! mistake cannot cancel itself out. It never listens outside loopback, and nothing in it is secret.
//!
//! ```text
//!  server ─► fault ─► entra      tokens, sign-ins by device code
//!    │         │  ──► graph      users · groups · delta
//!    │         │  ──► intune     imported PFX ◄── connector ◄── device: opens, reads a canary mail
//!    │         │  ──► exchange   shared mailboxes and their rights
//!    │         │  ──► key_vault  keys · certificates · wrap, unwrap, encrypt, decrypt
//!    ▼         └──► control      /_sim/…: the same switches as the methods of Sim, for other processes
//!  memory
//! ```

#![warn(missing_docs)]

mod canary;
mod clock;
mod control;
mod device;
mod directory;
mod entra;
mod error;
mod exchange;
mod export;
mod fault;
mod graph;
mod http;
mod intune;
mod key_vault;
mod lock;
mod memory;
mod options;
mod people;
mod property;
mod server;
mod sign_in;
mod sim;
mod spoil;
mod tenant;
mod tls;
mod user;
mod world;

pub use device::{DeviceCheck, DeviceMail, DeviceReport};
pub use entra::{IdTokenLie, MachineIdentity};
pub use error::SimError;
pub use exchange::{
    BytesOnTheWire, Emptying, MailboxPermission, MailboxRight, OtherBytes, PublishedCertificates,
    UnknownMailbox, strangers_certificate,
};
pub use fault::{Fault, FaultEffect};
pub use intune::PfxRecord;
pub use key_vault::{
    VaultChallenge, VaultKey, VaultKeyAttributes, VaultKeyKind, VaultKeySpec, VaultLie, VaultPermission,
    VaultRefusal,
};
pub use memory::{PfxCreated, RequestRecord};
pub use options::{DeviceKeys, DuplicatePfx, SimOptions};
pub use sign_in::WaitingSignIn;
pub use sim::{Removal, Sim};
pub use tenant::{AppRegistration, DEFAULT_ROLES, Group, Mailbox, Member, Tenant, TenantBuilder};
pub use user::{Device, MailboxPurpose, Platform, User};
