//! Which certificates end before their time: after a grace, when it was seen twice, and never by a slip.

use model::{
    Action, Assignment, Certificate, CertificateId, CertificateNames, CertificateState, Ending, EndingCause,
    EndingPolicy, Intent, Span, Subscriber, Template, Timestamp,
};
use plan::{Decision, Situation, compose, decide};
use proptest::prelude::*;

use crate::sample::{NOW, certificate, group, id, person, sign_in, smime};

struct Story {
    subscriber: Subscriber,
    template: Template,
    certificates: Vec<Certificate>,
    superseded: Vec<Certificate>,
    ordered: Vec<(CertificateId, CertificateNames)>,
    endings: Vec<Ending>,
    confirmed_at: Option<Timestamp>,
}

impl Story {
    /// Susi, with a certificate in her name that runs for 200 days more, in a directory that was read an hour ago.
    fn new() -> Self {
        let template = smime();
        let certificate = certificate(&template, 200);
        let ordered = vec![(certificate.id, compose(&person(), &template).unwrap())];
        Self {
            subscriber: person(),
            template,
            certificates: vec![certificate],
            superseded: Vec::new(),
            ordered,
            endings: Vec::new(),
            confirmed_at: Some(NOW - Span::hours(1)),
        }
    }

    fn gone(days_ago: i64) -> Self {
        let gone_at = Some(NOW - Span::days(days_ago));
        Self { subscriber: Subscriber { groups: Vec::new(), gone_at, ..person() }, ..Self::new() }
    }

    fn decide(&self) -> Decision {
        let situation = Situation {
            subscriber: &self.subscriber,
            certificates: &self.certificates,
            open: &[],
            refused: &[],
            holders: &[],
            delivered_to: &[],
            superseded: &self.superseded,
            ordered: &self.ordered,
            endings: &self.endings,
            holds: &[],
            confirmed_at: self.confirmed_at,
            holders_confirmed_at: None,
            holders_are_sure: true,
        };
        decide(&situation, std::slice::from_ref(&self.template), NOW)
    }

    /// After a certificate with the present names took the place of the one there was.
    fn replaced(mut self) -> Self {
        let new = Certificate { id: id(25), ..certificate(&self.template, 365) };
        let old = Certificate { state: CertificateState::Superseded, ..self.certificates.remove(0) };
        self.ordered.push((new.id, compose(&self.subscriber, &self.template).unwrap()));
        self.superseded = vec![old];
        self.certificates = vec![new];
        self
    }

    /// What is decided when notice was given as it would be now, and the grace has passed since.
    fn noted(mut self) -> Self {
        self.endings = self.decide().endings;
        for ending in &mut self.endings {
            ending.due_at = NOW;
            ending.since = NOW - Span::days(7);
        }
        self
    }
}

fn revoked(decision: &Decision) -> Vec<(CertificateId, EndingCause)> {
    let revocation = |intent: &Intent| match intent.action {
        Action::Revoke { certificate, cause, .. } => Some((certificate, cause)),
        Action::Enroll { .. } | Action::Hold { .. } | Action::Release { .. } => None,
    };
    decision.intents.iter().filter_map(revocation).collect()
}

#[test]
fn whoever_left_has_a_grace_from_the_day_they_were_missed() {
    let decision = Story::gone(3).decide();
    assert_eq!(decision.intents, []);
    let [notice] = decision.endings.as_slice() else { panic!("one notice") };
    assert_eq!(notice.cause, EndingCause::Gone);
    assert_eq!(notice.since, NOW, "the second look comes after the notice");
    assert_eq!(notice.due_at, NOW + Span::days(27), "thirty days after they were missed");
}

#[test]
fn after_the_grace_it_is_revoked_with_a_reason_that_says_since_when() {
    let decision = Story::gone(31).noted().decide();
    assert_eq!(revoked(&decision), [(id(20), EndingCause::Gone)]);
    assert_eq!(decision.intents[0].reason, "left every enrollment group, or the organisation, by 2026-01-30");
    assert_eq!(decision.intents[0].action.verb(), "revoke");
}

#[test]
fn nothing_is_revoked_that_was_not_seen_twice_in_readings_of_everything() {
    for confirmed_at in [None, Some(NOW - Span::days(7)), Some(NOW - Span::days(8))] {
        let story = Story { confirmed_at, ..Story::gone(31).noted() };
        assert_eq!(revoked(&story.decide()), [], "{confirmed_at:?}");
    }
}

#[test]
fn whoever_comes_back_keeps_the_certificate() {
    let story = Story::gone(3).noted();
    let back = Story { subscriber: person(), ..story };
    let decision = back.decide();
    assert_eq!((decision.retracted.as_slice(), revoked(&decision).len()), ([id(20)].as_slice(), 0));
}

#[test]
fn a_template_that_is_switched_off_or_says_nothing_about_leavers_takes_nothing_away() {
    let off = Template { enabled: false, ..smime() };
    let story = Story { template: off, ..Story::new() };
    assert_eq!(story.decide().endings, [], "a member still");
    let silent = Template { ending: EndingPolicy::default(), ..smime() };
    assert_eq!(Story { template: silent.clone(), ..Story::gone(90) }.decide().endings, []);
    let noted = Story { template: silent, ..Story::gone(90).noted() };
    let decision = noted.decide();
    assert_eq!(
        decision.retracted,
        [id::<CertificateId>(20)],
        "and takes back what was noticed by another policy"
    );
    assert_eq!(revoked(&decision), []);
}

#[test]
fn leaving_the_template_s_groups_or_coming_into_an_excluded_one_is_leaving() {
    let elsewhere = Subscriber { groups: vec![id(101)], ..person() };
    let cause = |story: Story| story.decide().endings.first().map(|ending| ending.cause);
    assert_eq!(cause(Story { subscriber: elsewhere, ..Story::new() }), Some(EndingCause::LeftGroup));
    let assignment = Assignment { exclude: vec![group()], ..smime().assignment };
    let template = Template { assignment, ..smime() };
    assert_eq!(cause(Story { template, ..Story::new() }), Some(EndingCause::LeftGroup));
}

#[test]
fn what_is_superseded_ends_with_its_owner_and_what_has_ended_does_not() {
    let mut story = Story::gone(90);
    story.superseded = vec![
        Certificate { id: id(22), state: CertificateState::Superseded, ..certificate(&smime(), 100) },
        Certificate { id: id(23), state: CertificateState::Superseded, ..certificate(&smime(), -1) },
    ];
    story.certificates.push(Certificate {
        id: id(24),
        state: CertificateState::Revoking,
        ..certificate(&smime(), 50)
    });
    let noticed: Vec<CertificateId> =
        story.decide().endings.iter().map(|ending| ending.certificate).collect();
    assert_eq!(noticed, [id(20), id(22)]);
}

#[test]
fn a_new_address_is_ordered_at_once_and_the_old_certificate_is_revoked_when_it_was_replaced() {
    let married = Subscriber { mail: Some("susi.schwarz@nordwind.example".to_owned()), ..person() };
    let story = Story { subscriber: married.clone(), ..Story::new() };
    let decision = story.decide();
    let [order] = decision.intents.as_slice() else { panic!("one order") };
    assert_eq!(
        order.reason,
        "the mail address changed from `susi.weiss@nordwind.example` to `susi.schwarz@nordwind.example`"
    );
    assert_eq!(order.action.verb(), "replace");
    assert_eq!(decision.endings, [], "it is in use until another one has taken its place");

    let mut replaced = story.replaced();
    let notice = &replaced.decide().endings[0];
    assert_eq!((notice.cause, notice.due_at), (EndingCause::Renamed, NOW + Span::days(7)));
    replaced = replaced.noted();
    let decision = replaced.decide();
    assert_eq!(revoked(&decision), [(id(20), EndingCause::Renamed)]);
    assert_eq!(decision.intents.len(), 1, "and nothing else is ordered");
}

#[test]
fn what_does_not_say_who_somebody_is_replaces_nothing() {
    let unchanged = [
        Subscriber { display_name: Some("Dr. Susi Weiß".to_owned()), ..person() },
        Subscriber { aliases: vec!["x@nordwind.example".to_owned()], ..person() },
        Subscriber { mail: Some("Susi.Weiss@nordwind.example".to_owned()), ..person() },
        // What was not told was not cleared.
        Subscriber { given_name: None, ..person() },
    ];
    for subscriber in unchanged {
        let decision = Story { subscriber: subscriber.clone(), ..Story::new() }.decide();
        assert_eq!((decision.intents.len(), decision.endings.len()), (0, 0), "{subscriber:?}");
    }
    let template = Template { organization: None, ..smime() };
    let decision = Story { template, ..Story::new() }.decide();
    assert_eq!((decision.intents.len(), decision.endings.len()), (0, 0), "an edited template");
    let quiet = Template { ending: EndingPolicy { renamed_days: None, ..EndingPolicy::USUAL }, ..smime() };
    let renamed = Subscriber { surname: Some("Schwarz".to_owned()), ..person() };
    let decision = Story { template: quiet, subscriber: renamed, ..Story::new() }.decide();
    assert_eq!(decision.intents, [], "it comes with the next renewal");
}

#[test]
fn a_sign_in_name_counts_where_it_is_certified() {
    let template = sign_in();
    let certificate = certificate(&template, 100);
    let ordered = vec![(certificate.id, compose(&person(), &template).unwrap())];
    let renamed = Subscriber { user_principal_name: "susi.schwarz@nordwind.example".to_owned(), ..person() };
    let story =
        Story { template, certificates: vec![certificate], ordered, subscriber: renamed, ..Story::new() };
    assert!(story.decide().intents[0].reason.starts_with("the sign-in name changed"));
}

#[test]
fn whoever_leaves_after_a_change_of_name_has_the_grace_of_those_who_leave_and_the_other_way_round() {
    let married = Subscriber { surname: Some("Schwarz".to_owned()), ..person() };
    let story = Story { subscriber: married.clone(), ..Story::new() }.replaced().noted();
    assert_eq!(story.endings[0].cause, EndingCause::Renamed);
    let gone = Subscriber { groups: Vec::new(), gone_at: Some(NOW - Span::days(1)), ..married.clone() };
    let left = Story { subscriber: gone, ..story };
    let decision = left.decide();
    assert_eq!(revoked(&decision), []);
    assert_eq!(decision.retracted, [id::<CertificateId>(20)]);
    assert!(decision.endings.iter().all(|ending| ending.due_at == NOW + Span::days(29)), "{decision:?}");

    let back = Story { subscriber: married, ..left.noted() };
    let decision = back.decide();
    assert_eq!(revoked(&decision), []);
    let [notice] = decision.endings.as_slice() else { panic!("{decision:?}") };
    assert_eq!((notice.cause, notice.due_at), (EndingCause::Renamed, NOW + Span::days(7)));
}

#[test]
fn a_notice_about_what_was_revoked_meanwhile_is_taken_back() {
    let story = Story { certificates: Vec::new(), ..Story::gone(31).noted() };
    let decision = story.decide();
    assert_eq!((decision.retracted.as_slice(), revoked(&decision).len()), ([id(20)].as_slice(), 0));
}

proptest! {
    /// Whatever was noticed and read: without a grace that has passed and a second look nothing is revoked, and nobody who is
    /// entitled under their own name ever is.
    #[test]
    fn nobody_is_revoked_too_early(
        gone_days in proptest::option::of(0_i64..90),
        since_days in 0_i64..90,
        grace in 0_i64..60,
        confirmed_days in proptest::option::of(0_i64..90),
        noted in any::<bool>(),
    ) {
        let mut story = gone_days.map_or_else(Story::new, Story::gone);
        story.confirmed_at = confirmed_days.map(|days| NOW - Span::days(days));
        if noted {
            let since = NOW - Span::days(since_days);
            let due_at = since + Span::days(grace);
            let cause = EndingCause::Gone;
            story.endings = vec![Ending { certificate: id(20), subscriber: id(1), cause, since, due_at }];
        }
        let decision = story.decide();
        let may = gone_days.is_some() && noted && grace <= since_days
            && confirmed_days.is_some_and(|days| days < since_days);
        prop_assert_eq!(!revoked(&decision).is_empty(), may);
        prop_assert!(decision.endings.len() + decision.retracted.len() <= 1);
    }
}
