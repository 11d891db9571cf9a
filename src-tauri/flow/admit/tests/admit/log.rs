//! The log against whoever may write the database: whatever he does to it is refused, and the entry is named.

use admit::{AdmitError, Fingerprint, Fleet, Installation, Pin};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value;
use store::AdmissionEntry;
use tokio::sync::OnceCell;

use crate::world::{MALLORY, World, about, installation};

/// A log with some history: build-7 came and went, clara came by it, dora came by anna.
async fn history() -> Vec<AdmissionEntry> {
    static LOG: OnceCell<Vec<AdmissionEntry>> = OnceCell::const_new();
    let make = async || {
        let world = World::new().await;
        let homes = world.fleet(2).await;
        let root = Some(homes[0].fingerprint());
        let (clara, dora) = (world.home(2), world.home(3));
        clara.gate.ask(&about(2), root).await.unwrap();
        homes[1].gate.admit(clara.id(), clara.fingerprint()).await.unwrap();
        homes[0].gate.remove(homes[1].id(), false).await.unwrap();
        dora.gate.ask(&about(3), root).await.unwrap();
        homes[0].gate.admit(dora.id(), dora.fingerprint()).await.unwrap();
        world.log().await
    };
    LOG.get_or_init(make).await.clone()
}

fn log() -> Vec<AdmissionEntry> {
    tokio::runtime::Runtime::new().unwrap().block_on(history())
}

fn root() -> Fingerprint {
    installation(0).fingerprint()
}

/// A reader who knows nothing but the fleet's root.
fn meet(log: &[AdmissionEntry]) -> Result<Fleet, AdmitError> {
    Fleet::meet(log, root())
}

/// Position of the entry that the refusal names.
fn named(refused: &AdmitError) -> i64 {
    if let AdmitError::Untrusted { seq, .. } = refused {
        return *seq;
    }
    assert!(matches!(refused, AdmitError::Shortened { .. }), "refused for another reason: {refused}");
    let text = refused.to_string();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

fn names(fleet: &Fleet) -> Vec<String> {
    fleet.admitted().iter().map(|member| member.name.clone()).collect()
}

/// An entry with other words, signed by whoever is there to sign.
fn forged(entry: &AdmissionEntry, by: &Installation, change: impl FnOnce(&mut Value)) -> AdmissionEntry {
    let mut body: Value = serde_json::from_str(&entry.body).unwrap();
    change(&mut body);
    let body = body.to_string();
    let signature = by.key.sign_ps256(body.as_bytes()).unwrap();
    AdmissionEntry { seq: entry.seq, body, signature }
}

/// What an entry after `log` would have to say to admit the intruder.
fn intrusion(log: &[AdmissionEntry], signer: &Installation) -> impl FnOnce(&mut Value) {
    let intruder = installation(MALLORY);
    let last = log.last().unwrap();
    let previous = [last.body.as_bytes(), b"\0", &last.signature].concat();
    let previous = crypto::certificate::sha256(&previous);
    let (seq, signer) = (last.seq + 1, signer.id().to_string());
    move |body| {
        body["seq"] = seq.into();
        body["previous"] = hex::encode(previous).into();
        body["kind"] = "admit".into();
        body["installation"] = intruder.id().to_string().into();
        body["certificate"] = STANDARD.encode(intruder.certificate.der()).into();
        body["signer"] = signer.into();
    }
}

fn appended(log: &[AdmissionEntry], by: &Installation, as_whom: &Installation) -> Vec<AdmissionEntry> {
    let last = log.last().unwrap();
    let entry = forged(last, by, intrusion(log, as_whom));
    [log, &[AdmissionEntry { seq: last.seq + 1, ..entry }]].concat()
}

#[test]
fn the_log_tells_who_is_in_who_was_and_by_whom() {
    let fleet = meet(&log()).unwrap();
    assert_eq!(names(&fleet), ["anna", "clara", "dora"]);
    assert_eq!(fleet.admitted()[1].by, "somebody@build-7");
    assert_eq!(fleet.removed().len(), 1);
    assert_eq!(fleet.removed()[0].member.name, "build-7");
    assert_eq!(fleet.recipients().len(), 3);
    assert_eq!(fleet.fingerprint(), root());
}

#[test]
fn an_entry_by_a_member_is_believed() {
    // The forger's tools are good enough; what he lacks is a key that is in.
    let log = log();
    let anna = installation(0);
    assert_eq!(names(&meet(&appended(&log, &anna, &anna)).unwrap()).len(), 4);
}

#[test]
fn who_was_never_in_admits_nobody_under_his_own_name_or_another() {
    let log = log();
    let mallory = installation(MALLORY);
    for (as_whom, why) in [(MALLORY, "never admitted"), (0, "signature does not fit")] {
        let refused = meet(&appended(&log, &mallory, &installation(as_whom))).unwrap_err();
        assert_eq!(named(&refused), 6);
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

#[test]
fn who_was_removed_admits_nobody_and_does_not_undo_his_removal() {
    let log = log();
    let removed = installation(1);
    let refused = meet(&appended(&log, &removed, &removed)).unwrap_err();
    assert!(refused.to_string().contains("`build-7`, which had been removed"), "{refused}");
    // In place of his removal, as long as he was in: whoever has seen the removal notices.
    let fork = appended(&log[..3], &removed, &removed);
    let pin = meet(&log[..4]).unwrap().pin();
    assert_eq!(meet(&fork).unwrap().seq(), 4, "consistent in itself");
    assert_eq!(named(&Fleet::read(&fork, &pin).unwrap_err()), 4);
    // His old admission once more.
    for seq in [2, 6] {
        let again = AdmissionEntry { seq, ..log[1].clone() };
        assert_eq!(named(&meet(&[log.as_slice(), &[again]].concat()).unwrap_err()), 6);
    }
    // Even a member cannot bring him back with the old key.
    let anna = installation(0);
    let mut again = appended(&log, &anna, &anna);
    let removed_certificate = STANDARD.encode(removed.certificate.der());
    again[5] = forged(&again[5], &anna, |body| {
        body["installation"] = removed.id().to_string().into();
        body["certificate"] = removed_certificate.into();
    });
    let refused = meet(&again).unwrap_err();
    assert!(refused.to_string().contains("needs a new key pair"), "{refused}");
}

#[test]
fn entries_of_two_futures_do_not_mix() {
    let log = log();
    let anna = installation(0);
    // Two sixth entries by one who is in, as a machine makes them that was restored from a snapshot, and a seventh after
    // the first of them.
    let one = appended(&log, &anna, &anna);
    let mut other = one.clone();
    other[5] = forged(&one[5], &anna, |body| body["by"] = "somebody else".into());
    let seventh = forged(&log[4], &anna, |body| {
        body["seq"] = 7.into();
        let digest =
            crypto::certificate::sha256(&[one[5].body.as_bytes(), b"\0", &one[5].signature].concat());
        body["previous"] = hex::encode(digest).into();
        body["kind"] = "remove".into();
        body["signer"] = anna.id().to_string().into();
    });
    let seventh = AdmissionEntry { seq: 7, ..seventh };
    let straight = [one.as_slice(), std::slice::from_ref(&seventh)].concat();
    let fleet = meet(&straight).unwrap();
    assert!(
        fleet.former(installation(3).id()).is_some() && fleet.member(installation(MALLORY).id()).is_some()
    );
    let mixed = [other.as_slice(), &[seventh]].concat();
    let refused = meet(&mixed).unwrap_err();
    assert!(
        refused.to_string().contains("entry 7 of") && refused.to_string().contains("does not follow"),
        "{refused}"
    );
    assert_eq!(named(&Fleet::read(&other, &meet(&one).unwrap().pin()).unwrap_err()), 6);
}

#[test]
fn a_log_of_another_founder_is_refused_by_all_who_know_theirs() {
    let mallory = installation(MALLORY);
    let log = log();
    let own = forged(&log[0], &mallory, |body| {
        body["fleet"] = hex::encode(crypto::certificate::sha256(mallory.certificate.der())).into();
        body["installation"] = mallory.id().to_string().into();
        body["signer"] = mallory.id().to_string().into();
        body["certificate"] = STANDARD.encode(mallory.certificate.der()).into();
    });
    let own = [own];
    assert!(Fleet::meet(&own, mallory.fingerprint()).is_ok(), "consistent in itself");
    assert!(matches!(meet(&own).unwrap_err(), AdmitError::WrongFingerprint { .. }));
    let trusting = Pin::root(&installation(0).certificate);
    assert_eq!(named(&Fleet::read(&own, &trusting).unwrap_err()), 1);
}

#[test]
fn a_member_cannot_found_again_or_empty_the_fleet() {
    let log = log();
    let anna = installation(0);
    let mut found = appended(&log, &anna, &anna);
    found[5] = forged(&found[5], &anna, |body| body["kind"] = "found".into());
    assert!(meet(&found).unwrap_err().to_string().contains("a second time"));
    let mut alone = appended(&log[..1], &anna, &anna);
    alone[1] = forged(&alone[1], &anna, |body| {
        body["kind"] = "remove".into();
        body["installation"] = anna.id().to_string().into();
        body["certificate"] = STANDARD.encode(anna.certificate.der()).into();
    });
    assert!(meet(&alone).unwrap_err().to_string().contains("removes the last installation"));
}

#[test]
fn a_statement_with_anything_unknown_in_it_is_not_half_understood() {
    let log = log();
    let anna = installation(0);
    let changes: [fn(&mut Value); 3] = [
        |body| body["format"] = "sealwright admission 2".into(),
        |body| body["until"] = "2030-01-01T00:00:00Z".into(),
        |body| drop(body.as_object_mut().unwrap().remove("by")),
    ];
    for change in changes {
        let mut log = appended(&log, &anna, &anna);
        log[5] = forged(&log[5], &anna, change);
        let refused = meet(&log).unwrap_err();
        assert!(refused.to_string().contains("statement cannot be read"), "{refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn an_older_log_is_refused_and_a_newer_one_read(seen in 0_usize..=5, there in 0_usize..=5) {
        let log = log();
        let pin = match seen {
            0 => Pin::root(&installation(0).certificate),
            _ => meet(&log[..seen]).unwrap().pin(),
        };
        let read = Fleet::read(&log[..there], &pin);
        if there == 0 && seen == 0 {
            prop_assert!(matches!(read, Err(AdmitError::NotFounded)));
        } else if there < seen {
            prop_assert_eq!(named(&read.unwrap_err()), i64::try_from(there).unwrap() + 1);
        } else {
            prop_assert_eq!(read.unwrap().seq(), i64::try_from(there).unwrap());
        }
    }

    #[test]
    fn a_log_with_an_entry_taken_out_exchanged_or_doubled_is_refused_at_that_place(
        a in 0_usize..5, b in 0_usize..5, renumbered: bool, how in 0..3
    ) {
        let mut log = log();
        let whole = log.clone();
        match how {
            0 => drop(log.remove(a)),
            1 => log.swap(a, b),
            _ => log.insert(b, whole[a].clone()),
        }
        if renumbered {
            for (entry, seq) in log.iter_mut().zip(1..) {
                entry.seq = seq;
            }
        }
        let first = log.iter().zip(&whole).position(|(now, before)| now != before);
        // Taking the last one away is noticed by those who have seen it.
        let pin = meet(&whole).unwrap().pin();
        match first {
            None if log.len() == whole.len() => prop_assert!(Fleet::read(&log, &pin).is_ok()),
            first => {
                let refused = Fleet::read(&log, &pin).unwrap_err();
                let place = first.unwrap_or_else(|| log.len().min(whole.len())) + 1;
                prop_assert_eq!(named(&refused), i64::try_from(place).unwrap());
            }
        }
    }

    #[test]
    fn any_flipped_bit_is_noticed_in_its_entry(at in 0_usize..5, bit: prop::sample::Index, body: bool) {
        let mut log = log();
        let entry = &mut log[at];
        if body {
            let mut bytes = entry.body.clone().into_bytes();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            // The database holds text.
            prop_assume!(std::str::from_utf8(&bytes).is_ok());
            entry.body = String::from_utf8(bytes).unwrap();
        } else {
            let bit = bit.index(entry.signature.len() * 8);
            entry.signature[bit / 8] ^= 1 << (bit % 8);
        }
        let refused = meet(&log).unwrap_err();
        prop_assert_eq!(named(&refused), i64::try_from(at).unwrap() + 1);
    }

    #[test]
    fn no_field_can_be_rewritten_by_who_has_no_key_that_is_in(
        at in 0_usize..5, field: prop::sample::Index, value in "[a-z0-9]{1,12}", by in 0_usize..2
    ) {
        let mut log = log();
        let fields: Vec<String> =
            serde_json::from_str::<Value>(&log[at].body).unwrap().as_object().unwrap().keys().cloned().collect();
        let name = field.get(&fields).clone();
        // The intruder signs, or leaves the old signature.
        let new = forged(&log[at], &installation(MALLORY), |body| body[&name] = value.into());
        log[at] = if by == 0 { new } else { AdmissionEntry { signature: log[at].signature.clone(), ..new } };
        prop_assert_eq!(named(&meet(&log).unwrap_err()), i64::try_from(at).unwrap() + 1);
    }
}
