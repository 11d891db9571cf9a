//! What linters that others wrote say about our certificates and revocation lists: nothing, from WARNING upwards.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crypto::issue::{
    CrlContents, Issuer, IssuerAddresses, LeafOrder, RevokedSerial, Validity, crl, leaf_certificate,
    recovery_agent_certificate, serial_number,
};
use crypto::{PrivateKey, X509Certificate};
use model::names::Profile;
use model::{CertificateNames, KeyAlgorithm, RevocationReason, Span};

use crate::world::{BASE_URL, Counting, MONDAY, P256, P384, RSA, jorg, quick_founding, write};

const SPONSOR: &[&str] = &["lint_cabf_smime_cert", "-t", "SPONSORED-MULTIPURPOSE"];
const MAILBOX: &[&str] = &["lint_cabf_smime_cert", "-t", "MAILBOX-MULTIPURPOSE"];
const PKIX: &[&str] = &["lint_pkix_cert"];
const CRL_PKIX: &[&str] = &["lint_crl", "-t", "CRL", "-p", "PKIX"];
const CRL_BR: &[&str] = &["lint_crl", "-t", "CRL", "-p", "BR"];
const ARL_PKIX: &[&str] = &["lint_crl", "-t", "ARL", "-p", "PKIX"];

/// Files to lint, each with the linter that looks at it.
struct Jobs {
    folder: tempfile::TempDir,
    jobs: Vec<(String, Vec<String>)>,
}

impl Jobs {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), jobs: Vec::new() }
    }

    fn add(&mut self, linter: &[&str], what: &str, der: &[u8]) {
        let path = write(self.folder.path(), &format!("{}.der", self.jobs.len()), der);
        let mut job: Vec<String> = linter.iter().map(|part| (*part).to_owned()).collect();
        job.push(path.to_str().unwrap().to_owned());
        self.jobs.push((format!("{what} by {}", linter.join(" ")), job));
    }

    /// What was found, by what was looked at.
    fn run(self) -> Vec<(String, Vec<String>)> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/builtin/lint.py");
        let python = python();
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not run ({error}); {HINT}", python.display()));
        let (what, jobs): (Vec<_>, Vec<_>) = self.jobs.into_iter().unzip();
        child.stdin.take().unwrap().write_all(&serde_json::to_vec(&jobs).unwrap()).unwrap();
        let output = child.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pkilint does not run; {HINT}\n{complaint}");
        let found: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found.len(), what.len());
        what.into_iter().zip(found).collect()
    }

    fn assert_clean(self) {
        let dirty: Vec<_> = self.run().into_iter().filter(|(_, findings)| !findings.is_empty()).collect();
        assert!(dirty.is_empty(), "{dirty:#?}");
    }
}

const HINT: &str =
    "`./dev test` makes a Python environment with pkilint; SEALWRIGHT_TEST_PYTHON names another";

#[expect(clippy::disallowed_methods, reason = "tests find their interpreter through the environment")]
fn python() -> PathBuf {
    if let Ok(named) = std::env::var("SEALWRIGHT_TEST_PYTHON") {
        return PathBuf::from(named);
    }
    PathBuf::from(std::env::var("HOME").unwrap_or_default()).join(".cache/sealwright/venv/bin/python")
}

struct Bench {
    issuer: Issuer,
    root: X509Certificate,
    root_crl: Vec<u8>,
    entropy: Counting,
}

impl Bench {
    fn new(root_key: KeyAlgorithm, issuing_key: KeyAlgorithm) -> Self {
        let entropy = Counting::default();
        let founding = ca::builtin::Founding { root_key, issuing_key, ..quick_founding() };
        let founded = ca::builtin::create(&founding, MONDAY, &entropy).unwrap();
        let issuing = X509Certificate::from_der(&founded.settings.issuing).unwrap();
        Self {
            issuer: Issuer::new(issuing, founded.issuing_key).unwrap(),
            root: X509Certificate::from_der(&founded.settings.root).unwrap(),
            root_crl: founded.settings.root_crl,
            entropy,
        }
    }

    fn leaf(&self, profile: Profile, names: &CertificateNames, key: &PrivateKey, days: i64) -> Vec<u8> {
        let addresses = IssuerAddresses {
            crl: format!("{BASE_URL}/issuing.crl"),
            certificate: format!("{BASE_URL}/issuing.cer"),
        };
        leaf_certificate(
            &self.issuer,
            &LeafOrder {
                profile,
                names,
                public_key: &key.spki_der().unwrap(),
                validity: Validity::lasting(MONDAY, Span::days(days)),
                serial: serial_number(&self.entropy),
                addresses: &addresses,
                policies: &["1.3.6.1.4.1.55555.1.2".to_owned()],
            },
        )
        .unwrap()
    }

    fn list(&self, revoked: Vec<RevokedSerial>) -> Vec<u8> {
        let contents =
            CrlContents { number: 7, this_update: MONDAY, next_update: MONDAY + Span::days(7), revoked };
        crl(&self.issuer, &contents).unwrap()
    }
}

fn keys() -> [(&'static str, &'static PrivateKey); 3] {
    [("RSA 2048", &RSA), ("P-256", &P256), ("P-384", &P384)]
}

#[test]
fn smime_certificates_of_every_kind_of_name_and_key_pass_the_linters() {
    let bench = Bench::new(KeyAlgorithm::P384, KeyAlgorithm::Rsa3072);
    let long_label = "a".repeat(63);
    let people = [
        (
            "the longest common name, four octets a letter",
            CertificateNames {
                common_name: "𝔖".repeat(64),
                given_name: Some("𝔖".repeat(100)),
                surname: None,
                ..jorg()
            },
        ),
        ("a mononym", CertificateNames { given_name: None, common_name: "Åström".to_owned(), ..jorg() }),
        (
            "a name of punctuation and letters",
            CertificateNames {
                common_name: "O'Brien-Smith, Seán (Ext.) & Co; \"Q\" <x> #1 + \\ = /".to_owned(),
                surname: Some("O'Brien & Söhne".to_owned()),
                organization: Some("AT&T + \"Sons\", Inc.".to_owned()),
                ..jorg()
            },
        ),
        (
            "no country, tax number",
            CertificateNames {
                country: None,
                organization_identifier: Some("VATEL-123456789".to_owned()),
                ..jorg()
            },
        ),
        (
            "a global identifier and a name from right to left",
            CertificateNames {
                common_name: "محمد عبد الله".to_owned(),
                organization_identifier: Some("LEIXG-AEYE00EKXESVZUUEBP67".to_owned()),
                ..jorg()
            },
        ),
        (
            "a common name that is the address",
            CertificateNames { common_name: "joerg.muessig@example.com".to_owned(), ..jorg() },
        ),
        (
            "many and odd addresses",
            CertificateNames {
                mail_addresses: vec![
                    "Joerg.O'Hara+tag@Example.COM".to_owned(),
                    "joerg.o'hara+TAG@example.com".to_owned(),
                    "x@xn--mssig-kva.de".to_owned(),
                    "!#$%&'*+-/=?^_`{|}~@mail.example.co.uk".to_owned(),
                    format!("{}@{long_label}.{long_label}.example.com", "b".repeat(64)),
                ],
                ..jorg()
            },
        ),
    ];
    let mut jobs = Jobs::new();
    // A linter takes the better part of a second, so keys take turns; each meets the umlauts.
    for (key_name, key) in keys() {
        jobs.add(
            SPONSOR,
            &format!("umlauts, {key_name}"),
            &bench.leaf(Profile::SmimeSponsor, &jorg(), key, 365),
        );
    }
    for ((what, names), (key_name, key)) in people.iter().zip(keys().into_iter().cycle()) {
        let der = bench.leaf(Profile::SmimeSponsor, names, key, 365);
        jobs.add(SPONSOR, &format!("{what}, {key_name}"), &der);
    }
    for days in [1, 824, 825] {
        let der = bench.leaf(Profile::SmimeSponsor, &jorg(), &RSA, days);
        jobs.add(SPONSOR, &format!("{days} days"), &der);
    }
    jobs.add(PKIX, "umlauts", &bench.leaf(Profile::SmimeSponsor, &jorg(), &RSA, 365));
    jobs.assert_clean();
}

#[test]
fn mailbox_certificates_pass_the_linters_whatever_the_length_of_the_address() {
    let bench = Bench::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let label = "a".repeat(50);
    let addresses = [
        "info@example.com".to_owned(),
        format!("{}@example.com", "i".repeat(52)),
        format!("{}@example.com", "i".repeat(53)),
        format!("{}@{label}.{label}.{label}.example.com", "i".repeat(64)),
    ];
    let mut jobs = Jobs::new();
    for (address, (key_name, key)) in addresses.iter().zip(keys().into_iter().cycle()) {
        let names = CertificateNames {
            common_name: "Info".to_owned(),
            mail_addresses: vec![address.clone(), "sales@example.com".to_owned()],
            ..jorg()
        };
        let what = format!("an address of {} characters, {key_name}", address.len());
        jobs.add(MAILBOX, &what, &bench.leaf(Profile::SmimeMailbox, &names, key, 825));
    }
    jobs.assert_clean();
}

#[test]
fn authorities_sign_in_certificates_and_recovery_agents_pass_the_linter() {
    let mut jobs = Jobs::new();
    for (root_key, issuing_key) in
        [(KeyAlgorithm::Rsa3072, KeyAlgorithm::P384), (KeyAlgorithm::P384, KeyAlgorithm::Rsa2048)]
    {
        let bench = Bench::new(root_key, issuing_key);
        jobs.add(PKIX, "root", bench.root.der());
        jobs.add(PKIX, "issuing authority", bench.issuer.certificate().der());
        jobs.add(ARL_PKIX, "the root's list", &bench.root_crl);
        for (key_name, key) in keys() {
            jobs.add(
                PKIX,
                &format!("sign-in, {key_name}"),
                &bench.leaf(Profile::ClientAuth, &jorg(), key, 365),
            );
        }
    }
    let validity = Validity::lasting(MONDAY, Span::days(3_650));
    let serial = serial_number(&Counting::default());
    let agent = recovery_agent_certificate("Recovery agent Zoë", &RSA, validity, serial).unwrap();
    jobs.add(PKIX, "recovery agent", &agent);
    jobs.assert_clean();
}

#[test]
fn revocation_lists_pass_the_linter_empty_and_with_every_reason() {
    let bench = Bench::new(KeyAlgorithm::P384, KeyAlgorithm::Rsa2048);
    let entry = |reason| RevokedSerial {
        serial: serial_number(&bench.entropy),
        revoked_at: MONDAY - Span::days(1),
        reason,
    };
    let mut jobs = Jobs::new();
    for profile in [CRL_PKIX, CRL_BR] {
        jobs.add(profile, "an empty list", &bench.list(Vec::new()));
    }
    jobs.add(CRL_PKIX, "every reason", &bench.list(RevocationReason::ALL.map(entry).to_vec()));
    // The Baseline Requirements know no suspension.
    let final_reasons =
        RevocationReason::ALL.into_iter().filter(|reason| *reason != RevocationReason::CertificateHold);
    jobs.add(CRL_BR, "every reason but suspension", &bench.list(final_reasons.map(entry).collect()));
    jobs.assert_clean();
}

#[test]
fn the_linters_do_see_what_is_wrong() {
    let bench = Bench::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let internal = CertificateNames { mail_addresses: vec!["susi@contoso.local".to_owned()], ..jorg() };
    let mut jobs = Jobs::new();
    jobs.add(SPONSOR, "an internal domain", &bench.leaf(Profile::SmimeSponsor, &internal, &P256, 365));
    jobs.add(MAILBOX, "the wrong profile", &bench.leaf(Profile::SmimeSponsor, &jorg(), &P256, 365));
    jobs.add(
        CRL_BR,
        "a suspension",
        &bench.list(vec![RevokedSerial {
            serial: serial_number(&bench.entropy),
            revoked_at: MONDAY,
            reason: RevocationReason::CertificateHold,
        }]),
    );
    jobs.add(PKIX, "no certificate", b"nothing");
    let found = jobs.run();
    let all = |at: usize| found[at].1.join("\n");
    assert!(all(0).contains("cabf.internal_domain_name"), "{found:#?}");
    assert!(all(1).contains("cabf.smime.no_required_reserved_policy_oid"), "{found:#?}");
    assert!(all(2).contains("cabf.crl_prohibited_reason_code"), "{found:#?}");
    assert!(all(3).contains("refused"), "{found:#?}");
}
