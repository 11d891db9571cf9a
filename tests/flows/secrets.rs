//! Nothing secret is anywhere but where it belongs: whatever the program wrote is searched for what it knew.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crypto::PrivateKey;
use sim::{SimOptions, Tenant};
use store::Store as _;

use crate::home;
use crate::proof;
use crate::world::{Pace, SIGN_IN, World};

/// Something secret and the ways in which it could be written.
struct Secret {
    what: String,
    forms: Vec<Vec<u8>>,
}

impl Secret {
    fn text(what: &str, text: &str) -> Self {
        assert!(text.len() >= 16, "{what} is too short to be looked for");
        Self { what: what.to_owned(), forms: forms(text.as_bytes()) }
    }

    /// The private part of a key: any longer piece of what its PKCS#8 holds besides the public key.
    fn key(what: &str, key: &PrivateKey) -> Self {
        let pkcs8 = key.to_pkcs8().unwrap();
        let public = key.spki_der().unwrap();
        let is_public = |piece: &[u8]| public.windows(piece.len()).any(|window| window == piece);
        let pieces: Vec<&[u8]> = pkcs8.windows(24).step_by(8).filter(|piece| !is_public(piece)).collect();
        assert!(pieces.len() > 2, "{what}");
        Self { what: what.to_owned(), forms: pieces.into_iter().flat_map(forms).collect() }
    }

    fn is_in(&self, haystack: &[u8]) -> bool {
        self.forms.iter().any(|form| contains(haystack, form))
    }
}

/// As it is, as hexadecimal in both cases, as Base64 at any alignment, and as UTF-16.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex::encode(bytes);
    let mut forms = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for shift in 0..3 {
        // Three bytes are four letters: from each of three beginnings, what lies between the ends is always the same.
        let whole = &bytes[shift..];
        let whole = &whole[..whole.len() / 3 * 3];
        forms.push(BASE64_STANDARD.encode(whole).into_bytes());
    }
    forms.push(bytes.iter().flat_map(|byte| [*byte, 0]).collect());
    forms
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut rest = haystack;
    while let Some(place) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[place..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Everything the program wrote, by file name.
fn written(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for file in home::files(world.folder()) {
        let name = file.strip_prefix(world.folder()).unwrap().to_string_lossy().into_owned();
        // The agents' own files and the file in which the user keeps the client's secret.
        if !name.starts_with("agents/") && name != "home/client-secret" {
            files.push((name, fs::read(&file).unwrap()));
        }
    }
    files
}

async fn keys_of_people(world: &World) -> Vec<PrivateKey> {
    let (key, certificate) = proof::agent(world, home::AGENTS[0]);
    let mut work = world.store.read().await.unwrap();
    let mut keys = Vec::new();
    for row in proof::certificates(world).await {
        if let Some(archived) = work.archive().find(row.certificate.id).await.unwrap() {
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

    let mut secrets = vec![
        Secret::text("the client secret", &world.sim.app().secret.unwrap()),
        Secret::text("the password of the recovered key", &password),
    ];
    for name in home::AGENTS {
        let password = fs::read_to_string(world.agent(name, "password")).unwrap();
        secrets.push(Secret::text(&format!("the password of {name}"), &password));
        secrets.push(Secret::key(&format!("the key of {name}"), &proof::agent(&world, name).0));
    }
    let keys = keys_of_people(&world).await;
    assert_eq!(keys.len(), 8, "three people and a mailbox, two templates");
    for (number, key) in keys.iter().enumerate() {
        secrets.push(Secret::key(&format!("the private key {number} ({})", key.kind()), key));
    }
    // An access token begins like this, whatever is in it.
    secrets.push(Secret {
        what: "an access token".to_owned(),
        forms: vec![b"eyJhbGciOi".to_vec(), b"eyJ0eXAiOi".to_vec()],
    });

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
        for secret in &secrets {
            for (name, bytes) in files {
                assert!(!secret.is_in(bytes), "{} is in {name}, {moment}", secret.what);
            }
        }
    }
}

/// A search that finds nothing proves something only if it would find.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_for_secrets_finds_what_is_there() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let keys = keys_of_people(&world).await;
    let secret = Secret::key("a key", &keys[0]);
    let pkcs8 = keys[0].to_pkcs8().unwrap();
    let around = |inside: &[u8]| [b"some text before ".as_slice(), inside, b" and after".as_slice()].concat();
    assert!(secret.is_in(&around(&pkcs8)));
    assert!(secret.is_in(&around(hex::encode(&*pkcs8).as_bytes())));
    for shift in 0..3 {
        let shifted = [&b"xyz"[..shift], &*pkcs8].concat();
        assert!(
            secret.is_in(&around(BASE64_STANDARD.encode(shifted).as_bytes())),
            "Base64 shifted by {shift}"
        );
    }
    assert!(!secret.is_in(&around(&keys[0].spki_der().unwrap())), "the public key is no secret");
    let client = Secret::text("the client secret", &world.sim.app().secret.unwrap());
    assert!(client.is_in(&fs::read(world.home().join("client-secret")).unwrap()));
    // And the places that are searched hold what was done: the public key is in the database.
    let public = keys[0].spki_der().unwrap();
    assert!(written(&world).iter().any(|(_, bytes)| contains(bytes, &public[public.len() - 32..])));
}
