//! The files that are to be imported, read one by one; what cannot be read is an item all the same.

use std::fs;
use std::path::{Path, PathBuf};

use crypto::{RecoveryBlob, X509Certificate};
use model::text::printable;
use recover::import::{Item, Material, PfxFile};

use super::passwords::Passwords;
use crate::cli::output::Failure;

/// A blob for a thousand recovery agents, as text, has less.
pub(super) const LARGEST_BLOB: u64 = 4 << 20;
/// Some hundred certificates.
const LARGEST_AUTHORITIES: u64 = 1 << 20;
/// A PKCS#12 file with one key and its chain has some kilobytes.
const LARGEST_PFX: u64 = 1 << 20;

/// The recovery blobs among files and folders.
pub(super) fn blobs(named: &[PathBuf]) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    for path in named {
        let files = if path.is_dir() { inside(path)? } else { vec![path.clone()] };
        for file in files {
            let material = contents(&file, LARGEST_BLOB).and_then(|bytes| {
                let blob = RecoveryBlob::parse(&bytes).map_err(|error| error.to_string())?;
                Ok(Material::Blob(Box::new(blob)))
            });
            items.push(Item { source: shown(&file), material });
        }
    }
    if items.is_empty() {
        return Err(Failure::new("there is no file in what was named"));
    }
    Ok(items)
}

/// The PKCS#12 files of a folder, each with its password; and rows of the list that have no file.
pub(super) fn pfx_files(folder: &Path, passwords: &Passwords) -> Result<(Vec<Item>, Vec<String>), Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(format!("{} is not a folder", folder.display())));
    }
    let is_pfx = |file: &PathBuf| {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        matches!(ending.as_deref(), Some("pfx" | "p12"))
    };
    let files: Vec<PathBuf> = inside(folder)?.into_iter().filter(is_pfx).collect();
    if files.is_empty() {
        return Err(Failure::new(format!("there is no file *.pfx or *.p12 in {}", folder.display())));
    }
    let mut items = Vec::new();
    let mut names = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let material = match passwords.of(&name) {
            None => Err("the list of passwords has no row for it, and none for `*`".to_owned()),
            Some(password) => contents(&file, LARGEST_PFX).and_then(|bytes| {
                let opened = PfxFile::open(bytes, password.clone()).map_err(|error| error.to_string())?;
                Ok(Material::Pfx(opened))
            }),
        };
        items.push(Item { source: shown(&file), material });
        names.push(name);
    }
    let left = passwords.without_file(&names).into_iter().map(printable).collect();
    Ok((items, left))
}

/// Files of a folder in order of their names; not those in folders inside it, and no hidden ones.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The certificates in these files, PEM (also several in one) or DER.
pub(super) fn authorities(files: &[PathBuf]) -> Result<Vec<X509Certificate>, Failure> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    for file in files {
        let unusable = |why: String| Failure::new(format!("{}: {why}", shown(file)));
        let bytes = contents(file, LARGEST_AUTHORITIES).map_err(unusable)?;
        let text = String::from_utf8_lossy(&bytes);
        let pieces: Vec<&[u8]> = if text.contains(END) {
            text.split_inclusive(END).filter(|piece| piece.contains(END)).map(str::as_bytes).collect()
        } else {
            vec![bytes.as_slice()]
        };
        for piece in pieces {
            found.push(X509Certificate::from_bytes(piece).map_err(|error| unusable(error.to_string()))?);
        }
    }
    Ok(found)
}

pub(super) fn contents(file: &Path, largest: u64) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read: {error}");
    let size = fs::metadata(file).map_err(unreadable)?.len();
    if size > largest {
        return Err(format!("it has {size} bytes, far more than such a file has"));
    }
    fs::read(file).map_err(unreadable)
}

/// The file's name as it was typed, or as it stands in the folder.
fn shown(file: &Path) -> String {
    printable(&file.display().to_string())
}
