//! Runs programs that others wrote. A missing one fails the test and says which Debian package brings it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own for one test, with the programs at hand.
pub(crate) struct Bench {
    folder: TempDir,
}

/// What a program said when it refused.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `openssl` in the folder with arguments parted by spaces; what it wrote to standard output.
    pub(crate) fn openssl(&self, arguments: &str) -> Result<Vec<u8>, Refused> {
        self.run("openssl", "openssl", arguments, b"")
    }

    /// Runs a tool of NSS, the store of Firefox and Thunderbird.
    pub(crate) fn nss(&self, tool: &str, arguments: &str) -> Result<Vec<u8>, Refused> {
        self.run(tool, "libnss3-tools", arguments, b"")
    }

    /// Runs Java's `keytool`.
    pub(crate) fn keytool(&self, arguments: &str) -> Result<Vec<u8>, Refused> {
        self.run("keytool", "default-jre-headless", arguments, b"")
    }

    /// Runs a command of `reader.py`, which reads with the Python package `cryptography`; what it printed.
    pub(crate) fn python(&self, arguments: &str) -> String {
        self.write("reader.py", include_str!("reader.py"));
        let out = self.run(&python(), "python3-cryptography", &format!("reader.py {arguments}"), b"");
        let out = out.unwrap_or_else(|refused| panic!("python {arguments}: {}", refused.0));
        String::from_utf8(out).unwrap().trim_end().to_owned()
    }

    /// Runs `windows_ca.py`, which plays a Windows CA with asn1crypto and cryptography, on a list of orders (JSON).
    pub(crate) fn windows_ca(&self, orders: &str) {
        self.write("windows_ca.py", include_str!("windows_ca.py"));
        let made = self.run(&python(), "python3-asn1crypto", "windows_ca.py .", orders.as_bytes());
        made.unwrap_or_else(|refused| panic!("windows_ca.py: {}", refused.0));
    }

    /// Runs `Envelopes.java`, which reads and writes with Bouncy Castle, on one line of work each; the
    /// answers in order.
    pub(crate) fn bouncy_castle(&self, work: &[String]) -> Vec<String> {
        let jars: Vec<String> =
            [("bcprov", "libbcprov-java"), ("bcpkix", "libbcpkix-java"), ("bcutil", "libbcutil-java")]
                .into_iter()
                .map(|(jar, package)| {
                    let path = format!("/usr/share/java/{jar}.jar");
                    assert!(
                        Path::new(&path).exists(),
                        "{path} is missing: install the Debian package {package}"
                    );
                    path
                })
                .collect();
        self.write("Envelopes.java", include_str!("Envelopes.java"));
        // One compiler pass without optimisation starts fastest.
        let arguments = format!("-XX:TieredStopAtLevel=1 -cp {} Envelopes.java", jars.join(":"));
        let out = self.run("java", "default-jdk-headless", &arguments, work.join("\n").as_bytes());
        let out = String::from_utf8(out.unwrap_or_else(|refused| panic!("java: {}", refused.0))).unwrap();
        let answers: Vec<String> = out.lines().map(str::to_owned).collect();
        assert_eq!(answers.len(), work.len(), "one answer to each line of work: {out}");
        answers
    }

    /// Runs `gpgsm` with its store in the folder, or tells that it is not there.
    pub(crate) fn gpgsm(&self, arguments: &str, passwords: &str) -> Option<Result<Vec<u8>, Refused>> {
        let home = self.path("gnupg");
        fs::create_dir_all(&home).unwrap();
        let arguments = format!(
            "--homedir {} --batch --pinentry-mode loopback --passphrase-fd 0 --disable-crl-checks {arguments}",
            home.display()
        );
        let output = self.start("gpgsm", &arguments, passwords.as_bytes()).ok()?;
        Some(judge("gpgsm", &output))
    }

    fn run(&self, program: &str, package: &str, arguments: &str, input: &[u8]) -> Result<Vec<u8>, Refused> {
        let output = self.start(program, arguments, input).unwrap_or_else(|error| {
            panic!("`{program}` does not start ({error}): install the Debian package {package}")
        });
        judge(program, &output)
    }

    fn start(&self, program: &str, arguments: &str, input: &[u8]) -> std::io::Result<Output> {
        let mut child = Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // A program that does not read its input closes it; that is no fault.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.path("gnupg").exists() {
            // The agent that gpgsm started for this store.
            let _ = Command::new("gpgconf")
                .arg("--homedir")
                .arg(self.path("gnupg"))
                .args(["--kill", "all"])
                .status();
        }
    }
}

fn judge(program: &str, output: &Output) -> Result<Vec<u8>, Refused> {
    if output.status.success() {
        return Ok(output.stdout.clone());
    }
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    Err(Refused(format!("{program} ended with {}: {}", output.status, String::from_utf8_lossy(&said))))
}

/// The Python that has `cryptography`.
#[expect(clippy::disallowed_methods, reason = "which interpreter to use is a matter of the machine")]
fn python() -> String {
    std::env::var("SEALWRIGHT_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}
