//! The assistant of the first start, as the page drives it: an empty home, a fleet on a server, a second installation.

mod moves;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{Account, Database, MariaDb};
use tempfile::TempDir;
use tokio::process::Command;

use crate::home::{self, PROGRAM};
use crate::program::Ran;
use crate::served::Served;

/// One machine: a folder with a home in it that may be empty.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--home").arg(self.home());
        for name in ["SEALWRIGHT_HOME", "SEALWRIGHT_LOG", "SEALWRIGHT_PROBE", "DBUS_SESSION_BUS_ADDRESS"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command of the program on this home.
    async fn json(&self, arguments: &[&str]) -> Value {
        let mut command = self.command();
        command.arg("--json").args(arguments);
        Ran::of(command).await.done()
    }

    /// Serves the page of this home.
    async fn serve(&self) -> Served {
        self.serve_with(&[]).await
    }

    /// The same with variables in its environment.
    async fn serve_with(&self, variables: &[(&str, &Path)]) -> Served {
        let mut command = self.command();
        command.envs(variables.iter().copied());
        Served::by(command, &self.folder.path().join("page")).await
    }
}

impl Served {
    async fn status(&self) -> Value {
        self.done("setup_status", json!({})).await
    }

    async fn stage(&self) -> String {
        self.status().await["stage"].as_str().unwrap().to_owned()
    }

    async fn test(&self, database: &Database, account: &Account) -> Value {
        self.done("setup_test", json!({ "target": target(database, account), "password": account.password }))
            .await
    }
}

fn target(database: &Database, account: &Account) -> Value {
    let address = database.address_as(account);
    json!({
        "kind": "mysql", "host": address.host, "port": address.port, "database": address.database,
        "account": account.user, "authentication": "password",
        "caFile": database.ca_file().map(|file| file.display().to_string()).unwrap_or_default(),
    })
}

fn embedded() -> Value {
    let target = json!({ "kind": "embedded", "host": "", "port": 0, "database": "", "account": "",
        "authentication": "password", "caFile": "" });
    json!({ "target": target, "password": null })
}

fn founding(folder: &Path) -> Value {
    json!({ "authority": "Nordwind", "organization": "Nordwind GmbH", "country": "DE",
        "pkiUrl": "http://pki.example.com/pki/nordwind", "kra": "Vault One", "kraFolder": folder })
}

/// Founds a fleet on a server with the page's commands; the served program shows the console afterwards.
async fn found_on(machine: &Machine, database: &Database) -> (Served, Value) {
    let served = machine.serve().await;
    served.test(database, database.owner()).await;
    served.done("setup_apply", json!({})).await;
    let founded = served.done("setup_found", founding(&machine.folder.path().join("stick"))).await;
    served.done("setup_finish", json!({})).await;
    (served, founded)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_home_is_set_up_on_this_machine_and_the_console_opens_without_a_restart() {
    let machine = Machine::new();
    let served = machine.serve().await;
    let status = served.status().await;
    assert_eq!((&status["needed"], &status["movable"]), (&json!(true), &json!(false)), "{status}");
    assert_eq!((&status["stage"], &status["purpose"]), (&json!("choose"), &json!("first")), "{status}");
    assert_eq!(status["proposal"]["pkiUrl"], "http://127.0.0.1:8441/pki/sealwright");
    assert_eq!(status["proposal"]["kraFolder"], "", "a person says where the agent's key goes");
    assert_eq!(served.refused("overview", json!({})).await.0, "notSetUp");
    assert_eq!(served.refused("setup_finish", json!({})).await.0, "notPossible");
    assert!(!machine.home().exists(), "looking around makes nothing");

    assert_eq!(served.done("setup_test", embedded()).await["obstacle"], Value::Null);
    assert_eq!(served.done("setup_apply", json!({})).await["stage"], "keys");
    // The agent's key does not lie beside what it opens.
    let (code, told) = served.refused("setup_found", founding(&machine.home().join("agents"))).await;
    assert_eq!(code, "invalid");
    assert!(told.contains("in the home folder"), "{told}");
    assert!(!machine.home().join("sealwright.db").exists(), "nothing was made");
    let stick = machine.folder.path().join("stick");
    let founded = served.done("setup_found", founding(&stick)).await;
    assert_eq!(founded["fleet"], "", "nobody shares an embedded database");
    let (key, password) = (stick.join("vault-one.p12"), stick.join("vault-one.password"));
    assert_eq!(founded["kraFile"], json!(key));
    assert_eq!(founded["kraPasswordFile"], json!(password));
    let opened =
        crypto::pfx::open(&fs::read(&key).unwrap(), &fs::read_to_string(&password).unwrap()).unwrap();

    assert_eq!(served.done("setup_finish", json!({})).await["restart"], false);
    let status = served.status().await;
    assert_eq!((&status["needed"], &status["movable"]), (&json!(false), &json!(true)), "{status}");
    assert_eq!(served.done("about", json!({})).await["databaseKind"], "sqlite");
    assert_eq!(served.refused("setup_found", founding(&stick)).await.0, "notPossible");
    served.close().await;

    // Another process agrees, and the next start shows the console at once.
    let kras = machine.json(&["kra", "list"]).await;
    assert_eq!(kras["kras"][0]["thumbprint"], json!(opened.certificate.thumbprint()));
    assert_eq!(machine.json(&["authority", "list"]).await["authorities"][0]["usable"], true);
    let served = machine.serve().await;
    assert_eq!(served.status().await["needed"], false);
    assert_eq!(served.done("templates", json!({})).await["templates"], json!([]));
    served.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_key_and_its_password_go_to_no_folder_that_is_copied_to_a_service() {
    let machine = Machine::new();
    let folder = |name: &str| machine.folder.path().join(name);
    fs::create_dir(folder("Dropbox (Nordwind)")).unwrap();
    std::os::unix::fs::symlink(folder("Dropbox (Nordwind)"), folder("private")).unwrap();
    let served =
        machine.serve_with(&[("OneDriveCommercial", &folder("work")), ("OneDrive", Path::new(""))]).await;
    served.done("setup_test", embedded()).await;
    served.done("setup_apply", json!({})).await;
    for (name, service) in [
        ("OneDrive/agent", "OneDrive"),
        ("OneDrive - Nordwind GmbH/Documents/agent", "OneDrive"),
        ("work/agent", "OneDrive"),
        ("iCloudDrive", "iCloud"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("private/agent", "Dropbox"),
        ("Library/CloudStorage/GoogleDrive-anna@nordwind.example/agent", "Google Drive"),
    ] {
        let (code, told) = served.refused("setup_found", founding(&folder(name))).await;
        assert_eq!(code, "invalid", "{name}: {told}");
        assert!(
            told.contains(&format!("copied to {service}")) && told.contains("USB stick"),
            "{name}: {told}"
        );
        assert!(!folder(name).exists(), "nothing was made");
    }
    let (code, told) = served.refused("setup_found", founding(Path::new(""))).await;
    assert_eq!(code, "invalid", "{told}");
    // What only sounds alike is taken.
    served.done("setup_found", founding(&folder("onedrives/workshop"))).await;
    assert!(folder("onedrives/workshop/vault-one.p12").exists());
    served.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_founded_on_a_server_and_a_second_installation_is_let_in() {
    let database = MariaDb::shared().await.database().await;
    let first = Machine::new();
    let served = first.serve().await;
    let tested = served.test(&database, database.owner()).await;
    assert_eq!((&tested["state"], &tested["obstacle"]), (&json!("empty"), &Value::Null), "{tested}");
    assert!(tested["tls"].as_str().unwrap().starts_with("TLS 1."), "{tested}");
    assert!(tested["login"].as_str().unwrap().starts_with(&database.owner().user), "{tested}");
    assert_eq!(served.stage().await, "schema");
    let plan = served.done("setup_plan", json!({})).await;
    assert_eq!((&plan["from"], &plan["mayApply"]), (&json!(0), &json!(true)));
    assert!(plan["sql"].as_str().unwrap().contains("CREATE TABLE"));
    assert_eq!(database.execute("SHOW TABLES;"), "", "a plan changes nothing");
    let status = served.done("setup_apply", json!({})).await;
    assert_eq!((&status["stage"], &status["tested"]["state"]), (&json!("keys"), &json!("current")));
    assert_eq!(served.done("setup_plan", json!({})).await["sql"], "");
    let roles = served.done("setup_roles", json!({})).await;
    let daemon = format!("{}_daemon", database.name());
    assert!(roles["script"].as_str().unwrap().contains(&format!("TO `{daemon}`")));
    assert!(roles["roles"].as_array().unwrap().contains(&json!(daemon)));
    assert!(!roles["rights"].as_array().unwrap().is_empty());
    let founded = served.done("setup_found", founding(&first.folder.path().join("stick"))).await;
    assert!(!first.home().join("sealwright.toml").exists(), "settings come last");
    served.done("setup_finish", json!({})).await;
    let fleet = founded["fleet"].as_str().unwrap().to_owned();

    // The password is in the vault, and in nothing else.
    let password = &database.owner().password;
    let holding: Vec<PathBuf> = home::files(&first.home())
        .into_iter()
        .filter(|file| {
            let bytes = fs::read(file).unwrap();
            bytes.windows(password.len()).any(|window| window == password.as_bytes())
        })
        .collect();
    assert!(holding.iter().all(|file| file.ends_with("database-password")), "{holding:?}");
    assert!(!served.status().await.to_string().contains(password.as_str()));

    let second = Machine::new();
    let newcomer = second.serve().await;
    let tested = newcomer.test(&database, database.owner()).await;
    assert_eq!((&tested["installations"], &tested["fleet"]), (&json!(1), &json!(fleet)), "{tested}");
    newcomer.done("setup_apply", json!({})).await;
    let other = if fleet.starts_with('0') { "1" } else { "0" };
    let wrong = format!("{other}{}", &fleet[1..]);
    let (code, told) = newcomer.refused("setup_join", json!({ "fleet": wrong })).await;
    assert_eq!(code, "notPossible", "{told}");
    assert!(told.contains("do not go on"), "{told}");
    // Who would found is told that somebody was faster.
    let (code, told) = newcomer.refused("setup_found", founding(&second.folder.path().join("stick"))).await;
    assert_eq!(code, "notPossible");
    assert!(told.contains("another installation has founded the fleet"), "{told}");
    let joining = newcomer.done("setup_join", json!({ "fleet": fleet.replace(' ', "") })).await;
    assert_eq!((&joining["state"], &joining["fleet"]), (&json!("waiting"), &json!(fleet)));
    assert_eq!(newcomer.refused("setup_finish", json!({})).await.0, "notPossible");
    newcomer.close().await;

    // Closed and opened again, it still waits.
    let newcomer = second.serve().await;
    let status = newcomer.status().await;
    assert_eq!((&status["needed"], &status["stage"]), (&json!(true), &json!("waiting")), "{status}");
    assert_eq!(status["joining"]["fingerprint"], joining["fingerprint"]);
    assert_eq!(newcomer.refused("overview", json!({})).await.0, "notSetUp");
    let listed = served.done("installations", json!({})).await;
    let waiting = listed["installations"].as_array().or_else(|| listed["view"]["installations"].as_array());
    let waiting = waiting.unwrap().iter().find(|one| one["state"] == "waiting").unwrap().clone();
    assert_eq!(waiting["fingerprint"], joining["fingerprint"]);
    let admitted = json!({ "id": waiting["id"], "fingerprint": joining["fingerprint"] });
    served.done("admit_installation", admitted).await;
    assert_eq!(newcomer.stage().await, "ready");
    newcomer.done("setup_finish", json!({})).await;
    assert_eq!(newcomer.status().await["needed"], false);
    let about = newcomer.done("about", json!({})).await;
    assert_eq!((&about["databaseKind"], &about["readOnly"]), (&json!("mysql"), &Value::Null), "{about}");
    newcomer.close().await;
    served.close().await;
    assert_eq!(second.json(&["authority", "list"]).await["authorities"][0]["usable"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_the_wrong_fleet_can_choose_another_database() {
    let server = MariaDb::shared().await;
    let (one, other) = (server.database().await, server.database().await);
    let (first, second) = (Machine::new(), Machine::new());
    let (served, founded) = found_on(&first, &one).await;
    served.close().await;
    let newcomer = second.serve().await;
    newcomer.test(&one, one.owner()).await;
    newcomer.done("setup_apply", json!({})).await;
    newcomer.done("setup_join", json!({ "fleet": founded["fleet"] })).await;
    let status = newcomer.done("setup_cancel", json!({})).await;
    assert_eq!((&status["stage"], &status["target"]), (&json!("choose"), &Value::Null), "{status}");
    assert!(!second.home().join("database-password").exists());
    newcomer.test(&other, other.owner()).await;
    newcomer.done("setup_apply", json!({})).await;
    let founded_here = newcomer.done("setup_found", founding(&second.folder.path().join("stick"))).await;
    assert_ne!(founded_here["fleet"], founded["fleet"]);
    newcomer.done("setup_finish", json!({})).await;
    assert_eq!(newcomer.done("about", json!({})).await["readOnly"], Value::Null);
    newcomer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_against_a_database_is_said_before_anything_is_made() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let machine = Machine::new();
    let served = machine.serve().await;
    let owner = database.owner();
    let good = target(&database, owner);
    let changed = |field: &str, value: Value| {
        let mut target = good.clone();
        target[field] = value;
        json!({ "target": target, "password": owner.password })
    };
    let (code, told) =
        served.refused("setup_test", json!({ "target": good, "password": "not this one" })).await;
    assert_eq!(code, "forbidden", "{told}");
    assert!(told.contains("does not let this login in") && told.contains("check account"), "{told}");
    // The system trusts other authorities, not the one of this server.
    let (_, told) = served.refused("setup_test", changed("caFile", json!(""))).await;
    assert!(told.contains("CA file"), "{told}");
    let (_, told) = served.refused("setup_test", changed("caFile", json!("/no/such/file.pem"))).await;
    assert!(told.contains("/no/such/file.pem"), "{told}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_, told) = served.refused("setup_test", changed("port", json!(free))).await;
    assert!(told.contains(&format!("nobody answers at 127.0.0.1:{free}")), "{told}");
    let (_, told) = served.refused("setup_test", changed("database", json!("no_such_database"))).await;
    assert!(told.contains("no_such_database"), "{told}");
    assert_eq!(served.stage().await, "choose");
    assert_eq!(served.refused("setup_plan", json!({})).await.0, "notPossible");

    let foreign = server.database().await;
    foreign.execute("CREATE TABLE invoice (id INT PRIMARY KEY);");
    let tested = served.test(&foreign, foreign.owner()).await;
    assert_eq!(tested["state"], "foreign");
    assert!(tested["obstacle"].as_str().unwrap().contains("invoice"), "{tested}");
    assert_eq!(served.stage().await, "choose", "it is not chosen");

    // A login that may not make tables gets the SQL for somebody who may.
    let clerk = database.user("clerk", &["SELECT, INSERT, UPDATE, DELETE ON *"]);
    assert_eq!(served.test(&database, &clerk).await["obstacle"], Value::Null);
    assert_eq!(served.done("setup_plan", json!({})).await["mayApply"], false);
    let (code, told) = served.refused("setup_apply", json!({})).await;
    assert_eq!(code, "forbidden", "{told}");
    assert_eq!(served.stage().await, "schema");
    let owned = machine.serve().await;
    owned.test(&database, owner).await;
    owned.done("setup_apply", json!({})).await;
    owned.close().await;
    assert_eq!(served.done("setup_apply", json!({})).await["stage"], "keys", "there is nothing left to do");
    // A schema of a later program.
    database.execute("UPDATE schema_info SET version = 900, min_client = 900;");
    let tested = served.test(&database, owner).await;
    assert_eq!(tested["state"], "newer");
    assert!(tested["obstacle"].as_str().unwrap().contains("update this installation"), "{tested}");
    served.close().await;
    assert!(!machine.home().exists(), "nothing was made");
}
