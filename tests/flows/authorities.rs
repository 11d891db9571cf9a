//! `authority …`: accounts, their health, and their revocation lists.

use std::fs;

use crate::certificates::{openssl, text};
use crate::home::AUTHORITY;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_and_checked_by_name_or_all_together() {
    let world = World::of(1, 0).await;
    let listed = world.json(&["authority", "list"]).await;
    assert_eq!(listed["authorities"].as_array().unwrap().len(), 1);
    assert_eq!(
        (listed["authorities"][0]["name"].as_str(), &listed["authorities"][0]["usable"]),
        (Some(AUTHORITY), &true.into())
    );
    for arguments in [vec!["authority", "check"], vec!["authority", "check", "story ca"]] {
        let checked = world.json(&arguments).await;
        assert_eq!(checked["authorities"][0]["usable"], true, "{checked}");
        assert!(checked["authorities"][0]["told"].as_str().unwrap().contains("issues until"), "{checked}");
    }
    for arguments in [["authority", "check", "Nobody"], ["authority", "crl", "Nobody"]] {
        let unknown = world.run_json(&arguments).await.failure();
        assert!(unknown.contains("no") && unknown.contains("authority list"), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_published_list_has_a_higher_number_and_lies_in_the_homes_folder_too() {
    let world = World::of(1, 0).await;
    let number = |file: &str| {
        let told = openssl(&["crl", "-inform", "DER", "-in", file, "-noout", "-crlnumber"]);
        assert!(told.status.success(), "{}", text(&told));
        let digits = text(&told).trim().trim_start_matches("crlNumber=").trim_start_matches("0x").to_owned();
        u64::from_str_radix(&digits, 16).unwrap()
    };
    let out = world.folder().join("issuing.crl");
    let mut before = 0;
    for _ in 0..3 {
        world.json(&["authority", "crl", AUTHORITY, "--out", out.to_str().unwrap()]).await;
        let found = number(out.to_str().unwrap());
        assert!(found > before, "{found} after {before}");
        before = found;
        assert_eq!(fs::read(world.home().join("pki/story-ca.crl")).unwrap(), fs::read(&out).unwrap());
    }
    let unwritable =
        world.run_json(&["authority", "crl", AUTHORITY, "--out", "no-such-folder/x.crl"]).await.failure();
    assert!(unwritable.contains("no-such-folder"), "{unwritable}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_whose_key_is_sealed_to_another_installation_is_not_usable_here_and_says_so() {
    let world = World::of(1, 0).await;
    let other = World::of(1, 0).await;
    // Both worlds begin with the same home; another installation is one that `init` made anew.
    let elsewhere = other.folder().join("elsewhere");
    let mut init = tokio::process::Command::new(crate::home::PROGRAM);
    init.arg("--home").arg(&elsewhere).args(["--json", "init", "--no-authority"]);
    init.env("SEALWRIGHT_VAULT", "file");
    crate::program::Ran::of(init).await.done();
    for file in ["installation.key", "installation.crt"] {
        fs::copy(elsewhere.join(file), world.home().join(file)).unwrap();
    }
    let checked = world.run_json(&["authority", "check"]).await;
    assert_eq!(checked.code, Some(3), "{checked:?}");
    assert_eq!(checked.json()["authorities"][0]["usable"], false);
    let doctor = world.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(3));
    assert!(doctor.stdout.contains("sealed to another installation"), "{doctor:?}");
    // Halves that do not belong together are a mistake of whoever restored them.
    fs::copy(other.home().join("installation.key"), world.home().join("installation.key")).unwrap();
    let broken = world.run_json(&["certificate", "list"]).await.failure();
    assert!(broken.contains("do not belong together"), "{broken}");
}
