//! Paths that the page names, looked at before anything behind them is touched.
//!
//! The page is the least trusted part of the program. On the command line a person may name whatever this account can reach;
//! here a module that is loaded is code that runs, a share is a sign-in at a server of somebody's choosing, and a file that is
//! written is a file in a place of somebody's choosing.

use std::path::{Path, PathBuf};

use api::{ErrorCode, WireError};
use kra::Address;
use kra::pkcs11::usual_modules;

use crate::failure::Failure;
use crate::handout::must_be_new;

/// A path as it was typed: a whole one, since nobody knows where a window was started, on this machine.
///
/// # Errors
/// With what to type, beginning with `what`.
pub(crate) fn place(what: &str, typed: Option<&str>) -> Result<PathBuf, WireError> {
    let path = typed.map(str::trim).filter(|typed| !typed.is_empty()).map(PathBuf::from);
    let path = path.ok_or_else(|| invalid(&format!("{what} is missing"), "name one on this machine"))?;
    local(&path)?;
    if path.is_absolute() {
        return Ok(path);
    }
    Err(invalid(&format!("{} is no whole path", path.display()), "begin it at the root or at a drive"))
}

/// A place where something new is to be written. What is hidden may be read by other programs as their settings.
///
/// # Errors
/// As [`place`]; and where something lies there already.
pub(super) fn new_place(what: &str, typed: Option<&str>) -> Result<PathBuf, WireError> {
    let path = place(what, typed)?;
    let name = path.file_name().ok_or_else(|| invalid(&format!("{what} has no name"), "name a new one"))?;
    if name.to_string_lossy().starts_with('.') {
        return Err(invalid(
            &format!("{} would be hidden", path.display()),
            "choose a name that begins with no dot",
        ));
    }
    must_be_new(&path)?;
    Ok(path)
}

/// A new folder in one that is there, or in `usual`, which is made where it is not.
///
/// # Errors
/// As [`new_place`]; and where there is no folder to make it in.
pub(super) fn new_folder(what: &str, typed: Option<&str>, usual: &Path) -> Result<PathBuf, WireError> {
    let folder = new_place(what, typed)?;
    match folder.parent() {
        Some(parent) if parent == usual || parent.is_dir() => Ok(folder),
        _ => Err(invalid(
            &format!("there is no folder to make {} in", folder.display()),
            "make it, or name another one",
        )),
    }
}

/// Refuses network shares and devices: Windows signs in to a share's server as whoever sits here.
///
/// # Errors
/// With what to do in its place.
pub(super) fn local(path: &Path) -> Result<(), WireError> {
    let text = path.to_string_lossy().replace('\\', "/");
    if text.starts_with("//") || text.starts_with("/??/") {
        return Err(invalid(
            &format!("{} is a network share or a device", path.display()),
            "name a place on a disk of this machine, or use the command line",
        ));
    }
    Ok(())
}

/// The address of a key, as the console may go to it.
///
/// # Errors
/// For shares and devices, for what is no file, and for modules that are not [`module`]s.
pub(super) fn address(address: Address, listed: &[PathBuf]) -> Result<Address, WireError> {
    match address {
        Address::File(file) => {
            local(&file)?;
            // A pipe would be waited for; what is not there is told by whoever opens it.
            if std::fs::metadata(&file).is_ok_and(|found| !found.is_file()) {
                return Err(invalid(
                    &format!("{} is no file", file.display()),
                    "name the PKCS#12 file with the officer's key",
                ));
            }
            Ok(Address::File(file))
        }
        Address::Token(mut uri) => {
            if let Some(named) = uri.module.take() {
                uri.module = Some(module(&named, listed)?);
            }
            Ok(Address::Token(uri))
        }
        // Windows finds these by itself, and shows its own dialogs.
        named @ (Address::KeyVault(_) | Address::Store(_)) => Ok(named),
    }
}

/// A PKCS#11 module that the console may load, as it is listed: a usual one, or one of `pkcs11-modules`. Nothing is loaded here.
///
/// # Errors
/// For any other, and for one that is not there.
pub(super) fn module(named: &Path, listed: &[PathBuf]) -> Result<PathBuf, WireError> {
    local(named)?;
    if !named.is_absolute() {
        return Err(invalid("the path of the module is not whole", "begin it at the root or at a drive"));
    }
    let mut known = usual_modules().flat_map(places_of).chain(listed.iter().cloned());
    let found = named
        .canonicalize()
        .ok()
        .and_then(|wanted| known.find(|one| one.canonicalize().is_ok_and(|one| one == wanted)));
    // What was listed is loaded, and not another name that could lead elsewhere by then.
    found.ok_or_else(|| {
        Failure::with_hint(
            format!("the console does not load the PKCS#11 module {}", named.display()),
            "a module is code that runs in this program: list it in sealwright.toml, `[recovery] pkcs11-modules = \
             [\"/path/of/the/module.so\"]`, and start the console anew; or use the command line",
        )
        .into()
    })
}

/// Where a usual module lies. On Linux it is known by its name alone, which stands for the folders of the system's own libraries.
fn places_of(usual: &Path) -> Vec<PathBuf> {
    if usual.is_absolute() {
        return vec![usual.to_path_buf()];
    }
    let of_machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let folders = [of_machine.as_str(), "/usr/lib64", "/usr/lib", "/usr/local/lib"];
    folders
        .iter()
        .flat_map(|folder| [Path::new(folder).join(usual), Path::new(folder).join("pkcs11").join(usual)])
        .collect()
}

pub(super) fn invalid(text: &str, hint: &str) -> WireError {
    WireError::new(ErrorCode::Invalid, text, hint)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_usual_and_listed_modules_are_loaded_whatever_they_are_called() {
        let folder = tempfile::tempdir().unwrap();
        let (card, other) = (folder.path().join("card.so"), folder.path().join("other.so"));
        fs::write(&card, "").unwrap();
        fs::write(&other, "").unwrap();
        let listed = [card.clone()];
        assert_eq!(module(&card, &listed).unwrap(), card);
        let crooked = folder.path().join("../").join(folder.path().file_name().unwrap()).join("card.so");
        assert_eq!(module(&crooked, &listed).unwrap(), card);
        for refused in [&other, &folder.path().join("absent.so"), Path::new("/bin/sh")] {
            let error = module(refused, &listed).unwrap_err();
            assert!(error.hint.unwrap().contains("pkcs11-modules"), "{}", refused.display());
        }
        assert!(module(&card, &[]).is_err());
        assert!(module(Path::new("card.so"), &listed).unwrap_err().message.contains("not whole"));
        assert!(module(Path::new("//host/share/card.so"), &listed).unwrap_err().message.contains("share"));
        // A usual name is no pass: it counts in the system's folders alone.
        for usual in usual_modules() {
            let named_alike = folder.path().join(usual.file_name().unwrap());
            fs::write(&named_alike, "").unwrap();
            assert!(module(&named_alike, &listed).is_err(), "{}", named_alike.display());
            for place in places_of(usual).iter().filter(|place| place.exists()) {
                let taken = module(place, &[]).unwrap();
                assert_eq!(taken.canonicalize().unwrap(), place.canonicalize().unwrap());
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_another_module_is_another_module() {
        let folder = tempfile::tempdir().unwrap();
        let (card, other, link) =
            (folder.path().join("card.so"), folder.path().join("other.so"), folder.path().join("link.so"));
        fs::write(&card, "").unwrap();
        fs::write(&other, "").unwrap();
        std::os::unix::fs::symlink(&card, &link).unwrap();
        assert_eq!(
            module(&link, std::slice::from_ref(&card)).unwrap(),
            card,
            "what is listed is what is loaded"
        );
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert!(module(&link, &[card]).is_err());
    }

    #[test]
    fn shares_devices_and_what_is_no_file_hold_no_key() {
        for typed in [
            r"\\host\share\a.p12",
            r"\\.\pipe\a",
            r"\\?\C:\a.p12",
            r"\??\C:\a.p12",
            "//host/share/a.p12",
            r"/\host\a",
        ] {
            let error = address(typed.parse().unwrap(), &[]).unwrap_err();
            assert!(error.message.contains("network share or a device"), "{typed}: {}", error.message);
            assert!(
                new_folder("a folder", Some(typed), Path::new("/")).unwrap_err().message.contains("share")
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_str().unwrap();
        assert!(address(here.parse().unwrap(), &[]).unwrap_err().message.contains("is no file"));
        let file = folder.path().join("a.p12");
        fs::write(&file, "").unwrap();
        assert_eq!(address(Address::File(file.clone()), &[]).unwrap(), Address::File(file));
        let token: Address = "pkcs11:token=KRA?module-path=/bin/sh".parse().unwrap();
        assert!(address(token, &[]).unwrap_err().hint.unwrap().contains("pkcs11-modules"));
        for typed in ["pkcs11:token=KRA", r"cert:\CurrentUser\My\00112233445566778899aabbccddeeff00112233"] {
            let usual: Address = typed.parse().unwrap();
            assert_eq!(address(usual.clone(), &[]).unwrap(), usual);
        }
    }

    #[test]
    fn a_folder_is_new_not_hidden_and_in_one_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let usual = folder.path().join("recovered");
        let at =
            |name: &str| new_folder("a folder", Some(folder.path().join(name).to_str().unwrap()), &usual);
        assert_eq!(at("new").unwrap(), folder.path().join("new"));
        assert_eq!(at("recovered/request").unwrap(), usual.join("request"));
        assert!(at("elsewhere/request").unwrap_err().message.contains("there is no folder to make"));
        assert!(at(".autostart").unwrap_err().message.contains("hidden"));
        fs::create_dir(folder.path().join("there")).unwrap();
        assert!(at("there").unwrap_err().message.contains("exists already"));
        assert!(at("there/..").is_err());
        assert_eq!(new_folder("a folder", None, &usual).unwrap_err().message, "a folder is missing");
    }
}
