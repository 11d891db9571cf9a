//! Certificates.

use crypto::{CryptoError, X509Certificate};
use model::Timestamp;
use proptest::prelude::*;

use crate::support::{self, WORLD};

#[test]
fn a_certificate_tells_what_it_says() {
    let certificate = &WORLD.susi.certificate;
    assert_eq!(certificate.common_name().as_deref(), Some("Susi Sorglos"));
    assert_eq!(certificate.subject(), r"CN=Susi Sorglos,O=Contoso\, Ltd.,C=DE");
    assert_eq!(certificate.issuer(), r"CN=Test Authority,O=Contoso\, Ltd.,C=DE");
    assert_eq!(certificate.serial().to_string(), "14");
    assert_eq!(certificate.not_before(), "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(certificate.not_after(), "2036-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(certificate.mail_addresses(), ["susi@contoso.test"]);
    assert_eq!(certificate.user_principal_name(), None);
    assert_eq!(certificate.key_usage(), None, "an absent extension restricts nothing");
    assert_eq!(certificate.extended_key_usage(), None);
    assert_eq!(certificate.subject_key_identifier().unwrap().len(), 20);
    assert_eq!(certificate.key_kind().unwrap(), "RSA 2048");
    assert_eq!(certificate.spki_sha256().unwrap(), WORLD.susi.key.spki_sha256().unwrap());
}

#[test]
fn pem_and_der_are_told_apart_by_their_content() {
    let certificate = &WORLD.susi.certificate;
    let pem = certificate.pem();
    assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
    let bundle = format!("subject=Susi Sorglos\n{}{}", pem, WORLD.authority.certificate.pem());
    assert_eq!(X509Certificate::from_bytes(bundle.as_bytes()).unwrap(), *certificate);
    assert_eq!(X509Certificate::from_bytes(pem.replace('\n', "\r\n").as_bytes()).unwrap(), *certificate);
    assert_eq!(X509Certificate::from_bytes(certificate.der()).unwrap(), *certificate);
}

#[test]
fn the_issuer_is_known_by_name_and_by_signature() {
    let world = &*WORLD;
    assert!(world.susi.certificate.is_issued_by(&world.authority.certificate));
    assert!(world.authority.certificate.is_issued_by(&world.authority.certificate));
    let renamed = support::certify("Renamed Authority", 1, &support::pkey(&world.authority.key), None);
    assert!(!world.susi.certificate.is_issued_by(&renamed), "another name");

    // A namesake with a key of its own.
    let namesake = support::certify("Test Authority", 99, &support::pkey(&world.agents[0].key), None);
    assert_eq!(namesake.subject(), world.authority.certificate.subject());
    assert!(!world.susi.certificate.is_issued_by(&namesake), "another key");
}

#[test]
fn what_is_no_certificate_is_refused_with_a_reason() {
    let der = WORLD.susi.certificate.der();
    let mut longer = der.to_vec();
    longer.push(0);
    for (bytes, reason) in [
        (&b"<html>Sign in</html>"[..], "this is not an X.509 certificate"),
        (b"", "ends too early"),
        (&der[..der.len() - 1], "cut off"),
        (&longer, "bytes follow its end"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "no whole block"),
    ] {
        let refused = X509Certificate::from_bytes(bytes).unwrap_err();
        assert!(matches!(refused, CryptoError::Malformed { .. }));
        assert!(refused.to_string().contains(reason), "{refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn altered_cut_off_and_invented_bytes_never_stop_the_program(at: usize, octet: u8, cut: usize, noise: Vec<u8>) {
        let der = WORLD.susi.certificate.der();
        prop_assert!(X509Certificate::from_bytes(&der[..cut % der.len()]).is_err());
        prop_assert!(X509Certificate::from_bytes(&noise).is_err());

        let mut altered = der.to_vec();
        altered[at % der.len()] = octet;
        if let Ok(certificate) = X509Certificate::from_bytes(&altered) {
            let _ = (certificate.subject(), certificate.issuer(), certificate.serial(), certificate.spki_der());
            let _ = (certificate.mail_addresses(), certificate.user_principal_name(), certificate.key_usage());
            let _ = (certificate.extended_key_usage(), certificate.subject_key_identifier());
            let verifies = certificate.is_issued_by(&WORLD.authority.certificate);
            prop_assert!(!verifies || altered == der, "an altered certificate still verifies");
        }
    }
}
