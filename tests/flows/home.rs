//! Homes as a user makes them: `init` and `kra create`, once for all stories; each story works on a copy.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use serde_json::Value;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sealwright");

/// Name of the built-in authority of every home.
pub(crate) const AUTHORITY: &str = "Story CA";

/// Where the authority's certificates say that its revocation list is.
pub(crate) const PKI_URL: &str = "http://pki.example.com/story-ca";

/// Recovery agents to whom keys are sealed, by the names of their files.
pub(crate) const AGENTS: [&str; 2] = ["agent-1", "agent-2"];

/// An agent who was removed from the set before anything was sealed.
pub(crate) const OUTSIDER: &str = "outsider";

/// Copies the common home and its agents' files into `folder`: `home/` and `agents/`.
///
/// Making one takes seconds (RSA 4096), and every story may be a process of its own; so it is made once for each build of
/// the program and kept beside the build. The lock keeps a maker and its readers apart.
pub(crate) fn copy_to(folder: &Path) {
    let (common, _lock) = common();
    copy(&common, folder);
}

/// Copies the agents' files alone, and makes a home that knows nothing but the password of its database.
pub(crate) fn make_home(folder: &Path, home: &Path, password: &str) {
    let (common, _lock) = common();
    copy(&common.join("agents"), &folder.join("agents"));
    fs::create_dir(home).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    write_private(&home.join("database-password"), password.as_bytes());
}

/// The common home, made when this build of the program has none, and the lock under which it stays as it is.
fn common() -> (PathBuf, fs::File) {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flows");
    fs::create_dir_all(&place).unwrap();
    let lock = fs::File::create(place.join("home.lock")).unwrap();
    lock.lock().unwrap();
    let stamp = stamp();
    let stamped = place.join("made-by");
    if fs::read_to_string(&stamped).ok().as_ref() != Some(&stamp) {
        let _ = fs::remove_file(&stamped);
        let common = place.join("common");
        let _ = fs::remove_dir_all(&common);
        make(&common);
        fs::write(&stamped, &stamp).unwrap();
    }
    (place.join("common"), lock)
}

/// Changes with every build of the program.
fn stamp() -> String {
    let built = fs::metadata(PROGRAM).unwrap();
    let age = built.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{} {}", built.len(), age.as_nanos())
}

fn make(folder: &Path) {
    fs::create_dir_all(folder.join("agents")).unwrap();
    run(folder, &["init", "--authority", AUTHORITY, "--pki-url", PKI_URL]);
    for agent in AGENTS.iter().chain([&OUTSIDER]) {
        let file = folder.join("agents").join(format!("{agent}.p12"));
        let password = file.with_extension("password");
        let (file, password) = (file.to_str().unwrap(), password.to_str().unwrap());
        let made = run(folder, &["kra", "create", agent, "--out", file, "--out-password", password]);
        if *agent == OUTSIDER {
            run(folder, &["kra", "remove", made["thumbprint"].as_str().unwrap()]);
        }
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(PROGRAM);
    command.arg("--home").arg(folder.join("home")).arg("--json").args(arguments);
    command.env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG").env_remove("SEALWRIGHT_PROBE");
    // No story leaves anything in the keyring of whoever runs it.
    command.env("SEALWRIGHT_VAULT", "file");
    let ran = command.output().unwrap();
    assert!(
        ran.status.success(),
        "{arguments:?}: {}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Copies a folder with everything in it. File modes come along.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Writes a file that only its owner may read, as the program demands for secrets.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
