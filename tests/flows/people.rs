//! People sign in with their own accounts: in a browser, by a code, kept in a keyring or not at all; and what their roles let
//! this program do for them.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use sim::{IdTokenLie, Sim, SimOptions, Tenant, User};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::health::http;
use crate::home::write_private;
use crate::program::{PATIENCE, Ran, until};
use crate::served::Served;
use crate::vault::Desk;
use crate::world::{Pace, World};

/// A world whose settings name an application that people sign in to.
async fn world() -> (World, User) {
    let tenant = Tenant::invent().people(2).mailboxes(0).build();
    let options = SimOptions::new(tenant).with_device_code_interval(Duration::from_secs(1));
    let world = World::with(options, &Pace::default()).await;
    let file = world.home().join("sealwright.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let section = format!("\n[sign-in]\nclient-id = \"{}\"\n", world.sim.officer_client_id());
    write_private(&file, (settings + &section).as_bytes());
    let person = somebody(&world.sim);
    (world, person)
}

fn somebody(sim: &Sim) -> User {
    sim.users().into_iter().find(|user| user.account_enabled).unwrap()
}

/// A sign-in with a browser that has shown its address.
struct Shown {
    child: Child,
    address: String,
}

async fn shown(mut command: Command) -> Shown {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("an address is shown");
        if let Some(address) = line.trim().strip_prefix("http://localhost:") {
            break format!("http://localhost:{address}");
        }
    };
    // What else is said must not fill the pipe.
    tokio::task::JoinSet::new().spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Shown { child, address }
}

/// Asks for an address of this machine, as a browser does.
async fn visited(address: &str) -> String {
    let (port, path) = address.strip_prefix("http://localhost:").unwrap().split_once('/').unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
    http(address, &format!("GET /{path}")).await.0
}

impl Shown {
    /// Where the address leads a browser.
    async fn page(&self) -> String {
        let answer = visited(&self.address).await;
        assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
        location.expect("it leads somewhere").to_owned()
    }

    async fn ended(mut self) -> (Option<i32>, Value) {
        let mut text = String::new();
        let status = tokio::time::timeout(PATIENCE, async {
            self.child.stdout.take().unwrap().read_to_string(&mut text).await.unwrap();
            self.child.wait().await.unwrap()
        });
        let code = status.await.expect("it ends").code();
        (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// Somebody signs in, or declines, and the browser brings the answer back.
    async fn answered(self, sim: &Sim, person: Option<&str>) -> (Option<i32>, Value) {
        let location = sim.browse(&self.page().await, person).expect("the page accepts the request");
        let status = visited(&location).await;
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        self.ended().await
    }
}

fn sign_in(world: &World) -> Command {
    let mut command = world.command();
    command.args(["--json", "sign-in", "--no-browser"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_with_a_browser_and_nothing_is_kept_without_a_keyring() {
    let (world, person) = world().await;
    world.sim.assign_app_roles(person.id, &["Sealwright.Auditor", "Something.Else"]);
    let (code, told) =
        shown(sign_in(&world)).await.answered(&world.sim, Some(&person.user_principal_name)).await;
    assert_eq!(code, Some(3), "a person has to know that it is not kept: {told}");
    assert_eq!(told["person"]["account"], person.user_principal_name);
    assert_eq!((&told["roles"], &told["kept"]), (&json!(["auditor"]), &json!(false)), "{told}");
    for file in
        fs::read_dir(world.home()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"\"refresh\":"), "{}", file.display());
    }
    let who = world.json(&["whoami"]).await;
    assert_eq!(who["person"], Value::Null, "{who}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_systems_browser_is_opened_with_the_address_alone() {
    let (world, person) = world().await;
    let programs = world.folder().join("programs");
    fs::create_dir(&programs).unwrap();
    let opened = world.folder().join("opened");
    let script = programs.join("xdg-open");
    fs::write(&script, format!("#!/bin/sh\nprintf '%s|%s' \"$#\" \"$1\" > {}\n", opened.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.command();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    command.args(["--json", "sign-in"]).env("PATH", path).env("DISPLAY", ":99");
    let shown = shown(command).await;
    let told = until("the browser is opened", async || {
        fs::read_to_string(&opened).ok().filter(|text| text.len() > 2)
    })
    .await;
    assert_eq!(told, format!("1|{}", shown.address));
    assert!(
        !told.contains('?') && !told.contains("state"),
        "every account of the machine can read it: {told}"
    );
    let (_, told) = shown.answered(&world.sim, Some(&person.user_principal_name)).await;
    assert_eq!(told["person"]["account"], person.user_principal_name);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_somebody_else_has_opened_the_page_is_told_so_and_nobody_is_signed_in() {
    let (world, person) = world().await;
    let shown = shown(sign_in(&world)).await;
    // Another account of the machine was faster.
    let signed_in = world.sim.browse(&shown.page().await, Some(&person.user_principal_name));
    assert!(signed_in.is_some(), "they have a code");
    let answer = visited(&shown.address).await;
    assert!(answer.starts_with("HTTP/1.1 410"), "{answer}");
    let (code, told) = shown.ended().await;
    assert_eq!(code, Some(1), "{told}");
    let error = told["error"].as_str().unwrap();
    assert!(error.contains("somebody else opened the sign-in page on this machine"), "{error}");
    assert_eq!(world.sim.sessions(), 0, "the code was not redeemed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_declines_or_is_refused_is_told_why_and_nobody_is_signed_in() {
    let (world, person) = world().await;
    let name = person.user_principal_name.as_str();
    let (code, told) = shown(sign_in(&world)).await.answered(&world.sim, None).await;
    assert_eq!(code, Some(1));
    assert!(told["error"].as_str().unwrap().contains("AADSTS65004"), "{told}");

    world.sim.withhold_consent(true);
    let (_, told) = shown(sign_in(&world)).await.answered(&world.sim, Some(name)).await;
    assert!(told["error"].as_str().unwrap().contains("AADSTS65001"), "{told}");
    world.sim.withhold_consent(false);

    for (lie, why) in [
        (IdTokenLie::OtherNonce, "answers another sign-in"),
        (IdTokenLie::OtherAudience, "another application"),
        (IdTokenLie::OtherTenant, "another tenant"),
        (IdTokenLie::Expired, "outside its time"),
        (IdTokenLie::OtherSignature, "none of the keys"),
    ] {
        world.sim.lie_in_id_tokens(Some(lie));
        let (code, told) = shown(sign_in(&world)).await.answered(&world.sim, Some(name)).await;
        assert_eq!(code, Some(1), "{told}");
        assert!(told["error"].as_str().unwrap().contains(why), "{lie:?}: {told}");
    }
    world.sim.lie_in_id_tokens(None);

    // A code cannot prove a second factor.
    world.sim.demand_second_factor(true);
    let (ran, ()) = tokio::join!(world.run_json(&["sign-in", "--device-code"]), approve(&world.sim, &person));
    let told = ran.failure();
    assert!(told.contains("50076") && told.contains("conditional-access"), "{told}");
}

/// Enters the code that is waited for.
async fn approve(sim: &Sim, person: &User) {
    let waiting = until("somebody waits for a code", async || sim.waiting_sign_ins().pop()).await;
    sim.approve_sign_in(&waiting.user_code, person.id).unwrap();
}

/// A home in a desktop session with a keyring, whose tenant is simulated.
async fn desk() -> Option<(Desk, Sim, User)> {
    let desk = Desk::new()?;
    let tenant = Tenant::invent().people(1).mailboxes(0).build();
    let options = SimOptions::new(tenant).with_device_code_interval(Duration::from_secs(1));
    let sim = Sim::start(options).await.unwrap();
    desk.logged_in(&["init", "--authority", "Desk CA", "--pki-url", "http://pki.example.com/desk"])
        .await
        .done();
    let file = |name: &str, text: &str| write_private(&desk.home().join(name), text.as_bytes());
    file("ca.pem", sim.ca_pem());
    file("secret", &sim.app().secret.unwrap());
    file(
        "sealwright.toml",
        &format!(
            "[tenant]\nid = \"{}\"\nclient-id = \"{}\"\nclient-secret-file = \"secret\"\nauthority-url = \"{url}\"\n\
             graph-url = \"{url}\"\nextra-root-ca = \"ca.pem\"\n\n[sign-in]\nclient-id = \"{}\"\n",
            sim.tenant_id(),
            sim.app().client_id,
            sim.officer_client_id(),
            url = sim.base_url(),
        ),
    );
    let person = somebody(&sim);
    Some((desk, sim, person))
}

async fn signed_in(desk: &Desk, sim: &Sim, person: &User, roles: &[&str]) -> Ran {
    sim.assign_app_roles(person.id, roles);
    let (ran, ()) = tokio::join!(desk.logged_in(&["sign-in", "--device-code"]), approve(sim, person));
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_keeps_the_session_and_roles_narrow_what_is_done_and_who_did_it_is_on_record() {
    let Some((desk, sim, person)) = desk().await else { return };
    let account = person.user_principal_name.as_str();
    // The settings ask for somebody; looking is free.
    let refused = desk.logged_in(&["tenant", "share"]).await.failure();
    assert!(refused.contains("takes somebody who is signed in"), "{refused}");
    desk.logged_in(&["audit", "list"]).await.done();

    let told = signed_in(&desk, &sim, &person, &["Sealwright.Auditor"]).await.done();
    assert_eq!((&told["roles"], &told["kept"]), (&json!(["auditor"]), &json!(true)), "{told}");
    let who = desk.logged_in(&["whoami"]).await.done();
    let actor = who["actor"].as_str().unwrap();
    assert!(actor.contains('@') && actor.ends_with(&format!(" as {account} ({})", person.id)), "{actor}");
    let refused = desk.logged_in(&["tenant", "share"]).await.failure();
    assert!(
        refused.contains("only the role auditor") && refused.contains("takes administrator"),
        "{refused}"
    );
    // Another program of the person finds the entry where it belongs; no file holds it.
    for file in
        fs::read_dir(desk.home()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"\"refresh\":"), "{}", file.display());
    }

    signed_in(&desk, &sim, &person, &["Sealwright.Administrator"]).await.done();
    desk.logged_in(&["tenant", "share"]).await.done();
    let listed = desk.logged_in(&["audit", "list"]).await.done();
    let entries = listed["entries"].as_array().unwrap_or_else(|| panic!("{listed}"));
    let shared = entries.iter().find(|entry| entry["kind"] == "SETTING_CHANGED").unwrap();
    assert_eq!(shared["actor"], actor, "the account first, then the person");

    let out = desk.logged_in(&["sign-out"]).await.done();
    assert_eq!(out["signedOut"], true);
    let who = desk.logged_in(&["whoami"]).await.done();
    assert_eq!((&who["person"], &who["ended"]), (&Value::Null, &json!(true)), "{who}");
    let refused = desk.logged_in(&["tenant", "unshare"]).await.failure();
    assert!(refused.contains("sealwright sign-in"), "{refused}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_held_to_the_same_and_is_told_what_is_missing() {
    let (world, _) = world().await;
    let served = Served::by(world.command(), &world.folder().join("page")).await;
    served.done("overview", json!({})).await;
    for command in ["run_service", "admit_installation", "export_audit", "whatever comes"] {
        let (code, told) = served.refused(command, json!({})).await;
        assert_eq!(code, "forbidden", "{command}: {told}");
        assert!(told.contains("sealwright sign-in"), "{told}");
    }
    let checked = served.done("tenant_check", json!({})).await;
    assert_eq!(
        (&checked["script"], checked["permissions"].as_array().unwrap().len()),
        (&Value::Null, 4),
        "{checked}"
    );

    world.sim.set_roles(&["User.Read.All"]);
    served.close().await;
    // A token that was given before keeps what it carried; another window gets another.
    let served = Served::by(world.command(), &world.folder().join("page")).await;
    let checked = served.done("tenant_check", json!({})).await;
    let standings: Vec<&str> = checked["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["standing"].as_str().unwrap())
        .collect();
    assert_eq!(standings, ["granted", "missing", "missing", "missing"]);
    assert!(checked["script"].as_str().unwrap().contains("'GroupMember.Read.All'"), "{checked}");
    served.close().await;
}

/// Who is signed in at a served page, once nobody is waited for any more.
async fn settled(served: &Served) -> Value {
    until("the sign-in has ended", async || {
        let standing = served.done("sign_in_standing", json!({})).await;
        standing["waiting"].is_null().then_some(standing)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_at_the_console_acts_as_themselves_and_signs_out() {
    let Some((desk, sim, person)) = desk().await else { return };
    sim.assign_app_roles(person.id, &["Sealwright.Administrator"]);
    let served = Served::by(desk.program(), &desk.folder.path().join("page")).await;
    let nobody = served.done("sign_in_standing", json!({})).await;
    assert_eq!(
        (&nobody["known"], &nobody["required"], &nobody["person"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    let forget = async || served.refused("forget_tenant_trial", json!({})).await;
    assert!(forget().await.1.contains("takes somebody who is signed in"));

    // By a code, given up first, then entered.
    let begun = served.done("begin_sign_in", json!({ "by": "code" })).await;
    assert!(begun["waiting"]["code"].as_str().is_some_and(|code| !code.is_empty()), "{begun}");
    served.done("cancel_sign_in", json!({})).await;
    assert_eq!(settled(&served).await["failure"], Value::Null);
    served.done("begin_sign_in", json!({ "by": "code" })).await;
    let code =
        served.done("sign_in_standing", json!({})).await["waiting"]["code"].as_str().unwrap().to_owned();
    sim.approve_sign_in(&code, person.id).unwrap();
    let standing = settled(&served).await;
    assert_eq!(standing["person"]["account"], person.user_principal_name, "{standing}");
    assert_eq!(
        (&standing["person"]["roles"], &standing["outdated"]),
        (&json!(["administrator"]), &json!(false))
    );
    let actor = standing["actor"].as_str().unwrap();
    assert!(actor.ends_with(&format!(" as {} ({})", person.user_principal_name, person.id)), "{actor}");
    // The console acts as them without being opened anew.
    assert_eq!(served.done("about", json!({})).await["actor"], actor);
    served.done("forget_tenant_trial", json!({})).await;
    // No answer and no file holds what keeps the session going.
    assert!(!standing.to_string().contains("refresh"), "{standing}");

    // Whoever signs out leaves a window that looks.
    let out = served.done("sign_out", json!({})).await;
    assert_eq!((&out["person"], &out["outdated"]), (&Value::Null, &json!(true)), "{out}");
    let (code, told) = forget().await;
    assert_eq!(code, "forbidden", "{told}");

    // With the browser of this machine.
    let begun = served.done("begin_sign_in", json!({ "by": "browser" })).await;
    assert_eq!(begun["waiting"]["opened"], false, "there is no display: {begun}");
    let address = begun["waiting"]["address"].as_str().unwrap();
    let answer = visited(address).await;
    let page = answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("it leads somewhere");
    let location = sim.browse(page, Some(&person.user_principal_name)).expect("the page accepts the request");
    visited(&location).await;
    let standing = settled(&served).await;
    assert_eq!(standing["person"]["account"], person.user_principal_name, "{standing}");
    served.done("forget_tenant_trial", json!({})).await;
    assert_eq!(served.refused("begin_sign_in", json!({ "by": "https://evil.example" })).await.0, "invalid");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_found_by_looking_and_trying_and_granted_by_a_script() {
    let world = World::of(2, 0).await;
    let complete = world.json(&["tenant", "check"]).await;
    assert_eq!(complete["missing"], 0, "{complete}");
    let standings: Vec<&str> = complete["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["standing"].as_str().unwrap())
        .collect();
    assert_eq!(standings, ["granted"; 4]);

    world.sim.set_roles(&["Directory.Read.All", "DeviceManagementConfiguration.ReadWrite.All"]);
    let script = world.folder().join("grant.ps1");
    let ran =
        world.run_json(&["tenant", "check", "--for", "notices", "--script", script.to_str().unwrap()]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told = ran.json();
    let of = |name: &str| {
        let all = told["permissions"].as_array().unwrap();
        all.iter().find(|one| one["permission"] == name).unwrap_or_else(|| panic!("{name}: {told}")).clone()
    };
    assert_eq!(of("User.Read.All")["standing"], "granted");
    assert!(of("User.Read.All")["note"].as_str().unwrap().contains("wider than needed"), "{told}");
    assert_eq!(of("MailboxSettings.Read")["standing"], "missing");
    assert_eq!(of("Mail.Send")["standing"], "missing", "it is not sent to try it");
    let text = fs::read_to_string(&script).unwrap();
    assert!(text.contains("'MailboxSettings.Read'") && text.contains("'Mail.Send'"), "{text}");
    assert!(
        !text.contains("'User.Read.All'") && text.contains(&world.sim.app().client_id.to_string()),
        "{text}"
    );
    let writes = world
        .sim
        .requests()
        .iter()
        .filter(|one| one.method != "GET" && !one.path.ends_with("/token"))
        .count();
    assert_eq!(writes, 0, "nothing is changed by looking");

    // A consent is there and something else stands in the way.
    world.sim.set_roles(&sim::DEFAULT_ROLES);
    world.sim.add_fault(sim::Fault::once("GET /beta/*", sim::FaultEffect::Status { status: 503 }));
    let told = world.run_json(&["tenant", "check"]).await.json();
    let delivery = &told["permissions"][3];
    assert_eq!(delivery["standing"], "untestable", "{delivery}");
}
