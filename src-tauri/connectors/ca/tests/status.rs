//! The door to what authorities say, against lists on a web server and OpenSSL's responder.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ca::status::AuthorityStatus;
use crypto::X509Certificate;
use model::{Clock as _, Ids, RevocationReason, Span, Standing, SystemClock, SystemEntropy};
use net::{Client, Settings};
use ports::{StatusDoor as _, StatusError};
use support::ManualClock;
use tempfile::TempDir;

/// An authority that is OpenSSL's, and the addresses that its certificates name.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new(addresses: &str) -> Self {
        let authority = Self { folder: TempDir::new().unwrap() };
        let settings = format!(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial\n\
             crlnumber = crlnumber\ncertificate = ca.pem\nprivate_key = ca.key\ndefault_md = sha256\n\
             default_days = 30\ndefault_crl_days = 2\npolicy = any\nx509_extensions = person\n\
             [any]\ncommonName = supplied\n[req]\ndistinguished_name = any\n\
             [root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n\
             [person]\nbasicConstraints = CA:FALSE\n{addresses}\n"
        );
        fs::write(authority.path("ca.cnf"), settings).unwrap();
        fs::write(authority.path("index.txt"), "").unwrap();
        fs::write(authority.path("serial"), "1001").unwrap();
        fs::write(authority.path("crlnumber"), "01").unwrap();
        authority.key("ca");
        authority.run(
            "req -new -x509 -config ca.cnf -extensions root -key ca.key -subj /CN=Other -days 90 -out ca.pem",
        );
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &str) {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("`openssl` does not start: install the Debian package openssl");
        assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn key(&self, name: &str) {
        self.run(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"));
    }

    fn issue(&self, name: &str) -> Vec<u8> {
        self.key(name);
        self.run(&format!("req -new -config ca.cnf -key {name}.key -subj /CN={name} -out {name}.csr"));
        self.run(&format!("ca -batch -notext -config ca.cnf -in {name}.csr -out {name}.pem"));
        self.der(name)
    }

    fn der(&self, name: &str) -> Vec<u8> {
        X509Certificate::from_pem(&fs::read(self.path(&format!("{name}.pem"))).unwrap())
            .unwrap()
            .der()
            .to_vec()
    }

    fn list(&self) -> Vec<u8> {
        self.run("ca -config ca.cnf -gencrl -out list.pem");
        self.run("crl -in list.pem -outform DER -out list.crl");
        fs::read(self.path("list.crl")).unwrap()
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.der("ca")]
    }
}

/// A web server on loopback: what is at each path, and how often it was asked for.
#[derive(Clone)]
struct Web {
    port: u16,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Self {
            port: listener.local_addr().unwrap().port(),
            files: Arc::default(),
            asked: Arc::default(),
        };
        let serving = web.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.answer(stream);
            }
        });
        web
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        let mut octet = [0_u8; 1];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut octet) {
                Ok(1) => head.push(octet[0]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let answer = match self.files.lock().unwrap().get(&path) {
            Some(bytes) if path.starts_with("/moved") => {
                format!("HTTP/1.1 302 Found\r\nlocation: {}\r\n", String::from_utf8_lossy(bytes)).into_bytes()
            }
            Some(bytes) => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    bytes.len()
                );
                [head.into_bytes(), bytes.clone()].concat()
            }
            None => b"HTTP/1.1 404 Not Found\r\n".to_vec(),
        };
        let answer = if answer.starts_with(b"HTTP/1.1 200") {
            answer
        } else {
            [answer, b"content-length: 0\r\nconnection: close\r\n\r\n".to_vec()].concat()
        };
        let _ = stream.write_all(&answer);
    }

    fn put(&self, path: &str, bytes: Vec<u8>) {
        self.files.lock().unwrap().insert(path.to_owned(), bytes);
    }

    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|one| *one == path).count()
    }
}

fn door(limit: usize) -> AuthorityStatus {
    door_by(limit, Arc::new(SystemClock))
}

fn door_by(limit: usize, clock: Arc<dyn model::Clock>) -> AuthorityStatus {
    let entropy = Arc::new(SystemEntropy);
    let ids = Ids::new(clock.clone(), entropy.clone());
    let settings = Settings { answer_limit: limit, ..Settings::new("Sealwright/0") };
    AuthorityStatus::new(Client::new(&settings, ids, clock).unwrap(), entropy)
}

const USUAL: usize = 1_024 * 1_024;

#[tokio::test(flavor = "multi_thread")]
async fn one_list_tells_of_all_certificates_of_its_issuer_and_is_fetched_once() {
    let web = Web::start();
    let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address("/a.crl")));
    let (good, bad) = (authority.issue("good"), authority.issue("bad"));
    authority.run("ca -config ca.cnf -revoke bad.pem -crl_reason keyCompromise");
    web.put("/a.crl", authority.list());
    let door = door(USUAL);
    let chain = authority.chain();
    for _ in 0..3 {
        assert_eq!(door.word(&good, &chain).await.unwrap().unwrap().word.standing, Standing::Good);
    }
    let told = door.word(&bad, &chain).await.unwrap().unwrap();
    assert_eq!(told.address, web.address("/a.crl"));
    let word = told.word;
    assert!(matches!(word.standing, Standing::Revoked(_, RevocationReason::KeyCompromise)), "{word:?}");
    assert!(word.said_at <= SystemClock.now());
    assert_eq!(web.asked("/a.crl"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_with_its_address_and_not_tried_for_every_certificate() {
    let web = Web::start();
    let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address("/gone.crl")));
    let one = authority.issue("one");
    let door = door(USUAL);
    for _ in 0..3 {
        let error = door.word(&one, &authority.chain()).await.unwrap_err();
        assert!(
            matches!(&error, StatusError::Unreadable { address, .. } if address.ends_with("/gone.crl")),
            "{error}"
        );
    }
    assert_eq!(web.asked("/gone.crl"), 1);
    let error = door.word(&one, &[]).await.unwrap_err();
    assert!(matches!(error, StatusError::Unaskable(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed_and_nothing_longer_than_allowed_is_read() {
    let web = Web::start();
    let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address("/moved.crl")));
    let one = authority.issue("one");
    web.put("/moved.crl", web.address("/real.crl").into_bytes());
    web.put("/real.crl", authority.list());
    let error = door(USUAL).word(&one, &authority.chain()).await.unwrap_err();
    assert!(error.to_string().contains("redirect"), "{error}");
    assert_eq!(web.asked("/real.crl"), 0);

    let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address("/long.crl")));
    let one = authority.issue("one");
    web.put("/long.crl", vec![0x30; 5_000]);
    let error = door(4_096).word(&one, &authority.chain()).await.unwrap_err();
    assert!(matches!(error, StatusError::Unreadable { .. }), "{error}");
    web.put("/long.crl", authority.list());
    assert_eq!(
        door(4_096).word(&one, &authority.chain()).await.unwrap().unwrap().word.standing,
        Standing::Good
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_addresses_of_the_web_are_asked_and_who_names_none_is_silent() {
    for (named, part) in [
        ("ldap://ldap.example.com/cn=list", "only http"),
        ("file:///etc/passwd", "only http"),
        ("http://169.254.169.254/latest", "link-local"),
        ("http://[::ffff:169.254.169.254]/latest", "link-local"),
        ("http://somebody:secret@pki.example.com/a.crl", "anybody"),
    ] {
        let authority = Authority::new(&format!("crlDistributionPoints = URI:{named}"));
        let error = door(USUAL).word(&authority.issue("one"), &authority.chain()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{named}: {error}");
    }
    let silent = Authority::new("keyUsage = digitalSignature");
    assert_eq!(door(USUAL).word(&silent.issue("one"), &silent.chain()).await.unwrap(), None);
}

/// OpenSSL's responder, until it is dropped.
struct Responder(Child);

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Responder {
    fn start(authority: &Authority, port: u16) -> Self {
        let arguments =
            format!("ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -ndays 2 -port {port}");
        let log = fs::File::create(authority.path("responder.log")).unwrap();
        let child = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(authority.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        // A connection on which nothing is asked would keep it busy for ever: it is believed when it says that it waits.
        while !fs::read_to_string(authority.path("responder.log")).unwrap().contains("waiting for") {
            assert!(begun.elapsed() < Duration::from_secs(20), "the responder does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self(child)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_list_cannot_be_read_openssl_s_responder_is_asked() {
    let web = Web::start();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let authority = Authority::new(&format!(
        "crlDistributionPoints = URI:{}\nauthorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}/",
        web.address("/gone.crl")
    ));
    let (good, held) = (authority.issue("good"), authority.issue("held"));
    authority.run("ca -config ca.cnf -revoke held.pem -crl_reason certificateHold");
    let door = door(USUAL);
    let responder = Responder::start(&authority, port);
    let chain = authority.chain();
    assert_eq!(door.word(&good, &chain).await.unwrap().unwrap().word.standing, Standing::Good);
    let held = door.word(&held, &chain).await.unwrap().unwrap().word.standing;
    assert!(matches!(held, Standing::Held(_)), "{held:?}");
    drop(responder);
    let error = door.word(&good, &chain).await.unwrap_err();
    assert!(error.to_string().contains("gone.crl"), "the first that failed: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_again_after_a_while_and_an_older_one_is_not_believed() {
    let web = Web::start();
    let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address("/a.crl")));
    let one = authority.issue("one");
    let chain = authority.chain();
    let before = authority.list();
    authority.run("ca -config ca.cnf -revoke one.pem -crl_reason superseded");
    web.put("/a.crl", authority.list());
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let door = door_by(USUAL, clock.clone());
    let standing = async || door.word(&one, &chain).await.map(|told| told.unwrap().word.standing);
    assert!(matches!(standing().await.unwrap(), Standing::Revoked(..)));
    // Somebody puts back the list from before the revocation; its signature and its dates are right.
    web.put("/a.crl", before);
    assert!(matches!(standing().await.unwrap(), Standing::Revoked(..)), "not read again as yet");
    assert_eq!(web.asked("/a.crl"), 1);
    clock.advance(Span::minutes(11));
    let error = standing().await.unwrap_err();
    assert!(error.to_string().contains("older list"), "{error}");
    assert_eq!(web.asked("/a.crl"), 2);
    web.put("/a.crl", authority.list());
    clock.advance(Span::minutes(11));
    assert!(matches!(standing().await.unwrap(), Standing::Revoked(..)));
    // Two days and a bit later nobody has published a newer one.
    clock.advance(Span::hours(49));
    let error = standing().await.unwrap_err();
    assert!(error.to_string().contains("no newer one"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_many_authorities_in_turn_are_fetched_once_each() {
    let web = Web::start();
    let mut asked = Vec::new();
    for number in 0..6 {
        let path = format!("/{number}.crl");
        let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address(&path)));
        let one = authority.issue("one");
        web.put(&path, authority.list());
        asked.push((path, one, authority.chain()));
    }
    let door = door(USUAL);
    for _ in 0..3 {
        for (_, one, chain) in &asked {
            assert_eq!(door.word(one, chain).await.unwrap().unwrap().word.standing, Standing::Good);
        }
    }
    for (path, _, _) in &asked {
        assert_eq!(web.asked(path), 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_held_any_more_is_known_by_its_number() {
    let web = Web::start();
    let [one, other] = ["/a.crl", "/b.crl"].map(|path| {
        let authority = Authority::new(&format!("crlDistributionPoints = URI:{}", web.address(path)));
        let certificate = authority.issue("one");
        (authority, certificate)
    });
    let before = one.0.list();
    one.0.run("ca -config ca.cnf -revoke one.pem -crl_reason superseded");
    web.put("/a.crl", one.0.list());
    web.put("/b.crl", other.0.list());
    // Room for one of them.
    let door = door(USUAL).holding(1);
    let standing = async |whose: &(Authority, Vec<u8>)| {
        door.word(&whose.1, &whose.0.chain()).await.map(|told| told.unwrap().word.standing)
    };
    assert!(matches!(standing(&one).await.unwrap(), Standing::Revoked(..)));
    assert_eq!(standing(&other).await.unwrap(), Standing::Good);
    assert_eq!(standing(&other).await.unwrap(), Standing::Good);
    assert_eq!(web.asked("/b.crl"), 1, "the one that was read last is held");
    web.put("/a.crl", before);
    let error = standing(&one).await.unwrap_err();
    assert_eq!(web.asked("/a.crl"), 2, "it was not held");
    assert!(error.to_string().contains("older list"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_stranger_s_list_nor_a_web_page_is_believed() {
    let web = Web::start();
    let named = format!("crlDistributionPoints = URI:{}", web.address("/a.crl"));
    let (authority, stranger) = (Authority::new(&named), Authority::new(&named));
    let one = authority.issue("one");
    for (what, part) in
        [(stranger.list(), "signature"), (b"<html><body>Please sign in</body></html>".to_vec(), "web page")]
    {
        web.put("/a.crl", what);
        let error = door(USUAL).word(&one, &authority.chain()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_s_refusal_and_an_answer_that_is_none_are_told() {
    let web = Web::start();
    let named = format!("authorityInfoAccess = OCSP;URI:{}", web.address("/ocsp"));
    let authority = Authority::new(&named);
    let one = authority.issue("one");
    // tryLater, and unauthorized (RFC 6960 section 4.2.1).
    for (what, part) in [
        (vec![0x30, 0x03, 0x0a, 0x01, 0x03], "try later"),
        (vec![0x30, 0x03, 0x0a, 0x01, 0x06], "does not answer for this authority"),
        (b"<html></html>".to_vec(), "OCSP answer"),
    ] {
        web.put("/ocsp", what);
        let error = door(USUAL).word(&one, &authority.chain()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
