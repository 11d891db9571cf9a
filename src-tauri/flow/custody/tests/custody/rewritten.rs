//! Somebody writes the database as he likes: neither an agent nor a policy nor an old version gets in that way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use custody::{CustodyError, SetVersion, Standing};
use support::fresh_store;

use crate::world::{
    ANY_ONE, Home, MALLORY, Rows, TWO, draft, establish, list, officer, propose, refusal, sealed_to, sign,
};

/// Version 1, two of three, and a home that goes by it.
async fn started() -> (Home, SetVersion, Rows) {
    let (store, home) = (fresh_store().await, Home::new());
    let set = establish(&home.on(&store), TWO, &[0, 1, 2], &[0, 1]).await;
    let rows = Rows::of(&store).await;
    (home, set, rows)
}

fn base64(number: usize) -> String {
    STANDARD.encode(officer(number).certificate.der())
}

/// What Mallory would like the version to say.
fn wishes(set: &SetVersion) -> [(&'static str, String); 4] {
    let body = set.body();
    let seat = format!(r#",{{"name":"mallory","certificate":"{}"}}]"#, base64(MALLORY));
    [
        ("an officer more", body.replacen(']', &seat, 1)),
        (
            "another quorum",
            body.replace(r#"{"kind":"quorum","threshold":2}"#, r#"{"kind":"anyOne","approvals":0}"#),
        ),
        ("another certificate", body.replace(&base64(0), &base64(MALLORY))),
        ("another name", body.replace(r#""name":"anna""#, r#""name":"anne""#)),
    ]
}

#[tokio::test]
async fn a_pinned_version_that_says_something_else_is_altered_and_nothing_is_sealed() {
    let (home, set, rows) = started().await;
    for (what, body) in wishes(&set) {
        assert_ne!(body, set.body(), "{what}");
        SetVersion::read(&body).unwrap_or_else(|why| panic!("{what} is well-formed: {why}"));
        let mut there = rows.clone();
        there.versions[0].body.clone_from(&body);
        let store = there.database().await;
        let (error, why) = refusal(&home.on(&store)).await;
        assert!(matches!(error, CustodyError::Altered { version: 1, .. }), "{what}: {why}");
        assert!(why.contains("is not what its digest was made of"), "{what}: {why}");
        let status = home.on(&store).status().await.unwrap();
        assert!(matches!(status.lines[0].standing, Standing::Refused(_)), "{what}");

        // With a digest that fits, and signatures that do not.
        let mut there = Rows::default();
        let forged = there.forge(&body);
        for row in &rows.signatures {
            let mut row = row.clone();
            row.set = *forged.as_bytes();
            there.signatures.push(row);
        }
        let store = there.database().await;
        let (error, why) = refusal(&home.on(&store)).await;
        assert!(matches!(error, CustodyError::Altered { .. }), "{what}: {why}");
        assert!(why.contains("another one stands in its place"), "{what}: {why}");
        // Nor does a person let it in by mistake.
        let refused = home.on(&store).trust(forged.fingerprint()).await.unwrap_err();
        assert!(matches!(refused, CustodyError::NotInForce { collected: 0 | 1, .. }), "{what}: {refused}");
    }
    assert_eq!(sealed_to(&home.on(&rows.database().await)).await, ["anna", "bernd", "clara"]);
}

#[tokio::test]
async fn versions_that_were_seen_and_are_gone_are_missed_whatever_the_list_says() {
    let (home, _, old) = started().await;
    let store = old.database().await;
    let custody = home.on(&store);
    let next = propose(&custody, TWO, &[0, 1, 3]).await;
    sign(&custody, &next, 0).await;
    assert!(sign(&custody, &next, 1).await.in_force);
    // The newest removed, or an old backup put back; everything removed.
    for there in [old, Rows::default()] {
        let store = there.database().await;
        let (error, why) = refusal(&home.on(&store)).await;
        assert!(matches!(error, CustodyError::Missing { version: 2, .. }), "{why}");
        assert!(why.contains("an older backup was restored") && why.contains("kra set trust"), "{why}");
    }
}

#[tokio::test]
async fn an_old_version_under_a_new_number_is_proposed_and_never_in_force() {
    let (home, first, rows) = started().await;
    let store = rows.database().await;
    let custody = home.on(&store);
    let next = propose(&custody, TWO, &[1, 2, 3]).await;
    sign(&custody, &next, 1).await;
    sign(&custody, &next, 2).await;
    let mut rows = Rows::of(&store).await;
    let body = first
        .body()
        .replace(r#""version":1"#, r#""version":3"#)
        .replace(&"0".repeat(64), &next.set.digest.to_string());
    let replayed = rows.forge(&body);
    let signatures: Vec<_> = rows.signatures.clone();
    for mut row in signatures.into_iter().filter(|row| row.set == *first.digest.as_bytes()) {
        row.set = *replayed.as_bytes();
        rows.signatures.push(row);
    }
    let store = rows.database().await;
    assert_eq!(sealed_to(&home.on(&store)).await, ["bernd", "clara", "dora"]);
    let status = home.on(&store).status().await.unwrap();
    let line = status.lines.iter().find(|line| line.version == 3).unwrap();
    assert_eq!((&line.standing, line.collected), (&Standing::Proposed, 0));
    let told: Vec<_> = line.signers.iter().filter_map(|one| one.refused.clone()).collect();
    assert!(told.iter().any(|why| why.contains("may not sign this version")), "{told:?}");
    assert!(
        told.iter().any(|why| why.contains("in the name of `bernd` is not by that officer's key")),
        "{told:?}"
    );
}

#[tokio::test]
async fn forged_signatures_count_for_nothing_and_are_told() {
    let (home, _, rows) = started().await;
    let store = rows.database().await;
    let proposal = propose(&home.on(&store), ANY_ONE, &[0, MALLORY]).await;
    sign(&home.on(&store), &proposal, 0).await;
    let mut rows = Rows::of(&store).await;
    let (digest, message) = (proposal.set.digest, proposal.set.message());
    // Her own key in the name of an officer, and in her own; an officer's signature over the body without the purpose; the
    // same officer a second time.
    rows.sign(digest, MALLORY, 1, &message);
    rows.sign(digest, MALLORY, MALLORY, &message);
    rows.sign(digest, 2, 2, proposal.set.body().as_bytes());
    let mut twice = rows.signatures.iter().find(|row| row.set == *digest.as_bytes()).unwrap().clone();
    twice.digest = [9; 32];
    rows.signatures.push(twice);
    let store = rows.database().await;
    assert_eq!(sealed_to(&home.on(&store)).await, ["anna", "bernd", "clara"]);
    let status = home.on(&store).status().await.unwrap();
    let line = status.lines.iter().find(|line| line.version == 2).unwrap();
    assert_eq!((&line.standing, line.collected), (&Standing::Proposed, 1));
    assert_eq!(line.signers.iter().filter(|one| one.refused.is_some()).count(), 3);
    // A squatter does not keep an officer from signing.
    assert!(sign(&home.on(&store), &proposal, 1).await.in_force);
}

#[tokio::test]
async fn a_set_that_somebody_signed_himself_is_trusted_by_no_home() {
    let (home, set, rows) = started().await;
    let mallorys = {
        let (store, own) = (fresh_store().await, Home::new());
        establish(&own.on(&store), ANY_ONE, &[MALLORY], &[MALLORY]).await;
        Rows::of(&store).await
    };
    // Beside the right one, and in its place; for a home that goes by the right one, and for one that goes by none.
    let both = Rows {
        versions: [rows.versions, mallorys.versions.clone()].concat(),
        signatures: [rows.signatures, mallorys.signatures.clone()].concat(),
    };
    let store = both.database().await;
    assert_eq!(sealed_to(&home.on(&store)).await, ["anna", "bernd", "clara"]);
    let (error, why) = refusal(&Home::new().on(&store)).await;
    assert!(matches!(error, CustodyError::Unpinned { .. }), "{why}");
    assert!(why.contains(&set.fingerprint().to_string()), "both are shown: {why}");
    let store = mallorys.database().await;
    assert!(matches!(refusal(&home.on(&store)).await.0, CustodyError::Altered { .. }));
    assert!(matches!(refusal(&Home::new().on(&store)).await.0, CustodyError::Unpinned { .. }));
}

#[tokio::test]
async fn who_goes_by_no_set_yet_signs_no_later_version_of_a_chain_that_somebody_made_up() {
    let (mallorys, proposal) = {
        let (store, own) = (fresh_store().await, Home::new());
        let custody = own.on(&store);
        establish(&custody, ANY_ONE, &[MALLORY], &[MALLORY]).await;
        establish(&custody, ANY_ONE, &[MALLORY, 0], &[MALLORY]).await;
        (store, propose(&custody, ANY_ONE, &[MALLORY, 0, 1]).await)
    };
    let (anna, which) = (Home::new(), proposal.set.fingerprint());
    let custody = anna.on(&mallorys);
    let refused = custody.to_sign(None).await.unwrap_err();
    assert!(matches!(refused, CustodyError::Unpinned { .. }), "{refused}");
    for refused in [
        custody.to_sign(Some(which)).await.unwrap_err().to_string(),
        custody.sign(proposal.set.digest, &officer(0)).await.unwrap_err().to_string(),
    ] {
        assert!(refused.contains("this is version 3, and this installation goes by no set yet"), "{refused}");
        assert!(refused.contains("kra set trust FINGERPRINT"), "{refused}");
    }
    assert_eq!(Rows::of(&mallorys).await.signatures.len(), 2, "anna signed nothing");
    assert!(matches!(refusal(&custody).await.0, CustodyError::Unpinned { .. }), "and nothing was pinned");

    // Nor does who goes by another set sign it: it does not follow the version in force there.
    let (home, _, rows) = started().await;
    let theirs = Rows::of(&mallorys).await;
    let both = Rows {
        versions: [rows.versions, theirs.versions].concat(),
        signatures: [rows.signatures, theirs.signatures].concat(),
    };
    let store = both.database().await;
    let refused = home.on(&store).to_sign(Some(which)).await.unwrap_err().to_string();
    assert!(refused.contains("does not follow version 1, which is in force here"), "{refused}");
    let none = home.on(&store).to_sign(None).await.unwrap_err().to_string();
    assert!(none.contains("no version of a set waits"), "{none}");
}

#[tokio::test]
async fn what_a_person_here_agreed_to_is_missed_although_it_was_never_pinned() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let proposal = custody.propose(&draft(Some("Recovery"), TWO, &[0, 1, 2])).await.unwrap();
    sign(&custody, &proposal, 0).await;
    list(&store, 3).await;
    assert_eq!(sealed_to(&custody).await, ["dora"], "proposed only");
    let mut altered = Rows::of(&store).await;
    altered.versions[0].body = altered.versions[0].body.replace("anna", "anne");
    for rows in [Rows::default(), altered] {
        let emptied = rows.database().await;
        let (error, why) = refusal(&home.on(&emptied)).await;
        assert!(matches!(error, CustodyError::Gone { .. }), "{why}");
        assert!(why.contains("was proposed or signed here") && why.contains("kra-set.agreed"), "{why}");
        assert!(why.contains(&proposal.set.fingerprint().to_string()), "{why}");
    }
    assert!(sign(&custody, &proposal, 1).await.in_force);
}

#[tokio::test]
async fn two_versions_that_share_a_fingerprint_are_neither_trusted_nor_signed() {
    let (_, set, rows) = started().await;
    let alike = |mut rows: Rows| {
        let mut other = rows.versions.last().unwrap().clone();
        other.digest[31] ^= 1;
        rows.versions.push(other);
        rows
    };
    let store = alike(rows.clone()).database().await;
    let refused = Home::new().on(&store).trust(set.fingerprint()).await.unwrap_err();
    assert!(matches!(refused, CustodyError::Ambiguous { .. }), "{refused}");
    assert!(refused.to_string().contains("somebody altered the database"), "{refused}");

    let store = rows.database().await;
    let home = Home::new();
    home.on(&store).trust(set.fingerprint()).await.unwrap();
    let next = propose(&home.on(&store), TWO, &[0, 1, 3]).await.set;
    let store = alike(Rows::of(&store).await).database().await;
    let custody = home.on(&store);
    for refused in [
        custody.to_sign(Some(next.fingerprint())).await.unwrap_err(),
        custody.sign(next.digest, &officer(0)).await.unwrap_err(),
    ] {
        assert!(matches!(refused, CustodyError::Ambiguous { .. }), "{refused}");
    }
}

#[tokio::test]
async fn numbers_without_end_stop_nobody() {
    let (home, set, mut rows) = started().await;
    let last = format!(r#""version":{}"#, i64::MAX);
    let body = set.body().replace(r#""version":1"#, &last).replace(&"0".repeat(64), &set.digest.to_string());
    let end = rows.forge(&body);
    let message = SetVersion::read(&body).unwrap().message();
    rows.sign(end, 0, 0, &message);
    let after = body.replace(&last, r#""version":2"#).replace(&set.digest.to_string(), &end.to_string());
    let after = rows.forge(&after);
    let store = rows.database().await;
    assert_eq!(sealed_to(&home.on(&store)).await, ["anna", "bernd", "clara"]);
    let status = home.on(&store).status().await.unwrap();
    for digest in [end, after] {
        let line = status.lines.iter().find(|line| line.fingerprint == digest.fingerprint()).unwrap();
        assert!(matches!(line.standing, Standing::Refused(_)), "{:?}", line.standing);
        let refused = Home::new().on(&store).trust(digest.fingerprint()).await.unwrap_err();
        assert!(matches!(refused, CustodyError::Rootless { .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_version_that_only_a_newer_program_reads_counts_by_its_signatures() {
    let (home, set, rows) = started().await;
    let custody = home.on(&rows.database().await);
    assert_eq!(custody.in_force().await.unwrap().map(|found| found.version), Some(1));
    let body = set.body().replace("sealwright kra set 1", "sealwright kra set 9");
    assert!(SetVersion::read(&body).is_err());
    let message = [custody::SIGNED_PREFIX, body.as_bytes()].concat();
    let with = |keys: &[(usize, usize)], shown: &str| {
        let mut there = rows.clone();
        let digest = there.forge(&body);
        let row = there.versions.last_mut().unwrap();
        row.version = 2;
        shown.clone_into(&mut row.body);
        for (key, name) in keys {
            there.sign(digest, *key, *name, &message);
        }
        there
    };
    // Too few, one of them twice, somebody else's in an officer's name, and another statement under the digest.
    let altered = body.replace("anna", "anne");
    for (keys, shown) in [
        (&[][..], &body),
        (&[(0, 0)], &body),
        (&[(0, 0), (MALLORY, 1)], &body),
        (&[(0, 0), (MALLORY, MALLORY)], &body),
        (&[(0, 0), (1, 1)], &altered),
    ] {
        let store = with(keys, shown).database().await;
        assert_eq!(sealed_to(&home.on(&store)).await, ["anna", "bernd", "clara"], "{keys:?}");
    }
    let store = with(&[(0, 0), (1, 1)], &body).database().await;
    let (error, why) = refusal(&home.on(&store)).await;
    assert!(matches!(error, CustodyError::Newer { version: 2, .. }), "{why}");
    assert!(why.contains("made by a newer program") && why.contains("update this installation"), "{why}");
}
