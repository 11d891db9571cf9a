//! Intune: `deviceManagement/userPfxCertificates` with its documented quirks.

mod record;

pub use record::PfxRecord;
