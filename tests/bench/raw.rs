//! The references: the same cryptography with nothing around it.

use std::fs;

use crypto::issue::{
    IssuerAddresses, LeafOrder, Validity, leaf_certificate, recovery_agent_certificate, serial_number,
};
use crypto::{CertificationRequest, PrivateKey, X509Certificate, pfx, seal::seal};
use model::names::Profile;
use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateNames, Clock as _, KeyAlgorithm, PfxProfile, Span,
    SystemClock, SystemEntropy,
};
use store::Store as _;
use store_sql::{Location, Options, SqlStore};

/// Processor time of this process that `work` takes, in seconds.
pub(crate) fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let before = own_nanoseconds();
    work();
    (own_nanoseconds() - before) as f64 / 1e9
}

/// Of the calling thread.
fn own_nanoseconds() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// Makes `count` keys and throws them away.
pub(crate) fn generate(algorithm: KeyAlgorithm, count: usize) {
    for _ in 0..count {
        std::hint::black_box(PrivateKey::generate(algorithm).unwrap());
    }
}

/// Key, request, certificate, envelope to two agents, PKCS#12, one durable commit: for each of `count` people. Returns
/// processor time in seconds.
pub(crate) async fn whole_loop(count: usize) -> f64 {
    let now = SystemClock.now();
    let validity = Validity::lasting(now, Span::days(365));
    let agents: Vec<X509Certificate> = (0..2)
        .map(|n| {
            let key = PrivateKey::generate(KeyAlgorithm::Rsa3072).unwrap();
            let der = recovery_agent_certificate(
                &format!("Agent {n}"),
                &key,
                validity,
                serial_number(&SystemEntropy),
            );
            X509Certificate::from_der(&der.unwrap()).unwrap()
        })
        .collect();
    let mut founding = ca::builtin::Founding::new("Raw", "http://pki.example.com/raw");
    founding.root_key = KeyAlgorithm::Rsa3072;
    let founded = ca::builtin::create(&founding, now, &SystemEntropy).unwrap();
    let issuing = X509Certificate::from_der(&founded.settings.issuing).unwrap();
    let chain = vec![issuing.clone(), X509Certificate::from_der(&founded.settings.root).unwrap()];
    let issuer = crypto::issue::Issuer::new(issuing, founded.issuing_key).unwrap();
    let addresses = IssuerAddresses {
        crl: "http://pki.example.com/raw.crl".into(),
        certificate: "http://pki.example.com/raw.cer".into(),
    };
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("raw.db"));
    let store = SqlStore::open(&location, &Options::default()).await.unwrap();

    let before = process_seconds();
    for n in 0..count {
        let mail = format!("person{n}@nordwind.example.com");
        let names = CertificateNames {
            common_name: mail.clone(),
            mail_addresses: vec![mail.clone()],
            ..CertificateNames::default()
        };
        let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        let request = CertificationRequest::create(&key, &names).unwrap();
        let public_key = request.spki_der().unwrap();
        let order = LeafOrder {
            profile: Profile::SmimeMailbox,
            names: &names,
            public_key: &public_key,
            validity,
            serial: serial_number(&SystemEntropy),
            addresses: &addresses,
            policies: &[],
        };
        let leaf = X509Certificate::from_der(&leaf_certificate(&issuer, &order).unwrap()).unwrap();
        std::hint::black_box(seal(&key.to_pkcs8().unwrap(), &agents).unwrap());
        let password = pfx::generate_password(&SystemEntropy);
        std::hint::black_box(
            pfx::build(&key, &leaf, &chain, &password, PfxProfile::Compatible, &mail).unwrap(),
        );
        let event = AuditEvent {
            kind: AuditKind::CertificateIssued,
            outcome: AuditOutcome::Success,
            actor: "bench".into(),
            object: mail,
            detail: String::new(),
        };
        let mut work = store.begin().await.unwrap();
        work.audit().append(&event, now).await.unwrap();
        work.commit().await.unwrap();
    }
    process_seconds() - before
}

/// User and system time of this process. The simulated tenant is quiet while a reference is measured.
fn process_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) as f64 / 100.0
}
