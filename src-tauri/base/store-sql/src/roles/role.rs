//! The roles by name. What each may do stands in `rights.rs`.

/// As whom an installation signs in to the database. One login may have several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Sets up authorities, templates, settings and installations, and does what a certificate manager does.
    Administrator,
    /// Orders, retries, renews and revokes.
    CertificateManager,
    /// Opens archived keys.
    KraOfficer,
    /// Reads everything that is not secret, and writes nothing at all.
    Auditor,
    /// Sees people, certificates and how far they came; writes nothing.
    HelpDesk,
    /// Does the work: reads the directory, enrolls, delivers, revokes.
    Daemon,
    /// Serves owners: their certificates, and the wish to revoke one.
    Portal,
}

impl Role {
    /// All, the mightiest first.
    pub const ALL: [Self; 7] = [
        Self::Administrator,
        Self::CertificateManager,
        Self::KraOfficer,
        Self::Auditor,
        Self::HelpDesk,
        Self::Daemon,
        Self::Portal,
    ];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::CertificateManager => "certificate manager",
            Self::KraOfficer => "KRA officer",
            Self::Auditor => "auditor",
            Self::HelpDesk => "help desk",
            Self::Daemon => "daemon",
            Self::Portal => "portal",
        }
    }

    /// The last part of its name in the database.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Administrator => "admin",
            Self::CertificateManager => "manager",
            Self::KraOfficer => "kra",
            Self::Auditor => "auditor",
            Self::HelpDesk => "helpdesk",
            Self::Daemon => "daemon",
            Self::Portal => "portal",
        }
    }

    /// What it is for, in one sentence without a full stop.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Administrator => {
                "sets up authorities, templates, settings and installations; orders and revokes"
            }
            Self::CertificateManager => "orders, retries, renews and revokes certificates",
            Self::KraOfficer => "opens archived keys, with the private key that only the officer has",
            Self::Auditor => "reads everything that is not secret, writes nothing",
            Self::HelpDesk => "sees people, certificates and how far they came, writes nothing",
            Self::Daemon => "does the work: reads the directory, enrolls, delivers, revokes",
            Self::Portal => "shows owners their certificates and takes their wish to revoke one",
        }
    }
}
