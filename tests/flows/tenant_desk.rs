//! The page of the tenant, as it drives the program: a way in is tried, then kept, and the console goes on with it.

use std::fs;

use serde_json::{Value, json};

use crate::home::write_private;
use crate::served::Served;
use crate::world::World;

/// A world whose tenant the program takes for a real one.
async fn world() -> World {
    let world = World::of(2, 0).await;
    let before = settings(&world);
    let after: String = before
        .lines()
        .filter(|line| !line.starts_with("simulated"))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_ne!(before, after);
    write_private(&world.home().join("sealwright.toml"), after.as_bytes());
    world
}

async fn page(world: &World) -> Served {
    Served::by(world.command(), &world.folder().join("page")).await
}

fn wanted(world: &World, way: &Value, secret: Option<&str>) -> Value {
    let app = world.sim.app();
    json!({ "tenant": "nordwind.example.com", "clientId": app.client_id, "cloud": "global", "way": way, "secret": secret })
}

fn settings(world: &World) -> String {
    fs::read_to_string(world.home().join("sealwright.toml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_tried_on_the_page_and_kept_where_the_command_line_keeps_it() {
    let world = world().await;
    let served = page(&world).await;
    let secret = world.sim.app().secret.unwrap();
    let before = settings(&world);
    let setup = served.done("tenant_setup", json!({})).await;
    assert_eq!((&setup["from"], &setup["whyNot"]), (&json!("settings"), &Value::Null), "{setup}");
    assert!(setup["permissions"].as_array().unwrap().iter().any(|one| one["permission"] == "User.Read.All"));
    let named: Vec<&str> = setup["addresses"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(named.contains(&"authority-url") && named.contains(&"graph-url"), "{setup}");

    // Wrong ones are told as the command line tells them, and nothing is written.
    let tried = served.done("try_tenant", wanted(&world, &json!({ "kind": "secret" }), Some("wrong"))).await;
    let told = tried["failure"]["message"].as_str().unwrap();
    assert!(told.contains("client secret is wrong") && told.contains("7000215"), "{tried}");
    let keep = json!({ "trial": tried["trial"], "anyway": false });
    let (code, told) = served.refused("save_tenant", keep).await;
    assert!(code == "notPossible" && told.contains("all the same"), "{told}");
    assert_eq!(settings(&world), before);
    assert!(!world.home().join("tenant-credential").exists());

    let tried = served.done("try_tenant", wanted(&world, &json!({ "kind": "secret" }), Some(&secret))).await;
    assert_eq!(tried["sound"], true, "{tried}");
    assert_eq!(tried["tenantId"], json!(world.sim.tenant_id()), "the domain was asked for its id");
    assert!(!tried.to_string().contains(&secret), "{tried}");
    // A trial that was replaced is not what is kept.
    let (code, _) = served.refused("save_tenant", json!({ "trial": "another", "anyway": true })).await;
    assert_eq!(code, "stale");
    let saved = served.done("save_tenant", json!({ "trial": tried["trial"], "anyway": false })).await;
    assert_eq!(saved["notTakenUp"], Value::Null, "{saved}");
    let after = settings(&world);
    assert!(after.contains("with = \"secret\"") && !after.contains(&secret), "{after}");
    assert!(after.contains("authority-url"), "what else the file says stays: {after}");
    assert_eq!(fs::read_to_string(world.home().join("tenant-credential")).unwrap(), secret);
    // The console has gone on with it, and so does the command line.
    let checked = served.done("tenant_check", json!({})).await;
    assert_eq!(checked["signIn"], "client secret in the vault of this installation", "{checked}");
    served.close().await;
    assert_eq!(world.json(&["tenant", "test"]).await["signIn"]["with"], "secret");
    let log = world.json(&["audit", "list"]).await;
    let entry =
        log["entries"].as_array().unwrap().iter().find(|one| one["kind"] == "SETTING_CHANGED").unwrap();
    assert!(
        entry.to_string().contains("client secret in the vault") && !log.to_string().contains(&secret),
        "{entry}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_permissions_is_kept_only_all_the_same_and_its_script_is_saved_as_it_was_shown() {
    let world = world().await;
    let secret = world.sim.app().secret.unwrap();
    world.sim.set_roles(&["User.Read.All", "GroupMember.Read.All"]);
    let served = page(&world).await;
    let tried = served.done("try_tenant", wanted(&world, &json!({ "kind": "secret" }), Some(&secret))).await;
    assert_eq!((&tried["sound"], &tried["failure"]), (&json!(false), &Value::Null), "{tried}");
    let script = tried["check"]["script"].as_str().unwrap();
    assert!(script.contains("MailboxSettings.Read"), "{script}");
    let save = |name: &str| json!({ "trial": tried["trial"], "name": name });
    for name in ["../x.ps1", "/tmp/x.ps1", "x.sh", "con.ps1"] {
        assert_eq!(served.refused("save_tenant_script", save(name)).await.0, "invalid", "{name}");
    }
    let saved = served.done("save_tenant_script", save("grants.ps1")).await;
    let file = world.home().join("exports/grants.ps1");
    assert_eq!(saved["file"], json!(file), "{saved}");
    assert_eq!(fs::read_to_string(&file).unwrap(), script);
    let (_, told) = served.refused("save_tenant_script", save("grants.ps1")).await;
    assert!(told.contains("exists already"), "{told}");
    // The tenant in use has a script of its own, once it was checked.
    let of_use = json!({ "trial": null, "name": "in use.ps1" });
    assert!(served.refused("save_tenant_script", of_use.clone()).await.1.contains("check again"));
    let checked = served.done("tenant_check", json!({})).await;
    served.done("save_tenant_script", of_use).await;
    let written = fs::read_to_string(world.home().join("exports/in use.ps1")).unwrap();
    assert_eq!(checked["script"], json!(written));

    let keep = |anyway: bool| json!({ "trial": tried["trial"], "anyway": anyway });
    assert_eq!(served.refused("save_tenant", keep(false)).await.0, "notPossible");
    served.done("save_tenant", keep(true)).await;
    // What was kept is not held any more.
    assert_eq!(served.refused("save_tenant", keep(true)).await.0, "stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_sends_no_secret_to_an_address_of_its_own_and_reads_no_file_for_others() {
    let world = world().await;
    // Without a way in, the console opens nothing of the tenant; another is in force first.
    let secret = world.sim.app().secret.unwrap();
    crate::tenant::fed(world.command(), &["tenant", "use", "secret", "--stdin"], &secret).await.done();
    let served = page(&world).await;
    let elsewhere = json!({ "kind": "keyVault", "certificate": "https://vault.example.com/certificates/app/1", "identity": null });
    let (_, told) = served.refused("try_tenant", wanted(&world, &elsewhere, None)).await;
    assert!(told.contains("no vault of this cloud"), "{told}");
    for tenant in ["https://evil.example", "evil.example/x", "common", ""] {
        let mut request = wanted(&world, &json!({ "kind": "secret" }), Some("x"));
        request["tenant"] = json!(tenant);
        assert_eq!(served.refused("try_tenant", request).await.0, "invalid", "{tenant}");
    }
    let mut request = wanted(&world, &json!({ "kind": "secret" }), Some("x"));
    request["cloud"] = json!("https://evil.example");
    assert_eq!(served.refused("try_tenant", request).await.0, "invalid");

    // What is no key is not shown, whatever it is.
    let other = world.folder().join("diary");
    write_private(&other, b"-----BEGIN DIARY----- dear diary, nobody shall read this");
    let certificate = |file: &str| json!({ "kind": "certificate", "file": file });
    let (_, told) =
        served.refused("try_tenant", wanted(&world, &certificate(other.to_str().unwrap()), None)).await;
    assert!(!told.contains("dear"), "{told}");
    for file in ["diary", "//server/share/app.p12", "/dev/zero", "/"] {
        let (code, told) = served.refused("try_tenant", wanted(&world, &certificate(file), None)).await;
        assert_eq!(code, "invalid", "{file}: {told}");
    }
    let unknown = json!({ "kind": "token", "key": "pkcs11:token=x?module-path=/bin/sh" });
    assert_eq!(served.refused("try_tenant", wanted(&world, &unknown, None)).await.0, "invalid");
    // Nothing of all that is held, and the way in force is as it was.
    assert_eq!(served.refused("save_tenant", json!({ "trial": "", "anyway": true })).await.0, "stale");
    assert_eq!(fs::read_to_string(world.home().join("tenant-credential")).unwrap(), secret);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_taken_out_of_its_file_by_the_page_and_a_changed_file_is_not_overwritten() {
    let world = world().await;
    let (file, certificate) = crate::tenant::registered(&world, 300, "geheim");
    let served = page(&world).await;
    let way = json!({ "kind": "certificate", "file": file });
    let (_, told) = served.refused("try_tenant", wanted(&world, &way.clone(), Some("another"))).await;
    assert!(told.contains("password"), "{told}");
    let tried = served.done("try_tenant", wanted(&world, &way.clone(), Some("geheim"))).await;
    assert_eq!(tried["sound"], true, "{tried}");
    // Somebody else changes [tenant] in the file between the trial and the decision.
    let changed = settings(&world).replace("[tenant]\n", "[tenant]\ncloud = \"china\"\n");
    write_private(&world.home().join("sealwright.toml"), changed.as_bytes());
    let keep = json!({ "trial": tried["trial"], "anyway": false });
    let (_, told) = served.refused("save_tenant", keep).await;
    assert!(told.contains("changed in the meantime"), "{told}");
    assert_eq!(settings(&world), changed);

    let tried = served.done("try_tenant", wanted(&world, &way, Some("geheim"))).await;
    fs::remove_file(&file).unwrap();
    served.done("save_tenant", json!({ "trial": tried["trial"], "anyway": false })).await;
    served.close().await;
    let told = world.json(&["tenant", "test"]).await;
    assert_eq!(told["certificate"]["thumbprint"], certificate.thumbprint().to_string(), "{told}");
}
