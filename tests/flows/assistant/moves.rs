//! The move of a home that is in use to a server: with everything, given up, stopped too late, held up, cut off.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Database, MariaDb, Proxy};

use super::{Machine, Served, embedded, found_on, target};
use crate::home;
use crate::program::{Ran, until};

/// A home in use: authority, agents and a template.
async fn machine_in_use() -> Machine {
    let machine = Machine::new();
    let folder = machine.folder.path().to_owned();
    tokio::task::spawn_blocking(move || home::copy_to(&folder)).await.unwrap();
    let mut command = machine.command();
    let group = uuid::Uuid::from_u128(7).to_string();
    command.args(["template", "new", "Mail", "--group", &group, "--authority", home::AUTHORITY]);
    let printed = Ran::of(command).await;
    let file = machine.folder.path().join("template.toml");
    fs::write(&file, &printed.stdout).unwrap();
    machine.json(&["template", "import", file.to_str().unwrap()]).await;
    machine
}

/// Everything that a person would miss.
async fn contents(machine: &Machine) -> Vec<Value> {
    let mut all = Vec::new();
    for what in [["template", "list"], ["kra", "list"], ["authority", "list"], ["audit", "verify"]] {
        all.push(machine.json(&what).await);
    }
    all
}

async fn copied(served: &Served) -> Value {
    until("the copy has ended", async || {
        let copying = served.status().await["copying"].clone();
        ["done", "failed"].contains(&copying["state"].as_str()?).then_some(copying)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_in_use_moves_to_a_server_with_everything_and_nothing_is_lost_when_it_fails_first() {
    let server = MariaDb::shared().await;
    let (database, taken) = (server.database().await, server.database().await);
    let (served, _) = found_on(&Machine::new(), &taken).await;
    served.close().await;
    let machine = machine_in_use().await;
    let before = contents(&machine).await;
    let served = machine.serve().await;
    assert_eq!(served.refused("setup_move", json!({ "step": "copy" })).await.0, "notPossible");
    let status = served.done("setup_move", json!({ "step": "begin" })).await;
    assert_eq!((&status["purpose"], &status["stage"]), (&json!("move"), &json!("choose")), "{status}");
    assert_eq!((&status["needed"], &status["movable"]), (&json!(false), &json!(true)), "{status}");
    assert_eq!(served.refused("setup_test", embedded()).await.0, "invalid");
    let tested = served.test(&taken, taken.owner()).await;
    assert!(tested["obstacle"].as_str().unwrap().contains("never overwrites"), "{tested}");

    served.test(&database, database.owner()).await;
    assert_eq!(served.done("setup_apply", json!({})).await["stage"], "copy");
    // Somebody writes there in between.
    database.execute("INSERT INTO budget (name, free_at, rest_until) VALUES ('graph', 1, 1);");
    served.done("setup_move", json!({ "step": "copy" })).await;
    let failed = copied(&served).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["failure"].as_str().unwrap().contains("not empty"), "{failed}");
    let about = served.done("about", json!({})).await;
    assert_eq!((&about["databaseKind"], &about["readOnly"]), (&json!("sqlite"), &Value::Null));
    let still = contents(&machine).await;
    assert_eq!(still[..3], before[..3], "the embedded database goes on");
    assert_eq!(still[3]["intact"], true);
    let log = machine.json(&["audit", "list", "--limit", "2"]).await["entries"].clone();
    let told = |number: usize| (log[number]["kind"].clone(), log[number]["outcome"].clone());
    assert_eq!(told(0), (json!("DATABASE_MOVE_REQUEST"), json!("failure")), "{log}");
    assert_eq!(told(1), (json!("DATABASE_MOVE_REQUEST"), json!("success")), "{log}");

    database.execute("DELETE FROM budget;");
    served.done("setup_move", json!({ "step": "copy" })).await;
    let done = copied(&served).await;
    assert_eq!(done["state"], "done", "{done}");
    assert!(done["of"].as_u64().unwrap() > 5, "{done}");
    assert_eq!(served.stage().await, "ready");
    let (code, told) = served.refused("setup_cancel", json!({})).await;
    assert_eq!(code, "notPossible", "{told}");
    assert_eq!(served.done("setup_finish", json!({})).await["restart"], false);
    let status = served.status().await;
    assert_eq!((&status["needed"], &status["movable"]), (&json!(false), &json!(false)), "{status}");
    let about = served.done("about", json!({})).await;
    assert_eq!((&about["databaseKind"], &about["readOnly"]), (&json!("mysql"), &Value::Null), "{about}");
    assert_eq!(served.done("templates", json!({})).await["templates"].as_array().unwrap().len(), 1);
    served.close().await;
    let after = contents(&machine).await;
    assert_eq!(after[..3], before[..3]);
    assert!(
        machine.home().join("sealwright.db.moved").exists() && !machine.home().join("sealwright.db").exists()
    );
    assert_eq!(machine.json(&["installation", "list"]).await["standing"], "admitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_given_up_leaves_everything_as_it_was() {
    let database = MariaDb::shared().await.database().await;
    let machine = machine_in_use().await;
    let before = contents(&machine).await;
    let served = machine.serve().await;
    served.done("setup_move", json!({ "step": "begin" })).await;
    served.test(&database, database.owner()).await;
    served.done("setup_apply", json!({})).await;
    let status = served.done("setup_cancel", json!({})).await;
    assert_eq!((&status["purpose"], &status["copying"]), (&json!("first"), &Value::Null), "{status}");
    assert_eq!(served.done("about", json!({})).await["databaseKind"], "sqlite");
    served.close().await;
    assert_eq!(contents(&machine).await, before);
    assert!(!machine.home().join("database-password").exists());
}

/// A move to a server behind a proxy, with everything done but the copy.
async fn ready_to_copy(machine: &Machine, database: &Database) -> (Served, Proxy) {
    let proxy = Proxy::before(SocketAddr::from(([127, 0, 0, 1], database.port()))).await;
    let served = machine.serve().await;
    served.done("setup_move", json!({ "step": "begin" })).await;
    let mut target = target(database, database.owner());
    target["port"] = json!(proxy.port());
    served.done("setup_test", json!({ "target": target, "password": database.owner().password })).await;
    served.done("setup_apply", json!({})).await;
    (served, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_a_copy_twice_waits_for_its_end_both_times() {
    let database = MariaDb::shared().await.database().await;
    let machine = machine_in_use().await;
    let before = contents(&machine).await;
    let (served, proxy) = ready_to_copy(&machine, &database).await;
    proxy.stall(true);
    served.done("setup_move", json!({ "step": "copy" })).await;
    // The first one gives up waiting, as when a page is closed; the second one must not take that for the end.
    for _ in 0..2 {
        let cancelled =
            tokio::time::timeout(Duration::from_millis(700), served.call("setup_cancel", json!({})));
        assert!(cancelled.await.is_err(), "it answers while the copy still runs");
        assert_eq!(served.status().await["purpose"], "move");
    }
    proxy.stall(false);
    let (one, other) =
        tokio::join!(served.done("setup_cancel", json!({})), served.done("setup_cancel", json!({})));
    for status in [one, other] {
        assert_eq!((&status["purpose"], &status["copying"]), (&json!("first"), &Value::Null), "{status}");
    }
    assert_eq!(served.done("about", json!({})).await["databaseKind"], "sqlite");
    served.close().await;
    let after = contents(&machine).await;
    assert_eq!(after[..3], before[..3]);
    assert_eq!(
        after[3]["entries"].as_i64(),
        before[3]["entries"].as_i64().map(|n| n + 2),
        "asked for, and failed"
    );
    assert!(!machine.home().join("database-password").exists());
    assert_eq!(database.execute("SELECT COUNT(*) FROM template;"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_stopped_too_late_is_not_given_up_however_often_that_is_asked() {
    let database = MariaDb::shared().await.database().await;
    let machine = machine_in_use().await;
    let (served, proxy) = ready_to_copy(&machine, &database).await;
    proxy.delay(Duration::from_millis(40));
    served.done("setup_move", json!({ "step": "copy" })).await;
    // All rows are compared: it is about to commit.
    until("everything is compared", async || {
        let copying = served.status().await["copying"].clone();
        let is_over = copying["state"] == "done";
        assert_ne!(copying["state"], "failed", "{copying}");
        (is_over || copying["state"] == "checking" && copying["rows"] == copying["of"]).then_some(())
    })
    .await;
    proxy.stall(true);
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        proxy.stall(false);
        proxy.delay(Duration::ZERO);
    };
    let cancel = || served.refused("setup_cancel", json!({}));
    let (one, other, ()) = tokio::join!(cancel(), cancel(), release);
    for (code, told) in [one, other] {
        assert_eq!(code, "notPossible", "{told}");
        assert!(told.contains("on the server already"), "{told}");
    }
    assert_eq!(served.stage().await, "ready");
    assert!(machine.home().join("database-password").exists());
    served.done("setup_finish", json!({})).await;
    assert_eq!(served.done("about", json!({})).await["databaseKind"], "mysql");
    served.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_home_cannot_be_switched_over_is_held_until_it_can() {
    let database = MariaDb::shared().await.database().await;
    let machine = machine_in_use().await;
    let (served, _proxy) = ready_to_copy(&machine, &database).await;
    // The old file cannot be put aside.
    let obstacle = machine.home().join("sealwright.db.moved");
    fs::create_dir(&obstacle).unwrap();
    for _ in 0..2 {
        served.done("setup_move", json!({ "step": "copy" })).await;
        let held = until("the copy has ended", async || {
            let copying = served.status().await["copying"].clone();
            assert_ne!(copying["state"], "failed", "{copying}");
            (copying["state"] == "held").then_some(copying)
        })
        .await;
        let told = held["failure"].as_str().unwrap();
        assert!(told.contains("everything is on the server"), "{told}");
        assert!(told.contains("sealwright.db.moved"), "{told}");
        let (code, told) = served.refused("setup_cancel", json!({})).await;
        assert_eq!(code, "notPossible", "{told}");
        assert!(told.contains("the move is not over"), "{told}");
        assert_eq!(served.refused("setup_finish", json!({})).await.0, "notPossible");
        assert!(machine.home().join("database-password").exists());
    }
    fs::remove_dir(&obstacle).unwrap();
    served.done("setup_move", json!({ "step": "copy" })).await;
    let done = copied(&served).await;
    assert_eq!(done["state"], "done", "{done}");
    assert!(done["rows"].as_u64().unwrap() > 5, "{done}");
    served.done("setup_finish", json!({})).await;
    assert_eq!(served.done("about", json!({})).await["databaseKind"], "mysql");
    assert_eq!(served.done("templates", json!({})).await["templates"].as_array().unwrap().len(), 1);
    served.close().await;
    assert!(machine.home().join("sealwright.db.moved").is_file());
    assert!(!machine.home().join("sealwright.toml.moving").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_cut_off_before_the_settings_were_written_is_completed_by_the_next_start() {
    let database = MariaDb::shared().await.database().await;
    let machine = machine_in_use().await;
    let before = contents(&machine).await;
    let was = fs::read(machine.home().join("sealwright.toml")).unwrap();
    let served = machine.serve().await;
    served.done("setup_move", json!({ "step": "begin" })).await;
    served.test(&database, database.owner()).await;
    served.done("setup_apply", json!({})).await;
    served.done("setup_move", json!({ "step": "copy" })).await;
    assert_eq!(copied(&served).await["state"], "done");
    served.close().await;
    // As if the power had failed right after the last commit.
    let file = |name: &str| machine.home().join(name);
    fs::rename(file("sealwright.toml"), file("sealwright.toml.moving")).unwrap();
    fs::rename(file("sealwright.db.moved"), file("sealwright.db")).unwrap();
    home::write_private(&file("sealwright.toml"), &was);
    let after = contents(&machine).await;
    assert_eq!(after[..3], before[..3]);
    assert!(!file("sealwright.toml.moving").exists() && !file("sealwright.db").exists());
    // The owner of the tables is more than anybody should be; that is said, and it works.
    let mut command = machine.command();
    command.args(["--json", "database", "status"]);
    let status = Ran::of(command).await;
    assert_eq!((status.code, &status.json()["kind"]), (Some(3), &json!("mysql")), "{status:?}");
}
