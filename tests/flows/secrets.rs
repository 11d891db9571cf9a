//! Nothing secret is anywhere but where it belongs: whatever the program wrote is searched for what it knew.

use std::collections::HashMap;
use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crypto::PrivateKey;
use sim::{SimOptions, Tenant};
use store::Store as _;

use crate::home;
use crate::proof;
use crate::world::{Pace, SIGN_IN, World};

/// Secrets and all the ways in which they could be written, found in one pass over a file.
pub(crate) struct Search {
    /// By its first eight bytes: what it is, and all its bytes.
    needles: HashMap<[u8; 8], Vec<(String, Vec<u8>)>>,
    /// Whether a needle begins with these two bytes; spares most of the looking up.
    beginnings: Vec<bool>,
}

impl Search {
    pub(crate) fn new() -> Self {
        Self { needles: HashMap::new(), beginnings: vec![false; 1 << 16] }
    }

    fn add(&mut self, what: &str, form: Vec<u8>) {
        let beginning: [u8; 8] = form[..8].try_into().unwrap();
        self.beginnings[usize::from(u16::from_be_bytes([form[0], form[1]]))] = true;
        self.needles.entry(beginning).or_default().push((what.to_owned(), form));
    }

    pub(crate) fn text(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 16, "{what} is too short to be looked for");
        for form in forms(text.as_bytes()) {
            self.add(what, form);
        }
    }

    /// Any longer piece of what makes the key private.
    pub(crate) fn key(&mut self, what: &str, key: &PrivateKey) {
        let pkcs8 = key.to_pkcs8().unwrap();
        let public = key.spki_der().unwrap();
        // Before it stand names of algorithms, which all keys have in common, and the public modulus.
        let private = if pkcs8.len() < 200 {
            assert_eq!(pkcs8[34..36], [0x04, 0x20], "the 32 bytes of a P-256 scalar");
            &pkcs8[36..68]
        } else {
            &pkcs8[40..]
        };
        let is_public = |piece: &[u8]| public.windows(piece.len()).any(|window| window == piece);
        for piece in private.windows(24).step_by(8).filter(|piece| !is_public(piece)) {
            for form in forms(piece) {
                self.add(what, form);
            }
        }
    }

    /// What is in these bytes.
    pub(crate) fn find(&self, haystack: &[u8]) -> Option<&str> {
        for (place, window) in haystack.windows(8).enumerate() {
            if !self.beginnings[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
                continue;
            }
            let beginning: [u8; 8] = window.try_into().unwrap();
            let candidates = self.needles.get(&beginning).into_iter().flatten();
            for (what, form) in candidates {
                if haystack[place..].starts_with(form) {
                    return Some(what);
                }
            }
        }
        None
    }
}

/// As it is, as hexadecimal in both cases, as Base64 at any alignment, and as UTF-16.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex::encode(bytes);
    let mut forms = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for shift in 0..3 {
        // Three bytes are four letters: from each of three beginnings, what lies between the ends is always the same.
        let whole = &bytes[shift..];
        forms.push(BASE64_STANDARD.encode(&whole[..whole.len() / 3 * 3]).into_bytes());
    }
    forms.push(bytes.iter().flat_map(|byte| [*byte, 0]).collect());
    forms
}

/// Everything the program wrote, by file name.
///
/// Copied by another process: a process that closes a database file gives up all of its own locks on it (POSIX), and
/// this one has the database open.
pub(crate) fn written(world: &World) -> Vec<(String, Vec<u8>)> {
    let copies = tempfile::tempdir().unwrap();
    let source = format!("{}/.", world.folder().display());
    let copied = std::process::Command::new("cp").arg("-r").arg(source).arg(copies.path()).status();
    assert!(copied.unwrap().success());
    let mut files = Vec::new();
    for file in home::files(copies.path()) {
        let name = file.strip_prefix(copies.path()).unwrap().to_string_lossy().into_owned();
        // The agents' own files and the file in which the user keeps the client's secret.
        if !name.starts_with("agents/") && name != "home/client-secret" {
            files.push((name, fs::read(&file).unwrap()));
        }
    }
    files
}

pub(crate) async fn keys_of_people(world: &World) -> Vec<PrivateKey> {
    let (key, certificate) = proof::agent(world, home::AGENTS[0]);
    let mut work = world.store.read().await.unwrap();
    let mut keys = Vec::new();
    for row in proof::certificates(world).await {
        if let Some(archived) = work.archive().find_sealed(row.certificate.id).await.unwrap() {
            let pkcs8 = crypto::open::open(&archived.envelope, &key, &certificate).unwrap();
            keys.push(PrivateKey::from_pkcs8(&pkcs8).unwrap());
        }
    }
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_database_the_logs_or_the_temporary_files() {
    let tenant = Tenant::invent().people(3).mailboxes(1).build();
    let world = World::bare(SimOptions::new(tenant), &Pace::default()).await;
    // Both kinds of keys, both with an archived copy, so that they can be known here.
    let elliptic = world.import("Mail", world.sim.smime_group(), &[]).await;
    world.import(SIGN_IN, world.sim.sign_in_group(), &["--cba"]).await;
    let text = world.run(&["template", "export", "Mail"]).await.stdout;
    let rsa = text
        .replace(elliptic["template"].as_str().unwrap(), "01900000-0000-7000-8000-000000000001")
        .replace("name = \"Mail\"", "name = \"Mail RSA\"")
        .replace("key = \"p-256\"", "key = \"rsa-2048\"");
    world.import_text(&rsa).await.done();

    // In the middle of the work, when keys are in flight.
    let mut daemon = world.daemon_with(&["--log", "trace"], Some("kill:deliver.before:3"));
    daemon.killed().await;
    assert!(
        world.store.read().await.unwrap().archive().count_inflight().await.unwrap() > 0,
        "keys are in flight"
    );
    let in_flight = written(&world);
    let mut daemon = world.daemon_with(&["--log", "trace"], None);
    world.until_so_many_are_done(11, &mut daemon).await;
    let at_the_end = written(&world);
    daemon.stop().await;
    // A recovery, told to a script; what it prints goes to the screen and is no file.
    let which = proof::certificates(&world).await.into_iter().find(|row| row.certificate.archived).unwrap();
    let agent = |extension: &str| world.agent(home::AGENTS[0], extension).to_str().unwrap().to_owned();
    let recovered = world
        .run_json(&[
            "--log",
            "trace",
            "recovery",
            "open",
            &which.certificate.thumbprint.to_string(),
            "--kra",
            &agent("p12"),
            "--password-file",
            &agent("password"),
            "--reason",
            "search",
            "--out",
            "agents/recovered.p12",
            "--out-password",
            "agents/recovered.password",
        ])
        .await;
    let password = fs::read_to_string(world.agent("recovered", "password")).unwrap();
    let mut after = written(&world);
    recovered.done();
    after.push((
        "what the recovery said".to_owned(),
        format!("{}{}", recovered.stdout, recovered.stderr).into_bytes(),
    ));

    let mut search = Search::new();
    search.text("the client secret", &world.sim.app().secret.unwrap());
    search.text("the password of the recovered key", &password);
    for name in home::AGENTS {
        search.text(
            &format!("the password of {name}"),
            &fs::read_to_string(world.agent(name, "password")).unwrap(),
        );
        search.key(&format!("the key of {name}"), &proof::agent(&world, name).0);
    }
    let keys = keys_of_people(&world).await;
    assert_eq!(keys.len(), 8, "three people and a mailbox, two templates");
    for (number, key) in keys.iter().enumerate() {
        search.key(&format!("the private key {number} ({})", key.kind()), key);
    }
    // An access token begins like this, whatever is in it.
    search.add("an access token", b"eyJhbGciOi".to_vec());
    search.add("an access token", b"eyJ0eXAiOi".to_vec());

    for (moment, files) in
        [("with keys in flight", &in_flight), ("at the end", &at_the_end), ("after a recovery", &after)]
    {
        assert!(
            files.iter().any(|(name, bytes)| name == "home/sealwright.db" && bytes.len() > 100_000),
            "{moment}"
        );
        assert!(
            files.iter().any(|(name, bytes)| name.rsplit('.').next() == Some("log") && bytes.len() > 10_000),
            "{moment}"
        );
        for (name, bytes) in files {
            assert_eq!(search.find(bytes), None, "found in {name}, {moment}");
        }
    }
}

/// A search that finds nothing proves something only if it would find.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_for_secrets_finds_what_is_there() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let mut keys = keys_of_people(&world).await;
    keys.push(proof::agent(&world, home::AGENTS[0]).0);
    for key in &keys {
        let mut search = Search::new();
        search.key("a key", key);
        let pkcs8 = key.to_pkcs8().unwrap();
        let around =
            |inside: &[u8]| [b"some text before ".as_slice(), inside, b" and after".as_slice()].concat();
        assert_eq!(search.find(&around(&pkcs8)), Some("a key"));
        assert_eq!(search.find(&around(&pkcs8[40..])), Some("a key"), "a part is enough");
        assert_eq!(search.find(&around(hex::encode(&*pkcs8).as_bytes())), Some("a key"));
        for shift in 0..3 {
            let shifted = [&b"xyz"[..shift], &*pkcs8].concat();
            assert_eq!(
                search.find(&around(BASE64_STANDARD.encode(shifted).as_bytes())),
                Some("a key"),
                "shifted by {shift}"
            );
        }
        assert_eq!(search.find(&around(&key.spki_der().unwrap())), None, "the public key is no secret");
    }
    let mut search = Search::new();
    search.text("the client secret", &world.sim.app().secret.unwrap());
    assert_eq!(
        search.find(&fs::read(world.home().join("client-secret")).unwrap()),
        Some("the client secret")
    );
    // And the places that are searched hold what was done: the public key is in the database.
    let mut search = Search::new();
    let public = keys[0].spki_der().unwrap();
    search.add("a public key", public[public.len() - 32..].to_vec());
    assert!(
        written(&world)
            .iter()
            .any(|(name, bytes)| name.contains("sealwright.db") && search.find(bytes).is_some())
    );
}
