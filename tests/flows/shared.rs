//! One shared database: who steals a copy of it learns nothing, a backup brings it back, an embedded one moves there, and
//! programs of several ages and installations that come and go get along.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use sim::{SimOptions, Tenant};
use store::Store as _;
use store_sql::roles::TABLES;
use support::{Database, MariaDb};

use crate::home;
use crate::program::{Daemon, Ran, until};
use crate::proof;
use crate::secrets::{Search, keys_of_people};
use crate::world::{Pace, Ways, World};

/// As quick as a shared database may be used.
fn pace() -> Pace {
    Pace { lease_seconds: 5, ..Pace::default() }
}

pub(crate) async fn world_on(database: &Database, people: usize) -> World {
    let ways = Ways { story: database.port(), program: database.port() };
    let tenant = Tenant::invent().people(people).mailboxes(1).build();
    World::on(database, ways, SimOptions::new(tenant), &pace()).await
}

/// All tables and rows as the server's own tool writes them.
fn dump(database: &Database) -> Vec<u8> {
    let dumped = tool("mariadb-dump", database)
        .args(["--single-transaction", "--hex-blob", "--triggers", database.name()])
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    dumped.stdout
}

/// The same into another database, by the server's administrator as the handbook says: triggers belong to their owner.
fn restore(database: &Database, dumped: Vec<u8>) {
    database.execute(&String::from_utf8(dumped).unwrap());
}

fn tool(name: &str, database: &Database) -> Command {
    let mut command = Command::new(name);
    command
        .args(["--no-defaults", "--protocol", "tcp", "--host", "127.0.0.1", "--port"])
        .arg(database.port().to_string())
        .arg("--ssl-ca")
        .arg(database.ca_file().unwrap())
        .args(["--user", &database.owner().user])
        .env("MYSQL_PWD", database.password().as_str());
    command
}

/// What leads to another database of the same server.
fn point(home: &Path, from: &Database, to: &Database) {
    let file = home.join("sealwright.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace(&from.address().user.unwrap(), &to.address().user.unwrap());
    home::write_private(&file, text.replace(from.name(), to.name()).as_bytes());
    home::write_private(&home.join("database-password"), to.password().as_bytes());
}

/// Another machine's home, on the same database.
fn second_home(world: &World, name: &str, settings: &str) -> std::path::PathBuf {
    let home = world.folder().join(name);
    fs::create_dir(&home).unwrap();
    home::write_private(
        &home.join("database-password"),
        &fs::read(world.home().join("database-password")).unwrap(),
    );
    home::write_private(&home.join("sealwright.toml"), settings.as_bytes());
    home
}

pub(crate) async fn on(world: &World, home: &Path, arguments: &[&str]) -> Ran {
    let mut command = world.command_on(home);
    command.arg("--json").args(arguments);
    Ran::of(command).await
}

/// Asks to be admitted and is.
async fn admitted(world: &World, home: &Path) -> String {
    let shown = on(world, home, &["installation", "join"]).await.json();
    let asked = on(world, home, &["installation", "join", shown["fleet"].as_str().unwrap()]).await.json();
    let (id, own) = (asked["id"].as_str().unwrap().to_owned(), asked["own"].as_str().unwrap());
    world.json(&["installation", "admit", &id, own]).await;
    id
}

/// `[database]` and `[daemon]` alone: the tenant comes out of the database.
fn without_tenant(world: &World) -> String {
    let text = fs::read_to_string(world.home().join("sealwright.toml")).unwrap();
    let mut table: toml::Table = text.parse().unwrap();
    for section in ["tenant", "intune", "mailboxes"] {
        table.remove(section);
    }
    table.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_get_in_replaces_nothing_that_works() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    let home = world.home();
    let files = || ["sealwright.toml", "database-password"].map(|name| fs::read(home.join(name)).unwrap());
    let before = files();
    let url = database.address().to_string();
    let mut command = Command::new(home::PROGRAM);
    command.arg("--home").arg(&home).args([
        "--json",
        "database",
        "use",
        &url,
        "--password-stdin",
        "--ca-file",
    ]);
    command.arg(database.ca_file().unwrap()).env("SEALWRIGHT_VAULT", "file");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"not this one").unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let refused = format!("127.0.0.1:{} does not let this login in", database.port());
    assert!(told.contains(&refused) && told.contains("check account and password"), "{told}");
    assert!(!told.contains("not this one"), "{told}");
    assert!(files() == before, "settings and password are as they were");
    assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_reach_the_server_reads_which_one_and_what_to_check() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = fs::read_to_string(world.home().join("sealwright.toml")).unwrap();
    let elsewhere = settings.replace(&format!(":{}/", database.port()), &format!(":{free}/"));
    home::write_private(&world.home().join("sealwright.toml"), elsewhere.as_bytes());
    let place = format!("nobody answers at 127.0.0.1:{free}");
    for command in [vec!["certificate", "list"], vec!["database", "status"], vec!["migrate"]] {
        let told = world.run_json(&command).await.failure();
        assert!(told.contains(&place) && told.contains("check name and port"), "{command:?}: {told}");
    }
    let examined = world.run_json(&["doctor"]).await;
    assert_eq!(examined.code, Some(3), "{examined:?}");
    let told = examined.json()["findings"][0].clone();
    assert_eq!((told["what"].as_str(), told["verdict"].as_str()), (Some("database"), Some("bad")), "{told}");
    assert!(told["found"].as_str().unwrap().contains(&place), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("check name and port"), "{told}");
    // A name that leads nowhere, as it is typed.
    let home = second_home(&world, "second", "");
    let url = "mysql://seal@no-such-host.invalid/seal";
    let told = on(&world, &home, &["database", "use", url]).await.failure();
    assert!(told.contains("no-such-host.invalid:3306"), "{told}");
    assert!(fs::read_to_string(home.join("sealwright.toml")).unwrap().is_empty(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_dump_of_every_table_reveals_no_secret() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 3).await;
    // The credential of the tenant is in the database too, sealed.
    world.json(&["tenant", "share"]).await;
    let mut daemon = world.daemon_with(&[], Some("kill:deliver.before:3"));
    daemon.killed().await;
    let mut work = world.store.read().await.unwrap();
    assert!(work.archive().count_inflight().await.unwrap() > 0, "keys are in flight");
    drop(work);
    let in_flight = dump(&database);
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    let at_the_end = dump(&database);

    let mut search = Search::new();
    search.text("the client secret", &world.sim.app().secret.unwrap());
    search.text("the password of the database", &database.password());
    for name in home::AGENTS {
        search.key(&format!("the key of {name}"), &proof::agent(&world, name).0);
    }
    let installation = fs::read(world.home().join("installation.key")).unwrap();
    search.key("the key of the installation", &crypto::PrivateKey::from_pkcs8(&installation).unwrap());
    let keys = keys_of_people(&world).await;
    assert!(keys.len() >= 4);
    for (number, key) in keys.iter().enumerate() {
        search.key(&format!("the private key {number}"), key);
    }
    for (moment, dumped) in [("with keys in flight", &in_flight), ("at the end", &at_the_end)] {
        for table in TABLES {
            let made = format!("CREATE TABLE `{}`", table.name);
            assert!(dumped.windows(made.len()).any(|window| window == made.as_bytes()), "{}", table.name);
        }
        assert_eq!(search.find(dumped), None, "{moment}");
    }
    // It would be found: the envelopes are there.
    let mut work = world.store.read().await.unwrap();
    let archived =
        proof::certificates(&world).await.into_iter().find(|row| row.certificate.archived).unwrap();
    let envelope = work.archive().find_sealed(archived.certificate.id).await.unwrap().unwrap().envelope;
    let mut there = Search::new();
    there.text("an envelope", &hex::encode_upper(&envelope[..48]));
    assert_eq!(there.find(&at_the_end), Some("an envelope"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_restored_elsewhere_holds_everything_and_work_goes_on_there() {
    let server = MariaDb::shared().await;
    let (database, spare) = (server.database().await, server.database().await);
    let world = world_on(&database, 4).await;
    world.queue_all().await;
    let mut daemon = world.daemon_with(&[], Some("kill:archive.before:3"));
    daemon.killed().await;
    restore(&spare, dump(&database));
    point(&world.home(), &database, &spare);

    let status = world.json(&["installation", "list"]).await;
    assert_eq!(status["standing"], "admitted", "{status}");
    assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
    let location = store_sql::Location::Server { address: spare.address(), login: spare.login() };
    let restored = store_sql::SqlStore::open(&location, &store_sql::Options::default()).await.unwrap();
    let mut daemon = world.daemon();
    let wanted = world.expected().len() as u64;
    until("everything is done on the restored database", async || {
        assert!(daemon.is_running(), "{}", daemon.end_of_log());
        let mut work = restored.read().await.unwrap();
        let (counts, jobs) = (work.enrollments().counts().await.unwrap(), work.jobs().count().await.unwrap());
        (counts.done >= wanted && jobs == 0).then_some(())
    })
    .await;
    daemon.stop().await;
    assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_database_moves_to_a_server_with_work_under_way() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let tenant = Tenant::invent().people(5).mailboxes(1).build();
    let world = World::with(SimOptions::new(tenant), &pace()).await;
    world.queue_all().await;
    let mut daemon = world.daemon_with(&[], Some("kill:deliver.before:4"));
    daemon.killed().await;
    let before = proof::certificates(&world).await.len();
    assert!(before > 0);
    world.store.close().await;

    let home = world.home();
    home::write_private(&home.join("database-password"), database.password().as_bytes());
    let url = database.address().to_string();
    let ca = database.ca_file().unwrap().display().to_string();
    let moved = world.json(&["database", "move", &url, "--ca-file", &ca, "--migrate"]).await;
    assert!(moved["rows"].as_u64().unwrap() > 50, "{moved}");
    assert!(!home.join("sealwright.db").exists() && home.join("sealwright.db.moved").exists());

    let location = store_sql::Location::Server { address: database.address(), login: database.login() };
    let there = store_sql::SqlStore::open(&location, &store_sql::Options::default()).await.unwrap();
    assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
    assert_eq!(world.json(&["installation", "list"]).await["standing"], "admitted");
    let wanted = world.expected().len() as u64;
    let mut daemon = world.daemon();
    until("the work that was under way is done on the server", async || {
        assert!(daemon.is_running(), "{}", daemon.end_of_log());
        let mut work = there.read().await.unwrap();
        let (counts, jobs) = (work.enrollments().counts().await.unwrap(), work.jobs().count().await.unwrap());
        (counts.done >= wanted && jobs == 0).then_some(())
    })
    .await;
    daemon.stop().await;
    // A second move finds a server that is not empty, and an old file that is shut.
    fs::rename(home.join("sealwright.db.moved"), home.join("old.db")).unwrap();
    let old = store_sql::Location::Sqlite(home.join("old.db"));
    let refused = store_sql::SqlStore::open(&old, &store_sql::Options::default()).await.unwrap_err();
    assert!(refused.to_string().contains("newer"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_is_missing_is_planned_and_made_at_the_same_schema() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    let plan = async || world.json(&["migrate", "--plan"]).await;
    let whole = plan().await;
    assert_eq!(
        (&whole["guards"], &whole["lacks"]),
        (&Value::Array(vec![]), &Value::Array(vec![])),
        "{whole}"
    );
    database.execute("DROP TRIGGER audit_log_no_update;");
    let planned = plan().await;
    assert!(planned["steps"].as_array().unwrap().is_empty(), "{planned}");
    assert!(planned["lacks"][0].as_str().unwrap().contains("audit_log_no_update"), "{planned}");
    let guards = planned["guards"].as_array().unwrap();
    assert_eq!(guards.len(), 1, "{planned}");
    let sql = guards[0].as_str().unwrap();
    let said = world.run(&["migrate", "--plan"]).await.stdout;
    assert!(said.contains(sql) && said.contains("-- triggers: "), "{said}");
    world.json(&["migrate"]).await;
    assert_eq!(plan().await, whole);
    // What was shown is what is made: it can be run by hand as well.
    database.execute("DROP TRIGGER audit_log_no_update;");
    database.execute(&format!("{sql};"));
    assert_eq!(plan().await, whole);
}

/// When the only installation last said that it is there.
async fn seen_at(world: &World) -> model::Timestamp {
    let mut work = world.store.read().await.unwrap();
    work.installations().list().await.unwrap().pop().unwrap().seen_at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_on_beside_a_newer_schema_until_one_shuts_it_out() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 2).await;
    let mut daemon = world.daemon();
    daemon.ready().await;
    let known = world.store.schema().await.unwrap().known;
    // A later program added something and says that nobody is disturbed by it.
    database.execute(&format!("UPDATE schema_info SET version = {}, min_client = {known}", known + 1));
    // It says that it is there behind each look at the schema. The first one may have begun earlier, the second has not.
    for _ in 0..2 {
        let before = seen_at(&world).await;
        until("the daemon has looked at the schema", async || {
            assert!(daemon.is_running(), "{}", daemon.end_of_log());
            (seen_at(&world).await > before).then_some(())
        })
        .await;
    }
    world.until_done(&mut daemon).await;
    assert!(daemon.is_running(), "it works beside the newer one");
    assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
    // And another took something away.
    database.execute(&format!("UPDATE schema_info SET version = {0}, min_client = {0}", known + 2));
    let status = daemon.ended().await;
    assert!(
        !status.success() && daemon.log().contains("update this installation"),
        "{}",
        daemon.end_of_log()
    );
    let refused = world.run_json(&["certificate", "list"]).await.failure();
    assert!(refused.contains("update this installation"), "{refused}");
    // An older database is refused too, with what to do.
    database.execute(&format!("UPDATE schema_info SET version = {}, min_client = 1", known - 1));
    let refused = world.run_json(&["certificate", "list"]).await.failure();
    assert!(refused.contains("sealwright migrate"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_machine_takes_the_shared_tenant_works_and_is_shut_out_when_removed() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 3).await;
    world.json(&["tenant", "share"]).await;
    let home = second_home(&world, "second", &without_tenant(&world));
    // Before anybody has admitted it, it is told so and does nothing.
    let shown = on(&world, &home, &["installation", "join"]).await;
    assert_eq!(shown.code, Some(3), "{shown:?}");
    let mut early = world.daemon_on(&home, |_| {});
    let status = early.ended().await;
    assert_eq!(status.code(), Some(3), "{}", early.end_of_log());

    let id = admitted(&world, &home).await;
    // It founded no authority and publishes the list of one all the same.
    let authority = on(&world, &home, &["authority", "list"]).await.done()["authorities"][0]["name"].clone();
    on(&world, &home, &["authority", "crl", authority.as_str().unwrap()]).await.done();
    assert_eq!(fs::read_dir(home.join("pki")).unwrap().count(), 1);
    let mut second: Daemon = world.daemon_on(&home, |_| {});
    world.until_done(&mut second).await;
    proof::everything_is_done(&world).await;

    let removed = world.json(&["installation", "remove", &id]).await;
    assert!(removed["told"].as_str().unwrap().contains("tenant-credential"), "{removed}");
    let status = second.ended().await;
    assert_eq!(status.code(), Some(3), "{}", second.end_of_log());
    assert!(second.log().contains("removed"), "{}", second.end_of_log());
    // What is sealed now is closed to it.
    world.json(&["tenant", "share"]).await;
    let listed = on(&world, &home, &["authority", "list"]).await.done();
    assert_eq!(listed["authorities"][0]["usable"], false, "{listed}");
    assert_eq!(on(&world, &home, &["tenant", "show"]).await.done()["here"], "none");
}
