//! Who gets what, and when it is renewed.

use model::{
    Assignment, Certificate, CertificateState, Handover, MailboxHolder, Refusal, Span, Subscriber, Template,
    TemplateId, Thumbprint,
};
use plan::{
    Decision, Situation, compose, decide, earliest_renewal, keep_unambiguous, latest_renewal_lead, lint,
    profile_for, renewal,
};
use proptest::prelude::*;

use crate::sample::{NOW, certificate, group, holder, id, mailbox, order, person, sign_in, smime};
use crate::whatever;

#[derive(Default)]
struct Around<'a> {
    certificates: &'a [Certificate],
    open: &'a [TemplateId],
    refused: &'a [Refusal],
    holders: &'a [MailboxHolder],
    delivered_to: &'a [Handover],
}

fn decided(subscriber: &Subscriber, templates: &[Template], around: &Around<'_>) -> Decision {
    let situation = Situation {
        subscriber,
        certificates: around.certificates,
        open: around.open,
        refused: around.refused,
        holders: around.holders,
        delivered_to: around.delivered_to,
        superseded: &[],
        ordered: &[],
        endings: &[],
        holds: &[],
        confirmed_at: None,
        holders_confirmed_at: None,
        holders_are_sure: true,
    };
    decide(&situation, templates, NOW)
}

fn renewed(
    subscriber: &Subscriber,
    template: &Template,
    certificate: &Certificate,
    around: &Around<'_>,
) -> Result<model::Intent, String> {
    let situation = Situation {
        subscriber,
        certificates: std::slice::from_ref(certificate),
        open: around.open,
        refused: around.refused,
        holders: around.holders,
        delivered_to: around.delivered_to,
        superseded: &[],
        ordered: &[],
        endings: &[],
        holds: &[],
        confirmed_at: None,
        holders_confirmed_at: None,
        holders_are_sure: true,
    };
    renewal(&situation, template, certificate)
}

#[test]
fn whoever_is_entitled_and_has_none_gets_one_and_the_reason_says_so() {
    let decision = decided(&person(), &[smime(), sign_in()], &Around::default());
    assert_eq!(decision.skips, []);
    let reasons: Vec<&str> = decision.intents.iter().map(|intent| intent.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "is in an enrollment group of `Mail` and has no certificate by it",
            "is in an enrollment group of `Sign-in` and has no certificate by it",
        ]
    );
    assert_eq!(decision.intents[0].who, "Susi Weiß (susi@nordwind.example)");
}

/// What an authority says about the order that would be made now.
fn refusal_of(subscriber: &Subscriber, hours_ago: i64) -> Refusal {
    Refusal {
        template: smime().id,
        names: compose(subscriber, &smime()).unwrap(),
        profile: profile_for(subscriber, &smime()),
        key: smime().key,
        archive: smime().archive,
        validity_days: smime().validity_days,
        at: NOW - Span::hours(hours_ago),
        why: "Story CA rejected the request: the domain is not validated".to_owned(),
    }
}

#[test]
fn after_a_refusal_nothing_is_ordered_for_a_day_and_the_sentence_says_what_the_authority_said() {
    let refused = [refusal_of(&person(), 23)];
    let decision = decided(&person(), &[smime()], &Around { refused: &refused, ..Around::default() });
    assert_eq!(decision.intents, []);
    let why = &decision.skips[0].why;
    assert!(
        why.starts_with("Story CA rejected the request: the domain is not validated (on 2026-03-01"),
        "{why}"
    );
    assert_eq!(why.matches("rejected").count() + why.matches("refused").count(), 1, "said once: {why}");
    assert!(decision.revisit, "nothing about the person changes, and yet the order must come again");

    let shorter = Template { validity_days: smime().validity_days - 1, ..smime() };
    let around = Around { refused: &refused, ..Around::default() };
    assert_eq!(decided(&person(), &[shorter], &around).intents.len(), 1, "another order");

    let old = [refusal_of(&person(), 25)];
    let around = Around { refused: &old, ..Around::default() };
    assert_eq!(decided(&person(), &[smime()], &around).intents.len(), 1);
}

#[test]
fn a_name_that_was_corrected_after_a_refusal_is_ordered_at_once() {
    let wrong = Subscriber { surname: Some("Weis".to_owned()), ..person() };
    let refused = [refusal_of(&wrong, 1)];
    let around = Around { refused: &refused, ..Around::default() };
    assert_eq!(decided(&wrong, &[smime()], &around).intents, []);
    let mended = decided(&person(), &[smime()], &around);
    assert_eq!((mended.intents.len(), mended.skips.len(), mended.revisit), (1, 0, false));

    let another = Template { organization: None, ..smime() };
    assert_eq!(decided(&wrong, &[another], &around).intents.len(), 1, "another profile is another order");
}

#[test]
fn nobody_gets_one_who_is_excluded_outside_gone_or_already_on_the_way() {
    let excluded =
        Template { assignment: Assignment { exclude: vec![group()], ..smime().assignment }, ..smime() };
    let disabled = Template { enabled: false, ..smime() };
    let outside = Subscriber { groups: vec![id(999)], ..person() };
    let gone = Subscriber { gone_at: Some(NOW), ..person() };
    let nothing = Decision::default();
    assert_eq!(decided(&person(), &[excluded], &Around::default()), nothing);
    assert_eq!(decided(&person(), &[disabled], &Around::default()), nothing);
    assert_eq!(decided(&outside, &[smime()], &Around::default()), nothing);
    assert_eq!(decided(&gone, &[smime()], &Around::default()), nothing);
    assert_eq!(decided(&person(), &[smime()], &Around { open: &[smime().id], ..Around::default() }), nothing);
}

#[test]
fn a_mailbox_gets_mail_certificates_only_and_only_with_holders() {
    let templates = [smime(), sign_in()];
    let alone = decided(&mailbox(), &templates, &Around::default());
    assert_eq!(alone.intents, []);
    assert!(alone.skips[0].why.contains("nobody is named who may use it"), "{alone:?}");
    let held = decided(&mailbox(), &templates, &Around { holders: &[holder(1)], ..Around::default() });
    assert_eq!((held.intents.len(), held.skips.len()), (1, 0));
    let persons_only =
        Template { assignment: Assignment { shared_mailboxes: false, ..smime().assignment }, ..smime() };
    assert_eq!(decided(&mailbox(), &[persons_only], &Around::default()), Decision::default());
}

#[test]
fn a_blocked_account_ends_in_a_sentence() {
    let decision = decided(&Subscriber { enabled: false, ..person() }, &[smime()], &Around::default());
    assert_eq!(decision.intents, []);
    assert!(decision.skips[0].why.contains("may not sign in"), "{decision:?}");
}

#[test]
fn a_certificate_is_renewed_within_its_lead_and_not_before() {
    let left = |days| {
        let certificates = [certificate(&smime(), days)];
        decided(&person(), &[smime()], &Around { certificates: &certificates, ..Around::default() })
    };
    assert_eq!(left(29), Decision::default());
    let due = left(28);
    assert_eq!(due.intents.len(), 1);
    let reason = &due.intents[0].reason;
    assert!(
        reason.contains("ends on 2026-03-30, in 28 days") && reason.contains("renews 28 days before"),
        "{reason}"
    );
    let model::Action::Enroll { replaces, .. } = &due.intents[0].action else { panic!("an order") };
    assert_eq!(*replaces, Some(certificate(&smime(), 28).id));
}

#[test]
fn a_lapsed_certificate_is_followed_by_a_new_one_and_the_reason_names_its_end() {
    let lapsed = [certificate(&smime(), -3)];
    let decision = decided(&person(), &[smime()], &Around { certificates: &lapsed, ..Around::default() });
    assert!(
        decision.intents[0].reason.contains("the last certificate by it ended on 2026-02-27"),
        "{decision:?}"
    );
    let model::Action::Enroll { replaces, .. } = &decision.intents[0].action else { panic!("an order") };
    assert_eq!(*replaces, Some(lapsed[0].id), "it is superseded when the new one is delivered");
}

#[test]
fn certificates_that_are_being_revoked_or_are_of_another_template_do_not_count() {
    let revoking = Certificate { state: CertificateState::Revoking, ..certificate(&smime(), 300) };
    let certificates = [revoking, certificate(&sign_in(), 300)];
    let decision =
        decided(&person(), &[smime()], &Around { certificates: &certificates, ..Around::default() });
    assert_eq!(decision.intents.len(), 1);
}

#[test]
fn a_renewal_by_hand_orders_what_the_plan_would_order_at_any_time() {
    let certificate = certificate(&smime(), 300);
    let by_hand = renewed(&person(), &smime(), &certificate, &Around::default()).unwrap();
    let planned = decided(&person(), &[smime()], &Around::default()).intents.remove(0);
    let model::Action::Enroll { replaces, .. } = &by_hand.action else { panic!("an order") };
    assert_eq!(*replaces, Some(certificate.id));
    assert_eq!(order(&by_hand), order(&planned));
    assert_eq!(by_hand.who, planned.who);
}

#[test]
fn a_renewal_by_hand_is_refused_wherever_the_plan_would_not_order() {
    let template = |assignment| Template { assignment, ..smime() };
    let base = smime().assignment;
    let refused = |subscriber: &Subscriber, template: &Template, around: &Around<'_>| {
        renewed(subscriber, template, &certificate(&smime(), 300), around).unwrap_err()
    };
    let none = Around::default();
    let off = Template { enabled: false, ..smime() };
    assert!(refused(&person(), &off, &none).contains("switched off"));
    let outside = Subscriber { groups: vec![id(999)], ..person() };
    assert!(refused(&outside, &smime(), &none).contains("is in no enrollment group of the template `Mail`"));
    let excluding = template(Assignment { exclude: vec![group()], ..base.clone() });
    assert!(refused(&person(), &excluding, &none).contains("excludes"));
    let gone = Subscriber { gone_at: Some(NOW), ..person() };
    assert!(refused(&gone, &smime(), &none).contains("no longer in an enrollment group"));
    let blocked = Subscriber { enabled: false, ..person() };
    assert!(refused(&blocked, &smime(), &none).contains("may not sign in"));
    assert!(refused(&mailbox(), &smime(), &none).contains("nobody is named who may use it"));
    let people_only = template(Assignment { shared_mailboxes: false, ..base });
    let held = Around { holders: &[holder(1)], ..Around::default() };
    assert!(refused(&mailbox(), &people_only, &held).contains("for people only"));
    let nameless = Subscriber { mail: None, ..person() };
    assert!(refused(&nameless, &smime(), &none).contains("no mail address"));
    let under_way = Around { open: &[smime().id], ..Around::default() };
    assert!(refused(&person(), &smime(), &under_way).contains("on its way"));
}

#[test]
fn an_address_that_two_people_claim_is_certified_for_neither() {
    let other = Subscriber {
        id: id(7),
        mail: Some("else@nordwind.example".to_owned()),
        aliases: vec!["SUSI.WEISS@nordwind.example".to_owned()],
        user_principal_name: "other@nordwind.example".to_owned(),
        ..person()
    };
    let decide = || decided(&person(), &[smime(), sign_in()], &Around::default());
    let kept = keep_unambiguous(decide(), &person(), std::slice::from_ref(&other));
    assert_eq!(kept.intents.len(), 1, "sign-in certificates carry no address");
    assert!(kept.skips[0].why.contains("also belongs to Susi Weiß (other@nordwind.example)"), "{kept:?}");
    let gone = Subscriber { gone_at: Some(NOW), ..other };
    assert_eq!(keep_unambiguous(decide(), &person(), &[gone]), decide());
    assert_eq!(keep_unambiguous(decide(), &person(), &[person()]), decide(), "oneself is no rival");
}

#[test]
fn names_in_the_plan_cannot_move_a_terminals_cursor() {
    let subscriber = Subscriber { display_name: Some("\u{1b}[2JSusi\r\n\u{202e}x".to_owned()), ..person() };
    assert_eq!(
        decided(&subscriber, &[smime()], &Around::default()).intents[0].who,
        "[2JSusi x (susi@nordwind.example)"
    );
}

fn recipe() -> impl Strategy<Value = Template> {
    (1_u32..2_000, 0_u32..2_000, any::<bool>()).prop_map(|(validity_days, renew_before_days, enabled)| {
        Template { validity_days, renew_before_days, enabled, ..smime() }
    })
}

fn fatal(template: &Template) -> bool {
    lint(template, &["Story CA".to_owned()]).iter().any(|finding| finding.fatal)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn deciding_never_fails_and_gives_the_same_answer_again(
        subscriber in whatever::subscriber(),
        days in -400_i64..800,
        holders in 0_u128..12,
        served in 0_u128..4,
    ) {
        let templates = [smime(), sign_in()];
        let certificates = [certificate(&smime(), days)];
        let holders: Vec<MailboxHolder> = (0..holders).map(holder).collect();
        let certificate = certificates[0].id;
        let handed = |person| Handover { certificate, person: id(person), withdrawn: false };
        let delivered_to: Vec<Handover> = (0..served).map(handed).collect();
        let around = Around {
            certificates: &certificates,
            holders: &holders,
            delivered_to: &delivered_to,
            ..Around::default()
        };
        let once = decided(&subscriber, &templates, &around);
        prop_assert_eq!(&once, &decided(&subscriber, &templates, &around));
        for template in &templates {
            let intents = once.intents.iter().filter(|intent| intent.template == template.id).count();
            let skips = once.skips.iter().filter(|skip| skip.template == template.name).count();
            prop_assert!(intents + skips <= 1, "{:?}", once);
        }
        for intent in &once.intents {
            let (names, profile) = order(intent);
            prop_assert!(crypto::issue::check_names(profile, names).is_ok());
            prop_assert!(!intent.who.contains(char::is_control) && !intent.reason.contains(char::is_control));
        }
        for skip in &once.skips {
            prop_assert!(!skip.who.contains(char::is_control) && !skip.why.contains(char::is_control));
        }
    }

    #[test]
    fn a_renewal_comes_within_the_lead_and_a_tenth_of_it(
        template in recipe(),
        days in 1_i64..2_000,
        thumbprint in any::<[u8; 20]>(),
    ) {
        let certificate = Certificate {
            thumbprint: Thumbprint::new(thumbprint),
            ..certificate(&template, days)
        };
        let earliest = earliest_renewal(&certificate, &template);
        let lead = template.renew_before().as_millis();
        prop_assert!(earliest >= certificate.not_after - Span::millis(lead + lead / 10));
        let half = certificate.not_before + Span::millis(template.validity().as_millis() / 2);
        prop_assert!(earliest <= (certificate.not_after - Span::millis(lead)).max(half));
        if template.enabled {
            let longest = latest_renewal_lead(std::slice::from_ref(&template));
            prop_assert!(certificate.not_after - longest <= earliest, "the search for renewals would miss it");
        }
    }

    /// Otherwise every cycle would order another one.
    #[test]
    fn a_certificate_that_was_just_issued_is_not_renewed(
        template in recipe(),
        thumbprint in any::<[u8; 20]>(),
        granted in 1_i64..2_000,
    ) {
        // The authority grants less than was asked for, and dates back by minutes.
        let granted = Span::days(granted.min(i64::from(template.validity_days)));
        let certificate = Certificate {
            thumbprint: Thumbprint::new(thumbprint),
            not_before: NOW - Span::minutes(5),
            not_after: NOW - Span::minutes(5) + granted,
            ..certificate(&template, 1)
        };
        let certificates = [certificate];
        let around = Around { certificates: &certificates, ..Around::default() };
        prop_assert_eq!(decided(&person(), std::slice::from_ref(&template), &around), Decision::default());
    }

    /// With the usual leads (less than half of the life) the first half of the life is no hindrance.
    #[test]
    fn a_renewal_is_due_when_the_template_says_at_every_place_of_the_spread(
        (validity_days, renew_before_days) in (20_u32..=825).prop_flat_map(|days| (Just(days), 7..days * 10 / 22)),
        thumbprint in any::<[u8; 20]>(),
    ) {
        let template = Template { validity_days, renew_before_days, ..smime() };
        prop_assert!(!fatal(&template));
        let whole = i64::from(validity_days);
        let certificate = Certificate { thumbprint: Thumbprint::new(thumbprint), ..certificate(&template, whole) };
        let latest = certificate.not_after - template.renew_before();
        let spread = Span::millis(template.renew_before().as_millis() / 10);
        let earliest = earliest_renewal(&certificate, &template);
        prop_assert!(earliest <= latest && earliest >= latest - spread);
    }

    /// What lint lets pass leaves room for the whole spread.
    #[test]
    fn lint_refuses_leads_that_reach_back_to_the_issuance(template in recipe()) {
        let lead = i64::from(template.renew_before_days) * 11;
        let fits = lead < i64::from(template.validity_days) * 10;
        let told = lint(&template, &["Story CA".to_owned()]);
        let refused = told.iter().any(|finding| finding.fatal && finding.field == "renew-before-days");
        prop_assert!(fits || refused, "{template:?}");
        prop_assert!(!refused || lead + 10 > i64::from(template.validity_days) * 10, "{template:?}");
    }

    #[test]
    fn taking_back_ambiguous_addresses_loses_nobody(
        subscriber in whatever::subscriber(),
        others in proptest::collection::vec(whatever::subscriber(), 0..4),
    ) {
        let decision = decided(&subscriber, &[smime(), sign_in()], &Around { holders: &[holder(1)], ..Around::default() });
        let others: Vec<Subscriber> =
            others.into_iter().zip(50..).map(|(other, number)| Subscriber { id: id(number), ..other }).collect();
        let kept = keep_unambiguous(decision.clone(), &subscriber, &others);
        prop_assert_eq!(kept.intents.len() + kept.skips.len(), decision.intents.len() + decision.skips.len());
        for intent in &kept.intents {
            for mail in &order(intent).0.mail_addresses {
                let claimed = others.iter().any(|other| {
                    other.mail.iter().chain(&other.aliases).any(|theirs| theirs.eq_ignore_ascii_case(mail))
                });
                prop_assert!(!claimed, "{mail}");
            }
        }
    }
}
