//! Whole stories: the real program, as a process of its own, against the simulated cloud.
//!
//! ```text
//!  a home made by the command line ──► the program (killed, starved, cut off, started again) ──► simulated cloud
//!                │                                                                                    │
//!                └──────────────► what the database says ══ must agree with ══ what the cloud remembers ◄┘
//! ```
//!
//! A story never looks into the program's memory. It reads the database as another program would, and it believes the
//! outside world before it believes the product.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by failing"
)]

mod agents;
mod assistant;
mod audit_page;
mod authorities;
mod campaign;
#[cfg(target_os = "linux")]
mod cards;
mod ceremony;
mod certificates;
mod cloud;
mod commands;
mod connectors;
mod contract;
mod crash;
mod deliveries;
mod desk;
mod directory;
mod disk;
mod drift;
mod drift_book;
mod drills;
mod enrollments;
mod exports;
mod failures;
mod gal;
mod health;
mod holds;
mod home;
mod hybrid;
mod hybrid_desk;
mod idle;
mod imports;
mod imports_doubted;
mod key_vault;
mod kra_sets;
mod leavers;
mod mailboxes;
mod mails;
mod many;
mod newcomer;
mod offline;
mod papers;
mod people;
mod plans;
mod program;
mod proof;
mod rearchive;
mod receipts;
mod recoveries;
mod roles;
mod secrets;
mod served;
mod setbacks;
mod shared;
mod status;
mod stop;
mod templates;
mod tenant;
mod tenant_desk;
mod together;
mod tokens;
mod vault;
mod windows_ca;
mod world;
