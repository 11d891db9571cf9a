//! The connector's side, played by Python.

use crypto::ConnectorKey;

use crate::programs::Bench;
use crate::support::{WORLD, pkey};

#[test]
fn python_decrypts_the_password_as_the_connector_does() {
    let bench = Bench::new();
    let key = ConnectorKey::read(WORLD.susi.certificate.der()).unwrap();
    bench.write("key.pem", pkey(&WORLD.susi.key).private_key_to_pem_pkcs8().unwrap());
    for password in ["J7vYQ2mW9xTnB4cZ8kLpR5sD1fGhA6eU".to_owned(), "~".repeat(126)] {
        bench.write("password", key.encrypt_password(&password).unwrap());
        assert_eq!(bench.python("password key.pem password"), password);
    }
}

#[test]
fn keys_in_both_exported_forms_are_read_with_the_fingerprint_that_python_computes() {
    let bench = Bench::new();
    let fingerprint = bench.python("connector key.blob key.pem");
    let (blob, pem) = (bench.read("key.blob"), bench.read("key.pem"));
    assert_eq!(blob.len(), 283);
    for file in [&blob, &pem] {
        let key = ConnectorKey::read(file).unwrap();
        assert_eq!(key.fingerprint(), fingerprint);
        assert_eq!(key.to_cng_blob(), blob);
    }
}
