//! Logins that only look at a shared database: what they are told, and what the doctor expects of them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use store_sql::ServerKind;
use store_sql::roles::{Role, grants, role_name};
use support::{Account, Database, MariaDb};

use crate::home;
use crate::shared::{on, world_on};
use crate::world::World;

/// A login with one role, as the handbook says how to make one.
fn account(database: &Database, role: Role) -> Account {
    let account = database.user(&format!("as_{}", role.suffix()), &[]);
    let (user, name) = (&account.user, role_name(ServerKind::MySql, database.name(), role));
    database.execute(&format!("GRANT {name} TO {user}@'%'; SET DEFAULT ROLE {name} FOR {user}@'%';"));
    account
}

/// A home whose vault has the password of an account, and nothing else.
fn empty_home(world: &World, name: &str, account: &Account) -> PathBuf {
    let home = world.folder().join(name);
    fs::create_dir(&home).unwrap();
    home::write_private(&home.join("database-password"), account.password.as_bytes());
    home
}

/// A home that uses the database by a login with one role, and what it was told.
async fn home_as(world: &World, database: &Database, role: Role) -> (PathBuf, Value) {
    let account = account(database, role);
    let home = empty_home(world, role.suffix(), &account);
    let url = database.address_as(&account).to_string();
    let ca = database.ca_file().unwrap().display().to_string();
    let told = on(world, &home, &["database", "use", &url, "--ca-file", &ca]).await.done();
    (home, told)
}

fn findings(told: &Value) -> Vec<(&str, &str, String)> {
    let all = told["findings"].as_array().unwrap().iter();
    let text = |one: &Value| format!("{}\n{}", one["found"], one["hint"]);
    all.map(|one| (one["what"].as_str().unwrap(), one["verdict"].as_str().unwrap(), text(one))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_only_looks_is_told_to_trust_the_fleet_and_what_to_ask_for_and_is_found_healthy() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    database.execute(&grants(ServerKind::MySql, database.name()));
    let fleet = world.json(&["installation", "list"]).await["fleet"].as_str().unwrap().to_owned();
    for role in [Role::Auditor, Role::HelpDesk, Role::Portal] {
        let (home, told) = home_as(&world, &database, role).await;
        let next = told["next"].as_str().unwrap();
        let others = "administrator, certificate manager, KRA officer or daemon";
        for part in ["installation trust", &format!("role: {}", role.name()), others] {
            assert!(next.contains(part), "{role:?}, {part}: {next}");
        }
        assert!(!next.contains("installation join"), "{next}");
        // Whoever tries it all the same is told the same, and nothing is left of it.
        let refused = on(&world, &home, &["installation", "join", &fleet]).await.failure();
        assert!(refused.contains("may not ask to be admitted") && refused.contains(others), "{refused}");

        let trusted = on(&world, &home, &["installation", "trust", &fleet]).await.done();
        assert_eq!(trusted["recorded"], role == Role::Portal, "the others write nothing: {trusted}");
        on(&world, &home, &["certificate", "list"]).await.done();
        let examined = on(&world, &home, &["doctor"]).await;
        let told = examined.done();
        assert_eq!(told["healthy"], true, "{told}");
        let found = findings(&told);
        let of = |what: &str| found.iter().find(|(one, _, _)| *one == what).unwrap().clone();
        let authority = format!("authority {}", home::AUTHORITY);
        for what in ["fleet", "tenant", authority.as_str()] {
            assert_eq!(of(what).1, "notForRole", "{role:?}, {what}: {told}");
        }
        assert!(of("fleet").2.contains(others), "{told}");
        let sees_audit = if role == Role::Auditor { "good" } else { "notForRole" };
        assert_eq!(of("audit log").1, sees_audit, "{role:?}: {told}");
        let mut said = world.command_on(&home);
        said.arg("doctor");
        let said = crate::program::Ran::of(said).await;
        assert!(said.stdout.contains("--  fleet") && said.stdout.contains("not for this role: "), "{said:?}");
    }
    // Nobody asked.
    assert_eq!(world.json(&["installation", "list"]).await["installations"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_agent_that_may_not_be_added_leaves_no_file_behind() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    database.execute(&grants(ServerKind::MySql, database.name()));
    let (home, _) = home_as(&world, &database, Role::CertificateManager).await;
    on(&world, &home, &["installation", "join"]).await;
    let out = world.folder().join("agent.p12");
    let password = world.folder().join("agent.password");
    let (file, secret) = (out.to_str().unwrap(), password.to_str().unwrap());
    let create = ["kra", "create", "Third", "--out", file, "--out-password", secret];
    let refused = on(&world, &home, &create).await.failure();
    assert!(refused.contains("no agent was added") && refused.contains("removed again"), "{refused}");
    assert!(!out.exists() && !password.exists());
    assert_eq!(world.json(&["kra", "list"]).await["kras"].as_array().unwrap().len(), home::AGENTS.len());
    // Whoever may add it gets both.
    world.json(&create).await;
    assert!(out.exists() && password.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_manager_is_not_blamed_for_what_only_daemons_read_but_for_what_is_missing() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let world = world_on(&database, 1).await;
    database.execute(&grants(ServerKind::MySql, database.name()));
    let (home, told) = home_as(&world, &database, Role::CertificateManager).await;
    assert!(told["next"].as_str().unwrap().contains("installation join"), "{told}");
    on(&world, &home, &["installation", "join"]).await;
    let examined = on(&world, &home, &["doctor"]).await;
    let told = examined.json();
    // It may ask, and has not: that is for a person to do.
    assert_eq!((examined.code, &told["healthy"]), (Some(3), &false.into()), "{told}");
    let bad: Vec<&str> = findings(&told).iter().filter(|one| one.1 == "bad").map(|one| one.0).collect();
    assert_eq!(bad, ["fleet"], "{told}");
}
