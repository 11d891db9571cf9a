//! `import …` of what is not what it seems: certificates that nobody vouches for, addresses that were given to others, keys
//! that are archived as somebody else's, damaged copies, odd names.

use std::fs;

use serde_json::json;
use store::Store as _;

use crate::home::write_private;
use crate::imports::{imported, item, mail, people, pfx, verdicts};
use crate::proof;
use crate::windows_ca::WindowsCa;
use crate::world::World;

/// What is not imported has no row, was not opened and is in no audit entry.
async fn nothing_came_of_it(world: &World) {
    assert!(imported(world).await.is_empty(), "{:?}", imported(world).await);
    assert!(proof::recorded(world, "KEY_IMPORT").await.is_empty());
    assert!(world.sim.pfx_created().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_only_its_key_vouches_for_is_refused_before_anything_is_opened() {
    let world = World::of(2, 0).await;
    let people = people(&world).await;
    let (victim, mallory) = (mail(&people[0]), mail(&people[1]));
    let ca = WindowsCa::new();
    ca.archives(&[
        // The victim's key, sealed by the victim's CA, beside a certificate that Mallory made for it.
        json!({"name": "swapped", "mails": [mallory], "issuer": "rogue"}),
        json!({"name": "by-a-user", "mails": [mallory], "issuer": "user", "bag": ["user", "middle", "ca"]}),
        json!({"name": "authority", "mails": [mallory], "authority": true}),
        json!({"name": "no-middle", "mails": [victim], "issuer": "middle"}),
    ]);
    let told = ca.import(&world, &["--yes", "--deliver"]).await;
    assert_eq!(told.code, Some(3), "{told:?}");
    let told = told.json();
    let why = |name: &str| item(&told, name)["why"].as_str().unwrap_or_default().to_owned();
    for name in ["swapped", "by-a-user", "no-middle"] {
        assert_eq!(item(&told, name)["verdict"], "conflict", "{told}");
        assert!(why(name).contains("none of the named authorities issued it"), "{}", why(name));
    }
    assert_ne!(item(&told, "authority")["verdict"], "import", "{told}");
    // The same in PKCS#12 files.
    let folder = tempfile::tempdir().unwrap();
    for name in ["swapped", "by-a-user", "authority", "no-middle"] {
        pfx(&ca, name, &folder.path().join(format!("{name}.pfx")), "common", &[]);
    }
    let (list, anchor) = (ca.path("passwords.csv"), ca.at("made/ca.crt"));
    write_private(&list, b"file,password\n*,common\n");
    let (place, list) = (folder.path().to_str().unwrap(), list.to_str().unwrap());
    let run = async |anchor: &[&str]| {
        let mut all =
            vec!["import", "pfx", place, "--passwords", list, "--reason", "r", "--yes", "--deliver"];
        all.extend(anchor);
        world.run_json(&all).await
    };
    let told = run(&["--ca", &anchor]).await.json();
    assert!(verdicts(&told).iter().all(|(_, verdict)| verdict == "conflict"), "{told}");
    assert!(item(&told, "authority.pfx")["why"].as_str().unwrap().contains("an authority's"), "{told}");
    // Without a name, or with one that vouches for nobody, nothing is done.
    let refused = run(&[]).await;
    assert!(refused.code == Some(2) && refused.stderr.contains("--ca <FILE>"), "{refused:?}");
    let leaf = ca.at("made/swapped.crt");
    assert!(run(&["--ca", &leaf]).await.failure().contains("is not the certificate of an authority"));
    nothing_came_of_it(&world).await;
    // Whoever names the rogue believes the rogue.
    let told = run(&["--ca", &ca.at("made/rogue.crt")]).await.json();
    assert_eq!(
        item(&told, "swapped.pfx")["outcome"],
        "imported",
        "the signature alone stood against it: {told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuers_between_are_kept_and_nothing_else_that_came_along() {
    let world = World::of(1, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[json!({"name": "one", "mails": [mail(&people[0])], "issuer": "middle", "key": "p-256",
        "bag": ["kra", "ca", "middle", "user"]})]);
    ca.import(&world, &["--yes", "--deliver"]).await.done();
    let rows = imported(&world).await;
    let mut work = world.store.read().await.unwrap();
    let stored = work.certificates().lookup_stored(rows[0].certificate.id).await.unwrap().unwrap();
    let names: Vec<String> =
        stored.chain.iter().map(|der| crypto::X509Certificate::from_der(der).unwrap().subject()).collect();
    assert_eq!(names, ["CN=Nordwind Middle CA", "CN=Nordwind Issuing CA 1"]);
    drop(work);
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!((devices.failures().count(), devices.canaries_decrypted()), (0, 1), "{devices:?}");
}

/// Lets the directory say something else about somebody, as it would be after a reading.
async fn becomes(world: &World, change: impl FnOnce(&mut Vec<model::Subscriber>)) {
    let mut work = world.store.begin().await.unwrap();
    let page = work
        .subscribers()
        .list(&store::SubscriberFilter::default(), &store::PageRequest::first(50))
        .await
        .unwrap();
    let mut rows = page.rows;
    change(&mut rows);
    for row in &rows {
        work.subscribers().set(row).await.unwrap();
    }
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_were_given_to_somebody_else_are_for_a_person_to_look_at() {
    let world = World::of(4, 1).await;
    let people = people(&world).await;
    let mailbox = world.sim.mailboxes()[0].address.clone();
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "a-reused", "mails": [mail(&people[0])]}),
        json!({"name": "b-mailbox", "mails": [mailbox], "upn": "left@nordwind.example"}),
        json!({"name": "c-two-names", "mails": [mail(&people[2])], "upn": people[3].user_principal_name}),
        json!({"name": "d-old-name", "mails": [mail(&people[2]), "maiden-name@nordwind.example"]}),
    ]);
    // One who left had the address that another has now.
    let (first, second) = (people[0].id, people[1].id);
    becomes(&world, |rows| {
        let address = rows.iter().find(|row| row.id == first.into()).unwrap().mail.clone().unwrap();
        let left = rows.iter_mut().find(|row| row.id == second.into()).unwrap();
        left.aliases.push(address);
    })
    .await;
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().mark_gone(second.into(), model::Timestamp::from_seconds(1_772_443_800)).await.unwrap();
    work.commit().await.unwrap();
    let told = ca.import(&world, &["--plan"]).await.json();
    let expected = [
        ("a-reused", "conflict"),
        ("b-mailbox", "conflict"),
        ("c-two-names", "conflict"),
        ("d-old-name", "import"),
    ];
    assert_eq!(verdicts(&told), expected.map(|(name, verdict)| (name.to_owned(), verdict.to_owned())));
    let why = |name: &str| item(&told, name)["why"].as_str().unwrap().to_owned();
    assert!(why("a-reused").contains("(left)"), "{}", why("a-reused"));
    assert!(why("b-mailbox").contains("is a shared mailbox"), "{}", why("b-mailbox"));
    let notes = item(&told, "d-old-name")["notes"].to_string();
    assert!(notes.contains("maiden-name@nordwind.example"), "{notes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_as_somebodys_is_nobody_elses_afterwards() {
    let world = World::of(3, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[json!({"name": "first", "mails": [mail(&people[0])]})]);
    ca.import(&world, &["--yes"]).await.done();
    // The address wanders to another person: the key does not follow it.
    let (first, second) = (people[0].id, people[1].id);
    becomes(&world, |rows| {
        let before = rows.iter_mut().find(|row| row.id == first.into()).unwrap();
        let address = before.mail.replace("new-name@nordwind.example".to_owned()).unwrap();
        before.user_principal_name = "new-name@nordwind.example".to_owned();
        before.aliases.clear();
        rows.iter_mut().find(|row| row.id == second.into()).unwrap().aliases.push(address);
    })
    .await;
    let told = ca.import(&world, &["--yes", "--deliver"]).await.json();
    assert_eq!(item(&told, "first")["verdict"], "conflict", "{told}");
    assert!(
        item(&told, "first")["why"].as_str().unwrap().contains("is known as that of new-name@"),
        "{told}"
    );
    assert!(world.sim.pfx_created().is_empty(), "handed to nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_archived_as_somebodys_is_never_another_persons() {
    let world = World::of(2, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "hers", "mails": [mail(&people[0])]}),
        json!({"name": "his", "key": "hers", "mails": [mail(&people[1])]}),
        json!({"name": "renewed", "key": "hers", "mails": [mail(&people[0])]}),
    ]);
    let later = ["his", "renewed"].map(|name| {
        let (here, aside) = (ca.path("blobs").join(name), ca.path(name));
        fs::rename(&here, &aside).unwrap();
        (here, aside)
    });
    ca.import(&world, &["--yes"]).await.done();
    let expected = [
        ("his", "conflict", "the same key is in the archive as that of"),
        ("renewed", "present", "its key is in the archive"),
    ];
    for ((here, aside), (name, verdict, why)) in later.into_iter().zip(expected) {
        fs::rename(&aside, &here).unwrap();
        fs::rename(ca.path("blobs").join("hers"), ca.path("hers")).unwrap();
        let told = ca.import(&world, &["--yes", "--deliver"]).await.json();
        assert_eq!(item(&told, name)["verdict"], verdict, "{told}");
        assert!(item(&told, name)["why"].as_str().unwrap().contains(why), "{told}");
        fs::rename(ca.path("hers"), ca.path("blobs").join("hers")).unwrap();
        fs::remove_file(&here).unwrap();
    }
    assert_eq!(imported(&world).await.len(), 1);
    assert!(world.sim.pfx_created().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_file_serves_where_the_first_is_damaged_and_odd_names_stop_nothing() {
    let world = World::of(2, 0).await;
    let people = people(&world).await;
    let ca = WindowsCa::new();
    ca.archives(&[
        json!({"name": "b-good", "mails": [mail(&people[0])], "cn": "x\u{1b}[2Jy\u{202e}z"}),
        json!({"name": "c-long", "mails": [mail(&people[1]), format!("{}@nordwind.example", "m".repeat(5000))]}),
    ]);
    // The same certificate with an envelope that was altered in its last octets but the certificates.
    let blob = fs::read(ca.path("blobs").join("b-good")).unwrap();
    let certificates = crypto::RecoveryBlob::parse(&blob).unwrap().certificates().to_vec();
    let first = certificates
        .iter()
        .filter_map(|one| blob.windows(one.der().len()).position(|piece| piece == one.der()))
        .min()
        .unwrap();
    let mut damaged = blob.clone();
    for octet in &mut damaged[first - 40..first - 8] {
        *octet ^= 0x55;
    }
    fs::write(ca.path("blobs").join("a-damaged"), damaged).unwrap();
    let told = ca.import(&world, &["--yes"]).await;
    for hidden in ['\u{1b}', '\u{202e}'] {
        assert!(!told.stdout.contains(hidden) && !told.stderr.contains(hidden), "{told:?}");
    }
    let told = told.json();
    assert_eq!(item(&told, "a-damaged")["outcome"], "failed", "{told}");
    assert_eq!(item(&told, "b-good")["outcome"], "imported", "{told}");
    assert_eq!(item(&told, "c-long")["outcome"], "imported", "{told}");
    let all = imported(&world).await;
    assert!(
        all.iter()
            .all(|row| row.certificate.mail.len() <= 320 && !row.certificate.common_name.contains('\u{1b}'))
    );
}
