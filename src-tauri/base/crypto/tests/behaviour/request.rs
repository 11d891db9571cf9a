//! Certification requests.

use crypto::{CertificationRequest, CryptoError, PrivateKey};
use model::{CertificateNames, KeyAlgorithm};
use proptest::prelude::*;

use crate::support::WORLD;

fn names() -> CertificateNames {
    CertificateNames {
        common_name: "Jürgen Müller-Lüdenscheidt".to_owned(),
        country: Some("DE".to_owned()),
        mail_addresses: vec!["jm@contoso.test".to_owned()],
        ..CertificateNames::default()
    }
}

#[test]
fn a_request_carries_the_key_and_the_name() {
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let request = CertificationRequest::create(&key, &names()).unwrap();
    let read = CertificationRequest::parse(request.der()).unwrap();
    assert_eq!(read.subject_common_name().as_deref(), Some("Jürgen Müller-Lüdenscheidt"));
    assert_eq!(read.spki_der().unwrap(), key.spki_der().unwrap());
    assert_eq!(read.spki_sha256().unwrap(), key.spki_sha256().unwrap());
    assert_eq!(CertificationRequest::parse(request.pem().as_bytes()).unwrap().der(), request.der());
}

#[test]
fn names_that_a_certificate_cannot_carry_are_refused_by_name_and_reason() {
    let key = &WORLD.authority.key;
    let refuse = |names: CertificateNames| {
        let refused = CertificationRequest::create(key, &names).unwrap_err();
        assert!(matches!(refused, CryptoError::Unfit { .. }), "{refused}");
        refused.to_string()
    };
    let long = refuse(CertificateNames { common_name: "x".repeat(65), ..names() });
    assert!(long.contains("common name") && long.contains("64"), "{long}");
    assert!(
        CertificationRequest::create(key, &CertificateNames { common_name: "ü".repeat(64), ..names() })
            .is_ok()
    );

    let umlaut =
        refuse(CertificateNames { mail_addresses: vec!["jürgen@contoso.test".to_owned()], ..names() });
    assert!(umlaut.contains("jürgen@contoso.test") && umlaut.contains("ASCII"), "{umlaut}");
    let bare = refuse(CertificateNames { mail_addresses: vec!["juergen".to_owned()], ..names() });
    assert!(bare.contains('@'), "{bare}");
    let country = refuse(CertificateNames { country: Some("Germany".to_owned()), ..names() });
    assert!(country.contains("ISO 3166"), "{country}");
    let empty = refuse(CertificateNames { surname: Some(" ".to_owned()), ..names() });
    assert!(empty.contains("surname"), "{empty}");
}

#[test]
fn a_request_whose_signature_does_not_fit_is_refused() {
    let request = CertificationRequest::create(&WORLD.susi.key, &names()).unwrap();
    let mut altered = request.der().to_vec();
    let at = altered.windows(7).position(|window| window == b"contoso").unwrap();
    altered[at] = b'k';
    let refused = CertificationRequest::parse(&altered).unwrap_err().to_string();
    assert!(refused.contains("signature"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn altered_cut_off_and_invented_requests_are_refused(at: usize, bit in 0_u8..8, cut: usize, noise in prop::collection::vec(any::<u8>(), 1..40)) {
        let request = CertificationRequest::create(&WORLD.authority.key, &names()).unwrap();
        let der = request.der();
        prop_assert!(CertificationRequest::parse(&der[..cut % der.len()]).is_err());
        prop_assert!(CertificationRequest::parse(&noise).is_err());
        let mut altered = der.to_vec();
        altered[at % der.len()] ^= 1 << bit;
        prop_assert!(CertificationRequest::parse(&altered).is_err());
        let mut longer = der.to_vec();
        longer.extend_from_slice(&noise);
        prop_assert!(CertificationRequest::parse(&longer).is_err());
    }
}
