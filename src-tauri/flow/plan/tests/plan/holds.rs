//! Blocked accounts: their certificates are put on hold when that was seen twice, and taken off with the block.

use model::{
    Action, Certificate, CertificateState, Ending, EndingCause, EndingPolicy, Hold, HoldCause, HoldState,
    Span, Subscriber, SubscriberKind, Template, WhenDisabled,
};
use plan::{Answer, Decision, Situation, decide, explain, lint};

use crate::sample::{NOW, certificate, id, person, smime};

struct Story {
    subscriber: Subscriber,
    template: Template,
    certificates: Vec<Certificate>,
    endings: Vec<Ending>,
    holds: Vec<Hold>,
}

impl Story {
    /// Susi, whose account is blocked, with a certificate that runs for 200 days more.
    fn blocked(disabled: WhenDisabled) -> Self {
        let template = Template { ending: EndingPolicy { disabled, ..EndingPolicy::USUAL }, ..smime() };
        Self {
            subscriber: Subscriber { enabled: false, ..person() },
            certificates: vec![certificate(&template, 200)],
            template,
            endings: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// The same, after the hold.
    fn held(cause: HoldCause) -> Self {
        let mut story = Self::blocked(WhenDisabled::Hold);
        let certificate = &mut story.certificates[0];
        certificate.state = CertificateState::Held;
        story.holds = vec![Hold {
            certificate: certificate.id,
            subscriber: certificate.subscriber,
            cause,
            was: CertificateState::Valid,
            state: HoldState::AtAuthority,
            since: NOW - Span::days(3),
        }];
        story
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            subscriber: &self.subscriber,
            certificates: &self.certificates,
            open: &[],
            refused: &[],
            holders: &[],
            delivered_to: &[],
            superseded: &[],
            ordered: &[],
            endings: &self.endings,
            holds: &self.holds,
            confirmed_at: Some(NOW - Span::hours(1)),
            holders_confirmed_at: None,
            holders_are_sure: true,
        }
    }

    fn decide(&self) -> Decision {
        decide(&self.situation(), std::slice::from_ref(&self.template), NOW)
    }

    /// What was noticed is from before the last complete reading, and its grace has passed.
    fn noted(mut self, ago: Span) -> Self {
        self.endings = self.decide().endings;
        for ending in &mut self.endings {
            ending.since = ending.since - ago;
            ending.due_at = ending.due_at - ago;
        }
        self
    }
}

fn verbs(decision: &Decision) -> Vec<&'static str> {
    decision.intents.iter().map(|intent| intent.action.verb()).collect()
}

#[test]
fn a_blocked_account_loses_nothing_unless_the_template_says_so() {
    assert_eq!(EndingPolicy::USUAL.disabled, WhenDisabled::Nothing, "a hold is never a surprise");
    let decision = Story::blocked(WhenDisabled::Nothing).decide();
    assert_eq!((decision.intents, decision.endings), (Vec::new(), Vec::new()));
}

#[test]
fn a_hold_is_noticed_first_and_ordered_when_it_was_seen_twice() {
    let decision = Story::blocked(WhenDisabled::Hold).decide();
    assert_eq!(decision.intents, []);
    let [notice] = decision.endings.as_slice() else { panic!("one notice: {decision:?}") };
    assert_eq!((notice.cause, notice.due_at), (EndingCause::Disabled, NOW), "no grace: it can be taken back");
    let once = Story::blocked(WhenDisabled::Hold).noted(Span::minutes(30)).decide();
    assert_eq!(once.intents, [], "the last complete reading is from before");
    let twice = Story::blocked(WhenDisabled::Hold).noted(Span::hours(2)).decide();
    assert_eq!(verbs(&twice), ["hold"]);
    assert!(twice.intents[0].reason.contains("blocked"), "{}", twice.intents[0].reason);
}

#[test]
fn whoever_is_unblocked_in_time_is_not_put_on_hold() {
    let story = Story::blocked(WhenDisabled::Hold).noted(Span::hours(2));
    let decision = Story { subscriber: person(), ..story }.decide();
    assert_eq!((verbs(&decision).len(), decision.retracted.as_slice()), (0, [id(20)].as_slice()));
}

#[test]
fn a_shared_mailbox_is_never_put_on_hold_for_its_account() {
    for disabled in [WhenDisabled::Hold, WhenDisabled::Revoke] {
        let mut story = Story::blocked(disabled);
        story.subscriber.kind = SubscriberKind::SharedMailbox;
        assert_eq!(story.decide().endings, [], "{disabled:?}");
    }
}

#[test]
fn nothing_takes_the_place_of_what_is_on_hold_and_the_reason_is_told_when_it_would() {
    for cause in [HoldCause::ByHand, HoldCause::Disabled] {
        for (days, told) in [(200, 0), (10, 1), (-1, 1)] {
            let mut story = Story::held(cause);
            story.certificates[0].not_after = NOW + Span::days(days);
            story.subscriber.enabled = cause == HoldCause::ByHand;
            let decision = story.decide();
            assert_eq!(decision.intents, [], "{cause:?} {days}");
            assert_eq!(decision.skips.len(), told, "{cause:?} {days}: {decision:?}");
            assert!(decision.skips.iter().all(|skip| skip.why.contains("on hold since")), "{decision:?}");
            let said = explain(&story.situation(), &decision, std::slice::from_ref(&story.template), NOW);
            assert_eq!(said[0].answer, Answer::Hindered);
            assert_eq!(said[0].certificate, Some(id(20)));
        }
    }
}

#[test]
fn a_former_certificate_on_hold_keeps_nobody_from_a_new_one() {
    let mut story = Story::held(HoldCause::ByHand);
    story.subscriber.enabled = true;
    story.holds[0].was = CertificateState::Superseded;
    assert_eq!(verbs(&story.decide()), ["enroll"]);
}

#[test]
fn the_plan_lifts_its_own_holds_with_the_block_and_no_others() {
    for (cause, enabled, expected) in [
        (HoldCause::Disabled, false, [].as_slice()),
        (HoldCause::Disabled, true, &["release"]),
        (HoldCause::ByHand, true, &[]),
    ] {
        let mut story = Story::held(cause);
        story.subscriber.enabled = enabled;
        assert_eq!(verbs(&story.decide()), expected, "{cause:?} {enabled}");
        story.holds[0].state = HoldState::Lifting;
        assert_eq!(verbs(&story.decide()), [] as [&str; 0], "{cause:?} {enabled}: on its way");
    }
    let mut story = Story::held(HoldCause::Disabled);
    story.template.ending.disabled = WhenDisabled::Nothing;
    assert_eq!(verbs(&story.decide()), ["release"], "the template no longer asks for it");
    let mut gone = Story::held(HoldCause::Disabled);
    gone.subscriber.enabled = true;
    gone.subscriber.gone_at = Some(NOW);
    assert_eq!(verbs(&gone.decide()), [] as [&str; 0], "nothing is known of whoever is gone");
}

#[test]
fn whoever_leaves_while_on_hold_is_revoked_after_the_grace() {
    let mut story = Story::held(HoldCause::Disabled);
    story.subscriber.groups = Vec::new();
    let noticed = story.decide();
    assert_eq!(noticed.endings[0].cause, EndingCause::LeftGroup);
    let decision = story.noted(Span::days(31)).decide();
    assert!(
        matches!(decision.intents[0].action, Action::Revoke { cause: EndingCause::LeftGroup, .. }),
        "{decision:?}"
    );
}

#[test]
fn a_template_that_revokes_blocked_accounts_waits_as_long_as_for_leavers() {
    let story = Story::blocked(WhenDisabled::Revoke);
    assert_eq!(story.decide().endings[0].due_at, NOW + Span::days(30));
    assert_eq!(verbs(&story.noted(Span::days(29)).decide()), [] as [&str; 0]);
    let due = Story::blocked(WhenDisabled::Revoke).noted(Span::days(31)).decide();
    assert!(matches!(due.intents[0].action, Action::Revoke { cause: EndingCause::Disabled, .. }), "{due:?}");
    // A notice of a hold, which has no grace, is no notice of a revocation.
    let mut changed = Story::blocked(WhenDisabled::Hold).noted(Span::hours(2));
    changed.template.ending.disabled = WhenDisabled::Revoke;
    let decision = changed.decide();
    assert_eq!((verbs(&decision).len(), decision.retracted.len()), (0, 1));
    assert_eq!(decision.endings[0].due_at, NOW + Span::days(30));
}

#[test]
fn a_template_that_revokes_blocked_accounts_says_after_how_many_days() {
    let ending = EndingPolicy { leaver_days: None, renamed_days: None, disabled: WhenDisabled::Revoke };
    let findings = lint(&Template { ending, ..smime() }, &[]);
    assert!(findings.iter().any(|finding| finding.fatal && finding.field == "disabled"), "{findings:?}");
}
