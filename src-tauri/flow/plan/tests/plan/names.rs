//! Which names are certified, and which sentence is said instead.

use model::names::Profile;
use model::{CertificateNames, Subscriber, SubscriberKind, Template};
use plan::{compose, profile_for};
use proptest::prelude::*;

use crate::sample::{mailbox, mailbox_smime, person, sign_in, smime};
use crate::whatever;

fn composed(subscriber: &Subscriber, template: &Template) -> CertificateNames {
    compose(subscriber, template).unwrap()
}

fn refused(subscriber: &Subscriber, template: &Template) -> String {
    compose(subscriber, template).unwrap_err()
}

#[test]
fn a_person_of_an_organisation_is_named_with_it() {
    let names = composed(&person(), &smime());
    assert_eq!(names.common_name, "Susi Weiß");
    assert_eq!((names.given_name.as_deref(), names.surname.as_deref()), (Some("Susi"), Some("Weiß")));
    assert_eq!(names.organization.as_deref(), Some("Nordwind GmbH"));
    assert_eq!(names.mail_addresses, ["susi.weiss@nordwind.example"]);
    assert_eq!(names.user_principal_name, None);
}

#[test]
fn a_mail_certificate_without_organisation_names_the_address_only() {
    let names = composed(&person(), &mailbox_smime());
    assert_eq!(names.common_name, "susi.weiss@nordwind.example");
    assert_eq!((names.given_name, names.surname, names.organization), (None, None, None));
}

#[test]
fn a_sign_in_certificate_carries_the_sign_in_name_and_the_security_identifier() {
    let names = composed(&person(), &sign_in());
    assert_eq!(names.user_principal_name.as_deref(), Some("susi@nordwind.example"));
    assert_eq!(names.security_identifier.as_deref(), Some("S-1-5-21-1004336348-1177238915-682003330-512"));
    assert!(names.mail_addresses.is_empty());
}

#[test]
fn a_name_that_does_not_fit_gives_way_to_the_next_and_is_never_cut() {
    let mut subscriber = person();
    subscriber.display_name = Some("Ä".repeat(65));
    assert_eq!(composed(&subscriber, &smime()).common_name, "Susi Weiß");
    subscriber.surname = Some("ß".repeat(64));
    assert_eq!(composed(&subscriber, &smime()).common_name, "susi.weiss@nordwind.example");
    subscriber.mail = Some(format!("{}@{}.example", "a".repeat(40), "b".repeat(40)));
    assert!(refused(&subscriber, &smime()).contains("64 characters"));
    // 64 letters fit, whatever their bytes.
    subscriber.display_name = Some("Ä".repeat(64));
    assert_eq!(composed(&subscriber, &smime()).common_name, "Ä".repeat(64));
}

#[test]
fn an_address_too_long_for_a_common_name_stands_in_the_alternative_names_alone() {
    let mail = format!("{}@{}.example", "a".repeat(40), "b".repeat(40));
    let names = composed(&Subscriber { mail: Some(mail.clone()), ..person() }, &mailbox_smime());
    assert_eq!((names.common_name.as_str(), names.mail_addresses), ("", vec![mail]));
}

#[test]
fn invisible_characters_are_left_out_and_spaces_are_single() {
    let subscriber = Subscriber {
        display_name: Some("\u{200f}  Susi \t\u{0} We\u{202e}iss\n ".to_owned()),
        given_name: Some("Anna\u{0308}".to_owned()),
        ..person()
    };
    let names = composed(&subscriber, &smime());
    assert_eq!(names.common_name, "Susi Weiss");
    assert_eq!(names.given_name.as_deref(), Some("Annä"), "composed to one letter");
}

#[test]
fn a_display_name_that_is_an_old_address_is_not_certified() {
    let subscriber = Subscriber { display_name: Some("susi@old.example".to_owned()), ..person() };
    assert_eq!(composed(&subscriber, &smime()).common_name, "Susi Weiß");
    assert_eq!(composed(&subscriber, &sign_in()).common_name, "susi@nordwind.example");
}

#[test]
fn the_domain_of_an_address_is_lower_case_and_its_local_part_stays() {
    let subscriber = Subscriber { mail: Some("Susi.Weiss@NordWind.Example".to_owned()), ..person() };
    assert_eq!(composed(&subscriber, &smime()).mail_addresses, ["Susi.Weiss@nordwind.example"]);
}

#[test]
fn each_thing_that_is_missing_or_wrong_has_a_sentence_of_its_own() {
    let p = person;
    let mail = |mail: &str| Subscriber { mail: Some(mail.to_owned()), ..p() };
    let upn = |upn: &str| Subscriber { user_principal_name: upn.to_owned(), ..p() };
    let nameless = Subscriber { given_name: None, surname: Some(" 🎉 ".to_owned()), ..p() };
    for (subscriber, template, told) in [
        (Subscriber { mail: None, ..p() }, smime(), "has no mail address"),
        (mail("  "), smime(), "has no mail address"),
        (mail("susi"), smime(), "name@domain"),
        (mail("susi@nordwind"), smime(), "domain name such as example.com"),
        (mail("susi@nordwind.1"), smime(), "domain name such as example.com"),
        (mail("su..si@nordwind.example"), smime(), "name@domain"),
        (mail("jürgen@nordwind.example"), smime(), "letters beyond ASCII"),
        (mail(&format!("{}@b.example", "a".repeat(65))), smime(), "64 characters before"),
        (mail(&format!("a@{}example", "b.".repeat(130))), smime(), "254 characters"),
        (nameless, smime(), "neither a first name nor a family name"),
        (Subscriber { given_name: Some("R&amp;D".to_owned()), ..p() }, smime(), "HTML entity"),
        (Subscriber { surname: Some("Wei\u{fffd}".to_owned()), ..p() }, smime(), "damaged character"),
        (Subscriber { surname: Some("a@b.example".to_owned()), ..p() }, smime(), "is a mail address"),
        (Subscriber { surname: Some("W".repeat(257)), ..p() }, smime(), "256 characters"),
        (upn("gast_web.de#EXT#@nordwind.onmicrosoft.com"), sign_in(), "guest"),
        (upn("susi"), sign_in(), "name@domain"),
        (upn("su si@nordwind.example"), sign_in(), "space or an invisible"),
        (Subscriber { on_premises_sid: Some("S-1-x".to_owned()), ..p() }, sign_in(), "security identifier"),
    ] {
        let sentence = refused(&subscriber, &template);
        assert!(sentence.contains(told), "`{told}` is not in `{sentence}`");
    }
}

#[test]
fn profiles_follow_from_purpose_kind_and_organisation() {
    assert_eq!(profile_for(&person(), &smime()), Profile::SmimeSponsor);
    assert_eq!(profile_for(&person(), &mailbox_smime()), Profile::SmimeMailbox);
    assert_eq!(profile_for(&mailbox(), &smime()), Profile::SmimeMailbox);
    assert_eq!(profile_for(&person(), &sign_in()), Profile::ClientAuth);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// What is planned is ordered, and what is ordered costs a key: nothing may be planned that no certificate can hold.
    #[test]
    fn whatever_is_composed_a_certificate_can_hold(
        subscriber in whatever::subscriber(),
        template in whatever::template(),
    ) {
        if let Ok(names) = compose(&subscriber, &template) {
            let profile = profile_for(&subscriber, &template);
            let checked = crypto::issue::check_names(profile, &names);
            prop_assert!(checked.is_ok(), "{:?}: {:?}", checked, names);
        }
    }

    #[test]
    fn names_stay_within_their_bounds(subscriber in whatever::subscriber(), template in whatever::template()) {
        let Ok(names) = compose(&subscriber, &template) else { return Ok(()) };
        let all = [Some(&names.common_name), names.given_name.as_ref(), names.surname.as_ref()];
        for name in all.into_iter().flatten() {
            prop_assert!(!name.contains(char::is_control), "{name:?}");
            prop_assert_eq!(name.trim(), name);
            prop_assert!(name.chars().count() <= 256);
        }
        prop_assert!(names.common_name.chars().count() <= 64);
        for mail in &names.mail_addresses {
            prop_assert!(mail.is_ascii() && mail.len() <= 254 && mail.matches('@').count() == 1, "{mail}");
        }
        match profile_for(&subscriber, &template) {
            Profile::SmimeSponsor => {
                prop_assert!(names.given_name.is_some() || names.surname.is_some());
                prop_assert_eq!(names.mail_addresses.len(), 1);
                prop_assert!(!names.common_name.is_empty());
            }
            Profile::SmimeMailbox => {
                let mail = &names.mail_addresses[0];
                prop_assert!(names.common_name == *mail || (names.common_name.is_empty() && mail.len() > 64));
            }
            Profile::ClientAuth => {
                prop_assert!(names.user_principal_name.is_some() && names.mail_addresses.is_empty());
                prop_assert!(!names.common_name.is_empty());
            }
        }
    }

    /// The administrator reads it in a list of thousands.
    #[test]
    fn whatever_is_refused_is_refused_in_one_readable_line(
        subscriber in whatever::subscriber(),
        template in whatever::template(),
    ) {
        let Err(why) = compose(&subscriber, &template) else { return Ok(()) };
        prop_assert!(!why.contains(char::is_control) && !why.contains('\u{202e}'), "{why:?}");
        prop_assert!(why.chars().count() < 400 && why.len() > 20, "{why}");
        prop_assert!(!why.ends_with('.'), "{why}");
    }

    #[test]
    fn a_good_person_is_never_refused(
        given in "[A-ZÄÖÜ][a-zäöüß]{1,20}",
        family in "[A-ZÄÖÜ][a-zäöüß-]{0,20}[a-z]",
        local in "[a-z]{1,20}",
    ) {
        let subscriber = Subscriber {
            kind: SubscriberKind::Person,
            display_name: Some(format!("{given} {family}")),
            given_name: Some(given),
            surname: Some(family),
            mail: Some(format!("{local}@nordwind.example")),
            ..person()
        };
        for template in [smime(), mailbox_smime(), sign_in()] {
            prop_assert!(compose(&subscriber, &template).is_ok());
        }
    }
}
