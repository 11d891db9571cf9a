//! Which names are certified: any names at all give a certificate that says exactly them, or a sentence.

use std::cell::Cell;
use std::sync::LazyLock;

use ca::builtin::create;
use crypto::issue::{
    Issuer, IssuerAddresses, LeafOrder, Validity, check_names, leaf_certificate, serial_number,
};
use crypto::{CryptoError, X509Certificate};
use model::names::Profile;
use model::{CertificateNames, Span};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::world::{BASE_URL, Counting, MONDAY, P256, jorg, quick_founding};

const PROFILES: [Profile; 3] = [Profile::SmimeSponsor, Profile::SmimeMailbox, Profile::ClientAuth];

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let founded = create(&quick_founding(), MONDAY, &Counting::default()).unwrap();
    Issuer::new(X509Certificate::from_der(&founded.settings.issuing).unwrap(), founded.issuing_key).unwrap()
});

fn certify(profile: Profile, names: &CertificateNames) -> Result<X509Certificate, CryptoError> {
    let addresses = IssuerAddresses {
        crl: format!("{BASE_URL}/issuing.crl"),
        certificate: format!("{BASE_URL}/issuing.cer"),
    };
    let der = leaf_certificate(
        &ISSUER,
        &LeafOrder {
            profile,
            names,
            public_key: &P256.spki_der().unwrap(),
            validity: Validity::lasting(MONDAY, Span::days(365)),
            serial: serial_number(&Counting::default()),
            addresses: &addresses,
            policies: &[],
        },
    )?;
    Ok(X509Certificate::from_der(&der).unwrap())
}

fn refusal(profile: Profile, names: &CertificateNames) -> String {
    check_names(profile, names).unwrap_err().to_string()
}

#[test]
fn a_refusal_names_the_field_its_value_and_the_way_out() {
    let with = |change: &dyn Fn(&mut CertificateNames)| {
        let mut names = jorg();
        change(&mut names);
        refusal(Profile::SmimeSponsor, &names)
    };
    let cases = [
        (with(&|names| names.common_name = "x".repeat(120)), "common name", "120 characters"),
        (with(&|names| names.common_name = "  ".to_owned()), "common name", "empty"),
        (with(&|names| names.common_name = "Susi\u{202e}isuS".to_owned()), "common name", "U+202E"),
        (with(&|names| names.common_name = "Susi\nSorglos".to_owned()), "common name", "U+000A"),
        (with(&|names| names.common_name = "susi@example.net".to_owned()), "common name", "mail address"),
        (with(&|names| names.surname = Some("-".to_owned())), "surname `-`", "no letter"),
        (with(&|names| names.surname = Some("M&uuml;ller".to_owned())), "surname", "HTML"),
        (with(&|names| names.organization = Some("G".repeat(65))), "organisation", "65 characters"),
        (with(&|names| names.organization = None), "without organisation", "template"),
        (with(&|names| names.organization_identifier = None), "without organisation identifier", "template"),
        (with(&|names| names.organization_identifier = Some("HRB 123456".to_owned())), "`HRB 123456`", "NTR"),
        (with(&|names| names.country = Some("Germany".to_owned())), "country `Germany`", "ISO 3166"),
        (with(&|names| names.country = Some("AT".to_owned())), "organisation identifier", "country"),
        (
            with(&|names| (names.given_name, names.surname) = (None, None)),
            "given name and surname",
            "directory",
        ),
        (with(&|names| names.mail_addresses.clear()), "without mail address", "enter an address"),
        (
            with(&|names| names.mail_addresses = vec!["jörg@example.com".to_owned()]),
            "`jörg@example.com`",
            "ASCII",
        ),
        (with(&|names| names.mail_addresses = vec!["joerg@müßig.de".to_owned()]), "`joerg@müßig.de`", "xn--"),
        (
            with(&|names| names.mail_addresses = vec!["joerg@localhost".to_owned()]),
            "`joerg@localhost`",
            "domain",
        ),
        (with(&|names| names.mail_addresses = vec!["joerg".to_owned()]), "`joerg`", "no `@`"),
        (
            with(&|names| names.mail_addresses = vec!["a..b@example.com".to_owned()]),
            "`a..b@example.com`",
            "dots",
        ),
    ];
    for (sentence, field, way_out) in cases {
        assert!(
            sentence.contains(field) && sentence.contains(way_out),
            "{sentence:?} lacks {field:?} or {way_out:?}"
        );
    }
}

#[test]
fn sign_in_certificates_need_a_name_to_be_mapped_by() {
    let without = CertificateNames { user_principal_name: None, ..jorg() };
    assert!(refusal(Profile::ClientAuth, &without).contains("user principal name"));
    for bad in ["", "S-1-5", "S-1-5-x", "S-1-5-21-4294967296", "s-1-5-21-1", "S-1-5--1", "S-1-5-+1"] {
        let names = CertificateNames { security_identifier: Some(bad.to_owned()), ..jorg() };
        assert!(refusal(Profile::ClientAuth, &names).contains("S-1-5-21-"), "{bad}");
    }
}

#[test]
fn what_is_certified_is_what_was_ordered_without_the_spaces_around_it() {
    let names = CertificateNames {
        common_name: " Jörg Müßig ".to_owned(),
        mail_addresses: vec![" joerg@example.com".to_owned(), "JOERG@example.com".to_owned()],
        country: Some("de".to_owned()),
        ..jorg()
    };
    let certificate = certify(Profile::SmimeSponsor, &names).unwrap();
    assert_eq!(certificate.common_name().unwrap(), "Jörg Müßig");
    assert_eq!(certificate.mail_addresses(), ["joerg@example.com"]);
    assert_eq!(certificate.user_principal_name(), None, "S/MIME certificates are for mail");
    assert!(certificate.subject().ends_with("C=DE"), "{}", certificate.subject());
}

/// Text as directories hold it, and as they should not.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        "[A-Za-zÄÖÜäöüß '-]{0,40}",
        "\\PC{0,80}",
        ".{0,20}",
        "[a-zäß!.+\"@ ]{0,12}@[a-zä-]{0,8}(\\.[a-z]{0,4}){0,3}",
        Just("x".repeat(65)),
        Just("NTRDE-DEK1101R.HRB123456".to_owned()),
        Just("S-1-5-21-1-2-3-500".to_owned()),
    ]
    // On the heap: the strategies below hold many of these, and a test's stack is small.
    .boxed()
}

fn any_names() -> BoxedStrategy<CertificateNames> {
    let maybe = || proptest::option::of(text());
    let addresses = proptest::collection::vec(prop_oneof![text(), "[a-z.]{1,9}@[a-z]{1,9}\\.(com|de)"], 0..4);
    let country = proptest::option::of(prop_oneof!["[A-Za-z]{0,3}", Just("DE".to_owned()), text()]);
    let identifier = proptest::option::of(prop_oneof![
        "(NTR|VAT|LEI|GOV|INT|X)[A-Z]{0,3}[+]?[A-Z]{0,4}-?[0-9.]{0,6}",
        Just("VATDE-123".to_owned()),
        text()
    ]);
    (text(), maybe(), maybe(), maybe(), identifier, country, addresses, maybe(), maybe())
        .prop_map(
            |(
                common_name,
                given_name,
                surname,
                organization,
                organization_identifier,
                country,
                mail_addresses,
                user_principal_name,
                security_identifier,
            )| CertificateNames {
                common_name,
                given_name,
                surname,
                organization,
                organization_identifier,
                country,
                mail_addresses,
                user_principal_name,
                security_identifier,
            },
        )
        .boxed()
}

/// Good names with one field that is not.
fn nearly_good_names() -> impl Strategy<Value = CertificateNames> {
    (any_names(), 0_usize..9).prop_map(|(odd, field)| {
        let mut names = jorg();
        match field {
            0 => names.common_name = odd.common_name,
            1 => names.given_name = odd.given_name,
            2 => names.surname = odd.surname,
            3 => names.organization = odd.organization,
            4 => names.organization_identifier = odd.organization_identifier,
            5 => names.country = odd.country,
            6 => names.mail_addresses = odd.mail_addresses,
            7 => names.user_principal_name = odd.user_principal_name,
            _ => names.security_identifier = odd.security_identifier,
        }
        names
    })
}

#[test]
fn any_names_give_a_certificate_with_them_or_a_sentence() {
    let (certified, refused) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    let names = prop_oneof![any_names(), nearly_good_names()];
    let outcome = TestRunner::new(config).run(&(names, 0_usize..3), |(names, which)| {
        let profile = PROFILES[which];
        match certify(profile, &names) {
            Ok(certificate) => {
                certified.set(certified.get() + 1);
                says_what_was_asked(profile, &names, &certificate)
            }
            Err(error) => {
                refused.set(refused.get() + 1);
                prop_assert!(matches!(error, CryptoError::Unfit { .. }), "{:?}", error);
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
                prop_assert_eq!(check_names(profile, &names).unwrap_err().to_string(), error.to_string());
                Ok(())
            }
        }
    });
    outcome.unwrap();
    assert!(certified.get() > 50 && refused.get() > 50, "{certified:?} certified, {refused:?} refused");
}

fn says_what_was_asked(
    profile: Profile,
    names: &CertificateNames,
    certificate: &X509Certificate,
) -> Result<(), TestCaseError> {
    prop_assert!(check_names(profile, names).is_ok());
    for address in certificate.mail_addresses() {
        prop_assert!(names.mail_addresses.iter().any(|asked| asked.trim() == address));
    }
    if profile == Profile::ClientAuth {
        prop_assert_eq!(certificate.user_principal_name(), names.user_principal_name.clone());
    }
    if profile != Profile::SmimeMailbox {
        let certified = certificate.common_name();
        prop_assert_eq!(certified.as_deref(), Some(names.common_name.trim()));
    }
    Ok(())
}
