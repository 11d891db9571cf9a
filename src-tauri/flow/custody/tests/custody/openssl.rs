//! The signatures of a set, verified by OpenSSL's program with what lies in the database and nothing else.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::X509Certificate;
use custody::Draft;
use support::fresh_store;

use crate::world::{ANY_ONE, Home, Rows, TWO, establish};

fn openssl(folder: &Path, arguments: &str) -> bool {
    let ran = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
    ran.unwrap_or_else(|error| panic!("`openssl` does not run ({error}); `./dev test` installs it"))
        .status
        .success()
}

#[tokio::test]
async fn openssl_verifies_the_signatures_over_prefix_and_body() {
    let (store, home) = (fresh_store().await, Home::new());
    establish(&home.on(&store), TWO, &[0, 1, 2], &[2, 0]).await;
    let rows = Rows::of(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let body = &rows.versions[0].body;
    write("message", &[b"sealwright kra set 1\0", body.as_bytes()].concat());
    write("altered", &[b"sealwright kra set 1\0", body.replace("anna", "anne").as_bytes()].concat());
    let told: serde_json::Value = serde_json::from_str(body).unwrap();
    let mut verified = 0;
    for seat in told["officers"].as_array().unwrap() {
        write("officer.der", &STANDARD.decode(seat["certificate"].as_str().unwrap()).unwrap());
        assert!(openssl(folder.path(), "x509 -inform DER -in officer.der -noout -pubkey -out officer.pem"));
        for row in &rows.signatures {
            assert_eq!(row.algorithm, "RS256");
            write("signature", &row.signature);
            let verify = "dgst -sha256 -verify officer.pem -signature signature";
            verified += usize::from(openssl(folder.path(), &format!("{verify} message")));
            assert!(!openssl(folder.path(), &format!("{verify} altered")));
        }
    }
    assert_eq!(verified, 2, "two officers, one signature each");
}

#[tokio::test]
async fn the_names_of_certificates_that_others_made_are_plain_before_they_are_signed() {
    let folder = tempfile::tempdir().unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem";
    let made =
        format!("req -x509 {key} -outform DER -out odd.der -days 8000 -utf8 -subj /CN=an\u{1b}[2Jna\u{202e}");
    assert!(openssl(folder.path(), &made));
    let odd = X509Certificate::from_der(&std::fs::read(folder.path().join("odd.der")).unwrap()).unwrap();
    let draft = Draft { name: Some("Recovery".to_owned()), policy: ANY_ONE, officers: vec![odd.into()] };
    let (store, home) = (fresh_store().await, Home::new());
    let proposal = home.on(&store).propose(&draft).await.unwrap();
    assert_eq!(proposal.set.officers[0].name, "an\u{fffd}[2Jna\u{fffd}");
}
