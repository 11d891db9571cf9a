//! The world of one story: a simulated tenant, a home that belongs to it, and the program to run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use model::EnrollmentState;
use serde_json::Value;
use sim::{MailboxPurpose, Sim, SimOptions, Tenant};
use store::{PageRequest, Store as _};
use store_sql::{Location, Options, ServerAddress, SqlStore};
use support::{Database, SoftHsm};
use tempfile::TempDir;
use tokio::process::Command;

use crate::program::{Daemon, PATIENCE, Ran, until};
use crate::{home, proof};

/// Names of the two templates.
pub(crate) const SMIME: &str = "Mail";
pub(crate) const SIGN_IN: &str = "Sign-in";

/// What a story chooses in `[daemon]`.
pub(crate) struct Pace {
    pub(crate) lease_seconds: u32,
    pub(crate) grace_seconds: u32,
    pub(crate) concurrency: usize,
    /// Seconds between two looks at the fleet; each costs an opening of everything in flight.
    pub(crate) watch_seconds: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { lease_seconds: 1, grace_seconds: 10, concurrency: 4, watch_seconds: 1 }
    }
}

/// Ports of this machine that lead to one database server.
#[derive(Clone, Copy)]
pub(crate) struct Ways {
    /// The story's own, which nothing disturbs.
    pub(crate) story: u16,
    /// The program's.
    pub(crate) program: u16,
}

/// Tenant, home, program.
pub(crate) struct World {
    pub(crate) sim: Sim,
    /// The database, as another program reads it.
    pub(crate) store: SqlStore,
    folder: TempDir,
    daemons: AtomicU32,
    /// `[database]` of the settings; empty for the embedded one.
    section: String,
}

impl World {
    /// So many people and shared mailboxes, both templates on quick keys.
    pub(crate) async fn of(people: usize, mailboxes: usize) -> Self {
        let tenant = Tenant::invent().people(people).mailboxes(mailboxes).build();
        Self::with(SimOptions::new(tenant), &Pace::default()).await
    }

    pub(crate) async fn with(options: SimOptions, pace: &Pace) -> Self {
        let world = Self::bare(options, pace).await;
        world.import(SMIME, world.sim.smime_group(), &[]).await;
        world.import(SIGN_IN, world.sim.sign_in_group(), &["--cba"]).await;
        world
    }

    /// Without templates.
    pub(crate) async fn bare(options: SimOptions, pace: &Pace) -> Self {
        let sim = Sim::start(options.with_shared_device_keys()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let copied = folder.path().to_owned();
        tokio::task::spawn_blocking(move || home::copy_to(&copied)).await.unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        let database = folder.path().join("home/sealwright.db");
        let store = SqlStore::open(&Location::Sqlite(database), &Options::default()).await.unwrap();
        let world = Self { sim, store, folder, daemons: AtomicU32::new(0), section: String::new() };
        world.settle(pace);
        world
    }

    /// On a database server; both templates on quick keys.
    pub(crate) async fn on(database: &Database, ways: Ways, options: SimOptions, pace: &Pace) -> Self {
        let sim = Sim::start(options.with_shared_device_keys()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        let by = |port| ServerAddress { host: "127.0.0.1".to_owned(), port, ..database.address() };
        let location = Location::Server { address: by(ways.story), login: database.login() };
        SqlStore::migrate(&location, &Options::default()).await.unwrap();
        let store = SqlStore::open(&location, &Options::default()).await.unwrap();
        let ca_file = database.ca_file().unwrap().display();
        let section = format!("[database]\nurl = \"{}\"\nca-file = \"{ca_file}\"\n\n", by(ways.program));
        let world = Self { sim, store, folder, daemons: AtomicU32::new(0), section };
        let (place, home, password) = (world.folder().to_owned(), world.home(), database.password());
        tokio::task::spawn_blocking(move || home::make_home(&place, &home, &password)).await.unwrap();
        world.settle(pace);
        world.found().await;
        world.import(SMIME, world.sim.smime_group(), &[]).await;
        world.import(SIGN_IN, world.sim.sign_in_group(), &["--cba"]).await;
        world
    }

    /// Sets up an empty database as an administrator does.
    async fn found(&self) {
        self.json(&["init", "--authority", home::AUTHORITY, "--pki-url", home::PKI_URL]).await;
        for name in home::AGENTS {
            let (_, certificate) = proof::agent(self, name);
            let file = self.folder().join(format!("{name}.pem"));
            fs::write(&file, certificate.pem()).unwrap();
            self.json(&["kra", "add", file.to_str().unwrap()]).await;
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder().join("home")
    }

    /// A file of a recovery agent: `.p12` or `.password`.
    pub(crate) fn agent(&self, name: &str, extension: &str) -> PathBuf {
        self.folder().join("agents").join(format!("{name}.{extension}"))
    }

    /// Writes settings that lead into the simulated tenant.
    pub(crate) fn settle(&self, pace: &Pace) {
        let file = |name: &str, bytes: &[u8]| home::write_private(&self.home().join(name), bytes);
        let app = self.sim.app();
        file("simulator-ca.pem", self.sim.ca_pem().as_bytes());
        file("client-secret", app.secret.unwrap_or_default().as_bytes());
        file("connector-key.bin", &self.sim.connector_public_key_blob());
        let mut text = self.section.clone();
        text.push_str(&format!(
            "[tenant]\nid = \"{tenant}\"\nclient-id = \"{client}\"\nclient-secret-file = \"client-secret\"\n\
             authority-url = \"{url}\"\ngraph-url = \"{url}\"\nextra-root-ca = \"simulator-ca.pem\"\nsimulated = true\n\n\
             [intune]\nconnector-key-file = \"connector-key.bin\"\nprovider-name = \"{provider}\"\nkey-name = \"{key}\"\n\n\
             [daemon]\nlisten = \"127.0.0.1:0\"\nconcurrency = {concurrency}\nsync-minutes = 60\n\
             grace-seconds = {grace}\nlease-seconds = {lease}\nwatch-seconds = {watch}\n",
            tenant = self.sim.tenant_id(),
            client = app.client_id,
            url = self.sim.base_url(),
            provider = self.sim.connector_provider_name(),
            key = self.sim.connector_key_name(),
            concurrency = pace.concurrency,
            grace = pace.grace_seconds,
            lease = pace.lease_seconds,
            watch = pace.watch_seconds,
        ));
        for mailbox in self.sim.mailboxes() {
            let (address, holders) = (&mailbox.address, mailbox.holder_group);
            text.push_str(&format!("\n[[mailboxes]]\naddress = \"{address}\"\nholders = \"{holders}\"\n"));
        }
        file("sealwright.toml", text.as_bytes());
    }

    /// Has a new template printed, gives it quick keys (and mail an organisation), and imports it.
    pub(crate) async fn import(&self, name: &str, group: uuid::Uuid, options: &[&str]) -> Value {
        let group = group.to_string();
        let mut new = vec!["template", "new", name, "--group", &group, "--authority", home::AUTHORITY];
        new.extend(options);
        let printed = self.run(&new).await;
        assert_eq!(printed.code, Some(0), "{printed:?}");
        let mut template: toml::Table = printed.stdout.parse().unwrap();
        template.insert("key".to_owned(), "p-256".into());
        if template["purpose"].as_str() == Some("smime") {
            let organization = "name = \"Nordwind GmbH\"\nidentifier = \"NTRDE-HRB123456\"\ncountry = \"DE\"";
            template.insert("organization".to_owned(), organization.parse::<toml::Table>().unwrap().into());
        }
        self.import_text(&template.to_string()).await.done()
    }

    /// Imports a template that the story wrote itself.
    pub(crate) async fn import_text(&self, text: &str) -> Ran {
        let file = self.folder().join("template.toml");
        fs::write(&file, text).unwrap();
        self.run_json(&["template", "import", file.to_str().unwrap()]).await
    }

    /// The program on this home, its environment cleaned.
    pub(crate) fn command(&self) -> Command {
        self.command_on(&self.home())
    }

    /// The program on another home of this world.
    pub(crate) fn command_on(&self, home: &Path) -> Command {
        let mut command = Command::new(home::PROGRAM);
        command.arg("--home").arg(home).current_dir(self.folder());
        command.env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG").env_remove("SEALWRIGHT_PROBE");
        // No story leaves anything in the keyring of whoever runs it.
        command.env("SEALWRIGHT_VAULT", "file");
        // Nor does one see the tokens of this machine.
        command.env("SOFTHSM2_CONF", SoftHsm::open(self.folder()).configuration());
        command.env("PCSCLITE_CSOCK_NAME", self.folder().join("pcscd.comm"));
        command.env("TMPDIR", self.folder().join("tmp"));
        command
    }

    /// Runs one command.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        command.args(arguments);
        Ran::of(command).await
    }

    /// Runs one command with `--json`.
    pub(crate) async fn run_json(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        command.arg("--json").args(arguments);
        Ran::of(command).await
    }

    /// Runs a command that must succeed; its JSON.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        self.run_json(arguments).await.done()
    }

    /// Starts the service.
    pub(crate) fn daemon(&self) -> Daemon {
        self.daemon_with(&[], None)
    }

    /// Starts the service with a probe such as `kill:request.inside:2`.
    pub(crate) fn probed(&self, probe: &str) -> Daemon {
        self.daemon_with(&[], Some(probe))
    }

    /// Starts the service on a home of its own, with what the story changed about the command.
    pub(crate) fn daemon_on(&self, home: &Path, change: impl FnOnce(&mut Command)) -> Daemon {
        let number = self.daemons.fetch_add(1, Ordering::SeqCst);
        let mut command = self.command_on(home);
        command.args(["--daemon", "--log-format", "json"]);
        change(&mut command);
        Daemon::start(command, self.folder().join(format!("daemon-{number}.log")))
    }

    /// Starts the service with further arguments.
    pub(crate) fn daemon_with(&self, arguments: &[&str], probe: Option<&str>) -> Daemon {
        let number = self.daemons.fetch_add(1, Ordering::SeqCst);
        let mut command = self.command();
        command.args(["--daemon", "--log-format", "json"]).args(arguments);
        if let Some(probe) = probe {
            command.env("SEALWRIGHT_PROBE", probe);
        }
        Daemon::start(command, self.folder().join(format!("daemon-{number}.log")))
    }

    /// Reads the directory and queues all enrollments, for a service that is started later.
    pub(crate) async fn queue_all(&self) -> usize {
        let mut command = self.command();
        command.args(["--json", "apply", "--queue"]);
        // A company's first reading takes its time.
        let patience = PATIENCE + Duration::from_millis(100) * u32::try_from(self.sim.users().len()).unwrap();
        let told = Ran::within(command, patience).await.done();
        usize::try_from(told["started"].as_u64().unwrap()).unwrap()
    }

    /// Everybody who is to have a certificate: subscriber, template, and whose devices get it. Holds for invented tenants.
    pub(crate) fn expected(&self) -> Vec<(uuid::Uuid, &'static str, Vec<uuid::Uuid>)> {
        let mut expected = Vec::new();
        for user in self
            .sim
            .users()
            .iter()
            .filter(|user| user.purpose == MailboxPurpose::User && user.account_enabled)
        {
            expected.push((user.id, SMIME, vec![user.id]));
            expected.push((user.id, SIGN_IN, vec![user.id]));
        }
        for mailbox in self.sim.mailboxes() {
            expected.push((mailbox.user_id, SMIME, mailbox.holders.clone()));
        }
        expected
    }

    /// Waits until everything that is expected is done and the queue is empty.
    pub(crate) async fn until_done(&self, daemon: &mut Daemon) {
        self.until_so_many_are_done(self.expected().len() as u64, daemon).await;
    }

    /// The same for templates of the story's own.
    pub(crate) async fn until_so_many_are_done(&self, wanted: u64, daemon: &mut Daemon) {
        let begun = Instant::now();
        loop {
            let mut work = self.store.read().await.unwrap();
            let (counts, jobs) =
                (work.enrollments().counts().await.unwrap(), work.jobs().count().await.unwrap());
            for state in [EnrollmentState::Stuck, EnrollmentState::Rejected] {
                let ended = work.enrollments().list(Some(state), &PageRequest::first(1)).await.unwrap();
                assert!(ended.rows.is_empty(), "{:?}\n{}", ended.rows, daemon.end_of_log());
            }
            if counts.done >= wanted && jobs == 0 {
                return;
            }
            let in_time = daemon.is_running() && begun.elapsed() < PATIENCE;
            assert!(in_time, "{wanted} wanted, {jobs} jobs left, {counts:?}\n{}", daemon.end_of_log());
            drop(work);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until at least so many enrollments are done, whatever else is at work.
    pub(crate) async fn until_at_least(&self, wanted: u64, daemon: &mut Daemon) {
        let begun = Instant::now();
        while self.done().await < wanted {
            let in_time = daemon.is_running() && begun.elapsed() < PATIENCE;
            assert!(in_time, "{wanted} wanted\n{}", daemon.end_of_log());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many enrollments are done.
    pub(crate) async fn done(&self) -> u64 {
        self.store.read().await.unwrap().enrollments().counts().await.unwrap().done
    }

    /// Makes the service `sync` due and waits until the daemon has run it; what it says.
    pub(crate) async fn sync(&self) -> String {
        let before = self.last_sync().await;
        self.json(&["service", "run", "sync"]).await;
        until("the directory has been read again", async || {
            let (at, told) = self.last_sync().await?;
            (before.as_ref().is_none_or(|(earlier, _)| *earlier < at)).then_some(told)
        })
        .await
    }

    async fn last_sync(&self) -> Option<(model::Timestamp, String)> {
        let services = self.store.read().await.unwrap().services().list().await.unwrap();
        let sync = services.into_iter().find(|status| status.service == model::Service::Sync)?;
        sync.last_run.map(|at| (at, sync.last_result.unwrap_or_default()))
    }
}
