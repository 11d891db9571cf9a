//! An installation whose secrets are in the keyring of a desktop session: gnome-keyring on a D-Bus of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::home::PROGRAM;
use crate::program::Ran;

/// Programs that make up a session, and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 3] = [
    ("dbus-run-session", "dbus-daemon"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("secret-tool", "libsecret-tools"),
];
const UNLOCKED: &str = "printf master | gnome-keyring-daemon --unlock";
const LOCKED: &str = "gnome-keyring-daemon --start";
const BACKUP_PASSWORD: &str = "a password for the backup alone";

/// A user with a home folder, who logs in and out.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    /// `None`, loudly, where a desktop session cannot be had.
    #[expect(clippy::print_stderr, reason = "what is left out must be seen")]
    pub(crate) fn new() -> Option<Self> {
        for (program, package) in PROGRAMS {
            let found =
                std::process::Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
            if !found.unwrap().status.success() {
                eprintln!("SKIPPED: {program} is missing; install the Debian package {package}");
                return None;
            }
        }
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        Some(Self { folder })
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn of_this_user(&self, mut command: Command) -> Command {
        let path = self.folder.path();
        command
            .env("HOME", path)
            .env("XDG_RUNTIME_DIR", path.join("run"))
            .env("XDG_DATA_HOME", path.join("data"));
        command.env("XDG_CONFIG_HOME", path.join("config")).env("XDG_CACHE_HOME", path.join("cache"));
        for other in ["SEALWRIGHT_HOME", "SEALWRIGHT_LOG", "SEALWRIGHT_PROBE", "SEALWRIGHT_VAULT"] {
            command.env_remove(other);
        }
        for other in ["DBUS_SESSION_BUS_ADDRESS", "CREDENTIALS_DIRECTORY", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(other);
        }
        command
    }

    /// A command in a desktop session whose keyring is unlocked.
    pub(crate) async fn logged_in(&self, arguments: &[&str]) -> Ran {
        self.in_session(UNLOCKED, PROGRAM, &self.ours(arguments)).await
    }

    /// The same where nobody has given the keyring's password.
    pub(crate) async fn locked(&self, arguments: &[&str]) -> Ran {
        self.in_session(LOCKED, PROGRAM, &self.ours(arguments)).await
    }

    async fn in_session(&self, keyring: &str, program: &str, arguments: &[String]) -> Ran {
        Ran::of(self.session(keyring, program, arguments)).await
    }

    fn session(&self, keyring: &str, program: &str, arguments: &[String]) -> Command {
        let mut command = Command::new("dbus-run-session");
        let script =
            format!("{keyring} --components=secrets --daemonize >/dev/null 2>&1 && exec \"$0\" \"$@\"");
        command.args(["--", "sh", "-c", &script, program]).args(arguments);
        self.of_this_user(command)
    }

    /// The program in a session whose keyring is open, to which arguments can still be given.
    pub(crate) fn program(&self) -> Command {
        self.session(UNLOCKED, PROGRAM, &["--home".to_owned(), self.home().display().to_string()])
    }

    /// A command without any session, as after logging out, or in a service.
    async fn logged_out(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(PROGRAM);
        command.args(self.ours(arguments));
        Ran::of(self.of_this_user(command)).await
    }

    /// The same with something on standard input.
    async fn with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(PROGRAM);
        command.args(self.ours(arguments));
        let mut command = self.of_this_user(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let ended = tokio::time::timeout(Duration::from_mins(1), child.wait_with_output()).await;
        let output = ended.expect("the command ends").unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn ours(&self, arguments: &[&str]) -> Vec<String> {
        let home = self.home();
        let mut all = vec!["--home".to_owned(), home.to_str().unwrap().to_owned(), "--json".to_owned()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        all
    }

    fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.home().join(name)).unwrap()
    }
}

/// Whether bytes are a private key that `openssl` reads.
fn is_private_key(folder: &Path, bytes: &[u8]) -> bool {
    let file = folder.join("looked-at");
    fs::write(&file, bytes).unwrap();
    let read = std::process::Command::new("openssl")
        .args(["pkey", "-inform", "DER", "-noout", "-in"])
        .arg(&file)
        .output()
        .unwrap();
    fs::remove_file(&file).unwrap();
    read.status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_of_a_desktop_opens_with_its_keyring_and_says_so_without_it() {
    let Some(desk) = Desk::new() else { return };
    desk.logged_in(&["init", "--authority", "Desk CA", "--pki-url", "http://pki.example.com/desk"])
        .await
        .done();
    let key = desk.file("installation.key");
    assert!(!is_private_key(desk.folder.path(), &key), "the file is encrypted");
    assert!(String::from_utf8(desk.file("vault.toml")).unwrap().contains("keep-in = \"keyring\""));
    desk.logged_in(&["authority", "check"]).await.done();

    // Another program of the user finds the entry; the secret itself is no text.
    let search =
        ["-c", "secret-tool search --unlock service Sealwright | grep --text ^label"].map(str::to_owned);
    let found = desk.in_session(UNLOCKED, "sh", &search).await;
    assert!(found.stdout.starts_with("label = Sealwright wrapping key "), "{found:?}");

    for without in
        [desk.logged_out(&["authority", "check"]).await, desk.locked(&["authority", "check"]).await]
    {
        let refused = without.failure();
        assert!(
            refused.contains("the keyring that holds this installation's key is locked or absent"),
            "{refused}"
        );
    }
    // Setting up again makes no second key either.
    let refused = desk.logged_out(&["init", "--authority", "Desk CA"]).await.failure();
    assert!(refused.contains("locked or absent"), "{refused}");
    assert_eq!(desk.file("installation.key"), key);
    desk.logged_in(&["authority", "check"]).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_made_without_a_keyring_moves_into_one_and_back() {
    let Some(desk) = Desk::new() else { return };
    desk.logged_out(&["init", "--authority", "Desk CA", "--pki-url", "http://pki.example.com/desk"])
        .await
        .done();
    let key = desk.file("installation.key");
    assert!(is_private_key(desk.folder.path(), &key), "without a keyring it is a plain file");
    let refused = desk.logged_out(&["installation", "protect"]).await.failure();
    assert!(refused.contains("locked or absent"), "{refused}");
    assert_eq!(desk.file("installation.key"), key);

    desk.logged_in(&["installation", "protect"]).await.done();
    assert!(!is_private_key(desk.folder.path(), &desk.file("installation.key")));
    desk.logged_in(&["authority", "check"]).await.done();
    desk.logged_out(&["authority", "check"]).await.failure();

    desk.logged_in(&["installation", "protect", "--place", "file"]).await.done();
    assert_eq!(desk.file("installation.key"), key);
    desk.logged_out(&["authority", "check"]).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_opens_with_its_credential_and_names_it_when_it_is_missing() {
    let desk = Desk { folder: TempDir::new().unwrap() };
    let credentials = desk.folder.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("sealwright-wrapping-key"), [0x5A; 32]).unwrap();
    let given = async |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(desk.ours(arguments));
        let mut command = desk.of_this_user(command);
        command.env("CREDENTIALS_DIRECTORY", &credentials);
        Ran::of(command).await
    };
    given(&["init", "--authority", "Desk CA", "--pki-url", "http://pki.example.com/desk"]).await.done();
    assert!(!is_private_key(desk.folder.path(), &desk.file("installation.key")));
    given(&["authority", "check"]).await.done();
    let refused = desk.logged_out(&["authority", "check"]).await.failure();
    assert!(refused.contains("LoadCredentialEncrypted=sealwright-wrapping-key"), "{refused}");
    fs::write(credentials.join("sealwright-wrapping-key"), [0x5B; 32]).unwrap();
    let refused = given(&["authority", "check"]).await.failure();
    assert!(refused.contains("another key"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_keyring_is_mended_by_the_backup_of_the_key_pair() {
    let Some(desk) = Desk::new() else { return };
    desk.logged_in(&["init", "--authority", "Desk CA", "--pki-url", "http://pki.example.com/desk"])
        .await
        .done();
    desk.logged_in(&["installation", "protect", "--place", "file"]).await.done();
    let file = desk.folder.path().join("backup.p12");
    let file = file.to_str().unwrap();
    desk.with_input(&["installation", "backup", file, "--password-stdin"], BACKUP_PASSWORD).await.done();
    desk.logged_in(&["installation", "protect"]).await.done();

    // The keyring's files go, as with a new desktop account.
    fs::remove_dir_all(desk.folder.path().join("data")).unwrap();
    let refused = desk.logged_in(&["authority", "check"]).await.failure();
    assert!(refused.contains("is not in it"), "{refused}");
    fs::rename(desk.home().join("installation.key"), desk.folder.path().join("lost.key")).unwrap();
    fs::remove_file(desk.home().join("vault.toml")).unwrap();
    desk.with_input(&["installation", "restore", file, "--password-stdin"], BACKUP_PASSWORD).await.done();
    desk.logged_out(&["authority", "check"]).await.done();

    // All of it is on record, the newest first.
    let log = desk.logged_out(&["audit", "list", "--limit", "4", "--json"]).await.json();
    let kinds: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "INSTALLATION_KEY_RESTORED",
            "INSTALLATION_KEY_MOVED",
            "INSTALLATION_KEY_EXPORTED",
            "INSTALLATION_KEY_MOVED"
        ]
    );
}
