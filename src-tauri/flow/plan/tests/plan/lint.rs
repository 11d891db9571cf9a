//! What is said about a template before anybody is enrolled by it.

use model::{Assignment, Organization, Template};
use plan::lint;

use crate::sample::{sign_in, smime};

fn authorities() -> Vec<String> {
    vec!["Story CA".to_owned()]
}

/// Fields with a fatal finding, then fields with advice.
fn found(template: &Template) -> (Vec<&'static str>, Vec<&'static str>) {
    let (fatal, advice): (Vec<_>, Vec<_>) =
        lint(template, &authorities()).into_iter().partition(|finding| finding.fatal);
    let fields = |findings: Vec<plan::Finding>| findings.iter().map(|finding| finding.field).collect();
    (fields(fatal), fields(advice))
}

#[test]
fn good_templates_are_not_talked_about() {
    assert_eq!(found(&smime()), (vec![], vec![]));
    assert_eq!(found(&sign_in()), (vec![], vec![]));
}

#[test]
fn what_cannot_work_is_fatal_and_named_by_its_field() {
    let organization = |name: &str, identifier: &str, country: &str| Template {
        organization: Some(Organization {
            name: name.to_owned(),
            identifier: identifier.to_owned(),
            country: country.to_owned(),
        }),
        ..smime()
    };
    for (template, field) in [
        (Template { name: " ".to_owned(), ..smime() }, "name"),
        (Template { name: "x".repeat(65), ..smime() }, "name"),
        (Template { authority: "Other CA".to_owned(), ..smime() }, "authority"),
        (Template { validity_days: 826, ..smime() }, "validity-days"),
        (Template { renew_before_days: 365, ..smime() }, "renew-before-days"),
        (Template { archive: false, post_quantum: true, ..smime() }, "post-quantum"),
        // 340 days and a tenth are more than 365.
        (Template { renew_before_days: 340, ..smime() }, "renew-before-days"),
        (organization("Nordwind", "NTRDE-HRB1", "Deutschland"), "organization"),
        (organization("", "NTRDE-HRB1", "DE"), "organization"),
        (organization("Nordwind", " ", "DE"), "organization"),
    ] {
        assert_eq!(found(&template).0, [field], "{template:?}");
    }
    assert_eq!(found(&Template { validity_days: 0, renew_before_days: 0, ..smime() }).0[0], "validity-days");
}

#[test]
fn what_stands_for_imported_certificates_is_fine_as_long_as_it_enrols_nobody() {
    let imported = Template {
        authority: "imported from ad cs".to_owned(),
        enabled: false,
        assignment: Assignment::default(),
        ..smime()
    };
    assert_eq!(found(&imported), (vec![], vec![]));
    assert_eq!(found(&Template { enabled: true, ..imported.clone() }), (vec!["authority"], vec![]));
    assert_eq!(found(&Template { assignment: smime().assignment, ..imported }), (vec!["authority"], vec![]));
}

#[test]
fn what_is_unwise_is_advice() {
    for (template, field) in [
        (Template { renew_before_days: 3, ..smime() }, "renew-before-days"),
        (Template { archive: false, ..smime() }, "archive"),
        (Template { archive: true, ..sign_in() }, "archive"),
        (
            Template {
                assignment: Assignment { shared_mailboxes: true, ..sign_in().assignment },
                ..sign_in()
            },
            "assignment",
        ),
        (
            Template { assignment: Assignment { include: vec![], ..smime().assignment }, ..smime() },
            "assignment",
        ),
    ] {
        assert_eq!(found(&template), (vec![], vec![field]), "{template:?}");
    }
}

#[test]
fn a_missing_authority_is_answered_with_those_that_exist() {
    let told = |names: &[String]| lint(&smime(), names)[0].text.clone();
    assert!(told(&["A".to_owned(), "B".to_owned()]).contains("A, B"));
    assert!(told(&[]).contains("sealwright init"));
}
