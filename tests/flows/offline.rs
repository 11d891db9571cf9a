//! An officer without a network: the program in a network namespace without interfaces, with a bundle, a key, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::ceremony::{ask, complete, file, opened, places, run_as, smime, with_key};
use crate::home::{AGENTS, PROGRAM};
use crate::program::Ran;
use crate::proof;
use crate::world::World;

/// A room with one machine in it, which is connected to nothing.
struct Room<'a> {
    folder: PathBuf,
    /// What takes the program off the network: `unshare` and its options.
    cut_off: &'a [&'static str],
}

impl Room<'_> {
    fn at(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Brings a file in.
    fn bring(&self, from: &Path, name: &str) {
        fs::copy(from, self.folder.join(name)).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the program here, with an environment that knows of no home but an empty one.
    async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = tokio::process::Command::new("unshare");
        // Before the program starts it is told which interfaces there are.
        let script = "sed -n 's/^ *\\([^: ]*\\):.*/interface \\1/p' /proc/net/dev >&2; exec \"$@\"";
        command.args(self.cut_off).args(["sh", "-c", script, "sh", PROGRAM]).args(arguments);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", &self.folder).current_dir(&self.folder);
        let ran = Ran::of(command).await;
        let interfaces: Vec<&str> =
            ran.stderr.lines().filter_map(|line| line.strip_prefix("interface ")).collect();
        assert_eq!(interfaces, ["lo"], "{ran:?}");
        ran
    }

    /// The officer's key, without a word of the fleet.
    async fn approve(&self, bundle: &str, officer: &str, more: &[&str]) -> Ran {
        let key = [
            "--kra",
            &self.at(&format!("{officer}.p12")),
            "--password-file",
            &self.at(&format!("{officer}.password")),
        ];
        let all = [&["recovery", "approve", "--bundle", bundle], key.as_slice(), more].concat();
        self.run(&all).await
    }
}

/// An officer's files among those of the agents.
pub(crate) const NAMED: &str = "dora";

/// An agent whose certificate says who the officer is: on such a machine no account does that anybody vouches for.
pub(crate) async fn add_named(world: &World) {
    let (key, password) = (world.agent(NAMED, "p12"), world.agent(NAMED, "password"));
    let mut create = vec!["kra", "create", "Dora Blümel", "--mail", "dora@officers.example"];
    create.extend(["--out", key.to_str().unwrap(), "--out-password", password.to_str().unwrap()]);
    world.json(&create).await;
}

/// Who is named in the record of what came of approvals, the newest first.
async fn agreed_by(world: &World) -> Vec<String> {
    let log: Value = world.json(&["audit", "list", "--limit", "50"]).await;
    let entries = log["entries"].as_array().unwrap().iter();
    let processed = entries.filter(|entry| entry["kind"] == "KEY_RECOVERY_APPROVAL_PROCESSED");
    processed.map(|entry| entry["actor"].as_str().unwrap().to_owned()).collect()
}

/// How a program is cut off here; `None` where the system does not let us.
fn way_off() -> Option<&'static [&'static str]> {
    [["-n"].as_slice(), ["-r", "-n"].as_slice()].into_iter().find(|options| {
        Command::new("unshare").args(*options).arg("true").status().is_ok_and(|status| status.success())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_agrees_on_a_machine_without_network_home_and_database() {
    let Some(cut_off) = way_off() else {
        eprintln!("SKIPPED: this account may not make a network namespace; run as root to tell this story");
        return;
    };
    let world = World::of(2, 0).await;
    add_named(&world).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let asked = ask(&world, &row, &["--to-other", "Kanzlei Müller"]).await.done();
    let id = asked["request"].as_str().unwrap();
    assert_eq!(asked["needed"], 2);
    let (_, officer) = proof::agent(&world, NAMED);
    let nameless = proof::agent(&world, AGENTS[0]).1.thumbprint().to_string();
    let certificate = world.folder().join("officer.pem");
    fs::write(&certificate, officer.pem()).unwrap();

    let out = world.folder().join("request.bundle");
    let export = |whom: &str, file: &Path| {
        ["recovery", "export", id, "--for", whom, "--out", file.to_str().unwrap()].map(str::to_owned)
    };
    let run = async |arguments: [String; 7]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run_as(&world, "bert@desk-2", &arguments).await
    };
    let exported = run(export(&officer.thumbprint().to_string(), &out)).await.done();
    assert_eq!(exported["fingerprint"], asked["fingerprint"]);
    let fleet = exported["fleet"].as_str().unwrap();
    assert_eq!(fleet, world.json(&["installation", "list"]).await["fleet"]);
    let told = run(export(&nameless, &world.folder().join("nameless.bundle"))).await.failure();
    assert!(told.contains("neither a mail address nor a sign-in name"), "{told}");
    let again = run(export(certificate.to_str().unwrap(), &out)).await.failure();
    assert!(again.contains("exists already"), "{again}");

    // Into the room: the bundle, the officer's file and password.
    let room = Room { folder: world.folder().join("room"), cut_off };
    fs::create_dir(&room.folder).unwrap();
    room.bring(&out, "request.bundle");
    for agent in [NAMED, AGENTS[0], AGENTS[1]] {
        room.bring(&world.agent(agent, "p12"), &format!("{agent}.p12"));
        room.bring(&world.agent(agent, "password"), &format!("{agent}.password"));
    }
    fs::write(room.folder.join("page"), "<html><body>502 Bad Gateway</body></html>").unwrap();
    let brought = room.files();
    let response = room.at("response");
    let to = ["--out", response.as_str(), "--json"];
    let fingerprint = asked["fingerprint"].as_str().unwrap();
    let compared = ["--yes", "--fleet", fleet, "--fingerprint", fingerprint];
    let agree = [&to, compared.as_slice()].concat();

    // What is refused leaves nothing behind.
    let unasked = room.approve("request.bundle", NAMED, &[&to, ["--yes"].as_slice()].concat()).await;
    assert_eq!(unasked.code, Some(2), "{unasked:?}");
    let half = [&to, ["--yes", "--fleet", fleet].as_slice()].concat();
    assert_eq!(
        room.approve("request.bundle", NAMED, &half).await.code,
        Some(2),
        "what is asked was compared by nobody"
    );
    let unread = room.approve("request.bundle", NAMED, &to).await;
    assert_eq!(unread.code, Some(2), "{unread:?}");
    let declined = room.approve("request.bundle", NAMED, &["--out", &response]).await;
    assert_eq!(declined.code, Some(1), "{declined:?}");
    for part in ["4711/26", "works agreement 7", "long leave", "Kanzlei Müller", &row.certificate.mail, fleet]
    {
        assert!(declined.stdout.contains(part), "{part}: {}", declined.stdout);
    }
    let other = "0000 1111 2222 3333 4444 5555 6666 7777";
    for (bundle, officer, fleet, fingerprint, sentence) in [
        ("request.bundle", AGENTS[1], fleet, fingerprint, "this bundle is not for"),
        ("page", NAMED, fleet, fingerprint, "is a web page (HTML), neither a bundle"),
        ("request.bundle", NAMED, other, fingerprint, "it is of the fleet"),
        ("request.bundle", NAMED, fleet, other, "this is another request"),
    ] {
        let compared = ["--yes", "--fleet", fleet, "--fingerprint", fingerprint];
        let more = [&to, compared.as_slice()].concat();
        let ran = room.approve(bundle, officer, &more).await;
        assert!(ran.code == Some(1) && ran.stderr.contains(sentence), "{sentence}: {ran:?}");
    }
    let vault = ["--kra", "https://contoso.vault.azure.net/keys/kra/1234567890abcdef1234567890abcdef"];
    let all = [&["recovery", "approve", "--bundle", "request.bundle"], vault.as_slice(), &agree].concat();
    let vault = room.run(&all).await;
    assert!(vault.stderr.contains("a key in a vault cannot be used without a network"), "{vault:?}");
    assert_eq!(room.files(), brought, "nothing is written on failure, and no home is made");

    let agreed = room.approve("request.bundle", NAMED, &agree).await.done();
    assert_eq!((&agreed["request"], &agreed["case"]), (&json!(id), &json!("4711/26")));
    let twice = room.approve("request.bundle", NAMED, &agree).await;
    assert!(twice.stderr.contains("exists already"), "{twice:?}");
    let mut expected = brought;
    expected.push("response".to_owned());
    expected.sort();
    assert_eq!(room.files(), expected);

    // Back: whoever asked may carry it, and it is good once.
    let told = run_as(&world, "anna@desk-1", &["recovery", "import", &response]).await.done();
    assert_eq!((&told["agreed"], &told["needed"]), (&json!(1), &json!(2)), "{told}");
    let again = run_as(&world, "cora@desk-3", &["recovery", "import", &response]).await.failure();
    assert!(again.contains("was imported before"), "{again}");
    let page = run_as(&world, "cora@desk-3", &["recovery", "import", &room.at("page")]).await.failure();
    assert!(page.contains("is a web page (HTML), neither a bundle"), "{page}");
    let key = file(&world, AGENTS[1]);
    with_key(&world, "bert@desk-2", &["recovery", "approve", id, "--yes"], &key).await.done();
    let (folder, passwords) = places(&world, "recovered");
    complete(&world, id, &folder, &passwords).await.done();
    opened(&folder, &passwords, &row);

    let offline = format!("{}; imported by anna@desk-1", officer.subject());
    assert_eq!(agreed_by(&world).await, ["bert@desk-2", "cora@desk-3", &offline]);
    world.json(&["audit", "verify"]).await;
}
