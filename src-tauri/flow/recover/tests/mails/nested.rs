//! Encrypted in signed in encrypted.

use crate::bench::{Bench, SAID, text};

#[test]
fn what_is_signed_inside_stays_as_it_is_and_verifies() {
    let bench = Bench::new();
    for how in ["-nodetach", ""] {
        bench.openssl(&format!("cms -sign {how} -in text -out signed.eml -signer otto.crt -inkey otto.key"));
        bench.openssl("cms -encrypt -aes256 -in signed.eml -out mail.eml -subject Vertrag susi.crt");
        let mail = bench.decrypt("mail.eml", "susi").unwrap();
        assert_eq!((mail.layers.len(), mail.signatures_undone), (1, 0), "{how}");
        bench.write("plain.eml", &*mail.mime);
        let verified = bench.openssl("cms -verify -in plain.eml -CAfile otto.crt -purpose any");
        assert!(String::from_utf8(verified).unwrap().contains(SAID), "{how}");
    }
}

#[test]
fn encrypted_in_signed_in_encrypted_is_opened_to_the_bottom_and_the_signature_is_told_of() {
    let bench = Bench::new();
    for how in ["-nodetach", ""] {
        bench.openssl("cms -encrypt -aes-256-gcm -in text -out inner.eml susi.crt");
        bench.openssl(&format!(
            "cms -sign {how} -in inner.eml -out signed.eml -signer otto.crt -inkey otto.key"
        ));
        bench.openssl("cms -encrypt -aes256 -in signed.eml -out mail.eml susi.crt");
        let mail = bench.decrypt("mail.eml", "susi").unwrap();
        let ciphers: Vec<&str> = mail.layers.iter().map(|layer| layer.cipher).collect();
        assert_eq!(ciphers, ["AES-256-CBC", "AES-256-GCM"], "{how}");
        assert!(text(&mail).contains(SAID) && !mail.is_authenticated(), "{how}: {}", text(&mail));
        assert_eq!(mail.signatures_undone, 1, "{how}");
        assert!(mail.remarks().iter().any(|one| one.contains("given mail only")), "{:?}", mail.remarks());
    }
}

#[test]
fn a_layer_for_somebody_else_stays_and_is_told_of() {
    let bench = Bench::new();
    bench.openssl("cms -encrypt -aes256 -in text -out inner.eml otto.crt");
    bench.openssl("cms -encrypt -aes256 -in inner.eml -out mail.eml susi.crt");
    let mail = bench.decrypt("mail.eml", "susi").unwrap();
    assert_eq!(mail.layers.len(), 1);
    assert!(
        mail.left[0].contains("not encrypted for `CN=susi`") && mail.left[0].contains("CN=otto"),
        "{:?}",
        mail.left
    );
    bench.write("plain.eml", &*mail.mime);
    assert!(text(&bench.decrypt("plain.eml", "otto").unwrap()).contains(SAID), "Otto reads the rest");

    bench.python("mixed");
    let mail = bench.decrypt("mixed", "susi").unwrap();
    assert_eq!((mail.layers.len(), mail.left.len()), (1, 1));
    assert_eq!(text(&mail).matches("<p>Gr").count(), 1);
}

#[test]
fn a_signed_message_without_its_type_gets_it_back() {
    let bench = Bench::new();
    bench.openssl(
        "cms -sign -nodetach -in text -outform DER -out signed.der -signer otto.crt -inkey otto.key",
    );
    bench.python("typed signed.der");
    let mail = bench.decrypt("typed", "susi").unwrap();
    bench.write("plain.eml", &*mail.mime);
    let verified = bench.openssl("cms -verify -in plain.eml -CAfile otto.crt -purpose any");
    assert!(String::from_utf8(verified).unwrap().contains(SAID));
}

#[test]
fn nesting_has_an_end() {
    let bench = Bench::new();
    bench.write("mail.eml", bench.read("text"));
    for _ in 0..20 {
        bench.openssl("cms -encrypt -aes128 -in mail.eml -out next.eml susi.crt");
        bench.write("mail.eml", bench.read("next.eml"));
    }
    match bench.decrypt("mail.eml", "susi") {
        Ok(mail) => {
            assert!(
                mail.layers.len() <= 17 && mail.left[0].contains("more than 16 times"),
                "{:?}",
                mail.left
            );
        }
        Err(error) => assert!(error.to_string().contains("more than 16 times"), "{error}"),
    }
}
