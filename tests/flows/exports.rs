//! `demo --tenant FILE`: real exports of Graph, with people of all kinds. Each of them ends in a certificate or in a sentence.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use store::{CertificateFilter, CertificateOrder, PageRequest, Store as _};
use store_sql::{Location, Options, SqlStore};
use tempfile::TempDir;
use tokio::process::Command;

use crate::home::PROGRAM;
use crate::program::Ran;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/flows/fixtures").join(name)
}

struct Demo {
    folder: TempDir,
}

impl Demo {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(PROGRAM);
        command.args(["demo", "--headless", "--json", "--key", "p-256"]).args(arguments);
        command.current_dir(self.folder.path()).env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG");
        Ran::of(command).await
    }

    /// Runs it on an export and keeps the home.
    async fn of(&self, export: &str, arguments: &[&str]) -> Ran {
        let file = fixture(export);
        let mut all = vec!["--tenant", file.to_str().unwrap(), "--keep", "kept"];
        all.extend(arguments);
        self.run(&all).await
    }

    /// Runs a command on the home that was kept.
    async fn afterwards(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(PROGRAM);
        command.args(["--home", "kept", "--json"]).args(arguments).current_dir(self.folder.path());
        Ran::of(command).await.done()
    }
}

impl Demo {
    /// Common names by the subscriber's sign-in name and the template, from the home that was kept.
    async fn served(&self) -> BTreeMap<(String, String), String> {
        let database = self.folder.path().join("kept/sealwright.db");
        let store = SqlStore::open(&Location::Sqlite(database), &Options::default()).await.unwrap();
        let mut work = store.read().await.unwrap();
        let page = PageRequest::first(500);
        let all = CertificateFilter::default();
        let listed = work.certificates().list(&all, CertificateOrder::CommonName, &page).await.unwrap();
        let mut served = BTreeMap::new();
        for row in listed.rows {
            let subscriber = work.subscribers().lookup(row.certificate.subscriber).await.unwrap().unwrap();
            let key = (subscriber.user_principal_name.to_lowercase(), row.template_name);
            assert_eq!(served.insert(key, row.certificate.common_name), None, "one of each kind");
        }
        drop(work);
        store.close().await;
        served
    }
}

fn count(told: &Value, figure: &str) -> u64 {
    told[figure].as_u64().unwrap_or_else(|| panic!("{figure} in {told}"))
}

/// Sentences by sign-in name and template.
fn sentences(told: &Value) -> BTreeMap<(String, String), String> {
    let mut sentences = BTreeMap::new();
    for skipped in told["skipped"].as_array().unwrap() {
        let (who, why) = (skipped["who"].as_str().unwrap(), skipped["why"].as_str().unwrap());
        let (rest, template) = who.rsplit_once("), ").unwrap_or((who.trim_end_matches(')'), "any"));
        let (_, upn) = rest.rsplit_once('(').unwrap_or_else(|| panic!("who is that? {who}"));
        let before = sentences.insert((upn.to_lowercase(), template.to_owned()), why.to_owned());
        assert_eq!(before, None, "one sentence for each person and template: {who}");
    }
    sentences
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_in_an_export_ends_in_a_certificate_or_in_a_sentence() {
    let demo = Demo::new();
    let told = demo.of("people-of-all-kinds.json", &[]).await.done();
    let export: Value =
        serde_json::from_slice(&std::fs::read(fixture("people-of-all-kinds.json")).unwrap()).unwrap();
    let people = export["value"].as_array().unwrap();
    assert_eq!((count(&told, "people"), count(&told, "mailboxes")), (people.len() as u64 - 1, 2));
    for nothing in ["duplicates", "in_flight"] {
        assert_eq!(count(&told, nothing), 0, "{nothing}");
    }
    for all in ["delivered", "opened_on_devices"] {
        assert_eq!(count(&told, all), count(&told, "certificates"), "{all}");
    }
    assert_eq!(count(&told, "archived"), count(&told, "to_be_archived"));
    assert_eq!(count(&told, "canaries_decrypted"), count(&told, "archived"));

    let served = demo.served().await;
    let sentences = sentences(&told);
    for person in people {
        let upn = person["userPrincipalName"].as_str().unwrap().to_lowercase();
        for template in ["S/MIME", "Sign-in"] {
            let key = (upn.clone(), template.to_owned());
            let told =
                sentences.contains_key(&key) || sentences.contains_key(&(upn.clone(), "any".to_owned()));
            let own = served.contains_key(&key);
            assert!(own != told, "{upn} and {template}: certificate {own}, sentence {told}");
        }
    }
    for (who, template, what) in [
        ("ohne.postfach@nordwind.example.com", "S/MIME", "has no mail address"),
        ("empfang.nord@nordwind.example.com", "S/MIME", "neither a first name nor a family name"),
        ("peter.doppelt@nordwind.example.com", "S/MIME", "also belongs to Petra Doppelt"),
        ("petra.doppelt@nordwind.example.com", "S/MIME", "also belongs to Peter Doppelt"),
        ("gast_web.example.org#ext#@nordwind.onmicrosoft.com", "Sign-in", "guest"),
        ("zoe.uemlaut@nordwind.example.com", "S/MIME", "letters beyond ASCII"),
        ("nur.anmeldung@nordwind.onmicrosoft.com", "S/MIME", "has no mail address"),
        ("nur.emoji@nordwind.example.com", "S/MIME", "neither a first name nor a family name"),
        ("zu.langer@nordwind.example.com", "S/MIME", "64 characters before"),
        ("m.und.a@nordwind.example.com", "S/MIME", "HTML entity"),
        ("beschaedigt@nordwind.example.com", "S/MIME", "damaged character"),
        ("ohne.domaene@nordwind.example.com", "S/MIME", "name@domain"),
        ("gesperrt@nordwind.example.com", "any", "may not sign in"),
    ] {
        let why = sentences
            .get(&(who.to_owned(), template.to_owned()))
            .unwrap_or_else(|| panic!("nothing about {who}"));
        assert!(why.contains(what), "{who}: {why}");
    }
    assert_eq!(sentences.len(), 13, "nobody else is refused: {sentences:#?}");
    for (upn, template, name) in [
        ("juergen.mueller@nordwind.example.com", "S/MIME", "Jürgen Müller-Lüdenscheidt"),
        ("moshe.cohen@nordwind.example.com", "S/MIME", "משה כהן"),
        ("abdulrahman@nordwind.example.com", "Sign-in", "عبد الرحمن بن محمد"),
        ("paula@nordwind.example.com", "S/MIME", "Party 🎉 Paula"),
        ("anna.namenlos@nordwind.example.com", "S/MIME", "Anna Namenlos"),
        ("m.hohenstein@nordwind.example.com", "S/MIME", "m.hohenstein@nordwind.example.com"),
        ("lang@nordwind.example.com", "Sign-in", "lang@nordwind.example.com"),
        ("soenke@nordwind.example.com", "Sign-in", "Sönke Oköner"),
        ("leer.zeichen@nordwind.example.com", "S/MIME", "Leer Zeichen"),
        ("alt.adresse@nordwind.example.com", "S/MIME", "Alt Adresse"),
        ("langer.briefkasten@nordwind.example.com", "S/MIME", "Langer Briefkasten"),
    ] {
        assert_eq!(
            served.get(&(upn.to_owned(), template.to_owned())).map(String::as_str),
            Some(name),
            "{upn}"
        );
    }
    assert_eq!(demo.afterwards(&["audit", "verify"]).await["intact"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_nobody_ends_well_with_nothing() {
    let demo = Demo::new();
    let told = demo.of("nobody.json", &["--mailboxes", "0"]).await.done();
    for figure in ["people", "mailboxes", "certificates", "delivered", "archived", "duplicates", "in_flight"]
    {
        assert_eq!(count(&told, figure), 0, "{figure}");
    }
    assert_eq!(told["skipped"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_that_nobody_holds_end_in_a_sentence() {
    let told = Demo::new().of("nobody.json", &["--mailboxes", "1"]).await.done();
    assert_eq!((count(&told, "mailboxes"), count(&told, "certificates")), (1, 0));
    let why = told["skipped"][0]["why"].as_str().unwrap();
    assert!(why.contains("nobody is named who may use it"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_export_is_refused_with_its_kind() {
    for (file, told) in [
        ("web-page.html", "this is a web page"),
        ("error-answer.json", "Access token has expired"),
        ("no-such-file.json", "cannot be read"),
    ] {
        let refused = Demo::new().of(file, &[]).await.failure();
        assert!(refused.contains(told) && refused.contains(file), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_never_writes_into_a_home_that_is_in_use() {
    let demo = Demo::new();
    demo.of("nobody.json", &["--mailboxes", "0"]).await.done();
    let before = std::fs::read(demo.folder.path().join("kept/installation.key")).unwrap();
    let refused = demo.of("nobody.json", &[]).await.failure();
    assert!(refused.contains("holds a Sealwright already"), "{refused}");
    assert_eq!(std::fs::read(demo.folder.path().join("kept/installation.key")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_people_are_all_served() {
    let told = Demo::new().run(&["--people", "5", "--mailboxes", "1", "--recover", "6"]).await.done();
    let figures = [
        "people",
        "mailboxes",
        "certificates",
        "delivered",
        "opened_on_devices",
        "canaries_decrypted",
        "archived",
    ];
    let found: Vec<u64> = figures.iter().map(|figure| count(&told, figure)).collect();
    assert_eq!(found, [5, 1, 11, 11, 11, 6, 6]);
    assert_eq!((count(&told, "recovered"), count(&told, "duplicates"), count(&told, "in_flight")), (6, 0, 0));
    assert_eq!(told["skipped"].as_array().unwrap().len(), 0);
}
