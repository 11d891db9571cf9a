//! Requests and signatures, read by OpenSSL's command line and by Python.

use crypto::{CertificationRequest, PrivateKey};
use model::{CertificateNames, KeyAlgorithm};

use crate::programs::Bench;
use crate::support::WORLD;

fn names() -> CertificateNames {
    CertificateNames {
        common_name: "Jürgen Müller-Lüdenscheidt".to_owned(),
        given_name: Some("Jürgen".to_owned()),
        surname: Some("Müller-Lüdenscheidt".to_owned()),
        organization: Some("Contoso, Ltd.".to_owned()),
        organization_identifier: Some("NTRDE-HRB123456".to_owned()),
        country: Some("DE".to_owned()),
        mail_addresses: vec!["juergen@contoso.test".to_owned(), "jm@contoso.test".to_owned()],
        user_principal_name: Some("jürgen@contoso.test".to_owned()),
        security_identifier: None,
    }
}

#[test]
fn requests_are_read_by_openssl_and_python_with_every_name() {
    let bench = Bench::new();
    for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::P256, KeyAlgorithm::P384] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let request = CertificationRequest::create(&key, &names()).unwrap();
        bench.write("request.der", request.der());

        let public = bench.openssl("req -inform DER -in request.der -verify -noout -pubkey").unwrap();
        bench.write("public.pem", public);
        assert_eq!(
            bench.openssl("pkey -pubin -in public.pem -outform DER").unwrap(),
            key.spki_der().unwrap()
        );

        let read = bench.python("request request.der");
        let expected = format!(
            "valid=True\ndigest=sha256\nspki={}\n2.5.4.6=DE\n2.5.4.10=Contoso, Ltd.\n2.5.4.97=NTRDE-HRB123456\n\
             2.5.4.4=Müller-Lüdenscheidt\n2.5.4.42=Jürgen\n2.5.4.3=Jürgen Müller-Lüdenscheidt\n\
             mail=juergen@contoso.test\nmail=jm@contoso.test\nupn=jürgen@contoso.test",
            hex::encode(key.spki_der().unwrap())
        );
        assert_eq!(read, expected, "{algorithm:?}");
    }
}

#[test]
fn a_request_without_alternative_names_is_whole() {
    let bench = Bench::new();
    let names = CertificateNames { common_name: "Only a name".to_owned(), ..CertificateNames::default() };
    bench.write("request.der", CertificationRequest::create(&WORLD.authority.key, &names).unwrap().der());
    bench.openssl("req -inform DER -in request.der -verify -noout").unwrap();
    assert!(bench.python("request request.der").ends_with("\n2.5.4.3=Only a name"));
}

#[test]
fn requests_that_openssl_makes_are_read_and_altered_ones_refused() {
    let bench = Bench::new();
    bench.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem").unwrap();
    bench.openssl("req -new -sha384 -key key.pem -subj /CN=susi -outform DER -out request.der").unwrap();
    let der = bench.read("request.der");
    let request = CertificationRequest::parse(&der).unwrap();
    assert_eq!(request.subject_common_name().as_deref(), Some("susi"));
    assert_eq!(request.spki_der().unwrap(), bench.openssl("pkey -in key.pem -pubout -outform DER").unwrap());
    let mut altered = der;
    let at = altered.windows(4).position(|window| window == b"susi").unwrap();
    altered[at] = b'S';
    assert!(CertificationRequest::parse(&altered).is_err());
}

#[test]
fn client_assertions_verify_in_python() {
    let bench = Bench::new();
    let key = &WORLD.susi.key;
    let data = b"eyJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJ4In0";
    bench.write("spki.der", key.spki_der().unwrap());
    bench.write("data", data);
    bench.write("signature", key.sign_ps256(data).unwrap());
    assert_eq!(bench.python("assertion spki.der data signature"), "valid");
}
