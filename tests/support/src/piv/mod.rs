//! Smartcards without the hardware: Debian's `pcscd` with the driver of a virtual reader, and in it PIV cards that are
//! programs (`tests/card`). What a program sees of them goes by PC/SC, as with any other card.
//!
//! Neither root nor a network namespace is needed: pcscd is handed its socket as systemd does it, and the driver is kept
//! to the loopback interface. Programs find this reader, and none of this machine's, as long as `PCSCLITE_CSOCK_NAME`
//! says [`CardReader::socket`].
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its reader says what is missing by failing"
)]

mod card;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use card::{PIV_PIN, PIV_PUK, PivCard};

use crate::tools::{self, TokenAgent, text};

/// The driver (Debian: vsmartcard-vpcd).
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// OpenSC's PKCS#11 module.
pub fn opensc_module() -> PathBuf {
    tools::system_library("opensc-pkcs11.so", "opensc-pkcs11")
}

/// A reader with two slots, for as long as this lives.
pub struct CardReader {
    folder: PathBuf,
    daemon: Child,
    port: u16,
    inserted: AtomicU64,
}

impl CardReader {
    /// What `PCSCLITE_CSOCK_NAME` must say for a reader in this folder.
    pub fn socket(folder: &Path) -> PathBuf {
        folder.join("pcscd.comm")
    }

    /// Starts a reader whose socket and cards lie in `folder`.
    ///
    /// # Panics
    /// When pcscd, the driver or the compiler is not there.
    pub fn start(folder: &Path) -> Self {
        assert!(
            Path::new(DRIVER).exists(),
            "{DRIVER} is missing: install the Debian package vsmartcard-vpcd"
        );
        let (configuration, preloaded) = (folder.join("reader.conf.d"), folder.join("loopback.so"));
        fs::create_dir_all(&configuration).expect("a folder for the reader's configuration");
        let source = folder.join("loopback.c");
        fs::write(&source, include_str!("loopback.c")).expect("the source of the library before the driver");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"]).arg(&preloaded).arg(&source);
        tools::run(&mut compiler, "build-essential");
        // Between finding two free ports and their use, somebody else may take one.
        for _ in 0..5 {
            let port = two_free_ports();
            let text = format!(
                "FRIENDLYNAME \"Virtual reader\"\nDEVICENAME /dev/null:{port}\nLIBPATH {DRIVER}\nCHANNELID {port}\n"
            );
            fs::write(configuration.join("virtual"), text).expect("the reader's configuration");
            if let Some(daemon) = start_daemon(folder, &configuration, &preloaded) {
                return Self { folder: folder.to_owned(), daemon, port, inserted: AtomicU64::new(0) };
            }
        }
        panic!("pcscd does not get its ports: {}", log_of(folder))
    }

    /// Puts a card into slot 0 or 1. `name` is the card: it remembers what was done to it under this name.
    ///
    /// # Panics
    /// When the card's program does not build, or pcscd does not see the card.
    pub fn insert(&self, slot: u16, name: &str) -> PivCard {
        let memory = self.folder.join(format!("card-{name}"));
        fs::create_dir_all(&memory).expect("a folder for the card's memory");
        // Never twice the same randomness, and the same in every run.
        let seed = self.inserted.fetch_add(1, Ordering::SeqCst);
        let card = PivCard::start(self.port + slot, &memory, seed);
        let reader = slot.to_string();
        self.run("opensc-tool", &["--wait", "--reader", &reader, "--atr"]);
        card
    }

    /// Pulls a card out, and waits until PC/SC has noticed.
    ///
    /// # Panics
    /// When it does not.
    pub fn pull_out(&self, card: PivCard) {
        let removals = || log_of(&self.folder).matches("Card Removed From").count();
        let before = removals();
        card.vanish();
        for _ in 0..400 {
            if removals() > before {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("pcscd does not notice that a card is gone:\n{}", log_of(&self.folder))
    }

    /// Makes a key on the card in this slot of the reader, in the card's slot for key management (9D), and writes a
    /// certificate for it beside it. `kind` is `rsa:2048` or `EC:secp256r1`.
    ///
    /// # Panics
    /// When OpenSC's or OpenSSL's program refuses.
    pub fn agent(&self, slot: u16, name: &str, kind: &str) -> TokenAgent {
        card::agent(self, &slot.to_string(), name, kind)
    }

    /// Runs a program on this reader that must succeed; all that it says.
    ///
    /// # Panics
    /// When it refuses.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        tools::run(self.command(program).args(arguments), "opensc")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("PCSCLITE_CSOCK_NAME", Self::socket(&self.folder));
        command
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for CardReader {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The driver wants a port for each of its two slots, one after the other.
fn two_free_ports() -> u16 {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    for _ in 0..100 {
        let first = listen(0).expect("a free port");
        let port = first.local_addr().expect("an address").port();
        if port.checked_add(1).is_some_and(|next| listen(next).is_ok()) {
            return port;
        }
    }
    panic!("no two free ports stand beside each other")
}

/// `None` when the driver does not get its ports.
fn start_daemon(folder: &Path, configuration: &Path, preloaded: &Path) -> Option<Child> {
    let socket = CardReader::socket(folder);
    let _ = fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).expect("a socket for pcscd");
    let log = fs::File::create(folder.join("pcscd.log")).expect("a log for pcscd");
    // By the protocol of sd_listen_fds(3), so that pcscd neither makes nor looks for files in /run.
    let handed = "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ LD_PRELOAD=$1 exec pcscd --foreground --info --config $2";
    let daemon = Command::new("sh")
        .args(["-c", handed, "sh", text(preloaded), text(configuration)])
        // Where administrators' programs are; not on everybody's path.
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(OwnedFd::from(listener))
        .stdout(log.try_clone().expect("the log"))
        .stderr(log)
        .spawn();
    let mut daemon = daemon.expect("a shell");
    for _ in 0..400 {
        let log = log_of(folder);
        if log.contains("Could not initialize connection") {
            let _ = daemon.kill();
            let _ = daemon.wait();
            return None;
        }
        if log.contains("daemon ready") {
            return Some(daemon);
        }
        if let Ok(Some(ended)) = daemon.try_wait() {
            panic!("pcscd ended with {ended}: install the Debian package pcscd\n{log}");
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    let _ = daemon.kill();
    panic!("pcscd does not become ready:\n{}", log_of(folder))
}

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("pcscd.log")).unwrap_or_default()
}
