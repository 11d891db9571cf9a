//! `import …`: keys from the archive of a Windows CA, and from folders of PKCS#12 files.
//!
//! What would be done is shown first; runs that are cut off are done again; and no key is ever written in clear.

use std::fs;
use std::path::Path;

use model::{CertificateState, DeliveryState};
use serde_json::{Value, json};
use sim::User;
use store::{CertificateRow, Store as _};

use crate::certificates::{openssl, text};
use crate::home::{AGENTS, write_private};
use crate::proof;
use crate::secrets::{Search, written};
use crate::windows_ca::{PASSWORD, WindowsCa, done};
use crate::world::{SMIME, World};

/// Users of the tenant with whom the directory was read: people first.
pub(crate) async fn people(world: &World) -> Vec<User> {
    world.json(&["plan"]).await;
    let is_mailbox = |user: &User| world.sim.mailboxes().iter().any(|mailbox| mailbox.user_id == user.id);
    world.sim.users().into_iter().filter(|user| user.account_enabled && !is_mailbox(user)).collect()
}

pub(crate) fn mail(user: &User) -> String {
    user.mail.clone().unwrap()
}

/// Verdicts by file name.
pub(crate) fn verdicts(told: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let name =
        |item: &Value| Path::new(&text(item, "file")).file_name().unwrap().to_str().unwrap().to_owned();
    told["items"].as_array().unwrap().iter().map(|item| (name(item), text(item, "verdict"))).collect()
}

pub(crate) fn item<'a>(told: &'a Value, name: &str) -> &'a Value {
    let items = told["items"].as_array().unwrap();
    items.iter().find(|item| Path::new(item["file"].as_str().unwrap()).file_name().unwrap() == name).unwrap()
}

pub(crate) async fn imported(world: &World) -> Vec<CertificateRow> {
    let all = proof::certificates(world).await.into_iter();
    all.filter(|row| row.authority_name.starts_with("Imported")).collect()
}

/// Opens an imported key with an agent of ours, by the command line, and has openssl compare it with the original.
async fn opens_with_our_agent(world: &World, ca: &WindowsCa, name: &str, agent: &str) {
    let which = ca.certificate(name).thumbprint().to_string();
    let out = world.folder().join("agents").join(format!("{name}-{agent}.p12"));
    let password = out.with_extension("password");
    let (kra, secret) = (world.agent(agent, "p12"), world.agent(agent, "password"));
    let (kra, secret, out, password) =
        (kra.to_str().unwrap(), secret.to_str().unwrap(), out.to_str().unwrap(), password.to_str().unwrap());
    let mut open = vec!["recovery", "open", &which, "--kra", kra, "--password-file", secret];
    open.extend(["--out", out, "--out-password", password, "--reason", "is it there?"]);
    world.json(&open).await;
    let given = format!("pass:{}", fs::read_to_string(password).unwrap());
    let key = openssl(&["pkcs12", "-in", out, "-passin", &given, "-nodes", "-nocerts"]);
    assert!(key.status.success(), "{}", text(&key));
    let pem = world.folder().join("agents/opened.pem");
    fs::write(&pem, &key.stdout).unwrap();
    let original = ca.path("made").join(format!("{name}.key"));
    let canonical = |path: &Path| openssl(&["pkey", "-in", path.to_str().unwrap(), "-outform", "DER"]).stdout;
    assert!(!canonical(&pem).is_empty());
    assert_eq!(canonical(&pem), canonical(&original), "{name}: the very key");
}

/// What of the archive below can be imported.
const GOOD: [&str; 5] = ["a-now", "b-old", "c-upn", "d-shared", "i-signature"];

/// An archive with everything that one finds in archives.
fn archive(world: &World, people: &[User]) -> WindowsCa {
    let ca = WindowsCa::new();
    let mailbox = &world.sim.mailboxes()[0];
    ca.archives(&[
        json!({"name": "a-now", "mails": [mail(&people[0]).to_uppercase()], "signer": true}),
        json!({"name": "b-old", "mails": [mail(&people[0])], "age": 2000, "days": 700, "cipher": "aes256",
               "transport": "oaep-sha256", "text": "base64-crlf"}),
        json!({"name": "c-upn", "upn": people[1].user_principal_name, "key": "p-256", "layers": "raw", "text": "ber"}),
        json!({"name": "d-shared", "mails": [mailbox.address], "form": "rsa3", "layers": "enveloped"}),
        json!({"name": "e-two-people", "mails": [mail(&people[1]), mail(&people[2])]}),
        json!({"name": "f-stranger", "mails": ["nobody@elsewhere.example"]}),
        json!({"name": "g-other-agent", "mails": [mail(&people[2])], "kras": [ca.at("other-kra.crt")]}),
        json!({"name": "h-files", "mails": [mail(&people[2])], "usage": "files"}),
        json!({"name": "i-signature", "mails": [mail(&people[2])], "usage": "signature"}),
        json!({"name": "j-first", "mails": [mail(&people[3])]}),
        json!({"name": "k-again", "mails": [mail(&people[3])], "key": "j-first"}),
        json!({"name": "l-wrong-key", "mails": [mail(&people[3])], "form": "garbage"}),
        json!({"name": "m-nobody", "mails": [mail(&people[3])], "kras": []}),
    ]);
    let blobs = ca.path("blobs");
    fs::copy(blobs.join("a-now"), blobs.join("n-copy")).unwrap();
    fs::write(blobs.join("o-page"), "<!DOCTYPE html><html></html>").unwrap();
    fs::write(blobs.join("p-empty"), "").unwrap();
    let whole = fs::read(blobs.join("d-shared")).unwrap();
    fs::write(blobs.join("q-cut"), &whole[..whole.len() / 2]).unwrap();
    ca
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_previewed_imported_through_kills_opened_delivered_and_never_written_in_clear() {
    let world = World::of(4, 1).await;
    let people = people(&world).await;
    let ca = archive(&world, &people);
    is_shown_and_nothing_is_done(&world, &ca, &people).await;
    goes_into_the_archive_through_kills(&world, &ca).await;
    reaches_the_devices_once(&world, &ca).await;
    no_key_is_written(&world, &ca);
    world.store.check().await.unwrap();
    assert!(world.store.read().await.unwrap().audit().verify().await.unwrap().is_ok());
}

/// The preview, for scripts and for people: nothing is opened or written.
async fn is_shown_and_nothing_is_done(world: &World, ca: &WindowsCa, people: &[User]) {
    let plan = ca.import(world, &["--plan"]).await;
    assert_eq!(plan.code, Some(3), "some need a person: {plan:?}");
    let plan = plan.json();
    let expected = [
        ("a-now", "import"),
        ("b-old", "import"),
        ("c-upn", "import"),
        ("d-shared", "import"),
        ("e-two-people", "conflict"),
        ("f-stranger", "nobody"),
        ("g-other-agent", "otherAgent"),
        ("h-files", "notForMail"),
        ("i-signature", "import"),
        ("j-first", "conflict"),
        ("k-again", "conflict"),
        ("l-wrong-key", "import"),
        ("m-nobody", "otherAgent"),
        ("n-copy", "present"),
        ("o-page", "unreadable"),
        ("p-empty", "unreadable"),
        ("q-cut", "unreadable"),
    ];
    assert_eq!(verdicts(&plan), expected.map(|(name, verdict)| (name.to_owned(), verdict.to_owned())));
    assert_eq!(
        item(&plan, "a-now")["subscriber"]["userPrincipalName"],
        people[0].user_principal_name.as_str()
    );
    assert_eq!(item(&plan, "d-shared")["subscriber"]["sharedMailbox"], true);
    assert!(item(&plan, "b-old")["notes"][0].as_str().unwrap().contains("ended on"), "{plan}");
    let why = |name: &str| item(&plan, name)["why"].as_str().unwrap().to_owned();
    assert!(why("e-two-people").contains(&people[2].user_principal_name), "{}", why("e-two-people"));
    assert!(why("g-other-agent").contains("Windows other-kra"), "{}", why("g-other-agent"));
    assert!(why("j-first").contains("k-again") && why("k-again").contains("j-first"));
    assert!(why("o-page").contains("web page") && why("p-empty").contains("empty"));
    let all = ca.arguments(&["--plan"]);
    let told = world.run(&all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(told.stdout.contains("6 to be imported") && told.stdout.contains("(shared mailbox)"), "{told:?}");
    let asked = ca.import(world, &[]).await.failure_with(2);
    assert!(asked.contains("say --yes, or look with --plan"), "{asked}");
    assert!(
        imported(world).await.is_empty() && proof::recorded(world, "KEY_IMPORT").await.is_empty(),
        "nothing was done"
    );
}

/// Killed with the key open; killed again when it was stored; then to the end.
async fn goes_into_the_archive_through_kills(world: &World, ca: &WindowsCa) {
    ca.import_killed(world, "kill:import.inside:2", &["--yes"]).await;
    assert_eq!(imported(world).await.len(), 1, "the first was stored wholly, the second not at all");
    ca.import_killed(world, "kill:import.after:1", &["--yes"]).await;
    assert_eq!(imported(world).await.len(), 2);
    let run = ca.import(world, &["--yes"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    let told = run.json();
    assert_eq!(
        (told["counts"]["imported"].as_u64(), told["counts"]["failed"].as_u64()),
        (Some(3), Some(1)),
        "{told}"
    );
    assert!(item(&told, "l-wrong-key")["failure"].as_str().unwrap().contains("does not open"), "{told}");
    let mut rows = imported(world).await;
    assert_eq!(rows.len(), GOOD.len());
    for name in GOOD {
        let at = rows.iter().position(|row| row.certificate.thumbprint == ca.certificate(name).thumbprint());
        let row = rows.remove(at.unwrap());
        let superseded = name == "b-old";
        assert_eq!(row.certificate.state == CertificateState::Superseded, superseded, "{name}: {row:?}");
        assert!(row.certificate.archived);
    }
    for (name, agent) in GOOD.iter().zip(AGENTS.iter().cycle()) {
        opens_with_our_agent(world, ca, name, agent).await;
    }
    let recorded = proof::recorded(world, "KEY_IMPORT").await;
    assert!(recorded.iter().all(|(_, _, detail)| detail.contains("ticket 4711")), "{recorded:?}");
    let of =
        |kind: &str, outcome: &str| recorded.iter().filter(|(k, o, _)| k == kind && o == outcome).count();
    // Five good ones, one of them begun twice; the bad one.
    assert_eq!(of("KEY_IMPORT_REQUEST", "success"), 7, "{recorded:?}");
    assert_eq!(of("KEY_IMPORT_REQUEST_PROCESSED", "success"), 5);
    assert_eq!(of("KEY_IMPORT_REQUEST_PROCESSED", "failure"), 1);
}

/// Handed over afterwards; killed when Intune has it and we have not noted it.
async fn reaches_the_devices_once(world: &World, ca: &WindowsCa) {
    ca.import_killed(world, "kill:import.delivered:1", &["--yes", "--deliver"]).await;
    let told = ca.import(world, &["--yes", "--deliver"]).await.json();
    let signature = item(&told, "i-signature")["why"].as_str().unwrap();
    assert!(signature.contains("for signatures only"), "its key decrypts nothing: {told}");
    let holders = world.sim.mailboxes()[0].holders.len();
    let created = world.sim.pfx_created();
    assert_eq!(created.len(), 3 + holders, "{created:?}");
    assert_eq!(world.sim.pfx_duplicates(), 0);
    for record in world.sim.pfx_records() {
        let text = format!("{record:?}").to_lowercase();
        assert!(text.contains("smimeencryption"), "{record:?}");
    }
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!(devices.failures().collect::<Vec<_>>(), Vec::<&sim::DeviceCheck>::new());
    assert!(devices.canaries_decrypted() >= 3 + holders, "{devices:?}");
    let third = ca.import(world, &["--yes", "--deliver"]).await.json();
    assert_eq!(world.sim.pfx_created().len(), 3 + holders, "nothing is sent twice: {third}");
    for row in imported(world).await {
        for delivery in world.store.read().await.unwrap().deliveries().list(row.certificate.id).await.unwrap()
        {
            assert_eq!(delivery.state, DeliveryState::Present);
        }
    }
}

/// What was written anywhere holds no key.
fn no_key_is_written(world: &World, ca: &WindowsCa) {
    let mut search = Search::new();
    for name in GOOD {
        search.key(&format!("the key {name}"), &ca.key(name));
    }
    search.text("the password of the agent", PASSWORD);
    let files = written(world);
    assert!(files.iter().any(|(name, bytes)| name == "home/sealwright.db" && bytes.len() > 100_000));
    assert!(files.iter().any(|(name, _)| name.starts_with("kill-")));
    for (name, bytes) in &files {
        assert_eq!(search.find(bytes), None, "found in {name}");
    }
    let opened = fs::read(world.folder().join("agents/opened.pem")).unwrap();
    assert!(search.find(&opened).is_some(), "it would be found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_imported_is_shown_as_such_and_neither_renewed_nor_revoked_from_here() {
    let world = World::of(1, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "ending", "mails": [mail(&people[0])], "age": 360, "days": 365, "key": "p-384"}),
        json!({"name": "newer", "mails": [mail(&people[0])], "key": "rsa-1024"}),
    ]);
    ca.import(&world, &["--yes"]).await.done();
    // The plan goes its way: one certificate of our own for each template, and none in place of the imported ones.
    let applied = world.json(&["apply"]).await;
    assert_eq!(applied["started"].as_u64(), Some(2), "{applied}");
    let again = world.json(&["plan"]).await;
    assert!(again["intents"].as_array().unwrap().is_empty(), "{again}");
    let which = ca.certificate("newer").thumbprint().to_string();
    let shown = world.json(&["certificate", "show", &which]).await;
    assert_eq!(shown["line"]["authority"], "Imported from AD CS", "{shown}");
    assert_eq!((&shown["line"]["status"], &shown["line"]["imported"]), (&json!("valid"), &json!(true)));
    assert!(shown["reason"].as_str().unwrap().starts_with("imported from AD CS (RSA 1024): "), "{shown}");
    assert_eq!(shown["issuer"], "CN=Nordwind Issuing CA 1");
    let older =
        world.json(&["certificate", "show", &ca.certificate("ending").thumbprint().to_string()]).await;
    assert_eq!(older["line"]["status"], "superseded", "{older}");
    let commands: [(&[&str], &str); 2] = [
        (&["certificate", "revoke", &which, "--yes"], "the authority that issued it"),
        (&["certificate", "renew", &which], "by a template"),
    ];
    for (command, expected) in commands {
        let refused = world.run_json(command).await.failure();
        assert!(refused.contains("imported from AD CS") && refused.contains(expected), "{refused}");
    }
    let lint = world.json(&["template", "lint"]).await;
    assert!(!lint.to_string().contains("Imported"), "{lint}");
    let doctor = world.run(&["doctor"]).await;
    assert!(!doctor.stdout.contains("authority Imported"), "{doctor:?}");
    let checked = world.run(&["authority", "check"]).await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let listed = world.run(&["authority", "list"]).await;
    assert!(listed.stdout.contains("issues nothing"), "{listed:?}");
    // Nobody can be enrolled by the template that stands for them.
    let exported = world.run(&["template", "export", "Imported from AD CS"]).await.stdout;
    let refused = world.import_text(&exported.replace("enabled = false", "enabled = true")).await.failure();
    assert!(refused.contains("issues no certificates"), "{refused}");
    // Imported again from files, it is there already.
    let own = ca.import(&world, &["--yes"]).await.done();
    assert_eq!(own["counts"]["present"].as_u64(), Some(2), "{own}");
    assert!(proof::certificates(&world).await.iter().any(|row| row.template_name == SMIME));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_is_needed_nothing_is_opened() {
    let world = World::of(1, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[json!({"name": "one", "mails": [mail(&people[0])], "key": "p-256"})]);
    let refused = ca.import(&world, &["--yes", "--reason", " "]).await;
    assert_eq!(refused.code, Some(2), "given twice: {refused:?}");
    // What is about a CA that is asked says nothing where files are given.
    for option in [["--template", "User"], ["--state", "issued"], ["--certutil", "certutil"]] {
        let refused = ca.import(&world, &option).await;
        assert_eq!(refused.code, Some(2), "{option:?}: {refused:?}");
    }
    let wrong = ca.path("wrong");
    write_private(&wrong, b"wrong");
    let (blobs, kra, anchor) = (ca.at("blobs"), ca.at("kra.p12"), ca.at("made/ca.crt"));
    let run = async |password: &Path, blobs: &str, reason: &str| {
        let password = password.to_str().unwrap();
        let all = [
            "import",
            "adcs",
            blobs,
            "--ca",
            &anchor,
            "--kra",
            &kra,
            "--password-file",
            password,
            "--yes",
            "--reason",
            reason,
        ];
        world.run_json(&all).await.failure()
    };
    let password = ca.path("password");
    assert!(run(&wrong, &blobs, "r").await.contains("the password is wrong"));
    assert!(run(&password, &blobs, "  ").await.contains("needs a reason"));
    fs::create_dir(ca.path("nothing")).unwrap();
    assert!(run(&password, &ca.at("nothing"), "r").await.contains("there is no file"));
    let missing = world
        .run_json(&[
            "import",
            "adcs",
            "no-such-file",
            "--ca",
            &anchor,
            "--kra",
            &kra,
            "--password-file",
            password.to_str().unwrap(),
            "--yes",
            "--reason",
            "r",
        ])
        .await;
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.json()["items"][0]["why"].as_str().unwrap().contains("cannot be read"));
    for agent in AGENTS {
        let (_, certificate) = proof::agent(&world, agent);
        world.json(&["kra", "remove", &certificate.thumbprint().to_string()]).await;
    }
    assert!(run(&password, &blobs, "r").await.contains("no key recovery agent"));
    assert!(imported(&world).await.is_empty() && proof::recorded(&world, "KEY_IMPORT").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn intune_being_down_keeps_no_key_from_the_archive() {
    let world = World::of(2, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "one", "mails": [mail(&people[0])], "key": "p-256"}),
        json!({"name": "two", "mails": [mail(&people[1])], "key": "p-256"}),
    ]);
    world.sim.set_enabled(people[1].id, false).unwrap();
    world.sim.set_roles(&["User.Read.All", "GroupMember.Read.All"]);
    let told = ca.import(&world, &["--yes", "--deliver"]).await;
    assert_eq!(told.code, Some(3), "{told:?}");
    let told = told.json();
    assert_eq!(
        (told["counts"]["imported"].as_u64(), told["counts"]["notHandedOver"].as_u64()),
        (Some(2), Some(2)),
        "{told}"
    );
    let blocked = item(&told, "two")["notHandedOver"][0].as_str().unwrap().to_owned();
    assert!(blocked.contains("blocked in Entra"), "{blocked}");
    opens_with_our_agent(&world, &ca, "one", AGENTS[0]).await;
}

/// Makes a PKCS#12 file with openssl, of a key and a certificate that the other program made.
pub(crate) fn pfx(ca: &WindowsCa, made: &str, out: &Path, password: &str, more: &[&str]) {
    let at = |name: &str| ca.path("made").join(name).to_str().unwrap().to_owned();
    let (key, crt, chain) = (at(&format!("{made}.key")), at(&format!("{made}.crt")), at("ca.crt"));
    let secret = format!("pass:{password}");
    let mut all = vec!["pkcs12", "-export", "-in", &crt, "-out", out.to_str().unwrap(), "-passout", &secret];
    if more.is_empty() {
        all.extend(["-inkey", &key, "-certfile", &chain]);
    }
    all.extend(more);
    done(&all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_pfx_files_is_imported_with_its_list_of_passwords() {
    let world = World::of(4, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    let orders: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(number, person)| json!({"name": format!("p{number}"), "mails": [mail(person)], "kras": []}))
        .collect();
    ca.archives(&orders);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    pfx(&ca, "p0", &file("Jörg Müller.pfx"), "pässwörd,\"with\";all", &[]);
    pfx(&ca, "p1", &file("common.p12"), "common", &[]);
    pfx(&ca, "p2", &file("wrong.pfx"), "right", &[]);
    pfx(&ca, "p3", &file("no-key.pfx"), "common", &["-nokeys"]);
    pfx(&ca, "p3", &file("cut.pfx"), "common", &[]);
    let whole = fs::read(file("cut.pfx")).unwrap();
    fs::write(file("cut.pfx"), &whole[..whole.len() / 2]).unwrap();
    fs::write(file("readme.txt"), "not one of them").unwrap();
    let list = file("passwords.csv");
    fs::write(
        &list,
        "\u{feff}file,password\r\nJörg Müller.pfx,\"pässwörd,\"\"with\"\";all\"\r\nwrong.pfx,guess\r\n*,common\r\nleft.pfx,x\r\n",
    )
    .unwrap();
    let (place, csv, anchor) = (folder.path(), list.to_str().unwrap().to_owned(), ca.at("made/ca.crt"));
    let import = async |more: &[&str]| {
        let mut all = vec!["import", "pfx", place.to_str().unwrap(), "--passwords", &csv, "--ca", &anchor];
        all.extend(["--reason", "ticket 4712"]);
        all.extend(more);
        world.run_json(&all).await
    };
    let refused = import(&["--yes", "--deliver"]).await.failure();
    assert!(refused.contains("chmod 600"), "anybody may read it: {refused}");
    assert!(imported(&world).await.is_empty());
    write_private(&list, &fs::read(&list).unwrap());
    let told = import(&["--yes", "--deliver"]).await;
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(told.stderr.contains("names `left.pfx`, and there is no such file"), "{told:?}");
    assert!(told.stderr.contains("delete both"), "{told:?}");
    for secret in ["pässwörd", "guess"] {
        assert!(!format!("{}{}", told.stdout, told.stderr).contains(secret), "{told:?}");
    }
    let told = told.json();
    assert_eq!(
        (told["counts"]["imported"].as_u64(), told["counts"]["handedOver"].as_u64()),
        (Some(2), Some(2)),
        "{told}"
    );
    let why = |name: &str| item(&told, name)["why"].as_str().unwrap().to_owned();
    assert!(why("wrong.pfx").contains("the password does not open"), "{}", why("wrong.pfx"));
    assert!(why("no-key.pfx").contains("no private key"), "{}", why("no-key.pfx"));
    assert!(why("cut.pfx").contains("cut off"), "{}", why("cut.pfx"));
    let rows = imported(&world).await;
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter().all(|row| row.authority_name == "Imported from PFX files" && row.certificate.archived)
    );
    let recorded = proof::recorded(&world, "KEY_IMPORT").await;
    assert_eq!(recorded.len(), 4, "{recorded:?}");
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!(devices.failures().count(), 0, "{devices:?}");
    assert!(devices.canaries_decrypted() >= 2);
    // A private list without the row for all others, and once more.
    write_private(&list, "file;password\nwrong.pfx;right\n".as_bytes());
    let told = import(&["--yes"]).await;
    let told = told.json();
    assert_eq!(told["counts"]["imported"].as_u64(), Some(1), "{told}");
    assert!(item(&told, "common.p12")["why"].as_str().unwrap().contains("no row for it"), "{told}");
    write_private(&list, b"file,password\nwrong.pfx,\"right\n");
    let refused = import(&["--yes"]).await.failure();
    assert!(refused.contains("never closed") || refused.contains("no end"), "{refused}");
}

/// In place of certutil: it answers as that program does for a CA of four certificates, of which two have archived keys, and notes
/// what it was asked.
fn certutil(ca: &WindowsCa) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let script = r#"#!/bin/sh
folder=$(dirname "$0")
echo "$*" >>"$folder/asked"
case "$1 $2 $3" in
  "-config CA01\Contoso CA -view")
    printf '"Heading"\r\n'
    case "$5" in
      Disposition=20*) printf '"6100000001"\r\n"6100000002"\r\n"6100000003"\r\n' ;;
      Disposition=21*) printf '"6100000004"\r\n' ;;
    esac ;;
  "-config CA01\Contoso CA -getkey")
    [ -f "$folder/archive/$4" ] || { echo "CertUtil: 0x8009480a (CERTSRV_E_KEY_ARCHIVAL): no archived key"; exit 10; }
    cp "$folder/archive/$4" "$5" ;;
  *) echo "CertUtil: The RPC server is unavailable. 0x800706ba"; exit 186 ;;
esac
"#;
    let program = ca.path("certutil");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_is_asked_for_its_archive_and_what_it_does_not_give_stops_nothing() {
    let world = World::of(2, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "first", "mails": [mail(&people[0])]}),
        json!({"name": "fourth", "mails": [mail(&people[1])]}),
    ]);
    fs::create_dir(ca.path("archive")).unwrap();
    for (name, serial) in [("first", "6100000001"), ("fourth", "6100000004")] {
        fs::copy(ca.path("blobs").join(name), ca.path("archive").join(serial)).unwrap();
    }
    let program = certutil(&ca);
    let from = async |ca_name: &str, more: &[&str]| {
        let (anchor, kra, password) = (ca.at("made/ca.crt"), ca.at("kra.p12"), ca.at("password"));
        let mut all = vec!["import", "adcs", "--from-ca", ca_name, "--certutil", &program, "--ca", &anchor];
        all.extend(["--kra", &kra, "--password-file", &password, "--reason", "ticket 4711"]);
        all.extend(more);
        world.run_json(&all).await
    };
    let name = "CA01\\Contoso CA";

    let away = from("CA02\\Contoso CA", &["--plan"]).await.failure();
    assert!(away.contains("The RPC server is unavailable") && away.contains("certutil -dump"), "{away}");
    let trick = from("CA01,Disposition=9", &["--plan"]).await.failure_with(2);
    assert!(trick.contains("names neither a CA nor a template"), "{trick}");

    let plan = from(name, &["--plan", "--template", "1.3.6.1.4.1.311.21.8.77"]).await;
    assert_eq!(plan.code, Some(0), "{plan:?}");
    assert!(plan.stderr.contains("no key for 2 of 4 certificates"), "{plan:?}");
    assert_eq!(plan.json()["items"].as_array().map(Vec::len), Some(2), "{plan:?}");
    let asked = fs::read_to_string(ca.path("asked")).unwrap();
    assert!(asked.contains("Disposition=20,CertificateTemplate=1.3.6.1.4.1.311.21.8.77"), "{asked}");

    let issued = from(name, &["--yes", "--state", "issued"]).await;
    assert_eq!(issued.code, Some(0), "{issued:?}");
    assert_eq!(imported(&world).await.len(), 1);
    from(name, &["--yes"]).await.done();
    assert_eq!(imported(&world).await.len(), 2);
    opens_with_our_agent(&world, &ca, "fourth", AGENTS[0]).await;

    let without = ["import", "adcs", "--from-ca", name, "--ca", "x", "--kra", "y", "--reason", "z", "--plan"];
    let elsewhere = world.run(&without).await;
    assert_ne!(elsewhere.code, Some(0));
}
