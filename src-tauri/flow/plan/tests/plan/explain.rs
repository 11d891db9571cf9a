//! What the plan says about a subscriber for each template, also where nothing is to be done.

use model::{Certificate, Span, Subscriber, Template};
use plan::{Answer, Decision, Situation, Verdict, decide, explain};

use crate::sample::{NOW, certificate, id, mailbox, person, sign_in, smime};

/// Nothing known but the subscriber and these certificates.
fn bare<'a>(subscriber: &'a Subscriber, certificates: &'a [Certificate]) -> Situation<'a> {
    Situation {
        subscriber,
        certificates,
        open: &[],
        refused: &[],
        holders: &[],
        delivered_to: &[],
        superseded: &[],
        ordered: &[],
        endings: &[],
        holds: &[],
        confirmed_at: None,
        holders_confirmed_at: None,
        holders_are_sure: true,
    }
}

fn explained(situation: &Situation<'_>, templates: &[Template]) -> Vec<Verdict> {
    explain(situation, &decide(situation, templates, NOW), templates, NOW)
}

fn one(situation: &Situation<'_>, template: &Template) -> (Answer, String) {
    let verdicts = explained(situation, std::slice::from_ref(template));
    assert_eq!((verdicts[0].template, &verdicts[0].template_name), (template.id, &template.name));
    (verdicts[0].answer, verdicts[0].reason.clone())
}

#[test]
fn every_template_gets_an_answer_in_the_order_of_the_templates() {
    let susi = person();
    let held = [certificate(&sign_in(), 300)];
    let off = Template { id: id(12), name: "Old".to_owned(), enabled: false, ..smime() };
    let verdicts = explained(&bare(&susi, &held), &[smime(), sign_in(), off]);
    let answers: Vec<(&str, Answer)> =
        verdicts.iter().map(|one| (one.template_name.as_str(), one.answer)).collect();
    assert_eq!(
        answers,
        [("Mail", Answer::Enroll), ("Sign-in", Answer::Covered), ("Old", Answer::NotEntitled)]
    );
    assert_eq!(verdicts[1].certificate, Some(held[0].id));
    assert_eq!((verdicts[0].certificate, verdicts[2].certificate), (None, None));
    assert!(verdicts[2].reason.contains("switched off"), "{}", verdicts[2].reason);
}

#[test]
fn what_is_decided_is_told_in_the_words_of_the_decision() {
    let susi = person();
    for days_left in [10, -1] {
        let held = [certificate(&smime(), days_left)];
        let situation = bare(&susi, &held);
        let decision = decide(&situation, &[smime()], NOW);
        let told = one(&situation, &smime());
        assert_eq!(told, (Answer::Renew, decision.intents[0].reason.clone()), "{days_left} days left");
    }
    let blocked = Subscriber { enabled: false, ..person() };
    let (answer, reason) = one(&bare(&blocked, &[]), &smime());
    assert_eq!(answer, Answer::Hindered);
    assert!(reason.contains("blocked in Entra"), "{reason}");
}

#[test]
fn a_changed_address_is_a_replacement() {
    let renamed = Subscriber { mail: Some("susi.neu@nordwind.example".to_owned()), ..person() };
    let held = [certificate(&smime(), 300)];
    let before = plan::compose(&person(), &smime()).unwrap();
    let ordered = [(held[0].id, before)];
    let situation = Situation { ordered: &ordered, ..bare(&renamed, &held) };
    let (answer, reason) = one(&situation, &smime());
    assert_eq!(answer, Answer::Replace);
    assert!(reason.contains("susi.neu@nordwind.example"), "{reason}");
}

#[test]
fn who_has_a_certificate_is_told_from_when_on_it_is_renewed() {
    let susi = person();
    let held = [certificate(&smime(), 300)];
    let (answer, reason) = one(&bare(&susi, &held), &smime());
    assert_eq!(answer, Answer::Covered);
    let day = |at: model::Timestamp| at.to_string().chars().take(10).collect::<String>();
    assert!(reason.contains(&day(held[0].not_after)), "{reason}");
    assert!(reason.contains(&day(plan::earliest_renewal(&held[0], &smime()))), "{reason}");
}

#[test]
fn an_enrollment_under_way_is_told_and_one_under_way_for_another_template_is_not() {
    let susi = person();
    let open = [smime().id];
    let situation = Situation { open: &open, ..bare(&susi, &[]) };
    assert_eq!(one(&situation, &smime()).0, Answer::UnderWay);
    assert_eq!(one(&situation, &sign_in()).0, Answer::Enroll);
}

#[test]
fn who_left_and_who_the_template_is_not_for_are_told_so() {
    let held = [certificate(&smime(), 300)];
    let gone = Subscriber { gone_at: Some(NOW - Span::days(2)), groups: Vec::new(), ..person() };
    let verdicts = explained(&bare(&gone, &held), &[smime()]);
    assert_eq!(verdicts[0].answer, Answer::NotEntitled);
    assert_eq!(verdicts[0].reason, "left every enrollment group, or the organisation, by 2026-02-28");
    assert_eq!(verdicts[0].certificate, Some(held[0].id), "what there is stays to be seen");

    let (answer, reason) = one(&bare(&mailbox(), &[]), &sign_in());
    assert_eq!(answer, Answer::NotEntitled);
    assert!(reason.contains("for people only"), "{reason}");
}

#[test]
fn several_hindrances_of_one_template_are_told_together() {
    let susi = person();
    let skip = |why: &str| model::Skip {
        subscriber: susi.id,
        who: "Susi".to_owned(),
        template: "Mail".to_owned(),
        why: why.to_owned(),
    };
    let decision = Decision { skips: vec![skip("this"), skip("that")], ..Decision::default() };
    let verdicts = explain(&bare(&susi, &[]), &decision, &[smime()], NOW);
    assert_eq!((verdicts[0].answer, verdicts[0].reason.as_str()), (Answer::Hindered, "this; that"));
}
