use uuid::Uuid;

use super::*;

const DAY: Span = Span::days(1);

fn moment(days: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000) + Span::days(days)
}

fn id(number: u8) -> CertificateId {
    CertificateId::from(Uuid::from_u128(u128::from(number)))
}

fn called(keys: u8) -> CalledDrill {
    CalledDrill {
        at: moment(0),
        until: moment(14),
        seq: 7,
        officers: Vec::new(),
        keys: (0..keys)
            .map(|number| DrillKey::drawn(id(number), Thumbprint::new([number; 20]), "susi@example.com"))
            .collect(),
    }
}

fn officer(name: &str) -> DrillOfficer {
    DrillOfficer { subject: format!("CN={name}"), key: name.to_lowercase() }
}

fn found(key: u8, sealed: &str, proof: DrillProof) -> Vec<DrillFinding> {
    vec![DrillFinding { certificate: id(key), sealed: Some(sealed.to_owned()), proof }]
}

fn failed(why: &str) -> DrillProof {
    DrillProof::Failed { why: why.to_owned() }
}

#[test]
fn a_quorum_key_is_proven_by_the_shares_of_enough_different_officers_and_not_by_one_twice() {
    let mut drill = called(1);
    let share = || DrillProof::Share { needed: 2 };
    assert_eq!(drill.keys[0].state(), DrillState::NotTried);
    drill.note(&officer("A"), moment(1), found(0, "e1", share()));
    drill.note(&officer("A"), moment(2), found(0, "e1", share()));
    // Another certificate of the same key.
    let again = DrillOfficer { subject: "CN=A, new".to_owned(), key: "a".to_owned() };
    drill.note(&again, moment(3), found(0, "e1", share()));
    assert_eq!(drill.keys[0].state(), DrillState::Partly { shares: 1, needed: 2 });
    assert!(!drill.is_complete() && drill.is_overdue(moment(14)) && !drill.is_overdue(moment(13)));
    drill.note(&officer("B"), moment(4), found(0, "e1", share()));
    assert_eq!(drill.keys[0].state(), DrillState::Proven);
    assert!(drill.is_complete() && !drill.is_overdue(moment(20)));
    assert_eq!(drill.proven_by(), ["CN=A", "CN=B"]);
    assert_eq!(drill.last_tried(), Some(moment(4)));
}

#[test]
fn what_was_opened_of_another_envelope_counts_no_more() {
    let mut drill = called(1);
    drill.note(&officer("A"), moment(1), found(0, "e1", DrillProof::Share { needed: 2 }));
    drill.note(&officer("B"), moment(2), found(0, "e2", DrillProof::Share { needed: 2 }));
    assert_eq!(
        drill.keys[0].state(),
        DrillState::Partly { shares: 1, needed: 2 },
        "two shares, of two quorums"
    );
    assert_eq!(drill.left_for("a").len(), 1, "its officer tries it again");
    assert_eq!(drill.left_for("b"), []);
}

#[test]
fn a_failure_outweighs_what_others_opened_until_its_officer_opens_it() {
    let mut drill = called(2);
    drill.note(&officer("A"), moment(1), found(0, "e1", DrillProof::Opened));
    drill.note(&officer("B"), moment(1), found(0, "e1", failed("it does not open")));
    assert_eq!(drill.keys[0].state(), DrillState::Failed);
    assert_eq!(drill.keys[0].why(), Some("it does not open"));
    assert_eq!(drill.left_for("b").len(), 2, "what failed is tried again");
    // Gone altogether: there is no envelope to compare.
    let gone = DrillFinding { certificate: id(1), sealed: None, proof: failed("it does not exist") };
    drill.note(&officer("A"), moment(1), vec![gone]);
    assert!(drill.is_complete(), "it is known of both");
    assert_eq!(drill.summary(), "0 of 2 keys proven, 2 failed");
    drill.note(&officer("B"), moment(2), found(0, "e1", DrillProof::Opened));
    assert_eq!(drill.summary(), "1 of 2 keys proven, 1 failed");
}

#[test]
fn findings_about_keys_outside_the_sample_and_of_nobody_leave_it_as_it_is() {
    let mut drill = called(1);
    drill.note(&officer("A"), moment(1), Vec::new());
    assert_eq!(drill, called(1), "whoever found nothing of theirs has proven nothing");
    drill.note(&officer("A"), moment(1), found(9, "e1", DrillProof::Opened));
    assert_eq!(drill.counts(), DrillCounts { keys: 1, not_tried: 1, ..DrillCounts::default() });
}

#[test]
fn while_one_is_open_none_is_called_whatever_the_clock_says() {
    let every = Some(Span::days(90));
    assert_eq!(drill_step(None, None, 5, moment(0)), DrillStep::Unwanted);
    assert_eq!(drill_step(None, every, 0, moment(0)), DrillStep::NothingArchived);
    assert_eq!(drill_step(None, every, 5, moment(0)), DrillStep::Call);
    let open = called(1);
    for days in -4_000..4_000 {
        let step = drill_step(Some(&open), every, 5, moment(days));
        assert!(matches!(step, DrillStep::Open | DrillStep::Redate), "{days}: {step:?}");
    }
    let mut complete = called(1);
    complete.note(&officer("A"), moment(1), found(0, "e", DrillProof::Opened));
    for (days, wanted) in [
        (-400, DrillStep::Redate),
        (0, DrillStep::NotDue),
        (89, DrillStep::NotDue),
        (90, DrillStep::Call),
        (4_000, DrillStep::Call),
    ] {
        assert_eq!(drill_step(Some(&complete), every, 5, moment(days)), wanted, "{days}");
    }
    assert_eq!(drill_step(Some(&complete), every, 0, moment(90)), DrillStep::NothingArchived);
}

/// A clock that jumps at random, and a daemon that looks again and again: one call as long as nobody holds it, and after
/// it was held never two within an interval by the clock that dated them.
#[test]
fn clocks_that_jump_call_no_second_drill() {
    let every = Span::days(90);
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(seed >> 33).unwrap() % 4_000 - 2_000
    };
    for _ in 0..200 {
        let mut kept: Option<CalledDrill> = None;
        let mut calls = 0;
        for _ in 0..50 {
            let now = moment(next());
            match drill_step(kept.as_ref(), Some(every), 5, now) {
                DrillStep::Call => {
                    calls += 1;
                    kept = Some(CalledDrill { at: now, until: now + DAY, ..called(2) });
                }
                DrillStep::Redate => {
                    let drill = kept.as_mut().unwrap();
                    (drill.at, drill.until) = (now, now + DAY);
                }
                DrillStep::Open | DrillStep::NotDue => {}
                step @ (DrillStep::Unwanted | DrillStep::NothingArchived) => panic!("{step:?}"),
            }
            assert!(kept.as_ref().unwrap().at <= now + ASTRAY, "nobody waits for years");
        }
        assert_eq!(calls, 1);
    }
}

#[test]
fn the_largest_sample_that_many_officers_tried_fits_into_a_text_of_64_kb() {
    let keys = u8::try_from(LARGEST_CALLED_SAMPLE).unwrap();
    let mut drill = called(keys);
    for key in &mut drill.keys {
        *key = DrillKey::drawn(key.certificate, key.thumbprint, &"n".repeat(400));
    }
    for number in 0..16 {
        let by = DrillOfficer { subject: "CN=Somebody ".repeat(40), key: format!("{number:032}") };
        let all = (0..keys).flat_map(|key| {
            let proof = if number < 8 { DrillProof::Share { needed: 9 } } else { failed(&"why ".repeat(99)) };
            found(key, &"e".repeat(32), proof)
        });
        drill.note(&by, moment(1), all.collect());
    }
    let written = serde_json::to_string(&drill).unwrap();
    assert!(written.len() < 65_000, "{}", written.len());
    assert_eq!(serde_json::from_str::<CalledDrill>(&written).unwrap(), drill);
}
