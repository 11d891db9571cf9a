//! Against whoever can write the database.

use crypto::{PrivateKey, SealingAgents};
use model::RecoveryRequestId;
use recover::ceremony::{Request, Wanted};
use store::{Store as _, StoredRecoveryGrant, StoredRecoveryRequest};

use crate::stage::{Officer, Stage, why};

/// Another request with the body and signature that the intruder wants.
async fn forge(
    stage: &Stage,
    from: &Request,
    change: impl FnOnce(&mut StoredRecoveryRequest),
) -> RecoveryRequestId {
    let mut work = stage.store.begin().await.unwrap();
    let mut stored = work.recoveries().lookup(from.id).await.unwrap().unwrap();
    stored.id = stage.ids.next();
    let own = format!("\"id\":\"{}\"", from.id);
    assert!(stored.body.contains(&own), "{}", stored.body);
    stored.body = stored.body.replace(&own, &format!("\"id\":\"{}\"", stored.id));
    change(&mut stored);
    work.recoveries().add(&stored, b"nothing").await.unwrap();
    work.commit().await.unwrap();
    stored.id
}

#[tokio::test]
async fn a_request_that_was_altered_gets_nothing_from_anybody() {
    let stage = Stage::of(3, Some(2)).await;
    let honest = stage.ask(Wanted::FileForOwner).await.unwrap();
    let other = stage.ask(Wanted::FileForOwner).await.unwrap();
    let foreign_key = {
        let mut work = stage.store.read().await.unwrap();
        let body = work.recoveries().lookup(other.id).await.unwrap().unwrap().body;
        serde_json::from_str::<serde_json::Value>(&body).unwrap()["oneTimeKey"].as_str().unwrap().to_owned()
    };
    let replace = |what: &'static str, by: String| {
        move |stored: &mut StoredRecoveryRequest| {
            assert!(stored.body.contains(what), "{}", stored.body);
            stored.body = stored.body.replace(what, &by);
        }
    };
    let own_key = {
        let mut work = stage.store.read().await.unwrap();
        let body = work.recoveries().lookup(honest.id).await.unwrap().unwrap().body;
        serde_json::from_str::<serde_json::Value>(&body).unwrap()["oneTimeKey"].as_str().unwrap().to_owned()
    };
    let swap_key = move |stored: &mut StoredRecoveryRequest| {
        stored.body = stored.body.replace(&own_key, &foreign_key);
    };
    let forged = [
        forge(&stage, &honest, |_| {}).await,
        forge(&stage, &honest, replace("4711/26", "1".to_owned())).await,
        forge(&stage, &honest, replace("\"approvals\":2", "\"approvals\":1".to_owned())).await,
        forge(&stage, &honest, replace("fileForOwner", "ownersDevices".to_owned())).await,
        forge(&stage, &honest, swap_key).await,
        forge(&stage, &honest, |stored| stored.signature = vec![0; 256]).await,
    ];
    for id in forged {
        let told = why(stage.approve(id, 1, 0).await);
        assert!(told.contains("not to be believed") && told.contains("does not fit what it says"), "{told}");
    }
    // As it was signed, but in another place, or with other times.
    let moved = forge(&stage, &honest, |stored| {
        stored.body = stored.body.replace(&stored.id.to_string(), &honest.id.to_string());
    })
    .await;
    let told = why(stage.approve(moved, 1, 0).await);
    assert!(told.contains("in the place of another request"), "{told}");
    let garbage = forge(&stage, &honest, |stored| stored.body = "<html>".to_owned()).await;
    assert!(why(stage.approve(garbage, 1, 0).await).contains("it cannot be read"));
    assert_eq!(stage.officers[0].used(), 0, "no officer's key was used");
    // A list shows them for what they are.
    let listed = stage.desk(1).list(50).await.unwrap();
    assert_eq!(listed.iter().filter(|one| one.request.is_err()).count(), 8);
    assert_eq!(listed.iter().filter(|one| one.request.is_ok()).count(), 2);
}

#[tokio::test]
async fn a_request_of_an_installation_that_was_removed_gets_nothing() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.desk(1).ask(&crate::stage::wish(Wanted::FileForOwner)).await.unwrap();
    let bert = stage.people[1].gate.installation().id();
    stage.people[0].gate.remove(bert, false).await.unwrap();
    let told = why(stage.approve(request.id, 2, 0).await);
    assert!(told.contains("does not belong to the fleet, or was removed"), "{told}");
}

#[tokio::test]
async fn what_was_given_for_one_request_opens_nothing_in_another() {
    let stage = Stage::of(3, Some(2)).await;
    let first = stage.ask(Wanted::FileForOwner).await.unwrap();
    let second = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(first.id, 1, 0).await.unwrap();
    stage.approve(first.id, 2, 1).await.unwrap();
    let given = stage.store.read().await.unwrap().recoveries().grants(first.id).await.unwrap();
    let mut work = stage.store.begin().await.unwrap();
    for grant in given {
        work.recoveries().add_grant(&StoredRecoveryGrant { request: second.id, ..grant }).await.unwrap();
    }
    work.commit().await.unwrap();
    let told = why(stage.open(second.id).await);
    assert!(told.contains("0 of 2 officers have agreed"), "{told}");
    let (kind, is_well, _) = stage.log().await.pop().unwrap();
    assert_eq!((kind.as_str(), is_well), ("KEY_RECOVERY_REQUEST_PROCESSED", false));
    assert_eq!(stage.open(first.id).await.unwrap().files.len(), 1);
}

#[tokio::test]
async fn grants_that_nobody_gave_open_nothing() {
    let stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    let [genuine] =
        stage.store.read().await.unwrap().recoveries().grants(request.id).await.unwrap().try_into().unwrap();
    // The same grant under another officer's name; and bytes that were sealed to nobody.
    let copied = StoredRecoveryGrant { officer: stage.officers[1].certificate.sha256(), ..genuine.clone() };
    let invented = StoredRecoveryGrant { officer: [9; 32], sealed: vec![0x30, 0x00], ..genuine };
    for grant in [copied, invented] {
        let mut work = stage.store.begin().await.unwrap();
        work.recoveries().add_grant(&grant).await.unwrap();
        work.commit().await.unwrap();
        let told = why(stage.open(request.id).await);
        assert!(told.contains("1 of 2 officers have agreed"), "{told}");
    }
    // Nor do they stand in the way of those who did.
    stage.approve(request.id, 2, 2).await.unwrap();
    assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1);
}

/// What somebody gives who sits at an admitted machine and has no officer's key: sealed as it should be, and signed.
async fn given_by(stage: &Stage, person: usize, request: &Request, like: usize) {
    let impostor =
        Officer { certificate: stage.officers[like].certificate.clone(), ..Officer::new("Mallory") };
    // The officer's own program would fail here; this one answers with a key of its own choice.
    let told = stage.desk(person).approve(request, &impostor).await;
    assert!(told.is_err(), "{told:?}");
}

#[tokio::test]
async fn a_request_for_another_persons_key_than_it_says_gets_nothing() {
    // Signed by an installation of the fleet, whose program was changed: it describes the key as somebody else's.
    let stage = Stage::of(3, Some(2)).await;
    let honest = stage.ask(Wanted::FileForOwner).await.unwrap();
    for (what, by) in [
        ("CN=Susi Sorglos", "CN=Test"),
        ("\"approvals\":2", "\"approvals\":1"),
        ("4711/26", "47\\u001b[2J11"),
    ] {
        let own = stage.people[0].gate.installation();
        let forged = forge(&stage, &honest, |stored| {
            assert!(stored.body.contains(what), "{}", stored.body);
            stored.body = stored.body.replace(what, by);
            stored.signature = own.key.sign_ps256(stored.body.as_bytes()).unwrap();
        })
        .await;
        let told = why(stage.approve(forged, 1, 0).await);
        let sentence = match what {
            "CN=Susi Sorglos" => "is not the one that it describes: it belongs to CN=Susi Sorglos",
            "4711/26" => "the case number has to be one line",
            _ => "asks for 1 approvals; it takes 2",
        };
        assert!(told.contains(sentence) && !told.contains('\u{1b}'), "{told}");
    }
    assert_eq!(stage.officers[0].used(), 0);
}

#[tokio::test]
async fn another_persons_envelope_in_the_place_of_this_one_is_noticed_before_anything_is_given() {
    for threshold in [None, Some(2)] {
        let stage = Stage::of(3, threshold).await;
        let officers = stage.officers.iter().map(|officer| officer.certificate.clone()).collect();
        let agents = SealingAgents::new(officers, threshold);
        let other = PrivateKey::generate(model::KeyAlgorithm::P256).unwrap();
        let sql =
            format!("UPDATE archived_key SET envelope = x'{}'", hex::encode(agents.seal(&other).unwrap()));
        stage.execute(&sql);
        let asked = stage.ask(Wanted::FileForOwner).await;
        let told = match asked {
            Ok(request) => why(stage.approve(request.id, 1, 0).await),
            Err(error) => error.to_string(),
        };
        assert!(told.contains("not to be believed"), "{threshold:?}: {told}");
        let work = &mut stage.store.read().await.unwrap();
        for listed in work.recoveries().list(9).await.unwrap() {
            assert!(work.recoveries().granted(listed.id).await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn a_request_that_is_exchanged_while_it_is_read_gets_nothing() {
    let stage = Stage::of(3, Some(2)).await;
    let read = stage.ask(Wanted::FileForOwner).await.unwrap();
    let mut other = stage.ask(Wanted::FileForOwner).await.unwrap();
    other.digest = read.digest;
    let told = why(stage.desk(1).approve(&other, &stage.officers[0]).await);
    assert!(told.contains("it is another one than the one that was read"), "{told}");
}

#[tokio::test]
async fn whoever_sits_at_an_admitted_machine_without_an_officers_key_counts_for_nothing() {
    let stage = Stage::of(3, None).await;
    let to = "Kanzlei Müller".to_owned();
    let request = stage.ask(Wanted::FileForOther { to }).await.unwrap();
    assert_eq!(request.approvals, 2);
    given_by(&stage, 2, &request, 1).await;
    stage.approve(request.id, 1, 0).await.unwrap();
    // The same grant in another officer's name, whose certificate is in it: sealed anew to the one-time key, but not signed.
    let [genuine] =
        stage.store.read().await.unwrap().recoveries().grants(request.id).await.unwrap().try_into().unwrap();
    let sealed =
        crypto::seal::seal_bound("grant", b"nothing", std::slice::from_ref(&request.one_time)).unwrap();
    let mut work = stage.store.begin().await.unwrap();
    for officer in [genuine.officer, stage.officers[1].certificate.sha256()] {
        let forged = StoredRecoveryGrant { officer, sealed: sealed.clone(), ..genuine.clone() };
        work.recoveries().add_grant(&forged).await.unwrap();
    }
    work.commit().await.unwrap();
    let told = why(stage.open(request.id).await);
    assert!(told.contains("1 of 2 officers have agreed"), "{told}");
    stage.approve(request.id, 2, 1).await.unwrap();
    assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1);
}

#[tokio::test]
async fn a_lower_number_of_approvals_than_the_rule_is_refused_by_the_officers_programs() {
    let mut stage = Stage::of(3, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    assert_eq!(request.approvals, 1);
    stage.approvals = 2;
    let told = why(stage.approve(request.id, 1, 0).await);
    assert!(told.contains("asks for 1 approvals; it takes 2"), "{told}");
}
