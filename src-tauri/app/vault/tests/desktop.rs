//! The keyring of a real desktop session: gnome-keyring on a D-Bus of its own, with a home of its own.
//!
//! The outer tests start this test program again inside such a session; the inner ones, which are ignored otherwise, run
//! there. `secret-tool`, which is not ours, reads what was kept.

use std::process::{Command, Stdio};

use super::*;
use crate::vault::keyring::Keyring;

/// Programs that make up a session, and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 3] = [
    ("dbus-run-session", "dbus-daemon"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("secret-tool", "libsecret-tools"),
];
const UNLOCKED: &str =
    "printf master | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null";
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets --daemonize >/dev/null </dev/null";

fn session(folder: &TempDir, keyring: &str, test: &str) -> bool {
    for (program, package) in PROGRAMS {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
        if !found.status.success() {
            eprintln!("SKIPPED: {program} is missing; install the Debian package {package}");
            return false;
        }
    }
    let program = std::env::current_exe().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("run")).unwrap();
    Home::find(Some(path.join("run"))).unwrap().create().unwrap();
    let script = format!("{keyring} && exec \"$0\" --exact {test} --ignored --nocapture --test-threads=1");
    let ran = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(program)
        .env("HOME", path)
        .env("XDG_RUNTIME_DIR", path.join("run"))
        .env("XDG_DATA_HOME", path.join("data"))
        .env("XDG_CONFIG_HOME", path.join("config"))
        .env("XDG_CACHE_HOME", path.join("cache"))
        .env("VAULT_TEST_FOLDER", path)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    true
}

/// The world of an inner test: its files are the outer one's, its keyring is the session's.
fn inside() -> (Home, Surroundings) {
    #[expect(clippy::disallowed_methods, reason = "the outer test says where its files are")]
    let folder = std::path::PathBuf::from(std::env::var_os("VAULT_TEST_FOLDER").unwrap());
    let home = Home::find(Some(folder.join("home"))).unwrap();
    home.create().unwrap();
    let surroundings = Surroundings {
        credentials: Credentials::of(None),
        keyring: Arc::new(Keyring),
        asked: None,
        settings: home.path().join(FILE),
    };
    (home, surroundings)
}

#[test]
fn a_desktop_session_keeps_the_key_until_it_is_locked_and_has_it_again_after() {
    let folder = TempDir::new().unwrap();
    if !session(&folder, UNLOCKED, "vault::tests::desktop::inside_a_new_session") {
        return;
    }
    session(&folder, LOCKED, "vault::tests::desktop::inside_a_locked_session");
    session(&folder, UNLOCKED, "vault::tests::desktop::inside_a_later_session");
}

#[test]
#[ignore = "runs inside a session"]
fn inside_a_new_session() {
    let (home, surroundings) = inside();
    let vault = Vault::found_in(&home, surroundings).unwrap();
    assert_eq!(vault.place(), Place::Keyring, "a keyring that works is used");
    vault.put_new(KEY, SECRET).unwrap();

    let key = &vault.record.keys[0];
    let told = Command::new("secret-tool")
        .args(["lookup", "service", "Sealwright", "username", &key.name])
        .output()
        .unwrap();
    let kept = crypto::WrappingKey::from_bytes(&told.stdout).unwrap();
    assert_eq!(kept.fingerprint(), key.fingerprint, "another program finds the same key");
    let file = fs::read(home.path().join("installation.key")).unwrap();
    assert_eq!(&**kept.unwrap(&KEY.purpose(), &file).unwrap(), SECRET);

    let ring = Keyring;
    assert!(ring.read("no such entry").unwrap().is_none());
    assert!(!ring.remove("no such entry").unwrap());
    for secret in [b"first".as_slice(), b"second, with \0 and \xff"] {
        ring.put("entry", secret).unwrap();
        assert_eq!(&**ring.read("entry").unwrap().unwrap(), secret);
    }
    assert!(ring.remove("entry").unwrap() && ring.read("entry").unwrap().is_none());
}

#[test]
#[ignore = "runs inside a session"]
fn inside_a_locked_session() {
    let (home, surroundings) = inside();
    let vault = Vault::found_in(&home, surroundings).unwrap();
    let refused = vault.read(KEY).unwrap_err();
    assert!(matches!(refused, VaultError::KeyringClosed { .. }), "{refused}");
    assert!(refused.to_string().contains("unlock it"), "{refused}");
}

#[test]
#[ignore = "runs inside a session"]
fn inside_a_later_session() {
    let (home, surroundings) = inside();
    let mut vault = Vault::open_in(&home, surroundings).unwrap();
    assert_eq!(&**vault.read(KEY).unwrap().unwrap(), SECRET);
    vault.move_to(Place::File).unwrap();
    assert_eq!(fs::read(home.path().join("installation.key")).unwrap(), SECRET);
}

#[test]
fn without_a_session_the_keyring_is_absent() {
    // No bus answers below this address; the process's own environment is not touched.
    let folder = TempDir::new().unwrap();
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "vault::tests::desktop::inside_no_session", "--ignored", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/none", folder.path().display()))
        .env("VAULT_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "runs without a session"]
fn inside_no_session() {
    let (home, surroundings) = inside();
    assert!(matches!(Keyring.read("entry"), Err(VaultError::KeyringClosed { .. })));
    assert_eq!(Vault::found_in(&home, surroundings).unwrap().place(), Place::File);
}
