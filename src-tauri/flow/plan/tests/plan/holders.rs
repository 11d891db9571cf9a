//! Who has a mailbox's key and who may use it: a new key for those who come and go, once it was seen twice that somebody went.

use model::{
    Action, Certificate, CertificateState, Ending, EndingCause, EndingPolicy, Handover, MailboxHolder, Span,
    SubscriberId, Template, Timestamp,
};
use plan::{Decision, Situation, decide};

use crate::sample::{NOW, certificate, holder, id, mailbox, smime};

fn handed(certificate: &Certificate, person: SubscriberId) -> Handover {
    Handover { certificate: certificate.id, person, withdrawn: false }
}

struct Story {
    template: Template,
    certificates: Vec<Certificate>,
    superseded: Vec<Certificate>,
    holders: Vec<MailboxHolder>,
    delivered_to: Vec<Handover>,
    endings: Vec<Ending>,
    confirmed_at: Option<Timestamp>,
    sure: bool,
}

impl Story {
    /// A mailbox whose key these people have, and which those may use.
    fn new(has: &[u128], may: &[u128]) -> Self {
        let certificate = Certificate { subscriber: id(2), ..certificate(&smime(), 300) };
        Self {
            delivered_to: has.iter().map(|person| handed(&certificate, id(*person))).collect(),
            template: smime(),
            certificates: vec![certificate],
            superseded: Vec::new(),
            holders: may.iter().map(|person| holder(*person)).collect(),
            endings: Vec::new(),
            confirmed_at: Some(NOW - Span::hours(1)),
            sure: true,
        }
    }

    fn decide(&self) -> Decision {
        let mailbox = mailbox();
        let situation = Situation {
            subscriber: &mailbox,
            certificates: &self.certificates,
            open: &[],
            refused: &[],
            holders: &self.holders,
            delivered_to: &self.delivered_to,
            superseded: &self.superseded,
            ordered: &[],
            endings: &self.endings,
            holds: &[],
            // The directory was read completely just now; that says nothing about mailboxes.
            confirmed_at: Some(NOW),
            holders_confirmed_at: self.confirmed_at,
            holders_are_sure: self.sure,
        };
        decide(&situation, std::slice::from_ref(&self.template), NOW)
    }

    /// With the notice that would be given now, given this long ago.
    fn noted(mut self, ago: Span) -> Self {
        let ending = self.decide().endings.remove(0);
        let since = NOW - ago;
        self.endings = vec![Ending { since, due_at: since + ending.due_at.since(NOW), ..ending }];
        self
    }

    /// After a new key went to those who may use the mailbox.
    fn rekeyed(mut self) -> Self {
        let new = Certificate { id: id(25), subscriber: id(2), ..certificate(&self.template, 365) };
        let old = Certificate { state: CertificateState::Superseded, ..self.certificates.remove(0) };
        self.delivered_to.extend(self.holders.iter().map(|holder| handed(&new, holder.person)));
        self.superseded = vec![old];
        self.certificates = vec![new];
        self
    }
}

fn rekey(decision: &Decision) -> &str {
    let [intent] = decision.intents.as_slice() else { panic!("{decision:?}") };
    assert!(
        matches!(intent.action, Action::Enroll { replaces: Some(_), renamed: true, .. }),
        "counted as a replacement: {intent:?}"
    );
    assert!(decision.skips.is_empty(), "{decision:?}");
    &intent.reason
}

#[test]
fn nothing_follows_where_the_key_is_with_those_who_may_use_the_mailbox() {
    assert_eq!(Story::new(&[1, 5], &[5, 1]).decide(), Decision::default());
}

#[test]
fn who_comes_gets_a_new_key_with_all_the_others() {
    let decision = Story::new(&[1], &[1, 5]).decide();
    assert!(
        rekey(&decision)
            .starts_with("holder5@nordwind.example may use this mailbox since the key of 00000000")
    );
    assert!(decision.endings.is_empty(), "the former certificate runs on beside it: {decision:?}");
    let done = Story::new(&[1], &[1, 5]).rekeyed().decide();
    assert_eq!(done, Decision::default(), "and nobody orders again");
}

#[test]
fn many_who_come_are_named_in_one_sentence() {
    let reason = |count: u128| {
        let may: Vec<u128> = (1..=count).collect();
        rekey(&Story::new(&[], &may).decide()).to_owned()
    };
    assert!(reason(3).starts_with(
        "holder1@nordwind.example, holder2@nordwind.example and holder3@nordwind.example may use this mailbox since"
    ));
    assert!(reason(8).contains("holder7@nordwind.example and holder8@nordwind.example may use"));
    assert!(reason(500).contains("holder7@nordwind.example and 493 others may use"));
}

#[test]
fn who_goes_is_noticed_first_and_nothing_is_done() {
    let decision = Story::new(&[1, 5], &[1]).decide();
    assert!(decision.intents.is_empty(), "{decision:?}");
    assert!(decision.revisit, "the next reading is waited for");
    assert!(decision.skips[0].why.contains("when the next complete reading shows the same"), "{decision:?}");
    let [ending] = decision.endings.as_slice() else { panic!("{decision:?}") };
    assert_eq!(
        (ending.cause, ending.since, ending.due_at),
        (EndingCause::HolderLeft, NOW, NOW + Span::days(30))
    );
}

#[test]
fn only_a_later_reading_of_the_mailbox_itself_confirms_that_somebody_went() {
    let waiting = |story: Story| {
        let decision = story.decide();
        assert!(decision.intents.is_empty() && decision.revisit, "{decision:?}");
    };
    waiting(Story::new(&[1, 5], &[1]).noted(Span::minutes(10)));
    waiting(Story { confirmed_at: None, ..Story::new(&[1, 5], &[1]).noted(Span::days(60)) });
    let decision = Story::new(&[1, 5], &[1]).noted(Span::hours(2)).decide();
    assert!(rekey(&decision).contains("somebody who has the key of 00000000 may no longer use this mailbox"));
}

#[test]
fn one_new_key_serves_those_who_came_and_went_together() {
    let waiting = Story::new(&[1, 5], &[1, 6]).decide();
    assert!(waiting.intents.is_empty(), "{waiting:?}");
    rekey(&Story::new(&[1, 5], &[1, 6]).noted(Span::hours(2)).decide());
}

#[test]
fn the_former_certificate_is_revoked_after_the_grace_and_only_when_it_was_replaced() {
    let early = Story::new(&[1, 5], &[1]).noted(Span::days(29)).rekeyed().decide();
    assert_eq!(early, Decision::default());
    let not_replaced = Story::new(&[1, 5], &[1]).noted(Span::days(31)).decide();
    rekey(&not_replaced);
    let decision = Story::new(&[1, 5], &[1]).noted(Span::days(31)).rekeyed().decide();
    let [intent] = decision.intents.as_slice() else { panic!("{decision:?}") };
    assert!(
        matches!(intent.action, Action::Revoke { certificate, cause: EndingCause::HolderLeft, .. } if certificate == id(20)),
        "{intent:?}"
    );
}

#[test]
fn who_comes_back_is_taken_off_the_list() {
    let mut story = Story::new(&[1, 5], &[1]).noted(Span::hours(2));
    story.holders.push(holder(5));
    let decision = story.decide();
    assert_eq!((decision.retracted.as_slice(), decision.intents.len()), ([id(20)].as_slice(), 0));
}

#[test]
fn who_comes_back_after_the_record_was_withdrawn_gets_a_new_key_with_all_the_others() {
    let mut story = Story::new(&[1, 5], &[1, 5]);
    story.delivered_to[1].withdrawn = true;
    let decision = story.decide();
    let reason = rekey(&decision);
    assert!(reason.contains(&holder(5).user_principal_name), "{reason}");
    // Gone they stay gone: what is on their devices is still the old key.
    story.holders.retain(|holder| holder.person != id(5));
    assert!(story.decide().revisit, "noticed like anybody who went");
}

#[test]
fn a_template_without_a_grace_for_leavers_tells_and_does_nothing() {
    let quiet = |story: Story| {
        let template = Template {
            ending: EndingPolicy { leaver_days: None, ..story.template.ending },
            ..story.template
        };
        Story { template, ..story }.decide()
    };
    assert_eq!(quiet(Story::new(&[1, 5], &[1])), Decision::default());
    let decision = quiet(Story::new(&[1], &[1, 5]));
    assert!(decision.intents.is_empty() && decision.skips[0].why.contains("`leaver-days`"), "{decision:?}");
}

#[test]
fn a_mailbox_that_nobody_may_use_gets_no_new_key() {
    let decision = Story::new(&[1, 5], &[]).noted(Span::hours(2)).decide();
    assert!(decision.intents.is_empty(), "{decision:?}");
    assert!(decision.skips[0].why.contains("nobody is named who may use it"), "{decision:?}");
}

#[test]
fn nobody_gets_a_new_key_while_it_is_in_doubt_who_may() {
    for has in [&[11, 12][..], &[11]] {
        let mut story = Story { sure: false, ..Story::new(has, &[11, 12, 13]) };
        for days in [300, 5] {
            story.certificates[0] = Certificate { subscriber: id(2), ..certificate(&story.template, days) };
            let decision = story.decide();
            assert!(decision.intents.is_empty() && decision.revisit, "{decision:?}");
            assert!(decision.skips[0].why.contains("not known for sure"), "{decision:?}");
        }
        story.certificates.clear();
        assert!(story.decide().intents.is_empty(), "nor a first one");
        assert!(!Story { sure: true, ..story }.decide().intents.is_empty());
    }
}
