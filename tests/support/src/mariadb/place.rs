//! The folder of one test server: its data, its certificate, its settings; and the locks that say who uses it.
//!
//! Everything below `run/` goes when the server goes. Nobody but the user who tests may look inside: the administrator
//! of a test server signs in over the socket that lies here, without a password.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Free memory below which the data lie on disk and not in `/dev/shm`.
const ROOM: u64 = 2 << 30;

/// Where a server lives.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
}

impl Place {
    /// A folder of this name below the tests' own, made when it is missing.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let folder = ground()?.join(name);
        make_folder(&folder)?;
        Ok(Self { folder })
    }

    /// A new folder, which the caller removes.
    pub(crate) fn new_own() -> Result<Self, String> {
        let made = tempfile::Builder::new().prefix("own-").tempdir_in(ground()?);
        Ok(Self { folder: made.map_err(|error| format!("no folder for a server: {error}"))?.keep() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.folder.join("run")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.run().join("socket")
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.run().join("server.pid")
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.run().join("tls/ca.pem")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.run().join("my.cnf")
    }

    /// Held by whoever starts or ends the server here.
    pub(crate) fn gate(&self) -> Result<File, String> {
        let file = self.lock_file("gate")?;
        file.lock().map_err(|error| format!("{}: {error}", self.folder.display()))?;
        Ok(file)
    }

    /// Held by each process that uses the server here, as long as it lives.
    pub(crate) fn register_user(&self) -> Result<File, String> {
        let file = self.lock_file("users")?;
        file.lock_shared().map_err(|error| format!("{}: {error}", self.folder.display()))?;
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<File, String> {
        let path = self.folder.join(name);
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        opened.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Makes an empty server for this port: data, certificate, settings with `further` lines. What was here goes.
    pub(crate) fn prepare(&self, port: u16, further: &str) -> Result<(), String> {
        self.settle(port, further)?;
        let tls = self.run().join("tls");
        make_folder(&tls)?;
        make_certificates(&tls)?;
        let mut install = Command::new("mariadb-install-db");
        install.arg(format!("--defaults-file={}", self.settings().display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]).args(account_argument());
        done(install, "mariadb-install-db", &self.run())
    }

    /// Makes a server with the data and the certificate of another one, which must not be running.
    pub(crate) fn prepare_like(&self, other: &Self, port: u16, further: &str) -> Result<(), String> {
        self.settle(port, further)?;
        for part in ["data", "tls"] {
            let mut copy = Command::new("cp");
            copy.arg("-a").arg(other.run().join(part)).arg(self.run());
            done(copy, "cp", &self.run())?;
        }
        Ok(())
    }

    /// Writes the settings. The last of two lines about one thing holds.
    fn settle(&self, port: u16, further: &str) -> Result<(), String> {
        let _ = fs::remove_dir_all(self.run());
        make_folder(&self.run())?;
        let write = |path: PathBuf, text: &str| {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        // These two would let anybody in over the network.
        let first = self.run().join("first.sql");
        write(first.clone(), "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', ''@'localhost';\n")?;
        let run = self.run();
        let run = run.display();
        let text = format!(
            "[mariadbd]\ndatadir = {run}/data\nsocket = {socket}\npid-file = {pid}\nlog-error = {run}/error.log\n\
             init-file = {first}\nbind-address = 127.0.0.1\nport = {port}\nskip-name-resolve\nskip-log-bin\n\
             ssl-ca = {run}/tls/ca.pem\nssl-cert = {run}/tls/server.pem\nssl-key = {run}/tls/server.key\n\
             # As durable as in earnest, on a small machine.\n\
             innodb-flush-log-at-trx-commit = 1\ninnodb-buffer-pool-size = 128M\ninnodb-log-file-size = 64M\n\
             innodb-use-native-aio = 0\nkey-buffer-size = 1M\naria-pagecache-buffer-size = 8M\n\
             performance-schema = OFF\nmax-connections = 500\n{further}\n",
            socket = self.socket().display(),
            pid = self.pid_file().display(),
            first = first.display(),
        );
        write(self.settings(), &text)
    }
}

/// The server refuses to run as root unless told to; in a container there may be nobody else.
pub(crate) fn account_argument() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then_some("--user=root")
}

/// A port that is free now and that the system gives to nobody by chance, so that it stays ours over a restart.
pub(crate) fn free_port() -> Result<u16, String> {
    let start = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    (0..10_000)
        .map(|step| 20_000 + (start + step * 7) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or_else(|| "no port between 20000 and 30000 is free".to_owned())
}

/// The folder of all test servers of this user: in memory where there is plenty, or where temporary files belong.
fn ground() -> Result<PathBuf, String> {
    let memory = Path::new("/dev/shm");
    let roomy = rustix::fs::statvfs(memory).is_ok_and(|free| free.f_bavail * free.f_frsize >= ROOM);
    let parent = if roomy { memory.to_owned() } else { std::env::temp_dir() };
    let user = rustix::process::geteuid();
    let folder = parent.join(format!("sealwright-servers-{}", user.as_raw()));
    make_folder(&folder)?;
    let found = fs::symlink_metadata(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    if !found.is_dir() || found.uid() != user.as_raw() || found.mode() & 0o077 != 0 {
        return Err(format!("{} is not a folder of ours alone; remove it", folder.display()));
    }
    Ok(folder)
}

pub(super) fn make_folder(folder: &Path) -> Result<(), String> {
    let made = DirBuilder::new().mode(0o700).recursive(true).create(folder);
    made.map_err(|error| format!("{} cannot be made: {error}", folder.display()))
}

/// An authority whose key is thrown away, and a certificate for this machine.
fn make_certificates(folder: &Path) -> Result<(), String> {
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).map_err(|error| format!("{}/{name}: {error}", folder.display()))
    };
    write("ca.cnf", include_str!("authority.cnf"))?;
    write("index", "")?;
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(folder);
        done(command, "openssl", folder)
    };
    for name in ["ca", "server"] {
        openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"))?;
        openssl(&format!("req -new -key {name}.key -subj /CN=sealwright-test-{name} -out {name}.csr"))?;
    }
    let sign = "ca -config ca.cnf -batch -notext -in";
    openssl(&format!("{sign} ca.csr -selfsign -keyfile ca.key -extensions root -out ca.pem"))?;
    openssl(&format!("{sign} server.csr -keyfile ca.key -cert ca.pem -extensions server -out server.pem"))?;
    fs::remove_file(folder.join("ca.key")).map_err(|error| format!("the authority's key stays: {error}"))
}

/// Runs a program that must succeed.
pub(super) fn done(mut command: Command, name: &str, folder: &Path) -> Result<(), String> {
    let ran = command.stdin(Stdio::null()).output().map_err(|error| missing(name, &error))?;
    if ran.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    Err(format!("{name} in {}: {}\n{out}{err}", folder.display(), ran.status))
}

/// What to do about a program that cannot be started.
pub(crate) fn missing(name: &str, error: &std::io::Error) -> String {
    format!(
        "`{name}` cannot be started ({error}); `./dev setup` installs it (Debian: mariadb-server-core, \
         mariadb-client-core, openssl), or SEALWRIGHT_TEST_MYSQL_URL names a server that runs already"
    )
}
