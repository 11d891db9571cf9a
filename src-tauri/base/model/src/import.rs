//! Certificates that came from elsewhere with their keys.

/// Where certificates come from that this product did not order. Their rows belong to an authority account and a template
/// of this name, which order nothing: nobody is enrolled by them, nothing of them is renewed or revoked from here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportOrigin {
    /// The key archive of a Windows CA.
    AdCs,
    /// PKCS#12 files.
    PfxFiles,
}

impl ImportOrigin {
    /// All.
    pub const ALL: [Self; 2] = [Self::AdCs, Self::PfxFiles];

    /// The connector of authority accounts that only stand for where something came from.
    pub const CONNECTOR: &str = "imported";

    /// The name of the authority account and of the template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AdCs => "Imported from AD CS",
            Self::PfxFiles => "Imported from PFX files",
        }
    }

    /// The same within a sentence: `imported from AD CS`.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::AdCs => "imported from AD CS",
            Self::PfxFiles => "imported from PFX files",
        }
    }

    /// Which one an authority account or a template of this name stands for, ignoring case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name().eq_ignore_ascii_case(name.trim()))
    }
}
