//! Folders for what must lie apart: not in the home, and not where a service copies everything off the machine.

use std::path::{Component, Path, PathBuf};

/// Where each service keeps its copy, as the folder is called on the systems on which it runs. Windows leads Documents
/// and Desktop into the first one when the organisation says so.
const SYNCHRONISED: [(&str, &[&str]); 4] = [
    ("OneDrive", &["onedrive"]),
    ("iCloud", &["icloud", "icloud drive", "iclouddrive", "com~apple~clouddocs", "mobile documents"]),
    ("Dropbox", &["dropbox"]),
    ("Google Drive", &["google drive", "googledrive", "drivefs", "my drive"]),
];

/// The variables in which the first of them says where it is, whatever that folder is called.
const ONEDRIVE: [&str; 3] = ["OneDrive", "OneDriveCommercial", "OneDriveConsumer"];

/// The service that is known to synchronise a folder, which need not exist yet.
pub(super) fn synchronised_by(folder: &Path) -> Option<&'static str> {
    if onedrive_folders().iter().any(|outer| is_within(folder, outer)) {
        return Some("OneDrive");
    }
    let real = real(folder);
    let mut names = folder.components().chain(real.components()).filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().to_lowercase()),
        _ => None,
    });
    names.find_map(|name| {
        let is_of = |known: &&str| {
            // Accounts follow the name: `OneDrive - Contoso`, `Dropbox (Personal)`.
            name.strip_prefix(*known).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        let service = SYNCHRONISED.iter().find(|(_, folders)| folders.iter().any(is_of));
        service.map(|(service, _)| *service)
    })
}

#[expect(clippy::disallowed_methods, reason = "the environment says where the folder is")]
fn onedrive_folders() -> Vec<PathBuf> {
    let named = ONEDRIVE.iter().filter_map(std::env::var_os).map(PathBuf::from);
    named.filter(|folder| folder.is_absolute()).collect()
}

/// Whether a folder, which need not exist yet, lies within another one.
pub(super) fn is_within(folder: &Path, outer: &Path) -> bool {
    let outer = outer.canonicalize().unwrap_or_else(|_| outer.to_path_buf());
    real(folder).starts_with(outer)
}

/// The folder with all links followed, as far as it exists.
fn real(folder: &Path) -> PathBuf {
    let real = folder.ancestors().find_map(|part| {
        let rest = folder.strip_prefix(part).ok()?;
        Some(part.canonicalize().ok()?.join(rest))
    });
    real.unwrap_or_else(|| folder.to_path_buf())
}
