//! What the program asks of Graph, Intune and Exchange, and what the simulator answers, held against a description of the interface
//! by a validating proxy that is not ours: Prism (`tests/sim/clients/node`, whose `graph.yaml` and `exchange.yaml` are the descriptions).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sim::Removal;
use tokio::process::{Child, Command};

use crate::gal;
use crate::health::http_with;
use crate::program::until;
use crate::proof;
use crate::world::World;

/// Prism before the simulator.
struct Contract {
    address: String,
    log: PathBuf,
    _running: Child,
}

impl Contract {
    async fn before(world: &World, description: &str) -> Self {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/clients/node");
        let prism = clients.join("node_modules/.bin/prism");
        assert!(
            prism.exists(),
            "{} is missing: run `./dev test`, which installs it; by hand: npm --prefix tests/sim/clients/node ci",
            prism.display()
        );
        let log = world.folder().join("prism.log");
        let running = Command::new(prism)
            .args(["proxy", "--errors", "--host", "127.0.0.1", "--port", "0", "--verboseLevel", "info"])
            .arg(clients.join(description))
            .arg(world.sim.base_url())
            .env("NODE_EXTRA_CA_CERTS", world.home().join("simulator-ca.pem"))
            .env("NO_PROXY", "localhost,127.0.0.1")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(File::create(&log).unwrap())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let address = until("Prism listens", async || {
            let told = fs::read_to_string(&log).unwrap();
            let (_, rest) = told.split_once("Prism is listening on ")?;
            rest.split_once('\n').map(|(address, _)| address.trim().to_owned())
        })
        .await;
        Self { address, log, _running: running }
    }

    /// Lines of its log with these words.
    fn lines(&self, words: &str) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap();
        log.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }
}

/// The routes of the description that the simulator was asked for.
fn routes(world: &World) -> BTreeSet<&'static str> {
    let is_object = |part: &str| part.len() >= 36;
    let requests = world.sim.requests();
    requests
        .iter()
        .filter_map(|one| {
            let parts: Vec<&str> = one.path.trim_matches('/').split('/').collect();
            Some(match (one.method.as_str(), parts.as_slice()) {
                ("GET", ["v1.0", "users"]) => "users",
                ("GET", ["v1.0", "users", "delta"]) => "changes of users",
                ("GET", ["v1.0", "users", id]) if is_object(id) => "a user",
                ("GET", ["v1.0", "users", _, "mailboxSettings"]) => "a mailbox",
                ("GET", ["v1.0", "groups"]) => "groups",
                ("GET", ["v1.0", "groups", "delta"]) => "changes of groups",
                ("GET", ["v1.0", "groups", _, "transitiveMembers", "microsoft.graph.user"]) => "members",
                ("GET", ["v1.0", "groups", _, "transitiveMembers", "microsoft.graph.group"]) => {
                    "nested groups"
                }
                ("GET", ["beta", "deviceManagement", "userPfxCertificates"]) => "records",
                ("POST", ["beta", "deviceManagement", "userPfxCertificates"]) => "a new record",
                _ => return None,
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_asked_of_graph_and_intune_and_all_answers_are_as_described() {
    let world = World::of(3, 1).await;
    let contract = Contract::before(&world, "graph.yaml").await;
    world.sim.behind(&contract.address);
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let through = text.replace(
        &format!("graph-url = \"{}\"", world.sim.base_url()),
        &format!("graph-url = \"{}\"", contract.address),
    );
    assert_ne!(text, through);
    fs::write(&settings, through).unwrap();

    // A life: looked at, enrolled, delivered and read back; one person leaves, one is renamed.
    let looked = world.run(&["doctor"]).await;
    assert!(looked.stdout.contains("users, groups and mailbox settings can be read"), "{looked:?}");
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    let people: Vec<_> = world.sim.users().into_iter().filter(|user| user.account_enabled).collect();
    world.sim.rename_user(people[0].id, "Nina", "Neu").unwrap();
    world.sim.remove_user(people[1].id, Removal::Soft).unwrap();
    world.sync().await;
    daemon.stop().await;
    assert!(!proof::certificates(&world).await.is_empty());

    let forwarded = contract.lines("> Forwarding").len();
    assert!(forwarded > 20, "{forwarded}");
    assert_eq!(contract.lines("terminated with error"), Vec::<String>::new(), "a violation of the contract");
    let expected = [
        "users",
        "changes of users",
        "a user",
        "a mailbox",
        "groups",
        "changes of groups",
        "members",
        "nested groups",
        "records",
        "a new record",
    ];
    assert_eq!(routes(&world), BTreeSet::from(expected));

    // It does refuse what is not in the description.
    let gateway = contract.address.trim_start_matches("http://").parse().unwrap();
    let records = "/beta/deviceManagement/userPfxCertificates";
    let headers = "Authorization: Bearer nobody\r\nContent-Type: application/json\r\n";
    let ask = async |request: &str, body: &str| http_with(gateway, request, headers, body).await.0;
    let told = ask(&format!("POST {records}"), "{\"thumbprint\":\"AB\"}").await;
    assert!(told.starts_with("HTTP/1.1 422 "), "{told}");
    let told = ask(&format!("PATCH {records}/x"), "{}").await;
    assert!(told.starts_with("HTTP/1.1 405 "), "{told}");
    assert_eq!(contract.lines("terminated with error").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_asked_of_exchange_and_all_answers_are_as_described() {
    let world = gal::world(2, 1).await;
    let foreign = gal::certificate("foreign");
    let somebody = gal::people(&world)[0].clone();
    let person = somebody.id;
    let shown = sim::PublishedCertificates { certificates: vec![foreign], smime: Vec::new() };
    world.sim.publish(person, shown);
    let contract = Contract::before(&world, "exchange.yaml").await;
    world.sim.behind(&contract.address);
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let through = text.replace(
        &format!("exchange-url = \"{}\"", world.sim.base_url()),
        &format!("exchange-url = \"{}\"", contract.address),
    );
    assert_ne!(text, through);
    fs::write(&settings, through).unwrap();

    // Published beside what was there, taken out again, and looked at as a whole.
    let mut daemon = world.daemon();
    gal::until_shown(&world, person, 2).await;
    world.json(&["gal", "withdraw", "--person", &somebody.user_principal_name]).await;
    gal::until_shown(&world, person, 1).await;
    daemon.stop().await;
    let checked = world.run_json(&["gal", "check"]).await;
    assert_eq!(checked.code, Some(0), "{checked:?}");

    assert!(contract.lines("> Forwarding").len() > 8);
    assert_eq!(contract.lines("terminated with error"), Vec::<String>::new(), "a violation of the contract");
    let asked = world.sim.requests();
    let posts = asked.iter().filter(|one| one.path.ends_with("/InvokeCommand")).count();
    assert!(posts > 8, "{posts}");

    // It does refuse what is not in the description.
    let gateway = contract.address.trim_start_matches("http://").parse().unwrap();
    let headers = "Authorization: Bearer nobody\r\nContent-Type: application/json\r\n";
    let route = format!("POST /adminapi/beta/{}/InvokeCommand", world.sim.tenant_id());
    let body =
        r#"{"CmdletInput":{"CmdletName":"Set-Mailbox","Parameters":{"ForwardingSmtpAddress":"x@y.test"}}}"#;
    let told = http_with(gateway, &route, headers, body).await.0;
    assert!(told.starts_with("HTTP/1.1 422 "), "{told}");
}
