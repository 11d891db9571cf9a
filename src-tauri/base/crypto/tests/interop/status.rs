//! What OpenSSL's own authority says about certificates: its revocation lists, and its OCSP responder.

use crypto::X509Certificate;
use crypto::status::{RevocationList, StatusAddresses, ocsp_answer, ocsp_question, status_addresses};
use model::{Clock as _, RevocationReason, Span, Standing, SystemClock, Timestamp};

use crate::programs::Bench;

const NONCE: [u8; 32] = [7; 32];

const LIST: &str = "http://pki.example.com/one.crl";

const SETTINGS: &str = "
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_days = 2
policy = any
x509_extensions = person
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = any
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[person]
basicConstraints = CA:FALSE
crlDistributionPoints = URI:http://pki.example.com/one.crl
authorityInfoAccess = OCSP;URI:http://ocsp.example.com/a,caIssuers;URI:http://pki.example.com/ca.cer
[responder]
basicConstraints = CA:FALSE
extendedKeyUsage = OCSPSigning
noCheck = ignored
[careless]
basicConstraints = CA:FALSE
extendedKeyUsage = OCSPSigning
[partial]
issuingDistributionPoint = critical,@some
[some]
fullname = URI:http://pki.example.com/one.crl
onlyCA = TRUE
[elsewhere]
issuingDistributionPoint = critical,@other
[other]
fullname = URI:http://pki.example.com/two.crl
[here]
issuingDistributionPoint = critical,@own_point
[own_point]
fullname = URI:http://pki.example.com/one.crl
onlyuser = TRUE
[delta]
deltaCRL = critical,DER:020101
";

struct Authority {
    bench: Bench,
}

impl Authority {
    fn new() -> Self {
        let bench = Bench::new();
        bench.write("ca.cnf", SETTINGS);
        bench.write("index.txt", "");
        bench.write("serial", "1001");
        bench.write("crlnumber", "01");
        let authority = Self { bench };
        authority.key("ca");
        authority.run(
            "req -new -x509 -config ca.cnf -extensions root -key ca.key -subj /CN=Other -days 90 -out ca.pem",
        );
        authority
    }

    fn run(&self, arguments: &str) {
        self.bench.openssl(arguments).unwrap_or_else(|refused| panic!("{arguments}: {}", refused.0));
    }

    fn key(&self, name: &str) {
        self.run(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"));
    }

    fn issue(&self, name: &str, extensions: &str) -> X509Certificate {
        self.key(name);
        self.run(&format!("req -new -config ca.cnf -key {name}.key -subj /CN={name} -out {name}.csr"));
        self.run(&format!(
            "ca -batch -notext -config ca.cnf -extensions {extensions} -in {name}.csr -out {name}.pem"
        ));
        self.certificate(name)
    }

    fn certificate(&self, name: &str) -> X509Certificate {
        X509Certificate::from_pem(&self.bench.read(&format!("{name}.pem"))).unwrap()
    }

    fn revoke(&self, name: &str, reason: &str) {
        self.run(&format!("ca -config ca.cnf -revoke {name}.pem -crl_reason {reason}"));
    }

    fn list(&self, more: &str) -> Vec<u8> {
        self.run(&format!("ca -config ca.cnf -gencrl {more} -out list.pem"));
        self.run("crl -in list.pem -outform DER -out list.crl");
        self.bench.read("list.crl")
    }

    /// The responder's answer to our question, signed by somebody.
    fn answer(&self, certificate: &X509Certificate, signer: &str) -> Vec<u8> {
        self.bench
            .write("question.der", ocsp_question(certificate, &self.certificate("ca"), &NONCE).unwrap());
        self.run(&format!(
            "ocsp -index index.txt -CA ca.pem -rsigner {signer}.pem -rkey {signer}.key -reqin question.der -ndays 2 \
             -respout answer.der"
        ));
        self.bench.read("answer.der")
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

#[test]
fn a_certificate_says_where_its_status_can_be_had() {
    let authority = Authority::new();
    let expected = StatusAddresses {
        lists: vec![LIST.to_owned()],
        responders: vec!["http://ocsp.example.com/a".to_owned()],
    };
    assert_eq!(status_addresses(&authority.issue("susi", "person")), expected);
    assert_eq!(status_addresses(&authority.issue("bare", "responder")), StatusAddresses::default());
}

#[test]
fn a_revocation_list_of_openssl_tells_good_held_and_revoked_apart() {
    let authority = Authority::new();
    let [good, held, revoked, plain] =
        ["good", "held", "revoked", "plain"].map(|name| authority.issue(name, "person"));
    authority.revoke("held", "certificateHold");
    authority.revoke("revoked", "keyCompromise");
    authority.run("ca -config ca.cnf -revoke plain.pem");
    for extensions in ["", "-crlexts here"] {
        let list =
            RevocationList::read(&authority.list(extensions), LIST, &authority.certificate("ca"), now())
                .unwrap();
        let standing = |certificate| list.word(certificate).unwrap().standing;
        assert_eq!(standing(&good), Standing::Good);
        assert!(matches!(standing(&held), Standing::Held(_)));
        assert!(matches!(standing(&revoked), Standing::Revoked(_, RevocationReason::KeyCompromise)));
        let Standing::Revoked(at, RevocationReason::Unspecified) = standing(&plain) else {
            panic!("revoked without a reason")
        };
        assert!(at <= now() && at > now() - Span::hours(1), "{at}");
        assert!(list.word(&good).unwrap().said_at <= now());
        assert!(list.until() > now());
    }
    let stranger = Authority::new().issue("good", "person");
    let list = RevocationList::read(&authority.list(""), LIST, &authority.certificate("ca"), now()).unwrap();
    assert!(list.word(&stranger).is_err(), "another authority's");
}

#[test]
fn lists_that_are_not_the_issuer_s_whole_word_of_today_are_refused() {
    let authority = Authority::new();
    let issuer = authority.certificate("ca");
    let read = |der: &[u8], at| RevocationList::read(der, LIST, &issuer, at);
    let der = authority.list("");
    read(&der, now()).unwrap();
    let refused = |der: &[u8], at: Timestamp, part: &str| {
        let error = read(der, at).unwrap_err().to_string();
        assert!(error.contains(part), "{part}: {error}");
    };
    refused(&der, now() + Span::days(3), "no newer one");
    refused(&der, now() - Span::days(1), "in the future");
    for (extensions, part) in [("partial", "some certificates"), ("elsewhere", "another address")] {
        refused(&authority.list(&format!("-crlexts {extensions}")), now(), part);
    }
    // A clock a few minutes off is nobody's fault, one that is two hours off is.
    read(&der, now() - Span::minutes(5)).unwrap();
    read(&der, now() + Span::days(2) + Span::minutes(5)).unwrap();
    refused(&der, now() - Span::hours(2), "compare the clocks");
    refused(b"<!DOCTYPE html><html><body>Sign in</body></html>", now(), "web page");
    let namesake = Authority::new();
    refused(&namesake.list(""), now(), "signature");
    let mut altered = der.clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    refused(&altered, now(), "signature");
    for cut in [0, 1, 20, der.len() / 2, der.len() - 1] {
        assert!(read(&der[..cut], now()).is_err(), "{cut}");
    }
    assert!(read(&[der.clone(), vec![0]].concat(), now()).is_err(), "bytes after the end");
}

#[test]
fn the_number_of_a_list_tells_which_is_older() {
    let authority = Authority::new();
    let issuer = authority.certificate("ca");
    let numbered = |number: &str| {
        authority.bench.write("crlnumber", number);
        RevocationList::read(&authority.list(""), LIST, &issuer, now()).unwrap()
    };
    let [small, large, longer] = ["7F", "80", "0100"].map(numbered);
    assert!(small.is_older_than(&large) && large.is_older_than(&longer) && small.is_older_than(&longer));
    assert!(!large.is_older_than(&small) && !longer.is_older_than(&large));
    assert!(!large.is_older_than(&large), "the same one again");
}

#[test]
fn the_responder_of_openssl_answers_our_question() {
    let authority = Authority::new();
    let issuer = authority.certificate("ca");
    authority.issue("responder", "responder");
    let [good, held, revoked] = ["good", "held", "revoked"].map(|name| authority.issue(name, "person"));
    authority.revoke("held", "certificateHold");
    authority.revoke("revoked", "superseded");
    for signer in ["ca", "responder"] {
        let standing = |certificate: &X509Certificate| {
            let answer = authority.answer(certificate, signer);
            ocsp_answer(&answer, certificate, &issuer, &NONCE, now()).unwrap().standing
        };
        assert_eq!(standing(&good), Standing::Good, "{signer}");
        assert!(matches!(standing(&held), Standing::Held(_)), "{signer}");
        assert!(matches!(standing(&revoked), Standing::Revoked(_, RevocationReason::Superseded)), "{signer}");
    }
    // One that was never issued here, though its issuer has the same name and key: the index does not know it.
    authority.bench.write("index.txt", "");
    let answer = authority.answer(&good, "ca");
    assert_eq!(ocsp_answer(&answer, &good, &issuer, &NONCE, now()).unwrap().standing, Standing::Unknown);
}

#[test]
fn answers_that_prove_nothing_are_refused() {
    let authority = Authority::new();
    let issuer = authority.certificate("ca");
    let [one, two] = ["one", "two"].map(|name| authority.issue(name, "person"));
    authority.issue("careless", "careless");
    let refused = |answer: &[u8], about: &X509Certificate, at: Timestamp, part: &str| {
        let error = ocsp_answer(answer, about, &issuer, &NONCE, at).unwrap_err().to_string();
        assert!(error.contains(part), "{part}: {error}");
    };
    let answer = authority.answer(&one, "ca");
    refused(&answer, &two, now(), "another certificate");
    // OpenSSL's responder gives the nonce back: yesterday's answer does not pass for today's.
    let replayed = ocsp_answer(&answer, &one, &issuer, &[8; 32], now()).unwrap_err().to_string();
    assert!(replayed.contains("nonce"), "{replayed}");
    refused(&answer, &one, now() + Span::days(3), "no newer one");
    refused(&authority.answer(&one, "careless"), &one, now(), "nocheck");
    // A person's certificate is no responder's, and a stranger's neither.
    refused(&authority.answer(&one, "two"), &one, now(), "signed it");
    let stranger = Authority::new();
    stranger.bench.write("index.txt", authority.bench.read("index.txt"));
    stranger.bench.write("question.der", ocsp_question(&one, &issuer, &NONCE).unwrap());
    stranger.bench.write("real.pem", issuer.pem());
    stranger.run("ocsp -index index.txt -CA real.pem -rsigner ca.pem -rkey ca.key -reqin question.der -ndays 2 -respout answer.der");
    refused(&stranger.bench.read("answer.der"), &one, now(), "signed it");
    // tryLater (RFC 6960 section 4.2.1).
    refused(&[0x30, 0x03, 0x0a, 0x01, 0x03], &one, now(), "later");
    for cut in [0, 1, 40, answer.len() - 1] {
        assert!(ocsp_answer(&answer[..cut], &one, &issuer, &NONCE, now()).is_err(), "{cut}");
    }
}
