//! Campaigns and their members.

use model::{
    CampaignState, CertificateId, EnrollmentState, Member, MemberStage, RevocationReason, Span, Station,
};
use store::{Store, StoreError};

use super::Database;
use super::sample::{NOW, add_certificate, campaign, certificate, enrollment, id, member, peopled};

/// A campaign with the certificates of so many people in it, which bear their numbers.
async fn of(store: &std::sync::Arc<dyn Store>, people: u128) {
    peopled(store, people).await;
    let mut work = store.begin().await.unwrap();
    work.campaigns().add(&campaign(0xcc, "Incident")).await.unwrap();
    let mut members = Vec::new();
    for number in 1..=people {
        add_certificate(work.as_mut(), &certificate(number, id(number))).await;
        members.push(member(0xcc, number));
    }
    work.campaigns().add_members(&members).await.unwrap();
    work.commit().await.unwrap();
}

fn numbers(members: &[Member]) -> Vec<CertificateId> {
    members.iter().map(|one| one.certificate).collect()
}

pub async fn a_campaign_is_found_by_its_name_and_changed_by_one_at_a_time(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.campaigns().add(&campaign(1, "Incident")).await.unwrap();
    let again = work.campaigns().add(&campaign(2, "INCIDENT")).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    work.campaigns().add(&campaign(3, "another")).await.unwrap();
    work.commit().await.unwrap();

    let mut work = store.begin().await.unwrap();
    let mut found = work.campaigns().find(" incident ").await.unwrap().unwrap();
    assert_eq!(found, campaign(1, "Incident"));
    let before = found.clone();
    found.state = CampaignState::Running;
    found.note = Some("begun".to_owned());
    work.campaigns().set(&found).await.unwrap();
    let stale = work.campaigns().set(&before).await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })), "{stale:?}");
    work.commit().await.unwrap();

    let mut work = store.read().await.unwrap();
    found.version += 1;
    assert_eq!(work.campaigns().find("Incident").await.unwrap(), Some(found));
    assert_eq!(work.campaigns().list().await.unwrap().len(), 2);
    assert_eq!(work.campaigns().find("nobody").await.unwrap(), None);
}

pub async fn members_move_on_from_where_they_stand_and_nowhere_else(database: &impl Database) {
    let store = database.open().await;
    of(&store, 3).await;
    let mut work = store.begin().await.unwrap();
    let first = work.campaigns().member(id(0xcc), id(1)).await.unwrap().unwrap();
    assert_eq!(first, member(0xcc, 1));
    let out = Member { stage: MemberStage::Excluded, why: Some("is on leave".to_owned()), ..first.clone() };
    assert!(work.campaigns().set_member(&out, MemberStage::Waiting).await.unwrap());
    assert!(!work.campaigns().set_member(&first, MemberStage::Waiting).await.unwrap(), "it stands elsewhere");
    // Added again, it stays where it is.
    work.campaigns().add_members(&[first]).await.unwrap();
    work.commit().await.unwrap();

    let mut work = store.read().await.unwrap();
    assert_eq!(work.campaigns().member(id(0xcc), id(1)).await.unwrap(), Some(out));
    let all = work.campaigns().members(id(0xcc), None, None, 2).await.unwrap();
    assert_eq!(numbers(&all), [id(1), id(2)]);
    let rest = work.campaigns().members(id(0xcc), None, Some(id(2)), 2).await.unwrap();
    assert_eq!(numbers(&rest), [id(3)]);
    let waiting = work.campaigns().members(id(0xcc), Some(MemberStage::Waiting), None, 10).await.unwrap();
    assert_eq!(numbers(&waiting), [id(2), id(3)]);
    let counts = work.campaigns().counts(id(0xcc)).await.unwrap();
    assert_eq!(counts, [(1, MemberStage::Waiting, 2), (1, MemberStage::Excluded, 1)]);
    assert_eq!(
        work.campaigns().wave_counts(id(0xcc), 1).await.unwrap(),
        [(MemberStage::Waiting, 2), (MemberStage::Excluded, 1)]
    );
    assert_eq!(work.campaigns().wave_counts(id(0xcc), 2).await.unwrap(), []);
    assert_eq!(work.campaigns().count_at(id(0xcc), MemberStage::Waiting, 1).await.unwrap(), 1, "no further");
    assert_eq!(work.campaigns().member(id(0xcd), id(1)).await.unwrap(), None, "another campaign");
}

pub async fn what_there_is_to_do_is_found_by_what_enrollments_and_certificates_say(database: &impl Database) {
    let store = database.open().await;
    of(&store, 6).await;
    let mut work = store.begin().await.unwrap();
    // Successors that are under way, each further than the one before.
    let ways = [
        (1, EnrollmentState::Running, Station::Request),
        (2, EnrollmentState::Waiting, Station::Deliver),
        (3, EnrollmentState::Done, Station::Deliver),
        (4, EnrollmentState::Rejected, Station::Request),
        (5, EnrollmentState::Stuck, Station::Deliver),
    ];
    for (number, state, station) in ways {
        let mut successor = enrollment(100 + number, id(number));
        work.enrollments().add(&successor).await.unwrap();
        (successor.state, successor.station) = (state, station);
        work.enrollments().set_progress(&successor).await.unwrap();
        let ordered = Member {
            stage: MemberStage::Ordered,
            enrollment: Some(id(100 + number)),
            ordered_at: Some(NOW),
            ..member(0xcc, number)
        };
        assert!(work.campaigns().set_member(&ordered, MemberStage::Waiting).await.unwrap());
    }
    let waiting = work.campaigns().waiting(id(0xcc), 1, NOW, 10).await.unwrap();
    assert_eq!(numbers(&waiting), [id(6)]);
    assert_eq!(work.campaigns().waiting(id(0xcc), 0, NOW, 10).await.unwrap(), [], "its wave has not come");
    assert_eq!(work.campaigns().waiting(id(0xcc), 1, NOW - Span::seconds(1), 10).await.unwrap(), []);

    let moved = work.campaigns().moved(id(0xcc), MemberStage::Ordered, 10).await.unwrap();
    let mut told: Vec<_> = moved.iter().map(|one| (one.member.certificate, one.state, one.station)).collect();
    told.sort_by_key(|(certificate, _, _)| *certificate);
    assert_eq!(
        told,
        [
            (id(2), EnrollmentState::Waiting, Station::Deliver),
            (id(3), EnrollmentState::Done, Station::Deliver),
            (id(4), EnrollmentState::Rejected, Station::Request),
            (id(5), EnrollmentState::Stuck, Station::Deliver),
        ]
    );
    for one in &moved {
        let stage =
            if one.state == EnrollmentState::Waiting { MemberStage::Issued } else { MemberStage::Failed };
        let next = Member { stage, ..one.member.clone() };
        assert!(work.campaigns().set_member(&next, MemberStage::Ordered).await.unwrap());
    }
    assert_eq!(
        work.campaigns().moved(id(0xcc), MemberStage::Issued, 10).await.unwrap(),
        [],
        "it is not done"
    );
    let back = work.campaigns().moved(id(0xcc), MemberStage::Failed, 10).await.unwrap();
    assert_eq!(
        back.iter().map(|one| one.member.certificate).collect::<Vec<_>>(),
        [id(3)],
        "only what is there"
    );

    let present = Member { stage: MemberStage::ReadBack, present_at: Some(NOW), ..back[0].member.clone() };
    assert!(work.campaigns().set_member(&present, MemberStage::Failed).await.unwrap());
    assert_eq!(numbers(&work.campaigns().present(id(0xcc), NOW, NOW, 10).await.unwrap()), [id(3)]);
    let earlier = NOW - Span::seconds(1);
    assert_eq!(work.campaigns().present(id(0xcc), earlier, NOW, 10).await.unwrap(), [], "it has to settle");
    assert_eq!(work.campaigns().present(id(0xcc), NOW, earlier, 10).await.unwrap(), [], "not looked at yet");

    let revoking = Member { stage: MemberStage::Revoking, revoking_at: Some(NOW), ..present };
    assert!(work.campaigns().set_member(&revoking, MemberStage::ReadBack).await.unwrap());
    assert_eq!(work.campaigns().count_revoking_since(id(0xcc), NOW).await.unwrap(), 1);
    assert_eq!(work.campaigns().count_revoking_since(id(0xcc), NOW + Span::seconds(1)).await.unwrap(), 0);
    assert_eq!(work.campaigns().confirmed(id(0xcc), 10).await.unwrap(), []);
    work.certificates().mark_revoked(id(3), RevocationReason::Superseded, NOW).await.unwrap();
    assert_eq!(numbers(&work.campaigns().confirmed(id(0xcc), 10).await.unwrap()), [id(3)]);
    work.commit().await.unwrap();
}

pub async fn what_was_done_is_counted_by_the_hour(database: &impl Database) {
    let store = database.open().await;
    of(&store, 3).await;
    let mut work = store.begin().await.unwrap();
    let full_hour = NOW - Span::millis(NOW.as_millis() % 3_600_000);
    for (number, minutes) in [(1, 5), (2, 59), (3, 61)] {
        let at = full_hour + Span::minutes(minutes);
        let done = Member {
            stage: MemberStage::Revoked,
            ordered_at: Some(full_hour),
            present_at: Some(at),
            revoked_at: (number == 1).then_some(at),
            ..member(0xcc, number)
        };
        assert!(work.campaigns().set_member(&done, MemberStage::Waiting).await.unwrap());
    }
    let hours = work.campaigns().hours(id(0xcc)).await.unwrap();
    let told: Vec<_> = hours.iter().map(|one| (one.from, one.ordered, one.present, one.revoked)).collect();
    assert_eq!(told, [(full_hour, 3, 2, 1), (full_hour + Span::hours(1), 0, 1, 0)]);
    work.commit().await.unwrap();
}
