//! What cannot be a set is refused before anybody signs, and a damaged pin is never taken for none.

use crypto::{MlKemPrivateKey, PrivateKey, X509Certificate};
use custody::{Candidate, Draft, Policy, SetVersion};
use model::{KeyAlgorithm, Timestamp};
use support::fresh_store;

use crate::world::{ANY_ONE, Home, certificates, certify, draft, establish, refusal};

#[tokio::test]
async fn drafts_that_make_no_set_are_refused_each_with_its_reason() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let named = Some("Recovery");
    let long = "x".repeat(101);
    let cases = [
        (draft(None, ANY_ONE, &[0]), "needs a name"),
        (draft(Some(" "), ANY_ONE, &[0]), "its name is no plain text"),
        (draft(Some("a\nb"), ANY_ONE, &[0]), "its name is no plain text"),
        (draft(Some(&long), ANY_ONE, &[0]), "its name is no plain text"),
        (draft(named, ANY_ONE, &[]), "0 officers; a set has 1 to 16"),
        (draft(named, Policy::Quorum { threshold: 1 }, &[0, 1]), "at least 2"),
        (draft(named, Policy::Quorum { threshold: 3 }, &[0, 1]), "cannot be made of 2 officers"),
        (draft(named, Policy::AnyOne { approvals: 3 }, &[0, 1]), "3 approvals are more than"),
        (draft(named, ANY_ONE, &[0, 1, 0]), "have one key; `anna` is the second"),
    ];
    for (draft, part) in cases {
        let refused = custody.propose(&draft).await.unwrap_err().to_string();
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let until = Timestamp::from_seconds(2_500_000_000);
    let same_name = certify("anna", 1, &key, until);
    let officers = [certificates(&[0]), vec![same_name]].concat();
    let officers = officers.into_iter().map(Candidate::from).collect();
    let twice = Draft { name: Some("R".to_owned()), policy: ANY_ONE, officers };
    let refused = custody.propose(&twice).await.unwrap_err().to_string();
    assert!(refused.contains("same issuer and serial number"), "{refused}");
    assert!(custody.status().await.unwrap().lines.is_empty(), "nothing was written");

    establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    let same = custody.propose(&draft(None, ANY_ONE, &[0, 1])).await.unwrap_err().to_string();
    assert!(same.contains("says the same as version 1"), "{same}");
}

#[tokio::test]
async fn bodies_with_more_or_less_than_they_should_have_are_not_read() {
    let (store, home) = (fresh_store().await, Home::new());
    let set = establish(&home.on(&store), ANY_ONE, &[0], &[0]).await;
    let body = set.body();
    assert_eq!(SetVersion::read(body).unwrap(), set);
    for (from, to) in [
        ("sealwright kra set 1", "sealwright kra set 2"),
        (r#""version":1"#, r#""version":2"#),
        (r#""version":1"#, r#""version":0"#),
        (r#""version":1"#, r#""version":1,"version":1"#),
        (r#""approvals":0"#, r#""approvals":0,"more":1"#),
        (r#""kind":"anyOne""#, r#""kind":"nobody""#),
        (r#""set":"#, r#""extra":1,"set":"#),
        (r#""name":"anna""#, r#""name":"an\u001bna""#),
        (r#""name":"anna""#, r#""name":"anna\u202e""#),
        (r#""by":"test@here""#, r#""by":"test\nhere""#),
        (r#""certificate":""#, r#""certificate":"AAAA"#),
    ] {
        let other = body.replacen(from, to, 1);
        assert_ne!(other, body, "{from}");
        assert!(SetVersion::read(&other).is_err(), "{to}");
    }
    let long = format!(r#""name":"{}""#, "x".repeat(101));
    assert!(SetVersion::read(&body.replace(r#""name":"anna""#, &long)).is_err());
    assert!(SetVersion::read(&body.replace(r#""name":"anna""#, &long.replacen('x', "", 1))).is_ok());
    // What stands there is not repeated to whoever looks.
    let painted = body.replacen(r#""set":"#, r#""\u001b[2Jall is well":1,"set":"#, 1);
    assert_eq!(
        SetVersion::read(&painted).unwrap_err(),
        "its statement cannot be read; if a newer program wrote it, upgrade this one"
    );
}

#[tokio::test]
async fn a_pin_that_cannot_be_read_is_never_taken_for_none() {
    let (store, home) = (fresh_store().await, Home::new());
    establish(&home.on(&store), ANY_ONE, &[0], &[0]).await;
    home.damage_pin();
    let (_, why) = refusal(&home.on(&store)).await;
    assert!(why.contains("kra-set.pin") && why.contains("restore it from a backup"), "{why}");
}

#[tokio::test]
async fn ml_kem_keys_stand_in_a_body_of_their_own_format_and_are_kept_told_and_never_dropped() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let first = establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    assert!(first.body().contains("sealwright kra set 1") && !first.body().contains("mlKem"));
    assert!(!first.is_hybrid() && first.about_ml_kem().is_none());
    let now = Timestamp::from_seconds(1_800_000_000);
    assert!(!first.sealing(now).unwrap().is_hybrid());

    // One of two: told, and nothing is sealed hybrid.
    let (anna, berta) = (MlKemPrivateKey::generate().unwrap(), MlKemPrivateKey::generate().unwrap());
    let mut half = draft(None, ANY_ONE, &[0, 1]);
    half.officers[0].ml_kem = Some(anna.public().clone());
    let proposed = custody.propose(&half).await.unwrap();
    let told = proposed.set.about_ml_kem().unwrap();
    assert!(told.contains("has no ML-KEM key") && !proposed.set.is_hybrid(), "{told}");
    assert!(!proposed.set.sealing(now).unwrap().is_hybrid());
    let change = format!("ML-KEM key of anna: {}", anna.public().fingerprint());
    assert!(proposed.changes().contains(&change), "{:?}", proposed.changes());

    let mut whole = half.clone();
    whole.officers[1].ml_kem = Some(berta.public().clone());
    let set = custody.propose(&whole).await.unwrap().set;
    assert!(set.is_hybrid() && set.sealing(now).unwrap().is_hybrid());
    assert!(set.body().contains("sealwright kra set 2"));
    assert_eq!(SetVersion::read(set.body()).unwrap(), set);
    // One form for one content, so that no program reads such a body and seals without the keys.
    let as_before = set.body().replace("sealwright kra set 2", "sealwright kra set 1");
    assert!(SetVersion::read(&as_before).is_err());
    let without = first.body().replace("sealwright kra set 1", "sealwright kra set 2");
    assert!(SetVersion::read(&without).is_err());
    let mut same = half;
    same.officers[1].ml_kem = Some(anna.public().clone());
    let refused = custody.propose(&same).await.unwrap_err().to_string();
    assert!(refused.contains("one ML-KEM key"), "{refused}");
}

#[tokio::test]
async fn who_is_named_again_keeps_the_ml_kem_key_also_by_a_renewed_certificate_and_nobody_gets_anothers() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let anna = MlKemPrivateKey::generate().unwrap();
    let mut wanted = draft(Some("Recovery"), ANY_ONE, &[0, 1]);
    wanted.officers[0].ml_kem = Some(anna.public().clone());
    let set = custody.propose(&wanted).await.unwrap().set;
    let kept = |certificate: &X509Certificate| Candidate::of(certificate.clone(), Some(&set)).unwrap().ml_kem;
    let [first, second, third] = [0, 1, 2].map(|index| certificates(&[index]).remove(0));
    assert_eq!(kept(&first).as_ref(), Some(anna.public()));
    assert_eq!((kept(&second), kept(&third)), (None, None));
    assert_eq!(Candidate::of(first, None).unwrap().ml_kem, None);

    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let until = |seconds| Timestamp::from_seconds(seconds);
    let (former, renewed) =
        (certify("berta", 1, &key, until(2_500_000_000)), certify("berta", 2, &key, until(2_600_000_000)));
    let with_key = Candidate { certificate: former, ml_kem: Some(anna.public().clone()) };
    let wanted = Draft { name: Some("Recovery".to_owned()), policy: ANY_ONE, officers: vec![with_key] };
    let set = custody.propose(&wanted).await.unwrap().set;
    assert_eq!(Candidate::of(renewed, Some(&set)).unwrap().ml_kem.as_ref(), Some(anna.public()));
}
