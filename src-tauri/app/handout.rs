//! What is handed out of a recovery: decrypted mails and PKCS#12 files. Each is a new file that only its maker may read, and
//! where it goes is looked at before anything is opened.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use api::FileName;
use recover::mail::{DecryptedMail, LARGEST, LARGEST_TOGETHER, MailError};
use recover::{GivenMail, Recovered};

use crate::failure::Failure;
use crate::settings::{Home, SettingsError, write_new_private};
use crate::works::chain;

/// Refuses to replace what lies there already.
pub(crate) fn must_be_new(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::new(format!("{} exists already; name another file", path.display())));
    }
    Ok(())
}

/// The whole path of a new file in the home's folder for exports, which is made where it is not: the console names a file, and
/// nothing of where it lies.
///
/// # Errors
/// When one of that name is there already.
pub(crate) fn export_file(home: &Home, name: &FileName) -> Result<PathBuf, Failure> {
    let file = home.make_exports()?.join(name.as_str());
    must_be_new(&file)?;
    Ok(file)
}

/// Before anything is opened: refuses what lies there already, and tries whether something can be written beside it. Folders on
/// the way that are missing are made later.
pub(crate) fn must_be_writable(path: &Path) -> Result<(), Failure> {
    must_be_new(path)?;
    let there = path.ancestors().skip(1).find(|above| above.as_os_str().is_empty() || above.exists());
    let there = there.filter(|above| !above.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    try_writing_in(there).map_err(|error| {
        Failure::with_hint(
            format!("nothing can be written to {}: {error}; nothing was opened", there.display()),
            "name another place",
        )
    })
}

/// Writes something without meaning into a folder and takes it away again.
pub(crate) fn try_writing_in(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".sealwright-trial-{}", std::process::id()));
    // What a run that was killed left behind.
    let _left = std::fs::remove_file(&trial);
    let written = std::fs::File::create_new(&trial)
        .and_then(|mut file| file.write_all(&[0; 4_096]).and_then(|()| file.sync_all()));
    let removed = std::fs::remove_file(&trial);
    written.and(removed)
}

/// Mails that are there, and where each goes.
pub(crate) struct Mails {
    /// The mails.
    pub(crate) given: Vec<GivenMail>,
    targets: Vec<PathBuf>,
    folder: Folder,
}

/// The folder where mails go.
pub(crate) enum Folder {
    /// It is there; each mail in it has to be a new one.
    There(PathBuf),
    /// It is made when there is something to be written.
    New(PathBuf),
}

impl Folder {
    /// One that is made unless it is there.
    fn of(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::There(path.to_path_buf()));
        }
        must_be_new(path)?;
        Ok(Self::New(path.to_path_buf()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::There(path) | Self::New(path) => path,
        }
    }

    fn make(&self) -> Result<(), Failure> {
        match self {
            Self::There(_) => Ok(()),
            Self::New(path) => make_folder(path),
        }
    }
}

/// What became of one mail.
pub(crate) struct WrittenMail<'a> {
    /// Its name, as it was given.
    pub(crate) name: &'a str,
    /// Where it is in clear, and what is to be known about it; or why it is not there.
    pub(crate) outcome: Result<(&'a Path, &'a DecryptedMail), String>,
}

impl Mails {
    /// Before anything is opened: all mails are there, and where they go is free.
    pub(crate) fn read(files: &[PathBuf], out: &Path) -> Result<Self, Failure> {
        let folder = Folder::of(out)?;
        let targets = targets(files.iter().map(PathBuf::as_path), folder.path())?;
        targets.first().map_or(Ok(()), |first| must_be_writable(first))?;
        let mut room = LARGEST_TOGETHER;
        let given = files.iter().map(|file| read(file, &mut room)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { given, targets, folder })
    }

    /// The same for mails that are in memory already, named as their files are.
    #[cfg(any(feature = "gui", debug_assertions))]
    pub(crate) fn of(given: Vec<GivenMail>, folder: Folder) -> Result<Self, Failure> {
        let targets = targets(given.iter().map(|mail| Path::new(&mail.name)), folder.path())?;
        let sizes = given.iter().map(|mail| mail.bytes.len() as u64);
        if let Some(large) = given.iter().find(|mail| mail.bytes.len() > LARGEST) {
            return Err(too_large(&large.name));
        }
        if sizes.sum::<u64>() > LARGEST_TOGETHER {
            return Err(too_many());
        }
        Ok(Self { given, targets, folder })
    }

    /// Where they go.
    #[cfg(any(feature = "gui", debug_assertions))]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes what was decrypted, into a folder that is made now; what was not, or cannot be written, is told and stops no
    /// others.
    ///
    /// # Errors
    /// When the folder cannot be made, or somebody else has made it since.
    pub(crate) fn write<'a>(
        &'a self,
        outcomes: &'a [Result<DecryptedMail, MailError>],
    ) -> Result<impl Iterator<Item = WrittenMail<'a>>, Failure> {
        self.folder.make()?;
        Ok(self.given.iter().zip(&self.targets).zip(outcomes).map(|((mail, target), outcome)| {
            let outcome = match outcome {
                Ok(clear) => write_new_private(target, &clear.mime)
                    .map(|()| (target.as_path(), clear))
                    .map_err(|error| chain(&error)),
                Err(error) => Err(error.to_string()),
            };
            WrittenMail { name: &mail.name, outcome }
        }))
    }
}

/// Where each mail goes: under its own name, with the ending of a mail.
fn targets<'a>(mails: impl Iterator<Item = &'a Path>, out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut taken: BTreeSet<OsString> = BTreeSet::new();
    let mut targets = Vec::new();
    for mail in mails {
        let stem = mail.file_stem().ok_or_else(|| Failure::new(format!("{} is no file", mail.display())))?;
        let mut name = stem.to_owned();
        name.push(".eml");
        // Some file systems take large and small letters for the same.
        if !taken.insert(name.to_ascii_lowercase()) {
            return Err(Failure::with_hint(
                format!("two of the mails would be written as {}", Path::new(&name).display()),
                "rename one of them, or decrypt them into different folders",
            ));
        }
        let target = out.join(&name);
        must_be_new(&target)?;
        targets.push(target);
    }
    Ok(targets)
}

/// `room` is how many octets may still be read.
fn read(file: &Path, room: &mut u64) -> Result<GivenMail, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST as u64 {
        return Err(too_large(&file.display().to_string()));
    }
    let mut bytes = Vec::new();
    // The file may have grown since.
    let most = (LARGEST as u64).min(*room) + 1;
    std::fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 >= most {
        return Err(too_many());
    }
    *room -= bytes.len() as u64;
    Ok(GivenMail { name: file.display().to_string(), bytes })
}

fn too_large(name: &str) -> Failure {
    Failure::new(format!("{name} is larger than {} MB, which no mail is", LARGEST / 1024 / 1024))
}

fn too_many() -> Failure {
    Failure::with_hint(
        format!("the mails are larger than {} MB together", LARGEST_TOGETHER / 1024 / 1024),
        "decrypt them in several runs",
    )
}

/// Writes recovered keys into a folder, and their passwords where a file for them was named; otherwise gives the passwords to be
/// shown.
///
/// # Errors
/// When something cannot be written. Then nothing stays of it: keys without their passwords are good for nobody.
pub(crate) fn write_keys(
    folder: &Path,
    passwords: Option<&Path>,
    files: &[Recovered],
) -> Result<String, Failure> {
    make_folder(folder)?;
    write_all(folder, passwords, files).map_err(|failure| match std::fs::remove_dir_all(folder) {
        Ok(()) => failure,
        Err(error) => Failure::with_hint(
            format!("{}; and {} cannot be removed: {error}", failure.message, folder.display()),
            "remove it: its files are of no use without their passwords",
        ),
    })
}

fn write_all(folder: &Path, passwords: Option<&Path>, files: &[Recovered]) -> Result<String, Failure> {
    let mut listed = String::new();
    for file in files {
        write_new_private(&folder.join(file_name(file)), &file.pfx)?;
        listed.push_str(&format!("{}  {}\n", file_name(file), file.password.as_str()));
    }
    match passwords {
        Some(path) => {
            write_new_private(path, listed.as_bytes())?;
            Ok(String::new())
        }
        None => Ok(listed),
    }
}

/// Under which name a recovered key is written.
pub(crate) fn file_name(file: &Recovered) -> String {
    format!("{}.p12", file.certificate.thumbprint)
}

/// Makes a folder for its maker alone. Where somebody else was quicker it is theirs, and nothing is written into it.
fn make_folder(folder: &Path) -> Result<(), Failure> {
    let unwritable = |source| SettingsError::Unwritable { path: folder.to_path_buf(), source };
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        private().recursive(true).create(above).map_err(unwritable)?;
    }
    Ok(private().create(folder).map_err(unwritable)?)
}

#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn mails(folder: Folder) -> Mails {
        Mails::of(vec![GivenMail { name: "a.p7m".to_owned(), bytes: Vec::new() }], folder).unwrap()
    }

    #[test]
    fn where_nothing_can_be_written_is_found_before_anything_is_opened() {
        let place = tempfile::tempdir().unwrap();
        must_be_writable(&place.path().join("new/deep/keys")).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left of the trial");
        fs::write(place.path().join("file"), "").unwrap();
        assert!(must_be_writable(&place.path().join("file")).is_err(), "it is there");
        let below = must_be_writable(&place.path().join("file/keys")).unwrap_err();
        assert!(below.message.contains("nothing was opened"), "{below:?}");
    }

    #[test]
    fn keys_whose_passwords_cannot_be_written_do_not_stay() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("keys");
        let passwords = place.path().join("no/such/folder/passwords");
        assert!(write_keys(&out, Some(&passwords), &[]).is_err());
        assert!(!out.exists());
    }

    #[test]
    fn a_folder_is_made_when_something_is_written_and_only_by_us() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("above/in clear");
        let first = mails(Folder::of(&out).unwrap());
        let second = mails(Folder::of(&out).unwrap());
        assert!(!out.parent().unwrap().exists(), "nothing was opened yet");
        assert_eq!(first.write(&[]).unwrap().count(), 0);
        #[cfg(unix)]
        for made in [&out, out.parent().unwrap()] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700, "{}", made.display());
        }
        let late = second.write(&[]).err().unwrap();
        assert!(late.message.contains("cannot be written"), "{late:?}");
        assert!(write_keys(&out, None, &[]).is_err(), "keys never go into a folder that is there");
        // One that was there before may take more.
        assert!(mails(Folder::of(&out).unwrap()).write(&[]).is_ok());
        fs::write(place.path().join("file"), "").unwrap();
        assert!(Folder::of(&place.path().join("file")).is_err());
    }
}
