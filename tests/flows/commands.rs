//! What holds for every command: one JSON value for scripts, exit codes that mean something, sentences that say what to do.

use std::fs;

use serde_json::{Value, json};
use sim::DEFAULT_ROLES;
use tokio::process::Command;

use crate::home::{AUTHORITY, PROGRAM, write_private};
use crate::program::Ran;
use crate::proof;
use crate::world::{Pace, SMIME, World};

async fn anywhere(arguments: &[&str]) -> Ran {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG");
    command.env("SEALWRIGHT_VAULT", "file");
    Ran::of(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_gives_scripts_exactly_one_json_value() {
    let world = World::of(2, 1).await;
    world.json(&["apply"]).await;
    let row = proof::certificates(&world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    let thumbprint = row.certificate.thumbprint.to_string();
    for line in [
        "doctor",
        "migrate",
        "config check",
        "config example",
        "plan",
        "plan --offline",
        "apply",
        "certificate list",
        "certificate show #",
        "certificate export #",
        "certificate redeliver #",
        "certificate renew #",
        "enrollment list",
        "template list",
        "template show Mail",
        "template lint",
        "template export Mail",
        "template new Other",
        "template new Other --cba",
        "authority list",
        "authority check",
        "authority crl",
        "kra list",
        "recovery list",
        "audit list",
        "audit verify",
        "audit export",
        "service list",
        "service run sync",
        "service run crl",
        "init --no-authority",
    ] {
        let mut arguments: Vec<&str> =
            line.split(' ').map(|word| if word == "#" { thumbprint.as_str() } else { word }).collect();
        if line == "authority crl" {
            arguments.push(AUTHORITY);
        }
        let told = world.run_json(&arguments).await;
        assert_eq!(told.code, Some(0), "{line}: {told:?}");
        assert!(told.json().is_object(), "{line}");
        // The same for people: words, and never a JSON value by accident.
        let said = world.run(&arguments).await;
        let refused = line == "certificate renew #";
        assert_eq!(said.code, Some(i32::from(refused)), "{line}: {said:?}");
        assert!(refused || !said.stdout.trim().is_empty(), "{line}: {said:?}");
        assert!(serde_json::from_str::<Value>(&said.stdout).is_err(), "{line}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_is_two_and_help_is_nought() {
    for line in [
        "no-such-command",
        "certificate",
        "certificate show",
        "certificate list --limit many",
        "certificate list --no-such-option",
        "template new Mail --group not-an-id",
        "recovery open",
        "--daemon --json",
        "kra create Name",
        "audit export --since yesterday",
        "config",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let told = anywhere(&arguments).await;
        assert_eq!(told.code, Some(2), "{line}: {told:?}");
        assert!(told.stdout.is_empty() && !told.stderr.is_empty(), "{line}: {told:?}");
    }
    for line in ["--help", "--version", "help certificate", "certificate revoke --help"] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let told = anywhere(&arguments).await;
        assert_eq!(told.code, Some(0), "{line}: {told:?}");
        assert!(told.stderr.is_empty() && !told.stdout.is_empty(), "{line}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_was_never_set_up_is_told_how() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("nothing here");
    let home = home.to_str().unwrap();
    for command in [
        vec!["plan"],
        vec!["apply"],
        vec!["certificate", "list"],
        vec!["kra", "list"],
        vec!["audit", "verify"],
        vec!["service", "run", "sync"],
        vec!["template", "list"],
        vec!["recovery", "list"],
        vec!["migrate"],
    ] {
        let mut arguments = vec!["--home", home, "--json"];
        arguments.extend(&command);
        let refused = anywhere(&arguments).await.failure();
        assert!(refused.contains("sealwright init") && refused.contains(home), "{command:?}: {refused}");
    }
    let daemon = anywhere(&["--home", home, "--daemon"]).await;
    assert_eq!(daemon.code, Some(1), "{daemon:?}");
    assert!(daemon.stderr.contains("sealwright init"), "{daemon:?}");
    let doctor = anywhere(&["--home", home, "doctor"]).await;
    assert_eq!(doctor.code, Some(3), "{doctor:?}");
    assert!(doctor.stdout.contains("sealwright init"), "{doctor:?}");
    assert!(!folder.path().join("nothing here").exists(), "nothing was made on the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn init_can_be_repeated_and_keeps_what_is_there() {
    let world = World::of(1, 0).await;
    let before = fs::read(world.home().join("installation.key")).unwrap();
    let settings = fs::read(world.home().join("sealwright.toml")).unwrap();
    let told = world.json(&["init", "--authority", AUTHORITY]).await;
    assert_eq!(told["founded"], false);
    assert_eq!(fs::read(world.home().join("installation.key")).unwrap(), before);
    assert_eq!(fs::read(world.home().join("sealwright.toml")).unwrap(), settings);
    assert_eq!(world.json(&["authority", "list"]).await["authorities"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_database_opens_beside_the_rest_of_its_home() {
    let world = World::of(1, 0).await;
    let second = world.folder().join("second");
    fs::create_dir(&second).unwrap();
    let database = second.join("sealwright.db");
    world.json(&["database", "backup", database.to_str().unwrap()]).await;
    let entries = world.json(&["audit", "verify"]).await;
    let last = world.json(&["audit", "list", "--limit", "1"]).await["entries"][0].clone();
    assert_eq!((&last["kind"], &last["outcome"]), (&json!("DATABASE_COPIED"), &json!("success")), "{last}");
    for file in fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if file.is_file() && !name.starts_with("sealwright.db") {
            write_private(&second.join(name), &fs::read(&file).unwrap());
        }
    }
    let told = anywhere(&["--json", "--home", second.to_str().unwrap(), "audit", "verify"]).await.json();
    assert_eq!(told, entries);
    let again = world.run_json(&["database", "backup", database.to_str().unwrap()]).await.failure();
    assert!(again.contains("sealwright.db"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::of(1, 0).await;
    let mode = |name: &str| fs::metadata(world.home().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for file in ["installation.key", "sealwright.db", "sealwright.toml", "story-ca-root-key.p7m"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
}

const SHARED: &str = "\n[database]\nurl = \"mysql://seal@db.example.com/seal\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_checked_and_mistakes_are_named_by_line() {
    let world = World::of(1, 0).await;
    assert_eq!(world.json(&["config", "check"]).await["hints"], Value::Array(Vec::new()));
    let file = world.home().join("sealwright.toml");
    let good = fs::read_to_string(&file).unwrap();
    for (text, told) in [
        (good.replace("client-id", "client-identity"), "client-identity"),
        (good.replace("listen = \"127.0.0.1:0\"", "listen = \"everywhere\""), "socket address"),
        ("this is no settings file".to_owned(), "line 1"),
        (good.replace("lease-seconds = 1", "lease-seconds = -1"), "lease-seconds"),
        (good.replace("lease-seconds = 1", "lease-seconds = 0"), "at least 1"),
        (good.replace("lease-seconds = 1", "lease-seconds = 4") + SHARED, "at least 5"),
        (good.clone() + "\n[exchange]\nread-minutes = 20000\n", "read-minutes"),
        (good.clone() + "\n[exchange]\nmailboxes = [\"info\"]\n", "no mail address"),
        (good.clone() + "\n[recovery]\npkcs11-modules = [\"card.so\"]\n", "whole path"),
    ] {
        fs::write(&file, text).unwrap();
        let refused = world.run_json(&["config", "check"]).await.failure();
        assert!(refused.contains(told) && refused.contains("sealwright.toml"), "{refused}");
        let other = world.run_json(&["certificate", "list"]).await.failure();
        assert!(other.contains("sealwright.toml"), "every command says so: {other}");
    }
    // An unfinished file is well-formed, and not enough.
    fs::write(&file, "[daemon]\nsync-minutes = 5\n").unwrap();
    let unfinished = world.run_json(&["config", "check"]).await;
    assert_eq!(unfinished.code, Some(3), "{unfinished:?}");
    assert!(unfinished.json()["hints"].to_string().contains("[tenant] is missing"));
    let plan = world.run_json(&["plan"]).await.failure();
    assert!(plan.contains("no tenant is configured"), "{plan}");
    // The printed example is what `init` writes: it can be read as it is.
    fs::write(&file, world.run(&["config", "example"]).await.stdout).unwrap();
    assert_eq!(world.run_json(&["config", "check"]).await.code, Some(3));
}

/// The finding about one thing, and whether all is well.
pub(crate) async fn doctor(world: &World, what: &str) -> (Option<i32>, String) {
    let examined = world.run_json(&["doctor"]).await;
    let told = examined.json();
    let findings = told["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["what"] == what);
    let text = finding.unwrap_or_else(|| panic!("nothing about {what}: {told}")).to_string();
    assert_eq!(told["healthy"].as_bool(), Some(examined.code == Some(0)), "{told}");
    (examined.code, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_good_home_healthy() {
    let world = World::of(2, 0).await;
    let (code, text) = doctor(&world, "directory").await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("users, groups and mailbox settings can be read"), "{text}");
    let (_, text) = doctor(&world, "Intune").await;
    assert!(text.contains("imported certificates can be read"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_a_wrong_secret_from_missing_permissions_and_from_silence() {
    let world = World::of(2, 0).await;
    write_private(&world.home().join("client-secret"), b"a wrong secret");
    let (code, text) = doctor(&world, "directory").await;
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("secret"), "{text}");
    world.settle(&Pace::default());

    world.sim.set_roles(&[]);
    let (code, text) = doctor(&world, "directory").await;
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("User.Read.All"), "{text}");
    let (_, text) = doctor(&world, "Intune").await;
    assert!(text.contains("DeviceManagementConfiguration.ReadWrite.All"), "{text}");
    world.sim.set_roles(&DEFAULT_ROLES);
    assert_eq!(doctor(&world, "directory").await.0, Some(0));

    world.sim.stop().await;
    let (code, text) = doctor(&world, "directory").await;
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("localhost"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_others_may_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::of(1, 0).await;
    for file in ["client-secret", "installation.key"] {
        let path = world.home().join(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = world.run_json(&["plan"]).await.failure();
        assert!(refused.contains("chmod 600") && refused.contains(file), "{refused}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    world.json(&["plan"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_what_was_done_by_whom_and_is_exported_in_order() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let verified = world.json(&["audit", "verify"]).await;
    let entries = verified["entries"].as_u64().unwrap();
    let file = world.folder().join("audit.jsonl");
    let exported = world.json(&["audit", "export", "--out", file.to_str().unwrap()]).await;
    assert_eq!(exported["entries"].as_u64(), Some(entries));
    let lines: Vec<Value> =
        fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=entries).collect::<Vec<_>>());
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    for kind in [
        "AUTHORITY_CREATED",
        "KRA_ADDED",
        "KRA_REMOVED",
        "TEMPLATE_CHANGED",
        "PLAN_APPLIED",
        "CERTIFICATE_ISSUED",
        "KEY_ARCHIVAL_REQUEST_PROCESSED",
        "CERTIFICATE_DELIVERED",
    ] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert!(lines.iter().all(|line| line["actor"].as_str().is_some_and(|actor| actor.contains('@'))));
    let later = world.json(&["audit", "export", "--since", "2100-01-01T00:00:00Z"]).await;
    assert_eq!(later["entries"].as_array().unwrap().len(), 0);
    let newest = world.json(&["audit", "list", "--limit", "3"]).await;
    assert_eq!(newest["entries"].as_array().unwrap().len(), 3);
    assert_eq!(newest["entries"][0]["seq"].as_u64(), Some(entries));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_entry_that_somebody_wrote_over_is_named() {
    let world = World::of(1, 0).await;
    world.store.close().await;
    let file = world.home().join("sealwright.db");
    let mut bytes = fs::read(&file).unwrap();
    let (told, forged) = (b"built-in; root and issuing authority", b"built-in; toor and issuing authority");
    let place =
        bytes.windows(told.len()).position(|window| window == told).expect("the entry is in the file");
    bytes[place..place + told.len()].copy_from_slice(forged);
    fs::write(&file, bytes).unwrap();
    let verified = world.run_json(&["audit", "verify"]).await;
    assert_eq!(verified.code, Some(3), "{verified:?}");
    let told = verified.json();
    // The first entry is the founding of the fleet.
    assert_eq!((told["intact"].as_bool(), told["entry"].as_u64()), (Some(false), Some(2)), "{told}");
    let (code, text) = doctor(&world, "audit log").await;
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("evidence"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_exist_is_answered_with_those_that_do() {
    let world = World::of(1, 0).await;
    let refused = world.run_json(&["service", "run", "coffee"]).await.failure();
    assert!(
        refused.contains("there is no service `coffee`")
            && refused.contains("sync")
            && refused.contains("crl"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_failure() {
    let world = World::of(1, 0).await;
    let mut command = Command::new("bash");
    command.current_dir(world.folder()).arg("-c");
    command.arg(format!(
        "set -o pipefail; '{PROGRAM}' --home '{}' config example | head -1",
        world.home().display()
    ));
    let told = Ran::of(command).await;
    assert_eq!(told.code, Some(0), "{told:?}");
}
