//! A program that others wrote verifies what is signed.

use std::process::Command;

use crate::world::World;

fn openssl(folder: &std::path::Path, arguments: &str) -> (bool, Vec<u8>) {
    let ran = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
    let ran =
        ran.unwrap_or_else(|error| panic!("openssl (Debian package `openssl`) does not start: {error}"));
    (ran.status.success(), ran.stdout)
}

#[tokio::test]
async fn openssl_verifies_entries_and_shows_the_same_fingerprint() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("signer.pem"), homes[0].installation.certificate.pem()).unwrap();
    let (done, key) = openssl(folder, "x509 -in signer.pem -pubkey -noout");
    assert!(done);
    std::fs::write(folder.join("signer.pub"), key).unwrap();
    let verify = "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256 \
                  -verify signer.pub -signature signature body";
    for entry in world.log().await {
        std::fs::write(folder.join("signature"), &entry.signature).unwrap();
        std::fs::write(folder.join("body"), &entry.body).unwrap();
        assert!(openssl(folder, verify).0, "entry {}", entry.seq);
        std::fs::write(folder.join("body"), entry.body.replace("build-7", "build-8").replace("anna", "bnna"))
            .unwrap();
        assert!(!openssl(folder, verify).0, "entry {} altered", entry.seq);
    }
    let (done, shown) = openssl(folder, "x509 -in signer.pem -noout -fingerprint -sha256");
    assert!(done);
    let shown = String::from_utf8(shown).unwrap();
    let digits = shown.split_once('=').unwrap().1.trim();
    assert_eq!(digits[..47].parse::<admit::Fingerprint>().unwrap(), homes[0].fingerprint());
}
