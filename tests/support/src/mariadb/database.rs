//! An empty database of one's own on a test server, and accounts that may do what a test grants them.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use store_sql::{Authentication, Login, Password, ServerAddress, ServerKind, Tls};
use zeroize::Zeroizing;

use super::place::missing;

/// How long, and how often, a server is waited for that lost its cluster.
const MOMENT: Duration = Duration::from_millis(100);
const MOMENTS: u32 = 300;

/// How the administrator of a server signs in.
#[derive(Clone, Debug)]
pub(crate) enum Administrator {
    /// Over the socket, as the folder around it is ours.
    Socket(PathBuf),
    /// Over the network.
    Account(Account),
}

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) administrator: Administrator,
}

/// An account on the server.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub user: String,
    /// Its password, made up.
    pub password: String,
}

impl Account {
    /// As the store asks for it.
    pub fn login(&self) -> Arc<dyn Login> {
        Arc::new(Password::new(&self.password))
    }
}

impl Reached {
    /// MariaDB's own client, signed in as the administrator or as an account; SQL comes over standard input.
    fn client(&self, account: Option<&Account>, database: Option<&str>) -> Command {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]);
        let account = match (&self.administrator, account) {
            (Administrator::Socket(socket), None) => {
                client.arg("--socket").arg(socket).arg("--user=root");
                None
            }
            (Administrator::Account(administrator), None) => Some(administrator),
            (_, Some(account)) => Some(account),
        };
        if let Some(Account { user, password }) = account {
            client.args(["--protocol=tcp", "--host", &self.host, "--port", &self.port.to_string()]);
            client.args(["--user", user]).env("MYSQL_PWD", password);
            match &self.ca_file {
                Some(file) => client.arg("--ssl-verify-server-cert").arg("--ssl-ca").arg(file),
                None => client.arg("--ssl"),
            };
        }
        client.args(database);
        client
    }

    /// Runs SQL; what it answers, a line for each row and a tab between columns.
    pub(crate) fn run(
        &self,
        account: Option<&Account>,
        database: Option<&str>,
        sql: &str,
    ) -> Result<String, String> {
        use std::io::Write as _;
        let mut client = self.client(account, database);
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = client.spawn().map_err(|error| missing("mariadb", &error))?;
        let mut input = running.stdin.take().ok_or("the client takes no input")?;
        let text = sql.to_owned();
        // The client may end, or answer at length, before it has read everything.
        let writer = std::thread::spawn(move || drop(input.write_all(text.as_bytes())));
        let ran = running.wait_with_output().map_err(|error| format!("the client: {error}"))?;
        let _ = writer.join();
        if ran.status.success() {
            Ok(String::from_utf8_lossy(&ran.stdout).trim_end_matches('\n').to_owned())
        } else {
            Err(String::from_utf8_lossy(&ran.stderr).trim().to_owned())
        }
    }

    /// Makes an empty database and its owner.
    pub(crate) fn database(&self) -> Result<Database, String> {
        let name = format!("t_{}", random_hex(6)?);
        let owner = Account { user: format!("{name}_owner"), password: random_hex(16)? };
        let sql = format!(
            "CREATE DATABASE {name};\nCREATE USER {user}@'%' IDENTIFIED BY '{password}';\n\
             GRANT ALL PRIVILEGES ON {name}.* TO {user}@'%' WITH GRANT OPTION;\n",
            user = owner.user,
            password = owner.password,
        );
        self.run(None, None, &sql)?;
        Ok(Database { reached: self.clone(), name, owner, keep: false })
    }
}

/// An empty database; dropped with its accounts when this value is.
#[derive(Debug)]
pub struct Database {
    reached: Reached,
    name: String,
    owner: Account,
    keep: bool,
}

impl Database {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who owns it: every right in it, none outside.
    pub const fn owner(&self) -> &Account {
        &self.owner
    }

    /// The port of its server on this machine.
    pub const fn port(&self) -> u16 {
        self.reached.port
    }

    /// The authority that proves the server, where it is not one that the system trusts.
    pub const fn ca_file(&self) -> Option<&PathBuf> {
        self.reached.ca_file.as_ref()
    }

    /// Where the store finds it as its owner.
    pub fn address(&self) -> ServerAddress {
        self.address_as(&self.owner)
    }

    /// Where the store finds it as this account.
    pub fn address_as(&self, account: &Account) -> ServerAddress {
        ServerAddress {
            kind: ServerKind::MySql,
            host: self.reached.host.clone(),
            port: self.reached.port,
            database: self.name.clone(),
            user: Some(account.user.clone()),
            tls: self.reached.ca_file.clone().map_or(Tls::Verified, Tls::VerifiedBy),
            authentication: Authentication::Password,
        }
    }

    /// The owner's password.
    pub fn login(&self) -> Arc<dyn Login> {
        self.owner.login()
    }

    /// The owner's password, for a file.
    pub fn password(&self) -> Zeroizing<String> {
        Zeroizing::new(self.owner.password.clone())
    }

    /// Runs SQL in it as the server's administrator; what it answers, a line for each row and a tab between columns.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(clippy::panic, reason = "a test whose preparations fail has failed")]
    pub fn execute(&self, sql: &str) -> String {
        // A server of a cluster does nothing for moments in which another one goes or comes.
        for _ in 0..MOMENTS {
            match self.reached.run(None, Some(&self.name), sql) {
                Err(error) if error.contains("ERROR 1047") => sleep(MOMENT),
                ran => return ran.unwrap_or_else(|error| panic!("{error}\n{sql}")),
            }
        }
        panic!("its server is not among its cluster's majority again\n{sql}")
    }

    /// Runs SQL in it as an account.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute_as(&self, account: &Account, sql: &str) -> Result<String, String> {
        self.reached.run(Some(account), Some(&self.name), sql)
    }

    /// Makes an account with these rights, each as it stands between `GRANT` and `TO`, e.g. `SELECT ON audit_log` or
    /// `ALL ON *`. Its name begins with `name`.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(clippy::panic, reason = "a test whose preparations fail has failed")]
    pub fn user(&self, name: &str, grants: &[&str]) -> Account {
        let user = format!("{}_{name}", self.name);
        let password = random_hex(16).unwrap_or_else(|error| panic!("{error}"));
        self.execute(&format!("CREATE USER {user}@'%' IDENTIFIED BY '{password}';"));
        for grant in grants {
            self.execute(&format!("GRANT {grant} TO {user}@'%';"));
        }
        Account { user, password }
    }

    /// Leaves database and accounts on the server when this value goes.
    pub const fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // The server may be gone already, by the will of the test.
        let asked = |sql: &str| self.reached.run(None, None, sql).unwrap_or_default();
        // Units of work that are still being ended would keep the tables, and this thread is the one that ends them.
        let at_work = format!(
            "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE db = '{}';",
            self.name
        );
        let ends = asked(&at_work);
        for end in ends.lines() {
            asked(end);
        }
        let listed = "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE user LIKE ";
        let accounts = asked(&format!("{listed}'{}\\_%';", self.name)).lines().collect::<Vec<_>>().join(", ");
        let drop_accounts =
            if accounts.is_empty() { String::new() } else { format!("DROP USER {accounts};") };
        asked(&format!("SET lock_wait_timeout = 10; DROP DATABASE {};\n{drop_accounts}", self.name));
    }
}

/// So many bytes of the system's randomness, in hexadecimal.
pub(crate) fn random_hex(bytes: usize) -> Result<String, String> {
    use std::io::Read as _;
    let mut random = vec![0; bytes];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random));
    read.map_err(|error| format!("/dev/urandom: {error}"))?;
    let mut text = String::with_capacity(2 * random.len());
    for byte in random {
        text.push_str(&format!("{byte:02x}"));
    }
    Ok(text)
}
