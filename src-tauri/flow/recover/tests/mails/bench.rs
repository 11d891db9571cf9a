//! People with keys, and the programs that write to them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crypto::{PrivateKey, X509Certificate};
use recover::mail::{DecryptedMail, MailError, decrypt};
use tempfile::TempDir;

/// What is written to them.
pub(crate) const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße aus dem Archiv\r\n";
pub(crate) const SAID: &str = "Grüße aus dem Archiv";

/// A folder with `susi` (RSA), `otto` (RSA) and `eva` (P-256): keys and certificates.
pub(crate) struct Bench {
    folder: TempDir,
}

/// Making keys is what costs; every test gets copies.
static PEOPLE: LazyLock<Bench> = LazyLock::new(|| {
    let bench = Bench { folder: TempDir::new().unwrap() };
    for (name, kind) in
        [("susi", "rsa:2048"), ("otto", "rsa:2048"), ("eva", "ec -pkeyopt ec_paramgen_curve:P-256")]
    {
        bench.openssl(&format!(
            "req -x509 -newkey {kind} -nodes -keyout {name}.key -out {name}.crt -subj /CN={name} -days 3000 \
             -addext subjectAltName=email:{name}@nordwind.example"
        ));
    }
    bench
});

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: TempDir::new().unwrap() };
        for entry in fs::read_dir(PEOPLE.folder.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), bench.path(entry.file_name().to_str().unwrap())).unwrap();
        }
        bench.write("text", TEXT);
        bench
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

    /// Runs `openssl`, arguments parted by spaces.
    pub(crate) fn openssl(&self, arguments: &str) -> Vec<u8> {
        self.run("openssl", arguments)
    }

    /// Runs `mails.py`, which writes mails with Python's `email` and `cryptography`.
    #[expect(clippy::disallowed_methods, reason = "which interpreter to use is a matter of the machine")]
    pub(crate) fn python(&self, arguments: &str) {
        let python = std::env::var("SEALWRIGHT_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        self.write("mails.py", include_str!("mails.py"));
        self.run(&python, &format!("mails.py {arguments}"));
    }

    fn run(&self, program: &str, arguments: &str) -> Vec<u8> {
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        let output = command.output().unwrap_or_else(|error| panic!("`{program}` does not start: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments}: {said}");
        output.stdout
    }

    pub(crate) fn key(&self, name: &str) -> PrivateKey {
        PrivateKey::from_pem(&self.read(&format!("{name}.key"))).unwrap()
    }

    pub(crate) fn certificate(&self, name: &str) -> X509Certificate {
        X509Certificate::from_pem(&self.read(&format!("{name}.crt"))).unwrap()
    }

    /// Decrypts a file for somebody.
    pub(crate) fn decrypt(&self, file: &str, whose: &str) -> Result<DecryptedMail, MailError> {
        self.decrypt_bytes(&self.read(file), whose)
    }

    pub(crate) fn decrypt_bytes(&self, mail: &[u8], whose: &str) -> Result<DecryptedMail, MailError> {
        decrypt(mail, &self.key(whose), &self.certificate(whose))
    }
}

/// The mail as text.
pub(crate) fn text(mail: &DecryptedMail) -> String {
    String::from_utf8(mail.mime.to_vec()).unwrap()
}
