//! Recovery blobs of a Windows CA, as a program with other people's ASN.1 and cryptography makes them; keys and agents by
//! `openssl`. Every form opens to the very key, and nothing that is wrong opens or stops the program.

use crypto::open::{KeyEncryption, WrappedKey, unwrap_content_key};
use crypto::{CryptoError, PrivateKey, RecoveryBlob, X509Certificate};
use proptest::prelude::*;

use crate::programs::Bench;

/// A bench with two agents of a Windows CA: `kra.crt`, `kra.key`, `kra2.…`.
fn bench() -> Bench {
    let bench = Bench::new();
    for (name, common_name) in [("kra", "Windows-KRA"), ("kra2", "Second-KRA")] {
        bench
            .openssl(&format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -subj /CN={common_name} -days 3000 \
                 -addext extendedKeyUsage=1.3.6.1.4.1.311.21.6 -addext basicConstraints=CA:FALSE"
            ))
            .unwrap();
    }
    bench
}

fn agent(bench: &Bench, name: &str) -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::from_pem(&bench.read(&format!("{name}.key"))).unwrap();
    (key, X509Certificate::from_pem(&bench.read(&format!("{name}.crt"))).unwrap())
}

/// Opens a blob's bytes with an agent's key, as `recover` does.
fn open(
    bytes: &[u8],
    agent: &(PrivateKey, X509Certificate),
) -> Result<(PrivateKey, X509Certificate), CryptoError> {
    let blob = RecoveryBlob::parse(bytes)?;
    let recipient = blob.envelope().recipient_for(&agent.1).ok_or_else(|| CryptoError::NotARecipient {
        offered: agent.1.subject(),
        recipients: blob.envelope().describe_recipients(),
    })?;
    let content_key = unwrap_content_key(&recipient.wrapped, &agent.0)?;
    let (key, certificate) = blob.open(&content_key)?;
    Ok((key, certificate.clone()))
}

/// The key in a blob is the one that the other program wrote beside it, by `openssl`'s reading.
fn is_the_key(bench: &Bench, name: &str, key: &PrivateKey) {
    bench.write("opened.der", &*key.to_pkcs8().unwrap());
    let opened = bench.openssl("pkey -inform DER -in opened.der -outform DER").unwrap();
    let original = bench.openssl(&format!("pkey -in {name}.key -outform DER")).unwrap();
    let canonical = |der: &[u8]| {
        bench.write("one.der", der);
        bench.openssl("pkey -inform DER -in one.der -pubout -outform DER").unwrap()
    };
    assert_eq!(canonical(&opened), canonical(&original), "{name}");
    assert!(
        bench.openssl("pkey -inform DER -in opened.der -check -noout").is_ok(),
        "{name}: openssl finds a fault in it"
    );
}

/// Each order as a test of its own would make the program start again and again.
#[test]
fn every_form_opens_to_the_very_key_and_its_certificate() {
    let bench = bench();
    let orders = [
        r#"{"name": "plain", "mails": ["a@nordwind.example"]}"#,
        r#"{"name": "aes128", "key": "plain", "cipher": "aes128", "transport": "oaep-sha1"}"#,
        r#"{"name": "aes192", "key": "plain", "cipher": "aes192", "transport": "oaep-sha256"}"#,
        r#"{"name": "aes256", "key": "plain", "cipher": "aes256", "signer": true}"#,
        r#"{"name": "typed", "key": "plain", "layers": "enveloped"}"#,
        r#"{"name": "raw", "key": "plain", "layers": "raw"}"#,
        r#"{"name": "bare", "key": "plain", "layers": "bare"}"#,
        r#"{"name": "pem", "key": "plain", "text": "pem"}"#,
        r#"{"name": "base64", "key": "plain", "text": "base64"}"#,
        r#"{"name": "crlf", "key": "plain", "text": "base64-crlf"}"#,
        r#"{"name": "utf16", "key": "plain", "text": "utf16"}"#,
        r#"{"name": "ber", "key": "plain", "text": "ber"}"#,
        r#"{"name": "ber-raw", "key": "plain", "text": "ber", "layers": "raw", "signer": true}"#,
        r#"{"name": "rsa2", "key": "plain", "form": "rsa2"}"#,
        r#"{"name": "rsa3", "key": "plain", "form": "rsa3"}"#,
        r#"{"name": "rsa3-lambda", "key": "plain", "form": "rsa3-lambda"}"#,
        r#"{"name": "pkcs8", "key": "plain", "form": "pkcs8"}"#,
        r#"{"name": "pkcs1", "key": "plain", "form": "pkcs1"}"#,
        r#"{"name": "rsa-1024", "key": "rsa-1024"}"#,
        r#"{"name": "rsa-4096", "key": "rsa-4096"}"#,
        r#"{"name": "p-256", "key": "p-256"}"#,
        r#"{"name": "p-384", "key": "p-384", "cipher": "aes256"}"#,
        r#"{"name": "p-521", "key": "p-521"}"#,
        r#"{"name": "ec-pkcs8", "key": "p-256", "form": "pkcs8"}"#,
        r#"{"name": "with-others", "key": "plain", "bag": ["kra", "ca", "other", "user"]}"#,
    ];
    let with_agent = |order: &str| order.replacen('}', r#", "kras": ["kra.crt"]}"#, 1);
    bench.windows_ca(&format!("[{}]", orders.map(with_agent).join(",")));
    let agent = agent(&bench, "kra");
    for order in orders {
        let name = order.split('"').nth(3).unwrap();
        let bytes = bench.read(&format!("{name}.blob"));
        let (key, certificate) = open(&bytes, &agent).unwrap_or_else(|error| panic!("{name}: {error}"));
        let users = X509Certificate::from_pem(&bench.read(&format!("{name}.crt"))).unwrap();
        assert_eq!(certificate, users, "{name}");
        is_the_key(&bench, name, &key);
        let blob = RecoveryBlob::parse(&bytes).unwrap();
        if name != "with-others" {
            assert_eq!(blob.owners(), [&users], "{name}: whose it is can be told without opening");
        }
        assert_eq!(blob.signers(), usize::from(order.contains("signer")), "{name}");
        let authority = X509Certificate::from_pem(&bench.read("ca.crt")).unwrap();
        let path = crypto::path::to_anchor(&users, blob.certificates(), std::slice::from_ref(&authority));
        assert_eq!(path.unwrap(), [authority], "{name}");
    }
}

#[test]
fn openssl_writes_the_key_blob_and_the_envelope_itself_and_it_opens() {
    let bench = bench();
    bench
        .openssl("req -x509 -newkey rsa:2048 -nodes -keyout user.key -out user.crt -subj /CN=user -days 30")
        .unwrap();
    bench.openssl("rsa -in user.key -outform MSBLOB -out user.msblob").unwrap();
    let user = X509Certificate::from_pem(&bench.read("user.crt")).unwrap();
    for (number, options) in
        ["-des3", "-aes192", "-aes256 -stream", "-aes-256-cbc -keyopt rsa_padding_mode:oaep"]
            .into_iter()
            .enumerate()
    {
        // Options for a recipient stand behind it.
        let (cipher, padding) = options.split_once(" -keyopt").unwrap_or((options, ""));
        let padding = if padding.is_empty() { String::new() } else { format!("-keyopt{padding}") };
        bench
            .openssl(&format!(
                "cms -encrypt -binary -in user.msblob -outform DER -out inner.der {cipher} -recip kra.crt {padding} \
                 -recip kra2.crt"
            ))
            .unwrap();
        // A signed message around it, by somebody whom nobody knows.
        bench
            .openssl(
                "cms -sign -binary -nodetach -nosmimecap -in inner.der -signer user.crt -inkey user.key -outform DER \
                 -out blob.der",
            )
            .unwrap();
        for name in ["kra", "kra2"] {
            let (key, certificate) = open(&bench.read("blob.der"), &agent(&bench, name)).unwrap();
            assert_eq!((certificate, key.kind()), (user.clone(), "RSA 2048".to_owned()), "{number}");
            is_the_key(&bench, "user", &key);
        }
        assert_eq!(RecoveryBlob::parse(&bench.read("blob.der")).unwrap().signers(), 1);
    }
}

#[test]
fn an_envelope_without_certificates_is_read_and_opens_to_nobodys_key() {
    let bench = bench();
    bench.windows_ca(
        r#"[{"name": "alone", "layers": "alone", "kras": ["kra.crt"]},
            {"name": "bare-alone", "layers": "bare-alone", "kras": ["kra.crt"]},
            {"name": "stranger", "bag": ["ca", "kra", "other"], "kras": ["kra.crt"]}]"#,
    );
    for name in ["alone", "bare-alone", "stranger"] {
        let refused = open(&bench.read(&format!("{name}.blob")), &agent(&bench, "kra")).unwrap_err();
        assert!(matches!(refused, CryptoError::Tampered), "{refused}");
    }
}

#[test]
fn of_many_recipients_each_opens_and_nobody_else() {
    let bench = bench();
    bench.windows_ca(
        r#"[{"name": "two", "kras": ["kra.crt", "kra2.crt"]}, {"name": "none", "key": "two", "kras": []},
            {"name": "first", "key": "two", "kras": ["kra.crt"]},
            {"name": "thousand", "key": "two", "kras": ["kra2.crt"], "copies": 1000}]"#,
    );
    let (first, second) = (agent(&bench, "kra"), agent(&bench, "kra2"));
    for agent in [&first, &second] {
        is_the_key(&bench, "two", &open(&bench.read("two.blob"), agent).unwrap().0);
    }
    let thousand = bench.read("thousand.blob");
    assert_eq!(RecoveryBlob::parse(&thousand).unwrap().envelope().recipients().len(), 1000);
    is_the_key(&bench, "two", &open(&thousand, &second).unwrap().0);
    let wrong = open(&bench.read("first.blob"), &second).unwrap_err().to_string();
    assert!(wrong.contains("Second-KRA") && wrong.contains("CN=Windows-KRA"), "{wrong}");
    let nobody = open(&bench.read("none.blob"), &first).unwrap_err().to_string();
    assert!(nobody.contains("it opens with: nobody"), "{nobody}");
}

#[test]
fn the_wrong_key_or_padding_gives_an_error_and_never_another_key() {
    let bench = bench();
    bench.windows_ca(
        r#"[{"name": "old", "kras": ["kra.crt"]}, {"name": "new", "key": "old", "kras": ["kra.crt"], "transport": "oaep-sha256"}]"#,
    );
    let (right, wrong) = (agent(&bench, "kra"), agent(&bench, "kra2"));
    for name in ["old", "new"] {
        let blob = RecoveryBlob::parse(&bench.read(&format!("{name}.blob"))).unwrap();
        let WrappedKey::Transport { algorithm: own, encrypted_key } =
            blob.envelope().recipient_for(&right.1).unwrap().wrapped.clone()
        else {
            panic!("{name}: an RSA key is not agreed upon")
        };
        for algorithm in [KeyEncryption::Pkcs1, KeyEncryption::OaepSha1, KeyEncryption::OaepSha256] {
            for (key, fits) in [(&right.0, algorithm == own), (&wrong.0, false)] {
                let tried = WrappedKey::Transport { algorithm, encrypted_key: encrypted_key.clone() };
                // With PKCS#1 v1.5 the library makes up a content key; what it opens to must not pass for a key.
                let opened = unwrap_content_key(&tried, key).and_then(|content_key| blob.open(&content_key));
                assert_eq!(opened.is_ok(), fits, "{name} {algorithm:?}: {opened:?}");
            }
        }
        for size in [0, 8, 16, 24, 32, 24_000] {
            assert!(blob.open(&vec![7; size]).is_err(), "{name}: a content key of {size} octets");
        }
    }
}

#[test]
fn what_is_no_key_inside_is_told_by_its_length_and_not_by_its_contents() {
    let bench = bench();
    bench.windows_ca(r#"[{"name": "garbage", "form": "garbage", "kras": ["kra.crt"]}]"#);
    let agent = agent(&bench, "kra");
    // Under CBC whoever bends the envelope must not learn what came of it.
    let refused = open(&bench.read("garbage.blob"), &agent).unwrap_err();
    assert!(matches!(refused, CryptoError::Tampered), "{refused}");
    let sealed = crypto::seal::seal(&[1, 2, 3, 4].repeat(100), std::slice::from_ref(&agent.1)).unwrap();
    let refused = open(&sealed, &agent).unwrap_err();
    assert!(refused.to_string().contains("400 octets in an unknown form"), "{refused}");
    assert!(!format!("{refused:?}").contains("01020304"), "{refused:?}");
}

#[test]
fn what_is_no_blob_is_told_as_what_it_is() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: [(&[u8], &str); 11] = [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><html><body>403</body></html>", "web page"),
        (b"CertUtil: -GetKey command FAILED: 0x80070490", "not base64"),
        (b"-----BEGIN PKCS7-----\nMIIB", "-----END` is missing"),
        (b"-----BEGIN PKCS7", "first line is cut off"),
        (b"-----BEGIN PKCS7-----\nMIIB*\n-----END PKCS7-----", "not base64"),
        (b"MIIBA", "base64 text is damaged"),
        (b"PK\x03\x04\x14\xff\xfe", "another kind of file"),
        (&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], "ends too early"),
    ];
    for (bytes, expected) in cases {
        let refused = RecoveryBlob::parse(bytes).unwrap_err().to_string();
        assert!(refused.contains("recovery blob") && refused.contains(expected), "{bytes:?}: {refused}");
    }
    let page = [&[0xff, 0xfe], &utf16("<html>")[..]].concat();
    assert!(RecoveryBlob::parse(&page).unwrap_err().to_string().contains("web page"));
    // Messages of other kinds: signed text, a certificate, signatures in signatures without end.
    let bench = bench();
    bench.write("text", "hello");
    bench
        .openssl("cms -sign -nodetach -in text -signer kra.crt -inkey kra.key -outform DER -out text.der")
        .unwrap();
    let certificate = agent(&bench, "kra").1;
    for bytes in [bench.read("text.der"), certificate.der().to_vec()] {
        assert!(matches!(RecoveryBlob::parse(&bytes), Err(CryptoError::Malformed { .. })));
    }
    bench.windows_ca(r#"[{"name": "deep", "kras": ["kra.crt"]}]"#);
    let mut deep = bench.read("deep.blob");
    for _ in 0..10 {
        bench.write("inner.der", &deep);
        bench
            .openssl("cms -sign -binary -nodetach -in inner.der -signer kra.crt -inkey kra.key -outform DER -out outer.der")
            .unwrap();
        deep = bench.read("outer.der");
    }
    let refused = RecoveryBlob::parse(&deep).unwrap_err().to_string();
    assert!(refused.contains("nested too deeply"), "{refused}");
}

#[test]
fn a_blob_cut_off_anywhere_is_refused() {
    let bench = bench();
    bench.windows_ca(
        r#"[{"name": "whole", "key": "p-256", "kras": ["kra.crt"]},
            {"name": "text", "key": "whole", "kras": ["kra.crt"], "text": "pem"},
            {"name": "ber", "key": "whole", "kras": ["kra.crt"], "text": "ber", "layers": "raw"}]"#,
    );
    let agent = agent(&bench, "kra");
    for name in ["whole", "text", "ber"] {
        let bytes = bench.read(&format!("{name}.blob"));
        let end = bytes.len() - if name == "text" { " PKCS7-----\n".len() } else { 0 };
        assert!(open(&bytes, &agent).is_ok());
        for length in 0..end {
            let refused = RecoveryBlob::parse(&bytes[..length]);
            assert!(refused.is_err(), "{name}: {length} of {} octets", bytes.len());
        }
    }
}

/// The key blobs alone, cut off and bent: through an envelope, as they come in life.
#[test]
fn a_key_blob_that_is_cut_off_is_refused_at_every_length() {
    let bench = bench();
    let (kra, certificate) = agent(&bench, "kra");
    bench.windows_ca(
        r#"[{"name": "capi", "kras": ["kra.crt"], "cipher": "aes256"}, {"name": "rsa2", "key": "capi", "form": "rsa2", "kras": ["kra.crt"]},
            {"name": "rsa3", "key": "capi", "form": "rsa3", "kras": ["kra.crt"]},
            {"name": "ec", "key": "p-384", "kras": ["kra.crt"]}]"#,
    );
    for name in ["capi", "rsa2", "rsa3", "ec"] {
        let blob = RecoveryBlob::parse(&bench.read(&format!("{name}.blob"))).unwrap();
        let content_key =
            unwrap_content_key(&blob.envelope().recipient_for(&certificate).unwrap().wrapped, &kra).unwrap();
        let plain = blob.envelope().open_with_content_key(&content_key).unwrap();
        for length in 0..plain.len() {
            // An envelope of our own around the piece, in a bag with the user's certificate.
            let piece = crypto::seal::seal(&plain[..length], std::slice::from_ref(&certificate)).unwrap();
            let refused = open(&piece, &(kra.clone(), certificate.clone())).unwrap_err();
            let told = format!("{refused} {refused:?}");
            assert!(
                !told.contains(&hex::encode(&plain[plain.len() / 2..plain.len() / 2 + 8])),
                "{name} {length}"
            );
            assert!(
                !matches!(refused, CryptoError::Unfit { .. }),
                "{name}: {length} octets passed for a key"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_stop_the_program(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = RecoveryBlob::parse(&bytes);
        let _ = RecoveryBlob::parse(&[&[0x30, 0x80], &bytes[..]].concat());
    }
}

#[test]
fn a_blob_with_any_octet_changed_opens_to_the_right_key_or_not_at_all() {
    let bench = bench();
    bench.windows_ca(r#"[{"name": "whole", "key": "p-256", "kras": ["kra.crt"], "signer": true}]"#);
    let agent = agent(&bench, "kra");
    let bytes = bench.read("whole.blob");
    let public = open(&bytes, &agent).unwrap().0.spki_der().unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bent = bytes.clone();
            bent[at] ^= change;
            match open(&bent, &agent) {
                Ok((key, certificate)) => {
                    assert_eq!(key.spki_der().unwrap(), public, "octet {at}");
                    assert_eq!(certificate.spki_der().unwrap(), public, "octet {at}");
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > bytes.len() / 2, "{refused} of {} changes were noticed", bytes.len() * 3);
}
